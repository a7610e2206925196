"""The published lists as the drill knows them: what a gate shows, and where people truly were.

Written apart from the registry's and the pathway's own grading, so that the two check each other.
Only the reading of the published files is shared: it is input data.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pratique.registry.divisions import DATA, read_table
from pratique.registry.lists import list_body
from pratique.registry.risk_lists import parse_list

NONE = "none"
RANK = {NONE: 0, "low": 1, "medium": 2, "high": 3}
HOME_PROVINCE = "14"


@dataclass(slots=True)
class Published:
    """One evening's list. places: county -> key -> tier; rest: county -> tier of the rest."""

    stamp: datetime
    body: dict[str, Any]
    places: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    rest: dict[str, str] = field(default_factory=dict)

    def note(self, county: str, key: str, tier: str, is_rest: bool) -> None:
        """Where one list names a place twice, the worse tier counts."""
        if is_rest:
            self.rest[county] = worst([tier, self.rest.get(county, NONE)])
        else:
            here = self.places[county]
            here[key] = worst([tier, here.get(key, NONE)])

    def counties(self) -> set[str]:
        return {*self.places, *self.rest}


def worst(tiers: Sequence[str]) -> str:
    return max(tiers, key=RANK.__getitem__, default=NONE)


def read_lists(folder: Path = DATA / "risk_areas") -> list[Published]:
    """The shipped lists, oldest first."""
    found = []
    for file in sorted(folder.glob("*.json")):
        parsed = parse_list(file.read_bytes())
        one = Published(parsed.stamp_at, list_body(parsed, f"drill: {file.name}"))
        for area in parsed.areas:
            if area.division:
                one.note(area.division, area.key, area.tier, area.is_rest)
        found.append(one)
    return sorted(found, key=lambda one: one.stamp)


class Lists:
    """All lists, and what each evening knows."""

    def __init__(self, lists: list[Published] | None = None) -> None:
        self.all = lists if lists is not None else read_lists()
        listed = set().union(*(one.counties() for one in self.all))
        codes = [row["code"] for row in read_table(DATA / "divisions" / "areas.csv")]
        quiet = [c for c in codes if c not in listed and len(c) == 6]
        self.quiet_home = [c for c in quiet if c.startswith(HOME_PROVINCE) and c != "141123"]
        self.quiet_far = [c for c in quiet if not c.startswith(HOME_PROVINCE)]

    def at(self, moment: datetime) -> Published:
        """The list in force at `moment` (the first one before any was)."""
        known = [one for one in self.all if one.stamp <= moment]
        return known[-1] if known else self.all[0]

    def tier(self, county: str, area: str, since: datetime, now: datetime) -> str:
        """The worst tier of a stay over all lists from the one in force on its first day to `now`.

        area: the key of the place where the traveller truly was, or "none" of those ever listed.
        """
        first = self.at(since).stamp
        window = [one for one in self.all if first <= one.stamp <= now]
        named = [one.places[county][area] for one in window
                 if county in one.places and area in one.places[county]]
        if named:
            return worst(named)
        return worst([one.rest.get(county, NONE) for one in window])
