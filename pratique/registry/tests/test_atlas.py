"""The tier of a stay: over all lists that bear on it, the worst; unknown where it may be worse."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from pratique.registry.atlas import Atlas, Listed
from pratique.registry.risk_lists import in_force, validity
from pratique.registry.risk_tiers import NONE_OF_THESE

from .test_risk_lists import lists

YANTA, YANHU, XING = "610113", "140802", "141123"
EVENING = datetime(2022, 8, 20, 16, tzinfo=UTC)
MORNING = datetime(2022, 8, 20, 14, tzinfo=UTC)  # before that day's list
WEEK = timedelta(days=7)


def atlas_of(*numbers: int) -> Atlas:
    """The map of some of the ten lists; a list's fact is its number."""
    some = [lists()[n] for n in numbers]
    places: dict[str, list[Listed]] = defaultdict(list)
    for valid in validity(some):
        places[valid.area.unit].append(Listed(valid.area, valid.valid_from, valid.valid_until))
    return Atlas((), [one.stamp_at for one in some], [UUID(int=n) for n in numbers], places)


def tier(atlas: Atlas, unit: str, answer: str | None, since=EVENING - WEEK, asked_at=EVENING):
    return atlas.grade(unit, answer, since, asked_at)[0]


def place_of(atlas: Atlas, unit: str, tier: str):
    return next(p.area for p in atlas.places[unit] if p.area.tier == tier and not p.area.is_rest)


def test_a_stay_is_graded_by_the_listed_place_or_the_rest_or_not_at_all():
    atlas = atlas_of(8)
    assert tier(atlas, YANTA, place_of(atlas, YANTA, "high").key) == "high"
    assert tier(atlas, YANTA, NONE_OF_THESE) == "low"  # the rest of the district
    assert tier(atlas, YANTA, f"{YANTA}/gone") == "low"
    assert tier(atlas, "310104", NONE_OF_THESE) == "none"  # a district without a rest
    assert tier(atlas, XING, None) == "none"
    assert atlas.grade(YANTA, NONE_OF_THESE, EVENING - WEEK, EVENING)[1] == (UUID(int=8),)


def test_who_could_not_say_is_unknown_unless_the_whole_county_is_one_tier():
    assert tier(atlas_of(8), YANTA, None) == "unknown"
    assert tier(atlas_of(0), "540322", None) == "low"  # 贡觉县全域, and no other line


@pytest.mark.parametrize("answer", [None, NONE_OF_THESE, f"{YANTA}/gone"])
def test_before_any_list_nothing_is_known(answer):
    assert tier(atlas_of(), YANTA, answer) == "unknown"


def test_a_place_that_was_lifted_during_the_stay_stays_in_its_history():
    atlas = atlas_of(*range(10))
    lifted = next(v for v in validity(lists()) if v.area.tier == "high" and v.valid_until
                  and v.area.key not in in_force(lists()[9].areas))
    at = datetime(2022, 8, 21, 14, tzinfo=UTC)
    unit, key = lifted.area.unit, lifted.area.key
    assert tier(atlas, unit, key, since=lifted.valid_from, asked_at=at) == "high"
    assert tier(atlas, unit, key, since=at, asked_at=at) != "high"


def test_a_place_that_is_listed_after_the_stay_counts_too():
    later = next(k for k, a in in_force(lists()[9].areas).items()
                 if a.tier == "high" and k not in in_force(lists()[8].areas))
    unit = later.partition("/")[0]
    assert tier(atlas_of(8), unit, later) != "high"
    assert tier(atlas_of(8, 9), unit, later) == "high"


def test_none_of_these_says_nothing_of_places_that_were_not_asked_about():
    assert tier(atlas_of(7), YANTA, NONE_OF_THESE, asked_at=MORNING) == "low"
    both = atlas_of(7, 8)
    assert tier(both, YANTA, NONE_OF_THESE, asked_at=MORNING) == "unknown"
    assert tier(both, YANTA, NONE_OF_THESE, asked_at=EVENING) == "low"


def test_the_places_to_tick_are_those_of_the_list_in_force():
    atlas = atlas_of(*range(10))
    assert atlas.unit_at(YANTA, datetime(2022, 8, 1, tzinfo=UTC)) is None
    assert [atlas.unit_at(YANHU, one.stamp_at) is None for one in lists()] == [True] * 9 + [False]
    before, after = (atlas.unit_at(YANTA, at) for at in (MORNING, EVENING))
    assert set(before.places) != set(after.places)
    assert set(after.places) == {
        k for k, a in in_force(lists()[8].areas).items() if a.unit == YANTA and not a.is_rest}
