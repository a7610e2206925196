from datetime import timedelta

import pytest

from pratique.drill.calculator import Tally, Way, measure_of, release_due
from pratique.drill.moments import BEGIN, DAY, clock, local_day, midnight

TODAY = local_day(BEGIN)
NOON = clock(TODAY, 12)


def days_later(count):
    return midnight(TODAY + count * DAY)


@pytest.mark.parametrize(("tier", "outside", "measure"), [
    ("high", True, "central_isolation"), ("high", False, "central_isolation"),
    ("medium", True, "home_isolation"), ("low", False, "home_health_monitoring"),
    ("none", True, "self_monitoring"), ("none", False, "none"),
])
def test_the_published_table(tier, outside, measure):
    assert measure_of(tier, outside) == measure


@pytest.mark.parametrize(("measure", "tests", "days"), [
    ("central_isolation", (1, 2, 3, 5, 7), 8), ("home_isolation", (1, 4, 7), 8),
    ("home_health_monitoring", (1, 2), 4), ("self_monitoring", (), 4),
])
def test_days_end_at_the_midnight_after_the_last_one(measure, tests, days):
    way = Way(measure, BEGIN, NOON, {day: clock(TODAY + day * DAY, 15) for day in tests})
    assert release_due(way) == days_later(days)


def test_nobody_is_due_while_a_result_is_missing():
    assert release_due(Way("self_monitoring", BEGIN)) is None
    way = Way("home_isolation", BEGIN, NOON, {1: NOON, 4: None, 7: NOON})
    assert release_due(way) is None


def test_a_late_result_makes_release_due_when_it_comes():
    late = days_later(4) + timedelta(hours=3)
    assert release_due(Way("self_monitoring", BEGIN, late)) == late


def test_whoever_is_held_is_not_due_until_cleared():
    assert release_due(Way("self_monitoring", BEGIN, NOON, holds=[None])) is None
    cleared = days_later(5)
    assert release_due(Way("self_monitoring", BEGIN, NOON, holds=[cleared])) == cleared


def test_who_has_no_measure_is_due_at_once():
    assert release_due(Way("none", BEGIN)) == BEGIN


def test_the_tally_tells_on_time_late_and_early_apart():
    tally, due = Tally(), days_later(4)
    tally.add(due, due + timedelta(minutes=59), days_later(9))
    tally.add(due, due + timedelta(minutes=61), days_later(9))
    tally.add(due, None, days_later(9))
    tally.add(due, None, due + timedelta(minutes=30))
    tally.add(due, due - timedelta(seconds=1), days_later(9))
    tally.add(None, due, days_later(9))
    assert (tally.due, tally.on_time, tally.late, tally.early) == (3, 1, 2, 2)
