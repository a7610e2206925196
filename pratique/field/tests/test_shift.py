"""Who works at a device: signing in once, PIN, passkey, lock, and the post from shift to shift."""


import pytest

from pratique.desks.tests.conftest import (  # noqa: F401
    NOON,
    PASSWORD,
    clock,
    fill_county,
    give_password,
)
from pratique.field.tests.app_page import run, until
from pratique.field.tests.conftest import invite
from pratique.field.tests.gate_page import ENROLLED

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
PIN, OTHER_PIN = "402617", "715093"
PIN_SECONDS_MAX = 1.5
TARGET_PX_MIN = 56


@pytest.fixture
def county(transactional_db, clock):  # noqa: F811
    fill_county()
    give_password("gate")


@pytest.fixture
def app(county, live_server, page):
    """A device of post-01 with its bundle; nobody has begun a shift."""
    failed = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("console", lambda m: print("CONSOLE", m.text))
    page.on("requestfailed", lambda r: print("FAILED", r.url))
    page.set_default_timeout(10000)
    begin(page, live_server)
    yield page
    assert failed == []


def begin(page, live_server) -> None:
    page.clock.install(time=NOON)
    page.goto(f"{live_server.url}/field/enrol#{invite()}")
    page.click("#enrol")
    page.wait_for_selector(ENROLLED)
    page.goto(f"{live_server.url}/field/en/#/gate")
    until(lambda: run(page, "return Boolean(navigator.serviceWorker.controller)"))
    page.wait_for_selector("[data-names] button")


def sign_in(page, username="gate", password=PASSWORD) -> None:
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")


def tap(page, pin: str) -> None:
    for digit in pin:
        page.locator(f"[data-digit='{digit}']:visible").click()


def said(page) -> str:
    return page.locator(".said:visible").inner_text()


def first_time(page, pin=PIN, username="gate") -> None:
    """Name, password with a network, a PIN of one's own."""
    page.locator("[data-names]:visible button", has_text=name_of(username)).click()
    sign_in(page, username)
    page.locator("[data-new-text]:visible").wait_for()
    tap(page, pin)
    until(lambda: "once more" in page.inner_text("[data-new-text]"))
    tap(page, pin)


def name_of(username: str) -> str:
    return {"gate": "Gate", "relief": "Relief"}.get(username, username)


def is_locked(page) -> bool:
    return page.locator("#cover").is_visible()


def lock(page) -> None:
    run(page, "await (await (await at('app')).ready).lock.lock();")
    page.locator("#cover [data-keypad]").wait_for()


def names(page) -> list[str]:
    return page.locator("[data-names]:visible button").all_inner_texts()


def test_nobody_enters_anything_before_a_shift_and_then_one_is_where_one_was(app):
    assert app.inner_text("h1") == "Who works at this device?"
    refused = run(app, "const app = await (await at('app')).ready;"
                       "return app.say([{kind: 'x', body: {}}]).catch((error) => error.code);")
    assert refused == "shift_first"
    print(names(app))
    app.locator("[data-names] button").first.click()
    assert "the first time at this device" in app.inner_text("[data-reason]")
