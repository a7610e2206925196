"""The cast and the county of the registry's tests."""

from types import SimpleNamespace

import msgspec
import pytest

from pratique.custody.ledger import Move, move
from pratique.journal.context import Context
from pratique.journal.fact import Actor, Envelope
from pratique.journal.prove import check
from pratique.kit.sql import in_transaction
from pratique.registry import queries
from tests.support import FIRST_MORNING, Speaker, county_speaker, fresh_id


def unit_fact(system: Speaker, **body) -> Envelope:
    """A unit's opening; its body has a field named like an argument of `Speaker.fact`."""
    body = {"name_zh": body["code"], "name_en": body["code"]} | body
    fact = system.fact("registry.unit_opened")
    return msgspec.structs.replace(fact, body=msgspec.Raw(msgspec.json.encode(body)))


def open_unit(system: Speaker, code: str, kind: str, **more) -> None:
    receipt = system.send(unit_fact(system, code=code, kind=kind, **more)).receipts[0]
    assert receipt.status == "applied", receipt.text()


def broken_laws() -> list:
    """The registry's laws that do not hold, with examples."""
    checked = [check(law) for law in queries.LAWS]
    return [(one.law.name, one.examples) for one in checked if one.violations]


@pytest.fixture
def system(db) -> Speaker:
    """The county's own voice."""
    return county_speaker()


@pytest.fixture
def county(system) -> Speaker:
    """Two posts, a site with room for two, a township; opened by facts."""
    for code, kind, more in [
        ("outside", "outside", {}),
        ("command", "office", {}),
        ("post-01", "checkpoint", {}),
        ("post-02", "checkpoint", {}),
        ("site-1", "isolation_site", {"capacity": 2}),
        ("town-141123100", "community", {"division": "141123100"}),
    ]:
        open_unit(system, code, kind, **more)
    return system


@pytest.fixture
def gate(county) -> Speaker:
    """Guo, the gate officer at post-01."""
    return Speaker("post-01", ["gate_officer"])


@pytest.fixture
def other_gate(county) -> Speaker:
    """Her colleague at post-02."""
    return Speaker("post-02", ["gate_officer"])


@pytest.fixture
def registrar(county) -> Speaker:
    """Ren, who keeps the register for the whole county."""
    return Speaker(None, ["registrar"])


@pytest.fixture
def epidemiologist(county) -> Speaker:
    """Yi, who publishes lists and decides what a zone belongs to."""
    return Speaker(None, ["epidemiologist"])


class Holder:
    """Puts persons into accounts and takes them out again, by the ledger alone."""

    def __init__(self) -> None:
        self.entries: dict = {}

    def __call__(self, account: str, person=None):
        person = person or fresh_id()
        self._move(person, "outside", account, None)
        return person

    def let_go(self, person) -> None:
        self._move(person, self.entries[person][1], "outside", self.entries[person][0])

    def _move(self, person, giver: str, taker: str, previous) -> None:
        fact = SimpleNamespace(id=fresh_id(), at=FIRST_MORNING)
        with in_transaction() as cursor:
            context = Context(cursor, FIRST_MORNING, fresh_id(), Actor.system())
            context.locks([person])
            assert move(context, [
                Move(fact, person, "person", giver, taker, previous, "test")]) == [None]
        self.entries[person] = (fact.id, taker)


@pytest.fixture
def hold(county) -> Holder:
    return Holder()
