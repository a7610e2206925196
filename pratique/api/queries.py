"""Reads that only the API has: what became of a fact, what waits, what was kept aside."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from pratique.kit.sql import reading

_params = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class FactOutcome:
    """What became of a fact. `status` is as of now; `first_status` as its sender was told.

    waits_for: while parked. code, rule, params: why it was disputed or quarantined. log_place:
    its place in the log once it is sealed.
    """

    id: UUID
    status: str
    first_status: str
    kind: str
    place: str | None
    recorded_at: datetime
    waits_for: UUID | None = None
    code: str = ""
    rule: str = ""
    params: dict[str, Any] | None = None
    log_place: int | None = None


_STATUS = ("applied", "parked", "disputed", "quarantined")

OUTCOME = """
SELECT f.outcome, l.outcome, f.kind, f.place, f.recorded_at, p.waits_for,
       coalesce(p.code, g.code, ''), coalesce(p.rule, g.rule, ''), g.params
FROM journal_fact f LEFT JOIN journal_later l ON l.fact = f.id
LEFT JOIN journal_parked p ON p.fact = f.id
LEFT JOIN LATERAL (SELECT code, rule, params FROM journal_finding
                   WHERE fact = f.id AND coalesce(l.outcome, f.outcome) IN (2, 3)
                   ORDER BY id LIMIT 1) g ON true
WHERE f.id = %s
"""
KEPT_ASIDE = """
SELECT kind, place, recorded_at, code, rule, params FROM journal_quarantine
WHERE fact = %s ORDER BY recorded_at DESC LIMIT 1
"""


def fact_outcome(fact: UUID) -> FactOutcome | None:
    """None for a fact that was never heard."""
    with reading() as cursor:
        cursor.execute(OUTCOME, (fact,))
        row = cursor.fetchone()
        if row is not None:
            first, later, kind, place, at, waits_for, code, rule, params = row
            return FactOutcome(
                fact, _STATUS[first if later is None else later], _STATUS[first], kind, place, at,
                waits_for, code, rule, _read(params))
        cursor.execute(KEPT_ASIDE, (fact,))
        row = cursor.fetchone()
    if row is None:
        return None
    kind, place, at, code, rule, params = row
    return FactOutcome(fact, "quarantined", "quarantined", kind, place, at, None, code, rule,
                       _read(params))


def _read(params: str | None) -> dict[str, Any] | None:
    return _params.decode(params) if params is not None else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parked fact: what waits, for what, since when."""

    fact: UUID
    kind: str
    waits_for: UUID
    code: str
    rule: str
    place: str | None
    since: datetime


Key = tuple[datetime, UUID]


def parked(*, unit: str | None, after: Key | None, limit: int) -> list[Waiting]:
    """Parked facts, oldest first; page on by (since, fact)."""
    since, last = after or (None, None)
    with reading() as cursor:
        cursor.execute(
            "SELECT p.fact, f.kind, p.waits_for, p.code, p.rule, p.place, p.since "
            "FROM journal_parked p JOIN journal_fact f ON f.id = p.fact "
            "WHERE (%s::text IS NULL OR p.place = %s) "
            "AND (%s::timestamptz IS NULL OR (p.since, p.fact) > (%s, %s)) "
            "ORDER BY p.since, p.fact LIMIT %s", (unit, unit, since, since, last, limit))
        return [Waiting(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class KeptAside:
    """What was refused and why. Its content stays sealed."""

    id: UUID
    fact: UUID | None
    kind: str
    code: str
    rule: str
    params: dict[str, Any]
    place: str | None
    device: UUID | None
    recorded_at: datetime


def quarantined(*, unit: str | None, after: Key | None, limit: int) -> list[KeptAside]:
    """What was quarantined, oldest first; page on by (recorded_at, id).

    A unit's: what named it as its place, or came from one of its devices.
    """
    at, last = after or (None, None)
    with reading() as cursor:
        cursor.execute(
            "SELECT id, fact, kind, code, rule, params, place, device, recorded_at "
            "FROM journal_quarantine q WHERE (%s::text IS NULL OR place = %s OR device IN "
            "(SELECT device FROM registry_device WHERE unit = %s)) "
            "AND (%s::timestamptz IS NULL OR (recorded_at, id) > (%s, %s)) "
            "ORDER BY recorded_at, id LIMIT %s", (unit, unit, unit, at, at, last, limit))
        return [
            KeptAside(id_, fact, kind, code, rule, _params.decode(params), place, device, at)
            for id_, fact, kind, code, rule, params, place, device, at in cursor.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class HeadCount:
    """An independent count beside what the account held then. Balanced: equal or explained."""

    count: UUID
    account: str
    kind: str
    counted: int
    held: int
    source: str
    at: datetime
    explained: str


def head_counts(since: datetime, until: datetime, unit: str | None, limit: int) -> list[HeadCount]:
    """Head counts of [since, until), in order of time."""
    with reading() as cursor:
        cursor.execute(
            "SELECT fact, account, kind, counted, held, source, at, explained FROM custody_count "
            "WHERE at >= %s AND at < %s AND (%s::text IS NULL OR account = %s) "
            "ORDER BY at, fact LIMIT %s", (since, until, unit, unit, limit))
        return [HeadCount(*row) for row in cursor.fetchall()]


def unit_of_device(device: UUID) -> str | None:
    with reading() as cursor:
        cursor.execute("SELECT unit FROM registry_device WHERE device = %s", (device,))
        row = cursor.fetchone()
    return row[0] if row else None
