"""The roll on the device: who is here by the server's knowledge, and news of one's own entries."""

import pytest

from pratique.desks.tests.conftest import (  # noqa: F401
    arrive,
    clock,
    fill_county,
    resident_id,
)
from pratique.field.tests.app_page import SAVE, run, until
from pratique.field.tests.gate_page import enrolled_page, open_screen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
FETCH = "const app = await (await at('app')).ready; await app.rolls.fetch();"


@pytest.fixture
def county(transactional_db, clock):  # noqa: F811
    fill_county()


@pytest.fixture
def app(county, live_server, page):
    return enrolled_page(page, live_server)


def people(page, code: str) -> list[str]:
    return run(page, FETCH + "const { withCode } = await at('store/things');"
                             "return (await withCode(app.store, argument)).map((one) => one.id);",
               code)


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
