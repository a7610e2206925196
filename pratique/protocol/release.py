"""Release: computed from days and results (law 7 of the house), never ticked on a form."""

from __future__ import annotations

from datetime import datetime, timedelta

from pratique.protocol.answers import answer
from pratique.protocol.case import Case
from pratique.protocol.history import SpecimenRecord
from pratique.protocol.outcome import Release
from pratique.protocol.plan import Stage

HOUR = timedelta(hours=1)
Missing = list[tuple[str, str, str]]   # English, word key, value


def complete_at(case: Case) -> tuple[datetime | None, ...]:
    """For each stage the moment when its days are over and all its tests negative, else None.

    Where the order ends before the plan does, the last stage ends with it, tests or not: nobody
    is held without an order. Where there is no measure, it is the landing test alone.
    """
    if case.hold is not None or case.without_order():
        return (None,) * max(1, len(case.plan.stages))
    moments = [case.history.arrived_at]
    missing: Missing = []
    _landing(case, moments, missing)
    if not case.plan.stages:
        return (None if missing else max(moments),)
    completed: list[datetime | None] = []
    for index, stage in enumerate(case.plan.stages):
        end = case.times.stage_ends[index]
        if case.cut and case.ends_at <= end:
            completed += [case.ends_at] * (len(case.plan.stages) - index)
            break
        moments.append(end)
        _tests(case, index, moments, missing)
        _others(case, stage, moments, missing)
        completed.append(None if missing else max(moments))
    return tuple(completed)


def stage_now(case: Case) -> int:
    """The stage that the person is in: a next one begins with the hand-over to where it is done.

    Stages whose days were over before the arrival are credited.
    """
    stages = case.plan.stages
    index = 0
    while index + 1 < len(stages):
        done = case.completed[index]
        credited = case.times.stage_ends[index] <= case.history.arrived_at
        moved = (
            done is not None
            and case.history.account_kind in stages[index + 1].places
            and case.history.account_since >= done
        )
        if not (credited or moved):
            break
        index += 1
    return index


def release_of(case: Case, now: datetime) -> Release:
    """When release is due, whether it is allowed as of `now`, and what is missing."""
    if case.history.ended_at is not None:
        return Release(case.completed[-1], True, ())
    due_at = case.completed[-1]
    missing: Missing = []
    if case.without_order():
        missing.append(("order", "missing.order", ""))
    if case.hold is not None:
        kind = case.hold.kind
        missing.append((f"hold: {kind}", "missing.hold", f"hold.{kind}"))
    if due_at is None:
        moments: list[datetime] = []
        _landing(case, moments, missing)
        for index, stage in enumerate(case.plan.stages):
            _tests(case, index, moments, missing)
            _others(case, stage, moments, missing)
    end = case.ends_at if due_at is None else due_at
    if now < end:
        hours = f"{max((end - now) / HOUR, 0.1):.1f}"
        missing.append((f"{hours} h to go", "missing.hours", hours))
    names = tuple([name for name, _, _ in missing])
    why = tuple([(key, value) for _, key, value in missing])
    return Release(due_at, due_at is not None and not missing, names, why)


def _landing(case: Case, moments: list[datetime], missing: Missing) -> None:
    if case.owes_landing_test():
        _result(case, case.landing, ("landing", ".landing", ""), moments, missing)


def _tests(case: Case, stage: int, moments: list[datetime], missing: Missing) -> None:
    for owed in case.tests:
        if owed.test.stage == stage:
            day = owed.test.day
            name = (f"day {day}", "", day)
            if stage:
                name = (f"{case.plan.stages[stage].measure} day {day}", ".next", day)
            _result(case, owed.taken, name, moments, missing)


def _result(
    case: Case,
    taken: SpecimenRecord | None,
    test: tuple[str, str, str],
    moments: list[datetime],
    missing: Missing,
) -> None:
    """Add the moment of the negative result, or what stands between.

    `test` is its name in English, the ending of its word key, and the day in it.
    """
    name, ending, day = test
    if taken is None:
        missing.append((f"{name} test", f"missing.test{ending}", day))
        return
    stands = answer(taken, case.specimens)
    if stands.result == "negative":
        moments.append(stands.resulted_at or stands.collected_at)
    elif stands.result is None:
        missing.append((f"result of {name}", f"missing.result{ending}", day))
    else:
        missing.append((f"new test for {name}", f"missing.new_test{ending}", day))


def _others(case: Case, stage: Stage, moments: list[datetime], missing: Missing) -> None:
    """A contact of a contact waits for the first tests of the close contact."""
    if not stage.other_negatives:
        return
    others = case.history.others
    if others and all(other.negatives >= stage.other_negatives for other in others):
        moments.append(max(other.known_at for other in others))
        return
    count = str(stage.other_negatives)
    missing.append((f"{count} tests of the other person", "missing.other", count))
