"""Plants the faults: spread over the days, at least one of each kind, more in a larger drill."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from pratique.drill.care import Care
from pratique.drill.device import Device
from pratique.drill.faults import Fault, Watch, mentions, of_code
from pratique.drill.gates import Gates
from pratique.drill.moments import DAY, HOUR, hour_of, iso, minutes
from pratique.drill.people import Travellers
from pratique.drill.roads import Roads, Trip
from pratique.drill.tubes import Tubes
from pratique.drill.world import Case, Swab, World

VEHICLES_A_FAULT = 4_000
GROUP_OF_A_BUS = 38
OFFLINE_HOURS = 30
VEHICLES_ON_PAPER = 4
FAULT_KINDS = (
    "vehicle_not_registered", "passenger_not_on_list", "tube_lost_before_laboratory",
    "bus_delivers_one_short", "device_comes_back", "same_person_at_two_gates",
    "result_for_unknown_tube", "positive", "released_too_early", "stale_second_offer",
    "malformed_fact", "id_used_twice",
)
ASIDE = frozenset({"quarantined"})
CONTRADICTED = frozenset({"disputed"})
SHOWN_WITHIN = 14 * HOUR  # the last fault is planted so long before the end


class Planting:
    def __init__(
        self, world: World, gates: Gates, tubes: Tubes, roads: Roads, care: Care, watch: Watch,
        travellers: Travellers, vehicles: int,
    ) -> None:
        self.world, self.gates, self.tubes = world, gates, tubes
        self.roads, self.care, self.watch = roads, care, watch
        self.travellers = travellers
        self.begin = world.now
        self.days = (world.end - world.now) / DAY
        self.vehicles = vehicles
        self.to_lose = self.to_be_positive = self.to_ride_unlisted = self.to_leave_behind = 0
        self.group: set[UUID] = set()
        self.unheard: set[str] = set()  # hand-overs that a tablet without network has offered
        tubes.drops.append(self._lose)
        care.left_behind.append(self._leave_behind)
        roads.leave_off = self._leave_off
        roads.before_boarding.append(self._stranger)
        gates.on_paper.append(self._on_paper)
        tubes.on_result.append(self._known)
        self._schedule()

    @property
    def random(self) -> Random:
        return self.world.random("faults")

    def _schedule(self) -> None:
        times = 1 + int(self.vehicles * self.days) // VEHICLES_A_FAULT
        plans: list[Callable[[datetime], None]] = [
            self.uncounted_vehicle, self.twice_at_gates, self.unknown_tube, self.early_release,
            self.stale_offer, self.malformed, self.reused_id, self.lost_tube, self.positive,
        ]
        span = max(self.world.end - SHOWN_WITHIN - self.begin, 6 * HOUR)
        for turn in range(times):
            for number, plan in enumerate(plans):
                share = (turn + (number + 1) / (len(plans) + 2)) / times
                self.world.at(self.begin + 2 * HOUR + share * (span - 2 * HOUR), plan)
            self.world.at(self.begin + HOUR + turn * span / times, self.unlisted_passenger)
        self.world.at(self.begin + 2 * HOUR, self.bus_of_38)
        offline = min(OFFLINE_HOURS * HOUR, (self.world.end - self.begin) * 0.4)
        self.world.at(self.begin + 3 * HOUR + minutes(0.1), lambda at: self.offline(at, offline))

    def again(self, plan: Callable[[datetime], None], at: datetime) -> None:
        """Nobody is there yet to whom it could happen: try a little later."""
        if at + HOUR < self.world.end:
            self.world.at(at + minutes(20), plan)

    def someone(self, ready: Callable[[Case], bool]) -> Case | None:
        found = [c for c in self.world.cases.values()
                 if not c.set_aside and not c.on_paper and ready(c)]
        return self.random.choice(found) if found else None

    # ── vehicles and people ───────────────────────────────────────────────────────────────────
    def uncounted_vehicle(self, at: datetime) -> None:
        """It passed the loop in the road, and nobody registered it."""
        post = self.random.choice(sorted(self.world.cast.lanes))
        lane, hour = self.random.choice(self.world.cast.lanes[post]), hour_of(at)
        self.gates.uncounted[post, lane, hour] += 1
        def look(row: dict[str, Any]) -> bool:
            params = row.get("params") or {}
            return (params.get("post") == post and params.get("lane") == lane
                    and datetime.fromisoformat(params.get("hour", "0001-01-01")) == hour)
        self.watch.plant("vehicle_not_registered", f"{post}/{lane} {iso(hour)}", at,
                         findings=of_code("lane_difference")(look))

    def twice_at_gates(self, at: datetime) -> None:
        """Somebody turns round, drives to another gate, and is entered there as new."""
        case = self.someone(lambda c: c.arrived_at > at - 6 * HOUR)
        if case is None:
            self.again(self.twice_at_gates, at)
            return
        posts = [post for post in sorted(self.world.cast.lanes) if post != case.post]
        coming = self.travellers.quiet(at, self.random.choice(posts))
        other = coming.people[0]
        other.sealed = dict(case.who.sealed)
        self.gates.arrive(coming, at)
        self.watch.plant("same_person_at_two_gates", f"{case.person} {other.person}", at,
                         findings=mentions(case.person, other.person))

    def bus_of_38(self, at: datetime) -> None:
        """A bus from one high-risk place; all of it goes to one site, and one stays aboard."""
        size = GROUP_OF_A_BUS if self.vehicles >= 100 else 6
        coming = self.travellers.group(at, "post-11", "town-141123100", size)
        self.gates.arrive(coming, at)
        self.group = {who.person for who in coming.people}
        self.to_leave_behind += 1

    def _leave_behind(self, offer: dict[str, Any], persons: list[UUID], at: datetime) -> None:
        """The site counts its people at the door: one is not named, and stays with the crew."""
        if not self.to_leave_behind or not offer["taker"].startswith("site-") or len(persons) < 2:
            return
        left = next((p for p in persons if p in self.group), None)
        if left is None:
            return
        self.to_leave_behind -= 1
        persons.remove(left)
        coach, site = offer["giver"], offer["taker"]
        held = self.world.books.subjects[left]
        held.after = UUID(offer["handover"])
        self.watch.plant(
            "bus_delivers_one_short", f"{left} {coach} {len(persons)}/{len(persons) + 1}", at,
            findings=of_code("handover_expired")(mentions(left)))
        case = self.world.cases[left]
        case.set_aside = True
        self.roads.coaches[coach] = at + 7 * HOUR  # out of service until it is searched
        self.world.at(at + 5 * HOUR, lambda then: self._found_aboard(case, coach, site, then))

    def _found_aboard(self, case: Case, coach: str, site: str, at: datetime) -> None:
        case.set_aside = False
        self.roads.offer(coach, site, [case.person], at)

    def unlisted_passenger(self, at: datetime) -> None:
        self.to_ride_unlisted += 1

    def _leave_off(self, riding: list[Case]) -> list[Case]:
        """The dispatcher forgets one name; its bearer rides all the same."""
        if not self.to_ride_unlisted or len(riding) < 2:
            return riding
        self.to_ride_unlisted -= 1
        return riding[:-1]

    def _stranger(self, trip: Trip, at: datetime) -> None:
        for person in trip.strangers:
            self.watch.plant("passenger_not_on_list", f"{person} {trip.coach}", at,
                             findings=of_code("passenger_not_on_list")(mentions(person)))

    # ── tubes ─────────────────────────────────────────────────────────────────────────────────
    def lost_tube(self, at: datetime) -> None:
        self.to_lose += 1

    def _lose(self, tests: list[Swab], at: datetime) -> None:
        """The rack at the laboratory has one tube less than the bag had."""
        lost = next((t for t in tests if t.purpose == "landing" and t.reading == "negative"
                     and self.world.holder(t.person) != "outside"), None)
        if not self.to_lose or lost is None or len(tests) < 2:
            return
        self.to_lose -= 1
        tests.remove(lost)
        lost.gone = True
        courier = self.world.holder(lost.specimen)
        self.watch.plant("tube_lost_before_laboratory", f"{lost.tube} {courier}", at,
                         findings=of_code("handover_expired")(mentions(lost.specimen)))
        self.world.at(at + 5 * HOUR, lambda then: self._say_lost(lost, courier, then))

    def _say_lost(self, lost: Swab, courier: str, at: datetime) -> None:
        held = self.world.books.subjects[lost.specimen]
        fact = self.world.cast.device(courier).say("specimens.lost", at, {
            "specimen": lost.specimen, "holds_by": held.holds_by, "place": courier,
            "reason": "the bag was searched twice"})
        self.world.move(lost.specimen, "outside", fact)

    def unknown_tube(self, at: datetime) -> None:
        tube = f"X{self.world.seed}-{self.random.randint(0, 999_999):06}"
        self.tubes.strays.append(tube)
        self.watch.plant("result_for_unknown_tube", tube, at,
                         findings=of_code("result_for_unknown_tube")(mentions(tube)))

    def positive(self, at: datetime) -> None:
        """A tube that will read positive: of somebody at a post who goes on or is fetched."""
        case = self.someone(lambda c: bool(c.tests) and c.tests[0].result is None
                            and not c.tests[0].gone and not c.tests[0].read
                            and c.tests[0].reading == "negative"
                            and c.person not in self.group)
        if case is None:
            self.again(self.positive, at)
            return
        case.tests[0].reading = "positive"
        self.watch.plant("positive", f"{case.person} {case.tests[0].tube}", at,
                         duties=lambda row: row["kind"] == "hold" and row["unit"] == "command"
                         and row["person"] == str(case.person))

    def _known(self, test: Swab) -> None:
        if test.reading == "positive":
            self.world.cases[test.person].measure = "hold"

    # ── devices ───────────────────────────────────────────────────────────────────────────────
    def offline(self, at: datetime, span: timedelta) -> None:
        """A gate's tablet loses the network; what it says comes when it is back, newest first."""
        post = "post-02"
        tablet = self.world.cast.device(post, "b")
        if tablet.outbox:  # it goes out of reach with an empty store: nobody is half entered
            self.world.at(at + self.world.step, lambda then: self.offline(then, span))
            return
        tablet.offline = True
        self.gates.absent[post] = tablet
        fault = self.watch.plant(
            "device_comes_back", f"{tablet.name} {span}", at,
            parked=lambda row: str(row["waits_for"]) in self.unheard)
        for turn in range(VEHICLES_ON_PAPER):
            self.world.at(at + HOUR + turn * span / (VEHICLES_ON_PAPER + 2),
                          lambda then: self._comes_on_paper(tablet, then))
        self.world.at(at + span, lambda then: self._back(tablet, post, fault))

    def _comes_on_paper(self, tablet: Device, at: datetime) -> None:
        """Somebody from outside the province, no risk, is entered on the tablet without network."""
        coming = self.travellers.quiet(at + minutes(5), tablet.unit)
        self.world.at(coming.at, lambda then: self.gates.arrive(coming, then, tablet))

    def _on_paper(self, case: Case, tablet: Device, at: datetime) -> None:
        """The officer decides by the printed table; the tablet keeps what was done."""
        world = self.world
        if self.care.truth(case) == "none":
            fact = tablet.say("checkpoint.person_passed", at, {
                "person": case.person, "post": tablet.unit, "holds_by": case.episode})
            world.move(case.person, "outside", fact)
            case.released_at = at
            return
        self.tubes.collect(case, "landing", tablet, at)
        town = case.who.destination
        offer = tablet.say("custody.offered", at + minutes(2), {
            "giver": tablet.unit, "taker": town, "lines": [world.line(case.person)],
            "expires_at": iso(at + 47 * HOUR)})
        taken = world.cast.device(town).say("custody.answered", at + minutes(45), {
            "handover": offer, "taker": town, "accepted": [case.person]})
        self.unheard.add(str(offer))
        world.move(case.person, town, taken)

    def _back(self, tablet: Device, post: str, fault: Fault) -> None:
        """Its newest facts come first, so the hole in its running numbers shows."""
        tablet.offline = False
        tablet.latest_first = True
        self.gates.absent.pop(post, None)
        for case in self.world.cases.values():
            case.on_paper = False
        if fault.shown_at is None:
            self.watch.watch_device(tablet.id, fault)

    # ── what is refused ───────────────────────────────────────────────────────────────────────
    def early_release(self, at: datetime) -> None:
        """A clerk lets somebody go before the days are over; the system says no."""
        case = self.someone(lambda c: self.world.holder(c.person).startswith("town-")
                            and c.released_at is None and c.person not in self.group)
        if case is None:
            self.again(self.early_release, at)
            return
        unit = self.world.holder(case.person)
        fact = self.world.cast.device(unit).say("pathway.released", at, {
            "person": case.person, "episode": case.episode, "account": unit,
            "holds_by": self.world.books.subjects[case.person].holds_by}, expect=ASIDE)
        self.watch.plant("released_too_early", str(case.person), at,
                         quarantine=of_code("release_too_early")(mentions(fact)))

    def stale_offer(self, at: datetime) -> None:
        """An old tab at the post offers somebody again whom the township has taken over."""
        case = self.someone(lambda c: self.world.holder(c.person).startswith("town-")
                            and c.person not in self.group and c.accepted_at is not None
                            and c.accepted_at < at - 2 * self.world.step)
        if case is None:
            self.again(self.stale_offer, at)
            return
        others = [t for t in self.world.cast.units("community") if t != case.who.destination]
        fact = self.world.cast.device(case.post).say("custody.offered", at, {
            "giver": case.post, "taker": others[0], "expires_at": iso(at + HOUR),
            "lines": [{"subject": case.person, "holds_by": case.episode}]}, expect=CONTRADICTED)
        self.watch.plant("stale_second_offer", str(case.person), at, findings=mentions(fact))

    def malformed(self, at: datetime) -> None:
        """A half-written fact amid good ones."""
        device = self.world.cast.device("post-01", "a")
        fact, device.seq = device.new_id(at), device.seq + 1
        raw = msgspec.json.encode({
            "id": fact, "kind": "checkpoint.person_arrived", "at": iso(at), "place": "post-01",
            "device": device.id, "seq": device.seq, "body": {"person": "nobody"}})
        device.say_raw(raw, fact, ASIDE, None)
        self.watch.plant("malformed_fact", str(fact), at,
                         quarantine=of_code("malformed")(mentions(fact)))

    def reused_id(self, at: datetime) -> None:
        """A device restored from a copy gives an old id to something new."""
        device = self.world.cast.device("post-01", "counter")
        if device.last_call is None:
            self.again(self.reused_id, at)
            return
        fact = device.last_call.facts[0].id
        device.say("checkpoint.lane_counted", at, {
            "post": "post-01", "lane": "1", "hour": iso(hour_of(at - 20 * DAY)), "vehicles": 1},
            fact=fact, expect=ASIDE)
        self.watch.plant("id_used_twice", str(fact), at, quarantine=mentions(fact))
