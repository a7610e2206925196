"""Moments and spans as people read them, in the county's zone."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

DAY = timedelta(days=1)


@lru_cache
def zone() -> ZoneInfo:
    return ZoneInfo(settings.COUNTY_ZONE)


def local(moment: datetime) -> datetime:
    return moment.astimezone(zone())


def is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def clock(moment: datetime) -> str:
    return f"{local(moment):%H:%M}"


def day(moment: datetime | date) -> str:
    """20 Aug / 8月20日"""
    here = local(moment) if isinstance(moment, datetime) else moment
    return date_format(here, "n月j日" if is_chinese() else "j M")


def moment(value: datetime) -> str:
    """20 Aug 18:42 / 8月20日 18:42"""
    return f"{day(value)} {clock(value)}"


def long_moment(value: datetime) -> str:
    """Saturday 27 August 18:00 / 8月27日 星期六 18:00"""
    here = local(value)
    return date_format(here, "n月j日 l H:i" if is_chinese() else "l j F H:i")


def span(length: timedelta) -> str:
    """The two largest parts of a span: 2 days 4 h, 3 h 10 min, 12 min, 40 s."""
    seconds = int(abs(length.total_seconds()))
    if seconds < 60:
        return _("%(count)s s") % {"count": seconds}
    minutes = seconds // 60
    if minutes < 60:
        return _("%(count)s min") % {"count": minutes}
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        whole = _("%(count)s h") % {"count": hours}
        return whole + (" " + _("%(count)s min") % {"count": rest} if rest else "")
    days, rest = divmod(hours, 24)
    whole = ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    return whole + (" " + _("%(count)s h") % {"count": rest} if rest else "")


def until(value: datetime, now: datetime) -> str:
    """Saturday 27 August 18:00 (in 2 days 4 h)"""
    ago = value < now
    sentence = _("%(moment)s (%(span)s ago)") if ago else _("%(moment)s (in %(span)s)")
    return sentence % {"moment": long_moment(value), "span": span(value - now)}


def day_start(now: datetime) -> datetime:
    """The midnight before `now` in the county, in UTC."""
    return datetime.combine(local(now).date(), time(), zone()).astimezone(UTC)


def at_local(day_said: date, hour: time) -> datetime:
    """A day and a time of day as said in the county, in UTC."""
    return datetime.combine(day_said, hour, zone()).astimezone(UTC)


def offset(now: datetime) -> str:
    """The county's zone as a reader anywhere understands it: UTC+8."""
    hours = (local(now).utcoffset() or timedelta()) / timedelta(hours=1)
    return f"UTC{hours:+g}"


def shift(now: datetime) -> str:
    return _("day shift") if 8 <= local(now).hour < 20 else _("night shift")


def county() -> str:
    """The county of this installation in the reader's language."""
    return {"xing": _("Xing County")}.get(settings.COUNTY, settings.COUNTY)
