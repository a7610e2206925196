"""Kinds of fact that point-to-point transfer owns: trips from one unit to one unit."""

from datetime import datetime
from uuid import UUID

from pratique.journal.kinds import Body, declare
from pratique.kit.ids import unit_subject


class PlaceConfirmed(Body, kw_only=True):
    """The receiver confirms a place for a person before departure: a room, or a home seen fit.

    account: the isolation site or community that will take the person over.
    """

    person: UUID
    account: str
    room: str | None = None
    home_fit: bool | None = None
    note: str = ""


class PlaceCancelled(Body, kw_only=True):
    person: UUID
    account: str
    reason: str


class TripPlanned(Body, kw_only=True):
    """One vehicle, one origin, one destination, a closed list of passengers, no stops.

    crew: staff ids; the first drives. vehicle: code of the crew account that will hold the people.
    """

    trip: UUID
    vehicle: str
    crew: list[UUID]
    origin: str
    destination: str
    passengers: list[UUID]
    depart_at: datetime
    arrive_at: datetime
    driving_minutes_before: int = 0


class TripDeparted(Body, kw_only=True):
    trip: UUID
    vehicle: str


class TripArrived(Body, kw_only=True):
    trip: UUID
    vehicle: str


class TripCancelled(Body, kw_only=True):
    trip: UUID
    vehicle: str
    reason: str


class VehicleDisinfected(Body, kw_only=True):
    vehicle: str
    method: str = "final disinfection"


DISPATCH = ("dispatcher", "township_clerk", "gate_officer")
declare("transfer.place_confirmed", PlaceConfirmed, roles=("site_head", "township_clerk"),
        subjects=lambda b: (b.person,))
declare("transfer.place_cancelled", PlaceCancelled, roles=("site_head", "township_clerk"),
        subjects=lambda b: (b.person,))
declare("transfer.trip_planned", TripPlanned, roles=DISPATCH,
        subjects=lambda b: (b.trip, unit_subject(b.vehicle)))
declare("transfer.trip_departed", TripDeparted, roles=("crew", "dispatcher"),
        subjects=lambda b: (b.trip, unit_subject(b.vehicle)))
declare("transfer.trip_arrived", TripArrived, roles=("crew", "dispatcher"),
        subjects=lambda b: (b.trip, unit_subject(b.vehicle)))
declare("transfer.trip_cancelled", TripCancelled, roles=DISPATCH,
        subjects=lambda b: (b.trip, unit_subject(b.vehicle)))
declare("transfer.vehicle_disinfected", VehicleDisinfected, roles=("crew", "dispatcher"),
        subjects=lambda b: (unit_subject(b.vehicle),))
