"""The database holds transfer's laws against the application itself, and work is done in sets."""


import psycopg
import pytest
from django.db import connection, transaction

from pratique.journal.prove import check
from pratique.transfer import queries
from pratique.transfer.tests.said import (
    DRIVER,
    OTHER_DRIVER,
    arrive_people,
    at,
    confirm,
    hand_over,
    plan,
)
from tests.support import Speaker, fresh_id, open_county, statements_seen

TRIP, OTHER = fresh_id(), fresh_id()

INSERT_TRIP = (
    "INSERT INTO transfer_trip (trip, planned_by, vehicle, driver, crew, origin, destination, "
    "depart_at, arrive_at, driving_minutes_before, state, cancel_reason) VALUES (%(trip)s, "
    "%(trip)s, %(vehicle)s, %(driver)s, ARRAY[%(driver)s]::uuid[], %(origin)s, 'site-1', "
    "%(depart)s, %(arrive)s, 0, %(state)s, '')")


def attack(sql, params=None):
    """Run raw SQL as the application's role; answer the name of the law that refused it."""
    with pytest.raises(psycopg.Error) as refused, transaction.atomic(), connection.cursor() as c:
        try:
            c.execute(sql, params)
        except Exception as error:
            raise error.__cause__ from error
    return refused.value.diag.constraint_name or refused.value.sqlstate


def row(**change):
    return {"trip": OTHER, "vehicle": "coach-02", "driver": OTHER_DRIVER, "origin": "post-01",
            "depart": at(8, 30), "arrive": at(9, 30), "state": "planned", **change}


@pytest.fixture
def planned(site, dispatcher):
    people = arrive_people("post-01", 2)
    confirm(site, people)
    assert plan(dispatcher, people, trip=TRIP).status == "applied"
    return people


@pytest.mark.parametrize(("change", "law"), [
    ({"vehicle": "coach-01"}, "transfer_trip_one_vehicle"),
    ({"driver": DRIVER}, "transfer_trip_one_driver"),
    ({"arrive": at(12, 31)}, "transfer_trip_driving"),
    ({"arrive": at(8)}, "transfer_trip_times"),
    ({"state": "departed"}, "transfer_trip_state"),
    ({"state": "flying"}, "transfer_trip_state"),
    ({"origin": "site-1"}, "transfer_trip_one_way"),
])
def test_no_trip_that_breaks_a_law_can_be_written(planned, change, law):
    assert attack(INSERT_TRIP, row(**change)).startswith(law)


def test_nobody_is_put_on_two_open_trips(planned):
    with connection.cursor() as cursor:
        cursor.execute(INSERT_TRIP, row(depart=at(10), arrive=at(11)))
    law = attack("INSERT INTO transfer_passenger (trip, person, listed, open) "
                 "VALUES (%s, %s, true, true)", (OTHER, next(iter(planned))))
    assert law.startswith("transfer_passenger_one_open")


def test_nobody_is_aboard_without_a_trip_or_off_the_list_without_a_finding(planned):
    law = attack("INSERT INTO transfer_passenger (trip, person, listed, open) "
                 "VALUES (%s, %s, true, false)", (fresh_id(), fresh_id()))
    assert law.startswith("transfer_passenger_trip_known")
    law = attack("INSERT INTO transfer_passenger (trip, person, listed, open) "
                 "VALUES (%s, %s, false, false)", (TRIP, fresh_id()))
    assert law.startswith("transfer_passenger_found")


def test_nobody_has_two_places_or_one_that_is_not_fit(planned):
    sql = ("INSERT INTO transfer_place (fact, person, account, home_fit, at, current, "
           "cancel_reason) VALUES (%s, %s, 'site-2', %s, %s, true, '')")
    law = attack(sql, (fresh_id(), next(iter(planned)), None, at(7)))
    assert law.startswith("transfer_place_one_current")
    law = attack(sql, (fresh_id(), fresh_id(), False, at(7)))
    assert law.startswith("transfer_place_fit")


def test_a_cancelled_place_cannot_stand(planned):
    law = attack("UPDATE transfer_place SET cancelled_by = fact, cancelled_at = at")
    assert law.startswith("transfer_place_not_cancelled")


def test_a_disinfection_is_never_changed_or_taken_away(planned, coach):
    coach.say("transfer.vehicle_disinfected", vehicle="coach-01")
    for sql in ("DELETE FROM transfer_disinfection",
                "UPDATE transfer_disinfection SET at = at + interval '1 day'"):
        assert attack(sql) == "42501", "the application has no right to"


def test_prove_sees_what_no_constraint_can(planned, dispatcher):
    """A plan into the night, written past the reducer."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT_TRIP, row(depart=at(25), arrive=at(27)))
    broken = {c.law.name: c.violations for c in map(check, queries.LAWS) if c.violations}
    assert broken == {"transfer.no_night": 1, "transfer.facts": 1}


def play(first: int, size: int) -> list[int]:
    """A whole transfer of `size` trips, each step in one batch: statements for each step."""
    numbers = range(first, first + size)
    coaches = {n: Speaker(f"bus-{n}", ["crew"]) for n in numbers}
    open_county([(c.place, "crew", 10) for c in coaches.values()])
    held = arrive_people("post-01", size)
    riders = dict(zip(numbers, held, strict=True))
    gate, site = Speaker("post-01", ["gate_officer"]), Speaker("site-1", ["site_head"])
    everybody = Speaker(None, ["dispatcher"])
    trips = {n: fresh_id() for n in numbers}
    counts = []

    def say(speaker, facts):
        with statements_seen() as seen:
            batch = speaker.send(*facts)
        assert {r.status for r in batch.receipts} == {"applied"}, batch.receipts[0]
        counts.append(len(seen))

    say(site, [site.fact("transfer.place_confirmed", person=p, account="site-1") for p in held])
    say(everybody, [everybody.fact(
        "transfer.trip_planned", trip=trips[n], vehicle=f"bus-{n}", crew=[fresh_id()],
        origin="post-01", destination="site-1", passengers=[riders[n]], depart_at=at(8),
        arrive_at=at(9)) for n in numbers])
    for n in numbers:
        hand_over(gate, coaches[n], {riders[n]: held[riders[n]]}, trip=trips[n], at=at(7, 50))
    for kind, hour in (("trip_departed", 8), ("trip_arrived", 9)):
        say(everybody, [everybody.fact(
            f"transfer.{kind}", trip=trips[n], vehicle=f"bus-{n}", at=at(hour)) for n in numbers])
    say(everybody, [everybody.fact("transfer.vehicle_disinfected", vehicle=f"bus-{n}", at=at(10))
                    for n in numbers])
    return counts


def test_one_fact_and_five_hundred_take_as_many_statements(county):
    play(0, 1)  # keys and accounts are read once
    assert play(1, 1) == play(2, 500)
