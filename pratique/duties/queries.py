"""Reads of duties: the board of open loops, oldest first, and who it climbs to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pratique.duties.reduce_parked import TOO_LONG, TRIP_NOT_HEARD, UNPLANNED
from pratique.duties.reduce_silent import SILENT
from pratique.journal.prove import Law
from pratique.kit.arrays import uuids
from pratique.kit.sql import reading
from pratique.protocol.pack import shipped
from pratique.registry.merged import HUMAN

PAGE_ROWS_MAX = 200


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty as a board shows it. `climbed_to`: the role that it has reached, "" while in time."""

    id: UUID
    episode: UUID
    person: UUID
    pack: str
    key: str
    kind: str
    unit: str
    opens_at: datetime
    due_at: datetime
    closed_by: UUID | None
    closed_at: datetime | None
    chain: str
    row: str
    owner: UUID | None
    cause: str | None
    climbed_to: str = ""

    def overdue(self, now: datetime) -> bool:
        return self.closed_at is None and self.due_at <= now


OWED_TESTS = ("swab", "test", "resample")


def purpose_of(duty: Owed) -> str:
    """Which owed test a specimen for this duty (one of OWED_TESTS) answers."""
    if duty.kind == "swab":
        return "landing"
    if duty.kind == "resample":
        return "resample"
    return f"day-{duty.key.rpartition(':')[2]}"


_COLUMNS = """
d.pack, d.key, d.kind, d.unit, d.opens_at, d.due_at, d.closed_by, d.closed_at, d.chain, d.row,
o.staff, c.cause
"""
_TAKEN_ON = """
LEFT JOIN duties_owner o ON o.duty = d.id LEFT JOIN duties_cause c ON c.duty = d.id
"""
_OWED = f"SELECT d.id, d.episode, d.person, {_COLUMNS} FROM duties_duty d {_TAKEN_ON}"


def climbed_to(pack: str, chain: str, late_by: timedelta) -> str:
    """The role that an overdue duty has reached on its chain; "" while it is in time."""
    known = shipped().get(pack)
    reached = ""
    if known is None or late_by < timedelta(0):
        return reached
    for minutes, role in known.climb(chain):
        if late_by >= timedelta(minutes=minutes):
            reached = role
    return reached


def _owed(rows: Iterable[tuple], now: datetime) -> list[Owed]:
    return [
        Owed(*row, climbed_to=climbed_to(row[3], row[11], now - row[8]) if row[10] is None else "")
        for row in rows
    ]


def open_duties(
    now: datetime, *, unit: str | None = None, kind: str | None = None, overdue: bool = False,
    opens_before: datetime | None = None, after: tuple[datetime, UUID] | None = None,
    limit: int = PAGE_ROWS_MAX,
) -> list[Owed]:
    """Open duties, those due first first. opens_before: also future ones up to then (default now).

    after: (due_at, id) of the last row of the page before.
    """
    due, last = after or (None, None)
    with reading() as cursor:
        cursor.execute(
            f"{_OWED} WHERE d.closed_at IS NULL AND (%s::text IS NULL OR d.unit = %s) "
            "AND (%s::text IS NULL OR d.kind = %s) AND (NOT %s OR d.due_at <= %s) "
            "AND d.opens_at <= %s AND (%s::timestamptz IS NULL OR (d.due_at, d.id) > (%s, %s)) "
            "ORDER BY d.due_at, d.id LIMIT %s",
            (unit, unit, kind, kind, overdue, now, opens_before or now, due, due, last, limit))
        return _owed(cursor.fetchall(), now)


def duties_of(persons: Iterable[UUID], now: datetime) -> list[Owed]:
    """Every duty of these persons, closed and future ones included, by opening time.

    Duties of a person's other records, where some were merged, are theirs; `person` is as asked.
    """
    with reading() as cursor:
        cursor.execute(
            f"{HUMAN} SELECT d.id, d.episode, w.person, {_COLUMNS} FROM whole w "
            f"JOIN duties_duty d ON d.person = w.one {_TAKEN_ON} "
            "ORDER BY d.opens_at, d.due_at, d.id", (uuids(dict.fromkeys(persons)),))
        return _owed(cursor.fetchall(), now)


def duty(id_: UUID, now: datetime) -> Owed | None:
    with reading() as cursor:
        cursor.execute(f"{_OWED} WHERE d.id = %s", (id_,))
        return next(iter(_owed(cursor.fetchall(), now)), None)


def counts(now: datetime) -> list[dict[str, Any]]:
    """Open and overdue duties by unit and kind, and the oldest overdue one's due time."""
    with reading() as cursor:
        cursor.execute(
            "SELECT unit, kind, count(*), count(*) FILTER (WHERE due_at <= %s), "
            "min(due_at) FILTER (WHERE due_at <= %s) FROM duties_duty "
            "WHERE closed_at IS NULL AND opens_at <= %s GROUP BY unit, kind ORDER BY unit, kind",
            (now, now, now))
        names = ("unit", "kind", "open", "overdue", "oldest_due_at")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def kept_in_time(since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Per kind: duties closed in the span, and how many of these in time."""
    with reading() as cursor:
        cursor.execute(
            "SELECT kind, count(*), count(*) FILTER (WHERE closed_at <= due_at) FROM duties_duty "
            "WHERE closed_at >= %s AND closed_at < %s GROUP BY kind ORDER BY kind", (since, until))
        return [dict(zip(("kind", "closed", "in_time"), r, strict=True)) for r in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as a board shows it."""

    id: UUID
    fact: UUID
    code: str
    rule: str
    params: str
    subject: UUID | None
    owner: str | None
    opened_at: datetime
    closed_at: datetime | None
    outcome: str


def findings(
    *, owner: str | None = None, code: str | None = None, open_only: bool = True,
    subject: UUID | None = None, after: tuple[datetime, UUID] | None = None,
    limit: int = PAGE_ROWS_MAX,
) -> list[Found]:
    """Findings, oldest first; `params` is JSON text. Page by (opened_at, id)."""
    opened, last = after or (None, None)
    with reading() as cursor:
        cursor.execute(
            "SELECT id, fact, code, rule, params, subject, owner, opened_at, closed_at, outcome "
            "FROM journal_finding WHERE (NOT %s OR closed_at IS NULL) "
            "AND (%s::text IS NULL OR owner = %s) AND (%s::text IS NULL OR code = %s) "
            "AND (%s::uuid IS NULL OR subject = %s) "
            "AND (%s::timestamptz IS NULL OR (opened_at, id) > (%s, %s)) "
            "ORDER BY opened_at, id LIMIT %s",
            (open_only, owner, owner, code, code, subject, subject, opened, opened, last, limit))
        return [Found(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class LateParked:
    """A fact that waits longer than it may, and that nobody has been asked about."""

    fact: UUID
    kind: str
    waits_for: UUID
    code: str
    place: str | None
    since: datetime
    subject: UUID | None
    vehicle: str | None


PARKED = f"""
SELECT fact, kind, waits_for, code, place, since, subject, vehicle FROM (
    SELECT DISTINCT ON (CASE p.code WHEN '{TRIP_NOT_HEARD}' THEN p.waits_for ELSE p.fact END)
           p.fact, f.kind, p.waits_for, p.code, p.place, p.since, f.subject,
           f.body ->> 'vehicle' AS vehicle
    FROM journal_parked p JOIN journal_fact f ON f.id = p.fact
    WHERE p.since <= CASE p.code WHEN '{TRIP_NOT_HEARD}' THEN %s::timestamptz
                                 ELSE %s::timestamptz END
      AND NOT EXISTS (SELECT FROM journal_finding n WHERE n.fact = p.fact
                      AND n.code IN ('{TOO_LONG}', '{UNPLANNED}'))
      AND NOT EXISTS (SELECT FROM journal_finding n WHERE p.code = '{TRIP_NOT_HEARD}'
                      AND n.subject = p.waits_for AND n.code = '{UNPLANNED}')
    ORDER BY CASE p.code WHEN '{TRIP_NOT_HEARD}' THEN p.waits_for ELSE p.fact END, p.since, p.fact
) late ORDER BY since, fact LIMIT %s
"""
WAITED_OUT = f"""
SELECT n.id FROM journal_finding n
WHERE n.closed_at IS NULL AND n.code IN ('{TOO_LONG}', '{UNPLANNED}')
  AND NOT EXISTS (SELECT FROM journal_parked p WHERE p.fact = n.fact
                  AND (n.code = '{TOO_LONG}' OR p.code = '{TRIP_NOT_HEARD}'))
ORDER BY n.id LIMIT %s
"""


def parked_too_long(
    since: datetime, *, trips_since: datetime, limit: int = PAGE_ROWS_MAX
) -> list[LateParked]:
    """Facts parked at `since` or before, steps of unknown trips at `trips_since`, oldest first.

    Those that have their finding, closed or not, are not there; of a trip only its first step.
    """
    with reading() as cursor:
        cursor.execute(PARKED, (trips_since, since, limit))
        return [LateParked(*row) for row in cursor.fetchall()]


def waited_out(limit: int = PAGE_ROWS_MAX) -> list[UUID]:
    """Open findings about waiting facts that wait no more."""
    with reading() as cursor:
        cursor.execute(WAITED_OUT, (limit,))
        return [row[0] for row in cursor.fetchall()]


LAWS = (
    Law("duties.closed_by_a_fact", "A closed duty names the fact that closed it.",
        "SELECT id FROM duties_duty WHERE (closed_at IS NULL) <> (closed_by IS NULL)"),
    Law("duties.owned", "Every open duty is owed by an account that exists.",
        "SELECT d.id FROM duties_duty d LEFT JOIN custody_account a ON a.code = d.unit "
        "WHERE d.closed_at IS NULL AND (a.code IS NULL OR d.unit = 'outside')"),
    Law("duties.open_episodes_only", "A person who has left the loop owes and is owed no test.",
        "SELECT d.id FROM duties_duty d JOIN checkpoint_episode e ON e.id = d.episode "
        "WHERE e.ended_at IS NOT NULL AND d.closed_at IS NULL AND d.kind IN ('test', 'round', "
        "'release', 'transfer')"),
    Law("duties.silent_once", "Of a device that is not heard there is one open finding.",
        f"SELECT subject FROM journal_finding WHERE code = '{SILENT}' AND closed_at IS NULL "
        "GROUP BY subject HAVING count(*) > 1"),
)
