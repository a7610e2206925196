"""A hand-over between two devices without a network, by what their screens show and scan."""

import os
from pathlib import Path

import pytest

from pratique.desks.tests.conftest import arrive, clock, fill_county  # noqa: F401
from pratique.field.tests.app_page import until
from pratique.field.tests.handing_page import (
    beside,
    fresh,
    holder,
    offer_all,
    online,
    receipts,
    resolved,
    scan_all,
    settled,
    shown,
    take_over,
    things,
    to,
    toast,
)
from pratique.field.tests.test_roll import vehicle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]


@pytest.fixture
def county(transactional_db, clock):  # noqa: F811
    fill_county()


@pytest.fixture
def people(county):
    car = vehicle(occupants=4)
    return [str(arrive(n, vehicle=car)) for n in (1, 2, 3, 4)], str(car)


@pytest.fixture
def gate(people, browser, live_server):
    page = beside(browser, live_server, "post-01", "gate_officer")
    yield page
    assert page.failed == []


@pytest.fixture
def crew(people, browser, live_server):
    page = beside(browser, live_server, "coach-01", "crew")
    yield page
    assert page.failed == []


def picture(page, name: str) -> None:
    if folder := os.environ.get("PRATIQUE_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_four_people_go_aboard_without_a_network_and_whoever_meets_one_first_tells_both_sides(
        people, gate, crew):
    ids, car = people
    fresh(gate, crew)
    offer = offer_all(gate, f"handover/vehicle/{car}", "coach-01")
    assert gate.inner_text("#headline") == "4 people"
    picture(gate, "offer")
    refused = things(gate, "person")[1]
    answer = take_over(crew, offer, refuse=refused["label"])
    assert crew.inner_text("#headline") == "3 of 4 taken over"
    picture(crew, "answer")
    scan_all(gate, answer)
    until(lambda: gate.inner_text("#headline") == "3 of 4 taken over")
    picture(gate, "offer-done")
    assert [t["id"] for t in things(gate, "person")] == [refused["id"]]
    assert {t["id"] for t in things(crew, "person")} == set(ids) - {refused["id"]}
    assert resolved() == {}
    online(crew)
    until(lambda: len(resolved()) == 4)
    settled(crew)
    assert receipts(crew) == ["applied"]
    assert [holder(one) for one in ids] == [
        "post-01" if one == refused["id"] else "coach-01" for one in ids]
    online(gate)
    settled(gate)
    assert receipts(gate) == ["duplicate"]
    assert [t["id"] for t in things(gate, "person")] == [refused["id"]]
