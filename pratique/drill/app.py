"""Gates that play by the field app's own code: its store and its outbox, in one page of Chromium.

What such a gate's devices say is kept in IndexedDB, numbered there and sent by the app. The drill
takes the network away between the page and the server (a request that never leaves, an answer that
never comes) and reads the receipts back from the store. All of the browser lives in one thread.
"""

import base64
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from pratique.drill.cast import Cast
from pratique.drill.device import Call, Device, Stored
from pratique.drill.wire import Answered

GATES_SHARE = 4  # one gate of so many
# What the faults let devices there do (half a fact, an id used twice, newest first) the app cannot.
POSTS_BY_WIRE = ("post-01", "post-02")
START_SECONDS_MAX = 60
ROUND_SECONDS_MAX = 120
THREAD_SECONDS_MAX = ROUND_SECONDS_MAX + 60
CALL_SECONDS_MAX = 60
ENTRIES_OF_A_LOT_MAX = 6  # what an officer saves at once: a car and those in it
AWAY_SHARE, LOST_SHARE = 0.03, 0.06
HOME = "/static/field/core/ids.js"  # a page on which no app runs
FACTS = "*/api/v1/facts"
TAKEN = ("applied", "parked", "disputed")
_SCRIPT = Path(__file__).with_name("app_page.js")
_decode = msgspec.json.decode


def devices_by_app(cast: Cast, seed: int) -> list[Device]:
    """The devices of the gates that play so: whole posts, none at which a device misbehaves."""
    posts = sorted(set(cast.lanes) - set(POSTS_BY_WIRE))
    count = max(1, len(cast.lanes) // GATES_SHARE)
    chosen = Random(f"{seed}/app").sample(posts, min(count, len(posts)))  # noqa: S311
    return [device for post in sorted(chosen) for device in cast.by_unit[post]]


class NoApp(Exception):
    """Why no gate can play by the app. code: no_browser, not_secure."""

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(said or code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Browser:
    """The Chromium to use: its path and its arguments."""

    path: str
    arguments: Sequence[str] = ()


@dataclass
class AppTraffic:
    """What the app's devices sent. taken: of each fact, how often it was taken as a new one."""

    saved: int = 0
    calls: int = 0
    sent: int = 0
    answers_lost: int = 0
    rounds_away: int = 0
    named: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)

    @property
    def resent(self) -> int:
        """Facts of answered calls that had gone up before."""
        return self.sent - len(self.named)

    @property
    def doubled(self) -> int:
        return sum(times > 1 for times in self.taken.values())


@dataclass
class _Gate:
    """One device: what it has kept and what of that has no receipt yet, by running number."""

    device: Device
    random: Random
    waiting: dict[int, Stored] = field(default_factory=dict)
    heard_through: int = 0
    last: int = 0


class App:
    """`begin` a round, let others send meanwhile, `finish` it."""

    def __init__(self, url: str, browser: Browser, devices: Iterable[Device], seed: int) -> None:
        """Raises NoApp where the page cannot run the app."""
        self.url = url
        self.traffic = AppTraffic()
        self._gates = {
            str(device.id): _Gate(device, Random(f"{seed}/app/{device.name}"))  # noqa: S311
            for device in devices}
        self._by_token = {gate.device.token: name for name, gate in self._gates.items()}
        self._away: set[str] = set()
        self._to_lose: set[str] = set()
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._end: list[Callable[[], None]] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="app")
        self._round: Future[list[dict[str, Any]]] | None = None
        try:
            self._thread.submit(self._open, browser).result(START_SECONDS_MAX)
        except BaseException:
            self.close()
            raise

    @property
    def devices(self) -> frozenset[UUID]:
        return frozenset(gate.device.id for gate in self._gates.values())

    @property
    def gates(self) -> list[str]:
        """The posts that play so."""
        return sorted({gate.device.unit for gate in self._gates.values()})

    @property
    def waits(self) -> bool:
        """Whether anything that was said has no receipt yet."""
        return any(gate.waiting or gate.device.outbox for gate in self._gates.values())

    @property
    def lost(self) -> int:
        """Facts that were saved and of which the server has not said that it has them."""
        return sum(max(len(gate.waiting), gate.last - gate.heard_through)
                   for gate in self._gates.values())

    def close(self) -> None:
        """End the browser and its thread."""
        with suppress(Exception):
            self._thread.submit(self._close).result(START_SECONDS_MAX)
        self._thread.shutdown(wait=False, cancel_futures=True)

    # ── a round ───────────────────────────────────────────────────────────────────────────────
    def begin(self, *, calm: bool = False) -> None:
        """Hand what the devices have said to their stores, and let them send."""
        work = []
        for name, gate in self._gates.items():
            facts, gate.device.outbox = gate.device.outbox, []
            is_away = not calm and (gate.device.offline or gate.random.random() < AWAY_SHARE)
            (self._away.add if is_away else self._away.discard)(name)
            self.traffic.rounds_away += is_away
            self.traffic.saved += len(facts)
            lots = self._lots(gate, facts)
            if not calm and not is_away and gate.waiting and gate.random.random() < LOST_SHARE:
                self._lose(name, gate)
            if gate.waiting:
                work.append({"device": name, "lots": lots, "from": min(gate.waiting),
                             "waits": not is_away})
        self._round = self._thread.submit(self._play, work) if work else None

    def _lots(self, gate: _Gate, facts: Sequence[Stored]) -> list[list[dict[str, Any]]]:
        """The entries as they are saved: some at a time, in the order in which they were said."""
        lots: list[list[dict[str, Any]]] = []
        room = 0
        for stored in facts:
            entry = _decode(stored.raw)
            gate.waiting[entry.pop("seq")] = stored
            if not room:
                lots.append([])
                room = gate.random.randint(1, ENTRIES_OF_A_LOT_MAX)
            lots[-1].append(entry)
            room -= 1
        return lots

    def _lose(self, name: str, gate: _Gate) -> None:
        """The next answer to this device gets lost on its way, if saying twice surprises nobody."""
        if all("duplicate" in stored.expect and stored.told is None
               for stored in gate.waiting.values()):
            self._to_lose.add(name)

    def finish(self) -> list[Answered]:
        """What became of the round: the receipts that the stores have by now."""
        if self._round is None:
            return []
        told, self._round = self._round.result(THREAD_SECONDS_MAX), None
        return [self._answered(each) for each in told]

    def _answered(self, told: dict[str, Any]) -> Answered:
        name, gate = told["device"], self._gates[told["device"]]
        gate.last, gate.heard_through = told["last"], told["heard_through"]
        if gate.waiting and gate.last != max(gate.waiting):
            raise RuntimeError(f"{gate.device.name}: the store counts to {gate.last}, the drill to "
                               f"{max(gate.waiting)}")
        # What was set aside is tried again; at the end it counts as lost.
        receipts = [receipt for receipt in told["receipts"]
                    if receipt["seq"] in gate.waiting and receipt["status"] != "set_aside"]
        facts = [gate.waiting.pop(receipt["seq"]) for receipt in receipts]
        for stored, receipt in zip(facts, receipts, strict=True):
            if str(stored.id) != receipt["id"]:
                raise RuntimeError(f"{gate.device.name}: number {receipt['seq']} is another fact's")
        counts = self._counts.pop(name, Counter())
        return Answered(gate.device, Call(facts), counts, receipts)

    # ── in the browser's thread ───────────────────────────────────────────────────────────────
    def _open(self, browser: Browser) -> None:
        from playwright.sync_api import Error, sync_playwright

        try:
            playwright = sync_playwright().start()
            self._end.append(playwright.stop)
            chromium = playwright.chromium.launch(
                executable_path=browser.path, args=list(browser.arguments), headless=True)
            self._end.append(chromium.close)
        except Error as error:
            raise NoApp("no_browser", str(error).splitlines()[0]) from error
        page = chromium.new_page(locale="en")
        page.goto(f"{self.url}{HOME}")
        if not page.evaluate("() => isSecureContext && Boolean(navigator.locks)"):
            raise NoApp("not_secure")
        self._wire = page.context.new_cdp_session(page)
        self._wire.on("Fetch.requestPaused", self._paused)
        self._wire.send("Fetch.enable", {"patterns": [
            {"urlPattern": FACTS, "requestStage": stage} for stage in ("Request", "Response")]})
        devices = [{"id": name, "token": gate.device.token} for name, gate in self._gates.items()]
        self._page = page.evaluate_handle(
            _SCRIPT.read_text(encoding="utf-8"),
            {"devices": devices, "callMsMax": CALL_SECONDS_MAX * 1000})

    def _close(self) -> None:
        while self._end:
            with suppress(Exception):
                self._end.pop()()

    def _play(self, work: list[dict[str, Any]]) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = self._page.evaluate(
            "(page, round) => page.round(round)",
            {"work": work, "msMax": ROUND_SECONDS_MAX * 1000})
        return told

    def _paused(self, event: dict[str, Any]) -> None:
        """A request on its way out, or its answer on its way back."""
        from playwright.sync_api import Error

        with suppress(Error):  # the page goes away with a call under way
            self._carry(event)

    def _carry(self, event: dict[str, Any]) -> None:
        request = {"requestId": event["requestId"]}
        token = event["request"]["headers"].get("Authorization", "").removeprefix("Bearer ")
        name = self._by_token[token]
        is_answer = "responseStatusCode" in event
        told = 0
        if is_answer and event["responseStatusCode"] == HTTPStatus.OK:
            body = self._wire.send("Fetch.getResponseBody", request)
            text = base64.b64decode(body["body"]) if body["base64Encoded"] else body["body"]
            told = self._hear(name, _decode(text))
        if not is_answer and name in self._away:
            self._wire.send("Fetch.failRequest", {**request, "errorReason": "InternetDisconnected"})
        elif told and name in self._to_lose:
            self._to_lose.discard(name)
            self.traffic.answers_lost += 1
            self._wire.send("Fetch.failRequest", {**request, "errorReason": "ConnectionReset"})
        else:
            self._wire.send("Fetch.continueRequest", request)

    def _hear(self, name: str, answer: dict[str, Any]) -> int:
        """Count an answer, whether or not the device will hear of it; its receipts."""
        self._counts[name].update(answer["counts"])
        traffic, receipts = self.traffic, answer["receipts"]
        traffic.calls += bool(receipts)
        traffic.sent += len(receipts)
        traffic.named.update(receipt["id"] for receipt in receipts)
        traffic.taken.update(r["id"] for r in receipts if r["status"] in TAKEN)
        return len(receipts)
