"""Reads of transfer, and its laws for `prove`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from django.conf import settings

from pratique.journal.prove import Law
from pratique.kit.arrays import Array, uuids
from pratique.kit.sql import ask, reading
from pratique.registry.merged import HUMAN, same_as, under_root
from pratique.transfer.rules import DRIVING_MINUTES_MAX, NIGHT_FROM, NIGHT_UNTIL, is_clean

PAGE_ROWS_MAX = 200

# ── places ───────────────────────────────────────────────────────────────────────────────────────
# A confirmation is for one stay in the loop: when the person has left it since, it is stale. A
# merge makes nobody leave. Of a human being with several records, what was said of each counts as
# if it had been said of one (rules.standing_place).
_LEFT = """SELECT FROM custody_entry gone WHERE gone.subject = {id} AND gone.taker = 'outside'
    AND gone.why <> 'merge' AND gone.at > p.at"""
PLACE_STANDS = f"""p.current AND NOT EXISTS ({_LEFT.format(id="p.person")})
AND NOT EXISTS (
    SELECT FROM unnest({same_as("p.person")}) other(id) WHERE other.id <> p.person AND (
        EXISTS ({_LEFT.format(id="other.id")})
        OR EXISTS (SELECT FROM transfer_place o WHERE o.person = other.id AND (
            o.home_fit IS DISTINCT FROM false AND (o.at, o.fact) > (p.at, p.fact)
            OR o.account = p.account AND (o.cancelled_at >= p.at
                OR o.home_fit = false AND (o.at, o.fact) > (p.at, p.fact))))))"""
NOT_THERE = f"""NOT EXISTS (SELECT FROM custody_holding h
    WHERE h.subject = ANY({same_as("p.person")}) AND h.account = p.account)"""
# The id by which a human being is held in the loop now, or under which they go on.
_HELD_AS = f"""coalesce((SELECT h.subject FROM custody_holding h
    WHERE h.subject = ANY({same_as("p.person")}) AND h.account <> 'outside'
    ORDER BY h.since DESC, h.subject LIMIT 1), {under_root("p.person")})"""


@dataclass(frozen=True, slots=True)
class Place:
    """A place said for a person. home_fit False: the home is not fit, so it is no place."""

    person: UUID
    account: str
    room: str | None
    home_fit: bool | None
    fact: UUID
    confirmed_at: datetime


_SAID = "p.account, p.room, p.home_fit, p.fact, p.at"
PLACES = f"""
{HUMAN}
SELECT DISTINCT ON (w.person) w.person, {_SAID}
FROM whole w JOIN transfer_place p ON p.person = w.one
WHERE ({PLACE_STANDS}) OR (p.home_fit = false AND p.cancelled_by IS NULL)
ORDER BY w.person, p.current DESC, p.at DESC, p.fact DESC
"""
HOMES = f"""
{HUMAN}
SELECT DISTINCT ON (w.person) w.person, p.person, {_SAID}
FROM whole w JOIN transfer_place p ON p.person = w.one
WHERE p.home_fit IS NOT NULL AND p.cancelled_by IS NULL
ORDER BY w.person, p.at DESC, p.fact DESC
"""


def confirmed_places(cursor: psycopg.Cursor, persons: Iterable[UUID]) -> dict[UUID, Place]:
    """The confirmed place of each person; for one who has none, the latest "not fit", if any.

    Look at `home_fit`: False is an answer, and no place. What was said of a record that was merged
    counts; `person` is as asked.
    """
    cursor.execute(PLACES, (uuids(persons),))
    return {row[0]: Place(*row) for row in cursor.fetchall()}


def ask_home_answers(
    cursor: psycopg.Cursor, persons: Array
) -> Callable[[], dict[UUID, Place]]:
    """The latest answer about each person's home, fit or not, whatever place stands now.

    Sent now; what comes back answers when it is called.
    """
    asked = ask(cursor, HOMES, (persons,))
    return lambda: {row[0]: Place(*row[1:]) for row in asked.fetchall()}


def places(persons: Iterable[UUID]) -> dict[UUID, Place]:
    """`confirmed_places` for a door."""
    with reading() as cursor:
        return confirmed_places(cursor, persons)


def expected_at(account: str, limit: int = PAGE_ROWS_MAX) -> list[Place]:
    """Persons with a confirmed place at this account whom it does not hold yet, by time.

    Everybody once: `person` is the id by which they are held now, or under which they go on.
    """
    with reading() as cursor:
        cursor.execute(
            f"SELECT {_HELD_AS}, {_SAID} FROM transfer_place p WHERE p.account = %s "
            f"AND {PLACE_STANDS} AND {NOT_THERE} ORDER BY p.at, p.fact LIMIT %s",
            (account, limit))
        return [Place(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Promised:
    """An account's places: `free` is what is neither taken nor promised; None = no limit."""

    account: str
    capacity: int | None
    on_hand: int
    promised: int

    @property
    def free(self) -> int | None:
        return None if self.capacity is None else self.capacity - self.on_hand - self.promised


def places_promised() -> list[Promised]:
    """For each site and township: capacity, persons on hand, persons promised a place."""
    with reading() as cursor:
        cursor.execute(
            "SELECT a.code, a.capacity, count(h.subject), coalesce(max(w.promised), 0) "
            "FROM custody_account a LEFT JOIN custody_holding h ON h.account = a.code "
            "AND h.account <> 'outside' AND h.kind = 'person' "
            "LEFT JOIN (SELECT p.account, count(*) AS promised FROM transfer_place p "
            f"WHERE {PLACE_STANDS} AND {NOT_THERE} GROUP BY 1) w "
            "ON w.account = a.code WHERE a.kind IN ('isolation_site', 'community') "
            "GROUP BY a.code, a.capacity ORDER BY a.code")
        return [Promised(*row) for row in cursor.fetchall()]


# ── trips ────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Trip:
    """A trip. passengers: how many people are on its list, each once."""

    trip: UUID
    vehicle: str
    driver: UUID
    crew: list[UUID]
    origin: str
    destination: str
    depart_at: datetime
    arrive_at: datetime
    state: str
    departed_at: datetime | None
    arrived_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str
    planner: str | None
    passengers: int


_TRIP = f"""
SELECT t.trip, t.vehicle, t.driver, t.crew, t.origin, t.destination, t.depart_at, t.arrive_at,
       t.state, t.departed_at, t.arrived_at, t.cancelled_at, t.cancel_reason, t.planner,
       (SELECT count(DISTINCT {under_root("p.person")}) FROM transfer_passenger p
        WHERE p.trip = t.trip AND p.listed)
FROM transfer_trip t
"""


def trip(trip_id: UUID) -> Trip | None:
    with reading() as cursor:
        cursor.execute(f"{_TRIP} WHERE t.trip = %s", (trip_id,))
        row = cursor.fetchone()
    return Trip(*row) if row else None


def trips_between(
    since: datetime, until: datetime, *, unit: str | None = None, limit: int = PAGE_ROWS_MAX
) -> list[Trip]:
    """Trips on the road in [since, until) by plan or in fact, by vehicle and time.

    unit: only those that it drives, sends or receives.
    """
    with reading() as cursor:
        cursor.execute(
            f"{_TRIP} WHERE least(t.depart_at, t.departed_at) < %s "
            "AND greatest(t.arrive_at, t.arrived_at) >= %s AND (%s::text IS NULL "
            "OR %s IN (t.vehicle, t.origin, t.destination)) "
            "ORDER BY t.vehicle, t.depart_at, t.trip LIMIT %s", (until, since, unit, unit, limit))
        return [Trip(*row) for row in cursor.fetchall()]


def open_trips(*, unit: str | None = None, limit: int = PAGE_ROWS_MAX) -> list[Trip]:
    """Trips planned or under way, by departure; of one unit if named."""
    with reading() as cursor:
        cursor.execute(
            f"{_TRIP} WHERE t.state IN ('planned', 'departed') AND (%s::text IS NULL "
            "OR %s IN (t.vehicle, t.origin, t.destination)) ORDER BY t.depart_at, t.trip LIMIT %s",
            (unit, unit, limit))
        return [Trip(*row) for row in cursor.fetchall()]


def late_trips(now: datetime, limit: int = PAGE_ROWS_MAX) -> list[Trip]:
    """Trips that should have left or arrived by now, and of which nothing was heard."""
    with reading() as cursor:
        cursor.execute(
            f"{_TRIP} WHERE (t.state = 'planned' AND t.depart_at <= %s) OR (t.state = 'departed' "
            "AND t.departed_at + (t.arrive_at - t.depart_at) <= %s) "
            "ORDER BY t.depart_at, t.trip LIMIT %s", (now, now, limit))
        return [Trip(*row) for row in cursor.fetchall()]


# ── balance ──────────────────────────────────────────────────────────────────────────────────────
# Who came aboard, each by the entry with which the crew took them over, and the entry that ended
# it: the next one of the subject's chain. `rode` leaves out those who had got off when it left.
# A merge (or its undoing) aboard moves nobody: the ride goes on under the record that took the
# place. Whoever has several records is one of `people`, under the root.
_LEGS = f"""
WITH RECURSIVE asked AS (SELECT * FROM transfer_trip t WHERE {{which}}),
boarded AS (
    SELECT t.trip, t.vehicle, e.subject, e.fact, e.at FROM asked t
    JOIN custody_handover o ON o.taker = t.vehicle AND o.trip = t.trip
    JOIN custody_line l ON l.handover = o.id
    JOIN custody_entry e ON e.subject = l.subject AND e.handover = o.id AND e.kind = 'person'
    UNION
    SELECT t.trip, t.vehicle, e.subject, e.fact, e.at FROM asked t
    JOIN transfer_passenger p ON p.trip = t.trip AND p.boarded_by IS NOT NULL
    JOIN custody_entry e ON e.subject = ANY({same_as("p.person")}) AND e.fact = p.boarded_by
), ride AS (
    SELECT b.*, b.subject AS rider, b.fact AS entry, 0 AS merges FROM boarded b
    UNION ALL
    SELECT r.trip, r.vehicle, r.subject, r.fact, r.at, k.subject, k.fact, r.merges + 1 FROM ride r
    JOIN custody_entry x ON x.subject = r.rider AND x.previous = r.entry AND x.why = 'merge'
        AND x.taker = 'outside'
    JOIN registry_merge m ON m.fact = x.fact OR m.undone_by = x.fact
    JOIN custody_entry k ON k.subject = CASE WHEN m.fact = x.fact THEN m.kept ELSE m.merged END
        AND k.fact = x.fact AND k.taker = r.vehicle
), last AS (
    SELECT DISTINCT ON (r.trip, r.subject, r.fact) r.*, {under_root("r.rider")} AS root
    FROM ride r ORDER BY r.trip, r.subject, r.fact, r.merges DESC
), legs AS (
    SELECT DISTINCT ON (b.trip, b.root) b.trip, b.vehicle, b.root, b.rider, b.fact,
           b.at AS boarded_at, x.at AS alighted_at, x.taker AS taken_by
    FROM last b
    LEFT JOIN custody_entry x ON x.subject = b.rider AND x.previous = b.entry
    ORDER BY b.trip, b.root, coalesce(x.why = 'merge', false), b.at DESC, b.fact DESC
), lines AS (
    SELECT p.trip, {under_root("p.person")} AS root, bool_or(p.listed) AS listed
    FROM transfer_passenger p JOIN asked t ON t.trip = p.trip GROUP BY 1, 2
), people AS (
    SELECT coalesce(p.trip, l.trip) AS trip, coalesce(p.root, l.root) AS person,
           coalesce(p.listed, false) AS listed, l.fact AS boarded_by, l.boarded_at, l.alighted_at,
           l.taken_by, l.rider
    FROM lines p FULL JOIN legs l ON l.trip = p.trip AND l.root = p.root
)
"""
LINES = _LEGS.format(which="t.trip = %b") + f"""
SELECT p.person, p.listed, p.boarded_at, p.alighted_at, p.taken_by, h.account, h.pending
FROM people p LEFT JOIN LATERAL (
    SELECT h.account, h.pending FROM custody_holding h
    WHERE h.subject = ANY({same_as("p.person")})
    ORDER BY h.account = 'outside', h.since DESC, h.subject LIMIT 1) h ON true
ORDER BY p.listed DESC, p.person
"""
_BALANCES = """
SELECT t.trip, t.vehicle, t.origin, t.destination, t.state, t.depart_at, t.departed_at,
       t.arrived_at,
       count(p.person) FILTER (WHERE p.listed),
       count(p.boarded_by),
       count(p.boarded_by) FILTER (WHERE p.taken_by = t.destination),
       count(p.boarded_by) FILTER (WHERE p.taken_by <> t.destination),
       count(p.boarded_by) FILTER (WHERE p.taken_by IS NULL),
       count(p.person) FILTER (WHERE p.listed AND p.boarded_by IS NULL),
       count(p.boarded_by) FILTER (WHERE NOT p.listed)
FROM asked t LEFT JOIN people p ON p.trip = t.trip
GROUP BY t.trip, t.vehicle, t.origin, t.destination, t.state, t.depart_at, t.departed_at,
         t.arrived_at
ORDER BY t.depart_at, t.trip
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a trip, by the id under which they go on: what was planned, what was done.

    taken_by: who took the person over from the crew. with_crew: boarded and not taken over yet.
    account: who holds the person now. pending: the hand-over that awaits an answer.
    """

    person: UUID
    listed: bool
    boarded_at: datetime | None
    alighted_at: datetime | None
    taken_by: str | None
    account: str | None
    pending: UUID | None

    @property
    def with_crew(self) -> bool:
        return self.boarded_at is not None and self.taken_by is None


def trip_balance(trip_id: UUID) -> list[Line]:
    """Everybody who is on a trip's list or came aboard, by name; listed ones first."""
    with reading() as cursor:
        cursor.execute(LINES, (trip_id,))
        return [Line(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Balance:
    """A trip in numbers: boarded = delivered + elsewhere + with_crew, always.

    delivered: taken over by the destination. elsewhere: by anybody else (a correction, a hospital).
    missing: listed and never aboard. not_on_list: aboard and not listed.
    """

    trip: UUID
    vehicle: str
    origin: str
    destination: str
    state: str
    depart_at: datetime
    departed_at: datetime | None
    arrived_at: datetime | None
    listed: int
    boarded: int
    delivered: int
    elsewhere: int
    with_crew: int
    missing: int
    not_on_list: int

    @property
    def short(self) -> int:
        """How many the destination has not got although the trip has arrived."""
        return self.with_crew if self.state == "arrived" else 0

    @property
    def even(self) -> bool:
        """Everybody on the list was aboard, nobody else, and all went where they should."""
        wrong = self.missing + self.not_on_list + self.elsewhere + self.with_crew
        return self.state == "arrived" and wrong == 0


def trip_balances(since: datetime, until: datetime) -> list[Balance]:
    """The balance of each trip whose departure was planned in [since, until), by departure."""
    sql = _LEGS.format(which="t.depart_at >= %b AND t.depart_at < %b") + _BALANCES
    with reading() as cursor:
        cursor.execute(sql, (since, until))
        return [Balance(*row) for row in cursor.fetchall()]


def uneven_trips(since: datetime, until: datetime) -> list[Balance]:
    """Trips that have left and do not balance: under way with a wrong list, or short on arrival."""
    return [
        b for b in trip_balances(since, until)
        if b.state in ("departed", "arrived")
        and (b.missing or b.not_on_list or b.elsewhere or b.short)
    ]


def passengers_of(trips: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, bool]]]:
    """Whom each trip's list names, by the id under which they go on: (person, came aboard)."""
    found: dict[UUID, list[tuple[UUID, bool]]] = {}
    with reading() as cursor:
        cursor.execute(
            f"SELECT p.trip, {under_root('p.person')} AS root, bool_or(p.boarded_by IS NOT NULL) "
            "FROM transfer_passenger p WHERE p.trip = ANY(%b) AND p.listed GROUP BY 1, 2 "
            "ORDER BY 1, 2", (uuids(trips),))
        for trip_id, person, boarded in cursor.fetchall():
            found.setdefault(trip_id, []).append((person, boarded))
    return found


# ── vehicles ─────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class VehicleState:
    """A crew's vehicle now. clean_since: its last disinfection. used_until: end of its last trip.

    driving_minutes: at the wheel in the last 24 hours, a trip under way until now included.
    """

    vehicle: str
    seats: int | None
    aboard: int
    under_way: UUID | None
    used_until: datetime | None
    clean_since: datetime | None
    driving_minutes: int

    @property
    def clean(self) -> bool:
        return is_clean(self.under_way is not None, self.used_until, self.clean_since)


VEHICLES = """
SELECT a.code, a.capacity,
       (SELECT count(*) FROM custody_holding h WHERE h.account = a.code
        AND h.account <> 'outside' AND h.kind = 'person'),
       (SELECT t.trip FROM transfer_trip t WHERE t.vehicle = a.code AND t.state = 'departed'
        ORDER BY t.departed_at DESC LIMIT 1),
       (SELECT max(t.arrived_at) FROM transfer_trip t WHERE t.vehicle = a.code),
       (SELECT max(d.at) FROM transfer_disinfection d WHERE d.vehicle = a.code),
       (SELECT coalesce(ceil(sum(extract(epoch FROM least(coalesce(t.arrived_at, %b), %b)
               - greatest(t.departed_at, %b))) / 60), 0)::bigint
        FROM transfer_trip t WHERE t.vehicle = a.code AND t.departed_at < %b
        AND coalesce(t.arrived_at, %b) > greatest(t.departed_at, %b))
FROM custody_account a WHERE a.kind = 'crew' ORDER BY a.code
"""


def vehicle_states(now: datetime) -> list[VehicleState]:
    since = now - timedelta(hours=24)
    with reading() as cursor:
        cursor.execute(VEHICLES, (now, now, since, now, now, since))
        return [VehicleState(*row) for row in cursor.fetchall()]


def listed_on(persons: Sequence[UUID]) -> dict[UUID, UUID]:
    """The trip that is planned or under way with each person on its list, by whatever id.

    Of two (lists that were made before two records were merged) the first to depart.
    """
    with reading() as cursor:
        cursor.execute(
            f"{HUMAN} SELECT DISTINCT ON (w.person) w.person, p.trip FROM whole w "
            "JOIN transfer_passenger p ON p.person = w.one AND p.open "
            "JOIN transfer_trip t ON t.trip = p.trip "
            "ORDER BY w.person, t.depart_at, p.trip", (uuids(persons),))
        return dict(cursor.fetchall())


# ── laws ─────────────────────────────────────────────────────────────────────────────────────────
_ZONE = str(settings.COUNTY_ZONE)
LAWS = (
    Law("transfer.no_night", "No plan is on the road between 02:00 and 05:00 in the county's time.",
        "SELECT t.trip FROM transfer_trip t, generate_series("
        f"date_trunc('day', t.depart_at AT TIME ZONE '{_ZONE}') - interval '1 day', "
        f"t.arrive_at AT TIME ZONE '{_ZONE}', interval '1 day') day "
        f"WHERE t.depart_at < (day + interval '{NIGHT_UNTIL.hour} hours') AT TIME ZONE '{_ZONE}' "
        f"AND t.arrive_at > (day + interval '{NIGHT_FROM.hour} hours') AT TIME ZONE '{_ZONE}'"),
    Law("transfer.driving_hours", "No plan drives longer than a driver may.",
        f"SELECT trip FROM transfer_trip WHERE extract(epoch FROM arrive_at - depart_at) / 60 "
        f"> {DRIVING_MINUTES_MAX} OR greatest(driving_minutes_before, 0) "
        f"+ extract(epoch FROM arrive_at - depart_at) / 60 > {DRIVING_MINUTES_MAX}"),
    Law("transfer.one_trip", "A vehicle and a driver are on one trip at a time.",
        "SELECT a.trip, b.trip AS other FROM transfer_trip a JOIN transfer_trip b "
        "ON a.trip < b.trip AND (a.vehicle = b.vehicle OR a.driver = b.driver) "
        "AND a.depart_at < b.arrive_at AND b.depart_at < a.arrive_at "
        "WHERE a.state IN ('planned', 'departed') AND b.state IN ('planned', 'departed')"),
    Law("transfer.one_open_trip", "A person is on the list of one open trip.",
        "SELECT person FROM transfer_passenger WHERE open GROUP BY person HAVING count(*) > 1"),
    Law("transfer.open_lists", "Only trips that are not over keep their passengers.",
        "SELECT p.trip, p.person FROM transfer_passenger p JOIN transfer_trip t ON t.trip = p.trip "
        "WHERE p.open AND t.state IN ('arrived', 'cancelled')"),
    Law("transfer.seats", "No list is longer than its vehicle has seats.",
        "SELECT t.trip FROM transfer_trip t JOIN custody_account a ON a.code = t.vehicle "
        "JOIN transfer_passenger p ON p.trip = t.trip AND p.listed GROUP BY t.trip, a.capacity "
        "HAVING count(*) > a.capacity"),
    Law("transfer.one_place", "One confirmed place a person, and never a home that is not fit.",
        "SELECT person FROM transfer_place WHERE current GROUP BY person HAVING count(*) > 1 "
        "OR bool_or(home_fit = false) OR bool_or(cancelled_by IS NOT NULL)"),
    Law("transfer.boarded_accounted",
        "Who came aboard was taken over by somebody, or is with the crew still.",
        _LEGS.format(which="t.state IN ('departed', 'arrived')") +
        "SELECT p.trip, p.person FROM people p JOIN transfer_trip t ON t.trip = p.trip "
        "LEFT JOIN custody_holding h ON h.subject = p.rider WHERE p.boarded_by IS NOT NULL "
        "AND p.taken_by IS NULL AND h.account IS DISTINCT FROM t.vehicle"),
    Law("transfer.strangers_found", "Who was aboard and not on the list has a finding.",
        "SELECT p.trip, p.person FROM transfer_passenger p LEFT JOIN journal_finding f "
        "ON f.id = p.finding WHERE NOT p.listed AND f.id IS NULL"),
    Law("transfer.facts", "Every step of a trip names a fact of the journal.",
        "SELECT t.trip FROM transfer_trip t, unnest(ARRAY[t.planned_by, t.departed_by, "
        "t.arrived_by, t.cancelled_by]) step(fact) LEFT JOIN journal_fact f ON f.id = step.fact "
        "WHERE step.fact IS NOT NULL AND f.id IS NULL"),
)
