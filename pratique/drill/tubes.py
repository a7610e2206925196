"""The specimen chain: tubes collected, bagged, carried, run, confirmed by a second reader, thrown
away. Couriers make their rounds; the laboratories fill a plate or start one when the hour is over.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from pratique.drill.device import Device
from pratique.drill.moments import HOUR, iso, local, minutes
from pratique.drill.world import Case, Swab, World, chunks

PLATE_TUBES_MAX = 93
ASSAY = "orf1ab-n"
TARGETS = ("ORF1ab", "N")
BAG_LIVES = minutes(180)
RIDE = minutes(40)
RUN_TAKES = minutes(110)
READING_TAKES = minutes(12)
DISCARDED_AFTER = 10 * HOUR
ROUND = minutes(60)
NIGHT_ROUND_HOURS = (1, 3, 5)  # no courier drives at these hours


class Tubes:
    """Every tube between a swab and the bin."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.at_place: defaultdict[str, list[Swab]] = defaultdict(list)
        self.at_lab: defaultdict[str, list[Swab]] = defaultdict(list)
        self.on_result: list[Callable[[Swab], None]] = []
        self.strays: list[str] = []  # labels in a laboratory that nobody collected
        self.drops: list[Callable[[list[Swab], datetime], None]] = []
        self._serial = 0
        self._runs = 0
        couriers = world.cast.units("courier")
        self.couriers: dict[str, list[Swab]] = {courier: [] for courier in couriers}
        labs = world.cast.units("laboratory")
        self.lab_of = {c: labs[number % len(labs)] for number, c in enumerate(couriers)}
        self.courier_of: dict[str, str] = {}
        for number, courier in enumerate(couriers):
            world.every(world.now + minutes(20 + 10 * number), ROUND, self._round(courier))
        for number, lab in enumerate(labs):
            world.every(world.now + minutes(35 + 15 * number), minutes(30), self._bench(lab))

    def _courier(self, place: str) -> str:
        """Each place has its courier."""
        if place not in self.courier_of:
            couriers = sorted(self.couriers)
            turn = sum(1 for each in self.courier_of if each[:4] == place[:4])
            self.courier_of[place] = couriers[turn % len(couriers)]
        return self.courier_of[place]

    # ── swab ──────────────────────────────────────────────────────────────────────────────────
    def collect(
        self, case: Case, purpose: str, device: Device, at: datetime, *, urgent: bool = True
    ) -> Swab:
        """One swab of one person goes into one tube, at the device's unit."""
        self._serial += 1
        specimen = device.new_id(at)
        tube = f"D{self.world.seed}-{self._serial:07}"
        fact = device.say("specimens.collected", at, {
            "specimen": specimen, "tube": tube, "person": case.person, "place": device.unit,
            "purpose": purpose, "urgent": urgent}, by=self._serial)
        self.world.enter(specimen, "specimen", device.unit, fact)
        test = Swab(specimen, case.person, tube, purpose, device.claims(at))
        case.tests.append(test)
        self.world.tests[tube] = test
        self.at_place[device.unit].append(test)
        self._courier(device.unit)
        return test

    # ── the courier's round ───────────────────────────────────────────────────────────────────
    def _round(self, courier: str) -> Callable[[datetime], None]:
        def drive(at: datetime) -> None:
            if local(at).hour in NIGHT_ROUND_HOURS:
                return
            carried: list[Swab] = []
            for place, tests in self.at_place.items():
                if tests and self.courier_of.get(place) == courier:
                    moment = at + minutes(0.2 * len(carried) % 5)
                    self.at_place[place] = []
                    self._take_bag(courier, place, tests, moment)
                    carried += tests
            if carried:
                self.world.at(at + RIDE, lambda then: self._deliver(courier, carried, then))
        return drive

    def _take_bag(self, courier: str, place: str, tests: list[Swab], at: datetime) -> None:
        """The bag is sealed and scanned by both: given at the counter, taken at the car."""
        world = self.world
        giver = world.cast.by_unit[place][0]
        self._runs += 1
        bag = f"B{world.seed}-{self._runs:06}"
        for part in chunks(tests, 200):
            specimens = [test.specimen for test in part]
            giver.say("specimens.bagged", at, {
                "bag": bag, "place": place, "specimens": specimens, "seal": f"S{self._runs}"})
            offer = giver.say("custody.offered", at, {
                "giver": place, "taker": courier, "bag": bag,
                "lines": [world.line(s) for s in specimens], "expires_at": iso(at + BAG_LIVES)})
            taken = world.cast.device(courier).say("custody.answered", at + minutes(1), {
                "handover": offer, "taker": courier, "accepted": specimens})
            for specimen in specimens:
                world.move(specimen, courier, taken)

    def _deliver(self, courier: str, tests: list[Swab], at: datetime) -> None:
        lab = self.lab_of[courier]
        for part in chunks(tests, 200):
            self.give_to_lab(courier, lab, part, at)

    def give_to_lab(self, courier: str, lab: str, tests: list[Swab], at: datetime) -> None:
        """The rack is scanned in: what is there is accepted; what is not there stays open."""
        world = self.world
        specimens = [test.specimen for test in tests]
        offer = world.cast.device(courier).say("custody.offered", at, {
            "giver": courier, "taker": lab, "lines": [world.line(s) for s in specimens],
            "expires_at": iso(at + BAG_LIVES)})
        there = list(tests)
        for drop in self.drops:
            drop(there, at)
        missing = [test for test in tests if test not in there]
        for test in missing:
            world.books.subjects[test.specimen].after = offer
        accepted = [test.specimen for test in there]
        if not accepted:
            return
        taken = world.cast.device(lab, "a").say("custody.answered", at + minutes(6), {
            "handover": offer, "taker": lab, "accepted": accepted}, by=0)
        for specimen in accepted:
            world.move(specimen, lab, taken)
        self.at_lab[lab] += there

    # ── the laboratory ────────────────────────────────────────────────────────────────────────
    def _bench(self, lab: str) -> Callable[[datetime], None]:
        def load(at: datetime) -> None:
            ready, self.at_lab[lab] = self.at_lab[lab], []
            for plate in chunks(ready, PLATE_TUBES_MAX):
                self.world.at(at + RUN_TAKES, self._run(lab, plate, at))
        return load

    def _run(self, lab: str, plate: list[Swab], began: datetime) -> Callable[[datetime], None]:
        def read(at: datetime) -> None:
            device = self.world.cast.device(lab, "a")
            self._runs += 1
            run, wells = device.new_id(at), self._wells(plate)
            device.say("specimens.run_imported", at, {
                "run": run, "laboratory": lab, "plate": f"P{self.world.seed}-{self._runs:06}",
                "instrument": f"{lab}-cycler-{self._runs % 3 + 1}", "assay": ASSAY,
                "started_at": iso(device.claims(began + minutes(5))),
                "finished_at": iso(device.claims(at - minutes(2))), "wells": wells}, by=0)
            self.world.at(at + READING_TAKES, lambda then: self._confirm(lab, run, plate, then))
        return read

    def _wells(self, plate: list[Swab]) -> list[dict[str, Any]]:
        random = self.world.random("cycles")
        names = [f"{row}{column:02}" for column in range(1, 13) for row in "ABCDEFGH"]
        wells = []
        for test in plate:
            test.read = True
        labels = [(test.tube, test.reading) for test in plate]
        while self.strays and len(labels) < PLATE_TUBES_MAX:
            labels.append((self.strays.pop(), "negative"))
        for name, (tube, reading) in zip(names, labels, strict=False):
            seen = {target: round(random.uniform(22, 33), 2) if reading == "positive" else None
                    for target in TARGETS}
            wells.append({"well": name, "tube": tube,
                          "targets": {**seen, "IC": round(random.uniform(21, 31), 2)}})
        low = {target: round(random.uniform(26, 29), 2) for target in (*TARGETS, "IC")}
        none = dict.fromkeys((*TARGETS, "IC"))
        return [*wells, {"well": names[-2], "control": "positive", "targets": low},
                {"well": names[-1], "control": "negative", "targets": none}]

    def _confirm(self, lab: str, run: UUID, plate: list[Swab], at: datetime) -> None:
        """The second reader, at the other bench, is another person."""
        device = self.world.cast.device(lab, "b")
        device.say("specimens.run_confirmed", at, {"run": run, "laboratory": lab}, by=1)
        for test in plate:
            test.result, test.resulted_at = test.reading, device.claims(at)
            for told in self.on_result:
                told(test)
        self.world.at(at + DISCARDED_AFTER, lambda then: self._discard(lab, plate, then))

    def _discard(self, lab: str, plate: list[Swab], at: datetime) -> None:
        specimens = [test.specimen for test in plate if not test.gone]
        fact = self.world.cast.device(lab, "a").say("specimens.discarded", at, {
            "place": lab, "specimens": specimens,
            "holds_by": [self.world.books.subjects[s].holds_by for s in specimens]})
        for specimen in specimens:
            self.world.move(specimen, "outside", fact)
