"""Kinds of fact that a checkpoint owns: vehicles and people at their first landing point.

A vehicle's plate is a subject of its arrival too (`plate_subject`), so that two arrivals of one
plate meet under one lock; a lane stands for its counts (`lane_subject`).
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from pratique.checkpoint.rules import lane_subject, plate_subject
from pratique.journal.kinds import Body, declare


class Stay(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the traveller was in the last days.

    division: six-digit county code. area: key of the listed community ticked; "none" = none of
    those listed; None = not asked or could not say (never counts as none).
    """

    division: str
    area: str | None = None
    since: datetime
    until: datetime


class VehicleArrived(Body, kw_only=True):
    """A vehicle stands at the post.

    occupants: persons aboard as the officer counted them, driver included. seats: how many the
    vehicle has (None: not asked). plate: the tractor's; a trailer's goes into trailer_plate.
    """

    vehicle: UUID
    post: str
    plate: str
    trailer_plate: str | None = None
    lane: str = "1"
    seats: int | None = None
    occupants: int
    boot_checked: bool = False
    conveyance: Literal["car", "truck", "coach", "train", "motorcycle", "foot", "other"] = "car"


# Circumstances that protocol packs speak of (`special:` inputs, exemptions, conditions).
Special = Literal["child", "pregnant", "serious_illness", "needs_care", "carer", "emergency",
                  "inbound", "contact"]


class PersonArrived(Body, kw_only=True):
    """A person meets the loop at the first landing point. The fact's id is the episode's id.

    Sealed under the person's id: {"name", "document_kind", "document", "phone", "address",
    "birth_date", "sex"}. destination: code of the community account where the person will go.
    expected: the fact that announced this arrival beforehand.
    """

    person: UUID
    post: str
    vehicle: UUID | None = None
    conveyance: Literal["car", "truck", "coach", "train", "motorcycle", "foot", "other"] = "car"
    resident: bool
    from_outside_province: bool
    destination: str | None = None
    stays: list[Stay]
    special: list[Special] = []
    phone_verified: bool = False
    papers: list[str] = []
    expected: UUID | None = None


class StaysCorrected(Body, kw_only=True):
    """A better account of where the person was; grades the open episode anew.

    from_outside_province: a better answer than the arrival's; None: that answer stands.
    """

    person: UUID
    episode: UUID
    stays: list[Stay]
    reason: str
    from_outside_province: bool | None = None


class VehicleCleared(Body, kw_only=True):
    """The vehicle leaves the post (post -> outside); its people are accounted for one by one."""

    vehicle: UUID
    post: str
    holds_by: UUID
    reason: Literal["cleared", "turned_back", "parked_by_owner", "escorted"] = "cleared"
    after: UUID | None = None


class PersonPassed(Body, kw_only=True):
    """A person for whom the protocol gives no measure goes on (post -> outside)."""

    person: UUID
    post: str
    holds_by: UUID
    after: UUID | None = None


class PersonTurnedBack(Body, kw_only=True):
    """A person leaves the county again at the post, before any measure began."""

    person: UUID
    post: str
    holds_by: UUID
    reason: str
    after: UUID | None = None


class OccupantsExplained(Body, kw_only=True):
    """Why other persons are registered with a vehicle than were counted aboard at one stop.

    arrival: the fact of the stop. registered: how many are, as the speaker sees it; when it is
    another number, the question is open again.
    """

    vehicle: UUID
    arrival: UUID
    registered: int
    reason: str


class PlateExplained(Body, kw_only=True):
    """Why two vehicles with one plate stood in the county at once: a slip, a forgery, a trailer.

    arrival, other_arrival: the facts of the two stops.
    """

    vehicle: UUID
    arrival: UUID
    other: UUID
    other_arrival: UUID
    reason: str


class LaneCounted(Body, kw_only=True):
    """An independent count of vehicles in one lane in one hour (loop, camera, tally)."""

    post: str
    lane: str
    hour: datetime
    vehicles: int
    source: str = "loop"


class LaneExplained(Body, kw_only=True):
    """Why the lane's count and the registered vehicles of that hour differ."""

    post: str
    lane: str
    hour: datetime
    reason: str


class Expected(Body, kw_only=True):
    """Somebody announced their arrival beforehand; no custody begins. Sealed as an arrival."""

    person: UUID
    post: str | None = None
    eta: datetime | None = None
    plate: str | None = None
    destination: str | None = None
    resident: bool | None = None
    stays: list[Stay] = []
    source: str = "import"


GATE = ("gate_officer",)
EXPLAINERS = (*GATE, "leader", "supervisor")
declare("checkpoint.vehicle_arrived", VehicleArrived, roles=GATE,
        subjects=lambda b: (b.vehicle, *plate_subject(b.plate)))
declare("checkpoint.person_arrived", PersonArrived, roles=GATE,
        subjects=lambda b: (b.person,), sealed=True)
declare("checkpoint.stays_corrected", StaysCorrected,
        roles=("gate_officer", "epidemiologist", "township_clerk"),
        subjects=lambda b: (b.person,))
declare("checkpoint.vehicle_cleared", VehicleCleared, roles=GATE,
        subjects=lambda b: (b.vehicle,))
declare("checkpoint.person_passed", PersonPassed, roles=GATE, subjects=lambda b: (b.person,))
declare("checkpoint.person_turned_back", PersonTurnedBack, roles=GATE,
        subjects=lambda b: (b.person,))
declare("checkpoint.occupants_explained", OccupantsExplained, roles=EXPLAINERS,
        subjects=lambda b: (b.vehicle,))
declare("checkpoint.plate_explained", PlateExplained, roles=EXPLAINERS,
        subjects=lambda b: (b.vehicle, b.other))
declare("checkpoint.lane_counted", LaneCounted, roles=(*GATE, "system", "supervisor"),
        subjects=lambda b: (lane_subject(b.post, b.lane),))
declare("checkpoint.lane_explained", LaneExplained, roles=("gate_officer", "leader"),
        subjects=lambda b: (lane_subject(b.post, b.lane),))
declare("checkpoint.expected", Expected, roles=("gate_officer", "registrar", "township_clerk"),
        subjects=lambda b: (b.person,), sealed=True)
