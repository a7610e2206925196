"""The laws under attack, what a batch costs, and what prove finds."""

import threading
from datetime import timedelta

import psycopg
import pytest

from pratique.checkpoint import queries
from pratique.checkpoint.reduce import end_episodes
from pratique.checkpoint.tests.conftest import open_the_county
from pratique.checkpoint.tests.said import (
    HOUR,
    about,
    clear,
    count,
    findings,
    in_units,
    person,
    plate,
    vehicle,
)
from pratique.journal.context import Context
from pratique.journal.prove import check
from pratique.journal.record import record
from pratique.kit.sql import in_transaction, reading
from tests.support import Speaker, fresh_id, statements_seen

EPISODE = (
    "INSERT INTO checkpoint_episode (id, person, post, arrived_at, conveyance, resident, "
    "from_outside_province, stays, stays_at, stays_by, places, special, phone_verified, papers, "
    "outcome) SELECT gen_random_uuid(), person, post, arrived_at, conveyance, resident, "
    "from_outside_province, stays, stays_at, stays_by, places, special, phone_verified, papers, "
    "'' FROM checkpoint_episode"
)
ATTACKS = {
    "a second open episode of one person": (EPISODE, "checkpoint_episode_one_open"),
    "an episode that vanishes": ("DELETE FROM checkpoint_episode", "checkpoint_ends_once"),
    "an episode handed to somebody else": (
        "UPDATE checkpoint_episode SET person = gen_random_uuid()", "checkpoint_ends_once"),
    "an episode with a younger arrival": (
        "UPDATE checkpoint_episode SET arrived_at = arrived_at + interval '1 day'",
        "checkpoint_ends_once"),
    "an end without the fact that ended it": (
        "UPDATE checkpoint_episode SET ended_at = arrived_at, outcome = 'passed'",
        "checkpoint_episode_ended"),
    "an end of a kind that does not exist": (
        "UPDATE checkpoint_episode SET ended_at = arrived_at, ended_by = id, outcome = 'gone'",
        "checkpoint_episode_ended"),
    "a vehicle that vanishes": ("DELETE FROM checkpoint_arrival", "checkpoint_ends_once"),
    "fewer heads in a vehicle, afterwards": (
        "UPDATE checkpoint_arrival SET occupants = 0", "checkpoint_ends_once"),
    "a vehicle at the gate twice at once": (
        "INSERT INTO checkpoint_arrival (fact, vehicle, post, lane, at, plate, occupants, "
        "boot_checked, conveyance, cleared_as, explained) SELECT gen_random_uuid(), vehicle, post, "
        "lane, at, plate, occupants, boot_checked, conveyance, '', '' FROM checkpoint_arrival",
        "checkpoint_arrival_one_open"),
    "a clearance without its fact": (
        "UPDATE checkpoint_arrival SET cleared_at = at, cleared_as = 'cleared'",
        "checkpoint_arrival_cleared"),
    "a count below nothing": (
        "INSERT INTO checkpoint_lane_count (post, lane, hour, counted, source, at, fact, "
        "explained) SELECT post, lane, at, -1, 'loop', at, fact, '' FROM checkpoint_arrival",
        "checkpoint_lane_count_counted"),
}


@pytest.mark.parametrize(("attack", "law"), ATTACKS.values(), ids=ATTACKS.keys())
def test_the_database_itself_refuses(gate, attack, law):
    gate.send(vehicle(gate), person(gate))
    with pytest.raises(psycopg.Error) as refused, in_transaction() as cursor:
        cursor.execute(attack)
    assert refused.value.diag.constraint_name == law


def test_an_ended_episode_is_never_opened_again(gate, free_to_go):
    one = person(gate)
    gate.send(one)
    gate.say("checkpoint.person_passed", person=about(one, "person"), post="post-01",
             holds_by=one.id)
    with pytest.raises(psycopg.Error, match="ends once"), in_transaction() as cursor:
        cursor.execute("UPDATE checkpoint_episode SET ended_at = NULL, ended_by = NULL, "
                       "outcome = ''")


def say_much(gate: Speaker, families: int) -> list:
    facts = []
    for number in range(families):
        car = vehicle(gate, lane=str(number % 4), occupants=2)
        facts.append(car)
        facts += [
            person(gate, vehicle=about(car, "vehicle"), person=who, sealed={
                who: {"name": "张三", "document_kind": "other", "document": str(who)}})
            for who in (fresh_id(), fresh_id())]
    return facts


def statements(speaker: Speaker, facts: list) -> int:
    with statements_seen() as seen:
        batch = speaker.send(*facts)
    assert {r.status for r in batch.receipts} == {"applied"}, batch.receipts[:3]
    return len(seen)


def test_arrivals_cost_the_same_statements_for_one_and_three_hundred(gate):
    gate.send(*say_much(gate, 4))  # the lanes are known from now on
    one = statements(gate, say_much(gate, 1))
    many = statements(gate, say_much(gate, 300))
    assert one == many <= 30  # evaluation, duties and standing included


@pytest.mark.parametrize("late", [False, True])
def test_leaving_and_counting_cost_the_same_statements(gate, late, free_to_go):
    def batch(size: int) -> tuple[list, list, list, list]:
        cars = [vehicle(gate, occupants=1, lane=str(n)) for n in range(size)]
        people = [person(gate, vehicle=about(c, "vehicle")) for c in cars]
        leaving = [clear(gate, c) for c in cars]
        passing = [gate.fact("checkpoint.person_passed", person=about(p, "person"),
                             post="post-01", holds_by=p.id) for p in people]
        counts = [count(gate, 1 + late, lane=str(n)) for n in range(size)]
        return cars, people, leaving + passing, counts

    gate.send(person(gate))  # the map of risk is read once, then kept
    seen = []
    for size in (1, 450):
        cars, people, leaving, counts = batch(size)
        if late:
            gate.send(*cars)
            seen.append([statements(gate, leaving[:size]),
                         statements(gate, counts),
                         statements(gate, people)])
        else:
            gate.send(*cars, *people)
            seen.append([statements(gate, leaving),
                         statements(gate, counts)])
    assert seen[0] == seen[1]


def test_the_laws_find_nothing_after_a_day_at_the_gate(gate, other_gate, counter, free_to_go):
    text = plate()
    for officer in (gate, other_gate):
        cars = [vehicle(officer, occupants=n, plate=text) for n in (1, 2)]
        people = [person(officer, vehicle=about(c, "vehicle")) for c in cars]
        officer.send(*people, *cars)
        officer.send(*[clear(officer, c) for c in cars])
        officer.say("checkpoint.person_passed", person=about(people[0], "person"),
                    post=officer.place, holds_by=people[0].id)
        counter.send(count(counter, 3, post=officer.place))
    assert len(findings("occupants_differ")) == len(findings("lane_difference")) == 2
    assert [c.law.name for c in map(check, queries.LAWS) if c.violations] == []


def test_the_laws_find_what_is_broken(gate):
    car = vehicle(gate, occupants=2)
    gate.send(car, clear(gate, car), count(gate, 5))
    with reading() as cursor:
        cursor.execute("UPDATE checkpoint_arrival SET finding = NULL")
        cursor.execute("UPDATE checkpoint_lane_count SET finding = gen_random_uuid(), counted = 1")
    broken = {c.law.name for c in map(check, queries.LAWS) if c.violations}
    assert broken == {"checkpoint.differing_vehicles_are_shown", "checkpoint.findings_are_there",
                      "checkpoint.short_hours_are_shown"}


def test_the_pathway_ends_episodes_by_its_own_fact(gate):
    one, two = person(gate), person(gate)
    gate.send(one, two)
    from pratique.journal.reading import read
    from pratique.journal.vault import county_keys

    fact = read(person(gate), gate.actor(), county_keys())
    with in_transaction() as cursor:
        context = Context(cursor, gate.now, fact.id, gate.actor())
        assert end_episodes(context, [(about(one, "person"), fact)]) == {about(one, "person")}
        assert end_episodes(context, []) == set()
    found = queries.episodes([about(one, "person"), about(two, "person")])
    assert found[about(one, "person")].outcome == "released"
    assert found[about(two, "person")].ended_at is None


@pytest.mark.committed
def test_open_episodes_are_found_for_a_new_risk_list_by_index(committed):
    open_the_county()
    gate = Speaker("post-01", ["gate_officer"])
    gate.send(person(gate))
    many = EPISODE.replace("SELECT gen_random_uuid(), person", "SELECT gen_random_uuid(), "
                           "gen_random_uuid()").replace(
        " places, special, phone_verified, papers, ''", " ARRAY[(100000 + n)::text], special, "
        "phone_verified, papers, ''") + ", generate_series(1, 20000) n"
    with in_transaction() as cursor:
        cursor.execute(many)
    owner = committed("owner")
    owner.autocommit = True
    owner.execute("ANALYZE checkpoint_episode")
    with reading() as cursor:
        cursor.execute(
            "EXPLAIN SELECT id, person FROM checkpoint_episode WHERE ended_at IS NULL "
            "AND places && %b", (["100001", "100002"],))
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "checkpoint_episode_places" in plan
    assert len(in_units("100001", "100002", "999999")) == 2


@pytest.mark.committed
def test_a_count_and_vehicles_at_the_same_moment_never_lose_one_another():
    open_the_county()
    gates = [Speaker("post-01", ["gate_officer"]) for __ in range(6)]
    facts = [(g, [vehicle(g, lane=str(n)) for n in range(8)]) for g in gates]
    facts.append((gates[0], [count(gates[0], 6, lane=str(n)) for n in range(8)]))

    def send(speaker: Speaker, mine: list) -> None:
        from django.db import connections

        for fact in mine:
            record([fact], actor=speaker.actor(), now=HOUR + timedelta(hours=1), source="test")
        connections.close_all()

    threads = [threading.Thread(target=send, args=each) for each in facts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert findings("lane_difference") == []
    assert [c.law.name for c in map(check, queries.LAWS) if c.violations] == []
