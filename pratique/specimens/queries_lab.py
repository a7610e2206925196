"""What a laboratory reads: its inbox, what goes on the next plate, runs, and its work list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from pratique.kit.sql import reading
from pratique.specimens import rules
from pratique.specimens.queries import BAG, PAGE_ROWS_MAX, RECEIVED


@dataclass(frozen=True, slots=True)
class Waiting:
    """A tube in the laboratory's account that waits for a plate."""

    specimen: UUID
    tube: str
    purpose: str
    urgent: bool
    collected_at: datetime
    received_at: datetime
    holds_by: UUID
    bag: str | None


INBOX = f"""
SELECT s.specimen, s.tube, s.purpose, s.urgent, s.collected_at, h.since, h.entry, bag.bag
FROM custody_holding h JOIN specimens_specimen s ON s.specimen = h.subject {BAG}
WHERE h.account = %s AND h.kind = 'specimen' AND NOT EXISTS (
    SELECT FROM specimens_well w JOIN specimens_run n ON n.run = w.run AND n.controls = 'passed'
    LEFT JOIN specimens_confirmation c ON c.run = w.run
    WHERE w.tube = s.tube AND w.tube <> '' AND NOT coalesce(w.well = ANY(c.withheld), false))
ORDER BY NOT (s.urgent OR h.since < %s), s.collected_at, s.specimen LIMIT %s
"""


def inbox(laboratory: str, now: datetime, *, limit: int = PAGE_ROWS_MAX) -> list[Waiting]:
    """Tubes to be tested: urgent ones first, then the oldest.

    Ordinary tubes that have waited too long (`rules.ORDINARY_WAITS_MAX`) count among the urgent.
    Tubes of a run whose controls failed and of wells withheld are here again.
    """
    with reading() as cursor:
        cursor.execute(INBOX, (laboratory, rules.starving_since(now), limit))
        return [Waiting(*row) for row in cursor.fetchall()]


def plate_worklist(laboratory: str, now: datetime) -> list[tuple[str, Waiting]]:
    """(well, tube) of the next plate in the order of loading; the last wells are for controls."""
    wells = list(rules.plate_wells())
    return list(zip(wells, inbox(laboratory, now, limit=len(wells)), strict=False))


@dataclass(frozen=True, slots=True)
class Inbound:
    """A bag or box on offer to the laboratory, not yet accepted."""

    handover: UUID
    giver: str
    bag: str | None
    offered_at: datetime
    expires_at: datetime
    tubes: int
    urgent: int
    oldest_collected_at: datetime


def inbound(laboratory: str, *, limit: int = PAGE_ROWS_MAX) -> list[Inbound]:
    """What is coming: bags with urgent tubes first, then by the age of their oldest tube."""
    with reading() as cursor:
        cursor.execute(
            "SELECT o.id, o.giver, o.bag, o.offered_at, o.expires_at, count(*), "
            "count(*) FILTER (WHERE s.urgent), min(s.collected_at) FROM custody_holding h "
            "JOIN custody_handover o ON o.id = h.pending "
            "JOIN specimens_specimen s ON s.specimen = h.subject WHERE o.taker = %s "
            "GROUP BY o.id ORDER BY count(*) FILTER (WHERE s.urgent) = 0, min(s.collected_at), "
            "o.id LIMIT %s", (laboratory, limit))
        return [Inbound(*row) for row in cursor.fetchall()]


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Run:
    """A run and how far it is. state: a key of `rules.RUN_STATES`."""

    run: UUID
    laboratory: str
    plate: str
    instrument: str
    assay: str
    started_at: datetime | None
    finished_at: datetime
    imported_at: datetime
    imported_by: UUID
    failed_controls: list[str]
    confirmed_at: datetime | None
    confirmed_by: UUID | None
    withheld: list[str]
    samples: int
    positives: int
    inconclusives: int
    invalids: int
    state: str


RUNS = """
SELECT n.run, n.laboratory, n.plate, n.instrument, n.assay, n.started_at, n.finished_at,
       n.imported_at, n.imported_by, n.failed_controls, c.at, c.confirmed_by,
       coalesce(c.withheld, '{}'), w.samples, w.positives, w.inconclusives, w.invalids,
       CASE WHEN n.controls = 'failed' THEN 'controls_failed' WHEN c.run IS NULL
            THEN 'awaits_second_reader' ELSE 'confirmed' END AS state
FROM specimens_run n LEFT JOIN specimens_confirmation c ON c.run = n.run
JOIN LATERAL (
    SELECT count(*) FILTER (WHERE tube <> '') AS samples,
           count(*) FILTER (WHERE reading = 'positive') AS positives,
           count(*) FILTER (WHERE reading = 'inconclusive') AS inconclusives,
           count(*) FILTER (WHERE reading = 'invalid') AS invalids
    FROM specimens_well WHERE run = n.run
) w ON true
"""


def runs(
    laboratory: str | None = None, *, state: str | None = None, before: datetime | None = None,
    limit: int = PAGE_ROWS_MAX,
) -> list[Run]:
    """Runs, the last imported first; `state` as in `rules.RUN_STATES`; page on with `before`."""
    with reading() as cursor:
        cursor.execute(
            f"SELECT * FROM ({RUNS}) runs WHERE (%s::text IS NULL OR laboratory = %s) "
            "AND (%s::text IS NULL OR state = %s) "
            "AND (%s::timestamptz IS NULL OR imported_at < %s) "
            "ORDER BY imported_at DESC, run LIMIT %s",
            (laboratory, laboratory, state, state, before, before, limit))
        return [Run(*row) for row in cursor.fetchall()]


def awaiting_second_reader(laboratory: str | None = None) -> list[Run]:
    """Runs whose results nobody has confirmed yet: those with a positive first, then the oldest."""
    found = runs(laboratory, state="awaits_second_reader")
    return sorted(found, key=lambda r: (not (r.positives or r.inconclusives), r.imported_at, r.run))


@dataclass(frozen=True, slots=True)
class ReadWell:
    """A well of a run for the second reader's eyes. specimen None: nobody has told us of it."""

    well: str
    tube: str
    control: str
    targets: dict[str, float | None]
    reading: str
    specimen: UUID | None
    urgent: bool | None
    withheld: bool
    final: bool


def run_named(run: UUID) -> tuple[Run, list[ReadWell]] | None:
    """A run and its wells in the order of the plate."""
    with reading() as cursor:
        cursor.execute(f"{RUNS} WHERE n.run = %s", (run,))
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(
            "SELECT w.well, w.tube, w.control, w.targets, w.reading, s.specimen, s.urgent, "
            "coalesce(w.well = ANY(c.withheld), false), r.run IS NOT NULL FROM specimens_well w "
            "LEFT JOIN specimens_specimen s ON s.tube = w.tube "
            "LEFT JOIN specimens_confirmation c ON c.run = w.run "
            "LEFT JOIN specimens_result r ON r.tube = w.tube AND r.run = w.run "
            "WHERE w.run = %s ORDER BY w.well", (run,))
        wells = [ReadWell(well, tube, control, msgspec.json.decode(targets), *rest)
                 for well, tube, control, targets, *rest in cursor.fetchall()]
        return Run(*row), wells


# ── work list ────────────────────────────────────────────────────────────────────────────────────
WORK = f"""
SELECT w.tube, w.well, w.reading, n.run, n.plate, n.laboratory, n.imported_at, s.specimen,
       CASE WHEN s.specimen IS NULL THEN 'unknown' WHEN EXISTS (
                SELECT FROM specimens_ending x
                WHERE x.specimen = s.specimen AND x.how <> 'discarded') THEN 'voided'
            ELSE 'elsewhere' END,
       h.account
FROM specimens_run n JOIN specimens_well w ON w.run = n.run AND w.tube <> ''
LEFT JOIN specimens_specimen s ON s.tube = w.tube
LEFT JOIN custody_holding h ON h.subject = s.specimen
{RECEIVED.replace("s.specimen ORDER", "s.specimen AND e.taker = n.laboratory ORDER")}
WHERE n.controls = 'passed' AND (%s::text IS NULL OR n.laboratory = %s) AND (
    got.fact IS NULL OR EXISTS (SELECT FROM specimens_ending x WHERE x.specimen = s.specimen
                                AND x.how <> 'discarded' AND x.at <= n.imported_at))
ORDER BY w.reading NOT IN ('positive', 'inconclusive'), n.imported_at, w.tube LIMIT %s
"""


def unattached(
    laboratory: str | None = None, *, limit: int = PAGE_ROWS_MAX
) -> list[dict[str, Any]]:
    """Results whose tube is unknown, voided or elsewhere, as it stands now; grave ones first."""
    names = ("tube", "well", "reading", "run", "plate", "laboratory", "imported_at", "specimen",
             "why", "account")
    with reading() as cursor:
        cursor.execute(WORK, (laboratory, laboratory, limit))
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
