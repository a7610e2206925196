"""The app as an officer uses it: a page enrolled at post-01, a reader that types."""

from typing import Any

from pratique.desks.tests.conftest import NOON, resident_id
from pratique.field.tests.app_page import run, until
from pratique.field.tests.conftest import invite, staff_named

ENROLLED = "body[data-device]"


def enrolled_page(page, live_server, *, at=NOON, **more: Any):
    """The app's first page on a device that has its bundle, its clock at `at`."""
    page.clock.install(time=at)
    page.goto(f"{live_server.url}/field/enrol#{invite(**more)}")
    page.click("#enrol")
    page.wait_for_selector(ENROLLED)
    page.goto(f"{live_server.url}/field/en/#/")
    until(lambda: run(page, "return Boolean(navigator.serviceWorker.controller)"), 90)
    page.wait_for_selector(".tile:visible")
    on_duty(page)
    return page


def on_duty(page, username: str = "gate") -> None:
    """Begins a shift as if they had signed in; how one signs in has its own tests."""
    who = {"staff": str(staff_named(username).pk), "name": username}
    run(page, "const app = await (await at('app')).ready; await app.beginShift(argument);", who)
    page.wait_for_selector("#home-counts", state="attached")


def scan(page, text: str) -> None:
    """What a keyboard wedge does: all keys at once, then Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def open_screen(page, name: str) -> None:
    page.evaluate("(name) => { location.hash = `#/${name}`; }", name)


def enter_vehicle(page, plate: str, people: list[tuple[str, str]], county="sanya", *, aboard=0,
                  tick="None of these") -> None:
    """Plate, count, documents by the reader, names where it gave none, stays, destination."""
    page.fill("#plate", plate)
    page.click(f"[data-occupants='{aboard or len(people)}']")
    for number, (document, name) in enumerate(people):
        scan(page, document)
        card = page.locator("#gate-people > li").nth(number)
        card.wait_for()
        if name and not card.locator("[data-text=name]").input_value():
            card.locator("[data-text=name]").fill(name)
    if county and not page.locator("[data-county]").first.input_value():
        page.fill("[data-county]", county)
        page.press("[data-county]", "Enter")
    if tick:
        page.locator("#gate-stays label.tick", has_text=tick).first.click()
    page.select_option("#destination", index=1)


def family(first: int = 1) -> list[tuple[str, str]]:
    return [(resident_id(first + n), f"王{sign}") for n, sign in enumerate("甲乙丙丁")]
