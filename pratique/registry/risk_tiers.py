"""The tier of a stay: pure look-ups in what one list says about one unit.

A stay names a unit and answers the question "were you at one of these?" with the key of a listed
place, with `NONE_OF_THESE`, or not at all. The rest of a county is a tier of its own and applies to
who was there and at none of the listed places. Who could not say gets `unknown`, never the milder
tier, unless the whole county is in one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pratique.registry.risk_lists import NONE, TIER_RANK, UNKNOWN, Area, in_force, name_key
from pratique.registry.risk_text import normalise_text

NONE_OF_THESE = "none"
ANSWER_LENGTH_MAX = 400


@dataclass(frozen=True, slots=True)
class UnitTiers:
    """All that one list says about one unit. `places` by key; `rest` where the list names it."""

    unit: str
    places: dict[str, Area]
    rest: Area | None

    @property
    def tiers(self) -> frozenset[str]:
        """Every tier that a stay here could have, the unlisted remainder's included."""
        listed = {area.tier for area in self.places.values()}
        return frozenset(listed | {self.rest.tier if self.rest else NONE})


@dataclass(frozen=True, slots=True)
class Grade:
    """A stay's tier, the area that gave it, and why: a machine code.

    unit_not_listed · listed_place · rest_of_unit · no_listed_place · whole_unit · not_answered
    """

    tier: str
    area: Area | None
    why: str


def compile_list(areas: Iterable[Area]) -> dict[str, UnitTiers]:
    """`{unit: UnitTiers}` for one moment's areas. Listed twice: the higher tier counts."""
    units: dict[str, UnitTiers] = {}
    for area in in_force(areas).values():
        have = units.get(area.unit) or UnitTiers(area.unit, {}, None)
        if area.is_rest:
            have = UnitTiers(area.unit, have.places, area)
        else:
            have.places[area.key] = area
        units[area.unit] = have
    return units


def tier_of(unit: UnitTiers | None, answer: str | None) -> Grade:
    """The tier of a stay in `unit` whose traveller gave `answer`.

    `unit`: the compiled list's entry, None when the list does not name it. `answer`: a place's
    key, `NONE_OF_THESE`, or None when the traveller could not say. A key that this list does not
    have (the place was listed at another time) counts as none of the listed places.
    """
    if unit is None:
        return Grade(NONE, None, "unit_not_listed")
    if answer is None:
        return _not_answered(unit)
    place = unit.places.get(answer)
    if place is not None:
        return Grade(place.tier, place, "listed_place")
    if unit.rest is not None:
        return Grade(unit.rest.tier, unit.rest, "rest_of_unit")
    return Grade(NONE, None, "no_listed_place")


def _not_answered(unit: UnitTiers) -> Grade:
    if len(unit.tiers) == 1:
        area = unit.rest or next(iter(unit.places.values()), None)
        return Grade(next(iter(unit.tiers)), area, "whole_unit")
    return Grade(UNKNOWN, None, "not_answered")


def places_not_asked(
    asked: UnitTiers | None, now: UnitTiers | None, answer: str | None
) -> list[Area]:
    """Places listed in `now` that the traveller was not shown when answering under `asked`.

    "None of these" was true of the places shown then. Each place that a later list adds is a
    question still to be put; the caller decides whether that makes the stay unknown. Empty when
    the answer is a place that is still listed. Highest tier first.
    """
    if now is None or (answer is not None and answer in now.places):
        return []
    shown = asked.places if asked is not None else {}
    fresh = [area for key, area in now.places.items() if key not in shown]
    return sorted(fresh, key=lambda area: (-TIER_RANK[area.tier], area.key))


def unit_of(province: str, city: str, county: str, division: str | None) -> str:
    """The unit that a stay names: its division, or the name key of a place without one."""
    return division or name_key(province, city, county)


def units_without_division(
    compiled: Mapping[str, UnitTiers], city_code: str
) -> list[tuple[str, str]]:
    """(unit, published name) of zones of one city that are no official division.

    Shown beside the city's counties: who lived in a development zone finds it by its own name.
    """
    found = {}
    for unit, tiers in compiled.items():
        area = tiers.rest or next(iter(tiers.places.values()))
        if area.is_unmatched and area.city_code == city_code:
            found[unit] = area.county
    return sorted(found.items())


def match_text(unit: UnitTiers, text: str, *, limit: int = 5) -> list[Area]:
    """Listed places that a free-text address may mean, the likeliest first; never a decision.

    Compares runs of two characters: an address that holds most of a place's runs is offered.
    """
    wanted = _pairs(normalise_text(text[:ANSWER_LENGTH_MAX]))
    scored = []
    for area in unit.places.values():
        pairs = _pairs(normalise_text(area.text))
        shared = len(pairs & wanted)
        if shared >= 2:
            scored.append((shared / min(len(pairs), len(wanted)), shared, area))
    scored.sort(key=lambda one: (-one[0], -one[1], one[2].key))
    return [area for _share, _shared, area in scored[:limit]]


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def list_in_force(stamps: Iterable[datetime], at: datetime) -> datetime | None:
    """The stamp of the last list published at or before `at`; None before the first."""
    return max((stamp for stamp in stamps if stamp <= at), default=None)
