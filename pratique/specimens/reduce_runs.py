"""Runs: imported, confirmed by a second reader; and results, which find their tube by themselves.

A result is kept by the tube's label. It becomes final when all has come, in whatever order: the
run, the second reader's word, the tube's collection, and the laboratory's taking over of the tube.
`settle` is called whenever one of them comes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID, uuid5

import msgspec
from django.utils.translation import gettext_lazy as _

from pratique.custody import ledger
from pratique.custody.reduce import known_accounts, not_your_account, unknown_account
from pratique.journal.context import Context, NewFinding
from pratique.journal.fact import Disputed, Fact, Parked, Quarantined, Verdict
from pratique.journal.kinds import reduces
from pratique.journal.record import after_reduction
from pratique.journal.store import close_findings
from pratique.kit.arrays import documents, moments, texts, uuids
from pratique.specimens import rules
from pratique.specimens.facts import tube_subject

_BIRTHS = "specimens.births"
FAILED, WITHHELD = "run_controls_failed", "wells_withheld"
_json = msgspec.json.Encoder(order="sorted")

# ── import ───────────────────────────────────────────────────────────────────────────────────────
KNOWN_RUNS = """
SELECT run, file_sha256 FROM specimens_run WHERE run = ANY(%b)
UNION SELECT run, file_sha256 FROM specimens_run
WHERE file_sha256 <> '' AND file_sha256 = ANY(%b)
"""
ADD_RUNS = """
INSERT INTO specimens_run (run, laboratory, plate, instrument, assay, started_at, finished_at,
                           imported_at, imported_by, controls, failed_controls, file_sha256, fact)
SELECT run, laboratory, plate, instrument, assay, started_at, finished_at, imported_at,
       imported_by, controls, ARRAY(SELECT jsonb_array_elements_text(failed::jsonb)), sha, fact
FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[], %b::timestamptz[],
            %b::timestamptz[], %b::timestamptz[], %b::uuid[], %b::text[], %b::text[], %b::text[],
            %b::uuid[])
     u(run, laboratory, plate, instrument, assay, started_at, finished_at, imported_at,
       imported_by, controls, failed, sha, fact)
"""
ADD_WELLS = """
INSERT INTO specimens_well (run, well, tube, control, targets, reading)
SELECT run, well, tube, control, targets::jsonb, reading
FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[])
     u(run, well, tube, control, targets, reading)
"""


@reduces("specimens.run_imported")
def import_runs(facts: list[Fact], context: Context) -> list[Verdict]:
    """Every well is kept and read by the assay's cut-offs; nothing is final yet."""
    accounts = known_accounts(context)
    context.cursor.execute(KNOWN_RUNS, (
        uuids(f.body.run for f in facts), texts(f.body.file_sha256 for f in facts)))
    rows = context.cursor.fetchall()
    runs = {run for run, __ in rows}
    files = {sha: run for run, sha in rows if sha}
    verdicts: list[Verdict] = []
    for fact in facts:
        verdict = _check_import(fact, accounts, runs, files)
        if verdict is None and fact.body.file_sha256:
            files[fact.body.file_sha256] = fact.body.run
        verdicts.append(verdict)
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if good:
        _write_imports(context, good)
    return verdicts


def not_a_laboratory(code: str) -> Quarantined:
    return Quarantined("not_a_laboratory", _("“%(account)s” is no laboratory."),
                       "specimens.laboratory", {"account": code})


def _check_laboratory(fact: Fact, accounts: dict[str, str]) -> Quarantined | None:
    laboratory = fact.body.laboratory
    if laboratory not in accounts:
        return unknown_account(laboratory)
    if accounts[laboratory] != "laboratory":
        return not_a_laboratory(laboratory)
    if fact.place is not None and fact.place != laboratory:
        return not_your_account(fact, laboratory)
    return None


def _check_import(
    fact: Fact, accounts: dict[str, str], runs: set[UUID], files: dict[str, UUID]
) -> Verdict:
    body = fact.body
    refused = _check_laboratory(fact, accounts) or rules.check_run(body)
    if refused:
        return refused
    if fact.by is None:
        return Quarantined("reader_missing", _("A run must name the person who imported it."),
                           "specimens.second_reader")
    if body.run in runs:
        return Disputed("run_exists", _("This run has been imported already."),
                        "specimens.run_once", {"plate": body.plate})
    if body.file_sha256 and body.file_sha256 in files:
        return Disputed("file_imported", _("This file has been imported already, as run %(run)s."),
                        "specimens.run_once",
                        {"run": str(files[body.file_sha256]), "plate": body.plate})
    return None


def _write_imports(context: Context, facts: Sequence[Fact]) -> None:
    bodies = [f.body for f in facts]
    failed = [rules.failed_controls(rules.ASSAYS[b.assay], b.wells) for b in bodies]
    context.cursor.execute(ADD_RUNS, (
        uuids(b.run for b in bodies), texts(b.laboratory for b in bodies),
        texts(b.plate for b in bodies), texts(b.instrument for b in bodies),
        texts(b.assay for b in bodies), moments(b.started_at for b in bodies),
        moments(b.finished_at for b in bodies), moments(f.at for f in facts),
        uuids(f.by for f in facts), texts("failed" if why else "passed" for why in failed),
        documents(_json.encode(why) for why in failed), texts(b.file_sha256 for b in bodies),
        uuids(f.id for f in facts)))
    wells = [(b, w) for b in bodies for w in b.wells]
    context.cursor.execute(ADD_WELLS, (
        uuids(b.run for b, __ in wells), texts(rules.well_name(w.well) for __, w in wells),
        texts(w.tube for __, w in wells), texts(w.control for __, w in wells),
        documents(_json.encode(w.targets) for __, w in wells),
        texts(rules.read_well(rules.ASSAYS[b.assay], w.targets) if w.tube else ""
              for b, w in wells)))
    for fact, why in zip(facts, failed, strict=True):
        body = fact.body
        if why:
            context.find(fact, FAILED, "specimens.controls",
                         {"plate": body.plate, "controls": ", ".join(why)},
                         subject=body.run, owner=body.laboratory)
        for odd in rules.oddities(body, rules.ASSAYS[body.assay]):
            context.find(fact, f"run_{odd}", "specimens.plausible", {"plate": body.plate},
                         subject=body.run, owner=body.laboratory)
    context.happened(b.run for b in bodies)
    settle(context, {w.tube: f.id for f in facts for w in f.body.wells if w.tube})
    close_repeats(context, {w.tube: f.id for f, why in zip(facts, failed, strict=True) if why
                            for w in f.body.wells if w.tube})


# ── second reader ────────────────────────────────────────────────────────────────────────────────
RUNS = """
SELECT n.run, n.laboratory, n.plate, n.imported_by, n.controls, n.failed_controls, c.confirmed_by,
       c.at, (SELECT array_agg(w.well) FROM specimens_well w WHERE w.run = n.run),
       (SELECT array_agg(w.well) FROM specimens_well w WHERE w.run = n.run AND w.tube <> ''),
       (SELECT array_agg(w.tube) FROM specimens_well w WHERE w.run = n.run AND w.tube <> '')
FROM specimens_run n LEFT JOIN specimens_confirmation c ON c.run = n.run
WHERE n.run = ANY(%b)
"""
CONFIRM = """
INSERT INTO specimens_confirmation (run, imported_by, controls, confirmed_by, withheld, at, fact)
SELECT run, imported_by, 'passed', confirmed_by,
       ARRAY(SELECT jsonb_array_elements_text(withheld::jsonb)), at, fact
FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::text[], %b::timestamptz[], %b::uuid[])
     u(run, imported_by, confirmed_by, withheld, at, fact)
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """A run as it stands before the second reader's word."""

    laboratory: str
    plate: str
    imported_by: UUID
    controls: str
    failed_controls: list[str]
    confirmed_by: UUID | None
    confirmed_at: datetime | None
    wells: list[str]
    wells_of_tubes: list[str] | None
    tubes: list[str] | None


@reduces("specimens.run_confirmed")
def confirm_runs(facts: list[Fact], context: Context) -> list[Verdict]:
    """The second reader's word makes the results of a run final, but for the wells withheld."""
    accounts = known_accounts(context)
    context.cursor.execute(RUNS, (uuids(f.body.run for f in facts),))
    runs = {row[0]: Imported(*row[1:]) for row in context.cursor.fetchall()}
    verdicts = [_check_confirmation(f, accounts, runs.get(f.body.run)) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    context.cursor.execute(CONFIRM, (
        uuids(f.body.run for f in good), uuids(runs[f.body.run].imported_by for f in good),
        uuids(f.by for f in good),
        documents(_json.encode(sorted(_wells(f))) for f in good), moments(f.at for f in good),
        uuids(f.id for f in good)))
    settle(context, {t: f.id for f in good for t in runs[f.body.run].tubes or ()})
    _find_withheld(context, good, runs)
    return verdicts


def _find_withheld(context: Context, facts: Sequence[Fact], runs: dict[UUID, Imported]) -> None:
    """The laboratory owes another run of the tubes whose wells the second reader held back."""
    held_back = [(f, run, sorted(_wells(f) & set(run.wells_of_tubes or ())))
                 for f in facts if (run := runs[f.body.run])]
    again = [(f, run, wells) for f, run, wells in held_back if wells]
    for fact, run, wells in again:
        context.find(fact, WITHHELD, "specimens.run_again",
                     {"plate": run.plate, "wells": ", ".join(wells), "count": len(wells)},
                     subject=fact.body.run, owner=run.laboratory)
    close_repeats(context, {t: f.id for f, run, __ in again for t in run.tubes or ()})


def _wells(fact: Fact) -> set[str]:
    """The wells withheld, by their plain names; a name of no well stays as it was said."""
    return {rules.well_name(w) or w for w in fact.body.withheld}


def _check_confirmation(fact: Fact, accounts: dict[str, str], run: Imported | None) -> Verdict:
    refused = _check_laboratory(fact, accounts)
    if refused:
        return refused
    if run is None:
        return Parked(on=fact.body.run)
    if run.laboratory != fact.body.laboratory:
        return Quarantined("not_your_run", _("That run belongs to “%(laboratory)s”."),
                           "specimens.laboratory", {"laboratory": run.laboratory})
    refused = rules.check_reader(fact.by, run.imported_by)
    if refused:
        return refused
    if run.controls != "passed":
        return Quarantined(
            "controls_failed", _("The controls of this run failed (%(controls)s): it yields no "
            "result."), "specimens.controls", {"controls": ", ".join(run.failed_controls)})
    if run.confirmed_at is not None:
        return Disputed(
            "already_confirmed", _("This run was confirmed at %(at)s by %(by)s. Nothing was "
            "changed."), "specimens.run_once",
            {"at": f"{run.confirmed_at:%Y-%m-%d %H:%M:%SZ}", "by": str(run.confirmed_by)})
    strangers = _wells(fact) - set(run.wells)
    if strangers:
        return Quarantined("well_unknown", _("“%(well)s” is no well of this run."),
                           "specimens.run_whole", {"well": min(strangers)[:10]})
    return None


# ── results ──────────────────────────────────────────────────────────────────────────────────────
SPECIMENS_OF_TUBES = "SELECT specimen FROM specimens_specimen WHERE tube = ANY(%b)"
READINGS = """
SELECT w.tube, w.run, w.well, w.reading, n.fact, n.laboratory, n.plate, n.imported_at, c.at,
       c.fact, coalesce(w.well = ANY(c.withheld), false), s.specimen, coalesce(p.root, s.person),
       EXISTS (SELECT FROM custody_entry e
               WHERE e.subject = s.specimen AND e.taker = n.laboratory),
       EXISTS (SELECT FROM specimens_ending x
               WHERE x.specimen = s.specimen AND x.how <> 'discarded'),
       r.result
FROM specimens_well w
JOIN specimens_run n ON n.run = w.run AND n.controls = 'passed'
LEFT JOIN specimens_confirmation c ON c.run = w.run
LEFT JOIN specimens_specimen s ON s.tube = w.tube
LEFT JOIN registry_person p ON p.person = s.person
LEFT JOIN specimens_result r ON r.tube = w.tube AND r.run = w.run
WHERE w.tube = ANY(%b) AND w.tube <> ''
ORDER BY c.at, w.run
"""
ADD_RESULTS = """
INSERT INTO specimens_result (tube, run, well, result, resulted_at, resulted_fact, reported_at,
                              reported_fact, recorded_at)
SELECT tube, run, well, result, resulted_at, resulted_fact, reported_at, reported_fact, %s
FROM unnest(%b::text[], %b::uuid[], %b::text[], %b::text[], %b::timestamptz[], %b::uuid[],
            %b::timestamptz[], %b::uuid[])
     u(tube, run, well, result, resulted_at, resulted_fact, reported_at, reported_fact)
"""


class Reading(NamedTuple):
    """What one run says of one tube, and all that must come together for it to be a result."""

    tube: str
    run: UUID
    well: str
    reading: str
    import_fact: UUID
    laboratory: str
    plate: str
    imported_at: datetime
    confirmed_at: datetime | None
    confirm_fact: UUID | None
    withheld: bool
    specimen: UUID | None
    person: UUID | None
    taken_over: bool
    voided: bool
    result: str | None

    @property
    def ready(self) -> bool:
        return (self.confirmed_at is not None and not self.withheld and self.taken_over
                and self.result is None)


def settle(context: Context, causes: Mapping[str, UUID], settles: str | None = None) -> None:
    """Make the results of these tubes final where all has come; findings where it has not.

    causes: the fact, by tube, for which it is looked at. settles: a finding of that code is
    closed by the cause where it no longer holds. The statements' number is fixed.
    """
    if not causes:
        return
    # Whoever collects one of these tubes, or hands it over, waits for this or is seen by it.
    context.locks(tube_subject(tube) for tube in causes)
    tubes = texts(causes)
    context.cursor.execute(SPECIMENS_OF_TUBES, (tubes,))
    context.locks(row[0] for row in context.cursor.fetchall())
    context.cursor.execute(READINGS, (tubes,))
    by_tube: dict[str, list[Reading]] = {}
    for row in context.cursor.fetchall():
        reading = Reading(*row)
        by_tube.setdefault(reading.tube, []).append(reading)
    final = [r for readings in by_tube.values() for r in _final(context, readings)]
    if final:
        context.cursor.execute(ADD_RESULTS, (
            context.now, texts(r.tube for r in final), uuids(r.run for r in final),
            texts(r.well for r in final), texts(r.reading for r in final),
            moments(r.imported_at for r in final), uuids(r.import_fact for r in final),
            moments(r.confirmed_at for r in final), uuids(r.confirm_fact for r in final)))
        close_repeats(context, {r.tube: causes[r.tube] for r in final})
    every = [r for readings in by_tube.values() for r in readings]
    still = _open_findings(context, every)
    if settles:
        gone = {_finding_id(r.import_fact, settles, r.tube): causes[r.tube] for r in every}
        close_findings(context, [(finding, cast(Fact, _Cause(cause)), "tube_has_come")
                                 for finding, cause in gone.items() if finding not in still])
    context.touch(r.person for r in every if r.person is not None
                  and (r.confirmed_at is not None or r.reading in rules.LASTING))
    context.happened(r.specimen for r in every if r.specimen is not None)


def _final(context: Context, readings: Sequence[Reading]) -> list[Reading]:
    """Which of one tube's readings become final now (law 6)."""
    ready = [r for r in readings if r.ready]
    had = [r.result for r in readings if r.result] + [r.reading for r in ready]
    if not any(result in rules.LASTING for result in had):
        return ready
    for reading in ready:
        if reading.reading == "negative":
            assert reading.confirm_fact is not None
            _find(context, reading.confirm_fact, "negative_after_positive", "specimens.law_6",
                  reading)
    return [r for r in ready if r.reading != "negative"]


def _open_findings(context: Context, readings: Sequence[Reading]) -> set[UUID]:
    """Findings on readings whose tube is not where it should be; their ids."""
    found = set()
    for reading in readings:
        if reading.specimen is None:
            code = "result_for_unknown_tube"
        elif reading.voided:
            code = "result_for_voided_tube"
        elif not reading.taken_over:
            code = "result_for_tube_elsewhere"
        else:
            continue
        found.add(_find(context, reading.import_fact, code, "specimens.results_by_tube", reading))
    return found


def _find(context: Context, fact: UUID, code: str, rule: str, reading: Reading) -> UUID:
    """A finding on the laboratory's work list; the same one, however often it is found."""
    params: dict[str, Any] = {
        "tube": reading.tube, "plate": reading.plate, "well": reading.well,
        "run": str(reading.run), "result": reading.reading}
    finding = _finding_id(fact, code, reading.tube)
    context.findings.append(NewFinding(
        finding, fact, code, rule, params, reading.specimen or tube_subject(reading.tube),
        reading.laboratory))
    return finding


def _finding_id(fact: UUID, code: str, tube: str) -> UUID:
    return uuid5(fact, f"{code}:{tube}")


@dataclass(frozen=True, slots=True)
class _Cause:
    """The fact that closes a finding: of it only the id is asked."""

    id: UUID


# ── tubes to be run again ────────────────────────────────────────────────────────────────────────
# Runs of these tubes that gave no result of them (controls failed, well withheld), and of which no
# such tube waits any more: it has a result by another run, or is voided or lost.
REPEATED = """
WITH empty AS (
    SELECT w.run, w.tube, n.fact AS imported, c.fact AS confirmed, n.controls
    FROM specimens_well asked
    JOIN specimens_run n ON n.run = asked.run
    LEFT JOIN specimens_confirmation c ON c.run = asked.run
    JOIN specimens_well w ON w.run = asked.run AND w.tube <> ''
     AND (n.controls = 'failed' OR w.well = ANY(c.withheld))
    WHERE asked.tube = ANY(%b) AND asked.tube <> ''
      AND (n.controls = 'failed' OR asked.well = ANY(c.withheld))
)
SELECT e.run, e.imported, e.confirmed, e.controls, array_agg(e.tube ORDER BY e.tube) FROM empty e
GROUP BY e.run, e.imported, e.confirmed, e.controls
HAVING bool_and(
    EXISTS (SELECT FROM specimens_result r WHERE r.tube = e.tube)
    OR EXISTS (SELECT FROM specimens_specimen s JOIN specimens_ending x
               ON x.specimen = s.specimen AND x.how <> 'discarded' WHERE s.tube = e.tube))
"""


def close_repeats(context: Context, causes: Mapping[str, UUID]) -> None:
    """Close the findings of runs whose empty tubes have all got a result, or have gone.

    causes: the fact, by tube, for which it is looked at. One statement, two where one closes.
    """
    if not causes:
        return
    context.cursor.execute(REPEATED, (texts(causes),))
    closed = []
    for run, imported, confirmed, controls, tubes in context.cursor.fetchall():
        finding = (uuid5(imported, f"{FAILED}:{run}") if controls == "failed"
                   else uuid5(confirmed, f"{WITHHELD}:{run}"))
        cause = next(causes[tube] for tube in tubes if tube in causes)
        closed.append((finding, cast(Fact, _Cause(cause)), "run_again"))
    close_findings(context, closed)


# ── tubes that changed hands ─────────────────────────────────────────────────────────────────────
MOVED = """
SELECT s.tube, coalesce(p.root, s.person), e.fact, a.kind = 'laboratory' AND EXISTS (
    SELECT FROM specimens_well w WHERE w.tube = s.tube AND w.tube <> '')
FROM unnest(%b::uuid[]) u(specimen)
JOIN specimens_specimen s ON s.specimen = u.specimen
JOIN custody_entry e ON e.subject = s.specimen AND e.recorded_at = %s
JOIN custody_account a ON a.code = e.taker
LEFT JOIN registry_person p ON p.person = s.person
"""


def remember_births(context: Context, births: Mapping[UUID, UUID]) -> None:
    """Tubes collected in this batch, by the fact: where none moved on, nothing is looked up."""
    context.cache.setdefault(_BIRTHS, {}).update(births)


@after_reduction
def follow_moves(context: Context) -> None:
    """Custody moved tubes in this batch: their persons are looked at again, because who holds a
    tube owes its next step; and a laboratory that takes over a tube may get a waiting result."""
    holdings = ledger.moved_in_batch(context)
    births = context.cache.get(_BIRTHS, {})
    if holdings is None:  # part of the batch was rolled back, so look at all that it is about
        moved = set(context.locked)
    else:
        moved = {s for s, h in holdings.items()
                 if h is not None and h.kind == "specimen" and births.get(s) != h.entry}
    if not moved:
        return
    context.cursor.execute(MOVED, (uuids(moved), context.now))
    rows = context.cursor.fetchall()
    context.touch(person for __, person, __, __ in rows)
    settle(context, {tube: fact for tube, __, fact, waits in rows if waits},
           settles="result_for_tube_elsewhere")
