"""A device that was taken back: it hands up everything first, and is emptied then, never before."""

from uuid import UUID

import pytest

from pratique.desks.tests.conftest import clock, fill_county  # noqa: F401
from pratique.field.tests.app_page import SAVE, run, until
from pratique.field.tests.conftest import Tablet
from pratique.field.tests.gate_page import enrolled_page
from pratique.field.tests.test_enrolment import revoke
from pratique.kit.sql import reading

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
FACTS = "**/api/v1/facts"


@pytest.fixture
def app(filled_county, live_server, page):
    return enrolled_page(page, live_server)


def save(page, count: int) -> list[str]:
    return run(page, SAVE + """
        const entries = Array.from({ length: argument }, (_, n) => entry(n));
        return (await store.save(device, entries)).map((fact) => fact.id);""", count)


def taken_back(page) -> None:
    revoke(Tablet(id=UUID(run(page, "return (await (await at('app')).ready).device;"))))


def kept_aside(ids: list[str]) -> int:
    with reading() as cursor:
        return cursor.execute("SELECT count(*) FROM journal_quarantine "
                              "WHERE fact = ANY(%s::uuid[])",
                              (ids,)).fetchone()[0]


def databases(page) -> list[str]:
    return page.evaluate("async () => (await indexedDB.databases()).map((one) => one.name)")


def is_revoked(page) -> bool:
    return run(page, "return (await (await at('app')).ready).isRevoked;")


def ask(page) -> None:
    run(page, "(await (await at('app')).ready).onRevoked();")


def test_twenty_unsent_entries_are_kept_aside_at_the_server_and_only_then_it_is_empty(app):
    app.context.set_offline(True)
    ids = save(app, 20)
    taken_back(app)
    app.context.set_offline(False)
    app.reload()
    run(app, "(await (await at('app')).ready).sync?.sendNow();")
    app.locator("[data-count]", has_text="20 entries were handed up").wait_for(timeout=90_000)
    assert kept_aside(ids) == 20
    assert databases(app) == []
    assert app.evaluate("async () => (await caches.keys()).length") == 0
    workers = "async () => (await navigator.serviceWorker.getRegistrations()).length"
    assert app.evaluate(workers) == 0


def test_a_device_that_cannot_send_is_never_emptied_and_takes_nothing_new(app):
    app.route(FACTS, lambda route: route.abort())
    save(app, 3)
    taken_back(app)
    ask(app)
    until(lambda: is_revoked(app))
    app.locator("#revoked-state", has_text="3 entries wait to be handed up").wait_for()
    refused = run(app, "const app = await (await at('app')).ready;"
                       "return app.say([{kind: 'x', body: {}}]).catch((error) => error.code);")
    assert refused == "device_taken_back"
    app.clock.run_for(60_000)
    assert "pratique-field" in databases(app)
    emptied = run(app, "const { store, device } = await (await at('app')).ready;"
                       "return (await at('store/wipe')).wipe(store, device);")
    assert emptied is None, "the last look is in the transaction that would empty it"
    kept = run(app, "const { store, device } = await (await at('app')).ready;"
                    "return (await store.span(device)).last;")
    assert kept == 3
