"""Arrivals by the thousand with the server's answers: what a device must answer, field by field.

A seeded walk over the ten real lists, all shipped packs, the borders of days, inputs that nobody
could tell, tiers and places that no list knows, and orders that begin, end and follow each other.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from pratique.field.packs import moment, order_data
from pratique.protocol.evaluate import evaluate
from pratique.protocol.history import History, Order, Stay
from pratique.protocol.outcome import Decision, StandingSpec
from pratique.protocol.pack import Pack, shipped
from pratique.protocol.schedule import local_date, midnight
from pratique.protocol.spec import LANGUAGES
from pratique.registry.atlas import Atlas, Listed
from pratique.registry.divisions import DATA
from pratique.registry.risk_lists import RiskList, parse_list, validity
from pratique.registry.risk_text import PLACE
from pratique.registry.risk_tiers import NONE_OF_THESE

SEED = 20220820
GAP_HOURS = 12.5
FIRST_DAY = datetime(2022, 8, 10, tzinfo=UTC)
SPECIAL = ("child", "pregnant", "seriously_ill", "emergency", "inbound", "contact", "unheard_of")
ELSEWHERE = ("141123", "141124", "999999")  # Xing County, Lan County, and what no table knows
AREAS = ("141123", "141123", "US-NY", "610800")
MAPPED_TO = "140802"


@cache
def published() -> list[RiskList]:
    """The ten lists as published, oldest first."""
    return [parse_list(file.read_bytes()) for file in sorted((DATA / "risk_areas").glob("*.json"))]


def atlas_of(lists: list[RiskList]) -> Atlas:
    """The map of these lists; one zone is mapped to a county, as a person would have done."""
    places: dict[str, list[Listed]] = defaultdict(list)
    ranges = validity(lists)
    zone = next((v.area.unit for v in ranges if v.area.division is None), None)
    for one in ranges:
        places[one.area.unit].append(Listed(one.area, one.valid_from, one.valid_until))
        if one.area.unit == zone:
            inside = replace(one.area, unit=MAPPED_TO, division=MAPPED_TO, reach=PLACE)
            places[MAPPED_TO].append(Listed(inside, one.valid_from, one.valid_until))
    stamps = [one.stamp_at for one in lists]
    return Atlas((), stamps, [UUID(int=number) for number, __ in enumerate(stamps)], dict(places))


@cache
def packs() -> dict[str, Pack]:
    """The shipped packs, and what no shipped pack says yet: a stay too short for the look-back that
    makes unknown, exact hours, the anchor's own day as day 1, measures that restrict or do not."""
    found = dict(shipped())
    shanxi, china = found["shanxi-2022-08-20"], found["china-9th-edition-2022-06-28"]
    inputs = {name: msgspec.structs.replace(said, gap_hours_max=GAP_HOURS)
              for name, said in shanxi.inputs.items()}
    return found | {
        "gap": replace(shanxi, inputs=inputs),
        "hours": _changed(shanxi, count="exact_hours", anchor_day=1),
        "leaving": replace(
            _changed(shanxi, anchor="leaving_area", anchor_tiers=("high", "low"), anchor_day=1),
            late_result=timedelta(hours=1.5)),
        "turned": _turned(china),
        "waiting": _waiting(china),
        "credited": _changed(
            china, anchor="leaving_area", anchor_tiers=("high", "medium", "low", "none")),
    }


def _changed(pack: Pack, **parts: Any) -> Pack:
    plans = {name: replace(plan, kept={}, **parts) if plan.stages else plan
             for name, plan in pack.plans.items()}
    return replace(pack, plans=plans)


def _turned(pack: Pack) -> Pack:
    """What restricts restricts no longer, but for the later stages."""
    plans = {}
    for name, plan in pack.plans.items():
        stages = tuple(replace(stage, restrictive=number > 0)
                       for number, stage in enumerate(plan.stages))
        plans[name] = replace(
            plan, kept={}, stages=stages, restrictive=any(s.restrictive for s in stages))
    return replace(pack, plans=plans)


def _waiting(pack: Pack) -> Pack:
    """No test of one's own is owed, but release hangs on those of somebody else."""
    plans = {}
    for name, plan in pack.plans.items():
        stages = tuple(replace(stage, test_days=(), other_negatives=2) for stage in plan.stages)
        plans[name] = replace(plan, kept={}, stages=stages)
    return replace(pack, plans=plans)


@cache
def atlases() -> dict[str, Atlas]:
    """Maps of risk as a device may have them: all lists, the first three, none yet."""
    return {"ten": atlas_of(published()), "three": atlas_of(published()[:3]), "none": atlas_of([])}


@dataclass(frozen=True, slots=True)
class Case:
    """What a device is told of one arrival, and what the server answers."""

    pack: str
    atlas: str
    arrival: dict[str, Any]
    orders: list[dict[str, Any]]
    answer: dict[str, Any]


def cases(count: int, seed: int = SEED) -> Iterator[Case]:
    """`count` arrivals; the same ones for the same seed."""
    chance = random.Random(seed)
    names = list(packs())
    for number in range(count):
        yield _case(chance, names[number % len(names)])


def _case(chance: random.Random, name: str) -> Case:
    pack = packs()[name]
    which = chance.choices(("ten", "three", "none"), (12, 2, 1))[0]
    risk = atlases()[which]
    arrived = _moment(chance, pack, FIRST_DAY + timedelta(days=_day(chance)))
    if risk.stamps and chance.random() < 0.1:
        arrived = chance.choice(risk.stamps)
    stays = chance.choices((0, 1, 2, 3, 5), (1, 9, 4, 2, 1))[0]
    told = [_stay(chance, pack, which, arrived) for __ in range(stays)]
    orders = _orders(chance, pack, arrived)
    resident, outside = (chance.choices((True, False, None), (4, 4, 1))[0] for __ in range(2))
    special = chance.sample(SPECIAL, chance.choice((0, 0, 0, 1, 2)))
    if name in ("credited", "waiting") and chance.random() < 0.5:
        special = ["inbound"]
    graded = [Stay(risk.grade(unit, area, since, arrived)[0], since, until, unit, ())
              for unit, area, since, until in told]
    history = History(
        person=UUID(int=1), episode=UUID(int=2), arrived_at=arrived, arrived_account="post-01",
        account="post-01", account_kind="checkpoint", account_since=arrived, resident=resident,
        from_outside_province=outside, destination=None, stays=tuple(graded), specimens=(),
        readings=(), exposures=(), special=frozenset(special), orders=tuple(orders),
        home_confirmed=None, ended_at=None)
    arrival = {
        "arrived_at": moment(arrived), "resident": resident, "from_outside_province": outside,
        "special": special,
        "stays": [{"division": unit, "area": area, "since": moment(since), "until": moment(until)}
                  for unit, area, since, until in told],
    }
    return Case(name, which, arrival, [order_data(one) for one in orders], answer(pack, history))


def answer(pack: Pack, history: History) -> dict[str, Any]:
    """What the server says of this history, in the device's shape."""
    outcome = evaluate(pack, history, history.arrived_at)
    standing = outcome.standing
    return {
        "tiers": [stay.tier for stay in history.stays],
        "decision": _plain(outcome.decision, ("facts",)),
        "standing": _plain(standing, ("evidence",)),
        "sentences": [pack.sentence(standing.reason, standing.params, language)
                      for language in LANGUAGES],
        "words": [pack.word(key, language) for language in LANGUAGES for key in (
            standing.word, f"measure.{outcome.decision.measure}",
            f"transfer.{outcome.decision.transfer}", standing.label or "")],
        "may_turn_back": pack.may_turn_back(outcome.decision.measure),
    }


def _plain(value: Decision | StandingSpec, left_out: tuple[str, ...]) -> dict[str, Any]:
    return {name: _jsonable(said) for name, said in msgspec.structs.asdict(value).items()
            if name not in left_out}


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, UUID):
        return str(value)
    return [_jsonable(one) for one in value] if isinstance(value, tuple) else value


def _day(chance: random.Random) -> int:
    """Mostly the days of the lists; now and then the nights in which clocks change, or far away."""
    if chance.random() < 0.8:
        return chance.randint(0, 16)
    return chance.choice((88, 88, 87, 95, 215, 216, 452, chance.randint(-900, 5000)))


def _moment(chance: random.Random, pack: Pack, day: datetime) -> datetime:
    """Any time of a local day, often near or at midnight, to the millisecond."""
    begin = datetime.combine(day.date(), time(), tzinfo=pack.zone).astimezone(UTC)
    kind = chance.random()
    if kind < 0.2:
        return begin + timedelta(milliseconds=chance.choice((-1, 0, 0, 1)))
    if kind < 0.5:
        return begin + timedelta(minutes=chance.randint(-120, 120))
    return begin + timedelta(milliseconds=chance.randint(0, 86_399_999))


def _stay(
    chance: random.Random, pack: Pack, which: str, arrived: datetime
) -> tuple[str, str | None, datetime, datetime]:
    risk = atlases()[which]
    unit = chance.choice(ELSEWHERE)
    if risk.places and chance.random() < 0.8:
        unit = chance.choice(_units(which))
    local = arrived.astimezone(pack.zone)
    lookback = next((said.lookback_days for said in pack.inputs.values() if said.lookback_days), 7)
    days = chance.choice((0, 1, 3, lookback - 1, lookback, lookback + 1, chance.randint(0, 30)))
    until = min(arrived + timedelta(hours=1), _moment(
        chance, pack, local.replace(tzinfo=None) - timedelta(days=days)))
    since = until - timedelta(hours=chance.choice((0, 5, 24, 24, 72, 168, 500)))
    if any(said.gap_hours_max for said in pack.inputs.values()) and chance.random() < 0.6:
        since, until = _with_gaps(chance, pack, arrived, lookback)
    elif risk.stamps and chance.random() < 0.1:
        since = min(chance.choice(risk.stamps), until)
    return unit, _area(chance, risk, unit), since, until


def _with_gaps(
    chance: random.Random, pack: Pack, arrived: datetime, lookback: int
) -> tuple[datetime, datetime]:
    """A stay that leaves just as much of the look-back open as is allowed, or a little more."""
    begin = midnight(local_date(arrived, pack.zone) - timedelta(days=lookback), pack.zone)
    allowed = timedelta(hours=GAP_HOURS)
    spare = (timedelta(0), timedelta(0), allowed, timedelta(milliseconds=1), timedelta(hours=-3))
    return begin + allowed + chance.choice(spare), arrived - allowed - chance.choice(spare)


@cache
def _units(which: str) -> list[str]:
    """The units of a map; those with many places come more often."""
    places = atlases()[which].places
    return sorted(places) + sorted(unit for unit, listed in places.items() if len(listed) > 5)


def _area(chance: random.Random, risk: Atlas, unit: str) -> str | None:
    places = risk.places.get(unit)
    kind = chance.random()
    if places and kind < 0.5:
        return chance.choice(places).area.key
    if kind < 0.85:
        return NONE_OF_THESE
    return None if kind < 0.92 else f"{unit}/taken off long ago"


def _orders(chance: random.Random, pack: Pack, arrived: datetime) -> list[Order]:
    """Some orders; now and then the next begins just when the one before ends, or ends with it."""
    found: list[Order] = []
    for __ in range(chance.choice((0, 1, 1, 2, 3))):
        order = _order(chance, pack, arrived)
        before = found[-1].until if found else None
        if before is not None and chance.random() < 0.5:
            follows = chance.random() < 0.5
            order = msgspec.structs.replace(
                order, since=before if follows else order.since,
                until=before + timedelta(days=4) if follows else max(before, order.since))
        found.append(order)
    return found


def _order(chance: random.Random, pack: Pack, arrived: datetime) -> Order:
    """Orders that carry the measure, end in it, follow each other, or speak of something else."""
    since = arrived + timedelta(hours=chance.choice((-500, -24, -24, -24, 0, 5, 100)))
    lasts = chance.choice((None, None, 24, 129, 170, 1000))
    until = None if lasts is None else since + timedelta(hours=lasts)
    if until is not None and chance.random() < 0.3:
        until = _moment(chance, pack, until.astimezone(pack.zone).replace(tzinfo=None))
    speaks_of = pack.id if chance.random() < 0.9 else "another"
    return Order(UUID(int=chance.getrandbits(128)), speaks_of, chance.choice(AREAS), "law", since,
                 until)
