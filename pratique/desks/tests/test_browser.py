"""The pages in Chromium: by keyboard alone, at both widths, in both languages, for everybody."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from pratique.desks.tests.conftest import Desk, arrive, fill_county, resident_id
from pratique.feeds.imports import go_on, hand_in
from pratique.feeds.sheets import read_sheets
from pratique.feeds.tests.lists import as_xlsx, row
from pratique.kit import doors
from tests.support import Speaker, fresh_id

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
WIDTHS = (1280, 390)
LANGUAGES = ("zh-hans", "en")
# Who looks at what; every page of the desks is somebody's.
PAGES = {
    "-": ["/sign-in/", "/help/", "{own}"],
    "leader": ["/", "/board/", "/findings/", "/supervision/", "/accounts/", "/differences/",
               "/gaps/", "/waiting/", "/quarantine/", "/today/arrived/", "/unit/post-01/",
               "/find/?q=zz", "/me/", "{person}", "{vehicle}", "{duty}", "/nowhere/"],
    "supervisor": ["{import}"],
    "gate": ["/gate/", "{gate_vehicle}", "{turn_back}", "{not_turned_back}", "/sampling/",
             "/hand-overs/", "{slip}", "/laboratory/", "{person}", "{identity}", "{stays}",
             "/labels/?new=2&urgent=1", "/imports/", "{import}", "{import}", "{import_on_its_way}"],
    "lab": ["/laboratory/"], "courier": ["/courier/"], "dispatcher": ["/transfer/"],
    "site": ["/site/", "/unit/site-1/heads/"], "township": ["/township/"],
    "registrar": ["/registry/", "/imports/", "/staff/", "/staff/new/", "{member}", "/devices/",
                  "/devices/new/", "{device}"],
}
EXPECTED = {"/nowhere/": 404, ("gate", "/laboratory/"): 403}
SECONDS_FOR_A_VEHICLE_OF_FOUR = 60


@pytest.fixture
def county(transactional_db, clock):
    fill_county()


@pytest.fixture
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 1280, "height": 900}, "locale": "en"}


def sign_in(page, server, username: str) -> None:
    """Through a session's cookie: typing a password costs a second each time."""
    client = Desk(username).client
    page.context.add_cookies([{"name": "sessionid", "url": server.url,
                               "value": client.cookies["sessionid"].value}])


def keep_picture(page, name: str) -> None:
    """For people to look at, where PRATIQUE_PICTURES names a folder."""
    if folder := os.environ.get("PRATIQUE_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_vehicle_of_four_is_entered_by_keyboard_alone(county, live_server, page):
    sign_in(page, live_server, "gate")
    page.goto(f"{live_server.url}/gate/")
    keys, began = page.keyboard, time.monotonic()
    assert page.evaluate("document.activeElement.id") == "plate"
    for words in ("晋J8K213", "4", ""):
        keys.type(words)
        keys.press("Enter")
    with page.expect_navigation():
        keys.press("Enter")
    for number in range(1, 5):
        assert page.evaluate("document.activeElement.id") == "scan"
        keys.type(f"张小{'一二三四'[number - 1]} 男 汉 {resident_id(number)}")
        with page.expect_navigation():
            keys.press("Enter")
        assert page.input_value("#document") == resident_id(number)
        keys.type(f"1390000{number:04d}")
        keys.press("Enter")
        keys.press("Space")  # it rang
        keys.press("Enter")
        if number == 1:
            enter_destination_and_stay(page)
        for __ in range(40):  # Enter goes on, field by field, to the button
            if page.evaluate("document.activeElement.matches('[data-go]')"):
                break
            keys.press("Enter")
        with page.expect_navigation():
            keys.press("Enter")
    assert "all 4 registered" in page.inner_text("h1")
    assert page.locator(".people .mark").all_inner_texts() == ["home health monitoring"] * 4
    assert time.monotonic() - began < SECONDS_FOR_A_VEHICLE_OF_FOUR
    keep_picture(page, "vehicle-of-four")


def enter_destination_and_stay(page) -> None:
    keys = page.keyboard
    keys.type("Weifen")
    keys.press("Enter")
    assert page.evaluate("document.activeElement.id") == "stay0-county"
    keys.type("yazhou")
    with page.expect_navigation():
        keys.press("Enter")
    assert page.input_value("#stay0-county") == "海南省 三亚市 崖州区"
    assert page.evaluate("document.activeElement.id") == "s0-none"
    keys.press("Space")


def test_a_person_is_turned_back_by_keyboard_alone(county, live_server, page):
    vehicle = a_car_of_two()
    sign_in(page, live_server, "gate")
    page.goto(f"{live_server.url}/gate/vehicle/{vehicle}/")
    page.focus("text=Turn back")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "r-own_wish"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Recorded: person turned back" in page.inner_text("main")
    assert page.locator(".people strong").all_inner_texts() == ["turned back"]
    assert page.locator("text=Turn back").count() == 0
    keep_picture(page, "turned-back")


def a_car_of_two():
    """A car at post-01 with somebody who stays here and somebody who may leave again."""
    from pratique.desks.tests.conftest import NOON

    vehicle = fresh_id(NOON)
    Speaker("post-01", ["gate_officer"], now=NOON).say(
        "checkpoint.vehicle_arrived", vehicle=vehicle, post="post-01", plate="晋J8K213",
        occupants=2)
    arrive(1, vehicle=vehicle)
    arrive(2, vehicle=vehicle, division="110101")
    return vehicle


def test_a_scan_lands_in_its_field_wherever_the_cursor_is(county, live_server, page):
    page.clock.install()
    sign_in(page, live_server, "gate")
    page.goto(f"{live_server.url}/gate/")
    page.fill("#plate", "晋J8K213")
    page.fill("#occupants", "1")
    with page.expect_navigation():
        page.click("[data-go]")
    page.fill("#phone", "139")
    page.focus("#phone")
    # A reader types faster than a busy test machine: the page's clock stands while it does.
    page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
    with page.expect_navigation():
        page.keyboard.type(resident_id(5))
        page.keyboard.press("Enter")
    assert page.input_value("#document") == resident_id(5)
    assert page.input_value("#phone") == "139"


def addresses() -> dict[str, str]:
    """Addresses of things that this county has."""
    from django.contrib.auth import get_user_model

    from pratique.checkpoint.queries import gate_board
    from pratique.desks.roll import Asked, device_page
    from pratique.desks.tests.conftest import NOON
    from pratique.duties.queries import open_duties
    from pratique.standing.reduce_links import link_of

    vehicle = fresh_id(NOON)
    gate = Speaker("post-01", ["gate_officer"], now=NOON)
    gate.say("checkpoint.vehicle_arrived", vehicle=vehicle, post="post-01", plate="晋J8K213",
             occupants=3)
    person = arrive(1, vehicle=vehicle)
    free = arrive(2, vehicle=vehicle, division="110101")
    assert gate_board("post-01", NOON)
    duty = open_duties(NOON)[0].id
    member = get_user_model().objects.get_by_natural_key("gate").pk
    device = device_page(Asked(unit="post-01"))[0][0].device
    done, waits = a_list("名单.xlsx"), a_list("名单（二）.xlsx", at_once=False)
    return {"import": done, "import_on_its_way": waits, "member": f"/staff/{member}/",
            "device": f"/device/{device}/", "person": f"/person/{person}/",
            "vehicle": f"/vehicle/{vehicle}/", "duty": f"/duty/{duty}/",
            "slip": f"/person/{person}/slip/", "identity": f"/person/{person}/identity/",
            "stays": f"/person/{person}/stays/", "gate_vehicle": f"/gate/vehicle/{vehicle}/",
            "turn_back": f"/gate/person/{free}/turn-back/",
            "not_turned_back": f"/gate/person/{person}/turn-back/",
            "own": f"/c/{link_of(person, NOON)}/"}


def a_list(name: str, *, at_once: bool = True) -> str:
    """The address of a list that the gate handed in; of 600 rows if it waits for the worker."""
    from pratique.desks.tests.conftest import NOON

    id_ = fresh_id(NOON)
    count = 3 if at_once else 600
    rows = [row(n, 手机号="138" if n % 2 else "13800138000") for n in range(1, count + 1)]
    hand_in(name, as_xlsx(*rows), id=id_, actor=Speaker(
        "post-01", ["gate_officer"], staff=Desk("gate").staff.pk).actor(), unit="post-01",
        now=NOON)
    return f"/import/{id_}/"


def test_a_list_is_handed_in_followed_and_its_rejected_rows_taken_away(
        county, live_server, page, tmp_path):
    file = tmp_path / "名单.xlsx"
    file.write_bytes(as_xlsx(*[row(n, 手机号="138" if n == 7 else "13800138000")
                               for n in range(1, 1202)]))
    sign_in(page, live_server, "gate")
    page.clock.install()
    page.goto(live_server.url)
    page.click("nav >> text=Gate")
    page.click("text=Announced arrivals from a list")
    page.set_input_files("#file", file)
    with page.expect_navigation():
        page.click("form button:text-is('Hand in')")
    assert page.inner_text("h1") == "0 of 1,201 rows recorded"
    page.goto(f"{live_server.url}/gate/")  # left, and come back to
    page.go_back()
    assert go_on(doors.now()) == 1_201
    page.clock.run_for(6_000)
    page.wait_for_selector("text=1,201 rows came in")
    assert [figure.inner_text().split("\n")[0] for figure in page.locator(".sum b").all()] == [
        "1,201", "1,200", "0", "1"]
    with page.expect_download() as download:
        page.click("text=Download as XLSX")
    lines = read_sheets("rejected.xlsx", download.value.path().read_bytes())[0].lines
    assert [line.cells[0] for line in lines[1:]] == [8]


def test_every_page_is_for_everybody(county, live_server, browser):
    """axe finds nothing, nothing runs over the edge, no script fails: both languages, both widths.

    axe looks at the narrow page in Chinese and at the wide one in English.
    """
    things = addresses()
    axe, complaints = Axe(), []
    for username, pages in PAGES.items():
        context = browser.new_context()
        page = context.new_page()
        hear_scripts(page, complaints)
        if username != "-":
            sign_in(page, live_server, username)
        for address in pages:
            path = address.format(**things)
            for language, width in zip(LANGUAGES, WIDTHS[::-1], strict=True):
                context.add_cookies([{"name": "django_language", "value": language,
                                      "url": live_server.url}])
                complaints += look(page, live_server.url + path, width, language,
                                   EXPECTED.get((username, path), EXPECTED.get(path, 200)), axe)
        context.close()
    assert complaints == []


def make_findings() -> dict[str, str]:
    """Findings to be explained, explained ones, and facts that wait too long; their addresses."""
    from pratique.desks.tests.conftest import NOON
    from pratique.duties.queries import findings
    from pratique.duties.waiting import find_waiting
    from tests.support import Speaker, fresh_id

    gates = [Speaker(post, ["gate_officer"], now=NOON) for post in ("post-01", "post-02")]
    stops = [(gate, fresh_id(NOON)) for gate in gates]
    arrivals = [gate.say("checkpoint.vehicle_arrived", vehicle=vehicle, post=gate.place,
                         plate="晋J8K213", occupants=4).id for gate, vehicle in stops]
    gates[1].say("checkpoint.plate_explained", vehicle=stops[1][1], arrival=arrivals[1],
                 other=stops[0][1], other_arrival=arrivals[0],
                 reason="post-02 read 8K273 in the dark as 8K213")
    gates[0].say("checkpoint.vehicle_cleared", vehicle=stops[0][1], post="post-01",
                 holds_by=arrivals[0])
    gates[1].say("checkpoint.vehicle_cleared", vehicle=fresh_id(NOON), post="post-02",
                 holds_by=fresh_id(NOON))
    Speaker("coach-01", ["crew"], now=NOON).say(
        "transfer.trip_departed", trip=fresh_id(NOON), vehicle="coach-01")
    find_waiting(NOON + timedelta(hours=12))
    return {found.code: f"/finding/{found.id}/" for found in findings(open_only=False)}


def test_findings_read_well_whatever_they_are_about(county, live_server, page, clock):
    made = make_findings()
    assert set(made) >= {"occupants_differ", "plate_twice", "parked_too_long", "trip_not_planned"}
    clock.forward(hours=12)
    sign_in(page, live_server, "leader")
    axe, complaints = Axe(), []
    hear_scripts(page, complaints)
    for address in ("/findings/", *made.values()):
        for language, width in ((lan, w) for lan in LANGUAGES for w in WIDTHS):
            page.context.add_cookies([{"name": "django_language", "value": language,
                                       "url": live_server.url}])
            complaints += look(page, live_server.url + address, width, language, 200, axe)
    assert complaints == []


def hear_scripts(page, complaints: list[str]) -> None:
    """A script that fails is a complaint too."""
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))


def look(page, address: str, width: int, language: str, status: int, axe: Axe) -> list[str]:
    """What is wrong with one page at one width in one language."""
    page.set_viewport_size({"width": width, "height": 900})
    answer = page.goto(address)
    found = [] if answer.status == status else [f"{address}: {answer.status}"]
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if over > 0:
        found.append(f"{address} {language}: {over} px over the edge at {width}")
    for problem in axe.run(page).response["violations"]:
        where = problem["nodes"][0]["html"][:80]
        found.append(f"{address} {language} {width}: {problem['id']} {where}")
    keep_picture(page, f"{address.split('/', 3)[-1].strip('/').replace('/', '_') or 'home'}"
                 f"-{language}-{width}")
    return found


def test_a_board_says_when_it_is_stale(county, live_server, page):
    sign_in(page, live_server, "leader")
    page.clock.install()
    page.goto(f"{live_server.url}/board/")
    page.route("**/*part=1*", lambda route: route.abort())
    page.clock.run_for(30_000)
    assert "stale" in page.inner_text("#age")
    assert "stale" in page.get_attribute("#age", "class")
