"""When somebody must be released, worked out on the back of an envelope: four measures, no pack.

The rules are those published in Shanxi on 20 August 2022. Days are local ones, the day of arrival
is day 0; N days end at the midnight that ends day N. Release is due when the days are over and
the landing test and the tests of the days are negative, whichever comes last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pratique.drill.moments import DAY, local_day, midnight

RELEASE_WITHIN = timedelta(minutes=60)
# measure: days, days on which a test is owed
DAYS: Mapping[str, tuple[int, tuple[int, ...]]] = {
    "central_isolation": (7, (1, 2, 3, 5, 7)),
    "home_isolation": (7, (1, 4, 7)),
    "home_health_monitoring": (3, (1, 2)),
    "self_monitoring": (3, ()),
}


def measure_of(tier: str, from_outside_province: bool) -> str:
    """The measure for somebody whose worst tier is known."""
    if tier == "none":
        return "self_monitoring" if from_outside_province else "none"
    return {"high": "central_isolation", "medium": "home_isolation",
            "low": "home_health_monitoring"}[tier]


@dataclass(slots=True)
class Way:
    """What a release hangs on. landing_at, tests: moments of negative results, None = not yet.

    holds: for each thing that held the person, when it was cleared (None: it still holds).
    """

    measure: str
    arrived_at: datetime
    landing_at: datetime | None = None
    tests: dict[int, datetime | None] = field(default_factory=dict)
    holds: Sequence[datetime | None] = ()


def release_due(way: Way) -> datetime | None:
    """The moment from which the person must be released; None while anything is missing."""
    if None in way.holds:
        return None
    if way.measure == "none":
        return way.arrived_at
    days, owed = DAYS[way.measure]
    moments = [midnight(local_day(way.arrived_at) + (days + 1) * DAY), way.landing_at,
               *(way.tests.get(day) for day in owed), *way.holds]
    known = [moment for moment in moments if moment is not None]
    return max(known) if len(known) == len(moments) else None


@dataclass(slots=True)
class Tally:
    """due: whose release was due so long ago that it must have been. early: before it was."""

    due: int = 0
    on_time: int = 0
    late: int = 0
    early: int = 0

    def add(self, due: datetime | None, released_at: datetime | None, end: datetime) -> None:
        """Count one person; `end`: until when the world was played."""
        if released_at is not None and (due is None or released_at < due):
            self.early += 1
            return
        if due is None:
            return
        if released_at is not None:
            self.due += 1
            if released_at <= due + RELEASE_WITHIN:
                self.on_time += 1
            else:
                self.late += 1
        elif due + RELEASE_WITHIN < end:
            self.due += 1
            self.late += 1
