"""`evaluate`: from a pack, a history and a moment to decision, duties, standing and release.

Pure: no clock, no input or output. For one history only `release.allowed` and what it says is
missing hang on `now`; duties (future ones listed at once), decision and standing are functions of
the facts alone. Whether a duty is overdue, a label shows or a standing has lapsed is for the
reader to see, from `due_at`, `label_from` and `until`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from pratique.protocol.answers import (
    OwedTest,
    assign,
    holding,
    landing_specimen,
    triggers,
    usable,
)
from pratique.protocol.case import Case, order_in_force
from pratique.protocol.duties import list_duties, list_undecided_duties
from pratique.protocol.history import History
from pratique.protocol.inputs import in_order, read_input
from pratique.protocol.outcome import (
    Decision,
    DutySpec,
    Outcome,
    Release,
    StandingSpec,
)
from pratique.protocol.pack import Pack
from pratique.protocol.plan import Plan
from pratique.protocol.release import complete_at, release_of, stage_now
from pratique.protocol.schedule import anchor_moment
from pratique.protocol.spec import HOLD, UNKNOWN
from pratique.protocol.standing import standing_of, undecided_standing
from pratique.protocol.table import Hit

__all__ = [
    "Decision", "DutySpec", "Outcome", "Release", "StandingSpec", "evaluate",
]


def evaluate(pack: Pack, history: History, now: datetime) -> Outcome:
    """What this pack says for this person as far as the facts go, and if release is due at `now`.

    All moments are aware datetimes; what comes out is in UTC. Missing inputs never raise: they
    give the measure "unknown" with `unknown_inputs`, a duty to clarify, and no colour.
    """
    tier, facts, hit = _ask_table(pack, history)
    if hit.row is not None and hit.row.outputs["measure"] == UNKNOWN:
        hit = Hit(None, (hit.row,), ("source",), "unsaid")
    if hit.row is None:
        return _undecided(pack, history, tier, facts, hit)
    plan = pack.plans[hit.row.name]
    anchor: datetime | None = history.arrived_at
    if plan.anchor != "arrival":
        anchor = anchor_moment(plan.anchor, history, plan.anchor_tiers)
    if anchor is None:
        missing = Hit(None, (hit.row,), (plan.anchor,), "missing")
        return _undecided(pack, history, tier, facts, missing)
    case = _case(pack, history, plan, anchor, facts)
    case.tier = tier
    duties, label_from = list_duties(case)
    decision = Decision(
        HOLD if case.hold is not None else case.measure(),
        plan.row.name,
        tier,
        plan.landing_test and not case.landing_exempt,
        plan.transfer,
        anchor if plan.stages else None,
        case.ends_at if plan.stages else None,
        tuple([owed.opens_at for owed in case.tests]),
        facts,
        (),
        (),
        pack.conditions(history.special),
    )
    return Outcome(decision, duties, standing_of(case, label_from), release_of(case, now))


def _ask_table(pack: Pack, history: History) -> tuple[str, tuple[UUID, ...], Hit]:
    """The worst tier in words, the facts that were looked at, and what the table says."""
    values = []
    facts: tuple[UUID, ...] = ()
    tier = ""
    for said in pack.inputs.values():
        value, evidence = read_input(said, history, pack.zone)
        values.append(value)
        if evidence:
            facts = in_order([*facts, *evidence]) if facts else evidence
        if said.source == "worst_tier":
            tier = value if value in said.values else UNKNOWN
    # Where nothing else was said, the arrival itself is what was looked at.
    return tier, facts or (history.episode,), pack.table.decide(values)


def _case(
    pack: Pack, history: History, plan: Plan, anchor: datetime, facts: tuple[UUID, ...]
) -> Case:
    """Everything that duties, standing and release are worked out from."""
    times = plan.times(anchor, history.arrived_at)
    arrived = history.arrived_at
    own_end = max(times.stage_ends[-1], arrived) if plan.stages else arrived
    order, since, until = None, arrived, None
    if plan.restrictive:
        order, since, until = order_in_force(pack, history.orders, arrived, own_end)
    cut = until is not None and until < own_end
    ends_at = until if cut and until is not None else own_end
    tests = times.tests
    if cut:
        tests = tuple([test for test in tests if test.opens_at < ends_at])
    specimens = usable(history.specimens) if history.specimens else []
    landing = None
    if plan.landing_test:
        landing = landing_specimen(specimens, tests[0].opens_at if tests else None)
    owed: list[OwedTest] = assign(tests, specimens, landing, arrived, plan.spacing, plan.slack)
    case = Case(pack, history, plan, anchor, facts, times, order, since, ends_at, cut)
    case.order_until = until
    case.specimens = specimens
    case.landing = landing
    case.landing_exempt = not pack.landing_exempt.isdisjoint(history.special)
    case.tests = owed
    if history.specimens or history.readings:
        case.triggers = triggers(pack.hold, history.specimens, history.readings)
        case.hold = holding(case.triggers)
    if case.hold is not None:
        last = max(one.at for one in case.triggers if one.cleared_at is None)
        case.hold_until = last + timedelta(hours=pack.hold.hours)
        carrier, begins, ends = order_in_force(
            pack, history.orders, case.hold.at, case.hold_until)
        case.hold_order = None if carrier is None else (carrier, begins, ends)
    case.completed = complete_at(case)
    case.stage = stage_now(case)
    return case


def _undecided(
    pack: Pack, history: History, tier: str, facts: tuple[UUID, ...], hit: Hit
) -> Outcome:
    """Unknown as an outcome of its own: what all possible rows agree on still holds."""
    landing = {row.outputs["landing_test"] for row in hit.possible}
    transfer = {row.outputs["transfer"] for row in hit.possible}
    missing = hit.missing or (f"table:{hit.reason}",)
    exempt = not pack.landing_exempt.isdisjoint(history.special)
    decision = Decision(
        UNKNOWN, "", tier, landing == {"yes"} and not exempt,
        transfer.pop() if len(transfer) == 1 else UNKNOWN,
        None, None, (), facts, missing, tuple([row.name for row in hit.possible]),
        pack.conditions(history.special),
    )
    held = triggers(pack.hold, history.specimens, history.readings)
    hold = holding(held)
    duties = list_undecided_duties(pack, history, decision, held)
    standing = undecided_standing(pack, history, decision, hold)
    missing_now = [("decision unknown", "missing.decision", "")]
    if hold is not None:
        missing_now.append((f"hold: {hold.kind}", "missing.hold", f"hold.{hold.kind}"))
    names = tuple([name for name, _, _ in missing_now])
    why = tuple([(key, value) for _, key, value in missing_now])
    return Outcome(decision, duties, standing, Release(None, False, names, why))
