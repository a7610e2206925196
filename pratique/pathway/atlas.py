"""The risk lists as a map in memory: the tier of a stay over all lists that bear on it.

A stay is graded by every list in force from its first day on: a place that was high when the
traveller was there stays high for this episode when it is taken off later, and a place that is
listed afterwards counts too. The worst known tier wins; where the answer leaves a worse one
possible, the tier is unknown (never the milder one).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import psycopg

from pratique.kit.sql import one_row
from pratique.registry.risk_lists import HIGH, NONE, TIER_RANK, UNKNOWN
from pratique.registry.risk_tiers import NONE_OF_THESE

GRADES_KEPT_MAX = 50_000

VERSION = """
SELECT max(stamp), count(*),
       (SELECT md5(coalesce(string_agg(unit || ':' || coalesce(division, ''), ',' ORDER BY unit),
        '')) FROM registry_zone WHERE decided_by IS NOT NULL)
FROM registry_risklist
"""
LISTS = "SELECT stamp, fact FROM registry_risklist ORDER BY stamp"
AREAS = """
SELECT coalesce(z.division, a.unit), a.key, a.tier, a.rest, v.valid_from, v.valid_until
FROM registry_riskvalidity v JOIN registry_riskarea a USING (area)
LEFT JOIN registry_zone z ON z.unit = a.unit AND z.division IS NOT NULL
ORDER BY v.valid_from
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A place while it was on the lists."""

    key: str
    tier: str
    rest: bool
    valid_from: datetime
    valid_until: datetime | None


@dataclass(slots=True)
class Atlas:
    """Every listed place by unit. `stamp` is the newest list's."""

    version: tuple
    stamps: list[datetime]
    lists: list[UUID]
    places: dict[str, list[Listed]]
    kept: dict[tuple, tuple[str, tuple[UUID, ...]]] = field(default_factory=dict)

    @property
    def stamp(self) -> datetime | None:
        return self.stamps[-1] if self.stamps else None

    def grade(
        self, unit: str, answer: str | None, since: datetime, asked_at: datetime
    ) -> tuple[str, tuple[UUID, ...]]:
        """(tier, ids of the lists that gave it) of a stay in `unit` from `since` on.

        answer: the key of the place, NONE_OF_THESE (of those listed at `asked_at`), or None when
        the traveller could not say.
        """
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
        worst = max(sure, key=lambda p: TIER_RANK[p.tier], default=None)
        tier = worst.tier if worst else NONE
        open_question = max((TIER_RANK[p.tier] for p in possible), default=0)
        if tier != HIGH and open_question > TIER_RANK[tier]:
            return UNKNOWN, self._evidence(max(possible, key=lambda p: TIER_RANK[p.tier]))
        return tier, self._evidence(worst)

    def _evidence(self, place: Listed | None) -> tuple[UUID, ...]:
        if place is None:
            return ()
        return (self.lists[bisect_right(self.stamps, place.valid_from) - 1],)


def _tiers(
    bearing: list[Listed], answer: str | None, shown_until: datetime | None
) -> tuple[list[Listed], list[Listed]]:
    """(places where the traveller surely was, places where the answer leaves it open)."""
    rest = [p for p in bearing if p.rest]
    named = [p for p in bearing if not p.rest]
    if answer is None:
        tiers = {p.tier for p in bearing} | (set() if rest else {NONE})
        return (bearing, []) if len(tiers) == 1 else (rest, named)
    if answer == NONE_OF_THESE:
        fresh = [p for p in named if shown_until is None or p.valid_from > shown_until]
        return rest, fresh
    here = [p for p in named if p.key == answer]
    return here or rest, []


_atlas: Atlas | None = None


def atlas(cursor: psycopg.Cursor) -> Atlas:
    """The map as the database has it now; read again only when a list or a mapping changed."""
    global _atlas  # noqa: PLW0603 (a cache of one, keyed by its version)
    cursor.execute(VERSION)
    version = one_row(cursor)
    cursor.execute("SELECT current_schema()")
    version = (*version, *one_row(cursor))
    if _atlas is not None and _atlas.version == version:
        return _atlas
    cursor.execute(LISTS)
    lists = cursor.fetchall()
    places: dict[str, list[Listed]] = defaultdict(list)
    cursor.execute(AREAS)
    for unit, key, tier, rest, valid_from, valid_until in cursor.fetchall():
        places[unit].append(Listed(key, tier, rest, valid_from, valid_until))
    _atlas = Atlas(version, [s for s, __ in lists], [f for __, f in lists], dict(places))
    return _atlas
