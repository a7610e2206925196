"""Facts that wait too long: found at a tick, said as facts of the system's own, seen by people.

A parked fact applies by itself when its predecessor comes. One whose predecessor never comes would
lie there unseen: a bus that drove though its plan was refused, a tablet that was lost.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from pratique.duties.queries import LateParked, parked_too_long, waited_out
from pratique.duties.reduce_parked import TRIP_NOT_HEARD, WAITS_NO_MORE
from pratique.journal.fact import Actor, Envelope
from pratique.journal.record import record
from pratique.kit.ids import new_id
from pratique.pathway.tick import CHORES
from pratique.transfer.rules import TRIP_UNPLANNED_MINUTES_MAX

# A shift without a network, and the drive home: by then every tablet should have been heard.
PARKED_MINUTES_MAX = 12 * 60
FOUND_OF_A_TICK_MAX = 500
_encode = msgspec.json.Encoder().encode


def find_waiting(now: datetime) -> int:
    """Say what has waited too long, and close what waits no more; how many of both."""
    late = parked_too_long(
        now - timedelta(minutes=PARKED_MINUTES_MAX),
        trips_since=now - timedelta(minutes=TRIP_UNPLANNED_MINUTES_MAX), limit=FOUND_OF_A_TICK_MAX)
    facts = [_found(one, now) for one in late]
    facts += [
        _said(now, "duties.finding_closed", {"finding": finding, "outcome": WAITS_NO_MORE})
        for finding in waited_out(limit=FOUND_OF_A_TICK_MAX)
    ]
    if not facts:
        return 0
    return record(facts, actor=Actor.system(), now=now, source="tick").counts()["applied"]


def _found(late: LateParked, now: datetime) -> Envelope:
    return _said(now, "duties.parked_found", {
        "fact": late.fact, "fact_kind": late.kind, "waits_for": late.waits_for,
        "code": late.code, "since": late.since,
        "limit_minutes": (TRIP_UNPLANNED_MINUTES_MAX if late.code == TRIP_NOT_HEARD
                          else PARKED_MINUTES_MAX), "about": late.subject,
        "place": late.place, "vehicle": late.vehicle})


def _said(now: datetime, kind: str, body: dict[str, Any]) -> Envelope:
    return Envelope(id=new_id(now), kind=kind, at=now, body=msgspec.Raw(_encode(body)))


CHORES["waiting"] = find_waiting
