"""Corrections at the desks: the old value stays in the story, the new decision shows at once."""

import re

import pytest
from django.urls import resolve, reverse

from pratique.checkpoint.queries import episodes
from pratique.desks.tests.conftest import NOON, YAZHOU, arrive, resident_id
from pratique.journal.kinds import kind_named
from pratique.kit.access import roles_of
from pratique.pathway.queries import decision_story
from pratique.registry.queries import identities
from pratique.registry.stays import unit_at
from tests.support import fresh_id

COUNTY = "海南省 三亚市 崖州区"
HOME = "山西省 吕梁市 兴县"


def high_place():
    return next(a for a in unit_at(YAZHOU, NOON).places.values() if a.tier == "high")


def fact_of(page: str) -> str:
    return re.search(r'name="fact" value="([^"]+)"', page)[1]


def correct_stays(desk, person, **changed):
    address = f"/person/{person}/stays/"
    return desk.client.post(address, {
        "fact": fact_of(desk.see(address)), "stay0-county": COUNTY, "stay0-since": "2022-08-14",
        "stay0-until": "2022-08-20", "stay0-area": "none", "reason": "asked again by telephone",
        "do": "record", **changed}, follow=True)


def correct_identity(desk, person, **changed):
    address = f"/person/{person}/identity/"
    known = identities([person])[person]
    return desk.client.post(address, {
        "fact": fact_of(desk.see(address)), "name": known.name, "phone": known.phone,
        "document_kind": known.document_kind, "document": known.document, "address": known.address,
        "reason": "as the card says", **changed}, follow=True)


def test_corrected_stays_are_graded_anew_and_the_reason_shows_at_once(desk):
    person, epidemiologist = arrive(area=high_place().key), desk("epidemiologist")
    before = epidemiologist.see(f"/person/{person}/")
    assert "central isolation" in before
    page = correct_stays(epidemiologist, person).content.decode()
    first, last = decision_story(person)[0], decision_story(person)[-1]
    assert first.measure == "central_isolation" != last.measure
    assert "Decided anew:" in page and "(before: central isolation" in page
    assert "1 earlier decision" in page
    assert "asked again by telephone" in page
    assert high_place().key.rpartition("/")[2] in page.split("Story</h2>")[1]


def test_stays_that_change_nothing_leave_the_decision_and_say_so(desk):
    person, epidemiologist = arrive(), desk("epidemiologist")
    page = correct_stays(epidemiologist, person, **{"stay0-since": "2022-08-15"}).content.decode()
    assert "The decision stays:" in page
    assert len({decided.row for decided in decision_story(person)}) == 1


def test_a_corrected_from_outside_stands_in_the_story_beside_the_old_and_is_decided_anew(desk):
    person, gate = arrive(), desk("gate")
    shown = gate.see(f"/person/{person}/stays/")
    assert '<option value="yes" selected>' in shown
    correct_stays(gate, person, outside="yes", **{"stay0-county": HOME})
    page = correct_stays(gate, person, outside="no", **{"stay0-county": HOME}).content.decode()
    assert not episodes([person])[person].from_outside_province
    arrivals, tale = page.split("Arrivals</h2>")[1].split("Story</h2>")
    assert "from inside the province" in arrivals
    assert "from outside the province: yes → no" in tale
    assert "Decided anew: no measure (before: self-monitoring)" in page


def test_an_answer_that_is_left_as_it_is_is_not_said_again(desk):
    person, gate = arrive(), desk("gate")
    page = correct_stays(gate, person, outside="yes").content.decode()
    assert "from outside the province:" not in page
    assert episodes([person])[person].from_outside_province


def test_an_answer_at_odds_with_the_stays_is_pointed_out_and_not_forbidden(desk):
    person, gate = arrive(), desk("gate")
    answer = correct_stays(gate, person, outside="no", reason="")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "One of the stays above is outside the province." in page
    assert '<option value="no" selected>' in page
    correct_stays(gate, person, outside="no")
    assert not episodes([person])[person].from_outside_province


def test_a_ticked_place_that_is_not_on_todays_list_stays_ticked(desk):
    person, gate = arrive(area=f"{YAZHOU}/某村"), desk("gate")
    page = gate.see(f"/person/{person}/stays/")
    assert "not on the list in force" in page
    assert f'value="{YAZHOU}/某村" checked' in page


def test_a_correction_without_a_reason_or_with_a_bad_field_keeps_what_was_entered(desk):
    person, gate = arrive(), desk("gate")
    answer = correct_stays(gate, person, reason="", **{"stay0-since": "2022-08-16"})
    assert answer.status_code == 422
    assert 'value="2022-08-16"' in answer.content.decode()
    answer = correct_identity(gate, person, document="140102198501010", name="李四")
    assert answer.status_code == 422
    assert 'value="李四"' in answer.content.decode()
    assert identities([person])[person].name != "李四"


def test_a_corrected_identity_shows_old_and_new_in_the_story(desk):
    person, registrar = arrive(), desk("registrar")
    page = correct_identity(registrar, person, name="张小乙", document=resident_id(77)
                            ).content.decode()
    known = identities([person])[person]
    assert (known.name, known.document) == ("张小乙", resident_id(77))
    tale = page.split("Story</h2>")[1]
    assert "张小二 → 张小乙" in tale
    assert f"••••{resident_id(1)[-6:]} → ••••{resident_id(77)[-6:]}" in tale
    assert resident_id(1) not in page and resident_id(77) not in page
    assert "as the card says" in tale


def test_a_field_left_empty_keeps_its_value_and_no_change_is_no_fact(desk):
    person, registrar = arrive(), desk("registrar")
    correct_identity(registrar, person, phone="", address="蔚汾镇1号")
    assert identities([person])[person].phone == "13900000001"
    answer = correct_identity(registrar, person)
    assert answer.status_code == 422
    assert "Nothing here differs" in answer.content.decode()


def test_pressing_twice_corrects_once(desk):
    person, gate = arrive(area=high_place().key), desk("gate")
    address = f"/person/{person}/stays/"
    fact = fact_of(gate.see(address))
    for __ in range(2):
        correct_stays(gate, person, fact=fact)
    assert str(episodes([person])[person].stays_by) == fact
    assert len(decision_story(person)) == 2


@pytest.mark.parametrize(("who", "identity", "stays"), [
    ("gate", 200, 200), ("registrar", 200, 403), ("epidemiologist", 403, 200),
    ("township", 200, 200), ("site", 403, 403), ("lab", 403, 403), ("leader", 403, 403)])
def test_who_met_holds_or_awaits_the_person_corrects_and_nobody_else(desk, who, identity, stays):
    person = arrive()
    reader = desk(who)
    reader.see(f"/person/{person}/identity/", status=identity)
    reader.see(f"/person/{person}/stays/", status=stays)
    page = reader.see(f"/person/{person}/")
    assert (f"/person/{person}/identity/" in page) == (identity == 200)
    assert (f"/person/{person}/stays/" in page) == (stays == 200)


def test_the_roles_that_correct_are_those_of_the_kinds(desk):
    for kind, address in (("registry.person_corrected", "correct_identity"),
                          ("checkpoint.stays_corrected", "correct_stays")):
        view = resolve(reverse(address, args=[fresh_id()])).func
        assert roles_of(view) == kind_named(kind).roles


def test_another_posts_officer_is_told_who_corrects(desk):
    person = arrive(post="post-02")
    answer = desk("gate").client.get(f"/person/{person}/stays/")
    assert answer.status_code == 403
    assert "corrects the record" in answer.content.decode()


def test_opening_a_correction_is_kept_as_a_look(desk):
    person, gate = arrive(), desk("gate")
    gate.see(f"/person/{person}/identity/")
    assert "a correction" in desk("leader").see(f"/person/{person}/looks/")
