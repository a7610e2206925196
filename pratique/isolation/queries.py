"""Reads of isolation, and its laws for `prove`."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from django.conf import settings

from pratique.isolation.rules import FEVER_C, slot_window
from pratique.journal.prove import Law
from pratique.kit.arrays import Array, uuids
from pratique.kit.sql import ask, reading
from pratique.protocol.history import Reading
from pratique.registry.merged import HUMAN

PAGE_ROWS_MAX = 200

# ── readings ─────────────────────────────────────────────────────────────────────────────────────
# Somebody who did not answer and showed nothing has not been read: no temperature is not a normal
# one, and the round stays owed.
_ANSWERED = "(r.temperature_c IS NOT NULL OR r.symptoms <> '{}')"
READINGS = f"""
{HUMAN}
SELECT w.person, r.at, r.temperature_c, r.symptoms, r.fact
FROM whole w JOIN isolation_reading r ON r.person = w.one
WHERE {_ANSWERED} ORDER BY w.person, r.at, r.fact
"""


def ask_readings(
    cursor: psycopg.Cursor, persons: Array
) -> Callable[[], dict[UUID, list[Reading]]]:
    """Each person's readings by time; those never read, or who never answered, are not there.

    Sent now; what comes back answers when it is called.
    """
    asked = ask(cursor, READINGS, (persons,))
    return lambda: _readings(asked.fetchall())


def _readings(rows: Iterable[tuple]) -> dict[UUID, list[Reading]]:
    found: dict[UUID, list[Reading]] = defaultdict(list)
    for person, at, temperature_c, symptoms, fact in rows:
        found[person].append(Reading(at, temperature_c, tuple(symptoms), fact))
    return dict(found)


def readings(persons: Iterable[UUID]) -> dict[UUID, list[Reading]]:
    """The same, for a door."""
    with reading() as cursor:
        return ask_readings(cursor, uuids(persons))()


@dataclass(frozen=True, slots=True)
class RoundLine:
    """One person in a round. answered None: nobody came; False: no answer was given."""

    person: UUID
    room: str | None
    bed: int | None
    answered: bool | None
    temperature_c: float | None
    symptoms: list[str]
    note: str
    at: datetime | None


_ROUND = f"""
SELECT a.person, s.room, s.bed, CASE WHEN r.fact IS NULL THEN NULL ELSE {_ANSWERED} END,
       r.temperature_c, coalesce(r.symptoms, '{{}}'), coalesce(r.note, ''), r.at
FROM asked a
LEFT JOIN isolation_stay s ON s.person = a.person AND s.until IS NULL AND s.site = %b
LEFT JOIN isolation_reading r ON r.person = a.person AND r.day = %b AND r.slot = %b
"""
DUE = f"""
WITH asked AS (SELECT h.subject AS person FROM custody_holding h WHERE h.account = %b
               AND h.account <> 'outside' AND h.kind = 'person')
{_ROUND} ORDER BY s.room, s.bed, a.person
"""
# Held for the whole slot: came by an entry before it, and went by none before it ended.
GAPS = f"""
WITH asked AS (
    SELECT DISTINCT e.subject AS person FROM custody_entry e
    LEFT JOIN custody_entry x ON x.subject = e.subject AND x.previous = e.fact
    WHERE e.taker = %b AND e.taker <> 'outside' AND e.kind = 'person' AND e.at <= %b
      AND (x.fact IS NULL OR x.at >= %b)
)
{_ROUND} WHERE r.fact IS NULL OR NOT {_ANSWERED} ORDER BY s.room, s.bed, a.person
"""


def round_sheet(account: str, day: date, slot: str) -> list[RoundLine]:
    """Everybody whom the account holds now, by room, with what this round has read so far."""
    with reading() as cursor:
        cursor.execute(DUE, (account, account, day, slot))
        return [RoundLine(*row) for row in cursor.fetchall()]


def round_due(account: str, day: date, slot: str) -> list[RoundLine]:
    """Those on `round_sheet` who have not answered yet."""
    return [line for line in round_sheet(account, day, slot) if not line.answered]


def round_gaps(account: str, day: date, slot: str) -> list[RoundLine]:
    """Whom the account held for the whole slot and has no answered reading of."""
    since, until = slot_window(day, slot, ZoneInfo(settings.COUNTY_ZONE))
    with reading() as cursor:
        cursor.execute(GAPS, (account, since, until, account, day, slot))
        return [RoundLine(*row) for row in cursor.fetchall()]


def rounds_since(account: str, day: date) -> dict[tuple[date, str], list[UUID]]:
    """Who answered in each round of this account from `day` on."""
    with reading() as cursor:
        cursor.execute(
            "SELECT r.day, r.slot, coalesce(array_agg(r.person ORDER BY r.person) "
            f"FILTER (WHERE {_ANSWERED}), '{{}}') FROM isolation_reading r "
            "WHERE r.account = %s AND r.day >= %s GROUP BY 1, 2 ORDER BY 1, 2", (account, day))
        return {(day, slot): people for day, slot, people in cursor.fetchall()}


# ── rooms ────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Sleeper:
    person: UUID
    bed: int
    since: datetime


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room of a site and who sleeps in it, by bed."""

    site: str
    room: str
    floor: str
    beds: int
    sleepers: list[Sleeper] = field(default_factory=list)

    @property
    def free(self) -> int:
        return self.beds - len(self.sleepers)


def site_picture(site: str) -> list[RoomRow]:
    """Every room of a site, empty ones too, by floor and room."""
    with reading() as cursor:
        cursor.execute(
            "SELECT r.room, r.floor, r.beds, s.person, s.bed, s.since FROM registry_room r "
            "LEFT JOIN isolation_stay s ON s.site = r.site AND s.room = r.room "
            "AND s.until IS NULL WHERE r.site = %s ORDER BY r.floor, r.room, s.bed", (site,))
        rooms: dict[str, RoomRow] = {}
        for room, floor, beds, person, bed, since in cursor.fetchall():
            row = rooms.setdefault(room, RoomRow(site, room, floor, beds))
            if person is not None:
                row.sleepers.append(Sleeper(person, bed, since))
        return list(rooms.values())


def without_room(site: str) -> list[UUID]:
    """Whom the site holds and has given no room, those longest there first."""
    with reading() as cursor:
        cursor.execute(
            "SELECT h.subject FROM custody_holding h WHERE h.account = %s "
            "AND h.account <> 'outside' AND h.kind = 'person' AND NOT EXISTS (SELECT "
            "FROM isolation_stay s WHERE s.person = h.subject AND s.until IS NULL "
            "AND s.site = h.account) ORDER BY h.since, h.subject", (site,))
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class HeadCount:
    """One line of the list that rescuers get: how many are in which room, and who.

    room "": the site holds them and has given them no room.
    """

    floor: str
    room: str
    persons: list[UUID]

    @property
    def heads(self) -> int:
        return len(self.persons)


def head_count(site: str) -> list[HeadCount]:
    """Whom the site holds, room by room, for printing: all heads, and those without a room last.

    The sum of heads is what the ledger has on hand.
    """
    lines = [
        HeadCount(row.floor, row.room, [s.person for s in row.sleepers])
        for row in site_picture(site) if row.sleepers
    ]
    roomless = without_room(site)
    return [*lines, HeadCount("", "", roomless)] if roomless else lines


@dataclass(frozen=True, slots=True)
class SiteBeds:
    """A site's beds: `free` is what rooms have left, less those who wait for a room."""

    site: str
    rooms: int
    beds: int
    taken: int
    without_room: int

    @property
    def free(self) -> int:
        return self.beds - self.taken - self.without_room


def free_beds() -> list[SiteBeds]:
    """Every isolation site's rooms and beds, by code."""
    with reading() as cursor:
        cursor.execute(
            "SELECT a.code, (SELECT count(*) FROM registry_room r WHERE r.site = a.code), "
            "(SELECT coalesce(sum(r.beds), 0)::bigint FROM registry_room r "
            "WHERE r.site = a.code), "
            "(SELECT count(*) FROM isolation_stay s WHERE s.site = a.code AND s.until IS NULL), "
            "(SELECT count(*) FROM custody_holding h WHERE h.account = a.code "
            "AND h.account <> 'outside' AND h.kind = 'person' AND NOT EXISTS (SELECT "
            "FROM isolation_stay s WHERE s.person = h.subject AND s.until IS NULL "
            "AND s.site = h.account)) "
            "FROM custody_account a WHERE a.kind = 'isolation_site' ORDER BY a.code")
        return [SiteBeds(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class StayRow:
    """A person's time in a bed; until None = still there."""

    person: UUID
    site: str
    room: str
    bed: int
    since: datetime
    until: datetime | None
    fact: UUID
    ended_by: UUID | None


_STAY = "SELECT person, site, room, bed, since, until, fact, ended_by FROM isolation_stay"


def stays_of(person: UUID) -> list[StayRow]:
    """Every bed that a person has had, oldest first."""
    with reading() as cursor:
        cursor.execute(f"{_STAY} WHERE person = %s ORDER BY since, fact", (person,))
        return [StayRow(*row) for row in cursor.fetchall()]


def current_stays(persons: Iterable[UUID]) -> dict[UUID, StayRow]:
    with reading() as cursor:
        cursor.execute(f"{_STAY} WHERE until IS NULL AND person = ANY(%b)", (uuids(persons),))
        return {row[0]: StayRow(*row) for row in cursor.fetchall()}


# ── visits ───────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class VisitRow:
    person: UUID
    account: str
    at: datetime
    found: bool
    needs: str
    fact: UUID


_VISIT = "SELECT person, account, at, found, needs, fact FROM isolation_visit"


def visits_of(person: UUID, limit: int = PAGE_ROWS_MAX) -> list[VisitRow]:
    """Visits at a person's door, latest first."""
    with reading() as cursor:
        cursor.execute(f"{_VISIT} WHERE person = %s ORDER BY at DESC, fact DESC LIMIT %s",
                       (person, limit))
        return [VisitRow(*row) for row in cursor.fetchall()]


def last_visits(account: str) -> dict[UUID, VisitRow]:
    """The latest visit of each person whom the account holds; those never visited are not there."""
    with reading() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (v.person) v.person, v.account, v.at, v.found, v.needs, v.fact "
            "FROM custody_holding h JOIN isolation_visit v ON v.person = h.subject "
            "WHERE h.account = %s AND h.account <> 'outside' "
            "ORDER BY v.person, v.at DESC, v.fact DESC", (account,))
        return {row[0]: VisitRow(*row) for row in cursor.fetchall()}


# ── laws ─────────────────────────────────────────────────────────────────────────────────────────
LAWS = (
    Law("isolation.site_holds_its_guests", "Who sleeps in a site's room is held by that site.",
        "SELECT s.person, s.site FROM isolation_stay s LEFT JOIN custody_holding h "
        "ON h.subject = s.person WHERE s.until IS NULL AND h.account IS DISTINCT FROM s.site"),
    Law("isolation.one_bed", "No bed has two people at once.",
        "SELECT a.fact, b.fact AS other FROM isolation_stay a JOIN isolation_stay b "
        "ON a.fact < b.fact AND a.site = b.site AND a.room = b.room AND a.bed = b.bed "
        "AND tstzrange(a.since, a.until) && tstzrange(b.since, b.until)"),
    Law("isolation.one_room", "Nobody has two beds at once.",
        "SELECT a.fact, b.fact AS other FROM isolation_stay a JOIN isolation_stay b "
        "ON a.fact < b.fact AND a.person = b.person "
        "AND tstzrange(a.since, a.until) && tstzrange(b.since, b.until)"),
    Law("isolation.bed_exists", "Every bed that is used is a bed of its room.",
        "SELECT s.fact FROM isolation_stay s LEFT JOIN registry_room r "
        "ON r.site = s.site AND r.room = s.room WHERE s.bed > coalesce(r.beds, 0)"),
    Law("isolation.signs_found", "Every fever and every symptom has its finding.",
        "SELECT r.person, r.fact FROM isolation_reading r LEFT JOIN journal_finding f "
        "ON f.fact = r.fact AND f.subject = r.person AND f.code = 'symptoms' "
        f"WHERE (r.temperature_c >= {FEVER_C} OR r.symptoms <> '{{}}') AND f.id IS NULL"),
    Law("isolation.absence_found", "Everybody who was not at home has a finding.",
        "SELECT v.fact FROM isolation_visit v LEFT JOIN journal_finding f ON f.fact = v.fact "
        "AND f.code = 'not_at_home' WHERE NOT v.found AND f.id IS NULL"),
    Law("isolation.facts", "Every stay, reading and visit names a fact of the journal.",
        "SELECT e.fact FROM (SELECT fact FROM isolation_stay UNION SELECT fact "
        "FROM isolation_reading UNION SELECT fact FROM isolation_visit) e "
        "LEFT JOIN journal_fact f ON f.id = e.fact WHERE f.id IS NULL"),
)
