"""Reads of the journal, and its laws for `prove`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from pratique.journal.fact import OUTCOME_NAME
from pratique.journal.prove import Law
from pratique.kit.sql import one_row, reading

PAGE_ROWS_MAX = 200


@dataclass(frozen=True, slots=True)
class Said:
    """A fact as a story tells it.

    at: the moment that counts. said_at: what its device said instead, where its clock was wrong.
    """

    id: UUID
    number: int
    kind: str
    at: datetime
    recorded_at: datetime
    by: UUID | None
    place: str | None
    device: UUID | None
    seq: int | None
    body: str
    outcome: str
    said_at: datetime | None = None


_SAID = (
    "id, number, kind, coalesce(counted_at, at), recorded_at, by, place, device, seq, body, "
    "outcome, CASE WHEN counted_at IS NOT NULL THEN at END")


def _said(rows: Iterable[tuple]) -> list[Said]:
    return [Said(*row[:10], outcome=OUTCOME_NAME[row[10]], said_at=row[11]) for row in rows]


def story(subject: UUID, limit: int = PAGE_ROWS_MAX) -> list[Said]:
    """The facts whose first subject this is, oldest first. Rooms add what else concerns it."""
    with reading() as cursor:
        cursor.execute(f"SELECT {_SAID} FROM journal_fact WHERE subject = %s "
                       "ORDER BY number LIMIT %s", (subject, limit))
        return _said(cursor.fetchall())


def facts(ids: Sequence[UUID]) -> dict[UUID, Said]:
    with reading() as cursor:
        cursor.execute(f"SELECT {_SAID} FROM journal_fact WHERE id = ANY(%b)", (list(ids),))
        return {said.id: said for said in _said(cursor.fetchall())}


def totals() -> dict[str, int]:
    """Facts in = applied + duplicate + parked + disputed + quarantined, over all batches."""
    with reading() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(facts_in), 0)::bigint, coalesce(sum(applied), 0)::bigint, "
            "coalesce(sum(duplicate), 0)::bigint, coalesce(sum(parked), 0)::bigint, "
            "coalesce(sum(disputed), 0)::bigint, coalesce(sum(quarantined), 0)::bigint "
            "FROM journal_batch")
        names = ("in", "applied", "duplicate", "parked", "disputed", "quarantined")
        return dict(zip(names, one_row(cursor), strict=True))


@dataclass(frozen=True, slots=True)
class Gap:
    """Running numbers of a device that were never heard: from..to, both missing."""

    device: UUID
    first: int
    last: int
    heard_at: datetime


def gaps(devices: Sequence[UUID] | None = None, limit: int = PAGE_ROWS_MAX) -> list[Gap]:
    """Holes in devices' running numbers: facts that were made and have not come."""
    with reading() as cursor:
        cursor.execute(
            "SELECT device, lower(hole), upper(hole) - 1, heard_at FROM ("
            "  SELECT device, heard_at, unnest(int8multirange(int8range("
            "      least(1, lower(received)), upper(received))) - received) AS hole "
            "  FROM journal_device WHERE %s OR device = ANY(%b)) h "
            "ORDER BY heard_at, device, hole LIMIT %s",
            (devices is None, list(devices or ()), limit))
        return [Gap(*row) for row in cursor.fetchall()]


def waiting(limit: int = PAGE_ROWS_MAX) -> list[dict[str, Any]]:
    """Parked facts, oldest first: what waits, for what, since when."""
    with reading() as cursor:
        cursor.execute(
            "SELECT p.fact, f.kind, p.waits_for, p.code, p.place, p.since, f.subject "
            "FROM journal_parked p JOIN journal_fact f ON f.id = p.fact "
            "ORDER BY p.since, p.fact LIMIT %s", (limit,))
        names = ("fact", "kind", "waits_for", "code", "place", "since", "subject")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def finding(id_: UUID) -> dict[str, Any] | None:
    """One finding, closed or not."""
    names = ("id", "fact", "code", "rule", "params", "subject", "owner", "opened_at", "closed_at",
             "closed_by", "outcome")
    with reading() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM journal_finding WHERE id = %s", (id_,))
        row = cursor.fetchone()
    if row is None:
        return None
    found = dict(zip(names, row, strict=True))
    return {**found, "params": msgspec.json.decode(found["params"])}


def open_finding_counts() -> list[tuple[str | None, str, int, datetime]]:
    """(owner, code, how many, the oldest) of open findings."""
    with reading() as cursor:
        cursor.execute(
            "SELECT owner, code, count(*), min(opened_at) FROM journal_finding "
            "WHERE closed_at IS NULL GROUP BY owner, code ORDER BY owner, code")
        return cursor.fetchall()


def quarantined(
    *, code: str | None = None, offset: int = 0, limit: int = PAGE_ROWS_MAX
) -> list[dict[str, Any]]:
    """What was refused and kept aside, latest first; its content stays sealed."""
    names = ("id", "fact", "kind", "code", "rule", "params", "place", "device", "recorded_at")
    with reading() as cursor:
        cursor.execute(
            f"SELECT {', '.join(names)} FROM journal_quarantine "
            "WHERE %s::text IS NULL OR code = %s ORDER BY recorded_at DESC, id OFFSET %s LIMIT %s",
            (code, code, offset, limit))
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [{**row, "params": msgspec.json.decode(row["params"])} for row in rows]


def kept_aside() -> dict[str, int]:
    """How many facts wait now, how many findings are open, how much is in quarantine."""
    with reading() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM journal_parked), "
            "(SELECT count(*) FROM journal_finding WHERE closed_at IS NULL), "
            "(SELECT count(*) FROM journal_quarantine)")
        return dict(zip(("parked", "findings", "quarantined"), one_row(cursor), strict=True))


def drill() -> tuple[str, datetime] | None:
    """(title, its clock) where the database is a drill; None in earnest."""
    with reading() as cursor:
        cursor.execute("SELECT title, now FROM journal_drill")
        return cursor.fetchone()


LAWS = (
    Law("journal.batch_adds_up",
        "For every batch: facts in = applied + duplicate + parked + disputed + quarantined.",
        "SELECT id FROM journal_batch "
        "WHERE facts_in <> applied + duplicate + parked + disputed + quarantined"),
    Law("journal.batch_has_its_rows",
        "What a batch says it kept is there, row by row.",
        "SELECT b.id FROM journal_batch b LEFT JOIN (SELECT batch, count(*) AS kept "
        "FROM journal_fact GROUP BY batch) f ON f.batch = b.id "
        "WHERE coalesce(f.kept, 0) <> b.applied + b.parked + b.disputed"),
    Law("journal.refused_once",
        "What was refused is kept aside once, however often it is sent under the same id.",
        "SELECT fact, digest, count(*) AS times FROM journal_quarantine WHERE fact IS NOT NULL "
        "GROUP BY fact, digest HAVING count(*) > 1"),
    Law("journal.quarantine_has_its_rows",
        "What a batch says it quarantined is kept aside, whole.",
        "SELECT b.id FROM journal_batch b LEFT JOIN (SELECT batch, count(*) AS kept "
        "FROM journal_quarantine GROUP BY batch) q ON q.batch = b.id "
        "WHERE coalesce(q.kept, 0) <> b.quarantined"),
    Law("journal.parked_is_waiting_or_settled",
        "A fact that was parked either waits still or was settled later, never both or neither.",
        "SELECT f.id FROM journal_fact f LEFT JOIN journal_parked p ON p.fact = f.id "
        "LEFT JOIN journal_later l ON l.fact = f.id "
        "WHERE (f.outcome = 1) <> ((p.fact IS NULL) <> (l.fact IS NULL))"),
    Law("journal.waits_for_what_has_not_come",
        "No fact waits for a fact that has been applied.",
        "SELECT p.fact FROM journal_parked p JOIN journal_fact f ON f.id = p.waits_for "
        "WHERE f.outcome = 0 AND p.code = 'waits_for_another_fact'"),
    Law("journal.seals_cover_batches",
        "Sealed batches follow one another without a hole.",
        "SELECT batch FROM (SELECT batch, first_position, facts, lag(first_position + facts, 1, "
        "0::bigint) OVER (ORDER BY first_position) AS expected FROM journal_sealed) s "
        "WHERE first_position <> expected"),
)
