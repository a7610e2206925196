"""How tests speak: devices with a running number, saying facts to the journal.

    gate = Speaker("post-01", ["gate_officer"])
    gate.say("checkpoint.vehicle_arrived", vehicle=…, post="post-01", …)
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg

from pratique.custody.reduce import open_accounts
from pratique.journal.context import Context
from pratique.journal.fact import Actor, Batch, Envelope, Receipt
from pratique.journal.record import record
from pratique.kit.ids import IdMaker
from pratique.kit.sql import in_transaction

FIRST_MORNING = datetime(2022, 8, 19, 22, 0, tzinfo=UTC)  # 20 August 2022, 06:00 in the county
_ids = IdMaker()
_encoder = msgspec.json.Encoder()


def fresh_id(at: datetime = FIRST_MORNING) -> UUID:
    """A UUIDv7 for a subject or a fact."""
    return _ids.make(at)


@dataclass
class Speaker:
    """A device at a unit (`place`), with the roles that its holder has there.

    now: this device's clock and, in tests, the server's; `forward` moves it.
    """

    place: str | None
    roles: Sequence[str]
    now: datetime = FIRST_MORNING
    device: UUID = field(default_factory=uuid4)
    staff: UUID | None = field(default_factory=uuid4)
    seq: int = 0

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)

    def fact(
        self, kind: str, *, at: datetime | None = None, sealed: dict | None = None,
        id: UUID | None = None, **body: Any,
    ) -> Envelope:
        """A fact as this device would make it; nothing is sent."""
        self.seq += 1
        return Envelope(
            id=id or fresh_id(self.now), kind=kind, at=at or self.now, by=self.staff,
            place=self.place, device=self.device, seq=self.seq,
            body=msgspec.Raw(_encoder.encode(body)), sealed=sealed)

    def actor(self) -> Actor:
        units = frozenset([self.place]) if self.place else None
        return Actor(frozenset(self.roles), units, self.device, self.staff)

    def send(self, *facts: Envelope | bytes, now: datetime | None = None) -> Batch:
        """Record facts in one batch; `now` is when the server hears them."""
        return record(facts, actor=self.actor(), now=now or self.now, source="test")

    def say(self, kind: str, **body: Any) -> Receipt:
        """Make one fact and send it; answer its receipt (its id is `receipt.id`)."""
        return self.send(self.fact(kind, **body)).receipts[0]


def county_speaker() -> Speaker:
    """The system's own voice, for what the county sets up before anybody is on duty."""
    return Speaker(None, ["system"], staff=None)


def open_county(accounts: Sequence[tuple[str, str, int | None]]) -> None:
    """Accounts and nothing else, (code, kind, seats): what a room's own tests need of a county."""
    with in_transaction() as cursor:
        open_accounts(
            Context(cursor, FIRST_MORNING, fresh_id(), Actor.system()), list(accounts))


@contextmanager
def statements_seen() -> Iterator[list[str]]:
    """The statements that psycopg's cursors execute inside the block, in order."""
    seen: list[str] = []
    plain = psycopg.Cursor.execute

    def execute(cursor, query, *args, **more):
        seen.append(str(query).strip())
        return plain(cursor, query, *args, **more)

    psycopg.Cursor.execute = execute
    try:
        yield seen
    finally:
        psycopg.Cursor.execute = plain
