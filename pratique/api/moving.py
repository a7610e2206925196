"""Reads about what is on the way: trips, promised places, tubes and bags. Ids and labels only."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from pratique.api.paging import code, day_span, limits, not_found, not_your_unit, unit_of
from pratique.journal.kinds import ROLES
from pratique.kit.access import open_to
from pratique.specimens import queries as specimens
from pratique.specimens.queries import Tube
from pratique.transfer import queries as transfer
from pratique.transfer.queries import Balance, Line, Place, Promised, Trip

router = Router(tags=["on the way"])
LABEL = r"^[^\x00]{1,80}$"


class Trips(Schema):
    items: list[Trip]


@router.get("/trips", response=Trips)
@open_to(*ROLES)
def trips(
    request: HttpRequest, unit: str | None = code(), day: date | None = None,
    limit: int = limits(),
) -> Any:
    """Trips planned or under way; with `day`, all that were on the road on that local day. A
    unit's: those that it drives, sends or receives."""
    wanted = unit_of(request, unit)
    if day is None:
        return {"items": transfer.open_trips(unit=wanted, limit=limit)}
    since, until = day_span(day)
    return {"items": transfer.trips_between(since, until, unit=wanted, limit=limit)}


class TripSeen(Schema):
    """A trip, person by person: on the list, aboard, taken over by whom, and with whom now."""

    trip: Trip
    lines: list[Line]


@router.get("/trips/{trip}", response=TripSeen)
@open_to(*ROLES)
def one_trip(request: HttpRequest, trip: UUID) -> Any:
    """The passenger list beside what the ledger has."""
    found = transfer.trip(trip)
    if found is None:
        raise not_found(trip)
    units = request.actor.units  # type: ignore[attr-defined]
    if units is not None and not units & {found.vehicle, found.origin, found.destination}:
        raise not_your_unit(found.vehicle)
    return {"trip": found, "lines": transfer.trip_balance(trip)}


class TripBalances(Schema):
    """boarded = delivered + elsewhere + with_crew, for each trip."""

    items: list[Balance]


@router.get("/trip-balances", response=TripBalances)
@open_to(*ROLES)
def trip_balances(request: HttpRequest, day: date, unit: str | None = code()) -> Any:
    """The balance of each trip that was to leave on a local day."""
    wanted = unit_of(request, unit)
    since, until = day_span(day)
    rows = transfer.trip_balances(since, until)
    return {"items": [b for b in rows if wanted in (None, b.vehicle, b.origin, b.destination)]}


class Places(Schema):
    """accounts: capacity and what is taken or promised. expected: who is to come to the asker's
    unit."""

    accounts: list[Promised]
    expected: list[Place]


@router.get("/places", response=Places)
@open_to(*ROLES)
def places(request: HttpRequest, unit: str | None = code(), limit: int = limits()) -> Any:
    """Which sites and townships have places, and whom a unit has promised one."""
    wanted = unit_of(request, unit)
    expected = transfer.expected_at(wanted, limit=limit) if wanted else []
    return {"accounts": transfer.places_promised(), "expected": expected}


class Tubes(Schema):
    items: list[Tube]


@router.get("/specimens", response=Tubes)
@open_to(*ROLES)
def tubes(
    request: HttpRequest, tube: str | None = Query(None, pattern=LABEL),
    bag: str | None = Query(None, pattern=LABEL), unbagged_at: str | None = code(),
    limit: int = limits(),
) -> Any:
    """Tubes by label, by bag, or those that a place holds in no bag: whoever has a tube or a bag
    in hand may ask what it is. Without a question the answer is empty."""
    if tube is not None:
        found = specimens.by_tube(tube)
        return {"items": [found] if found else []}
    if bag is not None:
        return {"items": specimens.in_bag(bag, limit=limit)}
    if unbagged_at is not None:
        place = unit_of(request, unbagged_at)
        assert place is not None
        return {"items": specimens.in_no_bag(place, limit=limit)}
    return {"items": []}


@dataclass(frozen=True, slots=True)
class TubeStep:
    """what: a word of code; note: place, bag, plate or result."""

    at: datetime
    what: str
    note: str
    fact: UUID
    by: UUID | None


class TubeSeen(Schema):
    specimen: Tube
    story: list[TubeStep]


@router.get("/specimens/{specimen}", response=TubeSeen)
@open_to(*ROLES)
def one_tube(request: HttpRequest, specimen: UUID) -> Any:
    """A tube and all that happened to it."""
    found = specimens.tubes([specimen]).get(specimen)
    if found is None:
        raise not_found(specimen)
    units = request.actor.units  # type: ignore[attr-defined]
    if units is not None and not units & {found.account, found.place, found.laboratory}:
        raise not_your_unit(found.account)
    return {"specimen": found, "story": [
        TubeStep(step.at, step.what, step.note, step.fact, step.by)
        for step in specimens.story(specimen)]}


class ShortHandover(Schema):
    """A hand-over of tubes that was not accepted whole; missing: (label, urgent, outcome)."""

    handover: UUID
    giver: str
    taker: str
    bag: str | None
    offered_at: datetime
    expires_at: datetime
    offered: int
    accepted: int
    missing: list[tuple[str, bool, str]]


class ShortHandovers(Schema):
    items: list[ShortHandover]


@router.get("/specimens-missing", response=ShortHandovers)
@open_to(*ROLES)
def missing(
    request: HttpRequest, day: date, unit: str | None = code(), limit: int = limits(),
) -> Any:
    """Tubes that a hand-over offered since that local day's beginning did not bring, newest
    first."""
    since, __ = day_span(day)
    return {"items": specimens.missing_by_handover(since, unit_of(request, unit), limit=limit)}
