"""Devices at the door: who a token speaks for."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from pratique.journal.fact import Actor
from pratique.kit.doors import heard_clock, now
from pratique.kit.sql import reading

OFFICE = "office"  # devices of an office speak for the whole county, as its people do

# A token is a device's own for good, or one of hours that it fetched with its key (pratique/field);
# those end with the enrolment in which they were fetched.
DEVICE_OF_TOKEN = """
SELECT d.device, d.unit, d.roles, d.revoked_at IS NOT NULL, u.kind, k.expires_at,
       (SELECT now FROM journal_drill)
FROM (SELECT device, NULL::timestamptz AS issued_at, NULL::timestamptz AS expires_at
      FROM registry_device WHERE token_sha256 = %(token)s
      UNION ALL
      SELECT device, issued_at, expires_at FROM field_token WHERE token_sha256 = %(token)s) k
JOIN registry_device d ON d.device = k.device
    AND (k.issued_at IS NULL OR d.public_key IS NOT NULL AND k.issued_at >= d.enrolled_at)
LEFT JOIN registry_unit u ON u.code = d.unit
"""
DEVICES_BESIDE = """
SELECT o.device FROM registry_device d JOIN registry_device o ON o.unit = d.unit
WHERE d.device = %s
"""


@dataclass(frozen=True, slots=True)
class RevokedDevice(Actor):
    """A device that may no longer speak: what it sends is kept aside, without effect."""


def actor_of_token(token: str, hears_revoked: bool = False) -> Actor | None:
    """The voice of a device by its bearer token; None for an unknown one.

    For a revoked device None too, or a `RevokedDevice` where the asker `hears_revoked`.
    """
    with reading() as cursor:
        cursor.execute(DEVICE_OF_TOKEN, {"token": sha256(token.encode()).hexdigest()})
        row = cursor.fetchone()
    if row is None:
        return None
    device, unit, roles, is_revoked, kind, expires_at, driven = row
    heard_clock(driven)
    if expires_at is not None and expires_at <= now():
        return None
    if is_revoked and not hears_revoked:
        return None
    voice = RevokedDevice if is_revoked else Actor
    units = None if kind == OFFICE else frozenset([unit])
    return voice(frozenset(roles), units, device, None)


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


def devices_beside(device: UUID) -> frozenset[UUID]:
    """The devices enrolled at this device's unit, itself and revoked ones included: their facts
    may come through it."""
    with reading() as cursor:
        cursor.execute(DEVICES_BESIDE, (device,))
        return frozenset(row[0] for row in cursor.fetchall())
