"""The database holds isolation's laws against the application itself; work is done in sets."""

import threading

import psycopg
import pytest
from django.db import connection, connections, transaction

from pratique.isolation import reduce
from pratique.isolation.tests.said import (
    arrive,
    at,
    done,
    ended,
    entries,
    give,
    go,
    open_rooms,
    open_unit,
)
from pratique.journal.context import Context
from pratique.journal.fact import Actor
from pratique.kit.sql import in_transaction
from tests.support import Speaker, fresh_id, statements_seen


def attack(sql, params=None):
    """Run raw SQL as the application's role; answer the name of the law that refused it."""
    with pytest.raises(psycopg.Error) as refused, transaction.atomic(), connection.cursor() as c:
        try:
            c.execute(sql, params)
        except Exception as error:
            raise error.__cause__ from error
    return refused.value.diag.constraint_name or refused.value.sqlstate


STAY = ("INSERT INTO isolation_stay (fact, person, site, room, bed, since, until, ended_by) "
        "VALUES (%s, %s, 'site-1', %s, %s, %s, %s, %s)")


@pytest.fixture
def slept(site):
    (person,) = arrive("site-1")
    assert give(site, person, "201", at=at(7)).status == "applied"
    return person


@pytest.mark.parametrize(("room", "bed", "until", "law"), [
    ("201", 1, None, "isolation_stay_one_bed"),
    ("201", 1, at(8), "isolation_stay_one_bed"),
    ("201", 4, None, "isolation_stay_bed_exists"),
    ("101", 2, None, "isolation_stay_bed_exists"),
    ("201", 0, None, "isolation_stay_bed"),
    ("999", 1, None, "isolation_stay_"),
    ("102", 1, at(6), "isolation_stay_ended"),
])
def test_no_second_person_gets_into_a_bed_and_no_bed_is_made_up(slept, room, bed, until, law):
    """Peers' users found two patients in one bed."""
    row = (fresh_id(), fresh_id(), room, bed, at(7, 30), until, fresh_id() if until else None)
    assert attack(STAY, row).startswith(law)


def test_nobody_sleeps_in_two_rooms(slept):
    law = attack(STAY, (fresh_id(), slept, "102", 1, at(8), None, None))
    assert law.startswith(("isolation_stay_one_room", "isolation_stay_one_current"))
    law = attack(STAY, (fresh_id(), slept, "102", 1, at(8), at(9), fresh_id()))
    assert law.startswith("isolation_stay_one_room")


def test_a_stay_is_not_moved_to_a_bed_that_is_not_there(slept):
    assert attack("UPDATE isolation_stay SET bed = 9").startswith("isolation_stay_bed_exists")
    assert attack("UPDATE isolation_stay SET until = since").startswith("isolation_stay_ended")


def test_no_temperature_beyond_life_can_be_written(slept):
    law = attack("INSERT INTO isolation_reading (person, day, slot, account, temperature_c, "
                 "symptoms, note, at, fact) VALUES (%s, '2022-08-20', 'noon', 'site-1', 36, '{}', "
                 "'', %s, %s)", (slept, at(7), fresh_id()))
    assert law.startswith("isolation_reading_slot")
    law = attack("INSERT INTO isolation_reading (person, day, slot, account, temperature_c, "
                 "symptoms, note, at, fact) VALUES (%s, '2022-08-20', 'morning', 'site-1', 365, "
                 "'{}', '', %s, %s)", (slept, at(7), fresh_id()))
    assert law.startswith("isolation_reading_body")


def test_a_visit_is_never_changed_or_taken_away(slept):
    for sql in ("DELETE FROM isolation_visit", "UPDATE isolation_visit SET found = true"):
        assert attack(sql) == "42501", "the application has no right to"


def play(size: int, house: str) -> list[int]:
    """Rooms, rounds, visits and leaving of `size` persons, each in one batch."""
    open_unit(house, "isolation_site")
    open_rooms(house, [{"room": str(n)} for n in range(2 * size)])
    site = Speaker(house, ["site_head"])
    people = arrive(house, size)
    counts = []

    def say(facts):
        with statements_seen() as seen:
            batch = site.send(*facts)
        assert {r.status for r in batch.receipts} == {"applied"}, batch.receipts[0]
        counts.append(len(seen))

    for first in (0, size):  # a first room, then another one
        say([site.fact("isolation.room_given", person=p, site=house, room=str(first + n),
                       at=at(7 + bool(first))) for n, p in enumerate(people)])
    say([site.fact("isolation.round_done", account=house, day="2022-08-20", slot="morning",
                   readings=[{"person": p, "temperature_c": 38.0}]) for p in people])
    say([site.fact("isolation.home_visited", person=p, account=house, found=False)
         for p in people])
    go(people, "coach-01", at(9))
    with statements_seen() as seen:
        ended(people)
    counts.append(len(seen))
    with statements_seen() as seen:
        ended(people)
    counts.append(len(seen))
    return counts


def test_one_fact_and_five_hundred_take_as_many_statements(site):
    play(1, "site-7")  # keys and accounts are read once
    assert play(1, "site-8") == play(500, "site-9")


def test_ending_stays_when_nobody_left_a_room_is_one_statement(site, slept):
    with in_transaction() as cursor:
        context = Context(cursor, at(9), fresh_id(), Actor.system())
        for people in ([slept, fresh_id()], []):
            with statements_seen() as seen:
                reduce.end_stays(context, people)
            assert len(seen) == 1


@pytest.mark.committed
def test_ten_desks_give_one_single_room_and_one_person_gets_it(transactional_db):
    open_unit("outside", "outside")
    open_unit("site-1", "isolation_site")
    open_rooms("site-1", [{"room": "101"}])
    people = arrive("site-1", 10)
    answers, start = {}, threading.Barrier(len(people))

    def desk(person):
        speaker = Speaker("site-1", ["site_head"])
        start.wait()
        try:
            answers[person] = give(speaker, person, "101")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=desk, args=[p]) for p in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = sorted(r.code for r in answers.values())
    assert codes == ["", *["room_full"] * 9], "told in words, not by a broken constraint"
    assert done(Speaker("site-1", ["site_head"]), dict.fromkeys(people, 36.5)).status == "applied"
    assert {entries[p][1] for p in people} == {"site-1"}
