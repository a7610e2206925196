"""Reads of the ledger, the journal and the registry, scoped to the asker's unit."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime

from pratique.api import queries
from pratique.api.paging import (
    after_key,
    code,
    day_span,
    just_id,
    limits,
    local_day,
    moment_and_id,
    not_found,
    not_your_unit,
    page,
    page_of,
    unit_key,
    unit_of,
    word,
)
from pratique.checkpoint import queries as checkpoint
from pratique.custody import queries as custody
from pratique.custody.queries import Held, Pending
from pratique.journal import log
from pratique.journal import queries as journal
from pratique.journal.kinds import ROLES
from pratique.kit.access import open_to
from pratique.kit.doors import now
from pratique.registry import queries as registry
from pratique.registry import stays
from pratique.registry.queries import Unit
from pratique.registry.risk_lists import TIER_RANK

router = Router(tags=["ledger, journal, registry"])
GAPS_MAX = 200
COUNTS_MAX = 5_000


@dataclass(frozen=True, slots=True)
class AccountDay:
    """opening + came_in - went_out = on_hand, for one account and kind over one local day."""

    account: str
    kind: str
    day: date
    opening: int
    came_in: int
    went_out: int
    on_hand: int


class AccountDays(Schema):
    items: list[AccountDay]


@router.get("/accounts", response=AccountDays)
@open_to(*ROLES)
def accounts(request: HttpRequest, day: date | None = None, unit: str | None = code()) -> Any:
    """Balances of a local day (today by default), by when things happened."""
    account = unit_of(request, unit)
    wanted = day or local_day(now())
    since, until = day_span(wanted)
    return {"items": [
        AccountDay(b.account, b.kind, wanted, b.opening, b.came_in, b.went_out, b.on_hand)
        for b in custody.balances(since, until, account)
    ]}


@router.get("/accounts/{account}/holdings", response=page_of(Held))
@open_to(*ROLES)
def holdings(
    request: HttpRequest, account: str, after: str | None = after_key(), limit: int = limits(),
) -> Any:
    """What an account holds now. `holds_by` goes into the hand-over that gives it on; `pending`
    is the hand-over that awaits an answer, if any."""
    if "\0" in account:
        raise not_found("account")
    wanted = unit_of(request, account)
    assert wanted is not None
    rows = custody.holdings(wanted, after=just_id(after), limit=limit + 1)
    return page(rows, limit, lambda held: held.subject)


@router.get("/handovers", response=page_of(Pending))
@open_to(*ROLES)
def handovers(
    request: HttpRequest, taker: str | None = code(), giver: str | None = code(),
    after: str | None = after_key(), limit: int = limits(),
) -> Any:
    """Offers that await an answer, oldest first; to or from the asker's unit by default both."""
    units = request.actor.units  # type: ignore[attr-defined]
    if units is not None and not units & {taker, giver}:
        if taker or giver:
            raise not_your_unit(taker or giver)
        taker = unit_of(request, None)
    rows = custody.pending(taker=taker, giver=giver, after=just_id(after), limit=limit + 1)
    return page(rows, limit, lambda offer: offer.handover)


class Gaps(Schema):
    """Running numbers of a device that were never heard: [first, last]."""

    device: UUID
    missing: list[tuple[int, int]]


@router.get("/devices/{device}/gaps", response=Gaps)
@open_to(*ROLES)
def gaps(request: HttpRequest, device: UUID) -> Any:
    """Facts that a device made and that have not come."""
    unit = queries.unit_of_device(device)
    if unit is None:
        raise not_found(device)
    unit_of(request, unit)
    holes = journal.gaps([device], limit=GAPS_MAX)
    return {"device": device, "missing": [(gap.first, gap.last) for gap in holes]}


@router.get("/facts/{fact}", response=queries.FactOutcome)
@open_to(*ROLES)
def fact(request: HttpRequest, fact: UUID) -> Any:
    """What became of a fact, later outcomes included, and its place in the log once sealed."""
    found = queries.fact_outcome(fact)
    if found is None:
        raise not_found(fact)
    return {**asdict(found), "log_place": log.places_of([fact]).get(fact)}


@router.get("/parked", response=page_of(queries.Waiting))
@open_to(*ROLES)
def parked(
    request: HttpRequest, unit: str | None = code(), after: str | None = after_key(),
    limit: int = limits(),
) -> Any:
    """Facts that wait for another one, oldest first."""
    rows = queries.parked(unit=unit_of(request, unit), after=moment_and_id(after),
                          limit=limit + 1)
    return page(rows, limit, lambda row: (row.since, row.fact))


@router.get("/quarantine", response=page_of(queries.KeptAside))
@open_to(*ROLES)
def quarantine(
    request: HttpRequest, unit: str | None = code(), after: str | None = after_key(),
    limit: int = limits(),
) -> Any:
    """What was refused and kept aside, oldest first, without its content."""
    rows = queries.quarantined(unit=unit_of(request, unit), after=moment_and_id(after),
                               limit=limit + 1)
    return page(rows, limit, lambda row: (row.recorded_at, row.id))


class Units(Schema):
    items: list[Unit]


@router.get("/units", response=Units)
@open_to(*ROLES)
def units(request: HttpRequest, kind: str | None = word("only of this kind")) -> Any:
    """All units of the county, closed ones included: whom one can hand over to."""
    return {"items": registry.units(kind)}


@dataclass(frozen=True, slots=True)
class Room:
    room: str
    beds: int
    floor: str
    features: list[str]


class Rooms(Schema):
    items: list[Room]


@router.get("/units/{site}/rooms", response=Rooms)
@open_to(*ROLES)
def rooms(request: HttpRequest, site: str) -> Any:
    """The rooms of an isolation site."""
    if "\0" in site:
        raise not_found("unit")
    return {"items": [Room(*row) for row in registry.rooms(site)]}


@dataclass(frozen=True, slots=True)
class ListedPlace:
    """A listed place of a unit (a division or a zone). `key` is what a stay's `area` names."""

    key: str
    tier: str
    text: str
    rest: bool


class RiskAreas(Schema):
    """at: the moment asked about. totals: places in force then, by tier. items: those of the
    division asked for, worst first."""

    at: datetime
    totals: dict[str, int]
    division: str | None
    items: list[ListedPlace]


@router.get("/risk-areas", response=RiskAreas)
@open_to(*ROLES)
def risk_areas(
    request: HttpRequest, at: AwareDatetime | None = None, division: str | None = unit_key(),
) -> Any:
    """The listed places of a division at a moment (now by default): what a gate offers to tick."""
    moment = at or now()
    tiers = stays.unit_at(division, moment) if division else None
    places = [*tiers.places.values(), *filter(None, [tiers.rest])] if tiers else []
    places.sort(key=lambda area: (-TIER_RANK[area.tier], area.key))
    return {"at": moment, "totals": stays.totals_at(moment), "division": division,
            "items": [ListedPlace(a.key, a.tier, a.text, a.is_rest) for a in places]}


@dataclass(frozen=True, slots=True)
class PublishedList:
    stamp: datetime
    fact: UUID
    source: str
    published: dict[str, int | None]
    counted: dict[str, int]


class PublishedLists(Schema):
    items: list[PublishedList]


@router.get("/risk-lists", response=PublishedLists)
@open_to(*ROLES)
def risk_lists(request: HttpRequest) -> Any:
    """The lists known, newest first, with the publisher's totals and what was counted."""
    return {"items": [PublishedList(*row) for row in stays.published_lists()]}


@dataclass(frozen=True, slots=True)
class LaneSeen:
    """One hour of one lane. difference: counted less registered; null until somebody counted."""

    post: str
    lane: str
    hour: datetime
    counted: int | None
    registered: int
    difference: int | None
    source: str
    explained: str
    finding: UUID | None


class Reconciliation(Schema):
    """Independent counts of a local day beside what is registered. differing: counts, heads and
    lanes together, that differ and that nobody has explained."""

    day: date
    heads: list[queries.HeadCount]
    lanes: list[LaneSeen]
    differing: int


@router.get("/reconciliation", response=Reconciliation)
@open_to(*ROLES)
def reconciliation(
    request: HttpRequest, day: date | None = None, unit: str | None = code(),
) -> Any:
    """Head counts against accounts, lane counts against registered vehicles."""
    wanted, account = day or local_day(now()), unit_of(request, unit)
    since, until = day_span(wanted)
    heads = queries.head_counts(since, until, account, COUNTS_MAX)
    lanes = [
        LaneSeen(one.post, one.lane, one.hour, one.counted, one.registered, one.difference,
                 one.source, one.explained, one.finding)
        for one in checkpoint.lane_differences(account, since, until)
    ]
    differing = sum(1 for h in heads if h.counted != h.held and not h.explained)
    differing += sum(1 for lane in lanes if lane.difference and not lane.explained)
    return {"day": wanted, "heads": heads, "lanes": lanes, "differing": differing}
