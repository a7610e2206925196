"""A page of our own server in which the app's modules are imported and called."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from pratique.api.tests.conftest import UNITS, Tablet
from pratique.api.tests.conftest import County as ApiCounty
from pratique.journal.fact import Envelope
from pratique.kit.sql import reading
from tests.support import FIRST_MORNING, Speaker, county_speaker, fresh_id

HERE = Path(__file__).parent


def script(name: str) -> str:
    """A function of JavaScript beside the tests, for `evaluate`."""
    return (HERE / f"{name}.js").read_text(encoding="utf-8")


def run(page, body: str, argument: Any = None) -> Any:
    """Run statements in the page with `argument`; `at(name)` imports a module of the app."""
    return page.evaluate(
        "async (argument) => { const at = (name) => import(`/static/field/${name}.js`); "
        f"{body} }}", argument)


def enrolled_tablet() -> Tablet:
    """The first device of a county that has just been opened."""
    return ApiCounty(opened_county()).enrol("post-01", "gate_officer")


def opened_county() -> Speaker:
    """The API tests' units, said by the county itself."""
    system = county_speaker()
    batch = system.send(*[
        Envelope(id=fresh_id(), kind="registry.unit_opened", at=FIRST_MORNING,
                 body=msgspec.Raw(msgspec.json.encode(
                     {"code": code, "kind": kind, "name_zh": code, "name_en": code})))
        for code, kind in UNITS])
    assert batch.counts()["applied"] == len(UNITS)
    return system


def enrol_page(page, tablet) -> None:
    """Gives the page's device the tablet's identity, and starts the app anew."""
    run(page, "const world = await (await at('enrol')).here(); await world.store.put(argument);",
        {"enrolment": {"device": str(tablet.device)}, "token": {"token": tablet.token}})
    page.reload()
    until(lambda: run(page, "return Boolean(navigator.serviceWorker.controller)"))


SAVE = """
    const { ready } = await at("app"), { uuid7 } = await at("core/ids");
    const { store, device } = await ready;
    const bytes = (n) => crypto.getRandomValues(new Uint8Array(n));
    const id = () => uuid7(Date.now(), bytes(10));
    const entry = (n) => ({ id: id(), kind: "checkpoint.vehicle_arrived",
      at: new Date().toISOString(), by: null, place: "post-01",
      body: { vehicle: id(), post: argument.post ?? "post-01",
        plate: `晋A${String(n).padStart(5, "0")}`, occupants: 1 } });
"""


def save(page, count: int, **more: Any) -> list[str]:
    """Save so many arrivals as the app would; the ids whose promise has resolved."""
    return run(page, SAVE + """
        const entries = Array.from({ length: argument.count }, (_, n) => entry(n));
        const kept = await store.save(device, entries);
        return kept.map((fact) => fact.id);""", {"count": count, **more})


def known_to_journal(ids: list[str]) -> int:
    """How many rows the journal has for these facts."""
    with reading() as cursor:
        cursor.execute("SELECT count(*) FROM journal_fact WHERE id = ANY(%s::uuid[])", (ids,))
        return cursor.fetchone()[0]


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.1)
