"""Kinds of fact that isolation owns: rooms, rounds, home visits."""

from typing import Literal
from uuid import UUID

import msgspec

from pratique.journal.kinds import Body, declare


class RoomGiven(Body, kw_only=True):
    """A person whom the site holds now sleeps in this room."""

    person: UUID
    site: str
    room: str


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """temperature_c: degrees Celsius; None = not answered (which is not normal)."""

    person: UUID
    temperature_c: float | None
    symptoms: list[str] = []
    note: str = ""


class RoundDone(Body, kw_only=True):
    """A morning or evening round of a site or township: one reading a person.

    day: local date of the round, YYYY-MM-DD.
    """

    account: str
    day: str
    slot: Literal["morning", "evening"]
    readings: list[Reading]


class HomeVisited(Body, kw_only=True):
    """Somebody stood at the door. found: whether the person was at home."""

    person: UUID
    account: str
    found: bool
    needs: str = ""


HEADS = ("site_head", "township_clerk")
declare("isolation.room_given", RoomGiven, roles=("site_head",),
        subjects=lambda b: (b.person,))
declare("isolation.round_done", RoundDone, roles=HEADS,
        subjects=lambda b: tuple(r.person for r in b.readings))
declare("isolation.home_visited", HomeVisited, roles=HEADS, subjects=lambda b: (b.person,))
