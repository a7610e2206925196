"""The county's days, for a program that carries its own clock."""

from datetime import UTC, date, datetime, time, timedelta, timezone

LOCAL = timezone(timedelta(hours=8), "Asia/Shanghai")
BEGIN = datetime(2022, 8, 20, 6, 0, tzinfo=LOCAL).astimezone(UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def local(at: datetime) -> datetime:
    """`at` as the county's clocks show it."""
    return at.astimezone(LOCAL)


def local_day(at: datetime) -> date:
    return local(at).date()


def midnight(day: date) -> datetime:
    """When a local day begins, in UTC."""
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)


def clock(day: date, hour: int, minute: int = 0) -> datetime:
    """A local time of a local day, in UTC."""
    return datetime.combine(day, time(hour, minute), LOCAL).astimezone(UTC)


def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
