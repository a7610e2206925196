"""A revoked device is heard to the end, and its leader decides what of it counts."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from django.test import Client

from pratique.desks.tests.conftest import NOON
from pratique.desks.tests.test_staff import SECRET, enrol_device
from pratique.journal import queries as journal
from pratique.journal.prove import prove
from pratique.kit.sql import reading
from tests.support import Speaker, fresh_id


class Lost:
    """A tablet of post-01 that was revoked and then found a network."""

    def __init__(self, leader) -> None:
        device, __, answer = enrol_device(leader)
        self.id: UUID = device
        self.token = SECRET.search(answer.content.decode())[1]
        self.voice = Speaker("post-01", ["gate_officer"], now=NOON - timedelta(hours=2),
                             device=device)
        leader.send(f"/device/{device}/", reason="lost on the road")

    def vehicle(self, plate: str):
        return self.voice.fact("checkpoint.vehicle_arrived", vehicle=fresh_id(NOON),
                               post="post-01", plate=plate, occupants=0)

    def send(self, *facts) -> list[dict]:
        told = Client().post(
            "/api/v1/facts", msgspec.json.encode(list(facts)), "application/json",
            headers={"Authorization": f"Bearer {self.token}", "Accept-Language": "en"})
        assert told.status_code == 200, told.content
        return told.json()["receipts"]


@pytest.fixture
def leader(desk):
    return desk("leader")


@pytest.fixture
def lost(leader):
    return Lost(leader)


def kept(lost) -> list[journal.Aside]:
    return journal.aside_of(lost.id, "device_revoked")


def record(desk, lost, rows, reason="the officer of that night confirms them"):
    return desk.client.post(f"/device/{lost.id}/", {
        "do": "record", "kept": [str(row.id) for row in rows], "reason": reason}, follow=True)


def test_the_leader_records_one_of_two_as_it_was_said(leader, lost):
    first, second = lost.vehicle("晋J8K213"), lost.vehicle("晋J8K214")
    assert {r["code"] for r in lost.send(first, second)} == {"device_revoked"}
    page = leader.see(f"/device/{lost.id}/")
    assert page.count('name="kept"') == 2
    assert '<span class="ref soft">2</span> vehicle registered' in page
    assert page.count("20 Aug 22:00") >= 2, "when it was said, not when it came"
    told = record(leader, lost, [row for row in kept(lost) if row.fact == first.id])
    assert "1 recorded, 0 known before" in told.content.decode()
    said = journal.facts([first.id, second.id])
    assert set(said) == {first.id}
    one = said[first.id]
    assert (one.at, one.by, one.device, one.seq) == (first.at, first.by, lost.id, first.seq)
    assert one.recorded_at > one.at
    assert leader.see(f"/device/{lost.id}/").count('name="kept"') == 1
    assert "the officer of that night confirms them" in leader.see(f"/device/{lost.id}/")


def test_nothing_doubles_however_often_it_is_sent_or_recorded(leader, lost):
    fact = lost.vehicle("晋J8K213")
    lost.send(fact)
    rows = kept(lost)
    record(leader, lost, rows)
    told = record(leader, lost, rows)
    assert "Choose what is to be recorded" in told.content.decode()
    again = lost.send(fact)[0]
    assert (again["status"], again["code"]) == ("duplicate", "device_revoked")
    beside = Speaker("post-01", ["gate_officer"], now=NOON, staff=None)
    assert beside.send(fact).receipts[0].status == "duplicate", "handed over to another device"
    with reading() as cursor:
        cursor.execute("SELECT count(*) FROM journal_fact WHERE device = %s", (lost.id,))
        assert cursor.fetchone()[0] == 1
    assert [found.law.name for found in prove() if found.violations] == []


def test_what_is_refused_now_says_so_and_stays_aside(leader, lost):
    wrong = lost.voice.fact("checkpoint.lane_counted", post="post-02", lane="1", vehicles=3,
                            hour=(NOON - timedelta(hours=3)).isoformat())
    lost.send(msgspec.structs.replace(wrong, place="post-02"))
    told = record(leader, lost, kept(lost)).content.decode()
    assert "1 refused" in told and "not your place" in told
    assert [row.refused for row in kept(lost)] == ["not_your_place"]


def test_it_needs_a_reason_and_one_who_answers_for_the_device(leader, lost, desk):
    lost.send(lost.vehicle("晋J8K213"))
    assert "Say why" in record(leader, lost, kept(lost), reason=" ").content.decode()
    answer = desk("gate").client.post(f"/device/{lost.id}/", {
        "do": "record", "kept": [str(kept(lost)[0].id)], "reason": "mine"})
    assert answer.status_code == 403
    stranger = Speaker("post-02", ["leader"], now=NOON)
    said = stranger.say("registry.device_heard_out", device=lost.id, facts=[fresh_id()],
                        reason="mine")
    assert (said.status, said.code) == ("quarantined", "right_not_yours")
    assert [row.is_recorded for row in kept(lost)] == [False]


def test_a_revoked_device_closes_no_gap_of_another(leader, lost):
    other = Speaker("post-01", ["gate_officer"], now=NOON)
    for seq in (1, 3):
        other.seq = seq - 1
        other.say("checkpoint.lane_counted", post="post-01", lane=str(seq), vehicles=3,
                  hour=NOON.replace(minute=0).isoformat())
    other.seq = 1
    lost.send(other.fact("checkpoint.lane_counted", post="post-01", lane="9", vehicles=9,
                         hour=NOON.isoformat()))
    assert [(gap.first, gap.last) for gap in journal.gaps([other.device])] == [(2, 2)]
