"""Trips depart and arrive: what happened is kept, and what was wrong is found, by name."""

import pytest

from pratique.journal.prove import check
from pratique.transfer import queries
from pratique.transfer.tests.said import (
    arrive_people,
    at,
    confirm,
    findings,
    hand_over,
    plan,
    trip_state,
)
from tests.support import fresh_id

TRIP = fresh_id()


@pytest.fixture
def held(site):
    """Four persons at post-01 with places at site-1: person -> entry."""
    people = arrive_people("post-01", 4)
    confirm(site, people)
    return people


@pytest.fixture
def planned(held, dispatcher):
    assert plan(dispatcher, held, trip=TRIP).status == "applied"
    return held


@pytest.fixture
def aboard(planned, gate, coach):
    hand_over(gate, coach, planned, trip=TRIP, at=at(7, 50))
    return planned


def depart(coach, hour=8, **more):
    return coach.say("transfer.trip_departed", trip=TRIP, vehicle=coach.place, at=at(hour), **more)


def arrive(coach, hour=9):
    return coach.say("transfer.trip_arrived", trip=TRIP, vehicle=coach.place, at=at(hour))


def balance():
    (one,) = queries.trip_balances(at(0), at(24))
    assert one.boarded == one.delivered + one.elsewhere + one.with_crew
    return one


def laws_hold():
    broken = [(c.law.name, c.examples) for c in map(check, queries.LAWS) if c.violations]
    assert [b for b in broken if b[0] != "transfer.facts"] == []


def test_a_trip_as_it_should_be_leaves_no_finding_and_balances(aboard, coach, site):
    assert depart(coach).status == "applied"
    assert arrive(coach).status == "applied"
    hand_over(coach, site, aboard, trip=TRIP, at=at(9, 10))
    assert findings() == []
    one = balance()
    assert (one.listed, one.boarded, one.delivered, one.with_crew) == (4, 4, 4, 0)
    assert one.even
    assert queries.uneven_trips(at(0), at(24)) == []
    laws_hold()


def test_a_bus_that_delivers_one_too_few_shows_it_by_name(aboard, coach, site):
    depart(coach)
    arrive(coach)
    *delivered, left = aboard
    hand_over(coach, site, aboard, trip=TRIP, accepted=delivered, at=at(9, 10))
    one = balance()
    assert (one.delivered, one.with_crew, one.short, one.even) == (3, 1, 1, False)
    assert [b.trip for b in queries.uneven_trips(at(0), at(24))] == [TRIP]
    (line,) = [line for line in queries.trip_balance(TRIP) if line.with_crew]
    assert (line.person, line.account) == (left, "coach-01")
    assert line.pending, "the hand-over still waits for an answer, with its own deadline"
    laws_hold()


def test_a_passenger_who_is_not_on_the_list_is_found_at_departure(aboard, gate, coach, dispatcher):
    extra = arrive_people("post-01")
    hand_over(gate, coach, extra, trip=TRIP, at=at(7, 55))
    (person,) = extra
    assert depart(coach).status == "applied"
    assert findings() == [("passenger_not_on_list", person, "site-1")]
    assert balance().not_on_list == 1
    arrive(coach)
    assert len(findings()) == 1, "it is not found twice"
    laws_hold()


def test_somebody_left_aboard_from_the_trip_before_is_found_too(gate, coach, planned):
    leftover = arrive_people("post-01")
    hand_over(gate, coach, leftover, trip=fresh_id(), at=at(7, 30))
    hand_over(gate, coach, planned, trip=TRIP, at=at(7, 50))
    depart(coach)
    assert findings() == [("passenger_not_on_list", next(iter(leftover)), "site-1")]


def test_a_stranger_whose_boarding_is_heard_late_is_found_at_arrival(aboard, gate, coach):
    depart(coach)
    assert findings() == []
    extra = arrive_people("post-01")
    hand_over(gate, coach, extra, trip=TRIP, at=at(7, 58))
    assert balance().not_on_list == 1, "the balance shows it at once"
    arrive(coach)
    assert findings() == [("passenger_not_on_list", next(iter(extra)), "site-1")]
    laws_hold()


def test_somebody_on_the_list_who_is_not_aboard_is_missed_and_may_ride_again(
        planned, gate, coach, dispatcher):
    *coming, missing = planned
    hand_over(gate, coach, {p: planned[p] for p in coming}, trip=TRIP, at=at(7, 50))
    depart(coach)
    assert findings() == [("passenger_missing", missing, "post-01")]
    assert balance().missing == 1
    next_trip = plan(dispatcher, [missing], vehicle="coach-02", crew=[fresh_id()],
                     depart_at=at(10), arrive_at=at(11))
    assert next_trip.status == "applied"


def test_whose_boarding_waits_for_its_answer_is_not_called_missing(planned, gate, coach):
    *coming, late = planned
    hand_over(gate, coach, planned, trip=TRIP, accepted=coming, at=at(7, 50))
    depart(coach)
    assert findings() == []
    assert balance().missing == 1, "the balance says it all the same"


def test_a_boarding_heard_after_the_departure_settles_what_was_missed(planned, gate, coach):
    *coming, late = planned
    hand_over(gate, coach, {p: planned[p] for p in coming}, trip=TRIP, at=at(7, 50))
    depart(coach)
    assert findings() == [("passenger_missing", late, "post-01")]
    hand_over(gate, coach, {late: planned[late]}, trip=TRIP, at=at(7, 55))
    arrive(coach)
    assert findings() == []
    assert balance().missing == 0


def test_a_bus_that_leaves_at_night_is_kept_and_found(aboard, coach):
    assert depart(coach, hour=25).status == "applied"
    assert findings() == [], "01:00 to 02:00"
    arrive(coach, hour=26)
    assert findings() == []


def test_a_bus_that_leaves_so_late_that_it_drives_into_the_night_is_found(aboard, coach):
    receipt = coach.say("transfer.trip_departed", trip=TRIP, vehicle="coach-01", at=at(25, 30))
    assert receipt.status == "applied", "it happened, whether it was right or not"
    assert trip_state(TRIP) == "departed"
    assert findings() == [("departed_at_night", TRIP, "post-01")]


def test_a_bus_that_is_on_the_road_too_long_is_found_when_it_arrives(aboard, coach):
    depart(coach, hour=21)
    arrive(coach, hour=27)
    assert [code for code, *__ in findings()] == ["drove_at_night", "drove_too_long"]


def test_a_place_lost_before_departure_does_not_stop_the_bus_and_is_found(aboard, coach, site):
    person = next(iter(aboard))
    site.say("transfer.place_cancelled", person=person, account="site-1", reason="fire alarm")
    assert depart(coach).status == "applied"
    assert findings("departed_without_place") == [("departed_without_place", person, "site-1")]


def test_a_vehicle_that_was_not_disinfected_drives_no_second_time(aboard, coach, site, dispatcher):
    depart(coach)
    more = arrive_people("post-01")
    confirm(site, more)
    later = {"depart_at": at(12), "arrive_at": at(13)}
    assert plan(dispatcher, more, **later).code == "vehicle_under_way"
    arrive(coach)
    assert plan(dispatcher, more, **later).code == "not_disinfected"
    coach.say("transfer.vehicle_disinfected", vehicle="coach-01", at=at(8, 30))
    assert plan(dispatcher, more, **later).code == "not_disinfected", "that was before it arrived"
    coach.say("transfer.vehicle_disinfected", vehicle="coach-01", at=at(9, 40))
    assert plan(dispatcher, more, **later).status == "applied"


def test_a_dirty_vehicle_that_departs_all_the_same_is_found(held, gate, coach, dispatcher):
    first, second, *__ = held
    other = fresh_id()
    plan(dispatcher, [first], trip=TRIP)
    plan(dispatcher, [second], trip=other, depart_at=at(10), arrive_at=at(11))
    hand_over(gate, coach, {first: held[first]}, trip=TRIP, at=at(7, 50))
    depart(coach)
    arrive(coach)
    coach.say("transfer.trip_departed", trip=other, vehicle="coach-01", at=at(10))
    assert ("departed_not_disinfected", other, "post-01") in findings()


def test_steps_heard_out_of_order_wait_for_each_other(held, gate, coach, dispatcher):
    arrived = coach.fact("transfer.trip_arrived", trip=TRIP, vehicle="coach-01", at=at(9))
    departed = coach.fact("transfer.trip_departed", trip=TRIP, vehicle="coach-01", at=at(8))
    assert coach.send(arrived).receipts[0].status == "parked"
    assert coach.send(departed).receipts[0].status == "parked"
    hand_over(gate, coach, held, trip=TRIP, at=at(7, 50))
    assert plan(dispatcher, held, trip=TRIP).status == "applied"
    assert trip_state(TRIP) == "arrived"
    assert findings() == []


def test_a_trip_departs_and_arrives_exactly_once(aboard, coach):
    assert depart(coach).status == "applied"
    again = depart(coach)
    assert (again.status, again.code) == ("disputed", "trip_departed")
    arrive(coach)
    again = arrive(coach)
    assert (again.status, again.code) == ("disputed", "trip_arrived")


def test_another_crew_speaks_for_no_trip_but_its_own(aboard, other_coach):
    receipt = other_coach.say("transfer.trip_departed", trip=TRIP, vehicle="coach-01")
    assert (receipt.status, receipt.code) == ("quarantined", "not_your_account")
    receipt = other_coach.say("transfer.trip_departed", trip=TRIP, vehicle="coach-02")
    assert (receipt.status, receipt.code) == ("quarantined", "other_vehicle")


def test_who_got_off_before_departure_was_not_aboard(aboard, gate, coach):
    person = next(iter(aboard))
    back = {person: aboard[person]}
    hand_over(coach, gate, back, trip=TRIP, at=at(7, 55))
    depart(coach)
    assert findings() == [("passenger_missing", person, "post-01")]


def test_the_vehicles_states_are_read_at_once(aboard, coach, site):
    depart(coach)
    states = {s.vehicle: s for s in queries.vehicle_states(at(8, 30))}
    one = states["coach-01"]
    assert (one.under_way, one.aboard, one.driving_minutes, one.clean) == (TRIP, 4, 30, False)
    assert states["coach-02"].clean
    assert [t.trip for t in queries.late_trips(at(9, 30))] == [TRIP]
    assert [t.trip for t in queries.trips_between(at(8), at(9), unit="site-1")] == [TRIP]
    assert queries.trips_between(at(10), at(11)) == []
