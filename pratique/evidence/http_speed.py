"""A single fact by POST, the whole HTTP path with token and audit, from 64 clients."""

import http.client
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from pratique.cli import machine
from pratique.evidence.figures import Figure
from pratique.evidence.workload import EVERYBODY, POSTS, Workload
from pratique.journal.record import record

CLIENTS = 64
SECONDS = 10.0
TOKEN = "bench-token-of-a-device-that-lives-for-a-minute"  # noqa: S105  (this run's county only)


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


def figures(seconds: float = SECONDS) -> Iterator[Figure]:
    workload = Workload(device=uuid4())
    enrol(workload)
    port = 18_000 + int(time.time()) % 2_000
    server = subprocess.Popen(  # noqa: S603  (our own interpreter, our own module)
        machine.module("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port",
                       str(port), "--workers", "2", "--no-access-log", "--log-level", "error",
                       "pratique.wsgi:application"),
        env=machine.child_environment(), cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        spans = _load(port, workload, seconds)
    finally:
        server.terminate()
        server.wait(20)
    spans.sort()
    yield Figure(f"POST of one fact from {CLIENTS} clients, a second", len(spans) / seconds)
    yield Figure("POST of one fact, median milliseconds", spans[len(spans) // 2] * 1000)
    yield Figure("POST of one fact, p99 milliseconds", spans[int(len(spans) * 0.99)] * 1000)


def _wait(port: int) -> None:
    for __ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/sign-in/")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _load(port: int, workload: Workload, seconds: float) -> list[float]:
    """How long each POST took, all clients together."""
    spans: list[float] = []
    lock = threading.Lock()
    end = time.perf_counter() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        mine = []
        while time.perf_counter() < end:
            with lock:
                body = _vehicle(workload)
            begin = time.perf_counter()
            connection.request("POST", "/api/v1/facts", body, {
                "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
            answer = connection.getresponse()
            data = answer.read()
            mine.append(time.perf_counter() - begin)
            assert answer.status == 200, data[:200]
            assert json.loads(data)["counts"]["applied"] == 1, data[:300]
        with lock:
            spans.extend(mine)

    threads = [threading.Thread(target=client) for __ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return spans


def _vehicle(workload: Workload) -> bytes:
    workload.serial += 1
    data = workload.fact("checkpoint.vehicle_arrived", POSTS[0], {
        "vehicle": str(uuid4()), "post": POSTS[0], "plate": f"晋J{workload.serial % 100000:05}",
        "occupants": 1})[1]
    return b"[" + data + b"]"
