"""From a history to the inputs of the decision table."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from pratique.protocol.feel import Value
from pratique.protocol.history import History, Stay
from pratique.protocol.schedule import local_date, midnight
from pratique.protocol.spec import InputSpec
from pratique.protocol.table import OR_WORSE


def read_input(
    said: InputSpec, history: History, zone: ZoneInfo
) -> tuple[Value, tuple[UUID, ...]]:
    """The value of one input, None where the history does not tell it, and the facts that say it.

    For an ordered input "medium?" means medium or worse: something known, something not.
    """
    source = said.source
    if source == "worst_tier":
        return _worst_tier(said, history, zone)
    if source == "from_outside_province":
        return history.from_outside_province, ()
    if source == "resident":
        return history.resident, ()
    if source == "exposure":
        return _exposure(said, history)
    if source.startswith("special:"):
        return source[8:] in history.special, ()
    return _days_since_last_exposure(history, zone)


def stays_looked_at(said: InputSpec, history: History, zone: ZoneInfo) -> list[Stay]:
    """The stays that reach into the look-back: whole local days before the day of arrival."""
    stays = history.stays
    day = local_date(history.arrived_at, zone) - timedelta(days=said.lookback_days)
    since = midnight(day, zone)
    return [stay for stay in stays if stay.until >= since]


def has_gap(said: InputSpec, history: History, stays: list[Stay], zone: ZoneInfo) -> bool:
    """Is a part of the look-back, longer than the pack allows, covered by no stay?"""
    allowed = timedelta(hours=said.gap_hours_max)
    day = local_date(history.arrived_at, zone) - timedelta(days=said.lookback_days)
    covered = midnight(day, zone)
    for stay in sorted(stays, key=lambda stay: stay.since):
        if stay.since - covered > allowed:
            return True
        covered = max(covered, stay.until)
    return history.arrived_at - covered > allowed


def _worst_tier(
    said: InputSpec, history: History, zone: ZoneInfo
) -> tuple[Value, tuple[UUID, ...]]:
    """The worst tier among the stays; no stay at all is missing data, not "none"."""
    stays = stays_looked_at(said, history, zone)
    values = said.values
    worst = len(values)
    unknown = not stays or (said.gap_hours_max > 0 and has_gap(said, history, stays, zone))
    facts: list[UUID] = []
    for stay in stays:
        if stay.tier not in values:
            unknown = True
            continue
        rank = values.index(stay.tier)
        if rank < worst:
            worst = rank
            facts = list(stay.evidence)
        elif rank == worst:
            facts += stay.evidence
    if unknown and worst:
        facts = [fact for stay in stays for fact in stay.evidence]
        return (None if worst == len(values) else values[worst] + OR_WORSE), in_order(facts)
    return values[worst], in_order(facts)


def in_order(facts: list[UUID]) -> tuple[UUID, ...]:
    """Each fact once, in one order whatever order they came in: a rebuild gives equal rows."""
    return tuple(sorted(set(facts)) if len(facts) > 1 else facts)


def _exposure(said: InputSpec, history: History) -> tuple[Value, tuple[UUID, ...]]:
    """The worst kind of exposure recorded; one that the pack does not know may be any."""
    values = said.values
    known_kinds = [exposure.kind for exposure in history.exposures if exposure.kind in values]
    unknown = len(known_kinds) < len(history.exposures)
    kind = min(known_kinds, key=values.index, default=values[-1])
    facts = in_order([one.evidence for one in history.exposures if one.kind == kind])
    wrong = said.regrade_if_other_positive
    turned = [other.evidence for other in history.others if other.positive]
    if turned and wrong and values.index(wrong) < values.index(kind):
        kind, facts = wrong, in_order([*facts, *turned])
    if unknown and kind != values[0]:
        known = in_order([exposure.evidence for exposure in history.exposures])
        return (None if kind == values[-1] else kind + OR_WORSE), known
    return kind, facts


def _days_since_last_exposure(
    history: History, zone: ZoneInfo
) -> tuple[Value, tuple[UUID, ...]]:
    last = max(
        history.exposures, key=lambda exposure: (exposure.last_at, exposure.evidence), default=None)
    if last is None:
        return None, ()
    days = (local_date(history.arrived_at, zone) - local_date(last.last_at, zone)).days
    return days, (last.evidence,)
