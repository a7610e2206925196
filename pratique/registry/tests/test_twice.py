"""Whether two records are one person: asked once, answered by a merge or a parting, asked again."""

import pytest

from pratique.registry import queries
from pratique.registry.reduce_screening import screen

from .said import meet_person, merge, questions

pytestmark = pytest.mark.django_db


def test_a_merge_answers_whether_two_records_are_one_person(gate, other_gate, registrar):
    first, second = meet_person(gate), meet_person(other_gate)
    screen(now=gate.now)
    pair = frozenset((first, second))
    assert questions() == [(pair, "")]
    merge(registrar, second, first)
    assert questions() == [(pair, "merged")]


def test_a_merge_that_is_undone_asks_the_question_again(gate, other_gate, registrar):
    kept, merged = meet_person(gate), meet_person(other_gate)
    screen(now=gate.now)
    done = merge(registrar, kept, merged)
    registrar.say("registry.merge_undone", kept=kept, merged=merged, merge=done.id, reason="twins")
    pair = frozenset((kept, merged))
    assert questions() == [(pair, ""), (pair, "merged")]
    assert merge(registrar, kept, merged).status == "applied"
    assert questions() == [(pair, "merged"), (pair, "merged")]


def test_an_answer_that_two_people_are_two_closes_it(gate, other_gate, registrar):
    first, second = meet_person(gate), meet_person(other_gate)
    screen(now=gate.now)
    registrar.say("registry.not_duplicate", first=second, second=first, reason="twins")
    assert questions() == [(frozenset((first, second)), "two_people")]


def test_of_three_records_each_question_closes_with_the_merge_that_answers_it(gate, registrar):
    a, b, c = (meet_person(gate) for _ in range(3))
    screen(now=gate.now)
    assert [outcome for __, outcome in questions()] == ["", "", ""]
    merge(registrar, b, a)
    assert dict(questions())[frozenset((a, b))] == "merged"
    assert dict(questions())[frozenset((a, c))] == ""
    second = merge(registrar, c, b)
    assert [outcome for __, outcome in questions()] == ["merged"] * 3
    registrar.say("registry.merge_undone", kept=c, merged=b, merge=second.id, reason="two people")
    asked = {pair for pair, outcome in questions() if not outcome}
    assert asked == {frozenset((a, c)), frozenset((b, c))}


def test_records_that_nobody_took_for_one_leave_no_question_when_their_merge_is_undone(
    gate, registrar
):
    kept = meet_person(gate)
    merged = meet_person(gate, name="李强", document="E12345678", document_kind="passport",
                         birth_date="1990-05-06", phone="")
    done = merge(registrar, kept, merged)
    registrar.say("registry.merge_undone", kept=kept, merged=merged, merge=done.id, reason="x")
    assert questions() == [] and queries.duplicate_candidates() == []
