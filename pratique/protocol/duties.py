"""The duties that facts and a plan open, each with the fact that closed it.

All are listed at once, the future ones too. A key that is no longer listed has been overtaken by
facts (a voided specimen, a corrected stay): the reader withdraws the duty.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from pratique.protocol.answers import Trigger, landing_specimen, usable
from pratique.protocol.case import Case
from pratique.protocol.history import History, Reading, SpecimenRecord
from pratique.protocol.outcome import Decision, DutySpec
from pratique.protocol.pack import Pack

COLLECTED, RECEIVED, RESULTED, REPORTED = range(4)
# What still has to be done for a tube after its person has left the episode.
OUTLIVE_THE_EPISODE = ("receive", "result", "report")
NO_FACTS: tuple[UUID, ...] = ()


def mark(specimen: SpecimenRecord, step: int) -> UUID:
    """The fact of one of the specimen's four steps, as far as the evidence tells them apart."""
    evidence = specimen.evidence
    if not evidence:
        return specimen.specimen
    return evidence[step] if step < len(evidence) else evidence[-1]


def list_duties(case: Case) -> tuple[tuple[DutySpec, ...], datetime | None]:
    """All duties of a decided case, and from when a missed test is marked (None: never)."""
    found: list[DutySpec] = []
    row = case.plan.row.name
    if case.owes_landing_test():
        found.append(_swab(case.pack, case.history, case.landing, row))
    _orders(case, found, row)
    _places(case, found, row)
    _tests(case, found, row)
    open_tests = [
        duty.due_at for duty in found if duty.closed_at is None and duty.kind in ("test", "swab")
    ]
    if case.specimens:
        specimen_duties(case.pack, case.specimens, case.landing, found)
    if case.triggers:
        trigger_duties(case.pack, case.triggers, case.specimens, found)
    if case.times.rounds:
        _rounds(case, found, row)
    _release(case, found, row)
    duties = _ended(case.history, found) if case.history.ended_at is not None else tuple(found)
    return duties, min(open_tests, default=None)


def list_undecided_duties(
    pack: Pack, history: History, decision: Decision, held: Sequence[Trigger]
) -> tuple[DutySpec, ...]:
    """What is owed although the table cannot decide: to clarify, and what all rows agree on."""
    found: list[DutySpec] = []
    specimens = usable(history.specimens)
    landing = landing_specimen(specimens, None)
    if decision.landing_test:
        found.append(_swab(pack, history, landing, ""))
    kind = pack.duties["clarify"]
    at = history.arrived_at
    for name in decision.unknown_inputs:
        found.append(DutySpec(
            f"clarify:{name}", "clarify", kind.owner, at, at + kind.within, None, None,
            kind.chain, "", decision.facts))
    specimen_duties(pack, specimens, landing, found)
    trigger_duties(pack, held, specimens, found)
    return _ended(history, found) if history.ended_at is not None else tuple(found)


def _swab(
    pack: Pack, history: History, landing: SpecimenRecord | None, row: str
) -> DutySpec:
    kind = pack.duties["swab"]
    at = history.arrived_at
    by, closed = (None, None) if landing is None else (mark(landing, 0), landing.collected_at)
    return DutySpec(
        "swab:landing", "swab", kind.owner, at, at + kind.within, by, closed, kind.chain, row,
        NO_FACTS)


def _orders(case: Case, found: list[DutySpec], row: str) -> None:
    """Command owes an order where the row or a hold restricts and none was in force at once."""
    needed_at = case.history.arrived_at
    order, since, needed = case.order, case.since, case.plan.restrictive
    if case.hold is not None and case.hold_order is None:
        needed_at, order, needed = case.hold.at, None, True
    if not needed or (order is not None and since <= needed_at):
        return
    kind = case.pack.duties["order"]
    by, closed = (None, None) if order is None else (order.order, since)
    found.append(DutySpec(
        "order", "order", kind.owner, needed_at, needed_at + kind.within, by, closed, kind.chain,
        row, case.facts))


def _places(case: Case, found: list[DutySpec], row: str) -> None:
    """Transfer to where the measure is carried out, and the confirmation of a home."""
    plan, history = case.plan, case.history
    if not plan.stages:
        return
    at = history.arrived_at
    delivered = _delivered(case)
    if plan.transfer_duty and (delivered or case.hold is None):
        kind = case.pack.duties["transfer"]
        by = history.account_evidence if delivered else None
        found.append(DutySpec(
            "transfer", "transfer", kind.owner, at, at + kind.within, by,
            max(history.account_since, at) if delivered else None, kind.chain, row, case.facts))
    for index, stage in enumerate(plan.stages):
        if not stage.confirm_home:
            continue
        kind = case.pack.duties["accept_home"]
        due = at + kind.within
        if index:
            due = max(due, case.times.stage_ends[index - 1])
        known = history.home_confirmed is not None
        closed = history.home_confirmed_at or at if known else None
        found.append(DutySpec(
            "accept_home", "accept_home", kind.owner, due - kind.within, due,
            history.home_evidence, closed, kind.chain, row, case.facts))
        if history.home_confirmed is False and not delivered:
            kind = case.pack.duties["rehouse"]
            opens = closed or at
            found.append(DutySpec(
                "rehouse", "rehouse", kind.owner, opens, opens + kind.within, None, None,
                kind.chain, row, NO_FACTS))
        return


def _delivered(case: Case) -> bool:
    """Has the person reached a place of the measure (or already left it for the next one)?"""
    kind = case.history.account_kind
    if any(kind in stage.places for stage in case.plan.stages):
        return True
    done = case.completed[0]
    return len(case.plan.stages) > 1 and done is not None and case.history.account_since >= done


def _tests(case: Case, found: list[DutySpec], row: str) -> None:
    kind = case.pack.duties["test"]
    owner, chain = kind.owner, kind.chain
    for owed in case.tests:
        taken = owed.taken
        by, closed = (None, None) if taken is None else (mark(taken, 0), taken.collected_at)
        found.append(DutySpec(
            owed.test.key, "test", owner, owed.opens_at, owed.due_at, by, closed, chain, row,
            case.facts))


def specimen_duties(
    pack: Pack,
    specimens: Sequence[SpecimenRecord],
    landing: SpecimenRecord | None,
    found: list[DutySpec],
) -> None:
    """Each tube: received in time, resulted in time, a positive reported, an invalid redone."""
    receive, result = pack.duties["receive"], pack.duties["result"]
    for specimen in specimens:
        name = str(specimen.specimen)
        arrived = specimen.received_at or specimen.resulted_at
        owner = receive.owner
        if specimen is landing and owner == "account":
            owner = "arrived_account"
        found.append(DutySpec(
            f"receive:{name}", "receive", owner, specimen.collected_at,
            specimen.collected_at + receive.within, mark(specimen, RECEIVED) if arrived else None,
            arrived, receive.chain, "", specimen.evidence))
        opens = specimen.received_at or specimen.collected_at
        base = specimen.received_at or specimen.collected_at + receive.within
        done = specimen.resulted_at
        found.append(DutySpec(
            f"result:{name}", "result", result.owner, opens, base + result.within,
            mark(specimen, RESULTED) if done else None, done, result.chain, "",
            specimen.evidence))
        if specimen.result == "positive":
            found.append(_report(pack, specimen, name))
        elif specimen.result == "invalid":
            at = specimen.resulted_at or specimen.collected_at
            new = _first_after(specimens, at, specimen)
            found.append(_resample(pack, name, at, new, specimen.evidence))


def _report(pack: Pack, specimen: SpecimenRecord, name: str) -> DutySpec:
    kind = pack.duties["report"]
    at = specimen.resulted_at or specimen.collected_at
    done = specimen.reported_at
    return DutySpec(
        f"report:{name}", "report", kind.owner, at, at + kind.within,
        mark(specimen, REPORTED) if done else None, done, kind.chain, "", specimen.evidence)


def _resample(
    pack: Pack, name: str, at: datetime, new: SpecimenRecord | None, facts: tuple[UUID, ...]
) -> DutySpec:
    kind = pack.duties["resample"]
    by, closed = (None, None) if new is None else (mark(new, 0), new.collected_at)
    return DutySpec(
        f"resample:{name}", "resample", kind.owner, at, at + kind.within, by, closed, kind.chain,
        "", facts)


def _first_after(
    specimens: Sequence[SpecimenRecord], at: datetime, but: SpecimenRecord | None
) -> SpecimenRecord | None:
    return next((one for one in specimens if one.collected_at >= at and one is not but), None)


def trigger_duties(
    pack: Pack,
    held: Sequence[Trigger],
    specimens: Sequence[SpecimenRecord],
    found: list[DutySpec],
) -> None:
    """A hold: new specimens until enough are negative, and command resolves it."""
    kind = pack.duties["hold"]
    spacing = timedelta(hours=pack.hold.spacing_hours)
    for one in held:
        by = None
        if one.cleared_at is not None:
            by = mark(one.negatives[one.needed - 1], RESULTED)
        found.append(DutySpec(
            f"hold:{one.name}", "hold", kind.owner, one.at, one.at + kind.within, by,
            one.cleared_at, kind.chain, "", one.evidence))
        new = _first_after(specimens, one.at, None)
        found.append(_resample(pack, one.name, one.at, new, one.evidence))
        for number in range(1, one.needed):
            if len(one.negatives) < number:
                break
            opens = one.negatives[number - 1].collected_at + spacing
            before = one.negatives[number - 1]
            new = _first_after(specimens, opens, before)
            found.append(_resample(pack, f"{one.name}:{number + 1}", opens, new, one.evidence))


def _rounds(case: Case, found: list[DutySpec], row: str) -> None:
    """A reading closes the round of its time and every earlier one that is still open."""
    kind = case.pack.duties["round"]
    owner, chain, facts = kind.owner, kind.chain, case.facts
    readings: Sequence[Reading] = case.history.readings
    if len(readings) > 1:
        readings = sorted(readings, key=lambda reading: (reading.at, reading.evidence))
    rounds = case.times.rounds
    if case.cut:
        rounds = tuple([one for one in rounds if one.opens_at < case.ends_at])
    at, count = 0, len(readings)
    for key, opens, due in rounds:
        while at < count and readings[at].at < opens:
            at += 1
        by, closed = (None, None) if at == count else (readings[at].evidence, readings[at].at)
        found.append(DutySpec(key, "round", owner, opens, due, by, closed, chain, row, facts))


def _release(case: Case, found: list[DutySpec], row: str) -> None:
    """The move to the next stage, and the release, as soon as their moment is known."""
    stages, history = case.plan.stages, case.history
    for index in range(len(stages) - 1):
        opens = case.completed[index]
        if opens is None or case.times.stage_ends[index] <= history.arrived_at:
            continue
        if opens == case.completed[-1]:
            break
        kind = case.pack.duties["move"]
        moved = case.stage > index
        found.append(DutySpec(
            f"move:{stages[index + 1].measure}", "move", kind.owner, opens, opens + kind.within,
            history.account_evidence if moved else None,
            history.account_since if moved else None, kind.chain, row, NO_FACTS))
    due_at = case.completed[-1]
    if due_at is not None:
        kind = case.pack.duties["release"]
        found.append(DutySpec(
            "release", "release", kind.owner, due_at, due_at + kind.within, None, None,
            kind.chain, row, case.facts))


def _ended(history: History, found: Sequence[DutySpec]) -> tuple[DutySpec, ...]:
    """The end of the episode closes what was open and cancels what had not begun."""
    ended = history.ended_at
    assert ended is not None
    kept: list[DutySpec] = []
    for duty in found:
        if duty.closed_at is not None or duty.kind in OUTLIVE_THE_EPISODE:
            kept.append(duty)
        elif duty.opens_at <= ended:
            kept.append(msgspec.structs.replace(
                duty, closed_at=ended, closed_by=history.ended_evidence))
    return tuple(kept)
