"""Reads that only the desks have: who is on the roll, which devices there are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pratique.kit.sql import reading

PAGE_ROWS_MAX = 500


def staff_names(staff: Iterable[UUID]) -> dict[UUID, str]:
    """User name and office of members of staff: how a story names them."""
    with reading() as cursor:
        cursor.execute("SELECT staff, username || ' · ' || office FROM registry_enrolment "
                       "WHERE staff = ANY(%b)", (list(staff),))
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class OnRoll:
    """A member of staff with the duties held: (role, unit or "" for the county)."""

    staff: UUID
    username: str
    office: str
    duties: list[tuple[str, str]]


def staff_roll(unit: str | None = None, limit: int = PAGE_ROWS_MAX) -> list[OnRoll]:
    """Everybody enrolled, or those with a duty at `unit`, by user name."""
    with reading() as cursor:
        cursor.execute(
            "SELECT e.staff, e.username, e.office, array_agg(d.role ORDER BY d.role, d.unit) "
            "FILTER (WHERE d.role IS NOT NULL), array_agg(d.unit ORDER BY d.role, d.unit) "
            "FILTER (WHERE d.role IS NOT NULL) FROM registry_enrolment e "
            "LEFT JOIN registry_duty d ON d.staff = e.staff WHERE %s::text IS NULL OR EXISTS "
            "(SELECT FROM registry_duty o WHERE o.staff = e.staff AND o.unit = %s) "
            "GROUP BY e.staff, e.username, e.office ORDER BY e.username LIMIT %s",
            (unit, unit, limit))
        return [OnRoll(staff, username, office, list(zip(roles or (), units or (), strict=True)))
                for staff, username, office, roles, units in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device; heard_at None: it has said nothing yet. missing: numbers never heard."""

    device: UUID
    unit: str
    label: str
    enrolled_at: datetime
    revoked_at: datetime | None
    heard_at: datetime | None
    missing: int


MISSING_NUMBERS = """
(SELECT coalesce(sum(upper(hole) - lower(hole)), 0) FROM unnest(int8multirange(int8range(
    least(1, lower(j.received)), upper(j.received))) - j.received) hole)
"""


def devices(only: Iterable[UUID] | None = None, limit: int = PAGE_ROWS_MAX) -> list[DeviceRow]:
    """Devices, those with missing numbers first, or `only` some."""
    wanted = list(only) if only is not None else None
    with reading() as cursor:
        cursor.execute(
            "SELECT d.device, d.unit, d.label, d.enrolled_at, d.revoked_at, j.heard_at, "
            f"CASE WHEN j.device IS NULL THEN 0 ELSE {MISSING_NUMBERS} END::bigint AS missing "
            "FROM registry_device d LEFT JOIN journal_device j ON j.device = d.device "
            "WHERE %s::uuid[] IS NULL OR d.device = ANY(%s) "
            "ORDER BY missing DESC, d.unit, d.label LIMIT %s", (wanted, wanted, limit))
        return [DeviceRow(*row) for row in cursor.fetchall()]


def facts_of_subject(subject: UUID, limit: int = PAGE_ROWS_MAX) -> list[UUID]:
    """Ids of the facts of the ledger that moved a subject: they belong to its story too."""
    with reading() as cursor:
        cursor.execute(
            "SELECT fact FROM (SELECT fact, at FROM custody_entry WHERE subject = %s UNION "
            "SELECT fact, at FROM custody_resolution WHERE subject = %s UNION "
            "SELECT l.handover, o.offered_at FROM custody_line l JOIN custody_handover o "
            "ON o.id = l.handover WHERE l.subject = %s) f ORDER BY at LIMIT %s",
            (subject, subject, subject, limit))
        return [fact for (fact,) in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class MergeRow:
    """Two records that stand as one."""

    fact: UUID
    kept: UUID
    merged: UUID
    reason: str
    at: datetime


def merges_standing(limit: int = 50) -> list[MergeRow]:
    """Merges that nobody has undone, latest first."""
    with reading() as cursor:
        cursor.execute("SELECT fact, kept, merged, reason, at FROM registry_merge "
                       "WHERE undone_by IS NULL ORDER BY at DESC, fact LIMIT %s", (limit,))
        return [MergeRow(*row) for row in cursor.fetchall()]
