"""Devices at the door: who a token speaks for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from pratique.api.clocks import NOTHING_KNOWN, Known
from pratique.journal.fact import Actor
from pratique.kit.doors import heard_clock, now
from pratique.kit.sql import reading

OFFICE = "office"  # devices of an office speak for the whole county, as its people do

# A token is a device's own for good, or one of hours that it fetched with its key (pratique/field);
# those end with the enrolment in which they were fetched.
_CLOCK = ("d.entries_off_s, d.clock_off_s, j.made_through, j.made_at, j.after_number, j.after_at, "
          "d.enrolled_at, j.device IS NULL")
DEVICE_OF_TOKEN = f"""
SELECT d.device, d.unit, d.roles, d.revoked_at IS NOT NULL, u.kind, k.expires_at,
       (SELECT now FROM journal_drill), {_CLOCK}
FROM (SELECT device, NULL::timestamptz AS issued_at, NULL::timestamptz AS expires_at
      FROM registry_device WHERE token_sha256 = %(token)s
      UNION ALL
      SELECT device, issued_at, expires_at FROM field_token WHERE token_sha256 = %(token)s) k
JOIN registry_device d ON d.device = k.device
    AND (k.issued_at IS NULL OR d.public_key IS NOT NULL AND k.issued_at >= d.enrolled_at)
LEFT JOIN registry_unit u ON u.code = d.unit
LEFT JOIN journal_device j ON j.device = d.device
"""
DEVICES_BESIDE = f"""
SELECT d.device, {_CLOCK} FROM registry_device me JOIN registry_device d ON d.unit = me.unit
LEFT JOIN journal_device j ON j.device = d.device WHERE me.device = %s
"""


@dataclass(frozen=True, slots=True)
class Device(Actor):
    """A device at the door. clock: what is known of its time."""

    unit: str | None = None
    clock: Known = NOTHING_KNOWN


@dataclass(frozen=True, slots=True)
class RevokedDevice(Device):
    """A device that may no longer speak: what it sends is kept aside, without effect."""


def actor_of_token(token: str, hears_revoked: bool = False) -> Device | None:
    """The voice of a device by its bearer token; None for an unknown one.

    For a revoked device None too, or a `RevokedDevice` where the asker `hears_revoked`.
    """
    with reading() as cursor:
        cursor.execute(DEVICE_OF_TOKEN, {"token": sha256(token.encode()).hexdigest()})
        row = cursor.fetchone()
    if row is None:
        return None
    device, unit, roles, is_revoked, kind, expires_at, driven, *clock = row
    heard_clock(driven)
    if expires_at is not None and expires_at <= now():
        return None
    if is_revoked and not hears_revoked:
        return None
    voice = RevokedDevice if is_revoked else Device
    units = None if kind == OFFICE else frozenset([unit])
    return voice(frozenset(roles), units, device, unit=unit, clock=_known(*clock))


VOICE_OF_DEVICE = """
SELECT d.unit, d.roles, u.kind FROM registry_device d LEFT JOIN registry_unit u ON u.code = d.unit
WHERE d.device = %s
"""


def voice_of(device: UUID) -> Actor | None:
    """The voice that a device has by its enrolment, revoked or not; None for an unknown one."""
    with reading() as cursor:
        row = cursor.execute(VOICE_OF_DEVICE, (device,)).fetchone()
    if row is None:
        return None
    unit, roles, kind = row
    return Actor(frozenset(roles), None if kind == OFFICE else frozenset([unit]), device, None)


def devices_beside(device: UUID) -> dict[UUID, Known]:
    """The devices enrolled at this device's unit, itself and revoked ones included, with what is
    known of their time: their facts may come through it."""
    with reading() as cursor:
        cursor.execute(DEVICES_BESIDE, (device,))
        return {row[0]: _known(*row[1:]) for row in cursor.fetchall()}


def _known(
    entries_off_s: int | None, clock_off_s: int | None, made_through: int | None,
    made_at: datetime | None, after_number: int | None, after_at: datetime | None,
    enrolled_at: datetime, is_new: bool,
) -> Known:
    after: Iterable[tuple[int | None, datetime | None]] = (
        [(-1, enrolled_at)] if is_new else [(made_through, made_at), (after_number, after_at)])
    return Known(
        None if entries_off_s is None else timedelta(seconds=entries_off_s),
        None if clock_off_s is None else timedelta(seconds=clock_off_s),
        [(number, moment) for number, moment in after if number is not None and moment is not None])
