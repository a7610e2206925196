"""Kinds of fact that the registry owns: units, rooms, staff, devices, persons, risk lists."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from pratique.journal.kinds import ROLES, Body, declare
from pratique.kit.ids import unit_subject

UnitKind = Literal[
    "outside", "checkpoint", "crew", "sampling_point", "courier", "laboratory",
    "isolation_site", "community", "office",
]


class UnitOpened(Body, kw_only=True):
    """A unit (post, site, crew, township …) exists from now on and may hold custody.

    capacity: most persons that it may hold at once (seats, beds); None = no limit.
    plate: for crews, the vehicle's. attributes: lanes, hours, papers: small, open, not personal.
    """

    code: str
    kind: UnitKind
    name_zh: str
    name_en: str
    parent: str | None = None
    division: str | None = None
    capacity: int | None = None
    plate: str | None = None
    invented: bool = False
    attributes: dict[str, str | int | bool | list[str]] = {}


class UnitClosed(Body, kw_only=True):
    code: str
    reason: str


class Room(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    room: str
    beds: int = 1
    floor: str = ""
    features: list[str] = []


class RoomsOpened(Body, kw_only=True):
    site: str
    rooms: list[Room]


class DutyRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A role held at a unit; unit None = for the whole county."""

    role: Literal[ROLES]  # type: ignore[valid-type]
    unit: str | None = None


class StaffEnrolled(Body, kw_only=True):
    """A member of staff. The name rides sealed under the staff id: {"name": …, "phone": …}."""

    staff: UUID
    username: str
    office: str
    duties: list[DutyRole]


class RoleGiven(Body, kw_only=True):
    """Somebody enrolled holds one more role; unit None = for the whole county."""

    staff: UUID
    role: Literal[ROLES]  # type: ignore[valid-type]
    unit: str | None = None
    reason: str


class RoleEnded(Body, kw_only=True):
    staff: UUID
    role: Literal[ROLES]  # type: ignore[valid-type]
    unit: str | None = None
    reason: str


class StaffLocked(Body, kw_only=True):
    """From now on nobody signs in as this person; the duties stay on the roll."""

    staff: UUID
    reason: str


class StaffUnlocked(Body, kw_only=True):
    staff: UUID
    reason: str


class DeviceEnrolled(Body, kw_only=True):
    """A device speaks for a unit from now on, known by a token or by a key of its own.

    token_sha256: hex of SHA-256 of the device's bearer token (random, 32 bytes). public_key: base64
    of the SubjectPublicKeyInfo of its ECDSA P-256 key, with which it fetches short-lived tokens.
    One of the two.
    """

    device: UUID
    unit: str
    roles: list[Literal[ROLES]]  # type: ignore[valid-type]
    label: str
    token_sha256: str | None = None
    public_key: str | None = None


class DeviceHeardOut(Body, kw_only=True):
    """What a revoked device still handed up is recorded as it was said, by whoever answers for it.

    facts: their ids; each is recorded under its own, so none is recorded twice.
    """

    device: UUID
    facts: list[UUID]
    reason: str


class DeviceRevoked(Body, kw_only=True):
    device: UUID
    reason: str


class ClockCompared(Body, kw_only=True):
    """The door compared a device's clock with the server's, and something had changed.

    entries_off_s, clock_off_s: seconds by which the moments that it writes, and its own clock, are
    ahead. not_believed: how many facts of the call said moments that cannot be.
    """

    device: UUID
    entries_off_s: int | None = None
    clock_off_s: int | None = None
    not_believed: int = 0


class PersonCorrected(Body, kw_only=True):
    """Mended identity rides sealed under the person's id; `reason` says why."""

    person: UUID
    reason: str


class PersonsMerged(Body, kw_only=True):
    """`merged` was the same human being as `kept`; both histories stay, under `kept`."""

    kept: UUID
    merged: UUID
    reason: str


class MergeUndone(Body, kw_only=True):
    kept: UUID
    merged: UUID
    merge: UUID
    reason: str


class NotDuplicate(Body, kw_only=True):
    first: UUID
    second: UUID
    reason: str


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One community of a published list. text: as published.

    key: how it is found again on the next list and named by a stay ("610113/…").
    rest: "the rest of the county", a tier of its own.
    """

    text: str
    key: str
    rest: bool = False


class AreaRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One county in one tier, as published, with what the import made of its name.

    division: six-digit code, or None where the name is no official division.
    """

    tier: Literal["high", "medium", "low"]
    province: str
    city: str
    county: str
    division: str | None
    places: list[Place]


class RiskListPublished(Body, kw_only=True):
    """One list as published, row by row. stamp: the publisher's own moment.

    counts: the publisher's own totals; None where it gave none. `lists.list_body` makes it.
    """

    stamp: datetime
    source: str
    counts: dict[Literal["high", "medium", "low"], int | None]
    rows: list[AreaRow]


class AreaMapped(Body, kw_only=True):
    """A person says which official division a published name belongs to (None: to none).

    place: the unit's key on the work list ("name:…").
    """

    place: str
    division: str | None
    reason: str


class DuplicateFound(Body, kw_only=True):
    """Screening found two records that may be one person; people decide.

    score: 0 to 1. reasons: codes such as same_document, same_sound, day_and_month_swapped.
    """

    first: UUID
    second: UUID
    score: float
    reasons: list[str]


RISK_LIST = unit_subject("risk-list")

declare("registry.unit_opened", UnitOpened, roles=("registrar", "system"),
        subjects=lambda b: (unit_subject(b.code),))
declare("registry.unit_closed", UnitClosed, roles=("registrar", "system"),
        subjects=lambda b: (unit_subject(b.code),))
declare("registry.rooms_opened", RoomsOpened, roles=("registrar", "site_head", "system"),
        subjects=lambda b: (unit_subject(b.site),))
declare("registry.staff_enrolled", StaffEnrolled, roles=("registrar", "leader", "system"),
        subjects=lambda b: (b.staff,), sealed=True)
declare("registry.role_given", RoleGiven, roles=("registrar", "leader", "system"),
        subjects=lambda b: (b.staff,))
declare("registry.role_ended", RoleEnded, roles=("registrar", "leader", "system"),
        subjects=lambda b: (b.staff,))
declare("registry.staff_locked", StaffLocked, roles=("registrar", "leader", "system"),
        subjects=lambda b: (b.staff,))
declare("registry.staff_unlocked", StaffUnlocked, roles=("registrar", "leader", "system"),
        subjects=lambda b: (b.staff,))
declare("registry.device_enrolled", DeviceEnrolled, roles=("registrar", "leader", "system"),
        subjects=lambda b: (b.device,))
declare("registry.device_heard_out", DeviceHeardOut, roles=("registrar", "leader"),
        subjects=lambda b: (b.device,))
declare("registry.device_revoked", DeviceRevoked, roles=("registrar", "leader", "system"),
        subjects=lambda b: (b.device,))
declare("registry.clock_compared", ClockCompared, roles=("system",),
        subjects=lambda b: (b.device,))
declare("registry.person_corrected", PersonCorrected,
        roles=("gate_officer", "registrar", "township_clerk", "site_head"),
        subjects=lambda b: (b.person,), sealed=True)
declare("registry.persons_merged", PersonsMerged, roles=("registrar", "epidemiologist"),
        subjects=lambda b: (b.kept, b.merged))
declare("registry.merge_undone", MergeUndone, roles=("registrar", "epidemiologist"),
        subjects=lambda b: (b.kept, b.merged))
declare("registry.not_duplicate", NotDuplicate, roles=("registrar", "epidemiologist"),
        subjects=lambda b: (b.first, b.second))
declare("registry.risk_list_published", RiskListPublished, roles=("epidemiologist", "system"),
        subjects=lambda b: (RISK_LIST,))
declare("registry.area_mapped", AreaMapped, roles=("epidemiologist", "registrar"),
        subjects=lambda b: (RISK_LIST,))
declare("registry.duplicate_found", DuplicateFound, roles=("system",),
        subjects=lambda b: (b.first, b.second))
