"""Vehicles and persons at the gate, as the house tells it."""

from datetime import timedelta
from typing import get_args

import pytest

from pratique.checkpoint import queries
from pratique.checkpoint.facts import Special
from pratique.checkpoint.tests.said import (
    about,
    clear,
    findings,
    holder,
    in_units,
    person,
    plate,
    stay,
    vehicle,
)
from pratique.protocol.pack import shipped
from pratique.registry.queries import identities
from tests.support import FIRST_MORNING, Speaker, fresh_id


def statuses(batch) -> list[str]:
    return [r.status for r in batch.receipts]


def test_a_car_of_four_is_in_the_posts_account_with_one_open_episode_each(gate):
    car = vehicle(gate, occupants=4)
    people = [person(gate, vehicle=about(car, "vehicle")) for __ in range(4)]
    assert set(statuses(gate.send(car, *people))) == {"applied"}
    ids = [about(p, "person") for p in people]
    assert {holder(i) for i in [*ids, about(car, "vehicle")]} == {"post-01"}
    found = queries.episodes(ids)
    assert [found[i].id for i in ids] == [p.id for p in people]
    assert found[ids[0]].stays[0].division == "141122"
    (row,) = queries.gate_board("post-01", gate.now + timedelta(minutes=31))
    assert (row.registered, row.missing, row.waiting_minutes) == (4, 0, 31)
    assert [p.waiting_minutes for p in queries.persons_at_post("post-01", gate.now)] == [0] * 4


def test_a_person_may_be_registered_before_the_vehicle_that_brought_them(gate):
    car = vehicle(gate, occupants=1)
    one = person(gate, vehicle=about(car, "vehicle"))
    assert statuses(gate.send(one)) == ["applied"]
    assert statuses(gate.send(car)) == ["applied"]
    assert queries.gate_board("post-01", gate.now)[0].registered == 1


def test_the_same_person_at_two_gates_is_disputed_and_shown(gate, other_gate):
    first = person(gate)
    gate.send(first)
    second = other_gate.say("checkpoint.person_arrived", person=about(first, "person"),
                            post="post-02", resident=True, from_outside_province=False, stays=[])
    assert (second.status, second.code) == ("disputed", "already_held")
    assert holder(about(first, "person")) == "post-01"
    assert len(findings("already_held")) == 1


def test_an_officer_speaks_only_for_the_own_post(gate):
    receipt = gate.send(person(gate, post="post-02")).receipts[0]
    assert (receipt.status, receipt.code) == ("quarantined", "not_your_account")


@pytest.mark.parametrize(("field", "code"), [
    ({"post": "post-99"}, "unknown_account"),
    ({"post": "town-141123100"}, "not_a_checkpoint"),
    ({"occupants": -1}, "occupants_count"),
    ({"seats": 10**9}, "occupants_count"),
    ({"lane": "1/2"}, "lane_name"),
    ({"plate": "x" * 31}, "plate_too_long"),
])
def test_what_cannot_be_a_vehicle_is_refused_by_name(county, field, code):
    officer = Speaker(field.get("post", "post-01"), ["gate_officer"])
    receipt = officer.send(vehicle(officer, **field)).receipts[0]
    assert (receipt.status, receipt.code) == ("quarantined", code)


@pytest.mark.parametrize(("stays", "code"), [
    ([{**stay(), "division": "1411"}], "stay_division"),
    ([{**stay(), "since": FIRST_MORNING + timedelta(hours=1)}], "stay_backwards"),
    ([{**stay(), "until": FIRST_MORNING + timedelta(days=9)}], "stay_in_future"),
    ([{**stay(), "since": "2022-08-01T00:00:00"}], "time_impossible"),
    ([stay()] * 61, "stays_count"),
])
def test_stays_that_cannot_be_are_refused_by_name(gate, stays, code):
    receipt = gate.send(person(gate, stays=stays)).receipts[0]
    assert (receipt.status, receipt.code) == ("quarantined", code)


def test_nobody_is_turned_away_over_an_unknown_destination(gate):
    one = person(gate, destination="town-unheard-of")
    assert statuses(gate.send(one)) == ["applied"]
    assert findings("destination_unknown")[0]["owner"] == "post-01"


@pytest.mark.parametrize(("text", "code"), [
    ("???", "plate_unreadable"), ("晋J1234挂", "plate_is_a_trailers")])
def test_no_vehicle_is_turned_away_over_its_plate(gate, text, code):
    assert statuses(gate.send(vehicle(gate, plate=text))) == ["applied"]
    assert len(findings(code)) == 1


def test_one_plate_on_two_vehicles_is_a_finding_and_no_refusal(gate, other_gate):
    text = plate()
    first, second = vehicle(gate, plate=text), vehicle(other_gate, plate=f" {text[:2]}·{text[2:]}")
    gate.send(first)
    assert statuses(other_gate.send(second)) == ["applied"]
    (finding,) = findings("plate_twice")
    assert finding["owner"] == "post-02"
    gate.forward(minutes=1)
    gate.send(clear(gate, first))
    assert findings("plate_twice"), "it left after the second came: the question stays"


def test_one_plate_on_two_vehicles_of_one_batch_is_found_too(gate):
    text = plate()
    gate.send(vehicle(gate, plate=text), vehicle(gate, plate=text))
    assert len(findings("plate_twice")) == 1


def test_a_first_vehicle_that_had_left_before_settles_the_finding_when_we_hear_of_it(gate):
    text = plate()
    first = vehicle(gate, plate=text)
    gate.send(first)
    left = clear(gate, first)
    gate.forward(hours=3)
    gate.send(vehicle(gate, plate=text))
    assert len(findings("plate_twice")) == 1
    gate.send(left)
    assert findings("plate_twice") == []
    (settled,) = findings("plate_twice", still_open=False)
    assert (settled["closed_by"], settled["outcome"]) == (left.id, "had_left_before")


def test_a_plate_that_left_may_come_again(gate):
    text = plate()
    first = vehicle(gate, plate=text)
    gate.send(first)
    gate.send(clear(gate, first))
    gate.send(vehicle(gate, plate=text))
    assert findings("plate_twice", still_open=False) == []


def test_a_vehicle_that_leaves_with_somebody_unregistered_is_shown_with_its_plate(gate):
    car = vehicle(gate, occupants=4)
    people = [person(gate, vehicle=about(car, "vehicle")) for __ in range(3)]
    gate.send(car, *people)
    left = clear(gate, car)
    assert statuses(gate.send(left)) == ["applied"]
    assert holder(about(car, "vehicle")) == "outside"
    (finding,) = findings("occupants_differ")
    assert (finding["fact"], finding["owner"]) == (left.id, "post-01")
    assert '"registered": 3' in finding["params"]
    assert queries.occupants_that_differ()[0]["registered"] == 3


def test_the_fourth_person_heard_late_closes_it_and_a_fifth_opens_it_again(gate):
    car = vehicle(gate, occupants=4)
    people = [person(gate, vehicle=about(car, "vehicle")) for __ in range(5)]
    gate.send(car, *people[:3], clear(gate, car))
    assert len(findings("occupants_differ")) == 1
    gate.send(people[3])
    assert findings("occupants_differ") == []
    assert findings("occupants_differ", still_open=False)[0]["closed_by"] == people[3].id
    gate.send(people[4])
    assert findings("occupants_differ")[0]["fact"] == people[4].id


def test_late_persons_of_one_batch_settle_it_by_the_one_who_makes_it_balance(gate):
    car = vehicle(gate, occupants=4)
    people = [person(gate, vehicle=about(car, "vehicle")) for __ in range(5)]
    gate.send(car, clear(gate, car))
    gate.send(*people)
    opened = findings("occupants_differ", still_open=False)
    assert {f["closed_by"] for f in opened} == {people[3].id, None}
    assert findings("occupants_differ")[0]["fact"] == people[4].id


def test_a_vehicle_turned_back_whole_owes_no_registration(gate):
    car = vehicle(gate, occupants=4)
    gate.send(car, clear(gate, car, reason="turned_back"))
    assert findings("occupants_differ") == []


def test_a_clearance_heard_before_the_arrival_waits_for_it(gate):
    car = vehicle(gate, occupants=0)
    assert statuses(gate.send(clear(gate, car))) == ["parked"]
    gate.send(car)
    assert holder(about(car, "vehicle")) == "outside"


def test_a_vehicle_that_comes_again_has_a_stop_for_each_time(gate):
    car = vehicle(gate, occupants=1)
    body = {"vehicle": about(car, "vehicle"), "plate": plate(), "occupants": 1}
    gate.send(car, person(gate, vehicle=body["vehicle"]))
    gate.send(clear(gate, car))
    gate.forward(hours=30)
    again = vehicle(gate, **body)
    assert statuses(gate.send(again)) == ["applied"]
    assert statuses(gate.send(clear(gate, again))) == ["applied"]
    assert len(findings("occupants_differ")) == 1, "the second time nobody was registered"
    assert len(queries.vehicle_story(body["vehicle"])) == 2


def test_an_arrival_after_the_ledger_was_corrected_ends_the_episode_left_open(gate):
    one = person(gate)
    gate.send(one)
    who = about(one, "person")
    registrar = Speaker("command", ["registrar"])
    assert registrar.say("custody.corrected", subject=who, holds_by=one.id, giver="post-01",
                         taker="outside", reason="registered by mistake").status == "applied"
    gate.forward(hours=5)
    again = person(gate, person=who)
    assert statuses(gate.send(again)) == ["applied"]
    first, second = queries.all_episodes(who)
    assert (first.outcome, first.ended_by, second.ended_at) == ("superseded", again.id, None)
    assert len(findings("episode_left_open")) == 1


def test_a_later_account_of_the_stays_replaces_the_earlier_in_whatever_order_heard(gate):
    one = person(gate)
    who = about(one, "person")

    def corrected(division: str, minutes: int):
        return gate.fact("checkpoint.stays_corrected", person=who, episode=one.id,
                         stays=[stay(division, area=f"{division}/x")], reason="remembered more",
                         at=gate.now + timedelta(minutes=minutes))

    early, late = corrected("610113", 1), corrected("610112", 2)
    assert statuses(gate.send(late)) == ["parked"]
    gate.send(one)
    gate.send(early)
    episode = queries.episodes([who])[who]
    assert (episode.stays[0].division, episode.stays_by) == ("610112", late.id)
    assert in_units("610112") == [who]
    assert in_units("610113", "141122") == []


def test_stays_in_a_zone_are_found_by_the_name_it_was_published_in(gate):
    one = person(gate, stays=[stay("610113", area="name:西安市/高新区/丈八街道")])
    gate.send(one)
    assert in_units("name:西安市") == [about(one, "person")]


def test_papers_are_kept_as_they_were_told(gate):
    papers = ['a "quoted" one', "back\\slash", "two\nlines", "{curly}, comma", "", "NULL"]
    one = person(gate, papers=papers, special=["child", "needs_care"])
    gate.send(one)
    (episode,) = queries.all_episodes(about(one, "person"))
    assert (episode.papers, episode.special) == (papers, ["child", "needs_care"])


def test_a_correction_names_the_persons_own_open_episode(gate, free_to_go):
    one, two = person(gate), person(gate)
    gate.send(one, two)
    said = {"stays": [stay()], "reason": "asked again"}
    wrong = gate.say("checkpoint.stays_corrected", person=about(two, "person"), episode=one.id,
                     **said)
    assert (wrong.status, wrong.code) == ("quarantined", "episode_of_another")
    gate.say("checkpoint.person_passed", person=about(one, "person"), post="post-01",
             holds_by=one.id)
    late = gate.say("checkpoint.stays_corrected", person=about(one, "person"), episode=one.id,
                    **said)
    assert (late.status, late.code) == ("disputed", "episode_ended")


@pytest.mark.parametrize(("kind", "more"), [
    ("person_passed", {}), ("person_turned_back", {"reason": "wants to go home"})])
def test_nobody_leaves_before_somebody_decided(gate, nobody_decides, kind, more):
    one = person(gate)
    gate.send(one)
    receipt = gate.say(f"checkpoint.{kind}", person=about(one, "person"), post="post-01",
                       holds_by=one.id, **more)
    assert (receipt.status, receipt.code) == ("quarantined", "no_decision_yet")


def test_who_passes_leaves_the_account_and_the_episode_ends(gate, free_to_go):
    one = person(gate)
    gate.send(one)
    who = about(one, "person")
    gate.forward(minutes=9)
    receipt = gate.say("checkpoint.person_passed", person=who, post="post-01", holds_by=one.id)
    assert receipt.status == "applied"
    assert holder(who) == "outside"
    episode = queries.episodes([who])[who]
    assert (episode.outcome, episode.ended_by, episode.ended_at) == (
        "passed", receipt.id, gate.now)


def test_turning_back_needs_its_reason(gate, free_to_go):
    one = person(gate)
    gate.send(one)
    said = {"person": about(one, "person"), "post": "post-01", "holds_by": one.id}
    assert gate.say("checkpoint.person_turned_back", **said, reason=" ").code == "reason_missing"
    assert gate.say("checkpoint.person_turned_back", **said, reason="went home").status == "applied"
    assert queries.episodes([said["person"]])[said["person"]].outcome == "turned_back"


def test_an_announced_arrival_is_awaited_until_the_person_comes(gate):
    who = fresh_id()
    registrar = Speaker("command", ["registrar"])
    text = plate()
    said = registrar.say("checkpoint.expected", person=who, post="post-01", plate=text,
                         eta=FIRST_MORNING + timedelta(hours=4), stays=[stay()])
    assert said.status == "applied"
    assert holder(who) is None
    assert [x.person for x in queries.expected_arrivals(post="post-01")] == [who]
    assert [x.id for x in queries.expectations(plates=[text])] == [said.id]
    gate.send(person(gate, person=who))
    assert queries.expected_arrivals(post="post-01") == []
    assert queries.expected_arrivals(still_out=False)[0].episode is not None


def test_an_announcement_is_met_by_an_arrival_that_names_it(gate):
    registrar = Speaker("command", ["registrar"])
    said = registrar.say("checkpoint.expected", person=fresh_id(), post="post-01")
    gate.send(person(gate, expected=said.id))
    assert queries.expected_arrivals() == []


@pytest.mark.parametrize("early", [True, False], ids=["heard early", "heard late"])
def test_an_announcement_rewrites_nothing_of_what_was_said_on_meeting_the_person(gate, early):
    """A clerk far away announces, under the id of somebody else, a name of his own."""
    who = fresh_id()
    clerk = Speaker("town-141123100", ["township_clerk"])
    met = gate.fact(
        "checkpoint.person_arrived", person=who, post="post-01", resident=True,
        from_outside_province=False, stays=[stay()], destination="town-141123100",
        sealed={who: {"name": "王建国", "document_kind": "passport", "document": "E12345678"}})
    told = clerk.fact(
        "checkpoint.expected", person=who, post="post-01",
        sealed={who: {"name": "别人", "document_kind": "passport", "document": "E99999999",
                      "phone": "13800138000"}})
    for speaker, fact in ((clerk, told), (gate, met)) if early else ((gate, met), (clerk, told)):
        assert speaker.send(fact).receipts[0].status == "applied"
    identity = identities([who])[who]
    assert (identity.name, identity.document) == ("王建国", "E12345678")
    assert identity.phone == "13800138000"  # what nobody said on meeting is taken from it


def test_what_a_pack_asks_of_a_person_can_be_said_at_the_gate():
    """A word that no arrival can carry would make a condition that never holds."""
    sayable = set(get_args(Special))
    for pack in shipped().values():
        asked = {said.source[8:] for said in pack.inputs.values()
                 if said.source.startswith("special:")}
        assert asked | set(pack.special_conditions) | pack.landing_exempt <= sayable, pack.id
