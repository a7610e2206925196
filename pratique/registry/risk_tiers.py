"""What one list says about one unit: its listed places, and the rest of it as a tier of its own.

A stay names a unit and answers the question "were you at one of these?" with the key of a listed
place, with `NONE_OF_THESE`, or not at all; `atlas` grades it over all lists.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pratique.registry.risk_lists import Area, in_force
from pratique.registry.risk_text import normalise_text

NONE_OF_THESE = "none"
ANSWER_LENGTH_MAX = 400


@dataclass(frozen=True, slots=True)
class UnitTiers:
    """All that one list says about one unit. `places` by key; `rest` where the list names it."""

    unit: str
    places: dict[str, Area]
    rest: Area | None


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
