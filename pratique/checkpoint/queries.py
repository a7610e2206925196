"""Every read of the checkpoint, and its laws for `prove`.

What the pathway asks inside a batch takes the batch's cursor; without one, the reader's connection
is used. Identities are never opened here (registry.queries does that).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
import psycopg

from pratique.checkpoint.facts import Stay
from pratique.checkpoint.reduce_vehicles import STOPS
from pratique.journal.prove import Law
from pratique.kit.arrays import Array, texts, uuids
from pratique.kit.sql import ask, reading
from pratique.registry.merged import HUMAN, same_as

PAGE_ROWS_MAX = 200
_stays = msgspec.json.Decoder(list[Stay])


@contextmanager
def _cursor(given: psycopg.Cursor | None) -> Iterator[psycopg.Cursor]:
    if given is not None:
        yield given
    else:
        with reading() as cursor:
            yield cursor


# Episodes -----------------------------------------------------------------------------------------


class Episode(msgspec.Struct, frozen=True, gc=False):
    """One arrival of one person. ended_at None: open; outcome as in rules.EPISODE_STATES.

    stays_by: the fact that told the stays, at stays_at (the arrival itself, or a correction).
    root: the record under which the person goes on; also_open: their other open episodes, where
    two arrivals were merged. Both are told by `episodes` alone.
    """

    id: UUID
    person: UUID
    post: str
    vehicle: UUID | None
    arrived_at: datetime
    conveyance: str
    resident: bool
    from_outside_province: bool
    destination: str | None
    stays: list[Stay]
    stays_by: UUID
    stays_at: datetime
    special: list[str]
    phone_verified: bool
    papers: list[str]
    expected: UUID | None
    ended_at: datetime | None
    ended_by: UUID | None
    outcome: str
    root: UUID | None = None
    also_open: tuple[UUID, ...] = ()


_EPISODE = """
e.id, e.person, e.post, e.vehicle, e.arrived_at, e.conveyance, e.resident,
e.from_outside_province, e.destination, e.stays, e.stays_by, e.stays_at, e.special,
e.phone_verified, e.papers, e.expected, e.ended_at, e.ended_by, e.outcome
"""
# Asked for a person, an episode of anybody merged with that person counts too.
_OF_PERSONS = f"""
{HUMAN}
SELECT w.person AS asked, {_EPISODE}, w.root,
       array_agg(e.id) FILTER (WHERE e.ended_at IS NULL) OVER (PARTITION BY w.person) AS all_open
FROM whole w JOIN checkpoint_episode e ON e.person = w.one
"""
_SPEAKING = f"""
SELECT DISTINCT ON (asked) * FROM ({_OF_PERSONS}) x
ORDER BY asked, ended_at IS NOT NULL, arrived_at DESC, id DESC
"""


def _episode(row: Sequence) -> Episode:
    values = list(row)
    values[9] = _stays.decode(values[9])
    if len(values) > 19:
        values[20] = tuple(one for one in values[20] or () if one != values[0])
    return Episode(*values)


def ask_episodes(
    cursor: psycopg.Cursor, persons: Array
) -> Callable[[], dict[UUID, Episode]]:
    """The open episode of each person, set-wise; of those who have none, the last one that ended.

    Persons without any are not there. Sent now; what comes back answers when it is called.
    """
    asked = ask(cursor, _SPEAKING, (persons,))
    return lambda: {row[0]: _episode(row[1:]) for row in asked.fetchall()}


def episodes(persons: Iterable[UUID]) -> dict[UUID, Episode]:
    """The same, for a door."""
    with reading() as cursor:
        return ask_episodes(cursor, uuids(persons))()


def all_episodes(person: UUID) -> list[Episode]:
    """Every episode of a person, the first one first: the rows of their story."""
    with reading() as cursor:
        cursor.execute(f"{_OF_PERSONS} ORDER BY e.arrived_at, e.id", (uuids([person]),))
        return [_episode(row[1:]) for row in cursor.fetchall()]


def episodes_named(
    ids: Iterable[UUID], *, cursor: psycopg.Cursor | None = None
) -> dict[UUID, Episode]:
    """Episodes by their own ids."""
    with _cursor(cursor) as rows:
        rows.execute(f"SELECT {_EPISODE} FROM checkpoint_episode e WHERE e.id = ANY(%b)",
                     (uuids(ids),))
        return {row[0]: _episode(row) for row in rows.fetchall()}


def episodes_with(vehicle: UUID) -> list[Episode]:
    """Every arrival in this vehicle, the first one first, under the ids that were told then."""
    with reading() as cursor:
        cursor.execute(f"SELECT {_EPISODE} FROM checkpoint_episode e WHERE e.vehicle = %s "
                       "ORDER BY e.arrived_at, e.id", (vehicle,))
        return [_episode(row) for row in cursor.fetchall()]


def open_in_places(
    places: Iterable[str], *, cursor: psycopg.Cursor | None = None
) -> list[tuple[UUID, UUID]]:
    """(episode, person) of the open episodes with a stay in any of these places.

    places: six-digit counties, or units in whose names areas were published (what
    `registry.reduce.regraded_units` answers): exactly whom a new risk list can touch. By index.
    """
    with _cursor(cursor) as rows:
        rows.execute(
            "SELECT id, person FROM checkpoint_episode WHERE ended_at IS NULL AND places && %b "
            "ORDER BY id", (texts(places),))
        return rows.fetchall()


def open_episodes(
    *, post: str | None = None, after: UUID | None = None, limit: int = PAGE_ROWS_MAX
) -> list[Episode]:
    """Open episodes by id (so by arrival), of all posts or one; page on with `after`."""
    with reading() as cursor:
        cursor.execute(
            f"SELECT {_EPISODE} FROM checkpoint_episode e WHERE e.ended_at IS NULL "
            "AND (%s::text IS NULL OR e.post = %s) AND (%s::uuid IS NULL OR e.id > %s) "
            "ORDER BY e.id LIMIT %s", (post, post, after, after, limit))
        return [_episode(row) for row in cursor.fetchall()]


def arrived(since: datetime, until: datetime) -> dict[str, int]:
    """How many persons and vehicles came in [since, until), by when they came."""
    with reading() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM checkpoint_episode "
            "WHERE arrived_at >= %s AND arrived_at < %s), "
            "(SELECT count(*) FROM checkpoint_arrival WHERE at >= %s AND at < %s)",
            (since, until, since, until))
        persons, vehicles = cursor.fetchone()
        return {"persons": persons, "vehicles": vehicles}


# Vehicles -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VehicleAtPost:
    """A vehicle on the gate's board. holds_by: what a clearance must name.

    registered: persons registered with it so far; missing: those still to be, by the count.
    """

    vehicle: UUID
    holds_by: UUID
    post: str
    lane: str
    plate: str
    trailer_plate: str | None
    conveyance: str
    occupants: int
    seats: int | None
    registered: int
    boot_checked: bool
    at: datetime
    waiting_minutes: int

    @property
    def missing(self) -> int:
        return self.occupants - self.registered


_BOARD = """
SELECT a.vehicle, h.entry, a.post, a.lane, a.plate, a.trailer_plate, a.conveyance, a.occupants,
       a.seats, (SELECT count(*) FROM checkpoint_episode e WHERE e.vehicle = a.vehicle
                 AND (e.ended_at IS NULL OR e.ended_at >= a.at)),
       a.boot_checked, a.at,
       greatest(0, floor(extract(epoch FROM %s::timestamptz - a.at) / 60))::bigint
FROM checkpoint_arrival a
JOIN custody_holding h ON h.subject = a.vehicle AND h.account = a.post
WHERE a.cleared_at IS NULL AND (%s::text IS NULL OR a.post = %s)
  AND (%s::uuid IS NULL OR a.fact > %s)
ORDER BY a.fact LIMIT %s
"""


def gate_board(
    post: str | None, now: datetime, *, after: UUID | None = None, limit: int = PAGE_ROWS_MAX
) -> list[VehicleAtPost]:
    """Vehicles that stand at a post (None: at any), longest waiting first; page on with `after`,
    the arrival's fact, which is `holds_by` as long as nobody corrected the ledger."""
    with reading() as cursor:
        cursor.execute(_BOARD, (now, post, post, after, after, limit))
        return [VehicleAtPost(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class PersonAtPost:
    """A person whom the post holds. holds_by: what an offer or a passing must name."""

    person: UUID
    episode: UUID
    holds_by: UUID
    vehicle: UUID | None
    plate: str | None
    pending: UUID | None
    since: datetime
    waiting_minutes: int


def persons_at_post(post: str, now: datetime, limit: int = PAGE_ROWS_MAX) -> list[PersonAtPost]:
    """Persons whom the post holds, longest waiting first, with the vehicle they came in."""
    with reading() as cursor:
        cursor.execute(
            "SELECT h.subject, e.id, h.entry, e.vehicle, v.plate, h.pending, h.since, "
            "greatest(0, floor(extract(epoch FROM %s::timestamptz - h.since) / 60))::bigint "
            "FROM custody_holding h JOIN LATERAL (SELECT id, vehicle FROM checkpoint_episode o "
            f"WHERE o.person = ANY({same_as('h.subject')}) AND o.ended_at IS NULL "
            "ORDER BY o.arrived_at DESC, o.id DESC LIMIT 1) e ON true "
            "LEFT JOIN registry_vehicle v ON v.vehicle = e.vehicle "
            "WHERE h.account = %s AND h.kind = 'person' ORDER BY h.since, h.subject LIMIT %s",
            (now, post, limit))
        return [PersonAtPost(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Stop:
    """A vehicle's stop at a post, as its story tells it. cleared_as "": it still stands there."""

    fact: UUID
    post: str
    lane: str
    at: datetime
    plate: str
    trailer_plate: str | None
    occupants: int
    cleared_at: datetime | None
    cleared_by: UUID | None
    cleared_as: str
    persons: list[UUID]


def vehicle_story(vehicle: UUID) -> list[Stop]:
    """Every stop of a vehicle, the first one first; persons: all who were registered with it."""
    with reading() as cursor:
        cursor.execute(
            "SELECT a.fact, a.post, a.lane, a.at, a.plate, a.trailer_plate, a.occupants, "
            "a.cleared_at, a.cleared_by, a.cleared_as, ARRAY(SELECT e.person "
            "FROM checkpoint_episode e WHERE e.vehicle = a.vehicle ORDER BY e.id) "
            "FROM checkpoint_arrival a WHERE a.vehicle = %s ORDER BY a.at, a.fact", (vehicle,))
        return [Stop(*row) for row in cursor.fetchall()]


def occupants_that_differ(
    post: str | None = None, limit: int = PAGE_ROWS_MAX
) -> list[dict]:
    """Vehicles that left with another number of persons registered than counted, newest first."""
    with reading() as cursor:
        cursor.execute(
            "SELECT a.fact, a.vehicle, a.post, a.plate, a.at, a.cleared_at, a.cleared_as, "
            "a.occupants, (SELECT count(*) FROM checkpoint_episode e "
            "WHERE e.vehicle = a.vehicle), a.finding "
            "FROM checkpoint_arrival a WHERE a.finding IS NOT NULL "
            "AND (%s::text IS NULL OR a.post = %s) ORDER BY a.fact DESC LIMIT %s",
            (post, post, limit))
        names = ("arrival", "vehicle", "post", "plate", "at", "cleared_at", "cleared_as",
                 "occupants", "registered", "finding")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def registered_with(vehicle: UUID, arrival: UUID) -> tuple[int, int] | None:
    """(counted aboard, registered by now) of a vehicle's stop that has ended; None: no such."""
    with reading() as cursor:
        cursor.execute(STOPS, (uuids([]), uuids([vehicle])))
        return next(((row[4], row[8]) for row in cursor.fetchall() if row[0] == arrival), None)


# Lanes --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LaneHour:
    """One hour of one lane. counted None: nobody has counted it (yet).

    explained: the reason for the difference; "" where none was given since the count.
    """

    post: str
    lane: str
    hour: datetime
    counted: int | None
    registered: int
    source: str
    explained: str
    finding: UUID | None

    @property
    def difference(self) -> int | None:
        """Counted less registered: above zero, a vehicle may have been missed."""
        return None if self.counted is None else self.counted - self.registered


_LANE_HOURS = """
WITH seen AS (
    SELECT post, lane, date_bin('1 hour', at, '2000-01-01 00:00:00+00') AS hour,
           count(*) AS registered
    FROM checkpoint_arrival
    WHERE at >= %s AND at < %s AND (%s::text IS NULL OR post = %s) GROUP BY 1, 2, 3
), counted AS (
    SELECT * FROM checkpoint_lane_count
    WHERE hour >= %s AND hour < %s AND (%s::text IS NULL OR post = %s)
)
SELECT coalesce(c.post, s.post), coalesce(c.lane, s.lane), coalesce(c.hour, s.hour), c.counted,
       coalesce(s.registered, 0), coalesce(c.source, ''),
       CASE WHEN c.explained_at >= c.at THEN c.explained ELSE '' END, c.finding
FROM counted c FULL JOIN seen s ON s.post = c.post AND s.lane = c.lane AND s.hour = c.hour
ORDER BY 3, 1, 2
"""


def lane_differences(post: str | None, since: datetime, until: datetime) -> list[LaneHour]:
    """Every lane-hour in [since, until) that was counted or had a vehicle, by hour.

    since, until: whole hours. post None: all posts.
    """
    with reading() as cursor:
        cursor.execute(_LANE_HOURS, (since, until, post, post, since, until, post, post))
        return [LaneHour(*row) for row in cursor.fetchall()]


# Announced arrivals -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Awaited:
    """An announced arrival. episode: the one in which the person came; None: not yet."""

    id: UUID
    person: UUID
    post: str | None
    eta: datetime | None
    plate: str | None
    destination: str | None
    resident: bool | None
    stays: list[Stay]
    source: str
    said_at: datetime
    episode: UUID | None


# An announcement is met by an arrival that names it, or by the person's own next arrival. A day's
# slack: a list made today is often imported after the person came.
_AWAITED = """
SELECT x.id, x.person, x.post, x.eta, x.plate, x.destination, x.resident, x.stays, x.source,
       x.said_at, met.id
FROM checkpoint_expected x LEFT JOIN LATERAL (
    SELECT e.id FROM checkpoint_episode e
    WHERE e.expected = x.id
       OR e.person = x.person AND e.arrived_at > x.said_at - interval '1 day'
    ORDER BY e.arrived_at, e.id LIMIT 1
) met ON true
"""


def _awaited(row: Sequence) -> Awaited:
    values = list(row)
    values[7] = _stays.decode(values[7])
    return Awaited(*values)


def expected_arrivals(
    *, post: str | None = None, destination: str | None = None, since: datetime | None = None,
    until: datetime | None = None, still_out: bool = True, limit: int = PAGE_ROWS_MAX,
) -> list[Awaited]:
    """Announced arrivals by expected time; `still_out`: only those who have not come yet."""
    with reading() as cursor:
        cursor.execute(
            _AWAITED + "WHERE (%s::text IS NULL OR x.post = %s) "
            "AND (%s::text IS NULL OR x.destination = %s) "
            "AND (%s::timestamptz IS NULL OR x.eta >= %s) "
            "AND (%s::timestamptz IS NULL OR x.eta < %s) AND (NOT %s OR met.id IS NULL) "
            "ORDER BY x.eta NULLS LAST, x.id LIMIT %s",
            (post, post, destination, destination, since, since, until, until, still_out, limit))
        return [_awaited(row) for row in cursor.fetchall()]


def announced(post: str, *, since: datetime, until: datetime) -> list[Awaited]:
    """Everybody announced for a post who has not come, expected between the two or at no time."""
    with reading() as cursor:
        cursor.execute(
            _AWAITED + "WHERE x.post = %s AND (x.eta IS NULL OR x.eta >= %s AND x.eta < %s) "
            "AND met.id IS NULL ORDER BY x.eta NULLS LAST, x.id", (post, since, until))
        return [_awaited(row) for row in cursor.fetchall()]


def expectations(
    *, persons: Iterable[UUID] = (), plates: Iterable[str] = (), limit: int = PAGE_ROWS_MAX
) -> list[Awaited]:
    """Announced arrivals of these persons, or in vehicles with these (normalised) plates, that
    have not come yet: what the gate's desk offers when a document or plate was read."""
    with reading() as cursor:
        cursor.execute(
            _AWAITED + "WHERE (x.person = ANY(%b) OR x.plate = ANY(%b)) AND met.id IS NULL "
            "ORDER BY x.said_at DESC, x.id DESC LIMIT %s",
            (uuids(persons), texts(plates), limit))
        return [_awaited(row) for row in cursor.fetchall()]


# Laws ---------------------------------------------------------------------------------------------

_STOP_COUNTS = STOPS.replace("%b", "'{}'::uuid[]", 1).replace("a.vehicle = ANY(%b) AND ", "")

LAWS = (
    Law("checkpoint.one_open_episode", "A person has at most one open episode.",
        "SELECT person FROM checkpoint_episode WHERE ended_at IS NULL "
        "GROUP BY person HAVING count(*) > 1"),
    Law("checkpoint.arrival_is_custody",
        "Every arrival of a person or vehicle is an entry from outside into the post's account.",
        "SELECT a.fact FROM (SELECT id AS fact, person AS subject, post FROM checkpoint_episode "
        "UNION ALL SELECT fact, vehicle, post FROM checkpoint_arrival) a "
        "LEFT JOIN custody_entry e ON e.subject = a.subject AND e.fact = a.fact "
        "AND e.giver = 'outside' AND e.taker = a.post WHERE e.fact IS NULL"),
    Law("checkpoint.custody_is_arrival",
        "Every entry of a person or vehicle by arrival has its episode or arrival.",
        "SELECT c.fact FROM custody_entry c "
        "JOIN journal_fact f ON f.id = c.fact AND f.kind LIKE 'checkpoint.%' "
        "LEFT JOIN checkpoint_episode e ON e.id = c.fact "
        "LEFT JOIN checkpoint_arrival a ON a.fact = c.fact "
        "WHERE c.why = 'arrival' AND e.id IS NULL AND a.fact IS NULL"),
    Law("checkpoint.left_means_left",
        "Who passed or was turned back went outside by that very fact.",
        "SELECT e.id FROM checkpoint_episode e LEFT JOIN custody_entry c ON c.fact = e.ended_by "
        "AND c.giver = e.post AND c.taker = 'outside' "
        "WHERE e.outcome IN ('passed', 'turned_back') AND c.fact IS NULL"),
    Law("checkpoint.cleared_means_left", "A cleared vehicle went outside by that very fact.",
        "SELECT a.fact FROM checkpoint_arrival a LEFT JOIN custody_entry c "
        "ON c.subject = a.vehicle AND c.fact = a.cleared_by AND c.taker = 'outside' "
        "WHERE a.cleared_at IS NOT NULL AND a.cleared_as <> 'superseded' AND c.fact IS NULL"),
    Law("checkpoint.short_hours_are_shown",
        "An hour has an open finding exactly while fewer vehicles are registered than counted and "
        "nobody has explained it.",
        "SELECT c.post, c.lane, c.hour, c.counted, count(a.fact) AS registered "
        "FROM checkpoint_lane_count c LEFT JOIN checkpoint_arrival a ON a.post = c.post "
        "AND a.lane = c.lane AND a.at >= c.hour AND a.at < c.hour + interval '1 hour' "
        "GROUP BY c.post, c.lane, c.hour HAVING (c.finding IS NOT NULL) <> "
        "(count(a.fact) < c.counted AND NOT coalesce(c.explained_at >= c.at, false))"),
    Law("checkpoint.differing_vehicles_are_shown",
        "A vehicle that left has an open finding exactly while other persons are registered with "
        "it than were counted aboard and nobody has explained this number.",
        "SELECT s.fact, s.occupants, s.registered FROM ("
        f"{_STOP_COUNTS}) s WHERE (s.finding IS NOT NULL) <> (s.registered <> s.occupants "
        "AND s.registered IS DISTINCT FROM s.explained_registered "
        "AND NOT (s.cleared_as = 'turned_back' AND s.registered = 0))"),
    Law("checkpoint.findings_are_there",
        "A finding that an hour or a vehicle names is in the journal.",
        "SELECT n.finding FROM (SELECT finding FROM checkpoint_lane_count UNION ALL "
        "SELECT finding FROM checkpoint_arrival) n LEFT JOIN journal_finding f "
        "ON f.id = n.finding WHERE n.finding IS NOT NULL AND f.id IS NULL"),
)
