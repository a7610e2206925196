"""Risk lists as facts: areas with the time from which and until which they were in force.

Only what a list changed between its neighbours in time is written, and a list that is heard late
(an older one imported afterwards) fits in among the others: the ranges never depend on the order.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _

from pratique.journal.context import Context
from pratique.journal.fact import Disputed, Fact, Parked, Verdict
from pratique.journal.kinds import reduces
from pratique.kit.arrays import moments, texts, uuids
from pratique.kit.ids import unit_subject
from pratique.registry import rules
from pratique.registry.facts import RISK_LIST
from pratique.registry.reduce_units import known_divisions
from pratique.registry.risk_lists import TIER_RANK, name_key

AREAS = unit_subject("risk-areas")
_REGRADED = "registry.regraded_units"

ADD_LISTS = """
INSERT INTO registry_risklist (stamp, fact, source, published, counted, places_digest)
VALUES (%s, %s, %s, %s::jsonb, %s::jsonb, %s)
"""
ADD_AREAS = """
INSERT INTO registry_riskarea (area, key, tier, unit, division, province, city, county, text, rest)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
                     %b::text[], %b::text[], %b::text[], %b::boolean[])
ON CONFLICT DO NOTHING
"""
ADD_MEMBERS = """
INSERT INTO registry_riskmembership (stamp, area) SELECT %s::timestamptz, unnest(%b::uuid[])
"""
NEIGHBOURS = """
SELECT (SELECT max(stamp) FROM registry_risklist WHERE stamp < %s),
       (SELECT min(stamp) FROM registry_risklist WHERE stamp > %s)
"""
MEMBERS = "SELECT area FROM registry_riskmembership WHERE stamp = %s"
# Read, then written by the same words: joined to itself the table was read once for each row
# while its statistics were young (measured: 9 s instead of 0.02).
_RUNNING = """
WHERE area = ANY(%b) AND valid_from < %s AND (valid_until IS NULL OR valid_until > %s)
"""
RUNNING = f"SELECT area, key, valid_until FROM registry_riskvalidity {_RUNNING}"
CLOSE_RANGES = f"UPDATE registry_riskvalidity SET valid_until = %s {_RUNNING}"
BEGIN_EARLIER = """
UPDATE registry_riskvalidity SET valid_from = %s WHERE area = ANY(%b) AND valid_from = %s
"""
OPEN_RANGES = """
INSERT INTO registry_riskvalidity (area, key, valid_from, valid_until)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::timestamptz[], %b::timestamptz[])
"""
UNITS = """
SELECT DISTINCT a.unit, z.division
FROM registry_riskarea a LEFT JOIN registry_zone z ON z.unit = a.unit WHERE a.area = ANY(%b)
"""
ADD_ZONES = """
INSERT INTO registry_zone (unit, province, city, county, first_stamp, last_stamp, rows, areas,
                           division, decided_by, reason)
SELECT unit, province, city, county, stamp, stamp, rows, areas, NULL, NULL, ''
FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::timestamptz[], %b::bigint[],
            %b::bigint[]) u(unit, province, city, county, stamp, rows, areas)
ON CONFLICT (unit) DO UPDATE SET
    first_stamp = least(registry_zone.first_stamp, excluded.first_stamp),
    rows = CASE WHEN excluded.last_stamp >= registry_zone.last_stamp
           THEN excluded.rows ELSE registry_zone.rows END,
    areas = CASE WHEN excluded.last_stamp >= registry_zone.last_stamp
            THEN excluded.areas ELSE registry_zone.areas END,
    last_stamp = greatest(registry_zone.last_stamp, excluded.last_stamp)
"""
MAP_ZONE = """
UPDATE registry_zone SET division = %s, decided_by = %s, reason = %s WHERE unit = %s
"""


def regraded_units(context: Context) -> frozenset[str]:
    """Units whose stays may have another tier since this batch: only their episodes are graded
    anew. For the pathway, at the end of a batch."""
    return frozenset(context.notes.get(_REGRADED, ()))


def _regrade(context: Context, units: Sequence[str | None]) -> None:
    context.notes.setdefault(_REGRADED, set()).update(unit for unit in units if unit)


@reduces("registry.risk_list_published")
def publish_lists(facts: list[Fact], context: Context) -> list[Verdict]:
    """All lists have one subject, so each call brings one list."""
    return [_publish(fact, context) for fact in facts]


def _publish(fact: Fact, context: Context) -> Verdict:
    body = fact.body
    unknown = [row.division for row in body.rows if row.division]
    refused = _check_rows(body, known_divisions(context, unknown))
    if refused:
        return refused
    digest = _digest(body)
    context.cursor.execute(
        "SELECT places_digest FROM registry_risklist WHERE stamp = %s", (body.stamp,))
    same = context.cursor.fetchone()
    if same is not None:
        return None if same[0] == digest else Disputed(
            "list_exists", _("Another list with the stamp %(stamp)s is known already."),
            "registry.risk_list", {"stamp": body.stamp.isoformat()})
    _write_list(fact, context, digest)
    return None


def _check_rows(body, divisions: set[str]) -> Verdict:
    count = sum(len(row.places) for row in body.rows)
    if body.stamp.tzinfo is None or not 0 < count <= rules.PLACES_OF_A_LIST_MAX:
        return rules.bad("risk_list_shape", _("A list has a stamp with its zone and between 1 and "
                                              "%(most)s places."), "registry.risk_list",
                         most=rules.PLACES_OF_A_LIST_MAX)
    for row in body.rows:
        if row.division and row.division not in divisions:
            return rules.bad("unknown_division", _("There is no division “%(code)s”."),
                             "registry.division", code=row.division)
        unit = _unit(row)
        if any(not place.key.startswith(unit + "/") for place in row.places):
            return rules.bad("place_key", _("A place's key begins with its unit, “%(unit)s”."),
                             "registry.risk_list", unit=unit)
    return None


def _unit(row) -> str:
    return row.division or name_key(row.province, row.city, row.county)


def _digest(body) -> str:
    """Tells a list that is sent again from another one under the same stamp."""
    lines = sorted(f"{row.tier}\t{place.key}\t{place.text}"
                   for row in body.rows for place in row.places)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _write_list(fact: Fact, context: Context, digest: str) -> None:
    body, cursor = fact.body, context.cursor
    areas = {area_id(tier, place.key): (tier, row, place)
             for tier, row, place in _areas_in_force(body)}
    counted = {tier: sum(len(r.places) for r in body.rows if r.tier == tier)
               for tier in TIER_RANK if TIER_RANK[tier]}
    cursor.execute(ADD_LISTS, (body.stamp, fact.id, body.source, _totals(body.counts),
                               _totals(counted), digest))
    columns = zip(*(_area_row(area, *found) for area, found in areas.items()), strict=True)
    cursor.execute(ADD_AREAS, [list(column) for column in columns])
    cursor.execute(ADD_MEMBERS, (body.stamp, uuids(areas)))
    changed = _fit_ranges(context, body.stamp, {a: found[2].key for a, found in areas.items()})
    _add_zones(fact, context)
    cursor.execute(UNITS, (uuids(changed),))
    _regrade(context, [unit for pair in cursor.fetchall() for unit in pair])
    context.happened([RISK_LIST])
    _find_differences(fact, context, counted)


def _fit_ranges(context: Context, stamp: datetime, keys: dict[UUID, str]) -> set[UUID]:
    """Fit the list of `stamp` between its neighbours; answer the areas in force otherwise now.

    keys: the list's areas with their keys. Usually there is no later list, and then areas that
    are gone end and new ones begin. Heard late, the list also parts ranges that go on after it,
    and lets begin earlier what the next list has.
    """
    cursor = context.cursor
    cursor.execute(NEIGHBOURS, (stamp, stamp))
    earlier, later = cursor.fetchone()
    before, after = _members(context, earlier), _members(context, later)
    gone, new = before - keys.keys(), keys.keys() - before
    cursor.execute(RUNNING, (uuids(gone & after), stamp, stamp))
    parted = [(area, key, later, until) for area, key, until in cursor.fetchall()]
    cursor.execute(CLOSE_RANGES, (stamp, uuids(gone), stamp, stamp))
    cursor.execute(BEGIN_EARLIER, (stamp, uuids(new & after), later))
    rows = parted + [(area, keys[area], stamp, later) for area in new - after]
    cursor.execute(OPEN_RANGES, (
        uuids(r[0] for r in rows), texts(r[1] for r in rows), moments(r[2] for r in rows),
        moments(r[3] for r in rows)))
    return gone | new


def _members(context: Context, stamp: datetime | None) -> set[UUID]:
    context.cursor.execute(MEMBERS, (stamp,))
    return {area for (area,) in context.cursor.fetchall()}


def _areas_in_force(body) -> list[tuple]:
    """(tier, row, place), one a key: where the list names one twice, the higher tier counts."""
    best: dict[str, tuple] = {}
    for row in body.rows:
        for place in row.places:
            other = best.get(place.key)
            if other is None or TIER_RANK[row.tier] > TIER_RANK[other[0]]:
                best[place.key] = (row.tier, row, place)
    return list(best.values())


def area_id(tier: str, key: str) -> UUID:
    """An area's id: the same on every machine and in every rebuild."""
    return uuid5(AREAS, f"{tier}|{key}")


def _area_row(area: UUID, tier: str, row, place) -> tuple:
    return (area, place.key, tier, _unit(row), row.division, row.province,
            row.city, row.county, place.text, place.rest)


def _totals(counts: dict) -> str:
    items = ",".join(f'"{tier}":{"null" if n is None else n}' for tier, n in sorted(counts.items()))
    return "{" + items + "}"


def _add_zones(fact: Fact, context: Context) -> None:
    rows: dict[str, list] = {}
    for row in fact.body.rows:
        if row.division is None:
            rows.setdefault(_unit(row), []).append(row)
    zones = sorted(rows.items())
    context.cursor.execute(ADD_ZONES, (
        [unit for unit, __ in zones], [same[0].province for __, same in zones],
        [same[0].city for __, same in zones], [same[0].county for __, same in zones],
        [fact.body.stamp for __ in zones], [len(same) for __, same in zones],
        [sum(len(r.places) for r in same) for __, same in zones]))


def _find_differences(fact: Fact, context: Context, counted: dict[str, int]) -> None:
    wrong = {t: (fact.body.counts.get(t), n) for t, n in counted.items()
             if fact.body.counts.get(t) != n}
    if wrong:
        said = "; ".join(f"{tier}: {theirs} / {ours}" for tier, (theirs, ours) in wrong.items())
        context.find(fact, "risk_list_totals", "registry.risk_list", {"difference": said},
                     owner="command")


@reduces("registry.area_mapped")
def map_areas(facts: list[Fact], context: Context) -> list[Verdict]:
    """All mappings have one subject, so each call brings one; the latest counts."""
    return [_map(fact, context) for fact in facts]


def _map(fact: Fact, context: Context) -> Verdict:
    body = fact.body
    refused = rules.check_reason(body.reason)
    if refused:
        return refused
    if body.division and body.division not in known_divisions(context, [body.division]):
        return rules.bad("unknown_division", _("There is no division “%(code)s”."),
                         "registry.division", code=body.division)
    context.cursor.execute("SELECT division FROM registry_zone WHERE unit = %s", (body.place,))
    before = context.cursor.fetchone()
    if before is None:
        return Parked(on=RISK_LIST, code="zone_unknown", rule="registry.area_mapped")
    context.cursor.execute(MAP_ZONE, (body.division, fact.id, body.reason, body.place))
    _regrade(context, [body.place, body.division, before[0]])
    return None
