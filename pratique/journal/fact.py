"""Fact, verdict, receipt: the words between a door and the journal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from django.utils.functional import Promise

Status = Literal["applied", "duplicate", "parked", "disputed", "quarantined"]
STATUSES: tuple[Status, ...] = ("applied", "duplicate", "parked", "disputed", "quarantined")

# What is kept of a fact when it was first heard; `duplicate` and `quarantined` make no row.
OUTCOME = {"applied": 0, "parked": 1, "disputed": 2}
OUTCOME_NAME = {number: name for name, number in OUTCOME.items()}


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A fact as it travels. `at` is the device's claim of when it happened, aware.

    sealed: personal parts by subject id, e.g. {"<uuid>": {"name": …, "document": …}}.
    """

    id: UUID
    kind: str
    at: datetime
    by: UUID | None = None
    place: str | None = None
    device: UUID | None = None
    seq: int | None = None
    body: msgspec.Raw = msgspec.Raw(b"{}")
    sealed: dict[UUID, dict[str, Any]] | None = None


class Fact(msgspec.Struct, gc=False, eq=False):
    """A fact whose body has passed its kind's schema. What reducers work with, and never change.

    at: the moment that counts for every rule. said_at: what the device said instead, where the door
    did not believe its clock (docs/adr/0016); None: it counts as said.

    A msgspec struct, like all that is made once a fact: five times faster to make. `text` to `leaf`
    are made by `reading.weigh`, while the server opens the batch.
    """

    id: UUID
    kind: str
    at: datetime
    by: UUID | None
    place: str | None
    device: UUID | None
    seq: int | None
    body: Any
    sealed: dict[UUID, dict[str, Any]] | None
    subjects: tuple[UUID, ...]
    text: bytes = b""  # the body as canonical JSON
    digest: bytes = b""  # tells a resent fact from another one; keyed where there is a sealed part
    head: bytes = b""  # canonical bytes of envelope and body: what the log's leaf commits to
    leaf: bytes = b""  # of a fact without a sealed part; with one, the leaf commits to its box
    said_at: datetime | None = None

    def by_its_clock(self, moment: datetime) -> datetime:
        """A moment that the same device wrote into the body, put right as `at` was."""
        if self.said_at is None:
            return moment
        try:
            return moment + (self.at - self.said_at)
        except OverflowError:
            return self.at


@dataclass(frozen=True, slots=True)
class Parked:
    """Cannot be applied yet: it waits for the fact or hand-over with the id `on`."""

    on: UUID
    code: str = "waits_for_another_fact"
    rule: str = "journal.predecessor_first"


@dataclass(frozen=True, slots=True)
class Disputed:
    """Contradicts what is known: kept, without effect, and shown to a person as a finding."""

    code: str
    sentence: str | Promise
    rule: str
    params: dict[str, Any] = field(default_factory=dict)
    owner: str | None = None  # the account whose people look into it; None: the fact's place


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Malformed or not allowed: kept aside whole, without effect, and told to its sender."""

    code: str
    sentence: str | Promise
    rule: str
    params: dict[str, Any] = field(default_factory=dict)


Verdict = Parked | Disputed | Quarantined | None


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """What the sender is told of one fact. `id` is None where the fact had no readable id.

    A duplicate carries a code where the fact was refused when it was first sent: that answer stays.
    """

    id: UUID | None
    status: Status
    code: str = ""
    sentence: str | Promise = ""
    rule: str = ""
    params: dict[str, Any] = {}

    @property
    def is_refused(self) -> bool:
        """Whether the fact has no effect: refused now, or when it was first sent."""
        return self.status == "quarantined" or (self.status == "duplicate" and bool(self.code))

    def text(self) -> str:
        """The sentence in the active language, its parameters filled in."""
        return str(self.sentence) % self.params if self.params else str(self.sentence)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who speaks: a device or a signed-in person, with the roles held and where.

    units: codes of the accounts spoken for; None = the whole county. made_through: the highest
    running number that the device says it has given to a fact.
    """

    roles: frozenset[str]
    units: frozenset[str] | None = None
    device: UUID | None = None
    staff: UUID | None = None
    made_through: int | None = None

    @classmethod
    def system(cls) -> "Actor":
        return cls(roles=frozenset({"system"}))


@dataclass(frozen=True, slots=True)
class Batch:
    """The answer to one call of `record`: a receipt for each fact, in the order given."""

    id: UUID
    receipts: Sequence[Receipt]

    def counts(self) -> dict[str, int]:
        return counts_of(self.receipts)


def counts_of(receipts: Sequence[Receipt]) -> dict[str, int]:
    """facts in = applied + duplicate + parked + disputed + quarantined, always."""
    numbers: dict[str, int] = dict.fromkeys(STATUSES, 0)
    for receipt in receipts:
        numbers[receipt.status] += 1
    return {"in": len(receipts), **numbers}
