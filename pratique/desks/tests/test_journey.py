"""A person from a high-risk place, from the gate to the room, by nothing but the desks."""

from datetime import timedelta

from pratique.custody.queries import pending, whereabouts
from pratique.desks.tests.conftest import NOON, YAZHOU, arrive
from pratique.isolation.queries import current_stays
from pratique.registry.reduce_screening import screen
from pratique.registry.stays import unit_at
from pratique.transfer.queries import open_trips, places, trip_balance


def high_risk_place() -> str:
    return next(a.key for a in unit_at(YAZHOU, NOON).places.values() if a.tier == "high")


def test_a_high_risk_arrival_rides_to_a_confirmed_room(desk, clock):
    person = arrive(1, area=high_risk_place())
    gate, site, crew, dispatcher = desk("gate"), desk("site"), desk("crew"), desk("dispatcher")
    assert "no confirmed place" in dispatcher.see("/transfer/")
    site.send("/site/", do="place", person=str(person), room="201")
    assert places([person])[person].room == "201"
    plan = {"do": "plan", "person": str(person), "vehicle": "coach-01",
            "driver": str(crew.staff.pk), "destination": "site-1",
            "depart_at": "2022-08-21T00:20", "arrive_at": "2022-08-21T01:10"}
    answer = dispatcher.send("/transfer/", **plan)
    assert answer.status_code == 302, answer.content.decode()
    trip = open_trips()[0]
    clock.forward(minutes=15)
    gate.send("/gate/people/", do="offer", person=str(person), taker="coach-01")
    crew.send(f"/hand-over/{pending(taker='coach-01')[0].handover}/", do="accept_all")
    about = {"trip": str(trip.trip), "vehicle": "coach-01"}
    crew.send("/transfer/", do="departed", **about)
    clock.forward(minutes=45)
    crew.send("/transfer/", do="arrived", **about)
    crew.send("/transfer/", do="deliver", **about)
    site.send(f"/hand-over/{pending(taker='site-1')[0].handover}/", do="accept_all")
    site.send("/site/", do="room", person=str(person), room="201")
    assert whereabouts([person])[person].account == "site-1"
    assert current_stays([person])[person].room == "201"
    assert trip_balance(trip.trip)[0].taken_by == "site-1"
    page = site.see("/site/")
    assert "1 person here" in page
    assert "201" in page
    site.send("/site/", do="release", person=str(person))
    assert whereabouts([person])[person].account == "site-1", "nobody leaves before the days end"
    assert "Missing" in site.see(f"/person/{person}/") or "to go" in site.see(f"/person/{person}/")


def test_a_township_says_whether_a_home_is_fit_and_visits_it(desk):
    person = arrive(2)
    town = desk("township")
    assert "1 home to look at" in town.see("/township/")
    town.send("/township/", do="fit", person=str(person), note="one storey")
    assert places([person])[person].account == "town-141123100"
    assert "0 homes to look at" in town.see("/township/")


def test_a_head_count_that_differs_is_shown_and_explained(desk, clock):
    site = desk("site")
    site.send("/site/", do="count", counted="1")
    page = site.see("/site/")
    assert "1 counted, 0 in the books" in page
    assert "1 head count differs" in desk("supervisor").see("/supervision/")
    fact = page.split('name="count" value="')[1].split('"')[0]
    site.send("/site/", do="explain", count=fact, reason="a visitor was counted")
    assert "0 head counts differ" in desk("supervisor").see("/supervision/")


def test_two_records_are_merged_by_a_person_and_taken_apart_again(desk):
    first, second = arrive(4), arrive(13, post="post-02")
    screen(now=NOON + timedelta(minutes=1))
    registrar = desk("registrar")
    pair = {"first": str(min(first, second)), "second": str(max(first, second))}
    assert "1 pair may be one person" in registrar.see("/registry/")
    registrar.send("/registry/", do="merge", reason="", **pair)
    assert "Say why" in registrar.see("/registry/")
    registrar.send("/registry/", do="merge", reason="same card", **pair)
    page = registrar.see("/registry/")
    assert "1 merge stands" in page
    merge = page.split('name="merge" value="')[1].split('"')[0]
    registrar.send("/registry/", do="undo", merge=merge, reason="two cards", **pair)
    assert "1 merge stands" not in registrar.see("/registry/")
    registrar.send("/registry/", do="different", reason="twins", **pair)
    assert "0 pairs" in registrar.see("/registry/")
