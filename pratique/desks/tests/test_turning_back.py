"""Turning a person back at the gate: the button for whom nothing forbids it, words for the rest."""

import re

import pytest

from pratique.checkpoint.queries import episodes, gate_board
from pratique.custody.queries import whereabouts
from pratique.desks.tests.conftest import NOON, arrive
from pratique.registry.stays import unit_at
from tests.support import Speaker, fresh_id

BEIJING_DONGCHENG = "110101"  # listed nowhere on 20 August: self-monitoring


@pytest.fixture
def gate(desk):
    """Guo, the gate officer at post-01."""
    return desk("gate")


@pytest.fixture
def car(county):
    """A car with two people aboard stands at post-01."""
    vehicle = fresh_id(NOON)
    said = Speaker("post-01", ["gate_officer"], now=NOON).say(
        "checkpoint.vehicle_arrived", vehicle=vehicle, post="post-01", plate="晋J8K213",
        occupants=2)
    assert said.status == "applied"
    return vehicle


def free_to_leave(number: int = 1, **more):
    return arrive(number, division=BEIJING_DONGCHENG, **more)


def kept_here(number: int = 2, **more):
    """Somebody from a listed place, who is to be isolated."""
    high = next(a for a in unit_at("460205", NOON).places.values() if a.tier == "high")
    return arrive(number, area=high.key, **more)


def page_of(person) -> str:
    return f"/gate/person/{person}/turn-back/"


def form_of(gate, person, **fields) -> dict:
    fact = re.search(r'name="fact" value="([^"]+)"', gate.see(page_of(person)))[1]
    return {"fact": fact, "reason": "own_wish", **fields}


def test_the_button_stands_at_whom_nothing_forbids_it_and_at_nobody_else(gate, car):
    free, kept = free_to_leave(vehicle=car), kept_here(vehicle=car)
    for address in (f"/gate/vehicle/{car}/", "/gate/"):
        page = gate.see(address)
        assert page_of(free) in page
        assert page_of(kept) not in page


def test_who_is_turned_back_leaves_and_the_vehicle_and_the_others_stay(gate, car):
    free, kept = free_to_leave(vehicle=car), kept_here(vehicle=car)
    answer = gate.send(page_of(free), **form_of(gate, free))
    assert (answer.status_code, answer["Location"]) == (302, f"/gate/vehicle/{car}/")
    assert whereabouts([free])[free].account == "outside"
    assert whereabouts([kept])[kept].account == whereabouts([car])[car].account == "post-01"
    assert episodes([free])[free].outcome == "turned_back"
    assert gate_board("post-01", NOON)[0].missing == 0, "registered is registered"
    page = gate.see(f"/gate/vehicle/{car}/")
    assert "Recorded: person turned back" in page
    assert "<strong>turned back</strong>" in page and "all 2 registered" in page
    assert page_of(free) not in page


def test_the_reason_is_chosen_or_typed_and_never_left_out(gate):
    person = free_to_leave()
    for wrong in ({"reason": ""}, {"reason": "other", "words": "  "},
                  {"reason": "other", "words": "x" * 501}):
        answer = gate.send(page_of(person), **form_of(gate, person, **wrong))
        assert answer.status_code == 422
        assert 'id="reason-error"' in answer.content.decode()
        assert whereabouts([person])[person].account == "post-01"
    answer = gate.send(page_of(person), **form_of(
        gate, person, reason="other", words="forgot his keys"))
    assert (answer.status_code, answer["Location"]) == (302, "/gate/")
    assert "forgot his keys" in desk_story(person)


def desk_story(person) -> str:
    """What the journal keeps of it."""
    from pratique.journal.queries import story
    return " ".join(str(told.body) for told in story(person))


def test_pressed_twice_it_is_said_once(gate):
    person = free_to_leave()
    fields = form_of(gate, person)
    assert gate.send(page_of(person), **fields).status_code == 302
    assert gate.send(page_of(person), **fields).status_code == 302
    assert episodes([person])[person].outcome == "turned_back"


@pytest.mark.parametrize(("language", "measure", "may_not"), [
    ("en", "central isolation", "may not be turned back"), ("zh-hans", "集中隔离", "不能劝返")])
def test_whom_a_measure_keeps_is_not_turned_back_and_the_page_says_why(
        desk, language, measure, may_not):
    person = kept_here()
    gate = desk("gate", language)
    page = gate.see(page_of(person))
    assert may_not in page and measure in page and 'name="reason"' not in page
    pressed = gate.send(page_of(person), reason="own_wish", fact=str(fresh_id(NOON)))
    assert pressed.status_code == 422
    assert f"{measure}" in pressed.content.decode()
    assert "central_isolation" not in pressed.content.decode(), "a measure is said in words"
    assert whereabouts([person])[person].account == "post-01"


def test_who_is_on_offer_is_not_turned_back_before_the_answer(gate):
    person = free_to_leave()
    gate.send("/gate/people/", person=str(person), taker="coach-01", do="offer")
    page = gate.see(page_of(person))
    assert "on offer to somebody else" in page
    assert f"/hand-over/{whereabouts([person])[person].pending}/" in page


def test_another_post_turns_nobody_back_whom_it_does_not_hold(gate):
    person = free_to_leave(post="post-02")
    assert "does not hold this person" in gate.see(page_of(person))
    pressed = gate.send(page_of(person), reason="own_wish", fact=str(fresh_id(NOON)))
    assert pressed.status_code == 422
    assert whereabouts([person])[person].account == "post-02"


def test_two_records_of_one_person_are_turned_back_as_one(gate, car):
    first, kept = free_to_leave(1, vehicle=car), free_to_leave(2)
    registrar = Speaker("command", ["registrar"], now=NOON)
    assert registrar.say("registry.persons_merged", kept=kept, merged=first,
                         reason="one person").status == "applied"
    assert page_of(kept) in gate.see(f"/gate/vehicle/{car}/")
    assert gate.send(page_of(first), **form_of(gate, kept)).status_code == 302
    assert whereabouts([kept, first])[kept].account == "outside"
    assert f"{page_of(kept)}" not in gate.see(f"/gate/vehicle/{car}/")


def test_only_the_gate_turns_people_back(desk):
    desk("lab").see(page_of(free_to_leave()), status=403)
    desk("gate").see(page_of(fresh_id(NOON)), status=404)
