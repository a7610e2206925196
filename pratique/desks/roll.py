"""Reads of the desk for staff and devices: the roll page by page, and one member or device."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pratique.desks.queries import MISSING_NUMBERS
from pratique.duties.reduce_silent import SILENT
from pratique.journal import vault
from pratique.kit.sql import reading


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is filtered by. within: only what touches these units; None = the county."""

    unit: str | None = None
    role: str | None = None
    state: str | None = None
    within: Sequence[str] | None = None
    after: str | None = None
    limit: int = 50

    def parameters(self) -> dict[str, Any]:
        within = list(self.within) if self.within is not None else None
        return {"unit": self.unit, "role": self.role, "state": self.state, "within": within,
                "after": self.after, "limit": self.limit}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff on the roll. duties: (role, unit or "" for the county)."""

    staff: UUID
    username: str
    office: str
    locked_at: datetime | None
    locked_reason: str
    seen_at: datetime | None
    has_own_password: bool
    duties: list[tuple[str, str]]


_MEMBER = """
SELECT e.staff, e.username, e.office, e.locked_at, e.locked_reason, s.last_login,
       EXISTS (SELECT FROM desks_ownpassword o WHERE o.staff = e.staff),
       ARRAY(SELECT role FROM registry_duty d WHERE d.staff = e.staff ORDER BY unit, role),
       ARRAY(SELECT unit FROM registry_duty d WHERE d.staff = e.staff ORDER BY unit, role)
FROM registry_enrolment e JOIN registry_staff s ON s.id = e.staff
"""
_OF_STAFF = """
WHERE (%(unit)s::text IS NULL AND %(role)s::text IS NULL AND %(within)s::text[] IS NULL
       OR EXISTS (SELECT FROM registry_duty d WHERE d.staff = e.staff
                  AND (%(unit)s::text IS NULL OR d.unit = %(unit)s)
                  AND (%(role)s::text IS NULL OR d.role = %(role)s)
                  AND (%(within)s::text[] IS NULL OR d.unit = ANY(%(within)s))))
  AND CASE %(state)s::text WHEN 'locked' THEN e.locked_at IS NOT NULL ELSE true END
"""


def _member(row: tuple[Any, ...]) -> Member:
    *known, roles, units = row
    return Member(*known, duties=list(zip(roles, units, strict=True)))


def staff_page(asked: Asked) -> tuple[list[Member], int]:
    """One page of the roll by user name, after the name `asked.after`; and how many there are."""
    with reading() as cursor:
        cursor.execute(f"SELECT count(*) FROM registry_enrolment e {_OF_STAFF}",
                       asked.parameters())
        (total,) = cursor.fetchone()
        cursor.execute(
            f"{_MEMBER}{_OF_STAFF} AND (%(after)s::text IS NULL OR e.username > %(after)s) "
            "ORDER BY e.username LIMIT %(limit)s", asked.parameters())
        return [_member(row) for row in cursor.fetchall()], total


def member(staff: UUID) -> Member | None:
    with reading() as cursor:
        cursor.execute(f"{_MEMBER} WHERE e.staff = %s", (staff,))
        row = cursor.fetchone()
        return _member(row) if row else None


def name_of_staff(staff: UUID) -> dict[str, Any]:
    """The sealed part of the latest enrolment: name and phone. Personal data."""
    with reading() as cursor:
        cursor.execute("SELECT fact FROM registry_enrolment WHERE staff = %s", (staff,))
        row = cursor.fetchone()
        boxes = vault.open_boxes(cursor, [row[0]], [staff]) if row else {}
        return boxes.get(row[0], {}).get(staff, {}) if row else {}


def offices() -> list[str]:
    """The offices that people of this county come from."""
    with reading() as cursor:
        cursor.execute("SELECT DISTINCT office FROM registry_enrolment ORDER BY office")
        return [office for (office,) in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Held:
    """A device. heard_at None: never. known, missing: of its running numbers, how many were heard
    and how many not. is_silent: a finding is open because it is not heard."""

    device: UUID
    unit: str
    label: str
    roles: list[str]
    enrolled_at: datetime
    revoked_at: datetime | None
    revoked_reason: str
    heard_at: datetime | None
    known: int
    missing: int
    is_silent: bool


_HEARD = """
FROM registry_device d LEFT JOIN journal_device j ON j.device = d.device
LEFT JOIN field_heard k ON k.device = d.device
"""
_SILENT = f"""
EXISTS (SELECT FROM journal_finding n WHERE n.subject = d.device AND n.code = '{SILENT}'
        AND n.closed_at IS NULL)
"""
_DEVICE = f"""
SELECT d.device, d.unit, d.label, d.roles, d.enrolled_at, d.revoked_at, d.revoked_reason,
       greatest(j.heard_at, k.heard_at),
       (SELECT coalesce(sum(upper(r) - lower(r)), 0) FROM unnest(j.received) r)::bigint,
       CASE WHEN j.device IS NULL THEN 0 ELSE {MISSING_NUMBERS} END::bigint, {_SILENT}
{_HEARD}
"""
_OF_DEVICES = f"""
WHERE (%(unit)s::text IS NULL OR d.unit = %(unit)s)
  AND (%(role)s::text IS NULL OR %(role)s = ANY(d.roles))
  AND (%(within)s::text[] IS NULL OR d.unit = ANY(%(within)s))
  AND CASE %(state)s::text WHEN 'revoked' THEN d.revoked_at IS NOT NULL
      WHEN 'silent' THEN j.device IS NULL AND k.heard_at IS NULL AND d.revoked_at IS NULL
      WHEN 'late' THEN {_SILENT} ELSE true END
"""


def device_page(asked: Asked) -> tuple[list[Held], int]:
    """One page of the devices by unit and label, after the device `asked.after`; and how many."""
    with reading() as cursor:
        cursor.execute(f"SELECT count(*) {_HEARD}{_OF_DEVICES}", asked.parameters())
        (total,) = cursor.fetchone()
        cursor.execute(
            f"{_DEVICE}{_OF_DEVICES} AND (%(after)s::uuid IS NULL OR (d.unit, d.label, d.device) "
            "> (SELECT unit, label, device FROM registry_device WHERE device = %(after)s::uuid)) "
            "ORDER BY d.unit, d.label, d.device LIMIT %(limit)s", asked.parameters())
        return [Held(*row) for row in cursor.fetchall()], total


def device(id_: UUID) -> Held | None:
    with reading() as cursor:
        cursor.execute(f"{_DEVICE} WHERE d.device = %s", (id_,))
        row = cursor.fetchone()
        return Held(*row) if row else None
