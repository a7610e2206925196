"""A hand-over between two devices without a network, by what their screens show and scan."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from pratique.desks.tests.conftest import arrive, clock, fill_county  # noqa: F401
from pratique.field.tests.app_page import run, until
from pratique.field.tests.handing_page import (
    APP,
    HEAR_RUNS,
    again,
    attention,
    beside,
    fresh,
    holder,
    offer_all,
    offers,
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
from pratique.field.tests.test_app import LANGUAGES, TARGET_PX_MIN, WIDTHS
from pratique.field.tests.test_roll import GATE, done, tube_of, vehicle
from pratique.field.tests.test_swabs import scan_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]

# How an offer is made false, and what is said then.
FALSE = [
    ("half.fact = half.fact.replace('coach-01', 'coach-02')", "changed after it was signed"),
    ("half.words = '{}'", "changed after it was signed"),
    ("half.county = 'elsewhere'", "another county"),
    ("half.device = '01890000-0000-7000-8000-000000000000'", "does not know the one that shows"),
    ("app.knowledge.bundle.revoked = [half.device]", "has been revoked"),
    ("half.form = 'other'", "no hand-over of Pratique"),
]


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


def test_a_bag_of_ten_goes_by_courier_to_the_laboratory_before_anybody_has_a_network(
        county, browser, live_server):
    tubes = [str(tube_of(arrive(n))) for n in range(1, 11)]
    done(GATE.say("specimens.bagged", bag="BAG-0001", place="post-01", specimens=tubes))
    gate, courier, lab = (beside(browser, live_server, unit, role) for unit, role in (
        ("post-01", "gate_officer"), ("courier-1", "courier"), ("lab-1", "laboratory")))
    fresh(gate, courier, lab)
    to(gate, "handover")
    scan_until(gate, "BAG-0001", "#headline", "10 tubes")
    assert gate.input_value("#handover-taker").startswith("courier-")
    gate.select_option("#handover-taker", "courier-1")
    picture(gate, "choose")
    gate.click("#handover-offer")
    answer = take_over(courier, shown(gate))
    scan_all(gate, answer)
    until(lambda: "All taken over" in gate.inner_text("#offer-state"))
    offer = offer_all(courier, "handover/bag/BAG-0001", "lab-1")
    to(lab, "receive")
    scan_all(lab, offer)
    until(lambda: lab.locator("#receive-lines li").count() == 10)
    labels = lab.locator("#receive-lines b").all_inner_texts()
    for number, label in enumerate(labels[:2], 1):
        scan_until(lab, label, "#headline", f"{number} of 10")
    picture(lab, "ticking")
    scan_until(lab, "BAG-0001", "#headline", "10 of 10")
    lab.click("#receive-save:not([disabled])")
    scan_all(courier, shown(lab))
    until(lambda: courier.inner_text("#headline") == "10 of 10 taken over")
    assert len(things(lab, "specimen")) == 10 and things(courier, "specimen") == []
    online(lab)
    settled(lab)
    assert holder(tubes[0]) == "post-01"  # nobody has heard yet that the courier took them
    online(courier)
    until(lambda: {holder(tube) for tube in tubes} == {"lab-1"})
    online(gate)
    settled(gate)
    assert not attention(gate, courier, lab)
    assert {holder(tube) for tube in tubes} == {"lab-1"}


def test_what_does_not_hold_is_refused_with_its_sentence_and_nothing_changes_hands(
        people, gate, crew, browser, live_server):
    ids, car = people
    other = beside(browser, live_server, "coach-02", "crew")
    second = beside(browser, live_server, "coach-01", "crew")
    fresh(gate, crew, other, second)
    offer = offer_all(gate, f"handover/vehicle/{car}", "coach-01")
    to(other, "receive")
    scan_all(other, offer)
    assert "meant for another unit" in toast(other)
    picture(other, "refused")
    to(crew, "receive")
    scan_all(crew, [offer[0][:-9] + "00000000."])
    until(lambda: "came in damaged" in crew.inner_text("#receive-gather"))
    for change, words in FALSE:
        scan_all(crew, again(crew, offer, change))
        until(lambda: words in crew.inner_text("#receive-gather"), 10)  # noqa: B023
        crew.reload()
        crew.wait_for_selector("#receive-read:visible")
        run(crew, HEAR_RUNS)
    answer = take_over(crew, offer)
    to(crew, "receive")
    scan_all(crew, offer)
    assert "has been read here before" in toast(crew)
    assert len(things(crew, "person")) == 4 and things(other, "person") == []
    scan_all(gate, answer)
    until(lambda: "All taken over" in gate.inner_text("#offer-state"))
    online(crew)
    until(lambda: holder(ids[0]) == "coach-01")
    second.context.set_offline(False)
    until(lambda: run(second, APP + "await app.rolls.fetch(); return true;")
          and len(things(second, "person")) == 4)
    second.context.set_offline(True)
    to(second, "receive")
    scan_all(second, offer)
    assert "in this unit's hands already" in toast(second)


def test_an_offer_that_nobody_answered_is_taken_back_or_expires(people, gate, crew):
    ids, car = people
    fresh(gate, crew)
    offer = offer_all(gate, f"handover/vehicle/{car}", "coach-01")
    gate.click("#offer-back")
    until(lambda: gate.inner_text("#headline") != "4 people")
    again_offered = offer_all(gate, f"handover/vehicle/{car}", "coach-01")
    assert again_offered != offer
    for page in (gate, crew):
        run(page, APP + "app.lock.isIdle = () => false;")  # its cover has its own tests
        page.clock.fast_forward("05:00:00")
    to(crew, "receive")
    scan_all(crew, again_offered)
    assert "time is over" in toast(crew)
    to(gate, "handover")
    until(lambda: gate.locator("#handover-open-list li").count() == 1)
    gate.click("#handover-open-list a")
    until(lambda: "over at" in gate.inner_text("#offer-state"))
    picture(gate, "expired")
    gate.click("#offer-back")
    until(lambda: len([t for t in things(gate, "person") if not t["pending"]]) == 4)
    assert {t["after"] for t in things(gate, "person")} != {None}


def test_a_dying_devices_outbox_goes_from_screen_to_screen(people, gate, browser, live_server):
    _ids, car = people
    second = beside(browser, live_server, "post-01", "gate_officer")
    fresh(gate, second)
    offer_all(gate, f"handover/vehicle/{car}", "coach-01")
    to(gate, "outbox")
    gate.click("summary:text('Show as square codes')")
    gate.fill("#codes-out-pass", "a long passphrase")
    gate.fill("#codes-out-again", "a long passphrase")
    gate.click("#codes-out button")
    until(lambda: "1 entry" in gate.inner_text("#codes-out .said"))
    picture(gate, "outbox-codes")
    to(second, "outbox")
    scan_all(second, shown(gate))
    until(lambda: "All codes are read" in second.inner_text("#codes-in .said"))
    for passphrase, words in (("another one", "passphrase is wrong"),
                              ("a long passphrase", "1 entries taken over")):
        second.fill("#codes-in-pass", passphrase)
        second.click("#codes-in button")
        until(lambda: words in second.inner_text("#codes-in .said"))  # noqa: B023
    picture(second, "outbox-taken")
    online(second)
    until(lambda: offers() == 1)


def test_the_pages_are_for_everybody(people, gate, crew):
    _ids, car = people
    fresh(gate, crew)
    offer = offer_all(gate, f"handover/vehicle/{car}", "coach-01")
    to(crew, "receive")
    scan_all(crew, offer)
    crew.wait_for_selector("#receive-lines li")
    address = gate.url.split("#")[1]
    found = []
    for page, name, path in ((gate, "offer", address), (gate, "handover", "/handover"),
                             (crew, "receive", "/receive")):
        for language in LANGUAGES:
            page.goto(page.url.split("/field/")[0] + f"/field/{language}/#{path}")
            page.wait_for_selector("#headline:not(:empty)")
            for number, width in enumerate(WIDTHS):
                page.emulate_media(color_scheme="dark" if number else "light")
                page.set_viewport_size({"width": width, "height": 900})
                found += [f"{name} {language} {width}: {bad}" for bad in faults(page)]
                picture(page, f"{name}-{language}-{width}")
    assert found == []


def faults(page) -> list[str]:
    bad = [f"{each['id']} {each['nodes'][0]['html'][:90]}"
           for each in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
        bad.append("over the edge")
    return bad + [f"{box} px" for box in page.evaluate(
        "['button', 'a', 'summary', 'input', 'select'].flatMap((each) =>"
        " [...document.querySelectorAll(`main ${each}`)])"
        ".filter((e) => e.checkVisibility()).map((e) => e.getBoundingClientRect().height)")
        if box < TARGET_PX_MIN - 0.5]
