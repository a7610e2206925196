"""The example county on the morning of 20 August 2022, and people who sign in to it."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.test import Client

from pratique.desks import ledger
from pratique.feeds.county import read_county
from pratique.feeds.risk_areas import read_list, shipped_files
from pratique.journal.fact import Actor
from pratique.journal.record import record
from pratique.journal.vault import county_keys
from pratique.kit.clock import DrivenClock
from pratique.registry.identity import check_character
from pratique.registry.lists import list_body
from tests.support import FIRST_MORNING, Speaker, fresh_id

NOON = FIRST_MORNING + timedelta(hours=18)  # the list of 20 August, 23:00, is known
PASSWORD = "a password of one's own"
LIST_OF_20_AUGUST = next(f for f in shipped_files() if f.stem.startswith("20220820"))
YAZHOU = "460205"


def resident_id(number: int) -> str:
    """A right resident's number of nobody."""
    first = f"14010219850101{number:03d}"
    return first + check_character(first)


@pytest.fixture
def clock(monkeypatch):
    """The doors' clock, driven by the test."""
    driven = DrivenClock(NOON)
    monkeypatch.setattr("pratique.kit.doors._system", driven)
    return driven


def fill_county() -> None:
    """The example county as facts, with the real list of 20 August in force."""
    facts = read_county().facts(county_keys())
    assert record(facts, actor=Actor.system(), now=FIRST_MORNING,
                  source="seed").counts()["applied"] == len(facts)
    desk = Speaker("command", ["epidemiologist"], now=NOON)
    said = desk.say("registry.risk_list_published",
                    **list_body(read_list(LIST_OF_20_AUGUST).risk_list, "NHC"))
    assert said.status == "applied", said.text()


@pytest.fixture
def county(db, clock):
    fill_county()


class Desk:
    """Somebody signed in, in a language."""

    def __init__(self, username: str, language: str = "en") -> None:
        self.staff = get_user_model().objects.get_by_natural_key(username)
        self.client = Client(headers={"Accept-Language": language})
        ledger.note_password(self.staff.pk, NOON)
        self.client.force_login(self.staff)

    def see(self, address: str, status: int = 200) -> str:
        answer = self.client.get(address)
        assert answer.status_code == status, (address, answer.status_code)
        return answer.content.decode()

    def send(self, address: str, **fields):
        return self.client.post(address, fields)


@pytest.fixture
def desk(county):
    return Desk


def give_password(username: str) -> None:
    """So that a browser can sign in as this person."""
    staff = get_user_model().objects.get_by_natural_key(username)
    get_user_model().objects.filter(pk=staff.pk).update(password=make_password(PASSWORD))
    ledger.note_password(staff.pk, NOON)


def arrive(number: int = 1, *, area: str | None = None, vehicle=None, post: str = "post-01",
           division: str = YAZHOU):
    """A person whose arrival the gate records by a device; answers the person's id."""
    gate = Speaker(post, ["gate_officer"], now=NOON)
    person = fresh_id(NOON)
    name = f"张小{'一二三四五六七八九'[number % 9]}"
    fact = gate.fact(
        "checkpoint.person_arrived", person=person, post=post, vehicle=vehicle, resident=True,
        from_outside_province=True, destination="town-141123100", stays=[{
            "division": division, "area": area or "none",
            "since": (NOON - timedelta(days=3)).isoformat(), "until": NOON.isoformat()}],
        phone_verified=True,
        sealed={person: {"name": name, "document_kind": "resident_id",
                         "document": resident_id(number), "phone": f"1390000{number:04d}"}})
    receipt = gate.send(fact).receipts[0]
    assert receipt.status == "applied", receipt.text()
    return person
