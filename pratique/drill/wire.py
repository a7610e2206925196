"""The drill's side of the HTTP connection: keep-alive, a few threads, every answer counted."""

import http.client
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from pratique.drill.device import Call, Device, Receipt

THREADS = 4
ATTEMPTS_MAX = 8
TIMEOUT_SECONDS = 600
KNOCK_SECONDS_MAX = 20
SERVER_FAULT = 500
BUSY = (429, 503)
PAGE_ROWS = 500
_decode = msgspec.json.decode
_NAMES = re.compile(r"(?<=/)[0-9a-z]+-[0-9a-z-]+|(?<=/accounts/)\w+")  # ids and codes in paths


class Refused(Exception):
    """The API said no to a call that the drill relies on."""

    def __init__(self, status: int, path: str, said: str) -> None:
        super().__init__(f"{status} {path}: {said}")
        self.status = status


@dataclass
class Traffic:
    """What went over the wire. seconds: by kind of call, summed over threads."""

    calls: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    server_errors: int = 0
    tried_again: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Answered:
    """What a device was told of one call."""

    device: Device
    call: Call
    counts: dict[str, int]
    receipts: list[Receipt]


@dataclass(frozen=True, slots=True)
class Knocked:
    """What a single call was answered, whoever answered it."""

    status: int
    content_type: str
    body: bytes

    @property
    def is_json(self) -> bool:
        return self.content_type.partition(";")[0].strip() == "application/json"


class Wire:
    def __init__(self, url: str) -> None:
        self.at = urlsplit(url)
        self.traffic = Traffic()
        self._local = threading.local()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(THREADS)

    def close(self) -> None:
        self._pool.shutdown()

    # ── calls ─────────────────────────────────────────────────────────────────────────────────
    def get(self, device: Device, path: str, **query: Any) -> Any:
        """A read's answer. Raises Refused."""
        asked = {name: value for name, value in query.items() if value is not None}
        where = f"/api/v1{path}" + (f"?{urlencode(asked)}" if asked else "")
        status, body = self._call("GET", where, device.token, None, path)
        if status != http.client.OK:
            raise Refused(status, where, body[:300].decode(errors="replace"))
        return _decode(body)

    def pages(self, device: Device, path: str, after: str | None = None, **query: Any) -> list[Any]:
        """All rows of a list, page by page."""
        rows: list[Any] = []
        while True:
            answer = self.get(device, path, after=after, limit=PAGE_ROWS, **query)
            rows += answer["items"]
            after = answer["next"]
            if after is None:
                return rows

    def post(self, device: Device, path: str, data: Any) -> Any:
        status, body = self._call(
            "POST", f"/api/v1{path}", device.token, msgspec.json.encode(data), path)
        if status >= http.client.BAD_REQUEST:
            raise Refused(status, path, body[:300].decode(errors="replace"))
        return _decode(body)

    def send(self, device: Device, calls: Sequence[Call]) -> list[Answered]:
        """One device's calls, one after another."""
        found = []
        for call in calls:
            status, body = self._call("POST", "/api/v1/facts", device.token, call.body, "/facts")
            if status != http.client.OK:
                raise Refused(status, "/facts", body[:300].decode(errors="replace"))
            answer = _decode(body)
            found.append(Answered(device, call, answer["counts"], answer["receipts"]))
        return found

    def send_all(self, work: Iterable[tuple[Device, list[Call]]]) -> list[Answered]:
        """Many devices at once."""
        done = self._pool.map(lambda each: self.send(*each), list(work))
        return [answered for each in done for answered in each]

    def all(self, asks: Sequence[tuple[Device, str, dict[str, Any]]]) -> list[list[Any]]:
        """Several lists at once, each with all its pages, in the order asked."""
        return list(self._pool.map(lambda one: self.pages(one[0], one[1], **one[2]), asks))

    def each(self, ask: Callable[[Device], Any], devices: Iterable[Device]) -> None:
        """`ask` for every device, some at once; what one raises is raised."""
        for _ in self._pool.map(ask, list(devices)):
            pass

    def knock(self, device: Device, path: str) -> Knocked:
        """One read, not tried again. Raises OSError, http.client.HTTPException."""
        connection = self._connect(KNOCK_SECONDS_MAX)
        try:
            connection.request("GET", f"/api/v1{path}", headers={
                "Authorization": f"Bearer {device.token}", "Accept-Language": "en"})
            response = connection.getresponse()
            return Knocked(
                response.status, response.headers.get("Content-Type", ""), response.read())
        finally:
            connection.close()

    # ── the connection ────────────────────────────────────────────────────────────────────────
    def _call(
        self, method: str, where: str, token: str, body: bytes | None, kind: str
    ) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        began = time.monotonic()
        for attempt in range(ATTEMPTS_MAX):
            try:
                status, answer, wait = self._once(method, where, body, headers)
            except (OSError, http.client.HTTPException) as error:
                self._drop()
                if attempt == ATTEMPTS_MAX - 1:
                    raise
                self._note(f"{type(error).__name__} at {kind}")
                wait, status = 0.2 * attempt, 0
                answer = b""
            if status and status not in BUSY:
                break
            self.traffic.tried_again += 1
            time.sleep(wait)
        route = f"{method} {_NAMES.sub('*', kind)}"
        self._count(route, time.monotonic() - began, status, answer)
        return status, answer

    def _once(
        self, method: str, where: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes, float]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        connection.request(method, where, body, headers)
        response = connection.getresponse()
        answer = response.read()
        wait = response.headers.get("Retry-After", "")
        return response.status, answer, float(wait) if wait.isdigit() else 0.5

    def _connect(self, seconds: int = TIMEOUT_SECONDS) -> http.client.HTTPConnection:
        secure = self.at.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(self.at.hostname or "127.0.0.1", self.at.port, timeout=seconds)

    def _drop(self) -> None:
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
        self._local.connection = None

    def _note(self, error: str) -> None:
        with self._lock:
            self.traffic.errors.append(error)

    def _count(self, kind: str, seconds: float, status: int, answer: bytes) -> None:
        with self._lock:
            self.traffic.calls[kind] += 1
            self.traffic.seconds[kind] += seconds
            if status >= SERVER_FAULT:
                self.traffic.server_errors += 1
                self.traffic.errors.append(f"{status} {kind}: {answer[:200]!r}")
