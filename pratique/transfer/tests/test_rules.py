"""The safety rules by themselves, above all around 02:00, 05:00 and midnight."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pratique.transfer.rules import (
    PlaceSaid,
    driven_span,
    driving_minutes,
    is_clean,
    overlaps_night,
    standing_place,
)
from pratique.transfer.tests.said import at
from tests.support import fresh_id

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [ZoneInfo(name) for name in (
    "Asia/Shanghai", "UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland",
    "Australia/Lord_Howe")]


@pytest.mark.parametrize(("since", "until", "overlaps"), [
    (at(23, 30), at(26), False),  # ends at 02:00 sharp
    (at(23, 30), at(26, 1), True),
    (at(24, 10), at(26, 40), True),  # the bus of Guizhou: left 00:10, overturned 02:40
    (at(29), at(32), False),  # begins at 05:00 sharp
    (at(28, 59), at(32), True),
    (at(27), at(27, 10), True),  # inside
    (at(22), at(30), True),  # all round it
    (at(8), at(12), False),
    (at(22), at(25, 59), False),
])
def test_a_trip_that_touches_the_hours_from_two_to_five_is_seen(since, until, overlaps):
    assert overlaps_night(since, until, SHANGHAI) is overlaps


moments = st.integers(0, 365 * 24 * 60).map(
    lambda minutes: datetime(2022, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
around_the_edges = st.builds(
    lambda day, hour, minute: datetime(2022, 8, day, hour, tzinfo=SHANGHAI) + timedelta(
        minutes=minute),
    st.integers(2, 30), st.sampled_from([0, 2, 5]), st.integers(-3, 3))


def any_minute_is_night(since, until, zone):
    minute = since
    while minute < until:
        if 2 <= minute.astimezone(zone).hour < 5:
            return True
        minute += timedelta(minutes=1)
    return False


@given(st.one_of(around_the_edges, moments), st.integers(1, 600), st.sampled_from(ZONES))
def test_the_rule_of_the_night_agrees_with_looking_at_every_minute(since, minutes, zone):
    since = since.astimezone(UTC)
    local = since.astimezone(zone)
    if zone.utcoffset(local.replace(tzinfo=None)) != zone.utcoffset(
            (local + timedelta(days=1)).replace(tzinfo=None)):
        return  # a night in which the clocks change has its own 02:00
    until = since + timedelta(minutes=minutes)
    assert overlaps_night(since, until, zone) == any_minute_is_night(since, until, zone)


@given(around_the_edges, st.integers(1, 300), st.integers(0, 300), st.integers(0, 300))
def test_a_longer_trip_never_leaves_the_night(since, minutes, before, after):
    until = since + timedelta(minutes=minutes)
    if overlaps_night(since, until, SHANGHAI):
        assert overlaps_night(since - timedelta(minutes=before),
                              until + timedelta(minutes=after), SHANGHAI)


def test_four_hours_are_counted_through_short_breaks_and_not_through_a_rest():
    trips = [(at(6), at(7)), (at(7, 19), at(8))]
    assert driving_minutes(at(8, 10), at(10), trips) == 60 + 41 + 110
    assert driving_minutes(at(8, 20), at(10), trips) == 100, "twenty minutes are a rest"
    assert driving_minutes(at(4), at(5, 50), trips) == 110 + 60 + 41, "later trips count too"


def test_minutes_that_the_planner_names_count_where_they_are_more():
    assert driving_minutes(at(8), at(9), [], 200) == 260
    assert driving_minutes(at(8), at(9), [(at(6), at(7, 50))], 30) == 170


def test_a_trip_that_left_late_is_on_the_road_for_its_planned_length():
    assert driven_span(at(8), at(9), at(8, 30), None) == (at(8, 30), at(9, 30))
    assert driven_span(at(8), at(9), None, None) == (at(8), at(9))
    assert driven_span(at(8), at(9), at(8, 30), at(8, 20)) == (at(8, 30), at(8, 30))


def test_a_vehicle_is_clean_when_it_was_disinfected_after_its_last_trip():
    assert is_clean(False, None, None), "it never drove"
    assert is_clean(False, at(9), at(9, 30))
    assert not is_clean(False, at(9), at(8))
    assert not is_clean(False, at(9), None)
    assert not is_clean(True, at(9), at(9, 30)), "it is under way again"


def said(account, minute, fit=None, cancelled=None):
    return PlaceSaid(fresh_id(at(6, minute)), account, fit, at(6, minute),
                     at(6, cancelled) if cancelled is not None else None)


def test_the_latest_place_stands_whatever_order_it_was_heard_in():
    first, second = said("site-1", 1), said("site-2", 2)
    for heard in permutations([first, second, said("town", 0, fit=False)]):
        assert standing_place(heard) == second.fact


def test_not_fit_is_no_place_and_ends_the_accounts_own_earlier_one_only():
    home, bed = said("town", 1, fit=True), said("site-1", 2)
    assert standing_place([home, said("town", 3, fit=False)]) is None
    assert standing_place([home, bed, said("town", 3, fit=False)]) == bed.fact
    assert standing_place([said("town", 1, fit=False)]) is None


def test_a_place_taken_back_brings_no_earlier_one_back():
    assert standing_place([said("site-1", 1), said("site-2", 2, cancelled=3)]) is None
