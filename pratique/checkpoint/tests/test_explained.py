"""Differences that a person explains: the people aboard, and a plate seen twice."""

from datetime import timedelta

import pytest

from pratique.checkpoint import queries
from pratique.checkpoint.tests.said import about, clear, findings, person, plate, vehicle
from pratique.journal.prove import check
from pratique.kit.sql import reading
from tests.support import Speaker, fresh_id


def broken_laws() -> list:
    return [(law.name, found.examples) for law in queries.LAWS if (found := check(law)).violations]


@pytest.fixture
def leader(county):
    """Zhao, who leads the county's command."""
    return Speaker("command", ["leader"])


@pytest.fixture
def short(gate):
    """A car that left with two people aboard and one registered."""
    car = vehicle(gate)
    gate.send(car, person(gate, vehicle=about(car, "vehicle")), clear(gate, car))
    assert len(findings("occupants_differ")) == 1
    return car


def explained(speaker, car, registered: int = 1, reason: str = "the driver is staff", **more):
    return speaker.fact("checkpoint.occupants_explained", vehicle=about(car, "vehicle"),
                        arrival=car.id, registered=registered, reason=reason, **more)


def pair_explained(speaker, first, second, reason: str = "misread: it was a 7"):
    return speaker.fact(
        "checkpoint.plate_explained", vehicle=about(second, "vehicle"), arrival=second.id,
        other=about(first, "vehicle"), other_arrival=first.id, reason=reason)


# People aboard ------------------------------------------------------------------------------------


def test_an_explanation_closes_the_finding_about_people_aboard(gate, short):
    said = explained(gate, short)
    assert gate.send(said).receipts[0].status == "applied"
    (closed,) = findings("occupants_differ", still_open=False)
    assert (closed["outcome"], closed["closed_by"]) == ("explained", said.id)
    assert queries.occupants_that_differ() == []
    assert broken_laws() == []
    assert gate.send(said).receipts[0].status == "duplicate"


def test_the_countys_leader_explains_too(leader, short):
    assert leader.send(explained(leader, short)).receipts[0].status == "applied"
    assert findings("occupants_differ") == []


def test_a_person_registered_after_the_explanation_opens_the_question_again(gate):
    car = vehicle(gate, occupants=3)
    who = about(car, "vehicle")
    gate.send(car, person(gate, vehicle=who), clear(gate, car))
    gate.send(explained(gate, car))
    gate.send(person(gate, vehicle=who))
    assert len(findings("occupants_differ")) == 1
    assert queries.registered_with(who, car.id) == (3, 2)
    gate.send(person(gate, vehicle=who))
    assert findings("occupants_differ") == []
    assert sorted(f["outcome"] for f in findings("occupants_differ", still_open=False)) == [
        "balanced", "explained"]
    assert broken_laws() == []


def test_an_explanation_of_another_number_explains_nothing(gate, short):
    gate.send(explained(gate, short, registered=0))
    assert len(findings("occupants_differ")) == 1
    assert broken_laws() == []


def test_an_explanation_heard_before_its_vehicle_waits_and_counts(gate):
    car = vehicle(gate)
    assert gate.send(explained(gate, car, registered=0)).receipts[0].status == "parked"
    gate.send(car)
    gate.send(clear(gate, car))
    assert findings("occupants_differ", still_open=False) == []


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_explanations_the_later_stands_in_whatever_order_heard(gate, short, turned):
    early = explained(gate, short, reason="guessed")
    late = explained(gate, short, reason="asked the driver", at=gate.now + timedelta(minutes=1))
    for said in ((late, early) if turned else (early, late)):
        gate.send(said)
    with reading() as cursor:
        cursor.execute("SELECT explained, explained_by FROM checkpoint_arrival")
        assert cursor.fetchall() == [("asked the driver", late.id)]


def test_only_who_answers_for_the_post_explains_and_says_why(gate, other_gate, short):
    stranger = other_gate.send(explained(other_gate, short)).receipts[0]
    assert (stranger.status, stranger.code) == ("quarantined", "not_your_account")
    silent = gate.send(explained(gate, short, reason=" ")).receipts[0]
    assert (silent.status, silent.code) == ("quarantined", "reason_missing")
    courier = Speaker("post-01", ["courier"])
    assert courier.send(explained(courier, short)).receipts[0].code == "not_your_role"
    wrong = gate.say("checkpoint.occupants_explained", vehicle=fresh_id(), arrival=short.id,
                     registered=1, reason="x")
    assert (wrong.status, wrong.code) == ("quarantined", "stop_of_another")
    assert gate.send(explained(gate, short, registered=-1)).receipts[0].code == "occupants_count"
    assert len(findings("occupants_differ")) == 1


# Plates -------------------------------------------------------------------------------------------


@pytest.fixture
def twins(gate, other_gate):
    """Two cars of one plate, standing at two posts at once."""
    text = plate()
    first = vehicle(gate, plate=text)
    second = vehicle(other_gate, plate=text, at=gate.now + timedelta(minutes=5))
    gate.send(first)
    other_gate.send(second)
    assert len(findings("plate_twice")) == 1
    return first, second


@pytest.mark.parametrize("whose", ["gate", "other_gate"])
def test_either_post_explains_a_plate_seen_twice(request, twins, whose):
    speaker = request.getfixturevalue(whose)
    said = pair_explained(speaker, *twins)
    assert speaker.send(said).receipts[0].status == "applied"
    (closed,) = findings("plate_twice", still_open=False)
    assert (closed["outcome"], closed["closed_by"]) == ("explained", said.id)


def test_the_two_cars_may_be_named_in_either_order(gate, twins):
    gate.send(pair_explained(gate, *reversed(twins)))
    assert findings("plate_twice") == []


def test_a_third_post_explains_no_plate_and_an_unheard_stop_is_waited_for(county, gate, twins):
    crew = Speaker("coach-01", ["gate_officer"])
    assert crew.send(pair_explained(crew, *twins)).receipts[0].status == "applied", "no post"
    first, second = twins
    unheard = vehicle(gate)
    assert gate.send(pair_explained(gate, first, unheard)).receipts[0].status == "parked"
    assert gate.send(pair_explained(gate, first, second, " ")).receipts[0].code == "reason_missing"


def test_what_is_no_pair_any_more_needs_no_explanation(gate, other_gate):
    text = plate()
    first = vehicle(gate, plate=text)
    gate.send(first, clear(gate, first))
    second = vehicle(other_gate, plate=text)
    other_gate.send(second)
    assert gate.send(pair_explained(gate, first, second)).receipts[0].status == "applied"
    assert findings("plate_twice", still_open=False) == []
