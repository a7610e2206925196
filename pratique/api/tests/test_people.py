"""People in the loop as devices see them: decided, owed for, and by nobody but those concerned."""

import json
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

HOME_DIVISION = "141123"
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


def stays_correction(device, arrival, **more):
    return device.fact(
        "checkpoint.stays_corrected", person=person_of(arrival), episode=str(arrival.id),
        reason="asked again by telephone", stays=[{
            "division": HOME_DIVISION, "area": "none",
            "since": (FIRST_MORNING - timedelta(days=7)).isoformat(),
            "until": FIRST_MORNING.isoformat()}], **more)


def identity_correction(device, arrival):
    person = person_of(arrival)
    return device.fact("registry.person_corrected", person=person, reason="as the card says",
                       sealed={person: {"name": "王晓明"}})


def person_of(arrival):
    return json.loads(bytes(arrival.body))["person"]


def answer_of(device, fact, **more):
    (receipt,) = device.post(fact, **more).json()["receipts"]
    return receipt["status"], receipt["code"]


APPLIED, NOT_YOURS = ("applied", ""), ("quarantined", "not_your_person")


@pytest.mark.parametrize(("name", "correction", "expected"), [
    ("post-01/b", stays_correction, APPLIED), ("post-01/b", identity_correction, APPLIED),
    ("town-141123100/a", stays_correction, APPLIED),
    ("town-141123100/a", identity_correction, APPLIED),
    ("command/cdc", stays_correction, APPLIED), ("command/cdc", identity_correction, APPLIED),
    ("post-02/a", stays_correction, NOT_YOURS), ("post-02/a", identity_correction, NOT_YOURS),
    ("town-141123101/a", stays_correction, NOT_YOURS),
    ("town-141123101/a", identity_correction, NOT_YOURS),
    ("site-1/a", identity_correction, NOT_YOURS),
])
def test_a_device_corrects_the_record_of_whom_its_unit_is_concerned_with(
    xing, name, correction, expected
):
    arrival = arrive(xing("post-01/a"))[0]
    device = xing(name)
    assert answer_of(device, correction(device, arrival)) == expected


def test_a_refused_correction_says_who_may_in_the_readers_language(xing):
    arrival = arrive(xing("post-01/a"))[0]
    stranger = xing("post-02/a")
    said = {language: stranger.post(stays_correction(stranger, arrival), language=language).json()
            for language in ("en", "zh-Hans")}
    english, chinese = (answer["receipts"][0] for answer in said.values())
    assert english["rule"] == chinese["rule"] == "registry.concern"
    assert "“post-02” has not met this person" in english["sentence"]
    assert "更正此人的记录" in chinese["sentence"]


def test_a_device_does_not_lend_itself_the_place_of_who_is_concerned(xing):
    arrival = arrive(xing("post-01/a"))[0]
    stranger = xing("post-02/a")
    stranger.place = "post-01"
    assert answer_of(stranger, stays_correction(stranger, arrival)) == (
        "quarantined", "not_your_place")


def test_whether_from_outside_the_province_is_corrected_and_decided_at_once(xing):
    gate = xing("post-01/a")
    arrival = arrive(gate)[0]
    measures = []
    for outside in (True, False):
        gate.forward(minutes=1)
        fact = stays_correction(gate, arrival, from_outside_province=outside)
        assert answer_of(gate, fact) == APPLIED
        measures.append(gate.read("episodes")["items"][0]["measure"])
    assert measures == ["self_monitoring", "none"]


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
