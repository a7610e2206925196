"""Wang was announced under one record and arrived under another; the two are merged as he rides.

Whenever the registrar finds out, and whichever record goes on, he is expected once, listed once and
delivered once; the laws hold. Undone, each record has its own again.
"""

from datetime import UTC, datetime, timedelta

import pytest

from pratique.custody.queries import whereabouts
from pratique.duties.queries import findings
from pratique.transfer.queries import (
    expected_at,
    listed_on,
    places,
    places_promised,
    trip,
    trip_balance,
    trip_balances,
)
from tests.journeys import test_whole_loop as story
from tests.journeys.test_merged import laws_hold
from tests.journeys.test_whole_loop import CHENGDU_WUHOU, Loop, first_room
from tests.support import Speaker, fresh_id

MORNING = datetime(2022, 8, 21, 1, 0, tzinfo=UTC)
STEPS = ("place", "plan", "board", "depart", "arrive", "deliver")
ACCOUNTS = ("post-01", "post-02", "coach-01", "coach-02", "site-1", "site-2")


class Ride(Loop):
    """Wang's transfer from post-01 to site-1, step by step, always named by his first record.

    goes_on: which of the two records the merge keeps, "arrived" or "announced".
    """

    def __init__(self, goes_on: str = "arrived") -> None:
        super().__init__()
        self.registrar = Speaker("command", ["registrar"])
        self.other_site = Speaker("site-2", ["site_head"])
        self.other_crew = Speaker("coach-02", ["crew"])
        self.everybody += [self.registrar, self.other_site, self.other_crew]
        self.to(MORNING)
        story.arrive(self, division=CHENGDU_WUHOU, area="none")
        self.announced, self.trip = fresh_id(self.now), fresh_id(self.now)
        self.done(self.registrar.say("checkpoint.expected", person=self.announced, post="post-01"))
        both = self.person, self.announced
        self.kept, self.merged = both if goes_on == "arrived" else both[::-1]

    @property
    def both(self) -> list:
        return [self.person, self.announced]

    @property
    def held_as(self):
        """The record by which somebody holds him."""
        return next(p for p, h in whereabouts(self.both).items() if h.account in ACCOUNTS)

    def merge(self):
        return self.done(self.registrar.say(
            "registry.persons_merged", kept=self.kept, merged=self.merged, reason="one passport"))

    def undo(self, merge) -> None:
        self.done(self.registrar.say("registry.merge_undone", kept=self.kept, merged=self.merged,
                                     merge=merge.id, reason="two brothers"))

    def confirms(self, site: Speaker, person, **more):
        return self.done(site.say("transfer.place_confirmed", person=person, account=site.place,
                                  **more))

    def plans(self, *passengers, trip_id=None, vehicle="coach-01", minutes=10):
        self.done(self.dispatcher.say("transfer.vehicle_disinfected", vehicle=vehicle))
        return self.dispatcher.say(
            "transfer.trip_planned", trip=trip_id or self.trip, vehicle=vehicle,
            crew=[fresh_id(self.now)], origin="post-01", destination="site-1",
            passengers=passengers, depart_at=self.now + timedelta(minutes=minutes),
            arrive_at=self.now + timedelta(minutes=minutes + 40))

    def place(self) -> None:
        self.confirms(self.site, self.person, room=first_room())

    def plan(self) -> None:
        self.done(self.plans(self.person))

    def board(self) -> None:
        self.hand_over(self.gate, self.crew, self.held_as, trip=self.trip)

    def depart(self) -> None:
        self.to(self.now + timedelta(minutes=10))
        self.done(self.crew.say("transfer.trip_departed", trip=self.trip, vehicle="coach-01"))

    def arrive(self) -> None:
        self.to(self.now + timedelta(minutes=40))
        self.done(self.crew.say("transfer.trip_arrived", trip=self.trip, vehicle="coach-01"))

    def deliver(self) -> None:
        self.hand_over(self.crew, self.site, self.held_as, trip=self.trip)

    def walk(self, *steps: str) -> None:
        for step in steps:
            getattr(self, step)()


def expected(account: str = "site-1") -> list:
    return [place.person for place in expected_at(account)]


def promised(account: str = "site-1") -> int:
    return next(one.promised for one in places_promised() if one.account == account)


def numbers(ride: Ride) -> tuple[int, ...]:
    """Listed, boarded, delivered, elsewhere, missing, not on the list."""
    one = next(b for b in trip_balances(ride.now - timedelta(days=1), ride.now + timedelta(days=1))
               if b.trip == ride.trip)
    assert one.boarded == one.delivered + one.elsewhere + one.with_crew
    return (one.listed, one.boarded, one.delivered, one.elsewhere, one.missing, one.not_on_list)


def told() -> list[str]:
    return sorted(f.code for f in findings() if f.code != "document_not_right")


@pytest.mark.parametrize("goes_on", ["arrived", "announced"])
@pytest.mark.parametrize("before", range(len(STEPS) + 1), ids=[*STEPS, "afterwards"])
def test_whenever_his_records_are_merged_he_is_expected_and_delivered_once(
        county, before, goes_on):
    ride = Ride(goes_on)
    for number, step in enumerate((*STEPS, "end")):
        if number == before:
            ride.merge()
        if number in range(1, len(STEPS)):
            assert expected() == [ride.held_as] and promised() == 1, f"before {step}"
            assert places([ride.person])[ride.person].account == "site-1"
        if number >= 2:
            (line,) = trip_balance(ride.trip)
            assert line.account == whereabouts([ride.held_as])[ride.held_as].account
            assert trip(ride.trip).passengers == 1
        if step != "end":
            ride.walk(step)
    assert expected() == [] and promised() == 0
    assert whereabouts([ride.kept])[ride.kept].account == "site-1"
    assert numbers(ride) == (1, 1, 1, 0, 0, 0)
    assert told() == []
    laws_hold(ride)


@pytest.mark.parametrize("goes_on", ["arrived", "announced"])
def test_a_merge_undone_on_the_way_loses_nobody(county, goes_on):
    ride = Ride(goes_on)
    ride.walk("place", "plan", "board")
    merge = ride.merge()
    ride.walk("depart")
    ride.undo(merge)
    assert ride.held_as == ride.person, "who arrived and boarded is aboard again"
    ride.walk("arrive")
    assert expected() == [ride.person]
    ride.walk("deliver")
    assert numbers(ride) == (1, 1, 1, 0, 0, 0)
    assert places([ride.announced]) == {} and expected() == []
    assert whereabouts([ride.person])[ride.person].account == "site-1"
    laws_hold(ride)


def test_of_two_confirmed_places_the_later_stands_and_undone_each_has_its_own(county):
    ride = Ride()
    ride.place()
    ride.to(ride.now + timedelta(minutes=5))
    ride.confirms(ride.other_site, ride.announced)
    merge = ride.merge()
    assert {p.account for p in places(ride.both).values()} == {"site-2"}
    assert (expected("site-1"), expected("site-2")) == ([], [ride.person])
    assert (promised("site-1"), promised("site-2")) == (0, 1)
    refused = ride.plans(ride.person)
    assert refused.code == "no_confirmed_place", "site-1 does not expect him any more"
    ride.undo(merge)
    assert {p: one.account for p, one in places(ride.both).items()} == {
        ride.person: "site-1", ride.announced: "site-2"}
    laws_hold(ride)


def test_a_later_place_under_the_other_record_frees_the_first_sites_bed(county):
    ride = Ride()
    ride.place()
    ride.merge()
    ride.to(ride.now + timedelta(minutes=5))
    ride.confirms(ride.other_site, ride.announced)
    (found,) = findings(code="place_superseded")
    assert found.owner == "site-1"
    assert (expected("site-1"), expected("site-2")) == ([], [ride.person])


def test_a_place_is_taken_back_under_the_other_record(county):
    ride = Ride()
    ride.walk("place", "plan")
    ride.merge()
    ride.to(ride.now + timedelta(minutes=5))
    ride.done(ride.site.say("transfer.place_cancelled", person=ride.announced, account="site-1",
                            reason="the room is flooded"))
    assert places(ride.both) == {} and expected() == []
    assert [f.code for f in findings(code="place_lost")] == ["place_lost"]
    laws_hold(ride)


def test_one_list_does_not_name_him_twice(county):
    ride = Ride()
    ride.place()
    ride.merge()
    assert ride.plans(*ride.both).code == "passenger_twice"
    ride.plan()
    assert listed_on(ride.both) == dict.fromkeys(ride.both, ride.trip)
    again = ride.plans(ride.announced, trip_id=fresh_id(ride.now), vehicle="coach-02", minutes=90)
    assert again.code == "passenger_on_other_trip"


def test_a_list_that_named_both_before_the_merge_has_one_passenger_afterwards(county):
    ride = Ride()
    ride.place()
    ride.confirms(ride.site, ride.announced)
    ride.done(ride.plans(*ride.both))
    assert trip(ride.trip).passengers == 2
    ride.merge()
    assert trip(ride.trip).passengers == 1 and promised() == 1
    ride.walk("board", "depart", "arrive", "deliver")
    assert numbers(ride) == (1, 1, 1, 0, 0, 0)
    assert told() == []
    laws_hold(ride)


@pytest.mark.parametrize("goes_on", ["arrived", "announced"])
def test_who_was_on_two_lists_is_not_missing_from_the_second(county, goes_on):
    ride = Ride(goes_on)
    ride.place()
    ride.confirms(ride.site, ride.announced)
    ride.plan()
    second = fresh_id(ride.now)
    ride.done(ride.plans(ride.announced, trip_id=second, vehicle="coach-02", minutes=60))
    ride.merge()
    assert set(listed_on(ride.both).values()) == {ride.trip}
    ride.walk("board", "depart", "arrive", "deliver")
    ride.to(ride.now + timedelta(minutes=30))
    ride.done(ride.other_crew.say("transfer.trip_departed", trip=second, vehicle="coach-02"))
    assert trip(second).passengers == 0 and trip_balance(second) == []
    assert numbers(ride) == (1, 1, 1, 0, 0, 0)
    assert told() == []
    laws_hold(ride)


def test_who_does_not_come_is_missing_once_and_stays_with_the_post(county):
    ride = Ride("announced")
    ride.walk("place", "plan")
    ride.merge()
    ride.depart()
    (found,) = findings(code="passenger_missing")
    assert found.owner == "post-01"
    assert whereabouts([ride.kept])[ride.kept].account == "post-01"
    assert numbers(ride) == (1, 0, 0, 0, 1, 0)
    assert expected() == [ride.kept]
    laws_hold(ride)


def merged_at_every_step(county) -> None:
    """What `rebuild` must make again from the facts alone."""
    for before in range(len(STEPS) + 1):
        ride = Ride("announced" if before % 2 else "arrived")
        ride.to(MORNING + timedelta(hours=2 * before))
        ride.walk(*STEPS[:before])
        ride.merge()
        ride.walk(*STEPS[before:])
