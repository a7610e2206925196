"""Plays the county: one step after another, until the days are over and the books are closed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from pratique.drill.app import App, Browser, NoApp, devices_by_app
from pratique.drill.arriving import cast_of, check_county
from pratique.drill.books import Astray, unaccounted
from pratique.drill.care import Care
from pratique.drill.cast import Cast
from pratique.drill.device import Device
from pratique.drill.faults import Watch
from pratique.drill.gates import Gates
from pratique.drill.moments import BEGIN, DAY, minutes
from pratique.drill.people import Travellers
from pratique.drill.planting import Planting
from pratique.drill.risk import Lists
from pratique.drill.roads import Roads
from pratique.drill.tubes import Tubes
from pratique.drill.wire import Refused, Wire
from pratique.drill.world import World

STEP_MINUTES = 10
LONG_DRILL_DAYS = 5  # from here on the clock goes in larger steps
LONG_STEP_MINUTES = 20
LIST_HEARD_AFTER = minutes(20)
CLOSING_ROUNDS = 4
BOARD_KINDS = ("clarify", "release")

Progress = Callable[[datetime, "Play"], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a drill is asked to be. step_minutes 0: chosen by its length.

    browser: for the gates that play by the field app; None: there is none on this machine.
    """

    seed: int
    vehicles: int
    days: float
    url: str
    credentials: Path
    step_minutes: int = 0
    browser: Browser | None = None

    @property
    def step(self) -> timedelta:
        chosen = LONG_STEP_MINUTES if self.days >= LONG_DRILL_DAYS else STEP_MINUTES
        return minutes(self.step_minutes or chosen)


@dataclass
class Closing:
    """What the API answers when all is over."""

    astray: list[Astray] = field(default_factory=list)
    balances: list[dict[str, Any]] = field(default_factory=list)
    proof: dict[str, Any] = field(default_factory=dict)
    parked: list[dict[str, Any]] = field(default_factory=list)
    facts_before: dict[str, int] = field(default_factory=dict)


class Play:
    """Everything of one drill. `run` plays it, `close` asks for the end's figures."""

    def __init__(self, asked: Asked) -> None:
        """Raises Unplayable when there is no fresh drill at `asked.url`."""
        self.asked = asked
        self.closing = Closing()
        cast = cast_of(asked.credentials, asked.seed)
        check_county(asked.url, cast)
        self.wire = Wire(asked.url)
        command = cast.device("command", "lead")
        cast.learn(self.wire.get(command, "/units")["items"])
        end = BEGIN + asked.days * DAY
        self.world = World(asked.seed, cast, self.wire, Lists(), BEGIN, end, asked.step)
        world = self.world
        self.closing.facts_before = self.wire.get(command, "/prove")["facts"]
        travellers = Travellers(
            world.random("people"), world.lists, cast.units("community"), cast.lanes,
            cast.device("command", "cdc").new_id)
        rooms = {site: [room["room"] for room in self.wire.get(
            command, f"/units/{site}/rooms")["items"]] for site in cast.units("isolation_site")}
        self.tubes = Tubes(world)
        self.gates = Gates(world, self.tubes)
        self.roads = Roads(world, rooms)
        self.care = Care(world, self.tubes, self.roads)
        self.watch = Watch(world)
        self.planting = Planting(world, self.gates, self.tubes, self.roads, self.care, self.watch,
                                 travellers, asked.vehicles)
        self._schedule(travellers)
        self.without_app = ""  # why no gate plays by the app
        world.app = self._app(cast)

    def _app(self, cast: Cast) -> App | None:
        asked = self.asked
        try:
            if asked.browser is None:
                raise NoApp("no_browser")
            return App(asked.url, asked.browser, devices_by_app(cast, asked.seed), asked.seed)
        except NoApp as why:
            self.without_app = why.code
            return None

    def leave(self) -> None:
        """End connections and browser."""
        self.wire.close()
        if self.world.app:
            self.world.app.close()

    def _schedule(self, travellers: Travellers) -> None:
        world, days = self.world, self.asked.days
        begin = BEGIN
        while begin < world.end:
            share = min(1.0, days - (begin - BEGIN) / DAY)
            count = round(self.asked.vehicles * share)
            comings = [c for c in travellers.day(begin, count) if c.at < world.end - minutes(50)]
            self.gates.expect(comings)
            begin += DAY
        known = {datetime.fromisoformat(row["stamp"]) for row in self.wire.get(
            world.command, "/risk-lists")["items"]}
        for one in world.lists.all:
            if one.stamp not in known:
                world.at(one.stamp + LIST_HEARD_AFTER, self._publishing(one))

    def _publishing(self, one: Any) -> Callable[[datetime], None]:
        def publish(at: datetime) -> None:
            self.world.cast.device("command", "cdc").say(
                "registry.risk_list_published", at, one.body)
        return publish

    # ── the days ──────────────────────────────────────────────────────────────────────────────
    def run(self, progress: Progress | None = None) -> None:
        while self.world.now < self.world.end:
            self.step()
            if progress:
                progress(self.world.now, self)
        self._settle()

    def step(self) -> None:
        """Live on, drive the system's clock, send, read, think."""
        world = self.world
        with world.timed("world"):
            world.live_until(world.now + world.step)
            self.gates.hand_on()
        world.drive_clock()
        world.send()
        self.read()
        with world.timed("watch"):
            self.watch.look()

    def read(self) -> None:
        """What devices and desks read at the end of a step, all at once."""
        world, care = self.world, self.care
        with world.timed("world"):
            asks = [("episodes", ask) for ask in self.gates.asks()]
            asks += [("handovers", ask) for ask in care.asks_handovers()]
            asks += [("tests", ask) for ask in care.asks_tests()]
            asks += [(kind, (world.command, "/duties", {"kind": kind})) for kind in BOARD_KINDS]
            if self.roads.asks_now():
                asks += [(kind, (self.roads.desk, "/duties", {"kind": kind}))
                         for kind in ("transfer", "resample", "swab")]
        with world.timed("reads"):
            answers = self.wire.all([ask for _, ask in asks])
        with world.timed("world"):
            for (name, _), rows in zip(asks, answers, strict=True):
                self._think(name, rows)
            self.roads.plan()

    def _think(self, name: str, rows: list[dict[str, Any]]) -> None:
        match name:
            case "episodes":
                self.gates.learn(rows)
            case "handovers":
                self.care.take_over(rows)
            case "tests":
                self.care.take_tests(rows)
            case "clarify":
                self._clarify(rows)
            case "release":
                self.care.release(rows)
            case "transfer":
                self.roads.learn(rows)
            case "resample":
                self.care.resample(rows)
            case "swab":
                self.care.swab_again(rows)

    def _clarify(self, rows: list[dict[str, Any]]) -> None:
        for number, duty in enumerate(rows):
            case = self.world.cases.get(UUID(duty["person"]))
            if case is None or self.care.is_busy(case, "clarify", self.world.now):
                continue
            when = self.world.now + minutes(3 + number * 0.1 % 5)
            self.world.at(when, lambda at, case=case: self.gates.clarify(case, at))

    # ── the end ───────────────────────────────────────────────────────────────────────────────
    def _settle(self) -> None:
        """Let every store empty, every offer be answered; nothing new begins."""
        world = self.world
        for device in world.cast.devices:
            device.offline = False
        for _ in range(CLOSING_ROUNDS):
            world.send(calm=True)
            waits = world.app is not None and world.app.waits
            if not (waits or any(device.outbox for device in world.cast.devices)):
                break
        self.watch.look()

    def rebuild(self) -> dict[str, Any] | None:
        """The tables made again from the facts, as the API answers; None: it cannot do that."""
        try:
            return self.wire.get(self.world.command, "/rebuild")
        except Refused:
            return None

    def close(self) -> Closing:
        """Ask the API for what the report compares with the drill's own books."""
        world, closing = self.world, self.closing
        with world.timed("closing"):
            accounts = sorted(world.cast.kinds)
            asks: list[tuple[Device, str, dict[str, Any]]] = [
                (world.command, f"/accounts/{code}/holdings", {}) for code in accounts]
            answers = self.wire.all(asks)
            holdings = [(account, row["kind"], UUID(row["subject"]))
                        for account, rows in zip(accounts, answers, strict=True) for row in rows]
            closing.astray = unaccounted(world.books, holdings)
            closing.parked = self.wire.pages(world.command, "/parked")
            closing.proof = self.wire.get(world.command, "/prove")
            closing.balances = self._balances(holdings)
        return closing

    def _balances(self, holdings: list[tuple[str, str, UUID]]) -> list[dict[str, Any]]:
        """Each account: what came in and went out by the books, and on hand by both sides."""
        on_hand: dict[tuple[str, str], int] = {}
        for account, kind, _ in holdings:
            on_hand[account, kind] = on_hand.get((account, kind), 0) + 1
        rows = []
        for (account, kind), balance in sorted(self.world.books.balances.items()):
            if account == "outside":
                continue
            answered = on_hand.get((account, kind), 0)
            rows.append({
                "account": account, "kind": kind, "opening": 0, "came_in": balance.came_in,
                "went_out": balance.went_out, "on_hand": balance.on_hand,
                "on_hand_by_api": answered, "balances": balance.on_hand == answered})
        return rows
