"""Schedule arithmetic: local days or exact hours, anchors, ends, test days and rounds.

A pack says for each measure from which anchor it counts, which number the anchor's day has and
whether it counts whole local days or hours from the anchor. All results are in UTC.

Local days: day n is the n-th local calendar day, the anchor's own being `anchor_day` (0 or 1);
a measure of N days ends at the end of day N, which is midnight. Exact hours: day n is the n-th
24 hours after the anchor (so the anchor begins day 1); N days end exactly N x 24 h after it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pratique.protocol.history import History

ANCHORS = ("arrival", "last_exposure", "first_exposure", "leaving_area")
COUNTS = ("local_days", "exact_hours")
DAY = timedelta(days=1)


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """The calendar day that a moment belongs to in the zone."""
    return at.astimezone(zone).date()


@lru_cache(maxsize=4096)
def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment in UTC at which a local day begins.

    Where clocks jump over midnight the day begins with the jump: no moment belongs to two days.
    """
    return local_moment(day, time(), zone)


@lru_cache(maxsize=16384)
def local_moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment in UTC when local clocks show this; the first one if they show it twice."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def day_start(
    anchor: datetime, number: int, anchor_day: int, count: str, zone: ZoneInfo
) -> datetime:
    """The moment in UTC at which day `number` begins, counted from the anchor."""
    if count == "exact_hours":
        return anchor + (number - 1) * DAY
    return midnight(local_date(anchor, zone) + (number - anchor_day) * DAY, zone)


def day_of(anchor: datetime, at: datetime, anchor_day: int, count: str, zone: ZoneInfo) -> int:
    """The number of the day in which a moment lies, counted from the anchor."""
    if count == "exact_hours":
        return (at - anchor) // DAY + 1
    return (local_date(at, zone) - local_date(anchor, zone)).days + anchor_day


def anchor_moment(name: str, history: History, tiers: tuple[str, ...]) -> datetime | None:
    """The moment from which a measure counts, or None if the history does not tell it.

    `leaving_area` is the end of the last stay whose tier is one of `tiers`.
    """
    if name == "arrival":
        return history.arrived_at
    if name == "leaving_area":
        return max((stay.until for stay in history.stays if stay.tier in tiers), default=None)
    if name == "last_exposure":
        return max((exposure.last_at for exposure in history.exposures), default=None)
    if name == "first_exposure":
        return min((exposure.first_at for exposure in history.exposures), default=None)
    raise ValueError(f"no such anchor: {name}")
