"""Reads of the specimen chain, and its laws for `prove`.

The four times of a tube: collected (its fact), received (custody: a laboratory took it over for
the first time), resulted (a run that says something of it was imported), reported (the second
reader confirmed). Of several results the gravest stands (law 6).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg

from pratique.kit.arrays import Array, uuids
from pratique.kit.sql import ask, reading
from pratique.protocol.history import SpecimenRecord
from pratique.registry.merged import HUMAN
from pratique.specimens.laws import LAWS

__all__ = ["LAWS"]

PAGE_ROWS_MAX = 200

# When and by which fact a laboratory took over the tube of row `s`.
RECEIVED = """
LEFT JOIN LATERAL (
    SELECT e.at, e.fact, e.taker FROM custody_entry e
    JOIN custody_account a ON a.code = e.taker AND a.kind = 'laboratory'
    WHERE e.subject = s.specimen ORDER BY e.at, e.fact LIMIT 1
) got ON true
"""
# The result that stands. A positive or inconclusive counts before the second reader confirms it
# (hold at once, act when confirmed); a negative or invalid is none before. What the second reader
# withheld, a run whose controls failed, and a tube the laboratory never took over say nothing.
# OFFSET 0 keeps the order of the look-ups: from the tube to its few wells to their runs, whatever
# the planner believes of tables that have grown since it last looked.
STANDING = """
LEFT JOIN LATERAL (
    SELECT * FROM (
        SELECT r.result, r.resulted_at, r.resulted_fact, r.reported_at, r.reported_fact, r.run
        FROM specimens_result r WHERE r.tube = s.tube
        UNION ALL
        SELECT w.reading, n.imported_at, n.fact, NULL, NULL, n.run
        FROM (SELECT run, reading FROM specimens_well
              WHERE tube = s.tube AND tube <> '' AND reading IN ('positive', 'inconclusive')
              OFFSET 0) w
        JOIN LATERAL (SELECT * FROM specimens_run WHERE run = w.run OFFSET 0) n
          ON n.controls = 'passed'
        WHERE NOT EXISTS (SELECT FROM specimens_confirmation c WHERE c.run = w.run)
          AND EXISTS (SELECT FROM custody_entry e
                      WHERE e.subject = s.specimen AND e.taker = n.laboratory)
    ) found
    ORDER BY array_position(ARRAY['positive', 'inconclusive', 'negative', 'invalid'],
                            found.result), found.reported_at, found.resulted_at, found.run
    LIMIT 1
) res ON true
"""
VOIDED = """
LEFT JOIN LATERAL (
    SELECT x.fact, x.how, x.at, x.reason FROM specimens_ending x
    WHERE x.specimen = s.specimen AND x.how <> 'discarded' ORDER BY x.at, x.fact LIMIT 1
) gone ON true
"""
RECORDS = f"""
{HUMAN}
SELECT w.person, s.specimen, s.purpose, s.collected_at, s.fact, got.at, got.fact, res.result,
       res.resulted_at, res.resulted_fact, res.reported_at, res.reported_fact, gone.fact
FROM whole w JOIN specimens_specimen s ON s.person = w.one
{RECEIVED} {STANDING} {VOIDED}
ORDER BY s.collected_at, s.specimen
"""


def ask_specimen_records(
    cursor: psycopg.Cursor, persons: Array
) -> Callable[[], dict[UUID, list[SpecimenRecord]]]:
    """Each person's tubes as the protocol sees them, in order of collection; one statement, sent
    now; what comes back answers when it is called.

    `resulted_at` is since when `result` holds: of a positive or inconclusive since the run was
    imported, of a negative or invalid, which is none before, since the second reader confirmed
    it. `voided` covers lost tubes too: either way a new one is owed. `result` of a voided tube
    stays as it is. Persons without a specimen are not there.
    """
    asked = ask(cursor, RECORDS, (persons,))
    return lambda: _records(asked.fetchall())


def _records(rows: Iterable[tuple]) -> dict[UUID, list[SpecimenRecord]]:
    found: dict[UUID, list[SpecimenRecord]] = {}
    for person, *row in rows:
        found.setdefault(person, []).append(_record(*row))
    return found


def _record(
    specimen: UUID, purpose: str, collected_at: datetime, collected: UUID,
    received_at: datetime | None, received: UUID | None, result: str | None,
    resulted_at: datetime | None, resulted: UUID | None, reported_at: datetime | None,
    reported: UUID | None, voided: UUID | None,
) -> SpecimenRecord:
    steps = (collected, received, resulted, reported, voided)
    known_at = resulted_at if result in ("positive", "inconclusive") else reported_at
    return SpecimenRecord(
        specimen, purpose, collected_at, received_at, known_at, reported_at, result,
        voided is not None, tuple(step for step in steps if step is not None))


# ── one tube ─────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Tube:
    """A specimen with its four times and where it is. state: a key of `rules.SPECIMEN_STATES`.

    result: the final one, or a positive or inconclusive that awaits the second reader.
    bag: the one that it was put into last.
    """

    specimen: UUID
    tube: str
    person: UUID
    place: str
    purpose: str
    urgent: bool
    collected_at: datetime
    received_at: datetime | None
    resulted_at: datetime | None
    reported_at: datetime | None
    result: str | None
    account: str
    holds_by: UUID
    pending: UUID | None
    bag: str | None
    laboratory: str | None
    state: str


BAG = """
LEFT JOIN LATERAL (
    SELECT b.bag, b.fact FROM specimens_bagging b WHERE b.specimen = s.specimen
    ORDER BY b.at DESC, b.fact DESC LIMIT 1
) bag ON true
"""
IMPORTED = """
LEFT JOIN LATERAL (
    SELECT min(n.imported_at) AS at
    FROM (SELECT run, well FROM specimens_well WHERE tube = s.tube AND tube <> '' OFFSET 0) w
    JOIN LATERAL (SELECT * FROM specimens_run WHERE run = w.run OFFSET 0) n
      ON n.controls = 'passed'
    LEFT JOIN LATERAL (SELECT withheld FROM specimens_confirmation WHERE run = w.run OFFSET 0) c
      ON true
    WHERE NOT coalesce(w.well = ANY(c.withheld), false)
) ran ON true
"""
ENDED = """
LEFT JOIN LATERAL (
    SELECT x.how, x.fact FROM specimens_ending x WHERE x.specimen = s.specimen
    ORDER BY x.at, x.fact LIMIT 1
) done ON true
"""
TUBES = f"""
SELECT s.specimen, s.tube, coalesce(p.root, s.person), s.place, s.purpose, s.urgent,
       s.collected_at, got.at, coalesce(res.resulted_at, ran.at), res.reported_at, res.result,
       h.account, h.entry, h.pending, bag.bag, got.taker,
       CASE WHEN done.how IS NOT NULL THEN done.how WHEN res.reported_at IS NOT NULL
            THEN 'reported' WHEN ran.at IS NOT NULL AND got.at IS NOT NULL THEN 'resulted'
            WHEN got.at IS NOT NULL THEN 'received' ELSE 'collected' END
FROM specimens_specimen s JOIN custody_holding h ON h.subject = s.specimen
LEFT JOIN registry_person p ON p.person = s.person
{RECEIVED} {STANDING} {BAG} {IMPORTED} {ENDED}
"""


def tubes(specimens: Iterable[UUID]) -> dict[UUID, Tube]:
    """Specimens by id, as they stand now."""
    with reading() as cursor:
        cursor.execute(f"{TUBES} WHERE s.specimen = ANY(%b)", (uuids(specimens),))
        return {row[0]: Tube(*row) for row in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Carried:
    """A tube as whoever carries it needs it: what is written on it, and which bag it is in."""

    specimen: UUID
    tube: str
    person: UUID
    purpose: str
    urgent: bool
    collected_at: datetime
    bag: str | None


def carried(specimens: Iterable[UUID]) -> dict[UUID, Carried]:
    """These tubes, without what laboratories found."""
    with reading() as cursor:
        cursor.execute(
            "SELECT s.specimen, s.tube, coalesce(p.root, s.person), s.purpose, s.urgent, "
            "s.collected_at, bag.bag FROM specimens_specimen s "
            f"LEFT JOIN registry_person p ON p.person = s.person {BAG} "
            "WHERE s.specimen = ANY(%b)", (uuids(specimens),))
        return {row[0]: Carried(*row) for row in cursor.fetchall()}


def by_tube(tube: str) -> Tube | None:
    """The specimen in the tube with this label; None where nobody has told us of it."""
    with reading() as cursor:
        cursor.execute(f"{TUBES} WHERE s.tube = %s", (tube,))
        row = cursor.fetchone()
        return Tube(*row) if row else None


def of_person(person: UUID) -> list[Tube]:
    """A person's tubes in order of collection, those of merged records too."""
    with reading() as cursor:
        cursor.execute(
            f"{HUMAN} {TUBES} JOIN whole ON whole.one = s.person "
            "ORDER BY s.collected_at, s.specimen", (uuids([person]),))
        return [Tube(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Step:
    """A row of a tube's story. what: a word of code; note: place, bag, plate or result."""

    at: datetime
    what: str
    note: str
    fact: UUID
    by: UUID | None


STORY = """
SELECT collected_at, 'collected', place, fact, collected_by FROM specimens_specimen s
WHERE s.specimen = %(of)s
UNION ALL SELECT at, 'bagged', bag, fact, NULL FROM specimens_bagging WHERE specimen = %(of)s
UNION ALL SELECT at, why, giver || ' → ' || taker, fact, NULL FROM custody_entry
WHERE subject = %(of)s AND giver <> 'outside' AND taker <> 'outside'
UNION ALL SELECT n.imported_at, 'imported', n.plate || ' ' || w.well || ': ' || CASE n.controls
    WHEN 'passed' THEN w.reading ELSE n.controls END, n.fact, n.imported_by
FROM specimens_specimen s JOIN specimens_well w ON w.tube = s.tube AND w.tube <> ''
JOIN specimens_run n ON n.run = w.run WHERE s.specimen = %(of)s
UNION ALL SELECT c.at, CASE WHEN w.well = ANY(c.withheld) THEN 'withheld' ELSE 'confirmed' END,
    w.reading, c.fact, c.confirmed_by
FROM specimens_specimen s JOIN specimens_well w ON w.tube = s.tube AND w.tube <> ''
JOIN specimens_confirmation c ON c.run = w.run WHERE s.specimen = %(of)s
UNION ALL SELECT at, how, reason, fact, by FROM specimens_ending WHERE specimen = %(of)s
ORDER BY 1, 4
"""


def story(specimen: UUID) -> list[Step]:
    """All that happened to a tube, in order of time; moves between custodians included."""
    with reading() as cursor:
        cursor.execute(STORY, {"of": specimen})
        return [Step(*row) for row in cursor.fetchall()]


# ── bags and counts ──────────────────────────────────────────────────────────────────────────────
def in_no_bag(place: str, *, limit: int = PAGE_ROWS_MAX) -> list[Tube]:
    """Tubes that a place holds and has put into no bag, urgent ones first, then the oldest."""
    with reading() as cursor:
        cursor.execute(
            f"{TUBES} WHERE h.account = %s AND bag.bag IS NULL "
            "ORDER BY s.urgent DESC, s.collected_at, s.specimen LIMIT %s", (place, limit))
        return [Tube(*row) for row in cursor.fetchall()]


def in_bag(bag: str, *, limit: int = PAGE_ROWS_MAX) -> list[Tube]:
    """Tubes whose last bag is this one, wherever they are now."""
    with reading() as cursor:
        cursor.execute(
            f"{TUBES} WHERE s.specimen IN (SELECT specimen FROM specimens_bagging WHERE bag = %s) "
            "AND bag.bag = %s ORDER BY s.urgent DESC, s.collected_at, s.specimen LIMIT %s",
            (bag, bag, limit))
        return [Tube(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class ShortCount:
    """A hand-over of tubes that was not accepted whole. missing: (tube label, urgent, outcome).

    outcome: pending, refused, expired or withdrawn; the giver still answers for them.
    """

    handover: UUID
    giver: str
    taker: str
    bag: str | None
    offered_at: datetime
    expires_at: datetime
    offered: int
    accepted: int
    missing: list[tuple[str, bool, str]]


SHORT = """
SELECT o.id, o.giver, o.taker, o.bag, o.offered_at, o.expires_at, count(*),
       count(*) FILTER (WHERE r.outcome = 'accepted'),
       array_agg(s.tube ORDER BY s.tube) FILTER (WHERE r.outcome IS DISTINCT FROM 'accepted'),
       array_agg(s.urgent ORDER BY s.tube) FILTER (WHERE r.outcome IS DISTINCT FROM 'accepted'),
       array_agg(coalesce(r.outcome, 'pending') ORDER BY s.tube)
           FILTER (WHERE r.outcome IS DISTINCT FROM 'accepted')
FROM custody_handover o JOIN custody_line l ON l.handover = o.id
JOIN specimens_specimen s ON s.specimen = l.subject
LEFT JOIN custody_resolution r ON r.handover = l.handover AND r.subject = l.subject
WHERE (%s::text IS NULL OR o.giver = %s OR o.taker = %s) AND o.offered_at >= %s
GROUP BY o.id HAVING count(r.outcome) > 0 AND count(*) <> count(*) FILTER (
    WHERE r.outcome = 'accepted')
ORDER BY o.offered_at DESC, o.id LIMIT %s
"""


def missing_by_handover(
    since: datetime, account: str | None = None, *, limit: int = PAGE_ROWS_MAX
) -> list[ShortCount]:
    """Hand-overs offered from `since` on that were answered but not accepted whole, newest first.

    account: only those that it gave or was to take.
    """
    with reading() as cursor:
        cursor.execute(SHORT, (account, account, account, since, limit))
        return [ShortCount(*row[:-3], missing=list(zip(*row[-3:], strict=True)))
                for row in cursor.fetchall()]


def counts_by_state(place: str | None = None) -> dict[str, int]:
    """How many tubes are in each state; `place`: of those collected there."""
    with reading() as cursor:
        cursor.execute(
            f"SELECT state, count(*) FROM ({TUBES} WHERE %s::text IS NULL OR s.place = %s) "
            "AS every (specimen, tube, person, place, purpose, urgent, collected_at, received_at, "
            "resulted_at, reported_at, result, account, holds_by, pending, bag, laboratory, "
            "state) GROUP BY state ORDER BY state", (place, place))
        return dict(cursor.fetchall())


# ── turnaround ───────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Turnaround:
    """The four times of one tube, as they are, for spans and their quantiles (`rules.quantile`)."""

    specimen: UUID
    tube: str
    place: str
    laboratory: str | None
    urgent: bool
    collected_at: datetime
    received_at: datetime | None
    resulted_at: datetime | None
    reported_at: datetime | None


TURNAROUNDS = f"""
SELECT s.specimen, s.tube, s.place, got.taker, s.urgent, s.collected_at, got.at, ran.at,
       (SELECT min(r.reported_at)
        FROM (SELECT reported_at FROM specimens_result WHERE tube = s.tube OFFSET 0) r)
FROM specimens_specimen s {RECEIVED} {IMPORTED}
WHERE s.collected_at >= %s AND s.collected_at < %s
  AND (%s::text IS NULL OR s.place = %s) AND (%s::text IS NULL OR got.taker = %s)
ORDER BY s.collected_at, s.specimen LIMIT %s
"""


def turnarounds(
    since: datetime, until: datetime, *, place: str | None = None, laboratory: str | None = None,
    limit: int = 100_000,
) -> Sequence[Turnaround]:
    """Tubes collected in [since, until) with their four times, in order of collection."""
    with reading() as cursor:
        cursor.execute(TURNAROUNDS, (since, until, place, place, laboratory, laboratory, limit))
        return [Turnaround(*row) for row in cursor.fetchall()]
