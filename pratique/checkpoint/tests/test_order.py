"""Whatever is heard first, the end is the same; and a rebuild sees what was seen."""

import random
from datetime import timedelta

import pytest
from django.db import connections

from pratique.checkpoint import queries
from pratique.checkpoint.models import DERIVED
from pratique.checkpoint.tests.conftest import open_the_county
from pratique.checkpoint.tests.said import (
    HOUR,
    about,
    count,
    findings,
    person,
    plate,
    stay,
    vehicle,
)
from pratique.journal import rebuild
from pratique.journal.fact import Actor
from pratique.journal.record import record
from pratique.kit import county
from pratique.kit.sql import reading
from tests.support import Speaker

SCRATCH = "beta_replayed"
STATES = {
    "episodes": "SELECT id, person, vehicle, stays_by, places, ended_at, ended_by, outcome, "
                "from_outside_province, outside_by FROM checkpoint_episode",
    "vehicles": "SELECT fact, cleared_at, cleared_by, cleared_as, finding IS NOT NULL, explained, "
                "explained_by FROM checkpoint_arrival",
    "lanes": "SELECT post, lane, hour, counted, fact, explained, finding IS NOT NULL "
             "FROM checkpoint_lane_count",
    "holdings": "SELECT subject, account, entry FROM custody_holding",
    "findings": "SELECT code, subject, count(*) FROM journal_finding WHERE closed_at IS NULL "
                "GROUP BY 1, 2",
    "expected": "SELECT id, person, plate FROM checkpoint_expected",
    "parked": "SELECT fact FROM journal_parked",
}


@pytest.fixture(autouse=True)
def free_to_go_for_all(free_to_go):
    """Nobody has a measure here."""


def a_morning(gate: Speaker, chance: random.Random) -> list:
    """Cars that come, are emptied and leave; counts, corrections and explanations."""
    facts = []
    shared = plate()
    for number in range(8):
        lane = str(number % 2)
        at = HOUR + timedelta(minutes=number)
        car = vehicle(gate, occupants=chance.randint(0, 2), lane=lane, at=at,
                      plate=shared if number in (0, 7) else plate())
        facts.append(car)
        who = about(car, "vehicle")
        if number != 5:
            facts.append(gate.fact(
                "checkpoint.vehicle_cleared", vehicle=who, post="post-01", holds_by=car.id,
                reason=chance.choice(["cleared", "turned_back"]), at=at + timedelta(minutes=3)))
        facts += [gate.fact("checkpoint.occupants_explained", vehicle=who, arrival=car.id,
                            registered=chance.randint(0, 3), reason=f"reason {n}",
                            at=at + timedelta(minutes=10 + n)) for n in range(chance.randint(0, 2))]
        for __ in range(chance.randint(0, 3)):
            one = person(gate, vehicle=who, at=at + timedelta(minutes=1))
            facts.append(one)
            said = {"person": about(one, "person"), "at": at + timedelta(minutes=2)}
            if chance.random() < 0.5:
                facts += [gate.fact("checkpoint.stays_corrected", episode=one.id, reason="asked",
                                    stays=[stay(str(610112 + n))], person=said["person"],
                                    from_outside_province=chance.choice([True, False, None]),
                                    at=at + timedelta(minutes=n)) for n in (1, 2)]
            elif chance.random() < 0.5:
                facts.append(gate.fact("checkpoint.person_passed", post="post-01",
                                       holds_by=one.id, **said))
    for lane in ("0", "1"):
        facts += [count(gate, chance.randint(3, 5), lane=lane, at=HOUR + timedelta(hours=n))
                  for n in (1, 2)]
    facts.append(gate.fact("checkpoint.lane_explained", post="post-01", lane="1", hour=HOUR,
                           reason="a roller", at=HOUR + timedelta(hours=3)))
    return facts


def meddling(arrivals: list) -> list:
    """The officer of another post corrects people whom she has never met."""
    stranger = Speaker("post-02", ["gate_officer"])
    facts = []
    for one in arrivals:
        who = about(one, "person")
        facts += [
            stranger.fact("checkpoint.stays_corrected", episode=one.id, reason="not mine",
                          stays=[stay("650100")], person=who, from_outside_province=True,
                          at=HOUR + timedelta(hours=1)),
            stranger.fact("registry.person_corrected", person=who, reason="not mine",
                          sealed={who: {"name": "somebody"}}, at=HOUR + timedelta(hours=1))]
    return facts


def cut(facts: list, chance: random.Random) -> list[list]:
    """The facts in another order, in batches of any size, some of them sent twice."""
    shuffled = chance.sample(facts, len(facts))
    batches = []
    while shuffled:
        size = chance.randint(1, 12)
        batches.append(shuffled[:size])
        shuffled = shuffled[size:]
        if chance.random() < 0.3:
            batches.append(chance.sample(batches[-1], len(batches[-1])))
    return batches


def state() -> dict[str, list]:
    found = {}
    with reading() as cursor:
        for name, sql in STATES.items():
            cursor.execute(sql)
            found[name] = sorted(map(str, cursor.fetchall()))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_every_order_and_cut_of_a_morning_ends_the_same(county, seed):
    chance = random.Random(seed)
    gate = Speaker("post-01", ["gate_officer"])
    facts = a_morning(gate, chance)
    ends = []
    for orders in range(5):
        batches = [facts] if not orders else cut(facts, chance)
        with reading() as cursor:
            cursor.execute("SAVEPOINT morning")
        for batch in batches:
            gate.send(*batch, now=HOUR + timedelta(hours=9))
        ends.append(state())
        with reading() as cursor:
            cursor.execute("ROLLBACK TO SAVEPOINT morning")
    assert ends[0]["parked"] == []
    for end in ends[1:]:
        assert end == ends[0]


@pytest.mark.committed
def test_a_rebuild_sees_the_same(transactional_db, monkeypatch):
    ours = [*DERIVED, "custody_entry", "custody_holding", "journal_finding"]
    monkeypatch.setattr(rebuild, "derived_tables", lambda: ours)
    open_the_county()
    chance = random.Random(11)
    gate = Speaker("post-01", ["gate_officer"])
    facts = a_morning(gate, chance)
    facts += meddling([f for f in facts if f.kind == "checkpoint.person_arrived"])
    posts = Actor(frozenset(["gate_officer"]), frozenset(["post-01", "post-02"]))
    for batch in cut(facts, chance):
        record(batch, actor=posts, now=HOUR + timedelta(hours=9), source="test")
    refused = findings("not_your_person")
    assert {row["owner"] for row in refused} == {"post-02"}, "some had waited for the person"
    assert queries.open_in_places(["650100"]) == []
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (live,) = cursor.fetchone()
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCRATCH} CASCADE")
    county.install(owner, SCRATCH)
    try:
        with county.within(owner, SCRATCH):
            with owner.cursor() as cursor:
                cursor.execute(
                    f"INSERT INTO custody_account SELECT * FROM {live}.custody_account")
            rebuild.replay(live, "owner")
            compared = list(rebuild.compare(live, SCRATCH, "owner"))
    finally:
        with owner.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {SCRATCH} CASCADE")
    assert [c for c in compared if c.differences] == []
    assert sum(c.rows for c in compared) > 60
