"""Corrected stays, and whether from outside the province: by whom, and which answer stands."""

from datetime import timedelta

import pytest

from pratique.checkpoint import queries
from pratique.checkpoint.tests.said import about, findings, holder, person, stay
from tests.support import Speaker, fresh_id

TOWN = "town-141123100"


def correct(speaker, arrival, **more):
    said = {"person": about(arrival, "person"), "episode": arrival.id, "reason": "asked again",
            "stays": [stay("610112")], **more}
    return speaker.say("checkpoint.stays_corrected", **said)


@pytest.fixture
def arrival(gate):
    """Somebody who arrived at post-01 for the township, from inside the province."""
    fact = person(gate)
    gate.send(fact)
    return fact


def episode(arrival):
    return queries.episodes([about(arrival, "person")])[about(arrival, "person")]


# By whom ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "role"), [
    ("post-01", "gate_officer"), (TOWN, "township_clerk"), (None, "epidemiologist"),
    ("command", "epidemiologist")])
def test_who_met_or_awaits_the_person_or_answers_for_the_county_corrects(arrival, place, role):
    assert correct(Speaker(place, [role]), arrival).status == "applied"
    assert episode(arrival).stays[0].division == "610112"


@pytest.mark.parametrize(("place", "role"), [
    ("post-02", "gate_officer"), ("town-141123101", "township_clerk"),
    ("coach-01", "township_clerk"), ("post-02", "epidemiologist")])
def test_whoever_is_not_concerned_is_refused_by_name(arrival, place, role):
    refused = correct(Speaker(place, [role]), arrival)
    assert (refused.status, refused.code, refused.rule) == (
        "quarantined", "not_your_person", "registry.concern")
    assert episode(arrival).stays_by == arrival.id


def test_the_post_that_met_the_person_corrects_when_another_unit_holds_them(gate, arrival):
    who = about(arrival, "person")
    offer = gate.say(
        "custody.offered", giver="post-01", taker="coach-01",
        lines=[{"subject": who, "holds_by": arrival.id}],
        expires_at=gate.now + timedelta(hours=1))
    Speaker("coach-01", ["crew"]).say(
        "custody.answered", handover=offer.id, taker="coach-01", accepted=[who])
    assert holder(who) == "coach-01"
    assert correct(gate, arrival).status == "applied"


def test_who_is_not_concerned_opens_no_question_about_an_episode_that_ended(
    gate, other_gate, arrival, free_to_go
):
    gate.say("checkpoint.person_passed", person=about(arrival, "person"), post="post-01",
             holds_by=arrival.id)
    assert correct(other_gate, arrival).code == "not_your_person"
    assert correct(gate, arrival).code == "episode_ended"
    assert len(findings("episode_ended")) == 1


def test_who_met_the_person_on_an_earlier_journey_is_not_concerned_with_the_next(
    gate, other_gate, arrival, free_to_go
):
    gate.say("checkpoint.person_passed", person=about(arrival, "person"), post="post-01",
             holds_by=arrival.id)
    other_gate.forward(days=1)
    again = person(other_gate, person=about(arrival, "person"))
    other_gate.send(again)
    assert correct(gate, again).code == "not_your_person"
    assert correct(other_gate, again).status == "applied"


def test_whom_an_announcement_names_corrects_until_another_post_has_met_the_person(
    gate, other_gate
):
    who = fresh_id()
    clerk = Speaker(TOWN, ["township_clerk"])
    clerk.say("checkpoint.expected", person=who, post="post-01", destination=TOWN)

    def corrected(speaker):
        return speaker.send(speaker.fact(
            "registry.person_corrected", person=who, reason="as the card says",
            sealed={who: {"name": "王晓明"}})).receipts[0]

    assert [corrected(s).status for s in (gate, clerk)] == ["applied", "applied"]
    assert corrected(other_gate).status == "parked"
    other_gate.send(person(other_gate, person=who, destination=None))
    assert [corrected(s).code for s in (gate, clerk)] == ["not_your_person"] * 2
    assert corrected(other_gate).status == "applied"


def test_announcing_somebody_who_has_come_makes_nobody_concerned(arrival):
    who, clerk = about(arrival, "person"), Speaker("town-141123101", ["township_clerk"])
    clerk.say("checkpoint.expected", person=who, destination=TOWN, post="post-02")
    assert correct(Speaker("post-02", ["gate_officer"]), arrival).code == "not_your_person"


# From outside the province ------------------------------------------------------------------------


def test_a_corrected_from_outside_replaces_the_arrivals_answer(gate, arrival):
    assert episode(arrival).from_outside_province is False
    assert correct(gate, arrival, from_outside_province=True).status == "applied"
    assert episode(arrival).from_outside_province is True


def test_a_correction_of_the_stays_alone_leaves_whether_from_outside(gate, arrival):
    correct(gate, arrival, from_outside_province=True)
    gate.forward(minutes=1)
    assert correct(gate, arrival).status == "applied"
    assert episode(arrival).from_outside_province is True
    assert episode(arrival).stays_at == gate.now


def test_the_latest_answer_whether_from_outside_stands_in_whatever_order_it_is_heard(gate, arrival):
    def at(minutes):
        return gate.now + timedelta(minutes=minutes)

    correct(gate, arrival, at=at(3), stays=[stay("610113")])
    correct(gate, arrival, at=at(2), from_outside_province=True)
    correct(gate, arrival, at=at(1), from_outside_province=False)
    found = episode(arrival)
    assert (found.from_outside_province, found.stays[0].division) == (True, "610113")
