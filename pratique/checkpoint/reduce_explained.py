"""What somebody who answers for a post says of a difference: the question is closed by it.

An explanation speaks of what was asked when it was given. Of several the latest by its own time
stands, in whatever order they are heard.
"""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from pratique.checkpoint import rules
from pratique.checkpoint.reduce_vehicles import settle_occupants
from pratique.custody.reduce import known_accounts, not_your_account
from pratique.journal.context import Context
from pratique.journal.fact import Fact, Parked, Quarantined, Verdict
from pratique.journal.kinds import reduces
from pratique.journal.store import close_findings
from pratique.kit.arrays import bigints, moments, texts, uuids

ARRIVALS = "SELECT fact, vehicle, post FROM checkpoint_arrival WHERE fact = ANY(%b)"
EXPLAIN_OCCUPANTS = """
UPDATE checkpoint_arrival a
SET explained = u.reason, explained_registered = u.registered, explained_at = u.at,
    explained_by = u.fact
FROM unnest(%b::uuid[], %b::text[], %b::bigint[], %b::timestamptz[], %b::uuid[])
     u(arrival, reason, registered, at, fact)
WHERE a.fact = u.arrival
  AND (a.explained_by IS NULL OR (u.at, u.fact) > (a.explained_at, a.explained_by))
"""
EXPLAIN_PAIRS = """
UPDATE checkpoint_plate_pair p
SET explained = CASE WHEN newer THEN u.reason ELSE p.explained END,
    explained_at = CASE WHEN newer THEN u.at ELSE p.explained_at END,
    explained_by = CASE WHEN newer THEN u.fact ELSE p.explained_by END
FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::timestamptz[], %b::uuid[])
     u(arrival, other, reason, at, fact)
JOIN checkpoint_arrival a ON a.fact = u.arrival
JOIN checkpoint_arrival b ON b.fact = u.other
JOIN checkpoint_plate_pair o ON (o.first, o.first_at, o.second, o.second_at) IN (
    (a.vehicle, a.at, b.vehicle, b.at), (b.vehicle, b.at, a.vehicle, a.at))
CROSS JOIN LATERAL (
    SELECT o.explained_by IS NULL OR (u.at, u.fact) > (o.explained_at, o.explained_by) AS newer
) n
WHERE p.finding = o.finding
RETURNING p.finding, u.fact
"""

Stops = dict[UUID, tuple[UUID, str]]  # arrival -> vehicle, post


@reduces("checkpoint.occupants_explained")
def explain_occupants(facts: list[Fact], context: Context) -> list[Verdict]:
    stops = _stops(context, [f.body.arrival for f in facts])
    accounts = known_accounts(context)
    verdicts = [
        _check(f, stops, accounts, [(f.body.arrival, f.body.vehicle)])
        or rules.verdict_of(rules.check_occupants, f.body.registered) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    context.cursor.execute(EXPLAIN_OCCUPANTS, (
        uuids(f.body.arrival for f in good), texts(f.body.reason.strip() for f in good),
        bigints(f.body.registered for f in good), moments(f.at for f in good),
        uuids(f.id for f in good)))
    settle_occupants(context, [(f.body.vehicle, f) for f in good], adds=0)
    return verdicts


@reduces("checkpoint.plate_explained")
def explain_plates(facts: list[Fact], context: Context) -> list[Verdict]:
    """Where the first vehicle turns out to have left before, there is nothing left to explain."""
    stops = _stops(context, [a for f in facts for a in (f.body.arrival, f.body.other_arrival)])
    accounts = known_accounts(context)
    verdicts = [
        _check(f, stops, accounts, [(f.body.arrival, f.body.vehicle),
                                    (f.body.other_arrival, f.body.other)]) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    context.cursor.execute(EXPLAIN_PAIRS, (
        uuids(f.body.arrival for f in good), uuids(f.body.other_arrival for f in good),
        texts(f.body.reason.strip() for f in good), moments(f.at for f in good),
        uuids(f.id for f in good)))
    by_id = {f.id: f for f in good}
    close_findings(context, [(finding, by_id[fact], "explained")
                             for finding, fact in context.cursor.fetchall()])
    return verdicts


def _stops(context: Context, arrivals: Sequence[UUID]) -> Stops:
    context.cursor.execute(ARRIVALS, (uuids(arrivals),))
    return {row[0]: row[1:] for row in context.cursor.fetchall()}


def _check(
    fact: Fact, stops: Stops, accounts: dict[str, str], named: Sequence[tuple[UUID, UUID]]
) -> Verdict:
    refused = (rules.verdict_of(rules.check_time, fact.at)
               or rules.verdict_of(rules.check_reason, fact.body.reason))
    if refused:
        return refused
    for arrival, vehicle in named:
        if arrival not in stops:
            return Parked(on=arrival)
        if stops[arrival][0] != vehicle:
            return Quarantined("stop_of_another", _("That stop is another vehicle's."),
                               "checkpoint.explained")
    posts = [stops[arrival][1] for arrival, __ in named]
    if accounts.get(fact.place or "") == "checkpoint" and fact.place not in posts:
        return not_your_account(fact, posts[0])
    return None
