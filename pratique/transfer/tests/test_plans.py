"""Places are confirmed, trips planned; a plan that breaks a safety rule is refused by that rule."""

from datetime import timedelta

import pytest

from pratique.transfer import queries
from pratique.transfer.tests.said import (
    DRIVER,
    OTHER_DRIVER,
    arrive_people,
    at,
    confirm,
    findings,
    hand_over,
    plan,
    trip_state,
)
from tests.support import fresh_id


@pytest.fixture
def people(gate):
    return arrive_people("post-01", 3)


@pytest.fixture
def placed(people, site):
    assert {r.status for r in confirm(site, people)} == {"applied"}
    return people


def refused(receipt, code):
    assert (receipt.status, receipt.code) == ("quarantined", code), receipt
    assert receipt.rule.startswith("transfer."), "a refusal names its rule"
    assert receipt.text(), "and says a sentence"
    return receipt


def test_a_plan_that_keeps_all_rules_is_applied(placed, dispatcher):
    receipt = plan(dispatcher, placed)
    assert receipt.status == "applied", receipt
    (trip,) = queries.open_trips()
    assert (trip.state, trip.passengers, trip.driver) == ("planned", 3, DRIVER)
    assert set(queries.listed_on(list(placed))) == set(placed)


@pytest.mark.parametrize(("hours", "code"), [
    ((25, 26), None), ((25, 26.5), "night"), ((28, 30), "night"), ((29, 30), None),
    ((24.2, 27), "night"),
])
def test_no_trip_between_two_and_five_at_night(placed, dispatcher, hours, code):
    receipt = plan(dispatcher, placed, depart_at=at(0) + timedelta(hours=hours[0]),
                   arrive_at=at(0) + timedelta(hours=hours[1]))
    assert receipt.code == code if code else receipt.status == "applied"


def test_four_hours_at_the_wheel_and_no_more(placed, dispatcher):
    refused(plan(dispatcher, placed, arrive_at=at(12, 1)), "driving_too_long")
    refused(plan(dispatcher, placed, driving_minutes_before=181), "driving_too_long")
    assert plan(dispatcher, placed, driving_minutes_before=180).status == "applied"


def test_the_drivers_known_trips_count_as_driving(placed, dispatcher):
    first, second, third = placed
    assert plan(dispatcher, [first], arrive_at=at(10, 30)).status == "applied"
    receipt = plan(dispatcher, [second], vehicle="coach-02", depart_at=at(10, 45),
                   arrive_at=at(12, 30))
    assert refused(receipt, "driving_too_long").params["minutes"] == 255
    rested = plan(dispatcher, [third], vehicle="coach-02", depart_at=at(10, 50),
                  arrive_at=at(12, 30))
    assert rested.status == "applied"


def test_a_seat_for_each_passenger(site, dispatcher):
    people = arrive_people("post-01", 4)
    confirm(site, people)
    receipt = refused(plan(dispatcher, people, vehicle="coach-02"), "too_few_seats")
    assert receipt.params["seats"] == 3


def test_everybody_has_a_confirmed_place_at_that_destination(people, site, township, dispatcher):
    first, second, third = people
    confirm(site, [first, second])
    confirm(township, [third], home_fit=True)
    receipt = refused(plan(dispatcher, people), "no_confirmed_place")
    assert receipt.params["persons"] == str(third)
    assert plan(dispatcher, [first, second]).status == "applied"


def test_a_home_that_is_not_fit_is_no_place(people, township, dispatcher):
    person = next(iter(people))
    (receipt,) = confirm(township, [person], home_fit=False)
    assert receipt.status == "applied"
    refused(plan(dispatcher, [person], destination="town-141123100"), "no_confirmed_place")
    place = queries.places([person])[person]
    assert place.home_fit is False, "the answer is known all the same"


def test_a_place_from_before_the_person_left_the_loop_is_stale(gate, site, dispatcher):
    from pratique.custody.ledger import leaving, move
    from pratique.journal.context import Context
    from pratique.journal.fact import Actor
    from pratique.kit.sql import in_transaction

    people = arrive_people("post-01")
    confirm(site, people)
    (person, entry), = people.items()
    gone = gate.fact("custody.withdrawn", at=at(7))
    with in_transaction() as cursor:
        context = Context(cursor, at(7), fresh_id(), Actor.system())
        context.locks([person])
        assert move(context, [leaving(gone, person, "person", "post-01", entry, "released")]) == [
            None]
    refused(plan(dispatcher, [person]), "no_confirmed_place")
    site.forward(hours=2)
    confirm(site, [person])
    assert plan(dispatcher, [person]).status == "applied"


def test_a_vehicle_is_on_one_trip_at_a_time_and_so_is_a_driver(placed, dispatcher):
    first, second, third = placed
    assert plan(dispatcher, [first]).status == "applied"
    refused(plan(dispatcher, [second], crew=[OTHER_DRIVER], depart_at=at(8, 30),
                 arrive_at=at(9, 30)), "vehicle_on_other_trip")
    refused(plan(dispatcher, [second], vehicle="coach-02", depart_at=at(8, 30),
                 arrive_at=at(9, 30)), "driver_on_other_trip")
    refused(plan(dispatcher, [first], vehicle="coach-02", crew=[OTHER_DRIVER],
                 depart_at=at(10), arrive_at=at(11)), "passenger_on_other_trip")
    assert plan(dispatcher, [third], depart_at=at(9), arrive_at=at(9, 30)).status == "applied"


def test_two_plans_in_one_batch_do_not_take_the_same_driver(placed, dispatcher):
    first, second, __ = placed
    body = {"crew": [DRIVER], "origin": "post-01", "destination": "site-1",
            "depart_at": at(8), "arrive_at": at(9)}
    batch = dispatcher.send(
        dispatcher.fact("transfer.trip_planned", trip=fresh_id(), vehicle="coach-01",
                        passengers=[first], **body),
        dispatcher.fact("transfer.trip_planned", trip=fresh_id(), vehicle="coach-02",
                        passengers=[second], **body))
    assert [r.code for r in batch.receipts] == ["", "driver_on_other_trip"]


def test_all_broken_rules_are_named_so_that_one_new_plan_is_enough(people, dispatcher):
    receipt = plan(dispatcher, people, depart_at=at(22), arrive_at=at(27))
    assert receipt.params["broken"] == "night, driving_too_long, no_confirmed_place"


@pytest.mark.parametrize(("change", "code"), [
    ({"vehicle": "coach-99"}, "unknown_account"),
    ({"vehicle": "site-2"}, "not_a_crew"),
    ({"origin": "nowhere"}, "unknown_account"),
    ({"origin": "lab-1"}, "not_an_origin"),
    ({"origin": "site-1"}, "not_an_origin"),
    ({"destination": "post-02"}, "not_a_destination"),
    ({"destination": "outside"}, "not_a_destination"),
    ({"arrive_at": at(8)}, "times_wrong"),
    ({"driving_minutes_before": -1}, "times_wrong"),
    ({"crew": []}, "crew_wrong"),
    ({"crew": [DRIVER, DRIVER]}, "crew_wrong"),
    ({"passengers": []}, "list_wrong"),
])
def test_a_plan_that_makes_no_sense_is_refused(placed, dispatcher, change, code):
    refused(plan(dispatcher, placed, **change), code)


def test_a_post_plans_its_own_trips_only(placed, gate, stranger):
    refused(plan(stranger, placed), "not_your_trip")
    assert plan(gate, placed).status == "applied"


def test_a_stranger_confirms_no_place_and_makes_no_vehicle_clean(people, site, other_coach):
    receipt = site.say("transfer.place_confirmed", person=next(iter(people)), account="site-2")
    assert (receipt.status, receipt.code) == ("quarantined", "not_your_account")
    receipt = other_coach.say("transfer.vehicle_disinfected", vehicle="coach-01")
    assert (receipt.status, receipt.code) == ("quarantined", "not_your_account")


def test_planning_the_same_trip_twice_is_disputed(placed, dispatcher):
    first, second, __ = placed
    trip = fresh_id()
    assert plan(dispatcher, [first], trip=trip).status == "applied"
    again = plan(dispatcher, [second], trip=trip, depart_at=at(10), arrive_at=at(11))
    assert (again.status, again.code) == ("disputed", "trip_planned_already")


def test_a_cancelled_trip_frees_vehicle_driver_and_passengers(placed, dispatcher):
    trip = fresh_id()
    assert plan(dispatcher, placed, trip=trip).status == "applied"
    no_reason = dispatcher.say("transfer.trip_cancelled", trip=trip, vehicle="coach-01", reason="")
    assert no_reason.code == "reason_missing"
    done = dispatcher.say("transfer.trip_cancelled", trip=trip, vehicle="coach-01", reason="snow")
    assert done.status == "applied"
    assert trip_state(trip) == "cancelled"
    assert plan(dispatcher, placed).status == "applied"
    again = dispatcher.say("transfer.trip_cancelled", trip=trip, vehicle="coach-01", reason="snow")
    assert (again.status, again.code) == ("disputed", "trip_cancelled")


def test_a_place_taken_back_is_told_to_who_plans_with_it(placed, gate, site):
    first = next(iter(placed))
    assert plan(gate, placed).status == "applied"
    receipt = site.say("transfer.place_cancelled", person=first, account="site-1",
                       reason="burst pipe")
    assert receipt.status == "applied"
    assert findings("place_lost") == [("place_lost", first, "post-01")]
    assert first not in queries.places([first])


def test_taking_back_a_place_that_was_not_heard_of_waits_for_it(people, site):
    person = next(iter(people))
    confirmed = site.fact("transfer.place_confirmed", person=person, account="site-1")
    site.forward(minutes=5)
    receipt = site.say("transfer.place_cancelled", person=person, account="site-1", reason="full")
    assert receipt.status == "parked"
    assert site.send(confirmed).receipts[0].status == "applied"
    assert queries.places([person]) == {}, "the cancelling applied by itself"


def test_a_place_said_earlier_and_heard_later_stays_taken_back(people, site):
    person = next(iter(people))
    early = site.fact("transfer.place_confirmed", person=person, account="site-1")
    site.forward(minutes=1)
    late = site.fact("transfer.place_confirmed", person=person, account="site-1")
    site.forward(minutes=5)
    site.send(early)
    site.say("transfer.place_cancelled", person=person, account="site-1", reason="full")
    site.send(late)
    assert queries.places([person]) == {}


def test_the_latest_place_counts_and_the_account_that_loses_it_is_told(people, site, township):
    person = next(iter(people))
    confirm(township, [person], home_fit=True)
    site.forward(minutes=1)
    confirm(site, [person])
    assert queries.places([person])[person].account == "site-1"
    assert findings("place_superseded") == [("place_superseded", person, "town-141123100")]
    older = township.fact("transfer.place_confirmed", person=person, account=township.place,
                          home_fit=True)
    assert township.send(older).receipts[0].status == "applied"
    assert queries.places([person])[person].account == "site-1", "an older one changes nothing"


def test_a_site_promises_only_rooms_that_it_has(people, site):
    (receipt,) = confirm(site, [next(iter(people))], room="999")
    assert (receipt.status, receipt.code) == ("quarantined", "unknown_room")


def test_promised_and_taken_places_are_counted_apart(placed, gate, site):
    row = next(p for p in queries.places_promised() if p.account == "site-1")
    assert (row.capacity, row.on_hand, row.promised, row.free) == (60, 0, 3, 57)
    assert [p.person for p in queries.expected_at("site-1")] == list(placed)
    hand_over(gate, site, placed)
    row = next(p for p in queries.places_promised() if p.account == "site-1")
    assert (row.on_hand, row.promised, row.free) == (3, 0, 57)
