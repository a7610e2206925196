"""Lanes: an independent count of an hour beside the vehicles registered in it.

A short hour is a finding. It is opened by the fact that makes it short and closed by the fact that
makes it balance, in whatever order count, vehicles and explanation are heard: each of them settles
the hour anew. The lane's own row in the journal is what they meet on: a count holds it alone,
vehicles hold it together (`share_locks`), and late vehicles queue on the count's row.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from pratique.checkpoint import rules
from pratique.checkpoint.reduce_findings import Toggle
from pratique.custody.reduce import known_accounts, unknown_account
from pratique.journal.context import Context
from pratique.journal.fact import Fact, Parked, Verdict
from pratique.journal.kinds import reduces
from pratique.kit.arrays import bigints, moments, texts, uuids

LaneHour = tuple[str, str, datetime]  # post, lane, beginning of the hour in UTC

COUNTS = """
SELECT c.post, c.lane, c.hour, c.counted, c.finding, coalesce(c.explained_at >= c.at, false)
FROM checkpoint_lane_count c
JOIN unnest(%b::text[], %b::text[], %b::timestamptz[]) u(post, lane, hour)
  ON c.post = u.post AND c.lane = u.lane AND c.hour = u.hour
ORDER BY c.post, c.lane, c.hour FOR UPDATE OF c
"""
REGISTERED = """
SELECT u.post, u.lane, u.hour, count(a.fact)
FROM unnest(%b::text[], %b::text[], %b::timestamptz[]) u(post, lane, hour)
LEFT JOIN checkpoint_arrival a ON a.post = u.post AND a.lane = u.lane
  AND a.at >= u.hour AND a.at < u.hour + interval '1 hour'
GROUP BY u.post, u.lane, u.hour
"""
SET_FINDINGS = """
UPDATE checkpoint_lane_count c SET finding = u.finding
FROM unnest(%b::text[], %b::text[], %b::timestamptz[], %b::uuid[]) u(post, lane, hour, finding)
WHERE c.post = u.post AND c.lane = u.lane AND c.hour = u.hour
"""
COUNT = """
INSERT INTO checkpoint_lane_count (post, lane, hour, counted, source, at, fact, explained)
SELECT *, '' FROM unnest(%b::text[], %b::text[], %b::timestamptz[], %b::bigint[], %b::text[],
                         %b::timestamptz[], %b::uuid[])
ON CONFLICT (post, lane, hour) DO UPDATE
SET counted = excluded.counted, source = excluded.source, at = excluded.at, fact = excluded.fact
WHERE (excluded.at, excluded.fact) > (checkpoint_lane_count.at, checkpoint_lane_count.fact)
"""
EXPLAIN = """
UPDATE checkpoint_lane_count c
SET explained = CASE WHEN newer THEN u.reason ELSE c.explained END,
    explained_at = CASE WHEN newer THEN u.at ELSE c.explained_at END,
    explained_by = CASE WHEN newer THEN u.fact ELSE c.explained_by END
FROM unnest(%b::text[], %b::text[], %b::timestamptz[], %b::text[], %b::timestamptz[], %b::uuid[])
     u(post, lane, hour, reason, at, fact)
JOIN checkpoint_lane_count o ON o.post = u.post AND o.lane = u.lane AND o.hour = u.hour
CROSS JOIN LATERAL (
    SELECT o.explained_by IS NULL OR (u.at, u.fact) > (o.explained_at, o.explained_by) AS newer
) n
WHERE c.post = o.post AND c.lane = o.lane AND c.hour = o.hour
RETURNING u.fact
"""


@reduces("checkpoint.lane_counted")
def count_lanes(facts: list[Fact], context: Context) -> list[Verdict]:
    accounts = known_accounts(context)
    verdicts = [_check_count(f, accounts) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    context.cursor.execute(COUNT, (
        texts(f.body.post for f in good), texts(f.body.lane for f in good),
        moments(f.body.hour for f in good), bigints(f.body.vehicles for f in good),
        texts(f.body.source for f in good), moments(f.at for f in good),
        uuids(f.id for f in good)))
    settle_lanes(context, [(_lane_hour(f), f) for f in good], adds=0)
    context.happened(rules.lane_hour_subject(*_lane_hour(f)) for f in good)
    return verdicts


def _check_count(fact: Fact, accounts: dict[str, str]) -> Verdict:
    body = fact.body
    if body.post not in accounts:
        return unknown_account(body.post)
    return (
        rules.verdict_of(rules.check_time, fact.at)
        or rules.verdict_of(rules.check_lane, body.lane)
        or rules.verdict_of(rules.check_hour, body.hour)
        or rules.verdict_of(rules.check_vehicles_counted, body.vehicles)
    )


@reduces("checkpoint.lane_explained")
def explain_lanes(facts: list[Fact], context: Context) -> list[Verdict]:
    verdicts: list[Verdict] = [
        rules.verdict_of(rules.check_time, f.at)
        or rules.verdict_of(rules.check_hour, f.body.hour)
        or rules.verdict_of(rules.check_reason, f.body.reason) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    context.cursor.execute(EXPLAIN, (
        texts(f.body.post for f in good), texts(f.body.lane for f in good),
        moments(f.body.hour for f in good), texts(f.body.reason.strip() for f in good),
        moments(f.at for f in good), uuids(f.id for f in good)))
    done = {row[0] for row in context.cursor.fetchall()}
    settle_lanes(context, [(_lane_hour(f), f) for f in good if f.id in done], adds=0)
    return [
        v if v is not None or f.id in done
        else Parked(on=rules.lane_hour_subject(*_lane_hour(f)), code="lane_not_counted",
                    rule="checkpoint.lane_reconciliation")
        for f, v in zip(facts, verdicts, strict=True)
    ]


def _lane_hour(fact: Fact) -> LaneHour:
    return fact.body.post, fact.body.lane, rules.hour_of(fact.body.hour)


def settle_lanes(context: Context, heard: Sequence[tuple[LaneHour, Fact]], *, adds: int) -> None:
    """Open and close the findings of these hours, fact by fact in the order of their numbers.

    adds: how many vehicles each fact brought (1, already written) or 0. The caller holds the lanes.
    One statement where no hour was counted yet; five at most.
    """
    if not heard:
        return
    told: dict[LaneHour, list[Fact]] = defaultdict(list)
    for hour, fact in heard:
        told[hour].append(fact)
    context.cursor.execute(COUNTS, _columns(told))
    counts = {(post, lane, hour): row for post, lane, hour, *row in context.cursor.fetchall()}
    if not counts:
        return
    context.cursor.execute(REGISTERED, _columns(counts))
    toggle = Toggle(context)
    after: dict[LaneHour, UUID | None] = {}
    for post, lane, hour, registered in sorted(context.cursor.fetchall()):
        counted, finding, explained = counts[post, lane, hour]
        facts = told[post, lane, hour]
        now = registered - adds * len(facts)
        state = finding
        for fact in facts:
            now += adds
            state = toggle.to(
                rules.lane_differs(counted, now, explained=explained), state, fact,
                "lane_difference", "checkpoint.lane_reconciliation",
                {"post": post, "lane": lane, "hour": hour.isoformat(), "counted": counted,
                 "registered": now},
                subject=rules.lane_hour_subject(post, lane, hour), owner=post,
                outcome="explained" if explained else "balanced")
        if state != finding:
            after[post, lane, hour] = state
    if after:
        context.cursor.execute(SET_FINDINGS, (*_columns(after), uuids(after.values())))
    toggle.write()


def _columns(hours: Iterable[LaneHour]) -> tuple:
    keys = list(hours)
    return (texts(post for post, __, __ in keys), texts(lane for __, lane, __ in keys),
            moments(hour for __, __, hour in keys))
