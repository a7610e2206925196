"""What is known of vehicles that somebody holds, wherever they stand by now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pratique.kit.arrays import uuids
from pratique.kit.sql import reading


@dataclass(frozen=True, slots=True)
class VehicleHeld:
    """A vehicle's latest stop at a post. persons: who is registered with it there."""

    vehicle: UUID
    post: str
    lane: str
    plate: str
    trailer_plate: str | None
    conveyance: str
    occupants: int
    seats: int | None
    boot_checked: bool
    at: datetime
    persons: list[UUID]


LATEST_STOPS = """
SELECT DISTINCT ON (a.vehicle) a.vehicle, a.post, a.lane, a.plate, a.trailer_plate, a.conveyance,
       a.occupants, a.seats, a.boot_checked, a.at,
       ARRAY(SELECT e.person FROM checkpoint_episode e WHERE e.vehicle = a.vehicle
             AND (e.ended_at IS NULL OR e.ended_at >= a.at) ORDER BY e.id)
FROM checkpoint_arrival a WHERE a.vehicle = ANY(%b)
ORDER BY a.vehicle, a.at DESC, a.fact DESC
"""


def latest_stops(vehicles: Iterable[UUID]) -> dict[UUID, VehicleHeld]:
    """The latest stop of each vehicle, by vehicle."""
    with reading() as cursor:
        cursor.execute(LATEST_STOPS, (uuids(vehicles),))
        return {row[0]: VehicleHeld(*row) for row in cursor.fetchall()}
