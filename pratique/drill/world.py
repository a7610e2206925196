"""The played world: its clock, what will happen next, its books, and the way to the system.

Everything that happens is an event at a moment of the world's own clock. Events make facts on
devices; at the end of each step the system's clock is driven to the same moment and the devices
send what they have stored.
"""

import heapq
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from pratique.drill.app import App
from pratique.drill.books import Books
from pratique.drill.cast import Cast
from pratique.drill.device import Device
from pratique.drill.people import Traveller
from pratique.drill.risk import Lists
from pratique.drill.wire import Answered, Wire

STATUSES = ("applied", "duplicate", "parked", "disputed", "quarantined")
SURPRISES_KEPT_MAX = 50


@dataclass(slots=True)
class Swab:
    """A tube of a person: which owed test it is for, and what became of it."""

    specimen: UUID
    person: UUID
    tube: str
    purpose: str
    collected_at: datetime
    result: str | None = None
    resulted_at: datetime | None = None
    gone: bool = False  # lost or voided
    read: bool = False  # its well has been read
    reading: str = "negative"


@dataclass(slots=True)
class Case:
    """One person's way, as the drill lived it. episode: the arrival's fact.

    arrived_at: as the tablet claimed, and so as days are counted. came_at, released_at: in truth.
    measure: as the system last said (None: not yet).
    """

    who: Traveller
    post: str
    vehicle: UUID
    episode: UUID
    arrived_at: datetime
    came_at: datetime
    measure: str | None = None
    transfer: str | None = None
    tests: list[Swab] = field(default_factory=list)
    place: str | None = None
    room: str | None = None
    fetched: bool = False  # waits for a coach or rides in one
    clarified: int = 0
    offered: bool = False
    accepted_at: datetime | None = None
    on_paper: bool = False  # known to a tablet without network only
    released_at: datetime | None = None
    set_aside: bool = False  # a planted fault has this person in hand

    @property
    def person(self) -> UUID:
        return self.who.person


@dataclass
class World:
    """end: until when it is played. step: how far the clock goes at a time."""

    seed: int
    cast: Cast
    wire: Wire
    lists: Lists
    now: datetime
    end: datetime
    step: timedelta
    app: App | None = None  # some gates play by the field app's own code
    books: Books = field(default_factory=Books)
    cases: dict[UUID, Case] = field(default_factory=dict)
    tests: dict[str, Swab] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    surprises: list[dict[str, Any]] = field(default_factory=list)
    surprise_count: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def __post_init__(self) -> None:
        self._events: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._turn = count()
        self._randoms: dict[str, Random] = {}
        self.in_account: defaultdict[str, set[UUID]] = defaultdict(set)
        self.offered_to: defaultdict[str, int] = defaultdict(int)

    # ── events ────────────────────────────────────────────────────────────────────────────────
    def random(self, name: str) -> Random:
        """The dice of one part of the world; they follow from the seed and the name."""
        if name not in self._randoms:
            self._randoms[name] = Random(f"{self.seed}/{name}")  # noqa: S311
        return self._randoms[name]

    def at(self, moment: datetime, event: Callable[[datetime], Any]) -> None:
        """Let `event` happen at `moment`; the past happens next."""
        heapq.heappush(self._events, (moment, next(self._turn), event))

    def every(
        self, begin: datetime, span: timedelta, event: Callable[[datetime], None]
    ) -> None:
        """Let `event` happen at `begin` and every `span` from then on."""
        def again(moment: datetime) -> None:
            event(moment)
            self.at(moment + span, again)

        self.at(begin, again)

    def live_until(self, moment: datetime) -> None:
        """Let everything happen that is due until `moment`."""
        while self._events and self._events[0][0] <= moment:
            at, _, event = heapq.heappop(self._events)
            event(max(at, self.now))
        self.now = moment

    # ── books ─────────────────────────────────────────────────────────────────────────────────
    def enter(self, subject: UUID, kind: str, account: str, fact: UUID) -> None:
        self.books.enter(subject, kind, account, fact)
        if kind == "person":
            self.in_account[account].add(subject)

    def move(self, subject: UUID, account: str, fact: UUID) -> None:
        held = self.books.subjects[subject]
        if held.kind == "person":
            self.in_account[held.account].discard(subject)
            self.in_account[account].add(subject)
        self.books.move(subject, account, fact)

    def holder(self, subject: UUID) -> str:
        return self.books.subjects[subject].account

    def line(self, subject: UUID) -> dict[str, Any]:
        """The subject's line in an offer of its holder."""
        held = self.books.subjects[subject]
        line: dict[str, Any] = {"subject": subject, "holds_by": held.holds_by}
        if held.after is not None:
            line["after"] = held.after
        return line

    # ── the system ────────────────────────────────────────────────────────────────────────────
    @property
    def command(self) -> Device:
        return self.cast.device("command", "lead")

    def drive_clock(self) -> None:
        with self.timed("clock"):
            self.wire.post(self.command, "/clock", {"now": self.now.isoformat()})

    def send(self, *, calm: bool = False) -> None:
        """Every device sends what it has stored; the answers are counted."""
        by_app = self.app.devices if self.app else frozenset()
        work = [(device, calls) for device in self.cast.devices
                if device.id not in by_app and (calls := device.calls(calm=calm))]
        with self.timed("facts"):
            if self.app:
                self.app.begin(calm=calm)
            answers = self.wire.send_all(work)
            if self.app:
                answers += self.app.finish()
        for answered in answers:
            self._hear(answered)

    def _hear(self, answered: Answered) -> None:
        self.counts.update({name: answered.counts[name] for name in ("in", *STATUSES)})
        for stored, receipt in zip(answered.call.facts, answered.receipts, strict=True):
            again = answered.call.again and receipt["status"] in ("duplicate", "quarantined")
            if receipt["status"] not in stored.expect and not again:
                self.surprise(stored.kind, receipt)
            if stored.told is not None and not answered.call.again:
                stored.told(receipt)

    def surprise(self, kind: str, receipt: dict[str, Any]) -> None:
        """An answer that nobody expected: kept for the report."""
        self.surprise_count += 1
        if len(self.surprises) < SURPRISES_KEPT_MAX:
            self.surprises.append({
                "at": self.now, "kind": kind,
                **{name: receipt.get(name) for name in ("id", "status", "code", "sentence",
                                                        "params")}})

    def timed(self, name: str) -> "Timed":
        return Timed(self, name)


class Timed:
    """Adds the wall time of a block to the world's seconds."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name

    def __enter__(self) -> None:
        self.began = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self.world.seconds[self.name] += time.monotonic() - self.began


def chunks(things: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """`things` in lists of at most `size`."""
    held = list(things)
    for at in range(0, len(held), size):
        yield held[at:at + size]
