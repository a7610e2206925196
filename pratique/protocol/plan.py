"""What one row of the table means in time: stages, test days, rounds; computed once per day.

A plan is compiled when the pack is loaded. Its `times` for an anchor are kept by the local date
of the anchor and of the arrival, for thousands of people share them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pratique.protocol.schedule import DAY, day_of, day_start, local_date, local_moment
from pratique.protocol.table import Row

TIMES_KEPT_MAX = 2_000


class DayTest(NamedTuple):
    """One owed test: duty key, its day as words use it, window in UTC, index of its stage."""

    key: str
    day: str
    opens_at: datetime
    due_at: datetime
    stage: int


class Round(NamedTuple):
    """One owed round of temperature and symptoms: duty key and window in UTC."""

    key: str
    opens_at: datetime
    due_at: datetime


class Times(NamedTuple):
    """The calendar of a plan for one anchor: end of each stage, tests, rounds."""

    stage_ends: tuple[datetime, ...]
    tests: tuple[DayTest, ...]
    rounds: tuple[Round, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """One measure as it is carried out: `first_day` to `last_day` of the plan's day numbers."""

    measure: str
    colour: str
    restrictive: bool
    places: tuple[str, ...]
    first_day: int
    last_day: int
    test_days: tuple[int, ...]
    rounds: tuple[str, ...]
    confirm_home: bool
    other_negatives: int


@dataclass(frozen=True, slots=True)
class RoundWindow:
    """When a round is made, in local time; `due` before `opens` would be the next day."""

    name: str
    opens: time
    due: time


@dataclass(slots=True)
class Plan:
    """A row with its stages. `anchor` None means that the row asks for no measure at all."""

    row: Row
    zone: ZoneInfo
    landing_test: bool
    transfer: str
    transfer_duty: bool
    stages: tuple[Stage, ...]
    anchor: str
    anchor_tiers: tuple[str, ...]
    anchor_day: int
    count: str
    spacing: timedelta
    slack: timedelta
    windows: dict[str, RoundWindow]
    reason: str
    restrictive: bool = False
    params: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    kept: dict[tuple[object, object], Times] = field(default_factory=dict)

    def times(self, anchor: datetime, arrived: datetime) -> Times:
        """The calendar for this anchor; what lies wholly before the arrival is not owed."""
        key: tuple[object, object]
        if self.count == "local_days":
            arrived_day = local_date(arrived, self.zone)
            anchor_day = arrived_day if anchor is arrived else local_date(anchor, self.zone)
            key = (anchor_day, arrived_day)
        else:
            key = (anchor, arrived)
        times = self.kept.get(key)
        if times is None:
            if len(self.kept) >= TIMES_KEPT_MAX:
                self.kept.clear()
            times = self.kept[key] = self._times(anchor, arrived)
        return times

    def _start(self, anchor: datetime, number: int) -> datetime:
        return day_start(anchor, number, self.anchor_day, self.count, self.zone)

    def _times(self, anchor: datetime, arrived: datetime) -> Times:
        ends = tuple(self._start(anchor, stage.last_day + 1) for stage in self.stages)
        tests = tuple(
            test
            for index, stage in enumerate(self.stages)
            for test in self._tests(anchor, arrived, index, stage)
        )
        rounds = tuple(
            one for stage in self.stages for one in self._rounds(anchor, arrived, stage)
        )
        return Times(ends, tests, rounds)

    def _tests(
        self, anchor: datetime, arrived: datetime, index: int, stage: Stage
    ) -> list[DayTest]:
        found: list[DayTest] = []
        prefix = f"test:{stage.measure}:" if index else "test:"
        for number in stage.test_days:
            opens = self._start(anchor, stage.first_day + number - 1)
            due = self._start(anchor, stage.first_day + number)
            if due > arrived:
                found.append(DayTest(f"{prefix}{number}", str(number), opens, due, index))
        return found

    def _rounds(self, anchor: datetime, arrived: datetime, stage: Stage) -> list[Round]:
        if not stage.rounds:
            return []
        first = self._start(anchor, stage.first_day)
        end = self._start(anchor, stage.last_day + 1)
        day = max(local_date(first, self.zone), local_date(arrived, self.zone) + DAY)
        found: list[Round] = []
        while local_moment(day, time(), self.zone) < end:
            for name in stage.rounds:
                window = self.windows[name]
                opens = local_moment(day, window.opens, self.zone)
                if first <= opens < end:
                    due = local_moment(day, window.due, self.zone)
                    found.append(Round(f"round:{day.isoformat()}:{name}", opens, due))
            day += DAY
        return found

    def day_number(self, anchor: datetime, at: datetime) -> int:
        """The number of the day of this plan in which a moment lies."""
        return day_of(anchor, at, self.anchor_day, self.count, self.zone)
