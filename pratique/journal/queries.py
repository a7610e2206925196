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


FATES = """
SELECT f.id, f.seq, f.kind, l.outcome, b.recorded_at, g.code, g.rule, g.params,
       b.txid::text::bigint, l.number
FROM journal_fact f JOIN journal_later l ON l.fact = f.id JOIN journal_batch b ON b.id = l.batch
LEFT JOIN LATERAL (SELECT code, rule, params FROM journal_finding
                   WHERE fact = f.id AND l.outcome IN (2, 3) ORDER BY id LIMIT 1) g ON true
WHERE f.device = %s AND f.outcome = 1 AND (b.txid, l.number) > (%s::text::xid8, %s)
  AND b.txid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY b.txid, l.number LIMIT %s
"""
CAUSED = """
SELECT n.id, n.fact, f.device = %s, f.seq, f.kind, n.code, n.rule, n.params, n.subject,
       n.opened_at, count(*) OVER ()
FROM journal_finding n JOIN journal_fact f ON f.id = n.fact
WHERE n.closed_at IS NULL AND (f.device = %s OR n.owner = %s AND n.code = ANY(%s))
ORDER BY n.opened_at, n.id LIMIT %s
"""
BEFORE_ALL = (0, 0)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a fact that had to wait. code, rule, params (JSON text): None where applied.

    place: where it stands among what devices are told; the cursor of a page.
    """

    fact: UUID
    seq: int | None
    kind: str
    status: str
    at: datetime
    code: str | None
    rule: str | None
    params: str | None
    place: tuple[int, int]


def fates(device: UUID, *, after: tuple[int, int] = BEFORE_ALL,
          limit: int = PAGE_ROWS_MAX) -> list[Fate]:
    """The device's facts that were parked and are settled since, in an order that only grows.

    Ordered by transaction, and only of transactions that no running one can come before: a reader
    that goes on after the last `place` misses nothing, whatever is committed late.
    """
    transaction, number = after
    with reading() as cursor:
        cursor.execute(FATES, (device, str(transaction), number, limit))
        return [Fate(fact, seq, kind, OUTCOME_NAME[outcome], at, code, rule, params, (txid, later))
                for fact, seq, kind, outcome, at, code, rule, params, txid, later
                in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Caused:
    """An open finding, with the fact that caused it. own: that fact was said by this device."""

    id: UUID
    fact: UUID
    own: bool | None
    seq: int | None
    kind: str
    code: str
    rule: str
    params: str
    subject: UUID | None
    opened_at: datetime


def caused(
    device: UUID, *, owner: str, codes: Sequence[str], limit: int = PAGE_ROWS_MAX
) -> tuple[list[Caused], int]:
    """Open findings caused by the device's facts, and those of `codes` that `owner` answers for.

    Oldest first, and how many there are in all.
    """
    with reading() as cursor:
        cursor.execute(CAUSED, (device, device, owner, list(codes), limit))
        rows = cursor.fetchall()
    return [Caused(*row[:10]) for row in rows], rows[0][10] if rows else 0


def log_size() -> int:
    """How many facts have their place in the log."""
    with reading() as cursor:
        return one_row(cursor.execute("SELECT coalesce(max(size), 0) FROM journal_seal"))[0]


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


@dataclass(frozen=True, slots=True)
class Aside:
    """A fact of a device that was kept aside. is_recorded: under its id it is in the journal now.

    refused: the code under which it was refused when somebody tried to record it afterwards.
    """

    id: UUID
    fact: UUID | None
    kind: str
    place: str | None
    recorded_at: datetime
    is_recorded: bool
    refused: str | None


ASIDE = """
SELECT q.id, q.fact, q.kind, q.place, q.recorded_at, f.id IS NOT NULL,
       (SELECT code FROM journal_quarantine o WHERE o.fact = q.fact AND o.code <> q.code
        ORDER BY o.recorded_at DESC, o.id LIMIT 1)
FROM journal_quarantine q LEFT JOIN journal_fact f ON f.id = q.fact
WHERE q.device = %s AND q.code = %s ORDER BY f.id IS NOT NULL, q.recorded_at, q.id LIMIT %s
"""


def aside_of(device: UUID, code: str, limit: int = PAGE_ROWS_MAX) -> list[Aside]:
    """What a device sent and was kept aside as `code`; what is not recorded first, then by time."""
    with reading() as cursor:
        cursor.execute(ASIDE, (device, code, limit))
        return [Aside(*row) for row in cursor.fetchall()]


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
