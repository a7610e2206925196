"""Townships and sites: people are taken over, measured twice a day, tested on their days, released.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from pratique.drill.calculator import measure_of
from pratique.drill.device import Device
from pratique.drill.moments import DAY, HOUR, clock, local, local_day, minutes
from pratique.drill.roads import Roads
from pratique.drill.tubes import Tubes
from pratique.drill.world import Case, World, chunks

READINGS_OF_A_ROUND_MAX = 400
TEST_HOURS = (7, 9, 12, 15, 18, 21, 23)
RELEASE_AFTER = minutes(5)
MEASURED = ("central_isolation", "home_isolation", "home_health_monitoring")
EMERGENCY_SHARE = 0.002
ROLL_CALL_HOUR = 6


class Care:
    """Everybody who takes people over: the tablet of each township and each site."""

    def __init__(self, world: World, tubes: Tubes, roads: Roads) -> None:
        self.world = world
        self.tubes = tubes
        self.roads = roads
        self.units = [*world.cast.units("community"), *world.cast.units("isolation_site")]
        self.left_behind: list[Any] = []
        self.busy: dict[tuple[UUID, str], datetime] = {}
        self.tested_at: datetime | None = None
        day = local_day(world.now)
        for number, unit in enumerate(self.units):
            for slot, hour in (("morning", 7), ("evening", 17)):
                first = clock(day, hour, 10 + 2 * number)
                world.every(first if first > world.now else first + DAY, DAY,
                            self._round(unit, slot))
            if unit.startswith("site-"):
                world.every(clock(day, ROLL_CALL_HOUR, 20 + number % 9) + DAY, DAY,
                            self._roll_call(unit))

    # ── who is there ──────────────────────────────────────────────────────────────────────────
    def truth(self, case: Case) -> str:
        """The measure by where the person truly was, over the lists that are known now."""
        world = self.world
        tiers = [world.lists.tier(s.county, s.area, s.since, world.now) for s in case.who.stays]
        ranked = ("high", "medium", "low", "none")
        return measure_of(min(tiers, key=ranked.index), case.who.outside)

    def measured(self, unit: str) -> list[Case]:
        cases = [self.world.cases[p] for p in sorted(self.world.in_account[unit])]
        return [case for case in cases if self.truth(case) in MEASURED]

    # ── taking over ───────────────────────────────────────────────────────────────────────────
    def asks_handovers(self) -> Iterator[tuple[Device, str, dict[str, Any]]]:
        for unit in self.units:
            if self.world.offered_to[unit] > 0:
                yield self.world.cast.device(unit), "/handovers", {"taker": unit}

    def take_over(self, offers: list[dict[str, Any]]) -> None:
        for offer in offers:
            self.world.at(self.world.now + minutes(2), self._taking(offer))

    def _taking(self, offer: dict[str, Any]) -> Any:
        def take(at: datetime) -> None:
            world, unit = self.world, offer["taker"]
            persons = [p for p in map(UUID, offer["subjects"]) if p in world.cases]
            if (UUID(offer["handover"]), "taken") in self.busy:
                return
            self.busy[UUID(offer["handover"]), "taken"] = at
            world.offered_to[unit] = max(0, world.offered_to[unit] - 1)
            for leave in self.left_behind:
                leave(offer, persons, at)
            fact = world.cast.device(unit).say("custody.answered", at, {
                "handover": offer["handover"], "taker": unit, "accepted": persons})
            for person in persons:
                world.move(person, unit, fact)
                self._arrived(world.cases[person], unit, at)
        return take

    def _arrived(self, case: Case, unit: str, at: datetime) -> None:
        case.fetched, case.offered, case.accepted_at = False, False, at
        if unit.startswith("site-") and case.room:
            self.world.cast.device(unit).say("isolation.room_given", at + minutes(4), {
                "person": case.person, "site": unit, "room": case.room})
        if self.world.random("emergency").random() < EMERGENCY_SHARE:
            when = at + self.world.random("emergency").uniform(1, 30) * HOUR
            self.world.at(when, lambda then: self._emergency(case, then))

    def _emergency(self, case: Case, at: datetime) -> None:
        unit = self.world.holder(case.person)
        if unit in self.units:
            self.world.cast.device(unit).say("pathway.emergency_admitted", at, {
                "person": case.person, "hospital": "county hospital", "note": "drill"})

    # ── every day ─────────────────────────────────────────────────────────────────────────────
    def _round(self, unit: str, slot: str) -> Any:
        def go_round(at: datetime) -> None:
            random = self.world.random(f"round/{unit}")
            for cases in chunks(self.measured(unit), READINGS_OF_A_ROUND_MAX):
                readings = [{"person": case.person,
                             "temperature_c": round(random.gauss(36.5, 0.2), 1)}
                            for case in cases]
                self.world.cast.device(unit).say("isolation.round_done", at, {
                    "account": unit, "day": local_day(at).isoformat(), "slot": slot,
                    "readings": readings})
        return go_round

    def _roll_call(self, unit: str) -> Any:
        def count(at: datetime) -> None:
            self.world.cast.device(unit).say("custody.head_counted", at, {
                "account": unit, "subject_kind": "person",
                "counted": len(self.world.in_account[unit]), "source": "room_round"})
        return count

    def asks_tests(self) -> Iterator[tuple[Device, str, dict[str, Any]]]:
        """At some hours of the day each custodian reads which tests are owed."""
        hour = local(self.world.now).replace(minute=0, second=0, microsecond=0)
        if hour.hour not in TEST_HOURS or self.tested_at == hour:
            return
        self.tested_at = hour
        for unit in self.units:
            if self.measured(unit):
                yield self.world.cast.device(unit), "/duties", {"unit": unit, "kind": "test"}

    def take_tests(self, duties: list[dict[str, Any]]) -> None:
        for number, duty in enumerate(duties):
            case = self.world.cases.get(UUID(duty["person"]))
            purpose = "day-" + duty["key"].rpartition(":")[2]
            if case is None or any(t.purpose == purpose and not t.gone for t in case.tests):
                continue
            self.sample(case, purpose, self.world.now + minutes(5 + number * 0.3 % 25))

    def sample(self, case: Case, purpose: str, at: datetime, *, urgent: bool = False) -> None:
        """A swab where the person is: at the site, or by the township's sampling point."""
        unit = self.world.holder(case.person)
        if unit not in self.units or self.is_busy(case, purpose, at):
            return
        device = self.world.cast.device(unit)
        if unit in self.world.cast.points:
            points = self.world.cast.points[unit]
            device = self.world.cast.device(points[case.person.int % len(points)])
        self.world.at(at, lambda then: self.tubes.collect(
            case, purpose, device, then, urgent=urgent))

    def is_busy(self, case: Case, what: str, at: datetime) -> bool:
        """Whether this has been seen to within the last hour; notes it otherwise."""
        last = self.busy.get((case.person, what))
        if last is not None and at - last < HOUR:
            return True
        self.busy[case.person, what] = at
        return False

    # ── what the county's board shows ─────────────────────────────────────────────────────────
    def release(self, duties: list[dict[str, Any]]) -> None:
        """The custodian's own device lets go whose release has become due."""
        for duty in duties:
            case = self.world.cases.get(UUID(duty["person"]))
            unit = duty["unit"]
            if case is None or unit not in self.units or case.released_at is not None:
                continue
            if self.world.holder(case.person) != unit or self.is_busy(
                    case, "release", self.world.now):
                continue
            self.world.at(self.world.now + RELEASE_AFTER, self._releasing(case, unit))

    def _releasing(self, case: Case, unit: str) -> Any:
        def let_go(at: datetime) -> None:
            device = self.world.cast.device(unit)
            fact = device.say("pathway.released", at, {
                "person": case.person, "episode": case.episode, "account": unit,
                "holds_by": self.world.books.subjects[case.person].holds_by})
            self.world.move(case.person, "outside", fact)
            case.released_at = at
            if case.room and unit.startswith("site-"):
                self.roads.rooms[unit].insert(0, case.room)
        return let_go

    def resample(self, duties: list[dict[str, Any]]) -> None:
        for duty in duties:
            case = self.world.cases.get(UUID(duty["person"]))
            if case is not None:
                self.sample(case, "resample", self.world.now + minutes(8), urgent=True)

    def swab_again(self, duties: list[dict[str, Any]]) -> None:
        """A landing test that is owed by somebody who has left the post: the tube was lost."""
        for duty in duties:
            case = self.world.cases.get(UUID(duty["person"]))
            if case is not None and case.tests and all(t.gone for t in case.tests):
                self.sample(case, "landing", self.world.now + minutes(8), urgent=True)
