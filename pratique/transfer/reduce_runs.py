"""Trips depart and arrive. What happened is kept, whether it was right or not; what was wrong
opens findings.

Who is aboard is whom the crew's account holds. The list, the ledger and the places are compared
twice, at departure and at arrival, because an acceptance at the door of the bus may be heard late.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from pratique.custody.ledger import held
from pratique.custody.reduce import known_accounts
from pratique.custody.rules import EXPIRES_WITHIN_HOURS_MAX, OUTSIDE
from pratique.journal.context import Context
from pratique.journal.fact import Fact, Verdict
from pratique.journal.kinds import reduces
from pratique.journal.store import close_findings
from pratique.kit.arrays import moments, texts, uuids
from pratique.registry.merged import humans
from pratique.transfer.reduce_trips import (
    SET_DOWN,
    KnownTrip,
    check_step,
    county_zone,
    known_trips,
    placed_at,
    vehicles_used,
    whole_of,
)
from pratique.transfer.rules import (
    DRIVING_MINUTES_MAX,
    driven_span,
    is_clean,
    minutes_between,
    overlaps_night,
)

MISSING = "passenger_missing"
STRANGER = "passenger_not_on_list"

LISTED = """
SELECT trip, person, listed, boarded_by FROM transfer_passenger WHERE trip = ANY(%b)
ORDER BY trip, person
"""
# Aboard: whom the crew holds by then, and who came aboard by the trip's own hand-overs and had not
# got off again when it left. Last: who is on offer to the crew.
ABOARD = """
WITH asked AS (
    SELECT * FROM unnest(%b::uuid[], %b::text[], %b::timestamptz[], %b::timestamptz[])
    u(trip, vehicle, at, left_at)
)
SELECT a.trip, h.subject, h.entry FROM asked a
JOIN custody_holding h ON h.account = a.vehicle AND h.account <> 'outside' AND h.kind = 'person'
LEFT JOIN custody_entry e ON e.subject = h.subject AND e.fact = h.entry
LEFT JOIN custody_handover o ON o.id = e.handover
WHERE o.trip = a.trip OR h.since <= a.at
UNION
SELECT a.trip, e.subject, e.fact FROM asked a
JOIN custody_handover o ON o.taker = a.vehicle AND o.trip = a.trip
JOIN custody_line l ON l.handover = o.id
JOIN custody_entry e ON e.subject = l.subject AND e.handover = o.id AND e.kind = 'person'
LEFT JOIN custody_entry x ON x.subject = e.subject AND x.previous = e.fact
WHERE x.fact IS NULL OR x.at > a.left_at
UNION ALL
SELECT a.trip, l.subject, NULL FROM asked a
JOIN custody_handover o ON o.taker = a.vehicle AND o.expires_at >= a.left_at - %s
JOIN custody_line l ON l.handover = o.id
JOIN custody_holding h ON h.subject = l.subject AND h.pending = o.id AND h.kind = 'person'
"""
OFFERS_LIVE = timedelta(hours=EXPIRES_WITHIN_HOURS_MAX)
DEPART = """
UPDATE transfer_trip t SET state = 'departed', departed_at = u.at, departed_by = u.fact
FROM unnest(%b::uuid[], %b::uuid[], %b::timestamptz[]) u(trip, fact, at) WHERE t.trip = u.trip
"""
ARRIVE = """
UPDATE transfer_trip t SET state = 'arrived', arrived_at = u.at, arrived_by = u.fact
FROM unnest(%b::uuid[], %b::uuid[], %b::timestamptz[]) u(trip, fact, at) WHERE t.trip = u.trip
"""
BOARD = """
UPDATE transfer_passenger p SET boarded_by = u.entry, open = p.open AND u.entry IS NOT NULL
FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[]) u(trip, person, entry)
WHERE p.trip = u.trip AND p.person = u.person
"""
FOUND = """
INSERT INTO transfer_passenger (trip, person, listed, open, boarded_by, finding)
SELECT trip, person, false, false, entry, finding
FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::uuid[]) u(trip, person, entry, finding)
"""
TAKE_OFF = """
DELETE FROM transfer_passenger p USING unnest(%b::uuid[], %b::uuid[]) u(trip, person)
WHERE p.trip = u.trip AND p.person = u.person
"""


class Manifest:
    """Of some trips: who is listed, who is aboard by which entry, who is on offer to the crew.

    Whoever is listed under one record and rides under another that was merged with it is aboard as
    listed.
    """

    def __init__(self, context: Context, good: Sequence[tuple[Fact, KnownTrip]]) -> None:
        self.listed: dict[UUID, dict[UUID, UUID | None]] = defaultdict(dict)
        self.found: dict[UUID, set[UUID]] = defaultdict(set)
        self.aboard: dict[UUID, dict[UUID, UUID]] = defaultdict(dict)
        self.offered: dict[UUID, set[UUID]] = defaultdict(set)
        context.cursor.execute(LISTED, (uuids(t.trip for __, t in good),))
        for trip, person, is_listed, boarded_by in context.cursor.fetchall():
            if is_listed:
                self.listed[trip][person] = boarded_by
            else:
                self.found[trip].add(person)
        named = {p for some in (*self.listed.values(), *self.found.values()) for p in some}
        context.locks(whole_of(context, named | {p for __, p, __ in self._look(context, good)}))
        # Under the locks nobody boards or alights any more: what is read now is what holds.
        seen = self._look(context, good)
        self.people = humans(context.cursor, named | {person for __, person, __ in seen})
        for trip, person, entry in seen:
            for one in self._as_listed(trip, person):
                if entry is not None:
                    self.aboard[trip][one] = entry  # the latest, where there are several
                else:
                    self.offered[trip].add(one)

    def _as_listed(self, trip: UUID, person: UUID) -> list[UUID]:
        """The ids by which this human being is on the list; who is not is a stranger."""
        return [p for p in self.people.ids(person) if p in self.listed[trip]] or [person]

    def once(self, persons: Iterable[UUID]) -> list[UUID]:
        """One id for each human being of these."""
        return sorted({self.people.root(p): p for p in sorted(persons, reverse=True)}.values())

    @staticmethod
    def _look(context: Context, good: Sequence[tuple[Fact, KnownTrip]]) -> list[tuple]:
        context.cursor.execute(ABOARD, (
            uuids(t.trip for __, t in good), texts(t.vehicle for __, t in good),
            moments(f.at for f, __ in good), moments(t.departed_at or f.at for f, t in good),
            OFFERS_LIVE))
        return sorted(context.cursor.fetchall(), key=lambda row: (row[0], row[1], str(row[2])))

    def strangers(self, trip: UUID) -> list[UUID]:
        """Aboard, not on the list, and not found before."""
        known = {self.people.root(p) for p in (*self.listed[trip], *self.found[trip])}
        return self.once(p for p in self.aboard[trip] if self.people.root(p) not in known)

    def missing(self, trip: UUID) -> list[UUID]:
        """Listed, and neither aboard nor on offer to the crew (whose answer may come late)."""
        return self.once(set(self.listed[trip]) - set(self.aboard[trip]) - self.offered[trip])

    def take_off(self, context: Context, good: Sequence[tuple[Fact, KnownTrip]]) -> None:
        """Take lines off that were made before a merge, of people whom others hold by now.

        Two records of one human being were on two lists; the other trip took them.
        """
        missing = [(t, p) for __, t in good for p in self.missing(t.trip)
                   if len(self.people.ids(p)) > 1]
        if not missing:
            return
        holdings = held(context, [one for __, p in missing for one in self.people.ids(p)])
        gone = []
        for trip, person in missing:
            ids = self.people.ids(person)
            at = {holdings[one].account for one in ids if one in holdings} - {OUTSIDE}
            if at and trip.origin not in at:
                gone += [(trip.trip, one) for one in ids if one in self.listed[trip.trip]]
        for trip_id, person in gone:
            del self.listed[trip_id][person]
        context.cursor.execute(TAKE_OFF, (uuids(t for t, __ in gone), uuids(p for __, p in gone)))


def _steps(
    facts: Sequence[Fact], context: Context, step: str
) -> tuple[list[Verdict], list[tuple[Fact, KnownTrip]]]:
    kinds = known_accounts(context)
    trips = known_trips(context, [f.body.trip for f in facts])
    verdicts = [check_step(f, trips.get(f.body.trip), step, kinds) for f in facts]
    return verdicts, [(f, trips[f.body.trip]) for f, v in zip(facts, verdicts, strict=True)
                      if v is None]


@reduces("transfer.trip_departed")
def depart(facts: list[Fact], context: Context) -> list[Verdict]:
    verdicts, good = _steps(facts, context, "depart")
    if not good:
        return verdicts
    manifest = Manifest(context, good)
    manifest.take_off(context, good)
    placed = placed_at(context, {p for f, __ in good for p in manifest.aboard[f.body.trip]})
    used = vehicles_used(context, [t.vehicle for __, t in good])
    _step(context, DEPART, good)
    for fact, trip in good:
        _find_at_departure(context, fact, trip, manifest, placed)
        if not is_clean(*used[trip.vehicle]):
            context.find(fact, "departed_not_disinfected", "transfer.clean_vehicle",
                         {"vehicle": trip.vehicle, "trip": str(trip.trip)}, subject=trip.trip,
                         owner=trip.planner)
    lines = [(f.body.trip, p, manifest.aboard[f.body.trip].get(p)) for f, __ in good
             for p in manifest.listed[f.body.trip]
             if p in manifest.aboard[f.body.trip] or p not in manifest.offered[f.body.trip]]
    _board(context, lines)
    _find_strangers(context, good, manifest)
    context.happened(f.body.trip for f, __ in good)
    return verdicts


def _step(context: Context, sql: str, good: Sequence[tuple[Fact, KnownTrip]]) -> None:
    context.cursor.execute(sql, (
        uuids(f.body.trip for f, __ in good), uuids(f.id for f, __ in good),
        moments(f.at for f, __ in good)))


def _board(context: Context, lines: Sequence[tuple[UUID, UUID, UUID | None]]) -> None:
    context.cursor.execute(BOARD, (
        uuids(t for t, __, __ in lines), uuids(p for __, p, __ in lines),
        uuids(e for __, __, e in lines)))


def _find_at_departure(
    context: Context, fact: Fact, trip: KnownTrip, manifest: Manifest, placed: dict[UUID, str]
) -> None:
    about = {"trip": str(trip.trip), "vehicle": trip.vehicle}
    since, until = driven_span(trip.depart_at, trip.arrive_at, fact.at, None)
    if overlaps_night(since, until, county_zone()):
        context.find(fact, "departed_at_night", "transfer.no_night",
                     {**about, "at": f"{fact.at:%Y-%m-%dT%H:%M:%SZ}"}, subject=trip.trip,
                     owner=trip.planner)
    for person in manifest.missing(trip.trip):
        context.find(fact, MISSING, "transfer.list", {**about, "origin": trip.origin},
                     subject=person, owner=trip.origin)
    for person in manifest.once(manifest.aboard[trip.trip]):
        if person in manifest.listed[trip.trip] and placed.get(person) != trip.destination:
            context.find(fact, "departed_without_place", "transfer.confirmed_place",
                         {**about, "destination": trip.destination}, subject=person,
                         owner=trip.destination)


def _find_strangers(
    context: Context, good: Sequence[tuple[Fact, KnownTrip]], manifest: Manifest
) -> None:
    rows = []
    for fact, trip in good:
        for person in manifest.strangers(trip.trip):
            finding = context.find(
                fact, STRANGER, "transfer.list",
                {"trip": str(trip.trip), "vehicle": trip.vehicle,
                 "destination": trip.destination}, subject=person, owner=trip.destination)
            rows.append((trip.trip, person, manifest.aboard[trip.trip][person], finding))
    context.cursor.execute(FOUND, (
        uuids(r[0] for r in rows), uuids(r[1] for r in rows), uuids(r[2] for r in rows),
        uuids(r[3] for r in rows)))


@reduces("transfer.trip_arrived")
def arrive(facts: list[Fact], context: Context) -> list[Verdict]:
    """The trip is over. Those not accepted by the destination stay the crew's, in sight."""
    verdicts, good = _steps(facts, context, "arrive")
    if not good:
        return verdicts
    manifest = Manifest(context, good)
    _step(context, ARRIVE, good)
    for fact, trip in good:
        _find_at_arrival(context, fact, trip)
    late = [
        (f, t, p) for f, t in good for p, before in manifest.listed[t.trip].items()
        if before is None and p in manifest.aboard[t.trip]
    ]
    _board(context, [(t.trip, p, manifest.aboard[t.trip][p]) for __, t, p in late])
    context.cursor.execute(SET_DOWN, (uuids(f.body.trip for f, __ in good),))
    _find_strangers(context, good, manifest)
    close_findings(context, [
        (uuid5(t.departed_by, f"{MISSING}:{p}"), f, "boarded_heard_late") for f, t, p in late
        if t.departed_by is not None])
    context.happened(f.body.trip for f, __ in good)
    return verdicts


def _find_at_arrival(context: Context, fact: Fact, trip: KnownTrip) -> None:
    since, until = driven_span(trip.depart_at, trip.arrive_at, trip.departed_at, fact.at)
    planned = driven_span(trip.depart_at, trip.arrive_at, trip.departed_at, None)
    about = {"trip": str(trip.trip), "vehicle": trip.vehicle}
    zone = county_zone()
    if overlaps_night(since, until, zone) and not overlaps_night(*planned, zone):
        context.find(fact, "drove_at_night", "transfer.no_night", about, subject=trip.trip,
                     owner=trip.planner)
    minutes = minutes_between(since, until)
    if minutes > DRIVING_MINUTES_MAX:
        context.find(fact, "drove_too_long", "transfer.driving_hours",
                     {**about, "minutes": minutes, "most": DRIVING_MINUTES_MAX},
                     subject=trip.trip, owner=trip.planner)
