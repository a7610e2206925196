"""People in the loop as devices see them: decided, owed for, and by nobody but those concerned."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pratique.feeds import county as example
from pratique.feeds import risk_areas
from pratique.journal import vault
from pratique.journal.fact import Actor
from pratique.journal.record import record
from pratique.registry import stays
from tests.support import FIRST_MORNING, fresh_id

HIGH_DIVISION = "460203"  # a district of Sanya, high in every list of these days


@pytest.fixture
def xing(db):
    """The example county as its first morning finds it; opens tablets by unit and name."""
    county = example.read_county()
    keys = vault.county_keys()
    lists = [risk_areas.read_list(file).fact for file in risk_areas.shipped_files()[6:8]]
    batch = record([*county.facts(keys), *lists], actor=Actor.system(), now=FIRST_MORNING,
                   source="test")
    assert {r.status for r in batch.receipts} == {"applied"}
    devices = {device.name: device for device in county.devices()}

    def tablet(name):
        from pratique.api.tests.conftest import Tablet

        device = devices[name]
        return Tablet(device.unit, device.roles, device=device.device,
                      token=example.device_token(keys, device))

    return tablet


def arrive(gate, count=1):
    """People from a high-risk place at the gate, one a vehicle; their ids and arrivals."""
    tiers = stays.unit_at(HIGH_DIVISION, FIRST_MORNING)
    area = next(a.key for a in tiers.places.values() if a.tier == "high")
    since = (FIRST_MORNING - timedelta(days=3)).isoformat()
    arrivals = [
        gate.fact(
            "checkpoint.person_arrived", person=str(fresh_id()), post=gate.place, resident=True,
            from_outside_province=True, destination="town-141123100", phone_verified=True,
            stays=[{"division": HIGH_DIVISION, "area": area, "since": since,
                    "until": FIRST_MORNING.isoformat()}])
        for _ in range(count)
    ]
    answer = gate.post(*arrivals).json()
    assert answer["counts"]["applied"] == count, answer["receipts"]
    return arrivals


def test_an_arrival_is_decided_and_owed_for_at_once(xing):
    gate = xing("post-01/a")
    arrival = arrive(gate)[0]
    episode = gate.read("episodes")["items"][0]
    assert episode["episode"] == episode["holds_by"] == str(arrival.id)
    assert (episode["tier"], episode["measure"]) == ("high", "central_isolation")
    assert (episode["account"], episode["colour"]) == ("post-01", "red")
    assert episode["release"]["allowed"] is False
    assert episode["release"]["missing"]
    assert {duty["unit"] for duty in episode["duties"]} >= {"post-01"}
    owed = gate.read("duties")["items"]
    assert {duty["person"] for duty in owed} == {episode["person"]}
    overdue = gate.read("duties?state=overdue")["items"]
    assert overdue == []


def test_duties_of_the_days_to_come_are_shown_when_asked_for(xing):
    gate = xing("post-01/a")
    arrive(gate)
    command = xing("command/lead")
    now = len(command.read("duties")["items"])
    later = len(command.read("duties?opens_before=2022-08-28T00:00:00Z")["items"])
    assert later > now


def test_who_is_concerned_reads_the_person_and_nobody_else(xing):
    gate = xing("post-01/a")
    arrival = arrive(gate)[0]
    person = gate.read("episodes")["items"][0]["person"]
    seen = gate.read(f"episodes/{person}")
    assert seen["code"]["colour"] == "red"
    assert seen["decisions"][0]["facts"]
    assert [step["fact"] for step in seen["chain"]] == [str(arrival.id)]
    bound_for = xing("town-141123100/a")
    assert bound_for.get(f"episodes/{person}").status_code == 200
    answer = xing("post-02/a").get(f"episodes/{person}")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_unit")


def test_whom_a_person_is_offered_to_may_read(xing):
    gate, coach = xing("post-01/a"), xing("coach-01/a")
    arrival = arrive(gate)[0]
    person = gate.read("episodes")["items"][0]["person"]
    offer = gate.fact(
        "custody.offered", giver="post-01", taker="coach-01",
        lines=[{"subject": person, "holds_by": str(arrival.id)}],
        expires_at=(FIRST_MORNING + timedelta(hours=2)).isoformat())
    assert coach.get(f"episodes/{person}").status_code == 403
    receipt = gate.post(offer).json()["receipts"][0]
    assert receipt["status"] == "applied", receipt
    assert coach.get(f"episodes/{person}").status_code == 200
    pending = coach.read("handovers")["items"]
    assert [(p["handover"], p["subjects"]) for p in pending] == [(str(offer.id), [person])]


def test_a_reason_comes_in_the_readers_language(xing):
    gate = xing("post-01/a")
    arrive(gate)
    person = gate.read("episodes")["items"][0]["person"]
    english = gate.get(f"episodes/{person}", language="en").json()["code"]
    chinese = gate.get(f"episodes/{person}", language="zh-Hans").json()["code"]
    assert english["reason"].isascii() and not chinese["reason"].isascii()


def test_the_list_of_a_county_names_what_a_gate_offers_to_tick(xing):
    gate = xing("post-01/a")
    areas = gate.read(f"risk-areas?division={HIGH_DIVISION}")
    assert areas["items"][0]["tier"] == "high"
    # Three places stand in two tiers of that list; the higher one counts.
    assert areas["totals"] == {"high": 1059, "medium": 771, "low": 164}


def test_a_page_of_episodes_takes_the_same_statements_however_long(xing):
    gate = xing("post-01/a")

    def statements():
        with CaptureQueriesContext(connection) as seen:
            from pratique.api.tests.test_facts import _counted

            with _counted() as counted:
                gate.read("episodes")
        return len(seen) + counted[0]

    arrive(gate, 2)
    statements()
    few = statements()
    arrive(gate, 40)
    assert statements() == few
