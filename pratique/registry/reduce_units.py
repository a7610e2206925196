"""Units and rooms: opened, closed."""

from collections.abc import Iterable

import msgspec
from django.utils.translation import gettext_lazy as _

from pratique.custody.reduce import open_accounts
from pratique.journal.context import Context
from pratique.journal.fact import Disputed, Fact, Parked, Verdict
from pratique.journal.kinds import reduces
from pratique.kit.errors import Refusal
from pratique.kit.ids import unit_subject
from pratique.registry import rules
from pratique.registry.plates import check_plate

UNITS = "SELECT code, kind, closed_at IS NULL FROM registry_unit WHERE code = ANY(%b)"
OPEN_UNITS = """
INSERT INTO registry_unit (code, kind, name_zh, name_en, parent, division, capacity, plate,
                           invented, attributes, opened_by, opened_at, closed_at, closed_reason)
SELECT code, kind, name_zh, name_en, parent, division, capacity, plate, invented,
       attributes::jsonb, opened_by, opened_at, NULL, ''
FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[],
            %b::text[], %b::boolean[], %b::text[], %b::uuid[], %b::timestamptz[])
     u(code, kind, name_zh, name_en, parent, division, capacity, plate, invented, attributes,
       opened_by, opened_at)
ON CONFLICT (code) DO UPDATE SET
    name_zh = excluded.name_zh, name_en = excluded.name_en, parent = excluded.parent,
    division = excluded.division, capacity = excluded.capacity, plate = excluded.plate,
    invented = excluded.invented, attributes = excluded.attributes,
    opened_by = excluded.opened_by, opened_at = excluded.opened_at,
    closed_at = NULL, closed_reason = ''
"""
CLOSE_UNITS = """
UPDATE registry_unit r SET closed_at = u.at, closed_reason = u.reason
FROM unnest(%b::text[], %b::timestamptz[], %b::text[]) u(code, at, reason) WHERE r.code = u.code
"""
OPEN_ROOMS = """
INSERT INTO registry_room (site, room, beds, floor, features, opened_by)
SELECT site, room, beds, floor, ARRAY(SELECT jsonb_array_elements_text(features::jsonb)), opened_by
FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::text[], %b::text[], %b::uuid[])
     u(site, room, beds, floor, features, opened_by)
"""
_json = msgspec.json.Encoder(order="sorted")


def known_units(context: Context, codes: Iterable[str]) -> dict[str, tuple[str, bool]]:
    """{code: (kind, whether open)} of the units among `codes` that there are."""
    context.cursor.execute(UNITS, (list(set(codes)),))
    return {code: (kind, is_open) for code, kind, is_open in context.cursor.fetchall()}


def known_divisions(context: Context, codes: Iterable[str | None]) -> set[str]:
    wanted = list({code for code in codes if code})
    context.cursor.execute("SELECT code FROM registry_division WHERE code = ANY(%b)", (wanted,))
    return {code for (code,) in context.cursor.fetchall()}


# Units --------------------------------------------------------------------------------------------


@reduces("registry.unit_opened")
def open_units(facts: list[Fact], context: Context) -> list[Verdict]:
    units = known_units(
        context, [c for f in facts for c in (f.body.code, f.body.parent) if c is not None])
    divisions = known_divisions(context, [f.body.division for f in facts])
    plates = {f.id: _plate_of(f) for f in facts}
    verdicts = [_check_unit(f, units, divisions, plates[f.id]) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if good:
        bodies = [f.body for f in good]
        context.cursor.execute(OPEN_UNITS, (
            [b.code for b in bodies], [b.kind for b in bodies], [b.name_zh for b in bodies],
            [b.name_en for b in bodies], [b.parent for b in bodies],
            [b.division for b in bodies], [b.capacity for b in bodies],
            [plates[f.id] for f in good], [b.invented for b in bodies],
            [_json.encode(b.attributes).decode() for b in bodies], [f.id for f in good],
            [f.at for f in good]))
        open_accounts(context, [(b.code, b.kind, b.capacity) for b in bodies])
        context.happened(unit_subject(b.code) for b in bodies)
    return verdicts


def _plate_of(fact: Fact) -> str | Refusal | None:
    try:
        return check_plate(fact.body.plate) if fact.body.plate else None
    except Refusal as refusal:
        return refusal


def _check_unit(
    fact: Fact, units: dict[str, tuple[str, bool]], divisions: set[str],
    plate: str | Refusal | None,
) -> Verdict:
    body = fact.body
    refused = rules.check_unit(body)
    if refused:
        return refused
    if isinstance(plate, Refusal):
        return rules.bad(plate.code, plate.sentence, plate.rule, **plate.params)
    if body.division and body.division not in divisions:
        return rules.bad("unknown_division", _("There is no division “%(code)s”."),
                         "registry.division", code=body.division)
    before = units.get(body.code)
    if before is not None and (before[1] or before[0] != body.kind):
        return Disputed("unit_exists", _("There is a unit “%(code)s” already."),
                        "registry.unit_code", {"code": body.code})
    if body.parent and body.parent not in units:
        return Parked(on=unit_subject(body.parent), code="parent_unknown",
                      rule="registry.unit_parent")
    return None


@reduces("registry.unit_closed")
def close_units(facts: list[Fact], context: Context) -> list[Verdict]:
    codes = [f.body.code for f in facts]
    units = known_units(context, codes)
    context.cursor.execute(
        "SELECT DISTINCT account FROM custody_holding WHERE account = ANY(%b)", (codes,))
    busy = {account for (account,) in context.cursor.fetchall()}
    verdicts = [_check_closing(f, units, busy) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if good:
        context.cursor.execute(CLOSE_UNITS, (
            [f.body.code for f in good], [f.at for f in good], [f.body.reason for f in good]))
    return verdicts


def _check_closing(fact: Fact, units: dict[str, tuple[str, bool]], busy: set[str]) -> Verdict:
    code = fact.body.code
    refused = rules.check_reason(fact.body.reason)
    if refused:
        return refused
    if code not in units:
        return Parked(on=unit_subject(code))
    if code in busy:
        return Disputed("unit_not_empty", _("“%(code)s” still holds somebody or something."),
                        "registry.unit_closed", {"code": code}, owner=code)
    if not units[code][1]:
        return Disputed("unit_closed", _("“%(code)s” is closed already."),
                        "registry.unit_closed", {"code": code})
    return None


@reduces("registry.rooms_opened")
def open_rooms(facts: list[Fact], context: Context) -> list[Verdict]:
    sites = [f.body.site for f in facts]
    units = known_units(context, sites)
    context.cursor.execute(
        "SELECT site, room FROM registry_room WHERE site = ANY(%b)", (sites,))
    there = set(context.cursor.fetchall())
    verdicts = [_check_opening(f, units, there) for f in facts]
    rooms = [
        (f, room) for f, v in zip(facts, verdicts, strict=True) if v is None
        for room in f.body.rooms
    ]
    if rooms:
        context.cursor.execute(OPEN_ROOMS, (
            [f.body.site for f, __ in rooms], [r.room for __, r in rooms],
            [r.beds for __, r in rooms], [r.floor for __, r in rooms],
            [_json.encode(r.features).decode() for __, r in rooms], [f.id for f, __ in rooms]))
    return verdicts


def _check_opening(
    fact: Fact, units: dict[str, tuple[str, bool]], there: set[tuple[str, str]]
) -> Verdict:
    body = fact.body
    refused = rules.check_rooms(body)
    if refused:
        return refused
    if body.site not in units:
        return Parked(on=unit_subject(body.site))
    if units[body.site][0] != "isolation_site":
        return rules.bad("not_a_site", _("“%(code)s” is no isolation site."), "registry.rooms",
                         code=body.site)
    known = [room.room for room in body.rooms if (body.site, room.room) in there]
    if known:
        return Disputed("room_exists", _("The site has these rooms already: %(rooms)s."),
                        "registry.rooms", {"rooms": ", ".join(known[:20])}, owner=body.site)
    return None
