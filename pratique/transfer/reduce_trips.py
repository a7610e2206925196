"""Trips are planned and cancelled. A plan that breaks a safety rule is refused (law 9)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from pratique.custody.reduce import known_accounts, not_your_account
from pratique.journal.context import Context
from pratique.journal.fact import Disputed, Fact, Parked, Quarantined, Verdict
from pratique.journal.kinds import reduces
from pratique.kit.arrays import bigints, documents, moments, texts, uuids
from pratique.registry.merged import HUMAN, Humans, humans
from pratique.transfer.queries import PLACE_STANDS
from pratique.transfer.rules import (
    TRIP_STATES,
    Booked,
    Known,
    check_form,
    check_plan,
    driven_span,
    refusal,
)

DRIVEN_BEFORE_HOURS = 24
_encode = msgspec.json.Encoder().encode

TRIPS = """
SELECT trip, state, vehicle, origin, destination, coalesce(planner, origin), depart_at, arrive_at,
       departed_at, departed_by
FROM transfer_trip WHERE trip = ANY(%b)
"""
SEATS = "SELECT code, capacity FROM custody_account WHERE code = ANY(%b)"
BOOKED = """
SELECT trip, vehicle, driver, depart_at, arrive_at, departed_at, arrived_at FROM transfer_trip
WHERE state <> 'cancelled' AND (vehicle = ANY(%b) OR driver = ANY(%b))
  AND (state IN ('planned', 'departed') OR arrive_at >= %b)
"""
# When the vehicle's last trip with people ended (NULL: it has not); when it was last made clean.
USED = """
SELECT u.vehicle, t.state, t.arrived_at,
       (SELECT max(d.at) FROM transfer_disinfection d WHERE d.vehicle = u.vehicle)
FROM unnest(%b::text[]) u(vehicle) LEFT JOIN LATERAL (
    SELECT state, arrived_at FROM transfer_trip t
    WHERE t.vehicle = u.vehicle AND t.state IN ('departed', 'arrived')
    ORDER BY t.state = 'departed' DESC, t.arrived_at DESC LIMIT 1) t ON true
"""
PLACED = f"{HUMAN} SELECT w.person, p.account FROM whole w " \
         f"JOIN transfer_place p ON p.person = w.one WHERE {PLACE_STANDS}"
RIDING = f"{HUMAN} SELECT w.root, p.trip FROM whole w " \
         "JOIN transfer_passenger p ON p.person = w.one AND p.open ORDER BY w.root, p.trip"
PLAN = """
INSERT INTO transfer_trip (trip, planned_by, planner, vehicle, driver, crew, origin, destination,
                           depart_at, arrive_at, driving_minutes_before, state, cancel_reason)
SELECT trip, planned_by, planner, vehicle, driver,
       ARRAY(SELECT c.id::uuid FROM jsonb_array_elements_text(crew::jsonb) WITH ORDINALITY
             AS c(id, place) ORDER BY c.place),
       origin, destination, depart_at, arrive_at, before, 'planned', ''
FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::uuid[], %b::text[], %b::text[],
            %b::text[], %b::timestamptz[], %b::timestamptz[], %b::bigint[])
     u(trip, planned_by, planner, vehicle, driver, crew, origin, destination, depart_at, arrive_at,
       before)
"""
LIST = """
INSERT INTO transfer_passenger (trip, person, listed, open)
SELECT trip, person, true, true FROM unnest(%b::uuid[], %b::uuid[]) u(trip, person)
"""
CANCEL = """
UPDATE transfer_trip t SET state = 'cancelled', cancelled_at = u.at, cancelled_by = u.fact,
    cancel_reason = u.reason
FROM unnest(%b::uuid[], %b::uuid[], %b::timestamptz[], %b::text[]) u(trip, fact, at, reason)
WHERE t.trip = u.trip
"""
SET_DOWN = "UPDATE transfer_passenger SET open = false WHERE open AND trip = ANY(%b)"


def county_zone() -> ZoneInfo:
    """The county's zone, for the rules that speak of its nights."""
    return ZoneInfo(settings.COUNTY_ZONE)


@dataclass(frozen=True, slots=True)
class KnownTrip:
    trip: UUID
    state: str
    vehicle: str
    origin: str
    destination: str
    planner: str
    depart_at: datetime
    arrive_at: datetime
    departed_at: datetime | None
    departed_by: UUID | None


def known_trips(context: Context, trips: Iterable[UUID]) -> dict[UUID, KnownTrip]:
    context.cursor.execute(TRIPS, (uuids(trips),))
    return {row[0]: KnownTrip(*row) for row in context.cursor.fetchall()}


def vehicles_used(
    context: Context, vehicles: Iterable[str]
) -> dict[str, tuple[bool, datetime | None, datetime | None]]:
    """vehicle -> (under way, last trip's end, last disinfection)."""
    context.cursor.execute(USED, (texts(vehicles),))
    return {vehicle: (state == "departed", arrived_at, clean)
            for vehicle, state, arrived_at, clean in context.cursor.fetchall()}


def whole_of(context: Context, persons: Iterable[UUID]) -> set[UUID]:
    """These ids, and all that were merged with them: what must be locked to compare them."""
    asked = set(persons)
    return asked | humans(context.cursor, asked).everybody


def placed_at(context: Context, persons: Iterable[UUID]) -> dict[UUID, str]:
    """Where each person has a confirmed place, by whatever id; those without are not there."""
    context.cursor.execute(PLACED, (uuids(persons),))
    return dict(context.cursor.fetchall())


@dataclass
class Roads:
    """What is known of vehicles, drivers and passengers, as far as this call has got.

    riding: by the id under which a passenger goes on.
    """

    people: Humans
    seats: dict[str, int | None]
    used: dict[str, tuple[bool, datetime | None, datetime | None]]
    placed: dict[UUID, str]
    riding: dict[UUID, UUID]
    booked: list[Booked] = field(default_factory=list)
    driven: dict[UUID, list[tuple[datetime, datetime]]] = field(
        default_factory=lambda: defaultdict(list))

    def known(self, fact: Fact, kinds: dict[str, str]) -> Known:
        body, driver = fact.body, fact.body.crew[0]
        under_way, used_until, clean_since = self.used[body.vehicle]
        roots = {p: self.people.root(p) for p in body.passengers}
        return Known(
            kinds, self.seats.get(body.vehicle), self.booked, self.driven[driver], under_way,
            used_until, clean_since,
            frozenset(p for p in body.passengers if self.placed.get(p) == body.destination),
            {p: self.riding[root] for p, root in roots.items() if root in self.riding}, roots)

    def add(self, fact: Fact) -> None:
        """A trip of this call counts for those after it."""
        body = fact.body
        self.booked.append(Booked(body.trip, body.vehicle, body.crew[0], body.depart_at,
                                  body.arrive_at))
        self.driven[body.crew[0]].append((body.depart_at, body.arrive_at))
        self.riding.update((self.people.root(p), body.trip) for p in body.passengers)


@reduces("transfer.trip_planned")
def plan_trips(facts: list[Fact], context: Context) -> list[Verdict]:
    kinds = known_accounts(context)
    verdicts: list[Verdict] = [check_form(f.body, kinds, f.place) for f in facts]
    formed = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not formed:
        return verdicts
    # The drivers and passengers are no subjects of a plan, but it counts on what holds of them.
    passengers = {p for f in formed for p in f.body.passengers}
    context.locks({*whole_of(context, passengers), *(f.body.crew[0] for f in formed)})
    there = known_trips(context, [f.body.trip for f in formed])
    roads = _roads(context, formed)
    zone = county_zone()
    good = []
    for position, fact in enumerate(facts):
        if verdicts[position] is not None:
            continue
        verdicts[position] = _check(fact, there, roads, kinds, zone)
        if verdicts[position] is None:
            roads.add(fact)
            good.append(fact)
    if good:
        _write_plans(context, good)
        context.happened(f.body.trip for f in good)
    return verdicts


def _check(
    fact: Fact, there: dict[UUID, KnownTrip], roads: Roads, kinds: dict[str, str], zone: ZoneInfo
) -> Verdict:
    if fact.body.trip in there:
        return Disputed("trip_planned_already", _("This trip has been planned already."),
                        "transfer.once", {"trip": str(fact.body.trip)})
    broken = check_plan(fact.body, roads.known(fact, kinds), zone)
    return refusal(broken) if broken else None


def _roads(context: Context, facts: Sequence[Fact]) -> Roads:
    vehicles = list({f.body.vehicle for f in facts})
    persons = list({p for f in facts for p in f.body.passengers})
    cursor = context.cursor
    cursor.execute(SEATS, (texts(vehicles),))
    seats: dict[str, int | None] = dict(cursor.fetchall())
    used, placed = vehicles_used(context, vehicles), placed_at(context, persons)
    cursor.execute(RIDING, (uuids(persons),))
    riding: dict[UUID, UUID] = dict(cursor.fetchall())
    roads = Roads(humans(cursor, persons), seats, used, placed, riding)
    since = min(f.body.depart_at for f in facts) - timedelta(hours=DRIVEN_BEFORE_HOURS)
    cursor.execute(BOOKED, (texts(vehicles), uuids({f.body.crew[0] for f in facts}), since))
    for trip, vehicle, driver, depart_at, arrive_at, departed_at, arrived_at in cursor.fetchall():
        since, until = driven_span(depart_at, arrive_at, departed_at, arrived_at)
        roads.driven[driver].append((since, until))
        if arrived_at is None:  # its planned hours stay taken, and those that it really takes
            roads.booked.append(Booked(
                trip, vehicle, driver, min(since, depart_at), max(until, arrive_at)))
    return roads


def _write_plans(context: Context, facts: Sequence[Fact]) -> None:
    bodies = [f.body for f in facts]
    context.cursor.execute(PLAN, (
        uuids(b.trip for b in bodies), uuids(f.id for f in facts), texts(f.place for f in facts),
        texts(b.vehicle for b in bodies), uuids(b.crew[0] for b in bodies),
        documents(_encode(b.crew) for b in bodies), texts(b.origin for b in bodies),
        texts(b.destination for b in bodies), moments(b.depart_at for b in bodies),
        moments(b.arrive_at for b in bodies), bigints(b.driving_minutes_before for b in bodies)))
    lines = [(b.trip, p) for b in bodies for p in b.passengers]
    context.cursor.execute(LIST, (uuids(t for t, __ in lines), uuids(p for __, p in lines)))


def check_step(fact: Fact, trip: KnownTrip | None, step: str, kinds: dict[str, str]) -> Verdict:
    """Whether a trip may take this step of TRIP_STATES now; facts heard too early wait for it."""
    body = fact.body
    if kinds.get(fact.place or "") == "crew" and fact.place != body.vehicle:
        return not_your_account(fact, body.vehicle)
    if trip is None:
        return Parked(on=body.trip, code="trip_not_heard", rule="transfer.once")
    if trip.vehicle != body.vehicle:
        return Quarantined("other_vehicle", _("That trip is driven by “%(vehicle)s”."),
                           "transfer.once", {"vehicle": trip.vehicle})
    ways = TRIP_STATES[trip.state]
    if step in ways:
        return None
    if step == "arrive" and "depart" in ways:
        return Parked(on=body.trip, code="departure_not_heard", rule="transfer.once")
    return Disputed(f"trip_{trip.state}", _("This trip is %(state)s already. Nothing was changed."),
                    "transfer.once", {"state": trip.state, "trip": str(trip.trip)},
                    owner=trip.planner)


@reduces("transfer.trip_cancelled")
def cancel_trips(facts: list[Fact], context: Context) -> list[Verdict]:
    kinds = known_accounts(context)
    trips = known_trips(context, [f.body.trip for f in facts])
    verdicts = [
        check_step(f, trips.get(f.body.trip), "cancel", kinds) or _check_reason(f) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if good:
        context.cursor.execute(CANCEL, (
            uuids(f.body.trip for f in good), uuids(f.id for f in good),
            moments(f.at for f in good), texts(f.body.reason for f in good)))
        context.cursor.execute(SET_DOWN, (uuids(f.body.trip for f in good),))
        context.happened(f.body.trip for f in good)
    return verdicts


def _check_reason(fact: Fact) -> Verdict:
    if fact.body.reason.strip():
        return None
    return Quarantined("reason_missing", _("Cancelling a trip needs its reason."),
                       "transfer.cancel")
