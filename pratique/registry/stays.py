"""Risk areas read: the map of the lists, what a desk offers to tick, the work list."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import psycopg

from pratique.journal.prove import Law
from pratique.kit.sql import ask, one_row, reading
from pratique.registry.atlas import Atlas, Listed
from pratique.registry.risk_lists import NONE, TIER_RANK, Area
from pratique.registry.risk_text import PLACE, REST_OF_UNIT
from pratique.registry.risk_tiers import UnitTiers, match_text

# The newest list's fact makes one county's lists differ from any other's.
VERSION = """
SELECT max(stamp), count(*),
       (SELECT fact FROM registry_risklist ORDER BY stamp DESC LIMIT 1),
       (SELECT md5(coalesce(string_agg(unit || ':' || coalesce(division, ''), ',' ORDER BY unit),
        '')) FROM registry_zone WHERE decided_by IS NOT NULL), current_schema()
FROM registry_risklist
"""
LISTS = "SELECT stamp, fact FROM registry_risklist ORDER BY stamp"
AREAS = """
SELECT a.tier, a.province, a.city, a.county, a.text, a.unit, a.key, a.division, a.rest,
       v.valid_from, v.valid_until, z.division
FROM registry_riskvalidity v JOIN registry_riskarea a USING (area)
LEFT JOIN registry_zone z ON z.unit = a.unit
ORDER BY v.valid_from, a.unit, a.key
"""
_atlas: Atlas | None = None


def atlas(cursor: psycopg.Cursor) -> Atlas:
    """The map as the database has it now; read again only when a list or a mapping changed."""
    return ask_atlas(cursor)()


def ask_atlas(cursor: psycopg.Cursor) -> Callable[[], Atlas]:
    """The same; its version is asked for now, and the map answers when it is called."""
    asked = ask(cursor, VERSION, ())
    return lambda: _atlas_of(one_row(asked), cursor)


def _atlas_of(version: tuple, cursor: psycopg.Cursor) -> Atlas:
    global _atlas  # noqa: PLW0603 (a cache of one, keyed by its version)
    if _atlas is not None and _atlas.version == version:
        return _atlas
    cursor.execute(LISTS)
    lists = cursor.fetchall()
    places: dict[str, list[Listed]] = defaultdict(list)
    cursor.execute(AREAS)
    for *row, valid_from, valid_until, mapped in cursor.fetchall():
        area = _area(row)
        places[area.unit].append(Listed(area, valid_from, valid_until))
        if mapped is not None:
            # In the division that a person found, a zone's rest is a place to tick, not its rest.
            inside = replace(area, unit=mapped, division=mapped, reach=PLACE)
            places[mapped].append(Listed(inside, valid_from, valid_until))
    _atlas = Atlas(version, [s for s, __ in lists], [f for __, f in lists], dict(places))
    return _atlas


def _area(row: Sequence) -> Area:
    tier, province, city, county, text, unit, key, division, rest = row
    return Area(tier, province, city, county, text, unit, key, division, None,
                REST_OF_UNIT if rest else PLACE, None)


def unit_at(unit: str, at: datetime) -> UnitTiers | None:
    """What the list in force at `at` says about a unit: the places that a desk offers to tick."""
    with reading() as cursor:
        return atlas(cursor).unit_at(unit, at)


def places_like(unit: str, at: datetime, text: str) -> list[Area]:
    """Listed places of a unit that a free-text address may mean; for a person to choose."""
    tiers = unit_at(unit, at)
    return match_text(tiers, text) if tiers else []


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A published name that is no official division. Open while `decided_by` is None."""

    unit: str
    province: str
    city: str
    county: str
    rows: int
    areas: int
    first_stamp: datetime
    last_stamp: datetime
    division: str | None
    decided_by: UUID | None


def zones(*, only_open: bool = False) -> list[ZoneRow]:
    """The work list, those of the latest list first. rows and areas: in the latest list."""
    with reading() as cursor:
        cursor.execute(
            "SELECT unit, province, city, county, rows, areas, first_stamp, last_stamp, division, "
            "decided_by FROM registry_zone WHERE NOT %s OR decided_by IS NULL "
            "ORDER BY last_stamp DESC, unit", (only_open,))
        return [ZoneRow(*row) for row in cursor.fetchall()]


def zones_of_city(city: str) -> list[tuple[str, str]]:
    """(unit, name) of zones of a prefecture (its name), to offer beside its counties."""
    with reading() as cursor:
        cursor.execute("SELECT unit, county FROM registry_zone WHERE city = %s ORDER BY unit",
                       (city,))
        return cursor.fetchall()


def published_lists() -> list[tuple[datetime, UUID, str, dict, dict]]:
    """(stamp, fact, source, published totals, counted totals) of every list, newest first."""
    with reading() as cursor:
        cursor.execute("SELECT stamp, fact, source, published::text, counted::text "
                       "FROM registry_risklist ORDER BY stamp DESC")
        return [(s, f, source, json.loads(p), json.loads(c))
                for s, f, source, p, c in cursor.fetchall()]


def totals_at(at: datetime) -> dict[str, int]:
    """Areas in force at `at`, by tier."""
    with reading() as cursor:
        cursor.execute(
            "SELECT a.tier, count(*) FROM registry_riskvalidity v JOIN registry_riskarea a "
            "USING (area) WHERE v.valid_from <= %s "
            "AND (v.valid_until IS NULL OR v.valid_until > %s) GROUP BY 1", (at, at))
        return dict.fromkeys((t for t in TIER_RANK if t != NONE), 0) | dict(cursor.fetchall())


# A run of lists without a gap is one range: within it, list number minus running number is equal.
_RUNS = """
WITH lists AS (
    SELECT stamp, row_number() OVER (ORDER BY stamp) AS number FROM registry_risklist
), members AS (
    SELECT m.area, l.stamp, l.number,
           l.number - row_number() OVER (PARTITION BY m.area ORDER BY l.number) AS run
    FROM registry_riskmembership m JOIN lists l USING (stamp)
), runs AS (
    SELECT area, min(stamp) AS valid_from, max(number) AS last FROM members GROUP BY area, run
), ranges AS (
    SELECT r.area, a.key, r.valid_from, after.stamp AS valid_until
    FROM runs r JOIN registry_riskarea a USING (area)
    LEFT JOIN lists after ON after.number = r.last + 1
)
"""
_KEPT = "SELECT area, key, valid_from, valid_until FROM registry_riskvalidity"
RISK_LAWS = (
    Law("registry.risk_ranges", "An area is in force from one list's stamp until a list without "
        "it.",
        f"{_RUNS} ({_KEPT} EXCEPT TABLE ranges) UNION ALL (TABLE ranges EXCEPT {_KEPT})"),
    Law("registry.one_tier", "A place is in one tier at a time.",
        "SELECT a.key, a.valid_from FROM registry_riskvalidity a JOIN registry_riskvalidity b "
        "ON a.key = b.key AND a.area <> b.area "
        "AND tstzrange(a.valid_from, a.valid_until) && tstzrange(b.valid_from, b.valid_until)"),
    Law("registry.work_list", "Every area without an official division is on the work list.",
        "SELECT a.area FROM registry_riskarea a LEFT JOIN registry_zone z ON z.unit = a.unit "
        "WHERE a.division IS NULL AND z.unit IS NULL"),
)
