"""What isolation does with its facts: rooms, rounds, visits. The only writer of its tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from pratique.custody.ledger import held
from pratique.custody.reduce import known_accounts, not_your_account, unknown_account
from pratique.custody.rules import Holding
from pratique.isolation.rules import (
    Beds,
    check_round,
    has_signs,
    room_full,
    unknown_room,
)
from pratique.journal.context import Context
from pratique.journal.fact import Disputed, Fact, Parked, Quarantined, Verdict
from pratique.journal.kinds import reduces
from pratique.kit.arrays import Array, bigints, booleans, documents, moments, texts, uuids
from pratique.kit.ids import unit_subject

ACCOUNTS_WITH_ROUNDS = frozenset({"isolation_site", "community"})
_encode = msgspec.json.Encoder().encode

# ── rooms ────────────────────────────────────────────────────────────────────────────────────────
ROOMS = """
SELECT r.site, r.room, r.beds FROM registry_room r
JOIN unnest(%b::text[], %b::text[]) u(site, room) ON r.site = u.site AND r.room = u.room
"""
SLEEPERS = """
SELECT s.person FROM isolation_stay s
JOIN unnest(%b::text[], %b::text[]) u(site, room) ON s.site = u.site AND s.room = u.room
WHERE s.until IS NULL
"""
# The latest stay in each bed, and each person's latest: what a new one must follow.
BED_USE = """
SELECT DISTINCT ON (s.site, s.room, s.bed) s.site, s.room, s.bed, s.until
FROM isolation_stay s
JOIN unnest(%b::text[], %b::text[]) u(site, room) ON s.site = u.site AND s.room = u.room
ORDER BY s.site, s.room, s.bed, s.since DESC, s.until DESC
"""
LAST_STAYS = """
SELECT DISTINCT ON (s.person) s.person, s.fact, s.site, s.room, s.bed, s.since, s.until
FROM isolation_stay s WHERE s.person = ANY(%b)
ORDER BY s.person, s.since DESC, s.until DESC
"""
WERE_HERE = """
SELECT e.subject, e.taker FROM custody_entry e
JOIN unnest(%b::uuid[], %b::text[]) u(person, site) ON e.subject = u.person AND e.taker = u.site
"""
GIVE = """
INSERT INTO isolation_stay (fact, person, site, room, bed, since)
SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::bigint[],
                     %b::timestamptz[])
"""
MOVE_OUT = """
UPDATE isolation_stay s SET until = greatest(s.since, u.until), ended_by = u.fact
FROM unnest(%b::uuid[], %b::uuid[], %b::timestamptz[]) u(stay, fact, until) WHERE s.fact = u.stay
"""
# Whoever is in a room of a site that holds them no more, and the entry by which it let them go.
LEFT = """
SELECT s.fact, s.site, x.fact, x.at FROM isolation_stay s
JOIN custody_holding h ON h.subject = s.person AND h.account <> s.site
CROSS JOIN LATERAL (SELECT e.fact, e.at FROM custody_entry e
    WHERE e.subject = s.person AND e.giver = s.site ORDER BY e.at DESC, e.fact DESC LIMIT 1) x
WHERE s.until IS NULL AND s.person = ANY(%b)
"""


@dataclass(frozen=True, slots=True)
class LastStay:
    fact: UUID
    site: str
    room: str
    bed: int
    since: datetime
    until: datetime | None


@dataclass
class House:
    """The rooms that this call speaks of and who is in them, as far as it has got."""

    rooms: dict[tuple[str, str], Beds]
    stays: dict[UUID, LastStay]
    holdings: dict[UUID, Holding]
    were_here: set[tuple[UUID, str]]
    given: list[tuple[Fact, int, datetime]] = field(default_factory=list)
    ended: list[tuple[UUID, UUID, datetime]] = field(default_factory=list)


@reduces("isolation.room_given")
def give_rooms(facts: list[Fact], context: Context) -> list[Verdict]:
    accounts = known_accounts(context)
    verdicts = [_check_site(f, accounts) for f in facts]
    at_sites = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not at_sites:
        return verdicts
    house = _house(context, at_sites)
    for position, fact in enumerate(facts):  # in their order: one may free the bed of the next
        if verdicts[position] is None:
            verdicts[position] = _check_person(fact, house) or _give(fact, house)
    if house.given:
        # First out, then in: a bed is empty before somebody else lies in it.
        context.cursor.execute(MOVE_OUT, (
            uuids(e[0] for e in house.ended), uuids(e[1] for e in house.ended),
            moments(e[2] for e in house.ended)))
        bodies = [f.body for f, __, __ in house.given]
        context.cursor.execute(GIVE, (
            uuids(f.id for f, __, __ in house.given), uuids(b.person for b in bodies),
            texts(b.site for b in bodies), texts(b.room for b in bodies),
            bigints(bed for __, bed, __ in house.given),
            moments(since for __, __, since in house.given)))
    return verdicts


def _check_site(fact: Fact, accounts: dict[str, str]) -> Verdict:
    site = fact.body.site
    if site not in accounts:
        return unknown_account(site)
    if accounts[site] != "isolation_site":
        return Quarantined("not_a_site", _("“%(code)s” is no isolation site."), "isolation.room",
                           {"code": site})
    if fact.place is not None and fact.place != site:
        return not_your_account(fact, site)
    return None


def _house(context: Context, facts: Sequence[Fact]) -> House:
    """Read under locks: the sites, and who sleeps in these rooms, so that nobody moves meanwhile.

    Which bed is the lowest free one then follows from the facts before this one, in a replay too.
    """
    asked = texts(f.body.site for f in facts), texts(f.body.room for f in facts)
    persons = [f.body.person for f in facts]
    cursor = context.cursor
    cursor.execute(SLEEPERS, asked)
    sleepers = {row[0] for row in cursor.fetchall()}
    context.locks(sleepers | {unit_subject(f.body.site) for f in facts})
    end_stays(context, sleepers | set(persons))
    cursor.execute(ROOMS, asked)
    rooms = {(site, room): Beds(beds, set(), {}) for site, room, beds in cursor.fetchall()}
    cursor.execute(BED_USE, asked)
    for site, room, bed, until in cursor.fetchall():
        if until is None:
            rooms[site, room].taken.add(bed)
        else:
            rooms[site, room].used_until[bed] = until
    cursor.execute(LAST_STAYS, (uuids(persons),))
    stays = {row[0]: LastStay(*row[1:]) for row in cursor.fetchall()}
    holdings = held(context, persons)
    cursor.execute(WERE_HERE, (uuids(persons), texts(f.body.site for f in facts)))
    return House(rooms, stays, holdings, set(cursor.fetchall()))


def _check_person(fact: Fact, house: House) -> Verdict:
    """The site must hold the person: where it will, the fact waits; where it did, a dispute."""
    person, site = fact.body.person, fact.body.site
    holding = house.holdings.get(person)
    if holding is not None and holding.account == site:
        return None
    if holding is not None and holding.pending is not None:
        return Parked(on=holding.pending, code="not_accepted_yet", rule="isolation.held")
    if holding is None or (person, site) not in house.were_here:
        return Parked(on=person, code="not_held_yet", rule="isolation.held")
    return Disputed("has_left", _("This person has left “%(site)s”; “%(account)s” holds them now."),
                    "isolation.held", {"site": site, "account": holding.account}, owner=site)


def _give(fact: Fact, house: House) -> Verdict:
    body, stay = fact.body, house.stays.get(fact.body.person)
    beds = house.rooms.get((body.site, body.room))
    if beds is None:
        return unknown_room(body.site, body.room)
    since = fact.at
    if stay is not None and stay.until is None:
        if fact.at < stay.since:
            return Disputed("later_room_known", _("A later room is known: “%(room)s”. Nothing was "
                            "changed."), "isolation.one_room", {"room": stay.room},
                            owner=body.site)
        if (stay.site, stay.room) == (body.site, body.room):
            return None  # told again what holds already
    elif stay is not None and stay.until is not None:
        since = max(since, stay.until)
    bed = beds.lowest_free()
    if bed is None:
        return room_full(body.site, body.room, beds.beds)
    since = beds.free_from(bed, since)
    if stay is not None and stay.until is None:
        house.ended.append((stay.fact, fact.id, since))
        old = house.rooms.get((stay.site, stay.room))
        if old is not None:
            old.taken.discard(stay.bed)
            old.used_until[stay.bed] = since
    beds.taken.add(bed)
    house.stays[body.person] = LastStay(fact.id, body.site, body.room, bed, since, None)
    house.given.append((fact, bed, since))
    return None


def end_stays(context: Context, persons: Iterable[UUID]) -> None:
    """End the stays of those of these persons whom their site holds no more.

    persons: anybody whose holder may have changed: a person in a room of the site that holds them
    is left there. When and by what a stay ended is said by the entry by which the site let the
    person go, so that it does not matter when this is called, or how often. One statement when
    nobody has left a room.
    """
    look_who_left(context, uuids(persons))
    move_out(context)


def look_who_left(context: Context, persons: Array) -> None:
    """Ask whose stay must end; `move_out` ends them."""
    context.ask(LEFT, LEFT, (persons,))


def move_out(context: Context) -> None:
    """End the stays that `look_who_left` asked for."""
    rows = context.answer(LEFT)
    if not rows:
        return
    context.locks(unit_subject(site) for __, site, __, __ in rows)
    context.cursor.execute(MOVE_OUT, (
        uuids(stay for stay, __, __, __ in rows), uuids(fact for __, __, fact, __ in rows),
        moments(at for __, __, __, at in rows)))


# ── rounds ───────────────────────────────────────────────────────────────────────────────────────
READ = """
INSERT INTO isolation_reading AS r (person, day, slot, account, temperature_c, symptoms, note, at,
                                    fact)
SELECT person, day::date, slot, account, temperature_c,
       ARRAY(SELECT jsonb_array_elements_text(symptoms::jsonb)), note, at, fact
FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::float8[], %b::text[], %b::text[],
            %b::timestamptz[], %b::uuid[])
     u(person, day, slot, account, temperature_c, symptoms, note, at, fact)
ON CONFLICT (person, day, slot) DO UPDATE SET account = excluded.account,
    temperature_c = excluded.temperature_c, symptoms = excluded.symptoms, note = excluded.note,
    at = excluded.at, fact = excluded.fact
WHERE r.fact < excluded.fact
"""
HELD_THEN = """
SELECT u.fact, u.person, (SELECT e.taker FROM custody_entry e
    WHERE e.subject = u.person AND e.at <= u.at ORDER BY e.at DESC, e.fact DESC LIMIT 1)
FROM unnest(%b::uuid[], %b::uuid[], %b::timestamptz[]) u(fact, person, at)
"""


@reduces("isolation.round_done")
def read_rounds(facts: list[Fact], context: Context) -> list[Verdict]:
    """Of several readings of one round the one with the latest id counts, whatever comes first."""
    accounts = known_accounts(context)
    zone = ZoneInfo(settings.COUNTY_ZONE)
    verdicts = [_check_account(f, accounts) or check_round(f.body, f.at, zone) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    rows = [(f, r) for f in good for r in f.body.readings]
    context.cursor.execute(READ, (
        uuids(r.person for __, r in rows), texts(f.body.day for f, __ in rows),
        texts(f.body.slot for f, __ in rows), texts(f.body.account for f, __ in rows),
        [r.temperature_c for __, r in rows], documents(_encode(r.symptoms) for __, r in rows),
        texts(r.note for __, r in rows), moments(f.at for f, __ in rows),
        uuids(f.id for f, __ in rows)))
    for fact, reading in rows:
        if has_signs(reading.temperature_c, reading.symptoms):
            context.find(fact, "symptoms", "isolation.signs",
                         {"account": fact.body.account, "temperature": reading.temperature_c,
                          "symptoms": ", ".join(reading.symptoms)},
                         subject=reading.person, owner=fact.body.account)
    _find_strangers(context, [(f, r.person) for f, r in rows], "reading_of_stranger")
    context.touch(r.person for __, r in rows)
    # Whom a site reads it has: rooms given before their acceptance was heard get another turn.
    context.happened({r.person for __, r in rows})
    return verdicts


def _check_account(fact: Fact, accounts: dict[str, str]) -> Verdict:
    account = fact.body.account
    if account not in accounts:
        return unknown_account(account)
    if accounts[account] not in ACCOUNTS_WITH_ROUNDS:
        return Quarantined("no_rounds_there", _("“%(code)s” makes no rounds."), "isolation.round",
                           {"code": account})
    if fact.place is not None and fact.place != account:
        return not_your_account(fact, account)
    return None


def _find_strangers(context: Context, seen: Iterable[tuple[Fact, UUID]], code: str) -> None:
    """Whom the account neither holds now nor held then was read or visited: kept, and found."""
    pairs = list(seen)
    holdings = held(context, {p for __, p in pairs})
    odd = [(f, p) for f, p in pairs
           if (h := holdings.get(p)) is None or h.account != f.body.account]
    if not odd:
        return
    context.cursor.execute(HELD_THEN, (
        uuids(f.id for f, __ in odd), uuids(p for __, p in odd), moments(f.at for f, __ in odd)))
    then = {(fact, person): account for fact, person, account in context.cursor.fetchall()}
    for fact, person in odd:
        if then[fact.id, person] != fact.body.account:
            holding = holdings.get(person)
            context.find(fact, code, "isolation.held",
                         {"account": fact.body.account,
                          "holder": holding.account if holding else ""},
                         subject=person, owner=fact.body.account)


# ── visits ───────────────────────────────────────────────────────────────────────────────────────
@reduces("isolation.home_visited")
def visit_homes(facts: list[Fact], context: Context) -> list[Verdict]:
    accounts = known_accounts(context)
    verdicts = [_check_account(f, accounts) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    context.cursor.execute(
        "INSERT INTO isolation_visit (fact, person, account, at, found, needs) "
        "SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::timestamptz[], "
        "%b::boolean[], %b::text[])",
        (uuids(f.id for f in good), uuids(f.body.person for f in good),
         texts(f.body.account for f in good), moments(f.at for f in good),
         booleans(f.body.found for f in good), texts(f.body.needs for f in good)))
    for fact in good:
        body = fact.body
        if not body.found:
            context.find(fact, "not_at_home", "isolation.visit", {"account": body.account},
                         subject=body.person, owner=body.account)
        if body.needs.strip():
            context.find(fact, "need_named", "isolation.visit", {"account": body.account},
                         subject=body.person, owner=body.account)
    _find_strangers(context, [(f, f.body.person) for f in good], "visit_of_stranger")
    context.touch(f.body.person for f in good)
    return verdicts
