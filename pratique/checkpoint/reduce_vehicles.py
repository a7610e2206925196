"""Vehicles: they come into the post's account, are told apart by plate, and leave.

Two things are asked of every vehicle: whether another one with its plate stands somewhere, and,
when it leaves, whether as many persons were registered with it as were counted aboard.
"""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from pratique.checkpoint import rules
from pratique.checkpoint.reduce_findings import Toggle
from pratique.checkpoint.reduce_lanes import settle_lanes
from pratique.custody.ledger import birth, check_moves, enter, held, leaving
from pratique.custody.reduce import known_accounts, not_your_account, unknown_account
from pratique.custody.rules import OUTSIDE
from pratique.journal.context import Context
from pratique.journal.fact import Fact, Quarantined, Verdict
from pratique.journal.kinds import reduces
from pratique.journal.store import close_findings, share_locks
from pratique.kit.arrays import bigints, booleans, moments, texts, uuids
from pratique.registry.reduce import VehicleRecord, register_vehicles

ARRIVE = """
INSERT INTO checkpoint_arrival (fact, vehicle, post, lane, at, plate, trailer_plate, seats,
                                occupants, boot_checked, conveyance, cleared_as, explained)
SELECT *, '', '' FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::timestamptz[],
                         %b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::boolean[],
                         %b::text[])
"""
CLEAR = """
UPDATE checkpoint_arrival a
SET cleared_at = u.at, cleared_by = u.fact, cleared_as = u.cleared_as
FROM unnest(%b::uuid[], %b::timestamptz[], %b::uuid[], %b::text[]) u(vehicle, at, fact, cleared_as)
WHERE a.vehicle = u.vehicle AND a.cleared_at IS NULL
RETURNING a.vehicle
"""
SAME_PLATE = """
SELECT u.fact, a.vehicle, a.at, a.fact, a.post FROM checkpoint_arrival a
JOIN unnest(%b::uuid[], %b::uuid[], %b::text[]) u(fact, vehicle, plate) ON a.plate = u.plate
WHERE a.cleared_at IS NULL AND a.vehicle <> u.vehicle ORDER BY a.fact
"""
PAIR = """
INSERT INTO checkpoint_plate_pair (finding, plate, first, first_at, second, second_at, explained)
SELECT *, '' FROM unnest(%b::uuid[], %b::text[], %b::uuid[], %b::timestamptz[], %b::uuid[],
                     %b::timestamptz[])
"""
SETTLED_PAIRS = """
SELECT p.finding, u.fact FROM checkpoint_plate_pair p
JOIN unnest(%b::uuid[], %b::uuid[], %b::timestamptz[]) u(fact, vehicle, at) ON p.first = u.vehicle
WHERE p.second_at >= u.at ORDER BY p.finding
"""
# A person belongs to the last stop of the vehicle that began before (or a little after) the
# person's arrival, and to its first stop where there is none.
STOPS = f"""
SELECT a.fact, a.vehicle, a.post, a.plate, a.occupants, a.cleared_as,
       a.explained_registered, a.finding, p.registered, p.mine
FROM checkpoint_arrival a
CROSS JOIN LATERAL (
    SELECT count(*) AS registered, array_agg(e.id) FILTER (WHERE e.id = ANY(%b)) AS mine
    FROM checkpoint_episode e
    WHERE e.vehicle = a.vehicle
      AND (e.arrived_at >= a.at - interval '{rules.PERSON_BEFORE_VEHICLE_HOURS_MAX} hours'
           OR NOT EXISTS (SELECT FROM checkpoint_arrival b
                          WHERE b.vehicle = a.vehicle AND (b.at, b.fact) < (a.at, a.fact)))
      AND NOT EXISTS (
          SELECT FROM checkpoint_arrival n
          WHERE n.vehicle = a.vehicle AND (n.at, n.fact) > (a.at, a.fact)
            AND e.arrived_at >= n.at - interval '{rules.PERSON_BEFORE_VEHICLE_HOURS_MAX} hours')
) p
WHERE a.vehicle = ANY(%b) AND a.cleared_at IS NOT NULL ORDER BY a.fact
"""
SET_FINDINGS = """
UPDATE checkpoint_arrival a SET finding = u.finding
FROM unnest(%b::uuid[], %b::uuid[]) u(fact, finding) WHERE a.fact = u.fact
"""


def check_post(fact: Fact, accounts: dict[str, str]) -> Quarantined | None:
    """The fact speaks of a checkpoint that there is, and comes from there."""
    post = fact.body.post
    if post not in accounts:
        return unknown_account(post)
    if accounts[post] != "checkpoint":
        return Quarantined("not_a_checkpoint", _("“%(post)s” is not a checkpoint."),
                           "checkpoint.post", {"post": post})
    if fact.place is not None and fact.place != post:
        return not_your_account(fact, post)
    return rules.verdict_of(rules.check_time, fact.at)


# Arriving -----------------------------------------------------------------------------------------


@reduces("checkpoint.vehicle_arrived")
def vehicles_arrive(facts: list[Fact], context: Context) -> list[Verdict]:
    accounts = known_accounts(context)
    moves = [birth(f, f.body.vehicle, "vehicle", f.body.post, "arrival") for f in facts]
    before = held(context, [f.body.vehicle for f in facts])
    verdicts = [_check_arrival(f, accounts) or v
                for f, v in zip(facts, check_moves(context, moves), strict=True)]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    again = [f for f in good if f.body.vehicle in before]
    _close_left_open(context, again)
    enter(context, [m for m, v in zip(moves, verdicts, strict=True) if v is None])
    _write_arrivals(context, good)
    _find_same_plates(context, good)
    share_locks(context, [rules.lane_subject(f.body.post, f.body.lane) for f in good])
    settle_lanes(context, [((f.body.post, f.body.lane, rules.hour_of(f.at)), f) for f in good],
                 adds=1)
    settle_occupants(context, [(f.body.vehicle, f) for f in again], adds=0)
    context.happened(f.body.vehicle for f in good)
    return verdicts


def _check_arrival(fact: Fact, accounts: dict[str, str]) -> Quarantined | None:
    body = fact.body
    return (
        check_post(fact, accounts)
        or rules.verdict_of(rules.check_lane, body.lane)
        or rules.verdict_of(rules.check_plate_kept, body.plate, body.trailer_plate)
        or rules.verdict_of(rules.check_occupants, body.occupants, body.seats)
    )


def _close_left_open(context: Context, again: Sequence[Fact]) -> None:
    """A vehicle comes again whose last stop nobody closed (the ledger was corrected meanwhile)."""
    if not again:
        return
    context.cursor.execute(CLEAR, (
        uuids(f.body.vehicle for f in again), moments(f.at for f in again),
        uuids(f.id for f in again), texts("superseded" for __ in again)))
    left_open = {row[0] for row in context.cursor.fetchall()}
    for fact in again:
        if fact.body.vehicle in left_open:
            context.find(fact, "arrival_left_open", "checkpoint.one_open_arrival",
                         {"post": fact.body.post}, owner=fact.body.post)


def _write_arrivals(context: Context, facts: Sequence[Fact]) -> None:
    bodies = [f.body for f in facts]
    plates = [rules.plate_of(b.plate) for b in bodies]
    trailers = [rules.plate_of(b.trailer_plate).text or None if b.trailer_plate else None
                for b in bodies]
    context.cursor.execute(ARRIVE, (
        uuids(f.id for f in facts), uuids(b.vehicle for b in bodies), texts(b.post for b in bodies),
        texts(b.lane for b in bodies), moments(f.at for f in facts),
        texts(p.text for p in plates), texts(trailers), bigints(b.seats for b in bodies),
        bigints(b.occupants for b in bodies), booleans(b.boot_checked for b in bodies),
        texts(b.conveyance for b in bodies)))
    register_vehicles(context, [
        VehicleRecord(f, f.body.vehicle, plate, trailer)
        for f, plate, trailer in zip(facts, plates, trailers, strict=True)])
    for fact, plate in zip(facts, plates, strict=True):
        if plate.kind in ("unreadable", "trailer"):
            code = "plate_unreadable" if plate.kind == "unreadable" else "plate_is_a_trailers"
            context.find(fact, code, "checkpoint.plate",
                         {"plate": plate.text, "post": fact.body.post}, owner=fact.body.post)


def _find_same_plates(context: Context, facts: Sequence[Fact]) -> None:
    """Another vehicle with this plate stands somewhere: the plate is forged, or somebody erred.

    The plate is locked with the fact, the other vehicle here, before it is looked at again: it may
    be leaving in this moment.
    """
    named = [(f, rules.plate_of(f.body.plate).text) for f in facts]
    context.cursor.execute(SAME_PLATE, (
        uuids(f.id for f, p in named if p), uuids(f.body.vehicle for f, p in named if p),
        texts(p for __, p in named if p)))
    seen = context.cursor.fetchall()
    if not seen:
        return
    context.locks(other for __, other, *__ in seen)
    holdings = held(context, [other for __, other, *__ in seen])
    by_id = {f.id: (f, plate) for f, plate in named}
    pairs = []
    for fact_id, other, other_at, other_fact, other_post in seen:
        if other not in holdings or holdings[other].account == OUTSIDE:
            continue
        fact, plate = by_id[fact_id]
        finding = context.find(
            fact, "plate_twice", "checkpoint.one_plate_one_vehicle",
            {"plate": plate, "vehicle": str(fact.body.vehicle), "other": str(other),
             "post": fact.body.post, "other_post": other_post, "other_arrival": str(other_fact)},
            subject=other, owner=fact.body.post)
        ends = sorted([(fact.at, fact.id, fact.body.vehicle), (other_at, other_fact, other)])
        pairs.append((finding, plate, ends[0], ends[1]))
    if pairs:
        context.cursor.execute(PAIR, (
            uuids(p[0] for p in pairs), texts(p[1] for p in pairs),
            uuids(p[2][2] for p in pairs), moments(p[2][0] for p in pairs),
            uuids(p[3][2] for p in pairs), moments(p[3][0] for p in pairs)))


# Leaving ------------------------------------------------------------------------------------------


@reduces("checkpoint.vehicle_cleared")
def vehicles_leave(facts: list[Fact], context: Context) -> list[Verdict]:
    accounts = known_accounts(context)
    moves = [leaving(f, f.body.vehicle, "vehicle", f.body.post, f.body.holds_by, f.body.reason)
             for f in facts]
    verdicts = [check_post(f, accounts) or v
                for f, v in zip(facts, check_moves(context, moves), strict=True)]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    enter(context, [m for m, v in zip(moves, verdicts, strict=True) if v is None])
    context.cursor.execute(CLEAR, (
        uuids(f.body.vehicle for f in good), moments(f.at for f in good),
        uuids(f.id for f in good), texts(f.body.reason for f in good)))
    settle_occupants(context, [(f.body.vehicle, f) for f in good], adds=0)
    _settle_pairs(context, good)
    return verdicts


def _settle_pairs(context: Context, facts: Sequence[Fact]) -> None:
    """A first vehicle had left before the second came; we only heard of it later."""
    context.cursor.execute(SETTLED_PAIRS, (
        uuids(f.id for f in facts), uuids(f.body.vehicle for f in facts),
        moments(f.at for f in facts)))
    by_id = {f.id: f for f in facts}
    close_findings(context, [(finding, by_id[fact], "had_left_before")
                             for finding, fact in context.cursor.fetchall()])


def settle_occupants(
    context: Context, heard: Sequence[tuple[UUID, Fact]], *, adds: int
) -> None:
    """Open and close the findings about occupants of vehicles that have left.

    heard: (vehicle, fact), the vehicles locked. adds: how many persons each fact registered (1,
    already written) or 0. One statement where none of the vehicles has left; four at most.
    """
    if not heard:
        return
    told: dict[UUID, list[Fact]] = defaultdict(list)
    for vehicle, fact in heard:
        told[vehicle].append(fact)
    context.cursor.execute(STOPS, (uuids(f.id for __, f in heard), uuids(told)))
    toggle = Toggle(context)
    after: dict[UUID, UUID | None] = {}
    for stop, vehicle, post, plate, occupants, left_as, explained, finding, registered, mine in (
        context.cursor.fetchall()
    ):
        brought = set(mine or ()) if adds else {f.id for f in told[vehicle]}
        facts = [f for f in told[vehicle] if f.id in brought]
        now = registered - adds * len(facts)
        state = finding
        for fact in facts:
            now += adds
            state = toggle.to(
                rules.occupants_differ(occupants, now, left_as, explained), state, fact,
                "occupants_differ", "checkpoint.occupants",
                {"post": post, "plate": plate, "occupants": occupants, "registered": now,
                 "stop": str(stop)},
                subject=vehicle, owner=post,
                outcome="balanced" if now == occupants else "explained")
        if state != finding:
            after[stop] = state
    if after:
        context.cursor.execute(SET_FINDINGS, (uuids(after), uuids(after.values())))
    toggle.write()
