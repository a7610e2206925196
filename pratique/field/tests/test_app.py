"""The app in Chromium: it opens without a network, sends by itself, and says what was refused."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from pratique.field import precache
from pratique.field.tests.app_page import enrol_page, known_to_journal, run, save, until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
LANGUAGES = ("en", "zh-hans")
WIDTHS = (1280, 390)
TARGET_PX_MIN = 56


@pytest.fixture
def app(live_server, page, gate_tablet):
    """The enrolled device's page; scripts that fail are heard."""
    failed = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(f"{live_server.url}/field/en/#/outbox")
    enrol_page(page, gate_tablet)
    yield page
    assert failed == []


def headline(page) -> str:
    return page.inner_text("#headline")


def test_what_is_saved_goes_up_by_itself_and_the_page_says_so(app):
    ids = save(app, 3)
    until(lambda: known_to_journal(ids) == 3)
    until(lambda: "no. 3 of 3" in app.inner_text("#heard"))
    assert headline(app) == "Nothing waits to be sent"
    assert app.inner_text("#state span") == "All sent"
    assert app.inner_text("#contact") != "not yet"


def test_what_was_refused_is_shown_with_its_sentence_and_stops_nothing(app):
    save(app, 1, post="nowhere")
    ids = save(app, 2)
    until(lambda: known_to_journal(ids) == 2)
    until(lambda: app.locator("#attention-list li").count() == 1)
    item = app.inner_text("#attention-list li")
    assert "Entry 1" in item and "rule " in item and "vehicle registered" in item


def test_without_the_server_the_app_opens_saves_and_sends_later(app, live_server):
    app.context.set_offline(True)
    for path in ("/field/", "/field/zh-hans/", "/field/en/#/outbox"):
        app.goto(f"{live_server.url}{path}")
        assert app.locator("#headline").is_visible()
    ids = save(app, 2)
    until(lambda: headline(app) == "2 entries wait to be sent")
    assert app.inner_text("#oldest").endswith("· 0 minutes ago")
    app.context.set_offline(False)
    app.click("#send-now")
    until(lambda: known_to_journal(ids) == 2)


def test_a_new_version_waits_until_it_is_taken_and_touches_no_entry(app, monkeypatch):
    app.context.set_offline(True)
    save(app, 2)
    app.context.set_offline(False)
    newer = precache.worker().replace(precache.version().encode(), b"a-newer-version")
    monkeypatch.setattr(precache, "worker", lambda: newer)
    app.click("summary:text('Export to a file')")
    app.fill("#export-pass", "in the middle of it")
    run(app, "await (await navigator.serviceWorker.getRegistration()).update();")
    app.locator("#update").wait_for()
    assert app.input_value("#export-pass") == "in the middle of it"
    with app.expect_navigation():
        app.click("#take-update")
    keys = ("return (await caches.keys()).filter((name) => name.startsWith("
            "'pratique-field-')).join()")
    until(lambda: run(app, keys) == "pratique-field-a-newer-version")
    kept = run(app, "const { store, device } = await (await at('app')).ready; "
                    "return (await store.span(device)).last;")
    assert kept == 2


def test_a_half_that_the_county_did_not_take_is_shown_like_an_entry(app):
    run(app, """
        const { store } = await (await at("app")).ready, { keepHalf } = await at("store/halves");
        const fact = { id: argument, kind: "custody.answered", at: "2022-08-20T10:00:00Z",
          device: argument, seq: 7 };
        await keepHalf(store, { fact: JSON.stringify(fact), device: argument, signature: "" }, 1);
        const kept = await store.get("half:" + argument);
        await store.put("half:" + argument, { ...kept, epoch: argument, receipt: {
          status: "quarantined", code: "half_forged", sentence: "The signature is wrong.",
          rule: "field.half_signed" } });""", "01a2b3c4-0000-7000-8000-00000000000a")
    app.reload()
    item = app.locator("#attention-list li")
    item.wait_for()
    for words in ("Entry 7", "not accepted", "The signature is wrong.", "rule field.half_signed",
                  "from device"):
        assert words in item.inner_text()


def test_a_device_that_is_not_enrolled_says_what_to_do(live_server, page):
    page.goto(f"{live_server.url}/field/en/#/outbox")
    until(lambda: "not enrolled" in page.inner_text("#trouble"))
    assert page.is_disabled("#send-now")


def test_a_dying_devices_file_is_taken_over_by_another_and_twice_does_no_harm(
        app, live_server, browser, gate_tablet, tmp_path):
    app.context.set_offline(True)
    ids = save(app, 5)
    app.click("summary:text('Export to a file')")
    app.fill("#export-pass", "a long passphrase")
    app.fill("#export-again", "a long passphrase")
    with app.expect_download() as download:
        app.click("#export button")
    file = tmp_path / "outbox.pratique"
    download.value.save_as(file)
    until(lambda: "5 entries are in the file" in app.inner_text("#export .said"))
    app.context.set_offline(False)
    app.close()
    second = browser.new_context(locale="en").new_page()
    second.goto(f"{live_server.url}/field/en/#/outbox")
    enrol_page(second, beside(gate_tablet))
    assert take_over(second, file, "another passphrase").startswith("The passphrase is wrong")
    changed = tmp_path / "changed.pratique"
    changed.write_text(file.read_text().replace('"rounds":600000', '"rounds":600001'))
    assert take_over(second, changed).startswith("The passphrase is wrong")
    changed.write_text("no file of ours")
    assert "no outbox file" in take_over(second, changed)
    assert take_over(second, file).startswith("5 entries taken over, 0 known")
    until(lambda: known_to_journal(ids) == 5)
    assert take_over(second, file).startswith("0 entries taken over, 5 known")
    assert known_to_journal(ids) == 5


def beside(gate_tablet):
    """Another device of the same post."""
    from pratique.api.tests.conftest import County
    from tests.support import county_speaker
    return County(county_speaker()).enrol(gate_tablet.place, *gate_tablet.roles)


def take_over(page, file: Path, passphrase: str = "a long passphrase") -> str:
    if not page.locator("#import").is_visible():
        page.click('summary:text("Take over another")')
    page.set_input_files("#import-file", file)
    page.fill("#import-pass", passphrase)
    page.click("#import button")
    said = page.locator("#import .said")
    until(lambda: said.inner_text() not in ("", "Working …"))
    return said.inner_text()


def test_the_page_is_for_everybody(app, live_server):
    """Both languages, both widths, dark too: axe finds nothing, targets are large enough."""
    save(app, 1, post="nowhere")
    until(lambda: app.locator("#attention-list li").count() == 1)
    app.context.set_offline(True)
    save(app, 2)
    axe, found = Axe(), []
    for language in LANGUAGES:
        app.context.set_offline(False)
        app.goto(f"{live_server.url}/field/{language}/#/outbox")
        app.locator("#attention-list li").wait_for()
        for number, width in enumerate(WIDTHS):
            app.emulate_media(color_scheme="dark" if number else "light")
            app.set_viewport_size({"width": width, "height": 900})
            app.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
            found += [f"{language} {width}: {problem['id']} {problem['nodes'][0]['html'][:90]}"
                      for problem in axe.run(app).response["violations"]]
            if app.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
                found.append(f"{language} {width}: over the edge")
            found += [f"{language} {width}: {box} px"
                      for box in app.evaluate(
                          "[...document.querySelectorAll('button, a:not(.skip), summary, input')]"
                          ".filter((e) => e.checkVisibility())"
                          ".map((e) => e.getBoundingClientRect().height)")
                      if box < TARGET_PX_MIN - 0.5]
            if folder := os.environ.get("PRATIQUE_PICTURES"):
                app.screenshot(path=Path(folder) / f"outbox-{language}-{width}.png", full_page=True)
    assert found == []
