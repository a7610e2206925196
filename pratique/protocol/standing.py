"""The standing: colour, word and shape as facts give them; nobody can type one.

Missing data gives no colour: an undecided case is "unknown" (dashed ring), one without an order
"none" (hollow ring). The clear colour of the pack is given only by a row that asks for nothing,
by days served, or by a release whose conditions are all met.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pratique.protocol.answers import Trigger
from pratique.protocol.case import FOR_EVER, Case
from pratique.protocol.history import History
from pratique.protocol.outcome import Decision, Params, StandingSpec
from pratique.protocol.pack import Pack
from pratique.protocol.spec import NO_MEASURE, UNKNOWN

TEST_OVERDUE = "label.test_overdue"


def standing_of(case: Case, label_from: datetime | None) -> StandingSpec:
    """The standing of a decided case."""
    history = case.history
    if history.ended_at is not None:
        return _ended(case)
    if case.hold is not None:
        return _held(case, case.hold, label_from)
    if case.without_order():
        return _plain(case, NO_MEASURE, "reason.no_order", history.arrived_at, None)
    stages = case.plan.stages
    if not stages or case.times.stage_ends[-1] <= history.arrived_at:
        return _nothing_to_do(case, label_from)
    stage = stages[case.stage]
    since = case.since if case.stage == 0 else max(case.since, history.account_since)
    ends = min(case.times.stage_ends[case.stage], case.ends_at)
    until = case.completed[case.stage]
    if until is None:
        until = ends if case.cut and ends == case.ends_at else ends + case.pack.late_result
    if case.order_until is not None and until > case.order_until:
        until = case.order_until
    order = case.order.order if stage.restrictive and case.order is not None else None
    return StandingSpec(
        stage.colour, f"colour.{stage.colour}", case.pack.colours[stage.colour].shape,
        None if label_from is None else TEST_OVERDUE, case.plan.reason, _params(case),
        case.plan.row.name, case.facts, since, until, order, stage.restrictive, label_from)


def undecided_standing(
    pack: Pack, history: History, decision: Decision, hold: Trigger | None
) -> StandingSpec:
    """Unknown: a dashed ring that says what is missing. It restricts nobody and clears nobody."""
    reason = "reason.unknown" if hold is None else f"reason.hold.{hold.kind}.unknown"
    params = tuple([("input", f"input.{name}") for name in decision.unknown_inputs[:1]])
    since, until = history.arrived_at, None
    colour = UNKNOWN
    if history.ended_at is not None:
        colour, reason, since = NO_MEASURE, "reason.ended", history.ended_at
    return StandingSpec(
        colour, f"colour.{colour}", pack.colours[colour].shape, None, reason, params, "",
        decision.facts, since, until, None, False)


def _params(case: Case) -> Params:
    """What the reason's sentence may name: tier, the last place of that tier, days."""
    params = case.plan.params
    stays = [stay for stay in case.history.stays if stay.tier == case.tier]
    if not stays:
        return params
    last = stays[0]
    if len(stays) > 1:
        last = max(stays, key=lambda stay: (stay.until, stay.place))
    return (("tier", f"tier.{last.tier}"), ("place", last.place), *params)


def _plain(
    case: Case, colour: str, reason: str, since: datetime, until: datetime | None
) -> StandingSpec:
    return StandingSpec(
        colour, f"colour.{colour}", case.pack.colours[colour].shape, None, reason,
        _params(case), case.plan.row.name, case.facts, since, until, None, False)


def _nothing_to_do(case: Case, label_from: datetime | None) -> StandingSpec:
    """No measure, or its days were over before the arrival: clear once nothing is awaited."""
    arrived = case.history.arrived_at
    done = case.completed[-1]
    if done is None:
        reason = "reason.awaiting_result"
        waits = _plain(case, NO_MEASURE, reason, arrived, None)
        if label_from is None:
            return waits
        return StandingSpec(
            waits.colour, waits.word, waits.shape, TEST_OVERDUE, reason, waits.params, waits.row,
            waits.evidence, arrived, None, None, False, label_from)
    reason = "reason.days_served" if case.plan.stages else case.plan.reason
    since = max(arrived, done)
    return _plain(case, case.pack.clear_colour, reason, since, since + case.pack.clear_code)


def _ended(case: Case) -> StandingSpec:
    """After the episode: clear if everything asked for was met by then, else no code."""
    ended = case.history.ended_at
    assert ended is not None
    done = case.completed[-1]
    if done is not None and done <= ended:
        until = ended + case.pack.clear_code
        return _plain(case, case.pack.clear_colour, "reason.released", ended, until)
    return _plain(case, NO_MEASURE, "reason.ended", ended, None)


def _held(case: Case, hold: Trigger, label_from: datetime | None) -> StandingSpec:
    """Held in place, until the pack's hours after the last open result or symptom, by an order."""
    if case.hold_order is None:
        return _plain(case, NO_MEASURE, "reason.no_order", hold.at, None)
    order, since, order_until = case.hold_order
    colour = case.pack.hold.colour
    until = min(case.hold_until, order_until or FOR_EVER)
    facts: tuple[UUID, ...] = (*hold.evidence, *case.facts)
    return StandingSpec(
        colour, f"colour.{colour}", case.pack.colours[colour].shape,
        None if label_from is None else TEST_OVERDUE, f"reason.hold.{hold.kind}",
        (("needed", str(hold.needed)),), case.plan.row.name, facts, since, until,
        order.order, True, label_from)
