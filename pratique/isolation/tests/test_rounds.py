"""Rounds and visits: what was measured is kept whoever it was of; what is wrong is found."""

from datetime import date
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pratique.isolation import queries
from pratique.isolation.rules import Beds, has_signs, read_day, slot_window
from pratique.isolation.tests.said import arrive, at, done, findings, give, go
from pratique.journal.prove import check
from tests.support import fresh_id

DAY = date(2022, 8, 20)


def degrees(person):
    return [(r.temperature_c, list(r.symptoms)) for r in queries.readings([person]).get(person, [])]


def test_a_round_reads_everybody_in_it(site):
    people = arrive("site-1", 3)
    assert done(site, dict.fromkeys(people, 36.6)).status == "applied"
    assert {p: degrees(p) for p in people} == dict.fromkeys(people, [(36.6, [])])
    assert findings() == []


def test_morning_and_evening_are_two_readings_by_time(site):
    (person,) = arrive("site-1")
    done(site, {person: 36.9}, slot="evening", at=at(17))
    done(site, {person: 36.4}, at=at(7))
    assert degrees(person) == [(36.4, []), (36.9, [])]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_three_readings_of_one_round_the_latest_made_counts(site, order):
    (person,) = arrive("site-1")
    facts = []
    for value in (36.1, 36.2, 36.3):
        facts.append(site.fact(
            "isolation.round_done", account="site-1", day="2022-08-20", slot="morning",
            readings=[{"person": person, "temperature_c": value}]))
    for i in order:
        assert site.send(facts[i]).receipts[0].status == "applied"
    assert degrees(person) == [(36.3, [])]


@pytest.mark.parametrize(("said", "found"), [
    (37.2, False), (37.3, True), (38.9, True), ((36.5, ["cough"]), True),
    ((None, ["fever"]), True), (None, False),
])
def test_a_fever_or_a_symptom_is_found(site, said, found):
    (person,) = arrive("site-1")
    done(site, {person: said})
    assert findings() == ([("symptoms", person, "site-1")] if found else [])
    assert [c.law.name for c in map(check, queries.LAWS) if c.violations] == []


def test_nobodys_silence_is_a_normal_temperature(site):
    people = arrive("site-1", 2)
    done(site, {people[0]: None, people[1]: 36.5})
    assert degrees(people[0]) == []
    assert [g.person for g in queries.round_gaps("site-1", DAY, "morning")] == [people[0]]


def test_a_reading_of_somebody_whom_the_account_does_not_hold_is_kept_and_found(site):
    (ours,), (theirs,), unknown = arrive("site-1"), arrive("site-2"), fresh_id()
    assert done(site, {ours: 36.5, theirs: 36.6, unknown: 36.7}).status == "applied"
    assert degrees(theirs) == [(36.6, [])]
    assert findings() == [("reading_of_stranger", p, "site-1") for p in sorted((theirs, unknown))]


def test_a_round_heard_a_day_late_is_of_whom_the_account_held_then(site):
    (person,) = arrive("site-1")
    go([person], "town-141123100", at(12))
    assert done(site, {person: 36.5}, at=at(7)).status == "applied"
    assert findings() == []
    done(site, {person: 36.5}, slot="evening", at=at(17))
    assert findings() == [("reading_of_stranger", person, "site-1")]


@pytest.mark.parametrize(("change", "code"), [
    ({"day": "20.08.2022"}, "day_malformed"), ({"day": "20220820"}, "day_malformed"),
    ({"day": "2022-08-21"}, "day_not_come"), ({"day": "2022-07-01"}, "day_not_come"),
])
def test_a_round_has_a_day_that_has_come(site, change, code):
    (person,) = arrive("site-1")
    receipt = done(site, {person: 36.5}, **change)
    assert (receipt.status, receipt.code) == ("quarantined", code), receipt


@pytest.mark.parametrize("said", [3.65, 365, 29.9, 45.1])
def test_a_temperature_that_no_body_has_is_refused_with_the_person_named(site, said):
    ill, well = arrive("site-1", 2)
    receipt = done(site, {well: 36.5, ill: float(said)})
    assert (receipt.code, receipt.params["person"]) == ("temperature_impossible", str(ill))


def test_an_empty_symptom_is_no_symptom(site):
    (person,) = arrive("site-1")
    assert done(site, {person: (36.5, [" "])}).code == "symptoms_wrong"


def test_only_its_own_people_tell_an_accounts_round(site, township):
    (person,) = arrive("site-1")
    receipt = township.say(
        "isolation.round_done", account="site-1", day="2022-08-20", slot="morning",
        readings=[{"person": person, "temperature_c": 36.5}])
    assert (receipt.status, receipt.code) == ("quarantined", "not_your_account")
    receipt = site.say("isolation.round_done", account="lab-1", day="2022-08-20", slot="morning",
                       readings=[{"person": person, "temperature_c": 36.5}])
    assert (receipt.status, receipt.code) == ("quarantined", "no_rounds_there")


def test_gaps_are_those_held_for_the_whole_slot_and_not_read(site):
    missed, read = arrive("site-1", 2)
    (came_in_between,) = arrive("site-1", when=at(8))
    (left_in_between,) = arrive("site-1")
    go([left_in_between], "coach-01", at(8))
    done(site, {read: 36.5})
    assert [g.person for g in queries.round_gaps("site-1", DAY, "morning")] == [missed]
    due = [line.person for line in queries.round_due("site-1", DAY, "morning")]
    assert sorted(due) == sorted([missed, came_in_between])


def test_the_sheet_of_a_round_goes_from_room_to_room(site):
    roomless, second, first = arrive("site-1", 3)
    give(site, second, "102")
    give(site, first, "101")
    done(site, {first: (37.8, ["cough"])})
    lines = queries.round_sheet("site-1", DAY, "morning")
    assert [(line.person, line.room, line.answered) for line in lines] == [
        (first, "101", True), (second, "102", None), (roomless, None, None)]


# ── visits ───────────────────────────────────────────────────────────────────────────────────────
def visit(township, person, **more):
    return township.say("isolation.home_visited", person=person, account="town-141123100", **more)


def test_somebody_who_is_not_at_home_is_found(township):
    (person,) = arrive("town-141123100")
    assert visit(township, person, found=True).status == "applied"
    assert findings() == []
    visit(township, person, found=False)
    assert findings() == [("not_at_home", person, "town-141123100")]
    assert [v.found for v in queries.visits_of(person)] in ([False, True], [True, False])


def test_a_need_named_at_the_door_is_owed_an_answer(township):
    (person,) = arrive("town-141123100")
    visit(township, person, found=True, needs="dialysis on Monday")
    assert findings() == [("need_named", person, "town-141123100")]
    assert queries.last_visits("town-141123100")[person].needs == "dialysis on Monday"


def test_a_visit_at_a_strangers_door_is_kept_and_found(township):
    (person,) = arrive("site-1")
    assert visit(township, person, found=True).status == "applied"
    assert findings() == [("visit_of_stranger", person, "town-141123100")]


# ── rules ────────────────────────────────────────────────────────────────────────────────────────
@given(st.sets(st.integers(1, 8)), st.integers(1, 8))
def test_the_lowest_free_bed_is_free_and_nothing_below_it_is(taken, beds):
    room = Beds(beds, {b for b in taken if b <= beds}, {})
    bed = room.lowest_free()
    if bed is None:
        assert len(room.taken) == beds
    else:
        assert bed not in room.taken
        assert all(b in room.taken for b in range(1, bed))


@given(st.dates())
def test_a_day_is_written_in_one_way_only(day):
    assert read_day(day.isoformat()) == day
    assert read_day(day.strftime("%Y%m%d")) is None
    assert read_day(" " + day.isoformat()) is None


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(["morning", "evening"]))
def test_a_slot_is_of_its_own_day_in_the_countys_zone(day, slot):
    since, until = slot_window(day, slot, ZoneInfo("Asia/Shanghai"))
    assert since < until
    assert since.date() == until.date() == day


@given(st.floats(30, 45))
def test_signs_begin_at_37_3(degrees):
    assert has_signs(degrees, []) == (degrees >= 37.3)
    assert has_signs(degrees, ["cough"])
