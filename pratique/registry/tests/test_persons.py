"""Persons: found by keyed indexes, opened on purpose, merged and parted by people."""

from datetime import date

import pytest

from pratique.kit.sql import in_transaction
from pratique.registry import queries
from pratique.registry.reduce_screening import screen
from tests.support import fresh_id

from .conftest import broken_laws
from .said import WANG, findings, holder, meet_person, merge, met_fact, resident_number

pytestmark = pytest.mark.django_db


def test_a_person_is_found_by_the_document_however_it_is_typed(gate):
    person = meet_person(gate)
    number = WANG["document"]
    assert queries.persons_by_document("resident_id", number) == [person]
    typed = f" {number[:6]} {number[6:].lower()}"
    assert queries.persons_by_document("resident_id", typed) == [person]
    assert queries.persons_by_document("passport", number) == []
    assert queries.persons_by_document("resident_id", "") == []


def test_nothing_personal_stands_open_in_the_registrys_tables(gate):
    meet_person(gate)
    screen(now=gate.now)
    with in_transaction() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM registry_person t")
        rows = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(t::text, ' ') FROM registry_trace t")
        rows += cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(body::text, ' ') FROM journal_fact")
        rows += cursor.fetchone()[0]
    assert not [value for value in ("王小明", WANG["document"], "13811112222") if value in rows]


def test_a_record_is_opened_with_the_later_parts_over_the_earlier(gate, registrar):
    person = meet_person(gate)
    fact = registrar.fact("registry.person_corrected", person=person, reason="身份证核对",
                          sealed={person: {"name": "王晓明", "phone": "13900001111"}})
    assert registrar.send(fact).receipts[0].status == "applied"
    opened = queries.identities([person])[person]
    assert (opened.name, opened.phone, opened.address) == ("王晓明", "13900001111", WANG["address"])
    assert (opened.birth_date, opened.sex) == (date(1985, 3, 12), "male")
    assert queries.persons_by_document("resident_id", WANG["document"]) == [person]


def test_a_corrected_number_is_found_and_the_wrong_one_no_longer(gate, registrar):
    wrong = WANG["document"][:-1] + ("0" if WANG["document"][-1] != "0" else "1")
    person = meet_person(gate, document=wrong)
    assert findings("document_not_right") == [(person, "post-01")]
    assert queries.persons_by_document("resident_id", wrong) == [person]
    registrar.send(registrar.fact(
        "registry.person_corrected", person=person, reason="看错",
        sealed={person: {"document_kind": "resident_id", "document": WANG["document"]}}))
    assert queries.persons_by_document("resident_id", WANG["document"]) == [person]
    assert queries.persons_by_document("resident_id", wrong) == []


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"nickname": "x"}, "identity_field"),
        ({"name": 5}, "identity_field"),
        ({"name": "x" * 500}, "identity_length"),
        ({"document_kind": "library_card", "document": "1"}, "document_kind_unknown"),
        ({"document": "E12345678"}, "document_without_kind"),
        ({}, "nothing_corrected"),
    ],
)
def test_a_correction_that_cannot_be_a_record_is_kept_aside(gate, registrar, part, code):
    person = meet_person(gate)
    receipt = registrar.send(registrar.fact(
        "registry.person_corrected", person=person, reason="x", sealed={person: part})).receipts[0]
    assert (receipt.status, receipt.code) == ("quarantined", code)


def test_a_correction_heard_before_the_person_waits(gate, registrar):
    person = fresh_id()
    early = registrar.fact("registry.person_corrected", person=person, reason="更正",
                           sealed={person: {"name": "王晓明"}})
    assert registrar.send(early).receipts[0].status == "parked"
    meet_person(gate, person=person)
    assert queries.identities([person])[person].name == "王晓明"


# Screening ----------------------------------------------------------------------------------------


def test_the_same_person_at_two_gates_is_shown_first_and_becomes_a_finding(gate, other_gate):
    first, second = meet_person(gate), meet_person(other_gate)
    assert screen(now=gate.now) == (2, 1)
    (pair,) = queries.duplicate_candidates()
    assert {pair.first, pair.second} == {first, second}
    assert pair.strong and "same_document" in pair.reasons
    assert findings("same_person_twice") == [(min(first, second), None)]
    assert screen(now=gate.now) == (0, 0)


def test_a_slip_of_the_pen_is_proposed_in_a_later_run(gate, other_gate):
    meet_person(gate)
    screen(now=gate.now)
    other = meet_person(other_gate, name="王晓明", document="", document_kind="",
                        birth_date="1985-12-03", sex="female")
    assert screen(now=gate.now) == (1, 1)
    assert len(queries.duplicate_candidates(person=other)) == 1


def test_strangers_are_not_proposed(gate):
    meet_person(gate)
    meet_person(gate, name="李强", document=resident_number("19900506", 2), phone="15900001111")
    assert screen(now=gate.now) == (2, 0)


def test_a_record_is_screened_again_when_it_is_corrected(gate, registrar):
    meet_person(gate)
    other = meet_person(gate, name="李强", document="E12345678", document_kind="passport",
                        birth_date="1990-05-06", phone="")
    assert screen(now=gate.now) == (2, 0)
    registrar.send(registrar.fact(
        "registry.person_corrected", person=other, reason="护照看错人",
        sealed={other: {"name": "王小明", "birth_date": "1985-03-12"}}))
    assert screen(now=gate.now) == (1, 1)
    assert broken_laws() == []


def test_a_name_and_a_phone_are_found_once_screened(gate):
    person = meet_person(gate)
    assert queries.persons_by_name("王小明") == []
    screen(now=gate.now)
    assert queries.persons_by_name("王小明") == queries.persons_by_name("Wang Xiaoming") == [person]
    assert queries.persons_by_phone("+86 138-1111-2222") == [person]
    assert queries.persons_by_phone("13811112223") == []


def test_screening_keeps_to_its_limit_and_goes_on_where_it_stopped(gate):
    for serial in range(5):
        meet_person(gate, document=resident_number("19850312", serial))
    assert [screen(now=gate.now, limit=2)[0] for _ in range(4)] == [2, 2, 1, 0]
    assert len(queries.duplicate_candidates()) == 10


def test_a_pair_that_a_person_has_parted_is_not_proposed_again(gate, other_gate, registrar):
    first, second = meet_person(gate), meet_person(other_gate, name="王小鸣")
    screen(now=gate.now)
    assert len(queries.duplicate_candidates()) == 1
    receipt = registrar.say("registry.not_duplicate", first=second, second=first, reason="双胞胎")
    assert receipt.status == "applied"
    assert queries.duplicate_candidates() == []
    registrar.send(registrar.fact("registry.person_corrected", person=first, reason="x",
                                  sealed={first: {"phone": "13911112222"}}))
    screen(now=gate.now)
    assert queries.duplicate_candidates() == []


# Merging ------------------------------------------------------------------------------------------


def test_a_merged_person_goes_on_under_the_other_until_the_merge_is_undone(gate, registrar):
    kept, merged = meet_person(gate), meet_person(gate)
    screen(now=gate.now)
    receipt = merge(registrar, kept, merged)
    assert receipt.status == "applied"
    assert queries.roots_of([kept, merged]) == {kept: kept, merged: kept}
    assert queries.persons_by_document("resident_id", WANG["document"]) == [kept]
    assert queries.duplicate_candidates() == [] and broken_laws() == []
    undone = registrar.say("registry.merge_undone", kept=kept, merged=merged, merge=receipt.id,
                           reason="看错了")
    assert undone.status == "applied"
    assert queries.roots_of([kept, merged]) == {kept: kept, merged: merged}
    assert len(queries.duplicate_candidates()) == 1 and broken_laws() == []
    assert [m["undone_reason"] for m in queries.merges_of(merged)] == ["看错了"]


def test_merges_in_a_row_all_lead_to_the_last_one_and_come_apart_again(gate, registrar):
    a, b, c = (meet_person(gate) for _ in range(3))
    merge(registrar, b, a)
    second = merge(registrar, c, b)
    assert queries.roots_of([a, b, c]) == {a: c, b: c, c: c}
    assert queries.merged_into([c]) == {c: [c, *sorted([a, b])]}
    registrar.say("registry.merge_undone", kept=c, merged=b, merge=second.id, reason="x")
    assert queries.roots_of([a, b, c]) == {a: b, b: b, c: c}
    assert broken_laws() == []


def test_who_is_merged_already_is_not_merged_again(gate, registrar):
    a, b, c = (meet_person(gate) for _ in range(3))
    merge(registrar, b, a)
    for kept, merged in ((c, a), (a, c)):
        receipt = merge(registrar, kept, merged)
        assert (receipt.status, receipt.code) == ("disputed", "merged_already")
    assert registrar.say("registry.not_duplicate", first=a, second=b, reason="x").code == (
        "merged_already")


def test_a_merge_is_undone_once_and_only_as_it_was(gate, registrar):
    a, b, c = (meet_person(gate) for _ in range(3))
    first = merge(registrar, a, b)
    body = {"kept": a, "merged": b, "merge": first.id, "reason": "x"}
    assert registrar.say("registry.merge_undone", **(body | {"merged": c})).code == "other_merge"
    assert registrar.say("registry.merge_undone", **body).status == "applied"
    assert registrar.say("registry.merge_undone", **body).code == "undone_already"
    unheard = body | {"merge": fresh_id()}
    assert registrar.say("registry.merge_undone", **unheard).status == "parked"
    assert merge(registrar, a, b).status == "applied"


def test_a_merge_of_unknown_persons_waits_for_them(gate, registrar):
    kept, merged = fresh_id(), meet_person(gate)
    assert merge(registrar, kept, merged).status == "parked"
    meet_person(gate, person=kept)
    assert queries.roots_of([merged]) == {merged: kept}


def test_one_human_being_is_in_one_place_after_a_merge(gate, other_gate, registrar):
    kept = meet_person(gate, account="post-01")
    merged = meet_person(other_gate, account="post-02")
    receipt = merge(registrar, kept, merged)
    assert (holder(kept), holder(merged)) == ("post-01", "outside")
    assert findings("merged_was_held") == [(kept, "post-02")]
    registrar.say("registry.merge_undone", kept=kept, merged=merged, merge=receipt.id, reason="x")
    assert (holder(kept), holder(merged)) == ("post-01", "post-02")
    assert findings("merge_undone") == [(merged, "post-02")]


def test_the_kept_record_takes_the_place_of_the_merged_one_where_nobody_holds_it(gate, registrar):
    kept = meet_person(gate)
    merged = meet_person(gate, account="site-1")
    receipt = merge(registrar, kept, merged)
    assert (holder(kept), holder(merged)) == ("site-1", "outside")
    registrar.say("registry.merge_undone", kept=kept, merged=merged, merge=receipt.id, reason="x")
    assert (holder(kept), holder(merged)) == ("outside", "site-1")


def test_a_merge_waits_while_one_of_the_two_is_on_offer(gate, other_gate, registrar):
    fact = met_fact(gate, account="post-01")
    gate.send(fact)
    merged, kept = next(iter(fact.sealed)), meet_person(other_gate)
    offer = gate.say("custody.offered", giver="post-01", taker="post-02",
                     lines=[{"subject": merged, "holds_by": fact.id}],
                     expires_at="2022-08-19T23:00:00Z")
    assert merge(registrar, kept, merged).code == "offer_pending"
    answer = other_gate.say("custody.answered", handover=offer.id, taker="post-02",
                            accepted=[merged])
    assert answer.status == "applied"
    assert queries.roots_of([merged]) == {merged: kept}
    assert (holder(kept), holder(merged)) == ("post-02", "outside")


def test_a_decision_about_people_needs_its_reason(gate, registrar):
    a, b = meet_person(gate), meet_person(gate)
    for kind, body in (
        ("registry.persons_merged", {"kept": a, "merged": b}),
        ("registry.not_duplicate", {"first": a, "second": b}),
    ):
        assert registrar.say(kind, reason=" ", **body).code == "reason_missing"


def test_a_gate_officer_merges_nobody(gate):
    a, b = meet_person(gate), meet_person(gate)
    assert merge(gate, a, b).code == "not_your_role"
