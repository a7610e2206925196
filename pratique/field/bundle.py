"""The bundle: what a device takes along into days without a network, signed by the county.

A bundle is made when what is in it has changed, or when the last one is some hours old, so that
its age on the device stays honest. How many hours it is good for is the pack's to say; beyond, a
device shows "out of date". Each one made has a version of its own, greater than any before,
even than those that a restore has forgotten: it is never less than the seconds of the clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from django.utils.translation import gettext_lazy as _

from pratique.api.answers import Refused
from pratique.checkpoint import queries as checkpoint
from pratique.checkpoint.queries import Awaited
from pratique.field import enrolment, epoch, expected, signing
from pratique.field.packs import packs_in_force, risk_lists
from pratique.journal import vault
from pratique.kit.errors import Refusal
from pratique.kit.seal import fact_digest
from pratique.kit.sql import in_transaction, one_row, reading
from pratique.pathway.queries import device_limits
from pratique.registry import queries as registry

RENEWED_HOURS = 6
EXPECTED_ARRIVALS_MAX = 10_000
EXPECTED_BEFORE_DAYS = 2  # who has not come by then is not carried about any longer
EXPECTED_AHEAD_DAYS = 14
PEERS_MAX = 2_000
NO_CUSTODIANS = ("outside", "office")
_canonical = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle ready to be sent. version also stands in its payload."""

    version: int
    payload: str
    key: str
    signature: str


def bundle_for(device: UUID, known: int | None, now: datetime) -> Made | None:
    """The device's bundle; None when the one that it knows still says what is so."""
    valid_hours = device_limits(now).bundle_hours_max
    with reading() as cursor:
        unit, roles = unit_and_roles(cursor, device)
        content = {
            "county": enrolment.county(), "epoch": epoch.current(),
            "key": signing.county_key().id, "valid_hours": valid_hours, "device": device,
            "roles": roles, **_units(unit), "staff": _staff(cursor, unit),
            "packs": packs_in_force(cursor), "risk": risk_lists(cursor),
            "revoked": _revoked(cursor),
        }
        content |= _peers(cursor, device, [unit, *(a["code"] for a in content["accounts"])])
        last = cursor.execute("SELECT version, content, made_at FROM field_bundle "
                              "WHERE device = %s", (device,)).fetchone()
    arrivals, left_out = _arrivals(unit, now)
    digest = _digest(content, arrivals, left_out)
    if (last is not None and known == last[0] and bytes(last[1]) == digest
            and now - last[2] < _renewed_after(valid_hours)):
        return None
    return _make(device, content, arrivals, left_out, digest, now)


def _renewed_after(valid_hours: int) -> timedelta:
    """When the same bundle is made anew: well before the last one is out of date."""
    return min(timedelta(hours=RENEWED_HOURS), timedelta(hours=valid_hours) / 2)


def _make(
    device: UUID, content: dict[str, Any], arrivals: list[Awaited], left_out: int, digest: bytes,
    now: datetime,
) -> Made:
    announced = expected.sealed(expected.entries(arrivals)) | {"left_out": left_out}
    version = _next_version(device, digest, now)
    payload = _canonical.encode(
        content | {"version": version, "made_at": now, "expected": announced})
    return Made(version, payload.decode(), content["key"], signing.sign(payload))


def _next_version(device: UUID, digest: bytes, now: datetime) -> int:
    with in_transaction() as cursor:
        return one_row(cursor.execute(
            "INSERT INTO field_bundle AS b (device, version, content, made_at) "
            "VALUES (%s, %s, %b, %s) ON CONFLICT (device) DO UPDATE SET "
            "version = greatest(b.version + 1, excluded.version), content = excluded.content, "
            "made_at = excluded.made_at RETURNING version",
            (device, int(now.timestamp()), digest, now)))[0]


def _digest(content: dict[str, Any], arrivals: list[Awaited], left_out: int) -> bytes:
    """Tells whether something changed without opening anybody's identity."""
    told_by = registry.facts_of_records({a.person for a in arrivals})
    listed = [(a.id, a.eta, a.plate, a.destination, told_by.get(a.person)) for a in arrivals]
    return fact_digest(vault.county_keys(), _canonical.encode([content, listed, left_out]))


def _arrivals(unit: str, now: datetime) -> tuple[list[Awaited], int]:
    """Who is announced for this post and has not come; and how many more there are than fit."""
    found = checkpoint.announced(
        unit, since=now - timedelta(days=EXPECTED_BEFORE_DAYS),
        until=now + timedelta(days=EXPECTED_AHEAD_DAYS))
    return found[:EXPECTED_ARRIVALS_MAX], max(0, len(found) - EXPECTED_ARRIVALS_MAX)


def unit_and_roles(cursor: psycopg.Cursor, device: UUID) -> tuple[str, list[str]]:
    """For whom the device speaks. Raises Refused for an unknown one."""
    row = cursor.execute("SELECT unit, roles FROM registry_device WHERE device = %s",
                         (device,)).fetchone()
    if row is None:
        raise Refused(404, Refusal("device_unknown", _("This device is not enrolled here."),
                                   "field.device_known"))
    return row[0], sorted(row[1])


def _units(unit: str) -> dict[str, Any]:
    """The device's unit, and the custodians to whom it may hand over."""
    units = registry.units()
    own = next(u for u in units if u.code == unit)
    return {"unit": enrolment.unit_words(own),
            "accounts": [enrolment.unit_words(u) for u in units if u.is_open and u.code != unit
                         and u.kind not in NO_CUSTODIANS]}


STAFF = """
SELECT e.staff, e.username, e.fact, array_agg(d.role ORDER BY d.role)
FROM registry_duty d JOIN registry_enrolment e ON e.staff = d.staff
WHERE d.unit = %s AND e.locked_at IS NULL GROUP BY e.staff ORDER BY e.staff
"""


def _staff(cursor: psycopg.Cursor, unit: str) -> list[dict[str, Any]]:
    """The people who have a duty at the unit, by name. Opens their names."""
    rows = cursor.execute(STAFF, (unit,)).fetchall()
    boxes = vault.open_boxes(cursor, [row[2] for row in rows], [row[0] for row in rows])
    return [{"id": staff, "roles": roles,
             "name": boxes.get(fact, {}).get(staff, {}).get("name") or username}
            for staff, username, fact, roles in rows]


def _revoked(cursor: psycopg.Cursor) -> list[UUID]:
    return [device for (device,) in cursor.execute(
        "SELECT device FROM registry_device WHERE revoked_at IS NOT NULL ORDER BY device")]


PEERS = """
SELECT device, unit, roles, public_key, count(*) OVER () FROM registry_device
WHERE unit = ANY(%s) AND public_key IS NOT NULL AND revoked_at IS NULL AND device <> %s
ORDER BY unit <> %s, device LIMIT %s
"""


def _peers(cursor: psycopg.Cursor, device: UUID, units: list[str]) -> dict[str, Any]:
    """Devices whose signatures this one may have to check without a network, own unit first.

    units: the device's own, then those to whom it may hand over. Devices that show a token alone
    have no key, and sign nothing.
    """
    rows = cursor.execute(PEERS, (units, device, units[0], PEERS_MAX)).fetchall()
    return {"peers": [{"device": peer, "unit": unit, "roles": sorted(roles), "spki": spki}
                      for peer, unit, roles, spki, _count in rows],
            "peers_left_out": rows[0][4] - len(rows) if rows else 0}
