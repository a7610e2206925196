"""A device of any unit, with its shift begun and its roll taken, for the screens with a list."""

import os
from pathlib import Path

import msgspec
from axe_playwright_python.sync_playwright import Axe

from pratique.desks.tests.conftest import NOON
from pratique.field.tests.app_page import run, until
from pratique.field.tests.conftest import invite
from pratique.field.tests.gate_page import ENROLLED, open_screen
from pratique.kit.sql import reading

APP = "const app = await (await at('app')).ready;"
TARGET_PX_MIN = 55.5
WIDTHS = (1280, 390)
LISTED = "[data-total]:not(:empty)"
READY = {"round": f"#round-list {LISTED}", "visit": f"#visit-list {LISTED}",
         "places": f"#places-list {LISTED}", "count": "#count-types button",
         "lanes": "#lane-count:not(:empty)", "board": "#board-trips, #board-work .tick-row"}


def device_of(page, live_server, unit: str, *roles: str, at=NOON):
    """The app's first page on a device of `unit`, somebody of its staff on duty, roll taken."""
    page.clock.install(time=at)
    page.goto(f"{live_server.url}/field/enrol#{invite(unit=unit, roles=roles)}")
    page.click("#enrol")
    page.wait_for_selector(ENROLLED)
    page.goto(f"{live_server.url}/field/en/#/outbox")
    until(lambda: run(page, "return Boolean(navigator.serviceWorker.controller)"))
    until(lambda: run(page, f"{APP} return Boolean(app.knowledge.bundle);"))
    run(page, f"""{APP} const [member] = app.members ?? [];
        if (member) await app.beginShift({{ staff: member.staff, name: "on duty" }});""")
    take_roll(page)
    return page


def take_roll(page) -> None:
    run(page, f"{APP} await app.rolls.fetch(); if (app.rolls.refused) throw app.rolls.refused;")


def show(page, name: str) -> None:
    open_screen(page, name)
    page.wait_for_selector(READY[name.partition("/")[0]], state="attached")


def tick_row(page, label: str):
    return page.locator(".tick-row", has_text=label)


def words_of(page, label: str) -> str:
    return tick_row(page, label).locator("[data-mark]").inner_text()


def go_online(page) -> None:
    page.context.set_offline(False)
    run(page, f"{APP} app.sync.sendNow();")


def said(kind: str) -> list[dict]:
    """Bodies of the applied facts of a kind, oldest first."""
    with reading() as cursor:
        return [msgspec.json.decode(body) for (body,) in cursor.execute(
            "SELECT body::text FROM journal_fact WHERE kind = %s AND outcome = 0 "
            "ORDER BY number", (kind,)).fetchall()]


def not_applied() -> list[tuple]:
    """Facts that were parked, disputed or quarantined, ever."""
    return rows("SELECT kind FROM journal_fact WHERE outcome <> 0 "
                "UNION ALL SELECT code FROM journal_quarantine")


def rows(query: str, *params) -> list[tuple]:
    with reading() as cursor:
        return cursor.execute(query, params).fetchall()


def look(page, live_server, screens) -> list[str]:
    """What is wrong for whom: both languages, both widths, dark too. `screens`: name -> ready."""
    axe, found = Axe(), []
    for language in ("en", "zh-hans"):
        for screen, ready in screens.items():
            page.goto(f"{live_server.url}/field/{language}/#/{screen}")
            page.wait_for_selector(READY[screen.partition("/")[0]], state="attached")
            ready(page)
            for number, width in enumerate(WIDTHS):
                page.emulate_media(color_scheme="dark" if number else "light")
                page.set_viewport_size({"width": width, "height": 900})
                page.evaluate("document.querySelectorAll('#screen details')"
                              ".forEach((e) => { e.open = true; })")
                name = f"{screen.replace('/', '-')[:10]} {language} {width}"
                found += [f"{name}: {problem['id']} {problem['nodes'][0]['html'][:120]}"
                          for problem in axe.run(page).response["violations"]]
                if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
                    found.append(f"{name}: over the edge")
                found += [f"{name}: too small {box}" for box in page.evaluate("""(least) =>
                    [...document.querySelectorAll("#screen :is(button, a, summary, select, input)")]
                      .filter((e) => e.checkVisibility() && !e.closest("p"))
                      .filter((e) => e.type !== "checkbox")
                      .filter((e) => e.getBoundingClientRect().height < least)
                      .map((e) => e.outerHTML.slice(0, 80))""", TARGET_PX_MIN)]
                if folder := os.environ.get("PRATIQUE_PICTURES"):
                    page.screenshot(path=Path(folder) / f"{name.replace(' ', '-')}.png",
                                    full_page=True)
    return found
