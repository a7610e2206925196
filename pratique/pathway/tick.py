"""tick: what is due because time has passed. Called by the worker, and by a drill's clock.

It finds everything in the tables themselves, so it may be called at any time, twice, or late. What
it does to anybody it says as a fact of the system's own, like everybody else.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from pratique.custody.queries import Pending, pending
from pratique.journal.fact import Actor, Envelope
from pratique.journal.log import seal
from pratique.journal.record import record
from pratique.kit.ids import new_id
from pratique.registry.reduce_screening import screen

EXPIRIES_OF_A_TICK_MAX = 1_000
SEALS_OF_A_TICK_MAX = 50
SCREENINGS_OF_A_TICK_MAX = 5
_encode = msgspec.json.Encoder().encode


def tick(now: datetime) -> dict[str, int]:
    """Do all that is due at `now`; answer how many of each."""
    return {name: chore(now) for name, chore in CHORES.items()}


def iter_until_zero(step: Callable[[], int], most: int) -> list[int]:
    """Repeat `step` until it has nothing left to do, at most `most` times."""
    counts = []
    for __ in range(most):
        count = step()
        if not count:
            break
        counts.append(count)
    return counts


def expire(now: datetime) -> int:
    """Offers whose deadline passed: said as facts, so that the giver sees them again."""
    overdue = pending(expired_at=now, limit=EXPIRIES_OF_A_TICK_MAX)
    if not overdue:
        return 0
    batch = record([_expiry(o, now) for o in overdue], actor=Actor.system(), now=now,
                   source="tick")
    return batch.counts()["applied"]


def _expiry(offer: Pending, now: datetime) -> Envelope:
    body: dict[str, Any] = {"handover": offer.handover, "subjects": offer.subjects}
    return Envelope(id=new_id(now), kind="custody.expired", at=now, place=offer.giver,
                    body=msgspec.Raw(_encode(body)))


# What a tick does, by the name under which it answers how many. A room above adds its own when it
# is loaded; it does a limited amount and leaves the rest to the next tick.
# What people and devices wait for comes first: an expired offer, a fact's place in the log.
CHORES: dict[str, Callable[[datetime], int]] = {
    "expired": expire,
    "sealed": lambda now: sum(iter_until_zero(lambda: seal(now), SEALS_OF_A_TICK_MAX)),
    "screened": lambda now: sum(
        iter_until_zero(lambda: screen(now=now)[0], SCREENINGS_OF_A_TICK_MAX)),
}
