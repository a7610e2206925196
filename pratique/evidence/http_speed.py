"""A single fact by POST, the whole HTTP path with token and audit, from 64 clients.

Two servers on one county are asked in turn: one that records the calls that wait for one another
together (pratique.api.together), and one that records each alone.
"""

import asyncio
import http.client
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from pratique.cli import machine, supervisor
from pratique.evidence.figures import Figure, median, spread
from pratique.evidence.workload import EVERYBODY, POSTS, Workload
from pratique.journal.record import record

CLIENTS = 64
SECONDS = 5.0
ROUNDS = 4
CALLS_A_SECOND_MAX = 4_000
TOKEN = "bench-token-of-a-device-that-lives-for-a-minute"  # noqa: S105  (this run's county only)
HOST = "127.0.0.1"
HEAD = (f"POST /api/v1/facts HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {TOKEN}\r\n"
        "Content-Type: application/json\r\nContent-Length: ").encode()


def enrol(workload: Workload) -> None:
    """A gate's device, known by the hash of its token."""
    data = {
        "device": workload.device, "unit": POSTS[0], "roles": ["gate_officer"], "label": "bench",
        "token_sha256": sha256(TOKEN.encode()).hexdigest()}
    unit = {"code": POSTS[0], "kind": "checkpoint", "name_zh": "卡口", "name_en": "Post"}
    facts = [workload.fact("registry.unit_opened", "command", unit)[1],
             workload.fact("registry.device_enrolled", "command", data)[1]]
    batch = record(facts, actor=EVERYBODY, now=workload.now, source="bench")
    assert batch.counts()["applied"] == 2, batch.receipts


def figures(seconds: float = SECONDS, rounds: int = ROUNDS) -> Iterator[Figure]:
    workload = Workload(device=uuid4())
    enrol(workload)
    with _server() as together, _server(("PRATIQUE_FACTS_OF_A_SMALL_CALL_MAX", "0")) as alone:
        for port in (together, alone):
            _load(port, workload, 1.0)  # warm up: connections, plans
        pairs = [(_load(together, workload, seconds), _load(alone, workload, seconds))
                 for __ in range(rounds)]
    rates = [len(spans) / seconds for spans, __ in pairs]
    ratios = [len(ours) / len(theirs) for ours, theirs in pairs]
    tails = [_p99(ours) / _p99(theirs) for ours, theirs in pairs]
    waits = sorted(span for spans, __ in pairs for span in spans)
    yield Figure(f"POST of one fact from {CLIENTS} clients, a second", median(rates),
                 note=spread(rates))
    yield Figure("POST of one fact, median milliseconds", waits[len(waits) // 2] * 1000)
    yield Figure("POST of one fact, p99 milliseconds", _p99(waits) * 1000)
    yield Figure("POST of one fact, recorded together / each alone, rate", median(ratios), 3.0,
                 note=spread(ratios))
    yield Figure("POST of one fact, recorded together / each alone, p99", median(tails), 1.0,
                 "at most", note=spread(tails))


def _p99(spans: list[float]) -> float:
    return sorted(spans)[int(len(spans) * 0.99)]


@contextmanager
def _server(*settings: tuple[str, str]) -> Iterator[int]:
    port = supervisor.free_port(HOST, 0)
    server = subprocess.Popen(  # noqa: S603  (our own interpreter, our own module)
        machine.web_server(HOST, port), env={**machine.child_environment(), **dict(settings)},
        cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int) -> None:
    for __ in range(200):
        try:
            connection = http.client.HTTPConnection(HOST, port, timeout=5)
            connection.request("GET", "/sign-in/")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _load(port: int, workload: Workload, seconds: float) -> list[float]:
    """How long each POST took, all clients together; the facts are made beforehand."""
    calls = iter([_call(workload) for __ in range(int(CALLS_A_SECOND_MAX * seconds))])
    spans: list[float] = []

    async def client(end: float) -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        while (begin := time.perf_counter()) < end:
            writer.write(next(calls))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            spans.append(time.perf_counter() - begin)
            assert head.startswith(b"HTTP/1.1 200") and b'"applied":1' in body, (head, body[:300])
        writer.close()

    async def everybody() -> None:
        end = time.perf_counter() + seconds
        await asyncio.gather(*(client(end) for __ in range(CLIENTS)))

    asyncio.run(everybody())
    return spans


def _call(workload: Workload) -> bytes:
    workload.serial += 1
    data = workload.fact("checkpoint.vehicle_arrived", POSTS[0], {
        "vehicle": str(uuid4()), "post": POSTS[0], "plate": f"晋J{workload.serial % 100000:05}",
        "occupants": 1})[1]
    return HEAD + f"{len(data) + 2}\r\n\r\n[".encode() + data + b"]"
