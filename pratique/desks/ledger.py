"""The only writer of the desks' own tables: who looked, who failed to sign in, whose password."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from pratique.kit.ids import new_id
from pratique.kit.sql import in_transaction, reading

FAILED_NAME_MAX = 5
FAILED_ADDRESS_MAX = 30
FAILED_WITHIN = timedelta(minutes=15)


def note_looks(
    people: Iterable[UUID], *, staff: UUID | None, unit: str | None, page: str, at: datetime,
    device: UUID | None = None,
) -> None:
    """Keep that these records were opened, by staff at a desk or through a device."""
    rows = list(people)
    with in_transaction() as cursor:
        cursor.execute(
            "INSERT INTO desks_look (id, person, staff, device, unit, page, at) "
            "SELECT id, person, %s, %s, %s, %s, %s FROM unnest(%b::uuid[], %b::uuid[]) "
            "u(id, person)",
            (staff, device, unit, page, at, [new_id(at) for __ in rows], rows))


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody opened a record: at a desk (staff), or through a device."""

    at: datetime
    staff: UUID | None
    device: UUID | None
    unit: str | None
    page: str


def looks(person: UUID, limit: int = 50) -> list[Looked]:
    """Who opened a record, latest first."""
    with reading() as cursor:
        cursor.execute("SELECT at, staff, device, unit, page FROM desks_look WHERE person = %s "
                       "ORDER BY at DESC, id DESC LIMIT %s", (person, limit))
        return [Looked(*row) for row in cursor.fetchall()]


def note_secret(
    about: UUID, what: str, *, staff: UUID | None, unit: str | None, at: datetime
) -> None:
    """Keep that a secret of a member of staff or of a device was shown, and by whom."""
    with in_transaction() as cursor:
        cursor.execute(
            "INSERT INTO desks_secretshown (id, about, what, staff, unit, at) "
            "VALUES (%s, %s, %s, %s, %s, %s)", (new_id(at), about, what, staff, unit, at))


def secrets_shown(about: UUID, limit: int = 20) -> list[tuple[datetime, UUID | None, str]]:
    """(when, by whom, what) of the secrets shown of one, latest first."""
    with reading() as cursor:
        cursor.execute("SELECT at, staff, what FROM desks_secretshown WHERE about = %s "
                       "ORDER BY at DESC, id DESC LIMIT %s", (about, limit))
        return cursor.fetchall()


def _digest(text: str) -> bytes:
    key = settings.SECRET_KEY.encode()
    return hmac.digest(key, b"sign-in\0" + text.strip().lower().encode(), hashlib.sha256)


def too_many_failures(name: str, address: str, at: datetime) -> bool:
    """Whether this name, or this address, has to wait before it may try again."""
    with reading() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE name = %b), count(*) FILTER (WHERE address = %b) "
            "FROM desks_failedsignin WHERE at > %s AND (name = %b OR address = %b)",
            (_digest(name), _digest(address), at - FAILED_WITHIN, _digest(name), _digest(address)))
        by_name, by_address = cursor.fetchone()
    return by_name >= FAILED_NAME_MAX or by_address >= FAILED_ADDRESS_MAX


def note_failure(name: str, address: str, at: datetime) -> None:
    with in_transaction() as cursor:
        cursor.execute("DELETE FROM desks_failedsignin WHERE at < %s", (at - FAILED_WITHIN,))
        cursor.execute("INSERT INTO desks_failedsignin (id, name, address, at) "
                       "VALUES (%s, %b, %b, %s)", (new_id(at), _digest(name), _digest(address), at))


def forget_failures(name: str) -> None:
    with in_transaction() as cursor:
        cursor.execute("DELETE FROM desks_failedsignin WHERE name = %b", (_digest(name),))


def chose_password(staff: UUID) -> bool:
    """Whether this person's password is their own, not the one-time one."""
    with reading() as cursor:
        cursor.execute("SELECT 1 FROM desks_ownpassword WHERE staff = %s", (staff,))
        return cursor.fetchone() is not None


def forget_passwords(staff: Sequence[UUID]) -> None:
    """These people have one-time passwords again, and choose their own at the next sign-in."""
    with in_transaction() as cursor:
        cursor.execute("DELETE FROM desks_ownpassword WHERE staff = ANY(%b)", (list(staff),))


def note_password(staff: UUID, at: datetime) -> None:
    with in_transaction() as cursor:
        cursor.execute(
            "INSERT INTO desks_ownpassword (staff, chosen_at) VALUES (%s, %s) "
            "ON CONFLICT (staff) DO UPDATE SET chosen_at = excluded.chosen_at", (staff, at))
