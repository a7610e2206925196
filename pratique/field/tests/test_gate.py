"""The gate on the device: a car of four, what each may do, what the county's journal has of it."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from pratique.desks.tests.conftest import clock, fill_county, resident_id  # noqa: F401
from pratique.field.tests.app_page import run, until
from pratique.field.tests.gate_page import (
    enrolled_page,
    enter_vehicle,
    family,
    open_screen,
    scan,
)
from pratique.field.tests.test_bundle import announce, announced
from pratique.kit.sql import reading

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
TARGET_PX_MIN = 56


@pytest.fixture
def app(filled_county, live_server, page):
    failed = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    enrolled_page(page, live_server)
    open_screen(page, "gate")
    page.wait_for_selector("#plate")
    yield page
    assert failed == []


def rows(query: str, *params) -> list[tuple]:
    with reading() as cursor:
        return cursor.execute(query, params).fetchall()


def episodes() -> list[tuple]:
    return rows("SELECT person, ended_by IS NULL FROM checkpoint_episode ORDER BY id")


def names(page) -> list[str]:
    return [each.input_value() for each in page.locator("#gate-people [data-text=name]").all()]


def register(page) -> None:
    page.click("#gate-register")
    page.wait_for_selector("#stop-people")


def picture(page, name: str) -> None:
    if folder := os.environ.get("PRATIQUE_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_car_of_four_is_registered_and_each_has_a_decision_at_once(app):
    enter_vehicle(app, "A12345", family())
    assert app.input_value("#plate") == "晋A12345"
    assert names(app) == ["王甲", "王乙", "王丙", "王丁"]
    assert app.locator("#gate-people [data-decision]").all_inner_texts() == ["blue"] * 4
    assert "Swab now" in app.inner_text("#gate-people li:first-child [data-reason]")
    register(app)
    assert app.inner_text("h1").startswith("晋A12345: 4 people")
    assert "Saved on this device" in app.inner_text("#toast")
    until(lambda: [is_open for _, is_open in episodes()] == [True] * 4)
    assert rows("SELECT count(*) FROM custody_holding WHERE account = 'post-01'") == [(5,)]


def test_without_a_network_the_same_and_what_was_typed_outlives_the_page(app, live_server):
    app.context.set_offline(True)
    enter_vehicle(app, "A12345", family()[:2], aboard=2)
    app.wait_for_timeout(600)
    app.goto(f"{live_server.url}/field/en/#/")
    app.reload()
    open_screen(app, "gate")
    app.wait_for_selector("#gate-people li")
    assert names(app) == ["王甲", "王乙"] and app.input_value("#plate") == "晋A12345"
    register(app)
    app.reload()
    app.wait_for_selector("#stop-people li")
    assert app.inner_text("#chip-outbox") == "3 entries to send"
    assert episodes() == []
    app.context.set_offline(False)
    run(app, "(await (await at('app')).ready).sync.sendNow();")
    until(lambda: len(episodes()) == 2)


def test_whoever_was_announced_is_known_by_the_card_and_is_the_same_person(
        filled_county, live_server, page):
    facts = [announce(1, plate="晋J8K213"), announce(2, plate="晋J8K213")]
    announced(*facts)
    enrolled_page(page, live_server)
    open_screen(page, "gate")
    page.fill("#plate", "J8K213")
    page.press("#plate", "Enter")
    page.wait_for_selector("#gate-announced:visible")
    assert "announced with this plate: 赵某1、赵某2" in page.inner_text("#gate-announced")
    enter_vehicle(page, "J8K213", [(resident_id(1), ""), (resident_id(2), "")])
    assert names(page) == ["赵某1", "赵某2"]
    register(page)
    until(lambda: len(episodes()) == 2)
    told = rows("SELECT body->>'person' FROM journal_fact WHERE id = ANY(%s)",
                [fact.id for fact in facts])
    assert {(str(person),) for person, _ in episodes()} == set(told)


def test_what_is_missing_is_said_at_its_field_and_nothing_is_lost(app):
    app.click("#gate-register")
    errors = [text for text in app.locator("#screen .error").all_inner_texts() if text]
    assert len(errors) == 5  # plate, people aboard, nobody scanned, county, destination
    app.fill("#plate", "晋A1")
    scan(app, resident_id(1))
    app.locator("#gate-people li").wait_for()
    app.locator("[data-text=document]").fill("140102198501010018")
    app.click("#gate-register")
    errors = app.locator("#gate-people .error").all_inner_texts()
    assert any("does not go with the digits" in text for text in errors), errors
    assert app.input_value("#plate") == "晋A1"
    assert rows("SELECT count(*) FROM checkpoint_episode") == [(0,)]


def test_the_camera_is_at_hand_where_something_is_scanned_and_says_why_it_is_not(app):
    assert app.locator("#bar-camera").is_visible()
    app.click("#bar-camera")  # this machine has none
    until(lambda: "rule field.camera" in app.inner_text("#toast"))
    assert not app.locator("#camera-panel").is_visible()
    open_screen(app, "")
    until(lambda: not app.locator("#bar-camera").is_visible())


def test_one_card_twice_makes_one_person_and_a_stranger_code_none(app):
    scan(app, resident_id(1))
    app.locator("#gate-people li").wait_for()
    app.locator("[data-text=name]").fill("王甲")
    scan(app, resident_id(1))
    until(lambda: "王甲 is on the list already" in app.inner_text("#toast"))
    scan(app, "PQ0000000017")
    until(lambda: "means nothing here" in app.inner_text("#toast"))
    assert names(app) == ["王甲"]


def test_whoever_was_counted_and_is_not_registered_is_missed_on_the_screen(app):
    enter_vehicle(app, "A12345", family()[:2], aboard=3)
    app.click("#gate-register")
    assert "1 person who was counted is not registered yet" in app.inner_text("#gate-short-words")
    app.click("#gate-register-short")
    app.wait_for_selector("#stop-lacks:visible")
    app.click("#stop-more")
    app.wait_for_selector("#gate-people", state="attached")
    scan(app, family()[2][0])
    app.locator("[data-text=name]").fill("王丙")
    app.fill("[data-county]", "sanya")
    app.press("[data-county]", "Enter")
    app.locator("#gate-stays label.tick", has_text="None of these").click()
    app.select_option("#destination", index=1)
    register(app)
    assert app.locator("#stop-people > li").count() == 3
    assert not app.locator("#stop-lacks").is_visible()
    until(lambda: len(episodes()) == 3)


def test_nobody_is_green_by_old_data_and_nobody_is_decided_without_any(app):
    enter_vehicle(app, "A12345", family()[:1], county="datong", tick="")
    fresh = app.inner_text("#gate-people [data-decision]")
    app.wait_for_timeout(600)
    app.context.set_offline(True)
    app.clock.fast_forward("30:00:00")
    app.reload()
    app.wait_for_selector("#cover:visible")
    run(app, "await (await (await at('app')).ready).lock.unlock();")
    assert fresh and "old data" not in fresh
    app.wait_for_selector("#gate-people li")
    assert app.locator("#gate-people .mark.is-go").count() == 0
    assert "out of date" in app.inner_text("#chip-bundle")


def test_the_gate_is_for_everybody(app, live_server):
    """Both languages, both widths, dark too: axe finds nothing, targets are large enough."""
    enter_vehicle(app, "A12345", family()[:2])
    app.wait_for_timeout(500)
    axe, found = Axe(), []

    def look(screen, language, number, width):
        app.emulate_media(color_scheme="dark" if number else "light")
        app.set_viewport_size({"width": width, "height": 900})
        app.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
        found.extend(f"{screen} {language} {width}: {problem['id']} "
                     f"{problem['nodes'][0]['html'][:90]}"
                     for problem in axe.run(app).response["violations"])
        if app.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
            found.append(f"{screen} {language} {width}: over the edge")
        found.extend(f"{screen} {language} {width}: {box}" for box in app.evaluate("""
            [...document.querySelectorAll("button, a:not(.skip), summary, select, input")]
              .filter((e) => e.checkVisibility() && !e.closest("p") && e.type !== "checkbox")
              .filter((e) => e.getBoundingClientRect().height < 55.5)
              .map((e) => e.outerHTML.slice(0, 80))"""))
        picture(app, f"{screen}-{language}-{width}")

    for language in ("en", "zh-hans"):
        app.goto(f"{live_server.url}/field/{language}/#/gate")
        app.wait_for_selector("#gate-people li")
        for number, width in enumerate((1280, 390)):
            look("gate", language, number, width)
    register(app)
    stop = app.url.partition("#")[2]
    for language in ("en", "zh-hans"):
        app.goto(f"{live_server.url}/field/{language}/#{stop}")
        app.wait_for_selector("#stop-people li")
        for number, width in enumerate((1280, 390)):
            look("stop", language, number, width)
    assert found == []
