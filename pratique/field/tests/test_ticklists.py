"""Rounds, doors, counts, lanes, boarding lists, places: a list, a scan, a tick, a reason."""

import pytest

from pratique.checkpoint import rules as checkpoint
from pratique.desks import holding
from pratique.desks.tests.conftest import arrive, clock, fill_county, resident_id  # noqa: F401
from pratique.desks.tests.test_journey import high_risk_place
from pratique.field.tests.app_page import run, until
from pratique.field.tests.gate_page import scan
from pratique.field.tests.test_roll import (
    GATE,
    SITE,
    TOWN,
    done,
    hand_over,
    offer,
    planned_trip,
    vehicle,
)
from pratique.field.tests.ticklist_page import (
    APP,
    device_of,
    go_online,
    look,
    not_applied,
    rows,
    said,
    show,
    take_roll,
    tick_row,
    words_of,
)
from pratique.isolation import rules as isolation
from pratique.protocol.pack import shipped
from pratique.registry.queries import rooms

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
TOWNSHIP = "town-141123100"


@pytest.fixture
def county(transactional_db, clock):  # noqa: F811
    fill_county()


@pytest.fixture
def errors(page):
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.set_default_timeout(10_000)
    yield failed
    assert failed == []


def unlock(page) -> None:
    """An hour has passed, so the screen is covered; whoever is on duty opens it."""
    run(page, f"{APP} await app.lock.lock(); await app.lock.unlock();")


def slip(person) -> str:
    return f"PQP{person.hex.upper()}"


def at_the_site(count: int = 3) -> list:
    people = [arrive(n) for n in range(1, count + 1)]
    hand_over(GATE, SITE, *people)
    return people


def test_a_whole_day_at_a_site_without_a_network(county, live_server, page, errors):
    people = at_the_site()
    first, second = (room for room, *_ in rooms("site-1")[:2])
    device_of(page, live_server, "site-1", "site_head")
    page.context.set_offline(True)
    # Rooms: one bed each, the second room by a scan of the slip.
    show(page, "places")
    assert "0 of 3 have a place" in page.inner_text("[data-total]")
    tick_row(page, "张小二").locator("[data-line]").click()
    page.click(f"[data-room='{first}']")
    until(lambda: words_of(page, "张小二") == "has a room")
    scan(page, slip(people[1]))
    page.click(f"[data-room='{second}']")
    until(lambda: "2 of 3 have a place" in page.inner_text("[data-total]"))
    # The round, in the order of the rooms.
    show(page, "round")
    assert page.locator(".tick-row [data-label]").all_inner_texts()[:2] == ["张小二", "张小三"]
    scan(page, slip(people[0]))
    page.wait_for_selector("[data-temperature]:focus")
    page.keyboard.type("36.5")
    page.keyboard.press("Enter")
    page.keyboard.type("382")
    page.keyboard.press("Enter")
    until(lambda: words_of(page, "张小三") == "38.2 °C: to be looked at")
    tick_row(page, "张小四").locator("[data-silent]").click()
    page.reload()  # a dying browser
    page.wait_for_selector("#round-save:not([disabled])")
    assert page.inner_text("#round-save") == "Save 3 readings"
    page.click("#round-save")
    until(lambda: "1 person is still open" in page.inner_text("#toast"))
    assert page.inner_text("[data-total]") == "2 of 3 read"
    # The count, one by one and without the books in sight.
    show(page, "count")
    for person in people:
        scan(page, slip(person))
    until(lambda: page.inner_text("#count-n") == "3 counted")
    scan(page, slip(people[0]))
    until(lambda: "counted already" in page.inner_text("#toast"))
    page.click("#count-save")
    until(lambda: "count and books agree" in page.inner_text("#count-result"))
    assert said("isolation.round_done") == []
    go_online(page)
    until(lambda: len(said("custody.head_counted")) == 1)
    assert not_applied() == []
    assert len(said("isolation.room_given")) == 2
    (told,) = said("isolation.round_done")
    assert {r["person"]: r["temperature_c"] for r in told["readings"]} == {
        str(people[0]): 36.5, str(people[1]): 38.2, str(people[2]): None}
    assert rows("SELECT count(*) FROM isolation_stay WHERE until IS NULL") == [(2,)]
    assert rows("SELECT counted, held FROM custody_count") == [(3, 3)]


def test_a_round_asks_again_and_refuses_what_no_body_has(county, live_server, page, errors):
    at_the_site(1)
    device_of(page, live_server, "site-1", "site_head")
    show(page, "round")
    page.locator("[data-line]").click()
    for typed, answer in (("abc", "such as 36.5"), ("20", "not a body's"), ("34,1", "unusual")):
        page.fill("[data-temperature]", typed)
        page.press("[data-temperature]", "Enter")
        assert answer in page.inner_text(".tick-inside [data-said]")
    page.press("[data-temperature]", "Enter")
    until(lambda: words_of(page, "张小二") == "34.1 °C")
    page.locator("[data-line]").click()
    page.locator(".tick-inside summary").click()
    page.locator(".tick-inside label.tick", has_text="cough").click()
    page.fill("[data-temperature]", "371")
    page.press("[data-temperature]", "Enter")
    assert words_of(page, "张小二") == "37.1 °C · cough: to be looked at"
    assert page.locator(".tick-row .mark.is-stop").count() == 1
    page.click("#round-save")
    until(lambda: len(said("isolation.round_done")) == 1)
    until(lambda: rows("SELECT symptoms FROM isolation_reading") == [(["cough"],)])


def test_doors_are_visited_and_what_is_needed_is_heard(county, live_server, page, errors):
    people = [arrive(n) for n in (1, 2)]
    hand_over(GATE, TOWN, *people)
    device_of(page, live_server, TOWNSHIP, "township_clerk")
    page.context.set_offline(True)
    show(page, "visit")
    scan(page, resident_id(1))  # the card finds the door, though no number is on the device
    page.locator("[data-needs]").fill("insulin")
    assert page.locator("[data-phone]").get_attribute("href") == "tel:13900000001"
    page.wait_for_timeout(300)
    page.reload()
    page.wait_for_selector(".tick-row")
    scan(page, resident_id(1))
    assert page.locator("[data-needs]").input_value() == "insulin"
    page.click("[data-found]")
    until(lambda: words_of(page, "张小二") == "found at home")
    tick_row(page, "张小三").locator("[data-line]").click()
    page.click("[data-not-found]")
    until(lambda: "2 of 2 visited" in page.inner_text("[data-total]"))
    go_online(page)
    until(lambda: len(said("isolation.home_visited")) == 2)
    assert [(v["found"], v["needs"]) for v in said("isolation.home_visited")] == [
        (True, "insulin"), (False, "")]
    assert {code for (code,) in rows("SELECT code FROM journal_finding")} >= {
        "need_named", "not_at_home"}


def test_a_count_that_differs_names_who_was_not_met_and_is_explained(
        county, live_server, page, errors):
    people = at_the_site()
    device_of(page, live_server, "site-1", "site_head")
    show(page, "count")
    scan(page, slip(people[0]))
    until(lambda: page.inner_text("#count-n") == "1 counted")
    page.click("#count-plain")
    scan(page, "PQ0000000017")
    until(lambda: "of another kind" in page.inner_text("#toast"))
    page.click("#count-save")
    until(lambda: "2 counted, 3 on this device" in page.inner_text("#count-result"))
    assert "张小三" in page.inner_text("#count-names")
    assert "张小二" not in page.inner_text("#count-names")
    page.click("#count-explain-save")
    assert "in words of your own" in page.inner_text("#count-reason-said")
    page.fill("#count-reason", "at the doctor's")
    page.click("#count-explain-save")
    until(lambda: len(said("custody.difference_explained")) == 1)
    assert rows("SELECT counted, held, explained FROM custody_count") == [
        (2, 3, "at the doctor's")]
    assert not_applied() == []


def test_a_lane_is_tallied_kept_said_by_the_hour_and_explained(county, live_server, page, errors):
    vehicle()
    device_of(page, live_server, "post-01", "gate_officer")
    show(page, "lanes")
    for _ in range(4):
        page.click("#lane-more")
    page.click("#lane-less")
    page.reload()
    until(lambda: page.inner_text("#lane-count") == "3 counted")
    assert page.locator("#lane-over li").count() == 0
    page.context.set_offline(True)
    page.clock.fast_forward("01:01:00")
    unlock(page)
    page.wait_for_selector("#lane-over li")
    page.click("#lane-over button")
    until(lambda: "3 counted, 0 registered" in page.inner_text("#lane-said"))
    assert "More were counted" in page.inner_text("#toast")
    page.locator("#lane-said input").fill("cars of the post itself")
    page.click("#lane-said button")
    until(lambda: "Explained: cars of the post itself" in page.inner_text("#lane-said"))
    go_online(page)
    until(lambda: len(said("checkpoint.lane_explained")) == 1)
    assert rows("SELECT lane, counted, source, explained FROM checkpoint_lane_count") == [
        ("1", 3, "tally", "cars of the post itself")]


def test_a_coach_departs_with_the_missing_named_and_arrives(county, live_server, page, errors):
    people = [arrive(n) for n in (1, 2)]
    for person, (room, *_) in zip(people[1:], rooms("site-1")[1:], strict=False):
        done(SITE.say("transfer.place_confirmed", person=person, account="site-1", room=room))
    trip = planned_trip(people[0])
    offer(GATE, "coach-01", people[0], trip=trip)
    device_of(page, live_server, "coach-01", "crew")
    page.context.set_offline(True)
    show(page, "board")
    page.click("#board-trips a")
    page.wait_for_selector(".tick-row")
    assert page.inner_text("[data-total]") == "0 of 1 have boarded"
    assert "Missing: 张小二" in page.inner_text("#board-missing")
    assert page.locator("#board-depart").is_disabled()
    scan(page, resident_id(2))
    until(lambda: "nobody on the list" in page.inner_text("#toast"))
    scan(page, slip(people[0]))
    until(lambda: page.inner_text("[data-total]") == "1 of 1 have boarded")
    page.reload()
    until(lambda: page.inner_text("[data-total]") == "1 of 1 have boarded")
    page.click("#board-depart")
    until(lambda: "All are aboard" in page.inner_text("#toast"))
    page.click("#board-arrive")
    page.wait_for_selector("#board-handover:visible")
    show(page, "board")
    page.click("#board-unclean button")
    until(lambda: page.locator("#board-unclean li").count() == 0)
    go_online(page)
    until(lambda: len(said("transfer.vehicle_disinfected")) == 2)
    assert not_applied() == []
    assert rows("SELECT state FROM transfer_trip") == [("arrived",)]
    assert rows("SELECT account FROM custody_holding WHERE subject = %s", people[0]) == [
        ("coach-01",)]
    assert rows("SELECT code FROM journal_finding WHERE code = 'passenger_missing'") == []


def test_who_is_not_aboard_is_named_before_the_coach_may_leave(county, live_server, page, errors):
    trip = planned_trip(person := arrive(1))
    device_of(page, live_server, "coach-01", "crew")
    show(page, f"board/{trip}")
    page.check("#board-sure")
    assert page.inner_text("#board-depart") == "Depart, 1 missing"
    page.click("#board-depart")
    until(lambda: "Missing: 张小二" in page.inner_text("#toast"))
    until(lambda: rows("SELECT subject FROM journal_finding WHERE code = 'passenger_missing'")
          == [(person,)])


def test_a_home_is_confirmed_before_anybody_leaves_for_it(county, live_server, page, errors):
    person = arrive(1)
    device_of(page, live_server, TOWNSHIP, "township_clerk")
    show(page, "places")
    scan(page, slip(person))  # whether or not the roll has named them
    page.click("[data-unfit]")
    assert "Say why" in page.inner_text(".tick-inside [data-said]")
    page.click("[data-fit]")
    until(lambda: len(said("transfer.place_confirmed")) == 1)
    (told,) = said("transfer.place_confirmed")
    assert (told["person"], told["account"], told["home_fit"]) == (str(person), TOWNSHIP, True)
    take_roll(page)
    until(lambda: "1 of 1 have a place" in page.inner_text("[data-total]"))
    assert not_applied() == []


def test_a_site_is_told_who_waits_for_a_bed_and_promises_none_twice(
        county, live_server, page, errors):
    arrive(1, area=high_risk_place())
    device_of(page, live_server, "site-1", "site_head")
    page.context.set_offline(True)
    show(page, "places")
    assert "wanted until" in words_of(page, "张小二")
    tick_row(page, "张小二").locator("[data-line]").click()
    page.locator("[data-room]").first.click()
    until(lambda: words_of(page, "张小二") == "promised")
    assert "1 of them promised" in page.inner_text("#places-free")
    go_online(page)
    until(lambda: len(said("transfer.place_confirmed")) == 1)
    assert rows("SELECT current FROM transfer_place") == [(True,)]


def test_the_devices_limits_are_the_servers_own(county, live_server, page):
    device_of(page, live_server, "site-1", "site_head")
    here = run(page, """
        const rounds = await at("core/rounds"), lanes = await at("core/lanes");
        return { ...rounds, ...lanes, symptoms: rounds.SYMPTOMS };""")
    assert (here["FEVER_C"], here["TEMPERATURE_C_MIN"], here["TEMPERATURE_C_MAX"]) == (
        isolation.FEVER_C, isolation.TEMPERATURE_C_MIN, isolation.TEMPERATURE_C_MAX)
    assert here["SYMPTOMS_MAX"] == isolation.SYMPTOMS_OF_A_READING_MAX
    assert here["NOON_HOUR"] == holding.NOON
    assert (here["LANE_LENGTH_MAX"], here["LANE_VEHICLES_MAX"], here["REASON_LENGTH_MAX"]) == (
        checkpoint.LANE_LENGTH_MAX, checkpoint.LANE_VEHICLES_MAX, checkpoint.REASON_LENGTH_MAX)
    fever = run(page, f"{APP} await app.knowledge.load();"
                      "const { feverFrom } = await at('core/rounds');"
                      "return [feverFrom(app.knowledge.packAt(app.now()).data.signs),"
                      "  feverFrom({ temperature_c: 36.9 }), feverFrom({ temperature_c: 38 })];")
    assert fever == [isolation.FEVER_C, 36.9, isolation.FEVER_C]
    asked = {symptom for pack in shipped().values() for symptom in pack.hold.symptoms}
    assert asked <= set(here["symptoms"])


def test_the_lists_are_for_everybody(county, live_server, page, errors):
    at_the_site(2)
    device_of(page, live_server, "site-1", "site_head", "gate_officer")

    def opened(one) -> None:
        one.locator(".tick-row [data-line]").first.click()
        one.locator(".tick-inside:visible").wait_for()

    found = look(page, live_server, {
        "round": opened, "visit": opened, "places": opened, "count": lambda one: None,
        "lanes": lambda one: one.click("#lane-more"), "board": lambda one: None})
    assert found == []


def test_the_boarding_list_is_for_everybody(county, live_server, page, errors):
    trip = planned_trip(arrive(1))
    device_of(page, live_server, "coach-01", "crew")
    assert look(page, live_server, {"board": lambda one: None, f"board/{trip}": (
        lambda one: one.wait_for_selector(".tick-row"))}) == []
