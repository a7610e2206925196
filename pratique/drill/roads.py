"""Who is fetched: a place is confirmed, a trip planned, a list closed; two sign at both ends."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from uuid import UUID

from pratique.drill.device import Device, Receipt
from pratique.drill.moments import HOUR, iso, local, minutes
from pratique.drill.world import Case, World

ASKED_EVERY = minutes(30)
DEPARTS_AFTER = minutes(30)
BOARDS_BEFORE = minutes(9)
CLEAN_AFTER, FREE_AFTER = minutes(15), minutes(45)
OFFER_LIVES = minutes(120)
WAIT_MAX = minutes(150)
GROUP_MIN = 12
LAST_DEPARTURE, FIRST_DEPARTURE = time(0, 40), time(5, 10)
CENTRAL = "central_isolation"


@dataclass(slots=True)
class Trip:
    """aboard: who truly got on; strangers: those of them who are on no list."""

    trip: UUID
    coach: str
    origin: str
    destination: str
    passengers: list[UUID]
    depart_at: datetime
    arrive_at: datetime
    refused: bool = False
    strangers: list[UUID] = field(default_factory=list)
    aboard: list[UUID] = field(default_factory=list)


class Roads:
    """The dispatcher, ten coaches, and the beds and homes that wait."""

    def __init__(self, world: World, rooms: dict[str, list[str]]) -> None:
        self.world = world
        self.rooms = {site: list(reversed(names)) for site, names in rooms.items()}
        self.coaches = dict.fromkeys(world.cast.units("crew"), world.now)
        self.ready: defaultdict[tuple[str, str], list[tuple[datetime, Case]]] = defaultdict(list)
        self.asked_at = world.now - HOUR
        self.trips: list[Trip] = []
        self.before_boarding: list[Callable[[Trip, datetime], None]] = []
        self.leave_off: Callable[[list[Case]], list[Case]] = lambda riding: riding

    @property
    def desk(self) -> Device:
        return self.world.cast.device("command", "dispatch")

    # ── who must be fetched ───────────────────────────────────────────────────────────────────
    def asks_now(self) -> bool:
        """Whether the desk reads its duties in this step."""
        if self.world.now - self.asked_at < ASKED_EVERY:
            return False
        self.asked_at = self.world.now
        return True

    def learn(self, duties: list[dict[str, Any]]) -> None:
        """Ask a place for everybody whose transfer is owed."""
        for duty in duties:
            case = self.world.cases.get(UUID(duty["person"]))
            if case is None or case.fetched or case.set_aside:
                continue
            if self.world.holder(case.person) != duty["unit"]:
                continue
            if not duty["unit"].startswith("post-"):
                seen = self.world.wire.get(self.desk, f"/episodes/{case.person}")
                case.measure = seen["episode"]["measure"]
            self.fetch(case)

    def fetch(self, case: Case) -> None:
        place = self.place_for(case)
        if place is None:
            return
        case.fetched, case.place = True, place
        moment = self.world.now + minutes(self.world.random("places").uniform(2, 9))
        self.world.at(moment, lambda at: self._confirm(case, place, at))

    def place_for(self, case: Case) -> str | None:
        """A site with a free room, or the township's home."""
        if case.measure != CENTRAL:
            return case.who.destination
        free = [site for site, names in self.rooms.items() if names]
        if not free:
            return None
        near = {"post-10": "site-4", "post-11": "site-1"}.get(case.post)
        site = near if near in free else max(free, key=lambda one: (len(self.rooms[one]), one))
        case.room = self.rooms[site].pop()
        return site

    def _confirm(self, case: Case, place: str, at: datetime) -> None:
        body: dict[str, Any] = {"person": case.person, "account": place}
        if place.startswith("site-"):
            body["room"] = case.room
        else:
            body["home_fit"] = True
        origin = self.world.holder(case.person)
        self.world.cast.device(place).say(
            "transfer.place_confirmed", at, body, told=self._confirmed(case, origin, place))

    def _confirmed(self, case: Case, origin: str, place: str) -> Any:
        """Nobody is put on a list before the place's answer has been heard: it may come late."""
        def told(receipt: Receipt) -> None:
            waiting = self.ready[origin, place]
            is_listed = any(one is case for _, one in waiting)
            if receipt["status"] in ("applied", "parked") and not is_listed:
                waiting.append((self.world.now, case))
        return told

    # ── trips ─────────────────────────────────────────────────────────────────────────────────
    def plan(self) -> None:
        """Close lists and send coaches, as far as there are any."""
        at = self.world.now
        for (origin, place), waiting in sorted(self.ready.items()):
            told = [(since, case) for since, case in waiting if since < at]
            if not told or not self.may_depart(at + DEPARTS_AFTER):
                continue
            if len(told) < GROUP_MIN and at - min(since for since, _ in told) < WAIT_MAX:
                continue
            coach = self._free_coach(len(told), at)
            if coach is None:
                continue
            riding = [case for _, case in told][: self.world.cast.seats[coach]]
            self.ready[origin, place] = [one for one in waiting if one[1] not in riding]
            listed = self.leave_off(riding)
            trip = self.send_coach(coach, origin, place, [case.person for case in listed], at)
            trip.strangers += [case.person for case in riding if case not in listed]

    @staticmethod
    def may_depart(at: datetime) -> bool:
        """No trip may be on the road from 02:00 to 05:00, nor near it."""
        return not LAST_DEPARTURE < local(at).time() < FIRST_DEPARTURE

    def _free_coach(self, passengers: int, at: datetime) -> str | None:
        seats = self.world.cast.seats
        free = sorted((seats[c], c) for c, since in self.coaches.items() if since <= at)
        fitting = [coach for room, coach in free if room >= passengers]
        return fitting[0] if fitting else (free[-1][1] if free else None)

    def send_coach(
        self, coach: str, origin: str, place: str, passengers: list[UUID], at: datetime
    ) -> Trip:
        world = self.world
        drive = minutes(world.random("roads").uniform(25, 55))
        depart_at = at + DEPARTS_AFTER
        trip = Trip(self.desk.new_id(at), coach, origin, place, passengers, depart_at,
                    depart_at + drive)
        self.trips.append(trip)
        self.coaches[coach] = trip.arrive_at + FREE_AFTER
        crew = world.cast.device(coach).staff
        self.desk.say("transfer.trip_planned", at + minutes(1), {
            "trip": trip.trip, "vehicle": coach, "crew": crew[:2], "origin": origin,
            "destination": place, "passengers": passengers, "depart_at": iso(depart_at),
            "arrive_at": iso(trip.arrive_at)}, told=self._planned(trip))
        world.at(depart_at - BOARDS_BEFORE, lambda then: self.board(trip, then))
        return trip

    def _planned(self, trip: Trip) -> Any:
        def told(receipt: Receipt) -> None:
            if receipt["status"] in ("quarantined", "disputed"):
                trip.refused = True
                self.coaches[trip.coach] = self.world.now
                for person in [*trip.passengers, *trip.strangers]:
                    self.world.cases[person].fetched = False
        return told

    # ── both ends ─────────────────────────────────────────────────────────────────────────────
    def board(self, trip: Trip, at: datetime) -> None:
        """The post gives, the crew takes, by name."""
        if trip.refused:
            return
        world = self.world
        for change in self.before_boarding:
            change(trip, at)
        persons = [p for p in [*trip.passengers, *trip.strangers]
                   if world.holder(p) == trip.origin]
        trip.aboard = persons
        giver, crew = world.cast.device(trip.origin), world.cast.device(trip.coach)
        offer = giver.say("custody.offered", at, {
            "giver": trip.origin, "taker": trip.coach, "trip": trip.trip,
            "lines": [world.line(p) for p in persons], "expires_at": iso(at + OFFER_LIVES)})
        taken = crew.say("custody.answered", at + minutes(3), {
            "handover": offer, "taker": trip.coach, "accepted": persons})
        for person in persons:
            world.move(person, trip.coach, taken)
        crew.say("transfer.trip_departed", trip.depart_at, {
            "trip": trip.trip, "vehicle": trip.coach})
        world.at(trip.arrive_at, lambda then: self._arrive(trip, then))

    def _arrive(self, trip: Trip, at: datetime) -> None:
        crew = self.world.cast.device(trip.coach)
        crew.say("transfer.trip_arrived", at, {"trip": trip.trip, "vehicle": trip.coach})
        self.offer(trip.coach, trip.destination, trip.aboard, at + minutes(1), trip.trip)
        crew.say("transfer.vehicle_disinfected", at + CLEAN_AFTER, {"vehicle": trip.coach})

    def offer(
        self, coach: str, place: str, persons: list[UUID], at: datetime, trip: UUID | None = None
    ) -> UUID:
        offer = self.world.cast.device(coach).say("custody.offered", at, {
            "giver": coach, "taker": place, "trip": trip,
            "lines": [self.world.line(p) for p in persons], "expires_at": iso(at + OFFER_LIVES)})
        self.world.offered_to[place] += 1
        return offer
