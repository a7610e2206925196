"""The roll on the device: who is here by the server's knowledge, and news of one's own entries."""

import pytest

from pratique.desks.tests.conftest import NOON, arrive, resident_id
from pratique.field.tests.app_page import SAVE, run, until
from pratique.field.tests.gate_page import enrolled_page, open_screen
from tests.support import Speaker, fresh_id

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
FETCH = "const app = await (await at('app')).ready; await app.rolls.fetch();"


@pytest.fixture
def app(filled_county, live_server, page):
    return enrolled_page(page, live_server)


def people(page, code: str) -> list[str]:
    return run(page, FETCH + "const { withCode } = await at('store/things');"
                             "return (await withCode(app.store, argument)).map((one) => one.id);",
               code)


def arrive_by(plate: str, *numbers: int):
    """A vehicle and its people, registered by another device of the post."""
    gate, vehicle = Speaker("post-01", ["gate_officer"], now=NOON), fresh_id(NOON)
    said = gate.say("checkpoint.vehicle_arrived", vehicle=vehicle, post="post-01", plate=plate,
                    occupants=len(numbers))
    assert said.status == "applied", said.text()
    for number in numbers:
        arrive(number, vehicle=vehicle)
    return vehicle


def test_who_was_registered_elsewhere_is_found_here_by_document_and_slip(app):
    person = str(arrive(1))
    assert people(app, f"document:{resident_id(1)}") == [person]
    assert people(app, f"person:{person}") == [person]
    assert people(app, f"document:{resident_id(2)}") == []
    app.reload()
    until(lambda: app.inner_text("#headline").startswith("1 person"))


def test_a_roll_leaves_alone_what_an_unsent_entry_speaks_of(app):
    person, other = str(arrive(1)), str(arrive(2))
    assert people(app, f"person:{person}") == [person]
    app.route("**/api/v1/facts", lambda route: route.abort())
    run(app, SAVE + """
        const body = { lines: [{ subject: argument.id }] };
        const gone = { ...entry(1), kind: "custody.offered", body };
        await store.save(device, [gone], { gone: [argument.id] });""", {"id": person})
    assert people(app, f"person:{person}") == []
    assert people(app, f"person:{other}") == [other]


def test_what_was_parked_and_disputed_later_is_news_until_it_is_read(app):
    run(app, FETCH + """
        const { withNews } = await at("core/news");
        const words = { en: { title: "a title", sentence: "Somebody else had it." } };
        const fate = { fact: app.id(), seq: 3, kind: "custody.answered", status: "disputed",
          at: "2022-08-20T12:00:00Z", code: "already_accepted", rule: "custody.law_2", words };
        app.rolls.news = withNews(app.rolls.news,
          { fates: [fate], more: false, next: null, findings: [], findings_left_out: 0 });
        await app.store.put("news", app.rolls.news);
        app.changed();""")
    assert "1 answer to read" in app.inner_text("#chip-outbox")
    open_screen(app, "outbox")
    item = app.locator("#news-list li")
    item.wait_for()
    assert "Entry 3: contradicts what is known: a title" in item.inner_text()
    assert "Somebody else had it." in item.inner_text()
    assert "rule custody.law_2" in item.inner_text()
    until(lambda: "to read" not in app.inner_text("#chip-outbox"))


def test_whoever_was_registered_on_another_tablet_shows_the_servers_word_and_what_is_owed(app):
    vehicle = str(arrive_by("晋J8K213", 1, 2))
    run(app, FETCH)
    open_screen(app, f"gate/{vehicle}")
    app.wait_for_selector("#stop-people li")
    assert app.inner_text("h1").startswith("晋J8K213: 2 people")
    assert "not decided here" not in app.inner_text("#stop-people")
    assert app.locator("#stop-people [data-decision]").all_inner_texts() == ["blue", "blue"]
    assert "Swab now" in app.inner_text("#stop-people li:first-child [data-reason]")
    assert app.locator("#stop-swabs").is_visible() and not app.locator("#stop-pass").is_visible()
    open_screen(app, f"sample/{vehicle}")
    app.locator("text=Landing test, urgent").first.wait_for()
