"""What the desks read from the stations, under one roof."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pratique.checkpoint import queries as checkpoint
from pratique.desks import finding_words, queries
from pratique.desks.names import Names
from pratique.duties import queries as duties
from pratique.specimens import queries as specimens

HOUR = timedelta(hours=1)


def lanes_today(since: datetime, until: datetime) -> dict[str, int]:
    """Vehicles registered today, and what the lanes counted in whole hours that were counted."""
    hours = checkpoint.lane_differences(None, _hour(since), _hour(until) + HOUR)
    return {"registered": sum(hour.registered for hour in hours),
            "counted": sum(hour.counted or 0 for hour in hours)}


def lane_differences(now: datetime) -> list[checkpoint.LaneHour]:
    """Lane-hours of the last three days that differ, with no reason given yet; latest first."""
    hours = checkpoint.lane_differences(None, _hour(now) - 72 * HOUR, _hour(now) + HOUR)
    return [hour for hour in reversed(hours) if hour.difference and not hour.explained]


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def tubes_like(text: str) -> list[UUID]:
    """Specimens whose tube is labelled so."""
    found = specimens.by_tube(text.strip())
    return [found.specimen] if found else []


def findings_about(subject: UUID, names: Names) -> list[tuple[Any, str]]:
    """Findings about a subject, closed ones too, each with its sentence."""
    return [(found, finding_words.of(found, names.word))
            for found in duties.findings(subject=subject, open_only=False)]


def devices(only: Iterable[UUID]) -> dict[UUID, queries.DeviceRow]:
    return {row.device: row for row in queries.devices(only)}
