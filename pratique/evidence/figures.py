"""A figure: a name, the value measured, the goal, and whether it is met."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """goal None: a figure that is shown and promises nothing."""

    name: str
    value: float
    goal: float | None = None
    sense: Literal["at least", "at most", "exactly"] = "at least"
    note: str = ""

    @property
    def ok(self) -> bool:
        match self.sense:
            case _ if self.goal is None:
                return True
            case "at least":
                return self.value >= self.goal
            case "at most":
                return self.value <= self.goal
        return self.value == self.goal

    def line(self) -> str:
        """`ok     name   value (goal: at least 0.35)`"""
        goal = f"goal: {self.sense} {_number(self.goal)}" if self.goal is not None else "no goal"
        verdict = "ok   " if self.ok else "short"
        note = f"   {self.note}" if self.note else ""
        return f"{verdict}  {self.name:58} {_number(self.value):>10}   ({goal}){note}"

    def row(self) -> dict:
        return {"name": self.name, "value": self.value, "goal": self.goal, "sense": self.sense,
                "ok": self.ok, "note": self.note}


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3g}"


def seconds(work: Callable[[], object]) -> float:
    """How long one call of `work` takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    """`median (smallest to largest) of n`, for a note."""
    return f"{min(values):.3g} to {max(values):.3g} in {len(values)} rounds"
