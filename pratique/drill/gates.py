"""Posts: vehicles and people are entered, graded, swabbed, sent on; lanes are counted."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from pratique.drill.device import Device
from pratique.drill.moments import HOUR, hour_of, iso, minutes
from pratique.drill.people import Coming, Traveller
from pratique.drill.tubes import Tubes
from pratique.drill.world import Case, World

LANE_COUNTED_AFTER = minutes(2)
OFFER_LIVES = minutes(180)
UNKNOWN = "unknown"


class Gates:
    """All posts. `waiting`: people of a post whom the system has not graded yet."""

    def __init__(self, world: World, tubes: Tubes) -> None:
        self.world = world
        self.tubes = tubes
        self.waiting: defaultdict[str, dict[UUID, Case]] = defaultdict(dict)
        self.leaving: defaultdict[tuple[str, str], list[UUID]] = defaultdict(list)
        self.uncounted: defaultdict[tuple[str, str, datetime], int] = defaultdict(int)
        self.passed: defaultdict[tuple[str, str, datetime], int] = defaultdict(int)
        self.vehicles = 0
        self.absent: dict[str, Device] = {}  # a post whose second tablet has no network
        self.on_paper: list[Callable[[Case, Device, datetime], None]] = []
        for post in world.cast.lanes:
            world.every(hour_of(world.now) + HOUR + LANE_COUNTED_AFTER, HOUR, self._counter(post))

    def expect(self, comings: list[Coming]) -> None:
        for coming in comings:
            self.world.at(coming.at, self._arrival(coming))

    def tablet(self, coming: Coming) -> Device:
        """The tablet in the officer's hand. Who must be fetched is entered where there is network.
        """
        name = "ab"[self.vehicles % 2]
        if coming.post in self.absent and coming.is_risk:
            name = "a"
        return self.world.cast.device(coming.post, name)

    # ── arrival ───────────────────────────────────────────────────────────────────────────────
    def _arrival(self, coming: Coming) -> Any:
        return lambda at: self.arrive(coming, at)

    def arrive(self, coming: Coming, at: datetime, tablet: Device | None = None) -> None:
        """A vehicle and its people are entered; who is aboard steps to the table one by one."""
        world = self.world
        self.vehicles += 1
        tablet = tablet or self.tablet(coming)
        entry = tablet.say("checkpoint.vehicle_arrived", at, {
            "vehicle": coming.vehicle, "post": coming.post, "plate": coming.plate,
            "lane": coming.lane, "seats": max(5, len(coming.people)),
            "occupants": len(coming.people), "boot_checked": True,
            "conveyance": coming.conveyance}, by=self.vehicles)
        world.enter(coming.vehicle, "vehicle", coming.post, entry)
        self.passed[coming.post, coming.lane, hour_of(at)] += 1
        for turn, who in enumerate(coming.people):
            world.at(at + minutes(0.2 + 0.2 * turn), self._registering(coming, who, tablet))
        world.at(at + minutes(25 + len(coming.people) / 2), self._clearance(coming, tablet))

    def _registering(self, coming: Coming, who: Traveller, tablet: Device) -> Any:
        return lambda at: self.register(coming, who, at, tablet)

    def register(self, coming: Coming, who: Traveller, at: datetime, tablet: Device) -> Case:
        if tablet.offline and coming.is_risk:
            tablet = self.world.cast.device(coming.post, "a")
        arrival = tablet.say("checkpoint.person_arrived", at, {
            "person": who.person, "post": coming.post, "vehicle": coming.vehicle,
            "conveyance": coming.conveyance, "resident": who.resident,
            "from_outside_province": who.outside, "destination": who.destination,
            "stays": [stay.told() for stay in who.stays], "special": who.special,
            "phone_verified": True}, by=self.vehicles, sealed={str(who.person): who.sealed})
        case = Case(who, coming.post, coming.vehicle, arrival, tablet.claims(at), at)
        self.world.enter(who.person, "person", coming.post, arrival)
        self.world.cases[who.person] = case
        if tablet.offline:
            case.on_paper = True
            for go_on in self.on_paper:
                self.world.at(at + minutes(6), lambda then, go=go_on: go(case, tablet, then))
        else:
            self.waiting[coming.post][who.person] = case
        return case

    def _clearance(self, coming: Coming, tablet: Device) -> Any:
        def clear(at: datetime) -> None:
            held = self.world.books.subjects[coming.vehicle]
            fact = tablet.say("checkpoint.vehicle_cleared", at, {
                "vehicle": coming.vehicle, "post": coming.post, "holds_by": held.holds_by})
            self.world.move(coming.vehicle, "outside", fact)
        return clear

    # ── grading ───────────────────────────────────────────────────────────────────────────────
    def asks(self) -> Iterator[tuple[Device, str, dict[str, Any]]]:
        """What the posts' tablets read at the end of a step: their own open episodes."""
        for post, cases in self.waiting.items():
            known = [c.episode for c in cases.values() if not c.set_aside]
            if known:
                before = UUID(int=min(one.int for one in known) - 1)
                yield self.world.cast.device(post, "a"), "/episodes", {
                    "unit": post, "after": str(before)}

    def learn(self, episodes: list[dict[str, Any]]) -> None:
        """Act on what the system says of people at the posts."""
        for seen in episodes:
            case = self.world.cases.get(UUID(seen["person"]))
            if case is None or case.set_aside or case.person not in self.waiting[case.post]:
                continue
            if seen["measure"] is None or seen["account"] != case.post:
                continue
            self._act(case, seen)

    def _act(self, case: Case, seen: dict[str, Any]) -> None:
        world, at = self.world, self.world.now
        owes_swab = any(duty["kind"] == "swab" for duty in seen["duties"])
        if owes_swab and not case.tests:
            swab_at = at + minutes(world.random("swab").uniform(1.5, 5))
            world.at(swab_at, self._swab(case))
        case.measure, case.transfer = seen["measure"], seen["transfer"]
        if case.measure == UNKNOWN:
            return  # the duty to clarify is worked off by whoever reads it
        del self.waiting[case.post][case.person]
        if case.measure == "none":
            world.at(at + minutes(2), self._passing(case))
        elif case.transfer == "none":
            world.at(at + minutes(7), self._goes_on(case))
        # Everybody else is fetched: the dispatcher reads the duty.

    def _swab(self, case: Case) -> Any:
        return lambda at: self.tubes.collect(
            case, "landing", self.world.cast.device(case.post, "b" if case.post not in self.absent
                                                    else "a"), at)

    def _passing(self, case: Case) -> Any:
        def go(at: datetime) -> None:
            held = self.world.books.subjects[case.person]
            tablet = self.world.cast.device(case.post, "a")
            fact = tablet.say("checkpoint.person_passed", at, {
                "person": case.person, "post": case.post, "holds_by": held.holds_by})
            self.world.move(case.person, "outside", fact)
            case.released_at = at
        return go

    def _goes_on(self, case: Case) -> Any:
        """Sample, go, chase: the person drives on, and the township is told at once."""
        def go(at: datetime) -> None:
            if not case.set_aside:
                self.leaving[case.post, case.who.destination].append(case.person)
        return go

    def hand_on(self) -> None:
        """Those who drive on are offered to their townships, one hand-over a township."""
        for (post, town), persons in self.leaving.items():
            self.offer_home(self.world.cast.device(post, "a"), town, persons, self.world.now)
        self.leaving.clear()

    def offer_home(
        self, tablet: Device, town: str, persons: list[UUID], at: datetime
    ) -> UUID:
        world = self.world
        offer = tablet.say("custody.offered", at, {
            "giver": tablet.unit, "taker": town, "lines": [world.line(p) for p in persons],
            "expires_at": iso(at + OFFER_LIVES)})
        for person in persons:
            world.cases[person].offered = True
        world.offered_to[town] += 1
        return offer

    # ── what is said later ────────────────────────────────────────────────────────────────────
    def clarify(self, case: Case, at: datetime) -> None:
        """The officer telephones: the whole truth, place by place."""
        tablet = self.world.cast.device(case.post, "a")
        case.clarified += 1
        tablet.say("checkpoint.stays_corrected", at, {
            "person": case.person, "episode": case.episode,
            "stays": [stay.told(whole_truth=True) for stay in case.who.stays],
            "reason": "asked again by telephone, place by place"})
        if self.world.holder(case.person) == case.post and not case.offered:
            self.waiting[case.post][case.person] = case

    # ── lanes ─────────────────────────────────────────────────────────────────────────────────
    def _counter(self, post: str) -> Any:
        def count(at: datetime) -> None:
            hour = hour_of(at - HOUR)
            counter = self.world.cast.device(post, "counter")
            for lane in self.world.cast.lanes[post]:
                seen = self.passed.pop((post, lane, hour), 0)
                seen += self.uncounted.pop((post, lane, hour), 0)
                counter.say("checkpoint.lane_counted", at, {
                    "post": post, "lane": lane, "hour": iso(hour), "vehicles": seen})
        return count
