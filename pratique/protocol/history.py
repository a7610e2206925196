"""What is known about one person's arrival episode, as `evaluate` sees it.

The pathway fills these from the rooms' tables; nothing here reads a clock or a database. Every
moment is an aware datetime in UTC, every id a UUID. `evidence` always names facts of the journal.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

ACCOUNT_KINDS = (
    "outside", "checkpoint", "crew", "sampling_point", "courier", "laboratory",
    "isolation_site", "community",
)
RESULTS = ("negative", "positive", "inconclusive", "invalid")


class Stay(msgspec.Struct, frozen=True, gc=False):
    """One stay at one place; the tier is the registry's answer for the time of the stay.

    `tier` is high, medium, low, none or unknown; `place` a division code or a published name.
    """

    tier: str
    since: datetime
    until: datetime
    place: str
    evidence: tuple[UUID, ...]


class SpecimenRecord(msgspec.Struct, frozen=True, gc=False):
    """One tube with its four times.

    `evidence` is in the order of what happened: collected, received, resulted, reported (as far
    as it has happened, then the voiding if any). `result` is one of RESULTS or None.
    """

    specimen: UUID
    purpose: str
    collected_at: datetime
    received_at: datetime | None
    resulted_at: datetime | None
    reported_at: datetime | None
    result: str | None
    voided: bool
    evidence: tuple[UUID, ...]


class Reading(msgspec.Struct, frozen=True, gc=False):
    """A temperature in degrees Celsius and the symptoms named, at a round or self-reported."""

    at: datetime
    temperature_c: float | None
    symptoms: tuple[str, ...]
    evidence: UUID


class Exposure(msgspec.Struct, frozen=True, gc=False):
    """An exposure by kind (close_contact, contact_of_contact, ...) with its first and last time."""

    kind: str
    first_at: datetime
    last_at: datetime
    evidence: UUID


class Other(msgspec.Struct, frozen=True, gc=False):
    """Another person on whose tests this one's release depends (a contact's close contact).

    `negatives` counts the other's negative tests so far, in order, until the first that is not.
    """

    kind: str
    person: UUID
    negatives: int
    positive: bool
    known_at: datetime
    evidence: UUID


class Order(msgspec.Struct, frozen=True, gc=False):
    """A legal order that puts a pack in force in an area; `until` None means until revoked."""

    order: UUID
    pack: str
    area: str
    legal_basis: str
    since: datetime
    until: datetime | None


class History(msgspec.Struct, frozen=True, gc=False):
    """Everything that `evaluate` may look at for one episode of one person.

    `account_kind` is one of ACCOUNT_KINDS. `special` names circumstances that packs speak of
    (emergency, infant, pregnant, ...). The fields after `ended_at` may be left out; they name
    the facts that close the transfer, the home check and the episode.
    """

    person: UUID
    episode: UUID
    arrived_at: datetime
    arrived_account: str
    account: str
    account_kind: str
    account_since: datetime
    resident: bool | None
    from_outside_province: bool | None
    destination: str | None
    stays: tuple[Stay, ...]
    specimens: tuple[SpecimenRecord, ...]
    readings: tuple[Reading, ...]
    exposures: tuple[Exposure, ...]
    special: frozenset[str]
    orders: tuple[Order, ...]
    home_confirmed: bool | None
    ended_at: datetime | None
    account_evidence: UUID | None = None
    home_confirmed_at: datetime | None = None
    home_evidence: UUID | None = None
    ended_evidence: UUID | None = None
    others: tuple[Other, ...] = ()
