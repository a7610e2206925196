"""The gate desk: nothing entered is lost, nothing is recorded twice, the decision shows at once."""

import re
from uuid import UUID

from pratique.checkpoint.queries import gate_board, vehicle_story
from pratique.custody.queries import whereabouts
from pratique.desks.tests.conftest import NOON, YAZHOU, arrive, resident_id
from pratique.registry.stays import unit_at
from tests.support import Speaker

COUNTY = "海南省 三亚市 崖州区"


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]+)"', page)[1]


def a_vehicle(gate, occupants: int = 2) -> UUID:
    page = gate.see("/gate/")
    answer = gate.send("/gate/", plate="晋J8K213", occupants=str(occupants), lane="1",
                       conveyance="car", fact=hidden(page, "fact"),
                       new_vehicle=hidden(page, "new_vehicle"))
    assert answer.status_code == 302, answer.content.decode()
    return UUID(answer["Location"].split("/")[3])


def person_fields(page: str, number: int = 1, **changed) -> dict:
    return {
        "fact": hidden(page, "fact"), "new_person": hidden(page, "new_person"), "name": "张小一",
        "document_kind": "resident_id", "document": resident_id(number), "phone": "13900000001",
        "phone_verified": "on", "destination": "town-141123100", "resident": "yes",
        "stay0-county": COUNTY, "stay0-since": "2022-08-14", "stay0-until": "2022-08-20",
        "stay0-area": "none", "do": "record", **changed}


def test_a_person_is_graded_by_the_list_in_force_and_the_next_step_shows_at_once(desk):
    gate = desk("gate")
    vehicle = a_vehicle(gate)
    address = f"/gate/vehicle/{vehicle}/"
    high = next(a for a in unit_at(YAZHOU, NOON).places.values() if a.tier == "high")
    answer = gate.send(address, **person_fields(gate.see(address), **{"stay0-area": high.key}))
    assert answer.status_code == 302, answer.content.decode()
    page = gate.see(address)
    assert "central isolation" in page
    assert "take the landing swab" in page
    assert "1 of 2 registered" in page


def test_the_same_form_sent_twice_is_one_fact(desk):
    gate = desk("gate")
    address = f"/gate/vehicle/{a_vehicle(gate)}/"
    fields = person_fields(gate.see(address))
    assert gate.send(address, **fields).status_code == 302
    assert gate.send(address, **fields).status_code == 302
    assert "1 of 2 registered" in gate.see(address)


def test_an_error_stands_beside_its_field_and_nothing_entered_is_lost(desk):
    gate = desk("gate")
    address = f"/gate/vehicle/{a_vehicle(gate)}/"
    wrong = person_fields(gate.see(address), document="14010219850101001X", phone="12345")
    page = gate.send(address, **wrong).content.decode()
    assert 'id="document-error"' in page
    assert 'id="phone-error"' in page
    for kept in ("张小一", "14010219850101001X", "12345", COUNTY):
        assert kept in page
    assert 'value="town-141123100" selected' in page


def test_a_county_on_the_list_offers_its_places_and_asks_for_an_answer(desk):
    gate = desk("gate")
    address = f"/gate/vehicle/{a_vehicle(gate)}/"
    fields = person_fields(gate.see(address))
    fields.pop("stay0-area")
    page = gate.send(address, **fields).content.decode()
    assert "Ask about the listed places" in page
    assert page.count('name="stay0-area"') == len(unit_at(YAZHOU, NOON).places) + 2


def test_a_scan_fills_the_document_and_a_known_person_brings_the_phone_along(desk):
    arrive(7)
    gate = desk("gate")
    address = f"/gate/vehicle/{a_vehicle(gate)}/"
    blank = {"fact": hidden(gate.see(address), "fact"), "do": "scan"}
    page = gate.send(address, scan=f"张小八 男 汉 19850101 {resident_id(7)}",
                     **blank).content.decode()
    assert f'value="{resident_id(7)}"' in page
    assert 'value="13900000007"' in page


def test_a_scan_without_a_document_says_so_beside_the_scan_field(desk):
    gate = desk("gate")
    address = f"/gate/vehicle/{a_vehicle(gate)}/"
    page = gate.send(address, do="scan", scan="6901234567892").content.decode()
    assert 'id="scan-error"' in page


def test_a_plate_that_cannot_be_one_is_refused_beside_its_field(desk):
    gate = desk("gate")
    page = gate.send("/gate/", plate="!", occupants="2", lane="1", conveyance="car")
    assert page.status_code == 422
    assert 'id="plate-error"' in page.content.decode()
    assert gate_board("post-01", NOON) == []


def test_people_go_on_by_an_offer_and_stay_with_the_post_until_it_is_answered(desk):
    person = arrive(3)
    gate = desk("gate")
    gate.send("/gate/people/", person=str(person), taker="coach-01", do="offer")
    held = whereabouts([person])[person]
    assert (held.account, held.pending is not None) == ("post-01", True)
    assert f"/hand-over/{held.pending}/" in desk("crew").see("/hand-overs/")


def test_a_lanes_count_is_compared_and_its_difference_explained(desk):
    gate = desk("gate")
    a_vehicle(gate)
    hour = NOON.replace(minute=0, second=0).isoformat()
    gate.send("/gate/lane/", hour=hour, lane="1", vehicles="2")
    assert 'class="n late" data-label="Difference">1<' in gate.see("/gate/")
    gate.send("/gate/lane/", hour=hour, lane="1", reason="a motorcycle")
    assert "a motorcycle" in gate.see("/gate/")


def test_a_vehicle_that_left_is_not_at_the_post_any_more(desk):
    gate = desk("gate")
    vehicle = a_vehicle(gate, occupants=0)
    gate.send(f"/gate/vehicle/{vehicle}/left/", reason="cleared")
    assert vehicle_story(vehicle)[-1].cleared_as == "cleared"
    assert "0 vehicles at the post" in gate.see("/gate/")


def test_who_was_merged_with_a_later_arrival_is_still_aboard_the_first_vehicle(desk):
    gate = desk("gate")
    vehicle = a_vehicle(gate, occupants=1)
    first = arrive(1, vehicle=vehicle)
    assert f"/person/{first}/" in gate.see(f"/gate/vehicle/{vehicle}/")
    later = arrive(2, post="post-02")
    registrar = Speaker("command", ["registrar"], now=NOON)
    assert registrar.say("registry.persons_merged", kept=first, merged=later,
                         reason="one person").status == "applied"
    assert f"/person/{first}/" in gate.see(f"/gate/vehicle/{vehicle}/")


def test_a_merged_person_is_swabbed_with_the_vehicle_that_they_were_registered_in(desk):
    gate = desk("gate")
    vehicle = a_vehicle(gate, occupants=1)
    first, kept = arrive(1, vehicle=vehicle), arrive(2)
    registrar = Speaker("command", ["registrar"], now=NOON)
    assert registrar.say("registry.persons_merged", kept=kept, merged=first,
                         reason="one person").status == "applied"
    assert f'name="tube-{kept}"' in gate.see(f"/sampling/?vehicle={vehicle}")
