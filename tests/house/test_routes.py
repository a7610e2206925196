"""Every route for every duty role: opened or refused as it declares, and never an error of ours."""

import re
from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver

from pratique.desks import ledger
from pratique.feeds.county import read_county
from pratique.journal.fact import Actor
from pratique.journal.kinds import ROLES
from pratique.journal.record import record
from pratique.journal.vault import county_keys
from pratique.kit.access import EVERYONE, roles_of
from pratique.kit.clock import DrivenClock
from pratique.kit.sql import reading
from tests.house.test_access import routes
from tests.journeys.test_whole_loop import NEGATIVE, Loop, arrive, first_room
from tests.support import FIRST_MORNING, Speaker, fresh_id

EVENING = datetime(2022, 8, 20, 10, 0, tzinfo=UTC)
PEOPLE = [role for role in ROLES if role != "system"]  # nobody signs in as the system
PART = re.compile(r"<(?:(\w+):)?(\w+)>")
# People say facts at their desks, and carry no bundle and no roll.
DEVICES_ALONE = {("/api/v1/facts", "POST"), ("/api/v1/field/bundle", "GET"),
                 ("/api/v1/field/roll", "GET"), ("/api/v1/field/halves", "POST")}
# What stands in an address, and where one that exists is found.
FOUND = {
    "person": "SELECT person FROM checkpoint_episode",
    "vehicle": "SELECT vehicle FROM registry_vehicle",
    "tube": "SELECT specimen FROM specimens_specimen",
    "specimen": "SELECT specimen FROM specimens_specimen",
    "trip": "SELECT trip FROM transfer_trip",
    "run": "SELECT run FROM specimens_run",
    "duty": "SELECT id FROM duties_duty",
    "finding": "SELECT id FROM journal_finding",
    "hand-over": "SELECT id FROM custody_handover",
    "fact": "SELECT id FROM journal_fact WHERE seq IS NOT NULL",
    "device": "SELECT device FROM journal_device",
    "staff": "SELECT staff FROM registry_enrolment",
    "import": "SELECT id FROM feeds_import",
}
WORDS = {"account": "post-01", "code": "post-01", "site": "site-1", "which": "came-in",
         "token": "x" * 43, "digest": "0" * 16, "kind": "css", "language": "en"}


@pytest.fixture
def clock(monkeypatch):
    driven = DrivenClock(EVENING)
    monkeypatch.setattr("pratique.kit.doors._system", driven)
    return driven


@pytest.fixture
def empty(db, clock):
    """A county in which nobody has said anything yet."""


@pytest.fixture
def lived_in(db, clock):
    """The example county with somebody who arrived, was swabbed and is about to travel."""
    record(read_county().facts(county_keys()), actor=Actor.system(), now=FIRST_MORNING,
           source="seed")
    loop = Loop()
    loop.to(EVENING.replace(hour=2))
    arrive(loop, division="510107", area="none")
    loop.test(loop.gate, "landing", NEGATIVE, urgent=True)
    loop.done(loop.site.say("transfer.place_confirmed", person=loop.person, account="site-1",
                            room=first_room()))
    loop.hand_over(loop.gate, loop.crew, loop.person)
    loop.done(loop.gate.say("checkpoint.lane_counted", post="post-01", lane="1", vehicles=3,
                            hour=loop.now.replace(minute=0)))
    loop.gate.send(b"not a fact at all")


def sign_in(role: str) -> Client:
    """Somebody with a county-wide duty in this role, who has chosen a password."""
    staff = uuid4()
    desk = Speaker(None, ["system"], now=EVENING, staff=None)
    receipt = desk.send(desk.fact(
        "registry.staff_enrolled", staff=staff, username=f"{role}-anywhere".replace("_", "-"),
        office="county", duties=[{"role": role, "unit": None}],
        sealed={staff: {"name": "张三"}})).receipts[0]
    assert receipt.status == "applied", receipt.text()
    ledger.note_password(staff, EVENING)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(get_user_model().objects.get(pk=staff),
                       backend="django.contrib.auth.backends.ModelBackend")
    return client


def address_of(pattern: str) -> str:
    """A real address: things that exist where the county has any, else ones of the same shape."""
    def part(match: re.Match) -> str:
        before = pattern[:match.start()].rstrip("/").rpartition("/")[2]
        name = match[2] if match[2] in FOUND else before
        if name not in FOUND:
            return WORDS[match[2]]
        with reading() as cursor:
            row = cursor.execute(f"{FOUND[name]} LIMIT 1").fetchone()
        return str(row[0] if row else fresh_id(EVENING))

    return "/" + PART.sub(part, pattern)


def answers(client: Client, method: str, address: str) -> int:
    cache.clear()
    return client.generic(method, address, b"" if method == "GET" else b"[]",
                          content_type="application/json" if "/api/" in address
                          else "application/x-www-form-urlencoded").status_code


def expected(view, method: str, role: str | None, address: str) -> set[int]:
    """The answers that the view's own declaration allows."""
    declared = roles_of(view, method)
    opened = set(range(200, 500)) - {401, 403}
    if declared == EVERYONE:
        return opened
    if role is None:
        return {401} if "/api/" in address else {302}
    may = declared is not None and role in declared
    return opened if may and (address, method) not in DEVICES_ALONE else {403}


@pytest.mark.parametrize("county", ["empty", "lived_in"])
def test_every_route_answers_every_role_as_it_declares(county, request):
    request.getfixturevalue(county)
    found = [(address_of(pattern), view)
             for pattern, view in routes(get_resolver().url_patterns)]
    wrong, seen = [], Counter()
    for role in [None, *PEOPLE]:
        client = sign_in(role) if role else Client()
        for address, view in found:
            for method in ("GET", "POST"):
                if address == "/sign-out/" and method == "POST":
                    continue  # whoever has left is a stranger to the routes after it
                status = answers(client, method, address)
                seen[status] += 1
                if status not in expected(view, method, role, address):
                    wrong.append(f"{method} {address} as {role or 'a stranger'}: {status}")
    assert not wrong, "\n".join(wrong)
    assert seen[200] > len(found)
