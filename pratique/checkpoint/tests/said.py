"""What is said at a gate most often, and what the tests look at afterwards."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from pratique.checkpoint.queries import open_in_places
from pratique.journal.fact import Envelope
from pratique.kit.sql import reading
from tests.support import FIRST_MORNING, Speaker, fresh_id

HOUR = FIRST_MORNING  # 20 August 2022, 06:00 in the county: a whole hour


def stay(division: str = "141122", area: str | None = "none", days: int = 3) -> dict[str, Any]:
    return {"division": division, "area": area, "since": FIRST_MORNING - timedelta(days=days),
            "until": FIRST_MORNING}


def vehicle(gate: Speaker, **more: Any) -> Envelope:
    """A car with two persons, of a plate of its own unless one is named."""
    body = {"vehicle": fresh_id(), "post": gate.place, "plate": plate(), "occupants": 2, **more}
    return gate.fact("checkpoint.vehicle_arrived", **body)


def person(gate: Speaker, **more: Any) -> Envelope:
    body = {"person": fresh_id(), "post": gate.place, "resident": True,
            "from_outside_province": False, "stays": [stay()],
            "destination": "town-141123100", **more}
    return gate.fact("checkpoint.person_arrived", **body)


def clear(gate: Speaker, arrival: Envelope, **more: Any) -> Envelope:
    body = {"vehicle": about(arrival, "vehicle"), "post": gate.place, "holds_by": arrival.id,
            **more}
    return gate.fact("checkpoint.vehicle_cleared", **body)


def count(counter: Speaker, vehicles: int, *, post: str = "post-01", **more: Any) -> Envelope:
    body = {"post": post, "lane": "1", "hour": HOUR, "vehicles": vehicles, **more}
    return counter.fact("checkpoint.lane_counted", **body)


_plates = iter(range(10_000, 99_999))


def plate() -> str:
    return f"晋J{next(_plates)}"


def about(fact: Envelope, name: str) -> UUID:
    """A field of a fact's body that is an id."""
    return UUID(json.loads(bytes(fact.body))[name])


def findings(code: str, *, still_open: bool = True) -> list[dict[str, Any]]:
    with reading() as cursor:
        cursor.execute(
            "SELECT id, fact, subject, owner, closed_by, outcome, params FROM journal_finding "
            "WHERE code = %s AND (NOT %s OR closed_at IS NULL) ORDER BY opened_at, id",
            (code, still_open))
        names = ("id", "fact", "subject", "owner", "closed_by", "outcome", "params")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def holder(subject: UUID) -> str | None:
    with reading() as cursor:
        cursor.execute("SELECT account FROM custody_holding WHERE subject = %s", (subject,))
        row = cursor.fetchone()
        return row[0] if row else None


def in_units(*units: str) -> list[UUID]:
    """The persons whom a new risk list of these units touches."""
    return [who for __, who in open_in_places(units)]
