"""A device as the field has it: own ids, a running number, a clock that is wrong, a lost network.

What it says is stored with it before it is sent, so that sending twice is sending once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from pratique.drill.moments import iso
from pratique.kit.ids import IdMaker

FACTS_OF_A_BATCH_MAX = 400
HEARD = frozenset({"applied", "parked", "duplicate"})
_encode = msgspec.json.Encoder().encode

Receipt = dict[str, Any]
Told = Callable[[Receipt], None]


@dataclass(slots=True)
class Stored:
    """A fact in the device's store. expect: the answers that surprise nobody."""

    id: UUID
    kind: str
    raw: bytes
    expect: frozenset[str]
    told: Told | None = None


@dataclass(slots=True)
class Call:
    """One call of the facts door. again: sent before and acknowledged."""

    facts: list[Stored]
    again: bool = False

    @property
    def body(self) -> bytes:
        return b"[" + b",".join(one.raw for one in self.facts) + b"]"


@dataclass
class Device:
    """skew: how far its clock is off (a late one is negative). staff: who may hold it."""

    id: UUID
    unit: str
    name: str
    roles: tuple[str, ...]
    token: str
    skew: timedelta
    random: Random
    staff: list[UUID] = field(default_factory=list)
    seq: int = 0
    outbox: list[Stored] = field(default_factory=list)
    last_call: Call | None = None
    offline: bool = False
    latest_first: bool = False  # comes back with its newest facts first, so that gaps show

    def __post_init__(self) -> None:
        self._ids = IdMaker(randomness=self.random.randbytes)

    def claims(self, at: datetime) -> datetime:
        """What this device's clock shows at `at`."""
        return at + self.skew

    def new_id(self, at: datetime) -> UUID:
        return self._ids.make(self.claims(at))

    def say(
        self, kind: str, at: datetime, body: dict[str, Any], *, by: int = 0,
        sealed: dict[str, Any] | None = None, fact: UUID | None = None,
        expect: frozenset[str] = HEARD, told: Told | None = None,
    ) -> UUID:
        """Store a fact about something that happened at `at`; answer its id.

        by: which of the device's staff says it. The body's own times are the caller's.
        """
        fact = fact or self.new_id(at)
        self.seq += 1
        envelope = {
            "id": fact, "kind": kind, "at": iso(self.claims(at)),
            "by": self.staff[by % len(self.staff)] if self.staff else None, "place": self.unit,
            "device": self.id, "seq": self.seq, "body": body,
        }
        if sealed is not None:
            envelope["sealed"] = sealed
        self.outbox.append(Stored(fact, kind, _encode(envelope), expect, told))
        return fact

    def say_raw(self, raw: bytes, fact: UUID, expect: frozenset[str], told: Told | None) -> None:
        """Store something that no well-behaved device would say."""
        self.outbox.append(Stored(fact, "", raw, expect, told))

    # ── sending ───────────────────────────────────────────────────────────────────────────────
    def calls(self, *, calm: bool = False) -> list[Call]:
        """Empty the store into calls, in the order in which the network will carry them.

        Now and then a batch is split, carried out of order, carried again, or not carried yet.
        calm: nothing of that; used at the end, when everything must arrive.
        """
        if self.offline or not self.outbox:
            return []
        if not calm and not self.latest_first and self.random.random() < 0.02:
            return []
        facts, self.outbox = self.outbox, []
        size = FACTS_OF_A_BATCH_MAX
        upset = not calm and len(facts) > 3
        if self.latest_first:
            size = max(1, len(facts) // 4)
        elif upset and self.random.random() < 0.15:
            size = -(-len(facts) // 2)
        found = [Call(facts[at:at + size]) for at in range(0, len(facts), size)]
        if self.latest_first or (upset and self.random.random() < 0.3):
            found.reverse()
        if not calm and self.last_call and self.random.random() < 0.04:
            found.insert(self.random.randint(0, len(found)), Call(self.last_call.facts, again=True))
        self.last_call = next((c for c in reversed(found) if not c.again), self.last_call)
        self.latest_first = False
        return found
