"""The ten real lists as facts: areas with their time, the work list, the tier of stays."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from pratique.kit.sql import in_transaction, reading
from pratique.registry import stays
from pratique.registry.lists import list_body
from pratique.registry.risk_lists import validity
from tests.support import statements_seen

from .conftest import broken_laws
from .test_risk_lists import lists

pytestmark = pytest.mark.django_db
EVENING = datetime(2022, 8, 20, 16, tzinfo=UTC)
WEEK = timedelta(days=7)


def publish(epidemiologist, *numbers: int):
    """Say the lists in the order given; the statuses of their receipts."""
    return [
        epidemiologist.say("registry.risk_list_published", **list_body(lists()[n], "nhc")).status
        for n in numbers
    ]


def tier(unit: str, answer: str | None) -> str:
    """Of a stay in the week before the evening of 20 August, asked about that evening."""
    with reading() as cursor:
        return stays.atlas(cursor).grade(unit, answer, EVENING - WEEK, EVENING)[0]


def ranges():
    """Every area's range as recorded: {(key, tier, from, until)}."""
    with in_transaction() as cursor:
        cursor.execute("SELECT a.key, a.tier, v.valid_from, v.valid_until "
                       "FROM registry_riskvalidity v JOIN registry_riskarea a USING (area)")
        return set(cursor.fetchall())


def expected(some):
    return {(v.area.key, v.area.tier, v.valid_from, v.valid_until) for v in validity(some)}


def test_the_real_list_of_20_august_is_recorded_with_its_own_totals(epidemiologist):
    assert publish(epidemiologist, 8) == ["applied"]
    (stamp, _fact, source, published, counted) = stays.published_lists()[0]
    assert published == counted == {"high": 1204, "medium": 897, "low": 180}
    assert (stamp, source) == (datetime(2022, 8, 20, 15, tzinfo=UTC), "nhc")
    # Three places are named in two tiers; there the higher one is in force.
    assert stays.totals_at(EVENING) == {"high": 1204, "medium": 894, "low": 180}


def test_the_work_list_of_20_august_has_28_rows_of_ten_zones(epidemiologist):
    publish(epidemiologist, 8)
    zones = stays.zones(only_open=True)
    assert (len(zones), sum(z.rows for z in zones), sum(z.areas for z in zones)) == (10, 28, 159)


def test_ten_lists_in_order_leave_each_area_in_force_until_a_list_without_it(epidemiologist):
    assert set(publish(epidemiologist, *range(10))) == {"applied"}
    assert ranges() == expected(lists())
    assert broken_laws() == []


@pytest.mark.parametrize(
    "order", [(9, 8, 7, 6, 5, 4, 3, 2, 1, 0), (5, 0, 9, 2, 7, 4, 1, 8, 3, 6), (4, 9, 0, 7, 2)])
def test_lists_heard_in_any_order_leave_the_same_ranges(epidemiologist, order):
    publish(epidemiologist, *order)
    assert ranges() == expected([lists()[n] for n in order])
    assert broken_laws() == []


def test_a_list_that_is_sent_again_changes_nothing_and_another_under_its_stamp_is_disputed(
    epidemiologist,
):
    assert publish(epidemiologist, 3, 3) == ["applied", "applied"]
    body = list_body(lists()[3], "nhc")
    body["rows"] = body["rows"][:-1]
    receipt = epidemiologist.say("registry.risk_list_published", **body)
    assert (receipt.status, receipt.code) == ("disputed", "list_exists")
    assert ranges() == expected([lists()[3]])


def test_totals_that_disagree_become_a_finding(epidemiologist):
    body = list_body(lists()[3], "nhc")
    body["counts"] = body["counts"] | {"high": 700}
    assert epidemiologist.say("registry.risk_list_published", **body).status == "applied"
    with in_transaction() as cursor:
        cursor.execute("SELECT params::text FROM journal_finding WHERE code = 'risk_list_totals'")
        assert "high: 700 / 705" in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda body: body.update(rows=[]), "risk_list_shape"),
        (lambda body: body["rows"][0].update(division="999999"), "unknown_division"),
        (lambda body: body["rows"][0]["places"][0].update(key="x"), "place_key"),
        (lambda body: body["rows"][0].update(tier="purple"), "malformed"),
        (lambda body: body.update(stamp="2022-08-20T23:00:00"), "risk_list_shape"),
    ],
)
def test_a_list_that_cannot_be_is_kept_aside(epidemiologist, change, code):
    body = list_body(lists()[3], "nhc")
    change(body)
    receipt = epidemiologist.say("registry.risk_list_published", **body)
    assert (receipt.status, receipt.code) == ("quarantined", code)


def test_every_real_list_fits_into_one_fact():
    import msgspec

    from pratique.journal.reading import FACT_BYTES_MAX

    sizes = [len(msgspec.json.encode(list_body(one, "nhc"))) for one in lists()]
    assert max(sizes) < FACT_BYTES_MAX


def test_the_map_is_read_once_for_each_list_and_asked_in_memory(epidemiologist):
    publish(epidemiologist, 7)
    with statements_seen() as seen, reading() as cursor:
        before = stays.atlas(cursor)
        assert stays.atlas(cursor) is before
    assert len(seen) == 4
    publish(epidemiologist, 8)
    units = {a.unit for a in lists()[8].areas}
    with statements_seen() as seen, reading() as cursor:
        atlas = stays.atlas(cursor)
        tiers = {atlas.grade(u, "none", EVENING - WEEK, EVENING)[0] for u in units}
        assert tiers == {"low", "none"}
    assert (atlas is before, len(seen)) == (False, 3)


def test_the_same_lists_of_another_county_are_another_map(epidemiologist):
    maps = []
    for __ in range(2):
        with transaction.atomic():
            publish(epidemiologist, 8)
            with reading() as cursor:
                maps.append(stays.atlas(cursor))
            transaction.set_rollback(True)
    assert maps[0].stamps == maps[1].stamps
    assert maps[0].lists != maps[1].lists


def test_a_zone_that_a_person_maps_is_found_under_its_division_too(epidemiologist):
    publish(epidemiologist, 8)
    zone = "name:陕西省|西安市|曲江新区"
    before = stays.unit_at("610113", EVENING)
    receipt = epidemiologist.say("registry.area_mapped", place=zone, division="610113",
                                 reason="曲江新区在雁塔区境内")
    assert receipt.status == "applied"
    after = stays.unit_at("610113", EVENING)
    own = stays.unit_at(zone, EVENING)
    assert set(after.places) == set(before.places) | set(own.places) | {own.rest.key}
    assert after.rest == before.rest
    assert zone not in [z.unit for z in stays.zones(only_open=True)]
    assert tier(zone, "none") == own.rest.tier
    assert tier("610113", own.rest.key) == own.rest.tier
    assert tier("610113", "none") == before.rest.tier
    assert broken_laws() == []


def test_a_mapping_that_is_heard_before_its_list_waits_for_it(epidemiologist):
    early = epidemiologist.say("registry.area_mapped", place="name:陕西省|西安市|曲江新区",
                               division="610113", reason="known")
    assert early.status == "parked"
    publish(epidemiologist, 8)
    assert stays.zones()[0].first_stamp and len(stays.zones(only_open=True)) == 9


def test_zones_are_offered_beside_the_counties_of_their_city(epidemiologist):
    publish(epidemiologist, 8)
    names = [name for _unit, name in stays.zones_of_city("西安市")]
    assert names == ["曲江新区", "航天基地", "高新区"]


def test_free_text_proposes_listed_places(epidemiologist):
    publish(epidemiologist, 8)
    place = next(a for a in stays.unit_at("610113", EVENING).places.values() if "小区" in a.text)
    assert stays.places_like("610113", EVENING, "西安市雁塔区" + place.text)[0].key == place.key
