"""The rows of a roll, by what the device's roles need, before anybody's identity is opened.

Every part has its limit; `left_out` says of each how many rows there are beyond it, of offers,
trips and duties "at least one".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pratique.checkpoint import queries as checkpoint
from pratique.checkpoint.queries_held import latest_stops
from pratique.custody import queries as custody
from pratique.desks import holding, times
from pratique.duties import queries as duties
from pratique.isolation import queries as isolation
from pratique.pathway import queries as pathway
from pratique.registry import queries as registry
from pratique.specimens import queries as specimens
from pratique.standing import queries as standing
from pratique.transfer import queries as transfer

ROLL_PERSONS_MAX = 5_000
ROLL_VEHICLES_MAX = 2_000
ROLL_SPECIMENS_MAX = 5_000
ROLL_OFFERS_MAX = 500
ROLL_TRIPS_MAX = 200
ROLL_TRIP_HANDOVERS_MAX = 1_000
ROLL_DUTIES_MAX = 5_000
ROLL_AWAITED_MAX = 500
DUTIES_AHEAD = timedelta(hours=72)  # as long as a device is to do without a network
OFFERS_LIVE = timedelta(hours=48)  # custody's limit of an offer
ROUNDS_BACK_DAYS = 1
# The least that each role's work needs. Whoever is in none gets counts, offers and news.
NAMES = frozenset({"gate_officer", "sampler", "crew", "site_head", "township_clerk"})
TUBES = frozenset({"gate_officer", "sampler", "courier", "laboratory"})
SWABS = frozenset({"gate_officer", "sampler"})  # whose tube it is, is theirs to know
TRIPS = frozenset({"gate_officer", "crew", "dispatcher", "site_head", "township_clerk"})
ALL_TRIPS = frozenset({"dispatcher"})  # plans and sees off every trip of the county
ROUNDS = frozenset({"site_head", "township_clerk"})
ROOMS = frozenset({"site_head"})
DOORS = frozenset({"township_clerk"})
PLACES = frozenset({"site_head", "township_clerk"})
PARTS = ("persons", "vehicles", "specimens", "offers", "trips", "rooms", "rounds", "duties",
         "awaited")


@dataclass
class Rows:
    """parts: rows by part; people: whose identities the parts need."""

    parts: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {part: [] for part in PARTS})
    counts: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    people: set[UUID] = field(default_factory=set)

    def keep(self, part: str, rows: list[dict[str, Any]], most: int) -> None:
        """Rows of a part, so many at most, and whether there are others."""
        self.parts[part] = rows[:most]
        if len(rows) > most:
            self.left_out[part] = len(rows) - most


def rows_of(
    unit: registry.Unit, roles: Iterable[str], units: Sequence[registry.Unit], now: datetime
) -> Rows:
    """What a device with these roles needs of what `unit` holds and awaits."""
    has, rows = frozenset(roles), Rows()
    most = {"person": ROLL_PERSONS_MAX if has & NAMES else 0,
            "vehicle": ROLL_VEHICLES_MAX if has & NAMES else 0,
            "specimen": ROLL_SPECIMENS_MAX if has & TUBES else 0}
    held, rows.counts = custody.held_of_kinds(unit.code, most)
    of_kind = {kind: [h for h in held if h.kind == kind] for kind in most}
    owed = duties.open_duties(now, unit=unit.code, opens_before=now + DUTIES_AHEAD,
                              limit=ROLL_DUTIES_MAX + 1)
    _duties(rows, owed, has)
    offers = _pending(rows, unit.code)
    _things(rows, of_kind, offers, has)
    if has & NAMES:
        _persons(rows, of_kind["person"], owed, now)
        rows.left_out |= _beyond(rows.counts, "person", "persons", ROLL_PERSONS_MAX)
        rows.left_out |= _beyond(rows.counts, "vehicle", "vehicles", ROLL_VEHICLES_MAX)
    if has & TUBES:
        rows.left_out |= _beyond(rows.counts, "specimen", "specimens", ROLL_SPECIMENS_MAX)
    if has & TRIPS:
        of_unit = None if has & ALL_TRIPS else unit.code
        _trips(rows, of_unit, {u.code: u.plate for u in units})
    if has & ROUNDS:
        _rounds(rows, unit.code, now)
    if has & ROOMS and unit.kind == "isolation_site":
        rows.parts["rooms"] = [_room(room) for room in isolation.site_picture(unit.code)]
    if has & PLACES:
        _awaited(rows, unit, now)
    return rows


def _beyond(counts: dict[str, int], kind: str, part: str, most: int) -> dict[str, int]:
    beyond = counts.get(kind, 0) - most
    return {part: beyond} if beyond > 0 else {}


# ── persons ──────────────────────────────────────────────────────────────────────────────────────
def _persons(
    rows: Rows, held: Sequence[custody.Held], owed: Sequence[duties.Owed], now: datetime
) -> None:
    """Who is here, each with what a screen says of them."""
    people = [h.subject for h in held]
    rows.people |= set(people)
    episodes = checkpoint.episodes(people)
    codes = standing.codes_of(people, now)
    decided = pathway.decisions_of(people)
    stays = isolation.current_stays(people)
    slips = standing.link_hashes(people)
    roots = registry.roots_of({*people, *(duty.person for duty in owed)})
    tests = _first_tests(owed, roots)
    found = []
    for one in held:
        who = one.subject
        stay, decision = stays.get(who), decided.get(who)
        found.append({
            **_held(one), **_episode(episodes.get(who)), "room": stay.room if stay else None,
            "measure": decision.measure if decision else None,
            "until": decision.ends_at if decision else None,
            "standing": _standing(codes.get(who), now), "slip": slips.get(who),
            "owes": tests.get(roots.get(who, who)),
        })
    rows.parts["persons"] = found


def _episode(one: checkpoint.Episode | None) -> dict[str, Any]:
    if one is None or one.ended_at is not None:
        return {"episode": None, "vehicle": None, "destination": None, "arrived_at": None}
    return {"episode": one.id, "vehicle": one.vehicle, "destination": one.destination,
            "arrived_at": one.arrived_at}


def _standing(code: standing.Code | None, now: datetime) -> dict[str, Any] | None:
    """The code by the pack's own keys; the device has the pack's words, in its languages."""
    if code is None:
        return None
    return {"pack": code.pack, "colour": code.colour, "word": code.word, "shape": code.shape,
            "label": code.label_at(now), "reason": code.reason, "params": code.params,
            "since": code.since, "until": code.until, "lapsed": code.lapsed}


def _first_tests(
    owed: Sequence[duties.Owed], roots: dict[UUID, UUID]
) -> dict[UUID, dict[str, Any]]:
    """The test that is due first of each human being, by the record under which they go on."""
    found: dict[UUID, dict[str, Any]] = {}
    for duty in owed:
        if duty.kind in duties.OWED_TESTS:
            found.setdefault(roots.get(duty.person, duty.person), {
                "duty": duty.id, "purpose": duties.purpose_of(duty), "opens_at": duty.opens_at,
                "due_at": duty.due_at})
    return found


# ── vehicles, tubes, offers ──────────────────────────────────────────────────────────────────────
def _pending(rows: Rows, unit: str) -> list[custody.Pending]:
    """Offers that await the unit's answer, then those of its own that others have not answered."""
    asked = custody.pending(taker=unit, limit=ROLL_OFFERS_MAX + 1)
    made = custody.pending(giver=unit, limit=ROLL_OFFERS_MAX + 1)
    if max(len(asked), len(made)) > ROLL_OFFERS_MAX:
        rows.left_out["offers"] = 1
    return [*asked[:ROLL_OFFERS_MAX], *made[:ROLL_OFFERS_MAX]]


def _things(
    rows: Rows, held: dict[str, list[custody.Held]], offers: Sequence[custody.Pending],
    has: frozenset[str],
) -> None:
    """Vehicles, tubes and offers; plates and labels of all of them are asked for together."""
    lines = custody.whereabouts([s for offer in offers for s in offer.subjects])
    every = [*held["vehicle"], *held["specimen"], *lines.values()]
    stops = latest_stops(h.subject for h in every if h.kind == "vehicle")
    tubes = specimens.carried(h.subject for h in every if h.kind == "specimen")
    rows.parts["vehicles"] = [_vehicle(h, stops.get(h.subject)) for h in held["vehicle"]]
    rows.parts["specimens"] = [
        _specimen(h, tubes.get(h.subject), has) for h in held["specimen"]]
    labels: dict[UUID, str | None] = {}
    if has & NAMES:
        labels |= {v: stop.plate for v, stop in stops.items()}
        rows.people |= {h.subject for h in lines.values() if h.kind == "person"}
    if has & TUBES:
        labels |= {s: tube.tube for s, tube in tubes.items()}
    rows.parts["offers"] = [_offer(offer, lines, labels) for offer in offers]


def _held(one: custody.Held) -> dict[str, Any]:
    return {"id": one.subject, "holds_by": one.holds_by, "pending": one.pending,
            "since": one.since}


def _vehicle(held: custody.Held, stop: Any) -> dict[str, Any]:
    told: dict[str, Any] = _held(held) | {"plate": None, "persons": []}
    if stop is None:
        return told
    return told | {
        "plate": stop.plate, "trailer_plate": stop.trailer_plate, "post": stop.post,
        "lane": stop.lane, "conveyance": stop.conveyance, "occupants": stop.occupants,
        "seats": stop.seats, "boot_checked": stop.boot_checked, "at": stop.at,
        "persons": stop.persons}


def _specimen(
    held: custody.Held, tube: specimens.Carried | None, has: frozenset[str]
) -> dict[str, Any]:
    told: dict[str, Any] = _held(held) | {"tube": None}
    if tube is None:
        return told
    told |= {"tube": tube.tube, "urgent": tube.urgent, "bag": tube.bag, "purpose": tube.purpose,
             "collected_at": tube.collected_at}
    return told | {"person": tube.person} if has & SWABS else told


def _offer(
    offer: custody.Pending, lines: dict[UUID, custody.Held], labels: dict[UUID, str | None]
) -> dict[str, Any]:
    return {
        "id": offer.handover, "giver": offer.giver, "taker": offer.taker, "trip": offer.trip,
        "bag": offer.bag, "offered_at": offer.offered_at, "expires_at": offer.expires_at,
        "lines": [{"subject": s, "kind": lines[s].kind, "holds_by": lines[s].holds_by,
                   "label": labels.get(s)} for s in offer.subjects if s in lines]}


# ── trips, rounds, rooms, duties ─────────────────────────────────────────────────────────────────
def _trips(rows: Rows, unit: str | None, plates: dict[str, str | None]) -> None:
    """Trips planned or under way that the unit drives, sends or receives; None: everybody's."""
    trips = transfer.open_trips(unit=unit, limit=ROLL_TRIPS_MAX + 1)
    if not trips:
        return
    ids = [trip.trip for trip in trips]
    passengers = transfer.passengers_of(ids)
    takers = sorted({code for trip in trips for code in (trip.vehicle, trip.destination)})
    earliest = min(trip.depart_at for trip in trips) - OFFERS_LIVE
    handovers: dict[UUID, list[dict[str, Any]]] = {}
    for one in custody.of_trips(ids, takers, earliest, ROLL_TRIP_HANDOVERS_MAX):
        handovers.setdefault(one.trip, []).append({
            "id": one.handover, "giver": one.giver, "taker": one.taker,
            "expires_at": one.expires_at, "lines": one.lines, "waiting": one.waiting})
    rows.people |= {person for listed in passengers.values() for person, _aboard in listed}
    rows.keep("trips", [{
        "id": trip.trip, "vehicle": trip.vehicle, "plate": plates.get(trip.vehicle),
        "origin": trip.origin, "destination": trip.destination, "depart_at": trip.depart_at,
        "arrive_at": trip.arrive_at, "departed_at": trip.departed_at, "state": trip.state,
        "passengers": [{"person": person, "boarded": boarded}
                       for person, boarded in passengers.get(trip.trip, ())],
        "handovers": handovers.get(trip.trip, [])} for trip in trips], ROLL_TRIPS_MAX)


def _rounds(rows: Rows, unit: str, now: datetime) -> None:
    """The rounds of today and yesterday, by the county's days: who has answered."""
    first = times.local(now).date() - timedelta(days=ROUNDS_BACK_DAYS)
    rows.parts["rounds"] = [
        {"day": day.isoformat(), "slot": slot, "answered": answered}
        for (day, slot), answered in isolation.rounds_since(unit, first).items()]


def _room(room: isolation.RoomRow) -> dict[str, Any]:
    return {"room": room.room, "floor": room.floor, "beds": room.beds,
            "persons": [one.person for one in room.sleepers]}


def _awaited(rows: Rows, unit: registry.Unit, now: datetime) -> None:
    """Who may come: first those who wait for a place of this kind, then those who have one here.

    A site is asked for anybody whose measure is kept at a site; a township for its own alone.
    """
    if unit.kind == "isolation_site":
        asked = holding.needing_place(now, unit.kind)
    else:
        asked = holding.homes_to_see(unit.code, now)
    coming = transfer.expected_at(unit.code, limit=ROLL_AWAITED_MAX + 1)
    due = {duty.person: duty.due_at for duty in asked}
    placed = {place.person: place for place in coming}
    everybody = [*due, *(person for person in placed if person not in due)]
    where = custody.whereabouts(everybody)
    rows.keep("awaited", [{
        "person": person, "at": where[person].account if person in where else None,
        "due_at": due.get(person), "room": place.room if (place := placed.get(person)) else None,
        "place_at": place.confirmed_at if place else None} for person in everybody],
        ROLL_AWAITED_MAX)
    rows.people |= {row["person"] for row in rows.parts["awaited"]}


def _duties(rows: Rows, owed: Sequence[duties.Owed], has: frozenset[str]) -> None:
    """What the unit owes now and in the next days; whose it is, for those who know people."""
    found = []
    for duty in owed:
        told = {"id": duty.id, "kind": duty.kind, "key": duty.key, "opens_at": duty.opens_at,
                "due_at": duty.due_at}
        found.append(told | {"person": duty.person} if has & NAMES else told)
    rows.keep("duties", found, ROLL_DUTIES_MAX)
