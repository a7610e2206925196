"""The clock is passed in. Only doors ask a clock for the time; nothing below them does."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class DrivenClock:
    """A clock that stands still until it is told to move: drills and tests."""

    moment: datetime = field(default=datetime(2022, 8, 19, 22, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> datetime:
        self.moment += timedelta(**span)
        return self.moment
