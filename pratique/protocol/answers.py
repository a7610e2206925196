"""Which specimen answers which owed test, and whether something holds the person in place.

Two laws live here. A test taken in the window of a day counts for that day; a later one fills the
first day that was missed. A positive or inconclusive result is only ever answered by specimens
that were collected after it was known (law 6 of the house).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from pratique.protocol.history import Reading, SpecimenRecord
from pratique.protocol.plan import DayTest
from pratique.protocol.spec import HOLD_KINDS, HoldSpec

ANSWERS_NOTHING = ("positive", "inconclusive", "invalid")
Specimens = Sequence[SpecimenRecord]


class OwedTest(NamedTuple):
    """One owed test with its window (spacing applied) and the specimen that was taken for it."""

    test: DayTest
    opens_at: datetime
    due_at: datetime
    taken: SpecimenRecord | None


class Trigger(NamedTuple):
    """What holds a person: its kind, since when, its id in duty keys, the specimens after it."""

    kind: str
    at: datetime
    name: str
    evidence: tuple[UUID, ...]
    needed: int
    negatives: tuple[SpecimenRecord, ...]
    cleared_at: datetime | None


def usable(specimens: Specimens) -> list[SpecimenRecord]:
    """The specimens that were not voided, in the order in which they were collected."""
    found = [specimen for specimen in specimens if not specimen.voided]
    if len(found) > 1:
        found.sort(key=_collected)
    return found


def _collected(specimen: SpecimenRecord) -> tuple[datetime, UUID]:
    return (specimen.collected_at, specimen.specimen)


def landing_specimen(specimens: Specimens, first_test: datetime | None) -> SpecimenRecord | None:
    """The first specimen taken for landing, else the first before any test day opens."""
    for specimen in specimens:
        if specimen.purpose == "landing":
            return specimen
    if specimens and (first_test is None or specimens[0].collected_at < first_test):
        return specimens[0]
    return None


def assign(
    tests: Sequence[DayTest],
    specimens: Specimens,
    landing: SpecimenRecord | None,
    arrived: datetime,
    spacing: timedelta,
    slack: timedelta,
) -> list[OwedTest]:
    """The owed tests in order, each with its window and the specimen taken for it, if any.

    With a spacing a test opens no earlier than that long after the one before (the landing test
    before the first), is due no earlier than `slack` after it opens, and a specimen taken sooner
    counts for nothing.
    """
    others = [specimen for specimen in specimens if specimen is not landing]
    before = arrived if landing is None else landing.collected_at
    if not spacing and not others:
        return [OwedTest(test, max(test.opens_at, arrived), test.due_at, None) for test in tests]
    taken: dict[int, SpecimenRecord] = {}
    last = before
    for specimen in others:
        if spacing and specimen.collected_at < last + spacing:
            continue
        opened = _windows(tests, taken, before, spacing)
        reached = [i for i, opens in enumerate(opened) if opens <= specimen.collected_at]
        free = [i for i in reached if i not in taken]
        if free:
            taken[free[-1] if free[-1] == reached[-1] else free[0]] = specimen
            last = specimen.collected_at
    opened = _windows(tests, taken, before, spacing)
    owed: list[OwedTest] = []
    for index, (test, opens) in enumerate(zip(tests, opened, strict=True)):
        due = max(test.due_at, opens + slack) if spacing else test.due_at
        owed.append(OwedTest(test, max(opens, arrived), due, taken.get(index)))
    return owed


def _windows(
    tests: Sequence[DayTest],
    taken: dict[int, SpecimenRecord],
    before: datetime,
    spacing: timedelta,
) -> list[datetime]:
    """When each test opens, given what has been taken; what was taken before arrival counts."""
    opened: list[datetime] = []
    for index, test in enumerate(tests):
        opens = max(test.opens_at, before + spacing) if spacing else test.opens_at
        opened.append(opens)
        before = max(before, taken[index].collected_at) if index in taken else opens
    return opened


def answer(taken: SpecimenRecord, specimens: Specimens) -> SpecimenRecord:
    """The specimen whose result stands for `taken`: itself, or the new one after a bad result."""
    while taken.result in ANSWERS_NOTHING:
        known = taken.resulted_at or taken.collected_at
        after = taken.collected_at
        new = (one for one in specimens if one.collected_at > after and one.collected_at >= known)
        later = next(new, None)
        if later is None:
            return taken
        taken = later
    return taken


def triggers(
    hold: HoldSpec, specimens: Specimens, readings: Sequence[Reading]
) -> list[Trigger]:
    """Everything that has held this person, in order of time; open where `cleared_at` is None.

    A voided specimen that was positive or inconclusive still asks for a new one, as an
    inconclusive does: voiding a tube is no way to a negative.
    """
    found: list[Trigger] = []
    for specimen in specimens:
        if specimen.result in ("positive", "inconclusive"):
            kind = "inconclusive" if specimen.voided else specimen.result
            at = specimen.resulted_at or specimen.collected_at
            name = str(specimen.specimen)
            found.append(_trigger(hold, kind, at, name, specimen.evidence, specimens))
    if hold.temperature_c or hold.symptoms:
        for reading in readings:
            if is_symptomatic(hold, reading):
                name = str(reading.evidence)
                evidence = (reading.evidence,)
                found.append(_trigger(hold, "symptoms", reading.at, name, evidence, specimens))
    found.sort(key=lambda trigger: (trigger.at, trigger.name))
    return found


def holding(found: Sequence[Trigger]) -> Trigger | None:
    """The open trigger that the standing names: the gravest kind, and of that the first."""
    still = [trigger for trigger in found if trigger.cleared_at is None]
    return min(still, key=lambda one: (HOLD_KINDS.index(one.kind), one.at, one.name), default=None)


def is_symptomatic(hold: HoldSpec, reading: Reading) -> bool:
    """Does this reading reach the pack's temperature or name one of its symptoms?"""
    temperature = reading.temperature_c
    if hold.temperature_c and temperature is not None and temperature >= hold.temperature_c:
        return True
    return any(symptom in hold.symptoms for symptom in reading.symptoms)


def _trigger(
    hold: HoldSpec,
    kind: str,
    at: datetime,
    name: str,
    evidence: tuple[UUID, ...],
    specimens: Specimens,
) -> Trigger:
    needed = hold.negatives[kind]
    spacing = timedelta(hours=hold.spacing_hours)
    negatives: list[SpecimenRecord] = []
    for specimen in usable(specimens):
        if specimen.result != "negative" or specimen.collected_at < at:
            continue
        if negatives and specimen.collected_at < negatives[-1].collected_at + spacing:
            continue
        negatives.append(specimen)
    cleared_at: datetime | None = None
    if needed and len(negatives) >= needed:
        counted = negatives[:needed]
        cleared_at = max(one.resulted_at or one.collected_at for one in counted)
    return Trigger(kind, at, name, evidence, needed, tuple(negatives), cleared_at)
