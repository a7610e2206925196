"""Devices, lists and the way of one person, without a server."""

import json
from datetime import timedelta
from random import Random
from uuid import UUID

from pratique.drill.device import Call, Device
from pratique.drill.faults import mentions, of_code
from pratique.drill.moments import BEGIN, DAY, HOUR, hour_of, local_day, midnight
from pratique.drill.people import Travellers
from pratique.drill.report import way_of
from pratique.drill.risk import Lists, Published
from pratique.drill.world import Case, Swab
from pratique.kit.ids import IdMaker
from pratique.registry.identity import check_document

ids = IdMaker(randomness=Random(1).randbytes)


def device(seed="x"):
    return Device(ids.make(BEGIN), "post-01", "post-01/a", ("gate_officer",), "t",
                  timedelta(seconds=30), Random(seed))


def test_a_device_numbers_what_it_says_and_dates_it_by_its_own_clock():
    tablet = device()
    first = tablet.say("a.b", BEGIN, {})
    second = tablet.say("a.b", BEGIN, {})
    said = [json.loads(one.raw) for one in tablet.outbox]
    assert [one["seq"] for one in said] == [1, 2]
    assert first < second
    assert said[0]["at"] == "2022-08-19T22:00:30+00:00"


def test_every_fact_of_a_store_goes_out_once_whatever_the_network_does():
    tablet, sent, made = device(), [], 0
    for _ in range(300):
        for _ in range(5):
            tablet.say("a.b", BEGIN, {})
            made += 1
        sent += [fact.id for call in tablet.calls() if not call.again for fact in call.facts]
    sent += [fact.id for call in tablet.calls(calm=True) for fact in call.facts]
    assert len(sent) == len(set(sent)) == made


def test_some_calls_are_sent_again_and_some_out_of_order():
    tablet, again, upset = device(), 0, 0
    for _ in range(300):
        made = [tablet.say("a.b", BEGIN, {}) for _ in range(6)]
        calls = tablet.calls()
        again += sum(call.again for call in calls)
        order = [fact.id for call in calls if not call.again for fact in call.facts]
        upset += order != made and set(order) == set(made)
    assert again > 0
    assert upset > 0


def test_a_device_without_network_keeps_everything_and_comes_back_with_the_newest_first():
    tablet = device()
    tablet.offline = True
    made = [tablet.say("a.b", BEGIN, {}) for _ in range(9)]
    assert tablet.calls() == []
    tablet.offline, tablet.latest_first = False, True
    calls = tablet.calls()
    assert calls[0].facts[-1].id == made[-1]
    assert calls[-1].facts[0].id == made[0]


def test_a_call_is_a_json_list():
    tablet = device()
    tablet.say("a.b", BEGIN, {"x": 1})
    assert json.loads(Call(tablet.outbox).body)[0]["body"] == {"x": 1}


# ── lists ────────────────────────────────────────────────────────────────────────────────────────
def listed(stamp, places, rest=None):
    one = Published(stamp, {})
    for key, tier in places.items():
        one.note("610113", key, tier, is_rest=False)
    if rest:
        one.note("610113", "*", rest, is_rest=True)
    return one


def test_the_worst_tier_from_the_first_day_of_the_stay_on_counts():
    lists = Lists([listed(BEGIN - 3 * DAY, {"a": "high"}), listed(BEGIN - DAY, {"a": "medium"}),
                   listed(BEGIN + DAY, {"b": "high"}, rest="low")])
    assert lists.tier("610113", "a", BEGIN - 2 * DAY, BEGIN) == "high"
    assert lists.tier("610113", "a", BEGIN - HOUR, BEGIN) == "medium"
    assert lists.tier("610113", "none", BEGIN - DAY, BEGIN) == "none"
    assert lists.tier("610113", "none", BEGIN - DAY, BEGIN + 2 * DAY) == "low"


def test_the_shipped_lists_are_dated_and_ordinary_counties_are_in_none_of_them():
    lists = Lists()
    assert lists.at(BEGIN).stamp.isoformat() == "2022-08-19T12:00:00+00:00"
    everything = set().union(*(one.counties() for one in lists.all))
    assert not everything & {*lists.quiet_home, *lists.quiet_far}


# ── people ───────────────────────────────────────────────────────────────────────────────────────
def travellers(seed):
    random = Random(seed)
    return Travellers(random, Lists(), ["town-1", "town-2"], {
        f"post-{n:02}": ["1"] for n in range(1, 13)}, IdMaker(randomness=random.randbytes).make)


def test_the_same_seed_draws_the_same_day_and_another_seed_another():
    assert travellers(3).day(BEGIN, 30) == travellers(3).day(BEGIN, 30)
    assert travellers(3).day(BEGIN, 30) != travellers(4).day(BEGIN, 30)


def test_two_thirds_are_ordinary_and_everybody_has_right_papers():
    day = travellers(1).day(BEGIN, 1_500)
    assert 0.28 < sum(one.is_risk for one in day) / len(day) < 0.39
    people = [who for one in day for who in one.people]
    assert 1.3 < len(people) / len(day) < 1.5
    numbers = [who.sealed["document"] for who in people]
    assert [n for n in numbers if check_document("resident_id", n) != n] == []
    assert len(set(numbers)) == len(numbers)
    assert [one for one in day if hour_of(one.at) == hour_of(one.at - timedelta(minutes=2.9))
            and hour_of(one.at) == hour_of(one.at + timedelta(minutes=2.9))] == day


# ── one person's way ─────────────────────────────────────────────────────────────────────────────
def test_after_a_positive_two_new_negatives_a_day_apart_clear_and_answer():
    who = travellers(1).quiet(BEGIN, "post-01").people[0]
    case = Case(who, "post-01", UUID(int=1), UUID(int=2), BEGIN, BEGIN)

    def test(purpose, hours, result="negative"):
        at = BEGIN + hours * HOUR
        one = Swab(UUID(int=hours), who.person, f"t{hours}", purpose, at, result, at + 4 * HOUR)
        case.tests.append(one)
        return one

    test("landing", 1, "positive")
    first = test("resample", 6)
    way = way_of(case, "self_monitoring")
    assert way.landing_at == first.resulted_at
    assert way.holds == [None]
    test("resample", 20)
    second = test("resample", 31)
    assert way_of(case, "self_monitoring").holds == [second.resulted_at]


def test_a_lost_tube_answers_nothing():
    who = travellers(1).quiet(BEGIN, "post-01").people[0]
    case = Case(who, "post-01", UUID(int=1), UUID(int=2), BEGIN, BEGIN)
    case.tests.append(Swab(UUID(int=3), who.person, "t", "landing", BEGIN, gone=True))
    assert way_of(case, "self_monitoring").landing_at is None


def test_a_look_finds_the_row_that_names_all():
    look = of_code("x")(mentions("a-1", "b-2"))
    assert look({"code": "x", "params": {"first": "a-1", "second": "b-2"}})
    assert not look({"code": "y", "params": {"first": "a-1", "second": "b-2"}})
    assert not look({"code": "x", "params": {"first": "a-1"}})
    assert midnight(local_day(BEGIN)) < BEGIN
