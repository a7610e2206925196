"""How long one `evaluate` takes: `python -m pratique.protocol.bench`.

Goal: at most 30 microseconds for a plain arrival with one stay and up to one specimen.
"""

from __future__ import annotations

import timeit
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pratique.protocol.evaluate import evaluate
from pratique.protocol.history import History, Order, SpecimenRecord, Stay
from pratique.protocol.pack import shipped

PACK = "shanxi-2022-08-20"
GOAL_MICROSECONDS = 30.0


def plain_arrival(tier: str, with_specimen: bool) -> History:
    """A resident from outside the province with one stay and an order in force."""
    at = datetime(2022, 8, 20, 2, tzinfo=UTC)
    ids = [UUID(int=number) for number in range(8)]
    stays = (Stay(tier, at - timedelta(days=7), at - timedelta(hours=5), "510100", (ids[1],)),)
    tube = SpecimenRecord(
        ids[2], "landing", at + timedelta(minutes=8), None, None, None, None, False, (ids[3],))
    return History(
        person=ids[4], episode=ids[5], arrived_at=at, arrived_account="post",
        account="post", account_kind="checkpoint", account_since=at, resident=True,
        from_outside_province=True, destination="141123101", stays=stays,
        specimens=(tube,) if with_specimen else (), readings=(), exposures=(),
        special=frozenset(),
        orders=(Order(ids[6], PACK, "141123", "law", at - timedelta(days=1), None),),
        home_confirmed=None, ended_at=None)


def measure(calls: int = 5_000, repeats: int = 5) -> dict[str, float]:
    """Microseconds for one call, best of `repeats`, by tier and number of specimens."""
    pack = shipped()[PACK]
    found: dict[str, float] = {}
    for tier in ("high", "medium", "low", "none", "unknown"):
        for with_specimen in (False, True):
            history = plain_arrival(tier, with_specimen)
            now = history.arrived_at
            timer = timeit.Timer(lambda history=history, now=now: evaluate(pack, history, now))
            best = min(timer.repeat(repeats, calls)) / calls * 1e6
            found[f"{tier}, {int(with_specimen)} specimens"] = round(best, 1)
    return found


if __name__ == "__main__":
    for case, microseconds in measure().items():
        verdict = "ok" if microseconds <= GOAL_MICROSECONDS else "short"
        print(f"{case:24} {microseconds:6.1f} µs   goal {GOAL_MICROSECONDS:.0f}   {verdict}")
