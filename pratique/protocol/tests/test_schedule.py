"""Local days and exact hours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from pratique.protocol.schedule import DAY, day_of, day_start, local_date, midnight

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = st.sampled_from([
    SHANGHAI, ZoneInfo("America/New_York"), ZoneInfo("Africa/Cairo"), ZoneInfo("Asia/Beirut"),
    ZoneInfo("Pacific/Apia"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Sao_Paulo"),
])
MOMENTS = st.integers(0, 18 * 366 * 24 * 60).map(
    lambda minutes: datetime(2009, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


def test_seven_days_from_an_arrival_in_the_morning_end_at_the_eighth_midnight():
    arrived = datetime(2022, 8, 20, 2, tzinfo=UTC)   # 10:00 in Shanxi
    ends = day_start(arrived, 8, 0, "local_days", SHANGHAI)
    assert ends.astimezone(SHANGHAI).isoformat() == "2022-08-28T00:00:00+08:00"


def test_the_anchor_may_be_day_one():
    arrived = datetime(2022, 8, 20, 2, tzinfo=UTC)
    ends = day_start(arrived, 8, 1, "local_days", SHANGHAI)
    assert ends.astimezone(SHANGHAI).isoformat() == "2022-08-27T00:00:00+08:00"


def test_seven_days_to_the_hour_as_in_2009():
    anchor = datetime(2009, 4, 30, 6, tzinfo=SHANGHAI)
    assert day_start(anchor, 8, 1, "exact_hours", SHANGHAI) == datetime(
        2009, 5, 7, 6, tzinfo=SHANGHAI)


def test_an_arrival_after_midnight_in_utc_belongs_to_the_local_day():
    assert local_date(datetime(2022, 8, 20, 16, tzinfo=UTC), SHANGHAI) == date(2022, 8, 21)


@given(ZONES, st.dates(date(2009, 1, 1), date(2026, 12, 1)))
def test_every_local_day_begins_once_and_later_than_the_one_before(zone, day):
    assert midnight(day, zone) < midnight(day + 2 * DAY, zone)
    assert midnight(day, zone) <= midnight(day + DAY, zone)
    if str(zone) != "Pacific/Apia":   # Samoa left out 30 December 2011 altogether
        assert local_date(midnight(day, zone), zone) == day


@given(ZONES, MOMENTS, MOMENTS, st.sampled_from([0, 1]))
def test_a_moment_lies_in_the_day_whose_number_it_gets(zone, anchor, at, anchor_day):
    number = day_of(anchor, at, anchor_day, "local_days", zone)
    assert day_start(anchor, number, anchor_day, "local_days", zone) <= at
    assert at < day_start(anchor, number + 1, anchor_day, "local_days", zone)


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_exact_hours_count_whole_days_after_the_anchor(anchor, later):
    number = day_of(anchor, anchor + later, 1, "exact_hours", SHANGHAI)
    assert day_start(anchor, number, 1, "exact_hours", SHANGHAI) <= anchor + later
    assert anchor + later < day_start(anchor, number + 1, 1, "exact_hours", SHANGHAI)
