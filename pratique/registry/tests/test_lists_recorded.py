"""The ten real lists as facts: areas with their time, the work list, the tier of stays."""

from datetime import UTC, datetime, timedelta

import pytest

from pratique.kit.sql import in_transaction
from pratique.registry import stays
from pratique.registry.lists import list_body
from pratique.registry.risk_lists import in_force, validity
from pratique.registry.stays import StayQuestion, grade_stays

from .conftest import broken_laws
from .said import counting
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


def grade(*questions: StayQuestion, at: datetime = EVENING):
    with in_transaction() as cursor:
        return grade_stays(cursor, questions, at=at)


def stay(unit: str, answer: str | None, *, since=EVENING - WEEK, until=EVENING, asked_at=EVENING):
    return StayQuestion(unit, answer, since, until, asked_at)


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


def test_stays_are_graded_by_place_by_rest_or_not_at_all(epidemiologist):
    publish(epidemiologist, 8)
    yanta = stays.unit_at("610113", EVENING)
    high = next(a for a in yanta.places.values() if a.tier == "high")
    listed, rest, unsaid, home = grade(
        stay("610113", high.key), stay("610113", "none"), stay("610113", None),
        stay("141123", None))
    assert (listed.tier, listed.why, listed.text) == ("high", "listed_place", high.text)
    assert (rest.tier, rest.why) == ("low", "rest_of_unit")
    assert (unsaid.tier, unsaid.why) == ("unknown", "not_answered")
    assert (home.tier, home.why) == ("none", "unit_not_listed")
    assert {g.evidence for g in (listed, rest, unsaid, home)} == {stays.published_lists()[0][1]}


def test_without_any_list_nothing_is_known(county):
    assert grade(stay("610113", "none"))[0].why == "no_list"
    assert grade(stay("610113", "none"))[0].tier == "unknown"


def test_a_place_that_was_lifted_during_the_stay_stays_in_its_history(epidemiologist):
    publish(epidemiologist, *range(10))
    lifted = next(v for v in validity(lists()) if v.area.tier == "high" and v.valid_until
                  and v.area.key not in in_force(lists()[9].areas))
    at = datetime(2022, 8, 21, 14, tzinfo=UTC)
    before, after = grade(
        stay(lifted.area.unit, lifted.area.key, since=lifted.valid_from, asked_at=at),
        stay(lifted.area.unit, lifted.area.key, since=at, until=at, asked_at=at), at=at)
    assert before.tier == "high" and after.tier != "high"


def test_a_place_listed_after_the_question_is_still_to_be_asked_about(epidemiologist):
    publish(epidemiologist, 7)
    asked = datetime(2022, 8, 20, 14, tzinfo=UTC)
    told = stay("610113", "none", asked_at=asked)
    assert grade(told, at=asked)[0].not_asked == ()
    publish(epidemiologist, 8)
    later = grade(told, at=EVENING)[0]
    assert later.tier == "low" and later.not_asked
    assert grade(stay("610113", "none"), at=EVENING)[0].not_asked == ()


def test_the_whole_week_is_graded_in_four_statements(epidemiologist):
    publish(epidemiologist, 8)
    units = [a.unit for a in lists()[8].areas][:500]
    with counting() as cursor:
        grades = grade_stays(cursor, [stay(unit, "none") for unit in units], at=EVENING)
    assert (len(grades), cursor.statements) == (500, 4)


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
    assert grade(stay(zone, "none"))[0].why == "rest_of_unit"
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
