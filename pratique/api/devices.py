"""Devices at the door: who a token speaks for."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from pratique.journal.fact import Actor
from pratique.kit.arrays import uuids
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
SIGNERS = """
SELECT d.device, d.unit, d.roles, d.revoked_at IS NOT NULL, u.kind, d.public_key
FROM registry_device d LEFT JOIN registry_unit u ON u.code = d.unit
WHERE d.device = ANY(%b) AND d.public_key IS NOT NULL
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
    return _voice(device, unit, roles, is_revoked, kind)


def _voice(
    device: UUID, unit: str, roles: list[str], is_revoked: bool, kind: str | None
) -> Actor:
    voice = RevokedDevice if is_revoked else Actor
    units = None if kind == OFFICE else frozenset([unit])
    return voice(frozenset(roles), units, device, None)


def signers(devices: Iterable[UUID]) -> dict[UUID, tuple[Actor, str]]:
    """{device: (its voice, its public key)} of those that have a key; revoked ones included, as
    `RevokedDevice`. One statement."""
    with reading() as cursor:
        cursor.execute(SIGNERS, (uuids(devices),))
        return {device: (_voice(device, *rest), key) for device, *rest, key in cursor.fetchall()}


def devices_beside(device: UUID) -> frozenset[UUID]:
    """The devices enrolled at this device's unit, itself and revoked ones included: their facts
    may come through it."""
    with reading() as cursor:
        cursor.execute(DEVICES_BESIDE, (device,))
        return frozenset(row[0] for row in cursor.fetchall())
