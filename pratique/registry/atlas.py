"""The risk lists as a map in memory: the tier of a stay over all lists that bear on it.

A stay is graded by every list in force from its first day on: a place that was high when the
traveller was there stays high for this episode when it is taken off later, and a place that is
listed afterwards counts too. The worst known tier wins; where the answer leaves a worse one
possible, the tier is unknown (never the milder one). Before any list is known, nothing is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pratique.registry.risk_lists import HIGH, NONE, TIER_RANK, UNKNOWN, Area
from pratique.registry.risk_tiers import NONE_OF_THESE, UnitTiers, compile_list

GRADES_KEPT_MAX = 50_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A place while it was on the lists."""

    area: Area
    valid_from: datetime
    valid_until: datetime | None

    @property
    def rank(self) -> int:
        return TIER_RANK[self.area.tier]

    def in_force(self, stamp: datetime) -> bool:
        return self.valid_from <= stamp and (self.valid_until is None or stamp < self.valid_until)


@dataclass(slots=True)
class Atlas:
    """Every listed place by unit. lists: their facts, in the order of `stamps`, oldest first."""

    version: tuple
    stamps: Sequence[datetime]
    lists: Sequence[UUID]
    places: Mapping[str, list[Listed]]
    kept: dict[tuple, tuple[str, tuple[UUID, ...]]] = field(default_factory=dict)

    @property
    def stamp(self) -> datetime | None:
        """The newest list's."""
        return self.stamps[-1] if self.stamps else None

    def unit_at(self, unit: str, at: datetime) -> UnitTiers | None:
        """The unit in the list in force at `at`; None when that list does not name it."""
        number = bisect_right(self.stamps, at)
        if not number:
            return None
        stamp = self.stamps[number - 1]
        areas = [p.area for p in self.places.get(unit, ()) if p.in_force(stamp)]
        return compile_list(areas).get(unit)

    def grade(
        self, unit: str, answer: str | None, since: datetime, asked_at: datetime
    ) -> tuple[str, tuple[UUID, ...]]:
        """(tier, ids of the lists that gave it) of a stay in `unit` from `since` on.

        answer: the key of the place, NONE_OF_THESE (of those listed at `asked_at`), or None when
        the traveller could not say.
        """
        if not self.stamps:
            return UNKNOWN, ()
        places = self.places.get(unit)
        if not places:
            return NONE, ()
        first = bisect_right(self.stamps, since)
        asked = bisect_right(self.stamps, asked_at)
        key = (unit, answer, first, asked)
        grade = self.kept.get(key)
        if grade is None:
            if len(self.kept) >= GRADES_KEPT_MAX:
                self.kept.clear()
            grade = self.kept[key] = self._grade(places, answer, first, asked)
        return grade

    def _grade(
        self, places: list[Listed], answer: str | None, first: int, asked: int
    ) -> tuple[str, tuple[UUID, ...]]:
        # From the list in force on the stay's first day (first - 1) to the newest.
        begin = self.stamps[max(first - 1, 0)]
        shown_until = self.stamps[asked - 1] if asked else None
        bearing = [p for p in places if p.valid_until is None or p.valid_until > begin]
        if not bearing:
            return NONE, ()
        sure, possible = _tiers(bearing, answer, shown_until)
        worst = max(sure, key=lambda p: p.rank, default=None)
        tier = worst.area.tier if worst else NONE
        open_question = max((p.rank for p in possible), default=0)
        if tier != HIGH and open_question > TIER_RANK[tier]:
            return UNKNOWN, self._evidence(max(possible, key=lambda p: p.rank))
        return tier, self._evidence(worst)

    def _evidence(self, place: Listed | None) -> tuple[UUID, ...]:
        if place is None:
            return ()
        return (self.lists[bisect_right(self.stamps, place.valid_from) - 1],)


def _tiers(
    bearing: list[Listed], answer: str | None, shown_until: datetime | None
) -> tuple[list[Listed], list[Listed]]:
    """(places where the traveller surely was, places where the answer leaves it open)."""
    rest = [p for p in bearing if p.area.is_rest]
    named = [p for p in bearing if not p.area.is_rest]
    if answer is None:
        tiers = {p.area.tier for p in bearing} | (set() if rest else {NONE})
        return (bearing, []) if len(tiers) == 1 else (rest, named)
    if answer == NONE_OF_THESE:
        fresh = [p for p in named if shown_until is None or p.valid_from > shown_until]
        return rest, fresh
    here = [p for p in named if p.area.key == answer]
    return here or rest, []
