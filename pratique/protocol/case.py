"""One person's case while `evaluate` works on it, and the order that carries it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from pratique.protocol.answers import OwedTest, Trigger
from pratique.protocol.history import History, Order, SpecimenRecord
from pratique.protocol.pack import Pack
from pratique.protocol.plan import Plan, Times
from pratique.protocol.spec import NO_MEASURE

FOR_EVER = datetime.max.replace(tzinfo=UTC)


class Case:
    """What duties, standing and release share. Filled by `evaluate`, then only read.

    `ends_at` is the planned end, or the order's if that is earlier (then `cut`). `completed`
    has for each stage the moment at which its days and results are complete, None while
    something is missing. `stage` is the index of the stage that the person is in.
    """

    __slots__ = (
        "pack", "history", "plan", "anchor", "facts", "times", "order", "since", "ends_at", "cut",
        "specimens", "landing", "landing_exempt", "tests", "triggers", "hold", "completed",
        "stage", "hold_order", "order_until",
        "tier", "hold_until",
    )

    def __init__(
        self,
        pack: Pack,
        history: History,
        plan: Plan,
        anchor: datetime,
        facts: tuple[UUID, ...],
        times: Times,
        order: Order | None,
        since: datetime,
        ends_at: datetime,
        cut: bool,
    ) -> None:
        self.pack = pack
        self.history = history
        self.plan = plan
        self.anchor = anchor
        self.facts = facts
        self.times = times
        self.order = order
        self.since = since
        self.ends_at = ends_at
        self.cut = cut
        self.specimens: list[SpecimenRecord] = []
        self.landing: SpecimenRecord | None = None
        self.landing_exempt = False
        self.tests: list[OwedTest] = []
        self.triggers: list[Trigger] = []
        self.hold: Trigger | None = None
        self.completed: tuple[datetime | None, ...] = ()
        self.stage = 0
        self.tier = ""
        self.hold_order: tuple[Order, datetime, datetime | None] | None = None
        self.hold_until = FOR_EVER
        self.order_until: datetime | None = None

    def measure(self) -> str:
        """The measure of the present stage."""
        return self.plan.stages[self.stage].measure if self.plan.stages else NO_MEASURE

    def owes_landing_test(self) -> bool:
        """Does this person owe a landing test?"""
        return self.plan.landing_test and not self.landing_exempt

    def without_order(self) -> bool:
        """Does the row restrict while no order allows it?"""
        return self.order is None and self.plan.restrictive


def order_in_force(
    pack: Pack, orders: Sequence[Order], begins: datetime, ends: datetime
) -> tuple[Order | None, datetime, datetime | None]:
    """The order that carries a restriction from `begins` to `ends`, and from when until when.

    An order matches if it names this pack and its area lies in the pack's (division codes are
    compared by their beginning). An order that takes over before the one before it ends renews
    it; the last of such a chain is the one that carries the end.
    """
    found = [
        order for order in orders
        if order.pack == pack.id and pack.covers(order.area)
        and (order.until is None or order.until > begins)
        and (order.since < ends or order.since <= begins)
    ]
    if not found:
        return None, begins, None
    if len(found) > 1:
        found.sort(key=lambda order: (order.since, order.order))
    carrier = found[0]
    until = carrier.until
    for order in found[1:]:
        if until is None or order.since > until:
            break
        if order.until is None or order.until > until:
            carrier, until = order, order.until
    return carrier, max(begins, found[0].since), until
