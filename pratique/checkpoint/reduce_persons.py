"""Persons: they come into the post's account with an episode, and leave when it ends."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _

from pratique.checkpoint import rules
from pratique.checkpoint.reduce_vehicles import check_post, settle_occupants
from pratique.custody.ledger import birth, check_moves, enter, held, leaving
from pratique.custody.reduce import known_accounts, unknown_account
from pratique.journal.context import Context
from pratique.journal.fact import Disputed, Fact, Parked, Quarantined, Verdict
from pratique.journal.kinds import reduces
from pratique.kit.arrays import booleans, documents, moments, texts, uuids
from pratique.registry import concern
from pratique.registry.reduce import PersonRecord, register_persons
from pratique.registry.rules import check_identity

# (context, facts) -> a verdict for each; None lets the person go. The pathway adds its own: only it
# knows whether the protocol gives a measure.
Guard = Callable[[Context, list[Fact]], list[Verdict]]
PASS_GUARDS: list[Guard] = []
TURN_BACK_GUARDS: list[Guard] = []

_json = msgspec.json.Encoder(order="sorted")

ARRIVE = """
INSERT INTO checkpoint_episode (id, person, post, vehicle, arrived_at, conveyance, resident,
    from_outside_province, destination, stays, stays_at, stays_by, places, special,
    phone_verified, papers, expected, outcome)
SELECT id, person, post, vehicle, at, conveyance, resident, outside, destination, stays::jsonb,
       at, id, places::text[], special::text[], phone_verified, papers::text[], expected, ''
FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::uuid[], %b::timestamptz[], %b::text[],
            %b::boolean[], %b::boolean[], %b::text[], %b::text[], %b::text[], %b::text[],
            %b::boolean[], %b::text[], %b::uuid[])
     u(id, person, post, vehicle, at, conveyance, resident, outside, destination, stays, places,
       special, phone_verified, papers, expected)
"""
# A person goes on under one root (registry); all that was merged into it ends with it.
END = """
WITH told AS (
    SELECT u.person, coalesce(p.root, u.person) AS root, at, fact
    FROM unnest(%b::uuid[], %b::timestamptz[], %b::uuid[]) u(person, at, fact)
    LEFT JOIN registry_person p ON p.person = u.person
), whole AS (
    SELECT person, root AS one, at, fact FROM told
    UNION ALL
    SELECT t.person, r.person, t.at, t.fact FROM told t
    JOIN registry_person r ON r.root = t.root AND r.root <> r.person
)
UPDATE checkpoint_episode e SET ended_at = w.at, ended_by = w.fact, outcome = %s
FROM whole w WHERE e.person = w.one AND e.ended_at IS NULL
RETURNING w.person
"""
EPISODES = """
SELECT e.id, e.person, coalesce(r.root, e.person), e.ended_at IS NOT NULL
FROM checkpoint_episode e LEFT JOIN registry_person r ON r.person = e.person
WHERE e.id = ANY(%b)
"""
CORRECT = """
UPDATE checkpoint_episode e
SET stays = u.stays::jsonb, stays_at = u.at, stays_by = u.fact,
    places = u.places::text[]
FROM (
    SELECT DISTINCT ON (episode) *
    FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::timestamptz[], %b::uuid[])
         n(episode, stays, places, at, fact)
    ORDER BY episode, at DESC, fact DESC
) u
WHERE e.id = u.episode AND e.ended_at IS NULL
  AND (e.stays_by = e.id OR (u.at, u.fact) > (e.stays_at, e.stays_by))
"""
CORRECT_OUTSIDE = """
UPDATE checkpoint_episode e
SET from_outside_province = u.outside, outside_at = u.at, outside_by = u.fact
FROM (
    SELECT DISTINCT ON (episode) *
    FROM unnest(%b::uuid[], %b::boolean[], %b::timestamptz[], %b::uuid[])
         n(episode, outside, at, fact)
    ORDER BY episode, at DESC, fact DESC
) u
WHERE e.id = u.episode AND e.ended_at IS NULL
  AND (e.outside_by IS NULL OR (u.at, u.fact) > (e.outside_at, e.outside_by))
"""
# The post that met the person and the place where they go: in every open episode, or in the last
# one where none is open. Of somebody who has not come yet, those whom an announcement names.
MET_OR_AWAITED = """
SELECT e.person, u.unit, true FROM (
    SELECT w.person, x.post, x.destination, x.ended_at IS NULL AS is_open,
           row_number() OVER (PARTITION BY w.person ORDER BY x.ended_at IS NOT NULL,
                              x.arrived_at DESC, x.id DESC) AS turn
    FROM whole w JOIN checkpoint_episode x ON x.person = w.one
) e CROSS JOIN LATERAL (VALUES (e.post), (e.destination)) u(unit)
WHERE e.is_open OR e.turn = 1
UNION
SELECT w.person, u.unit, false
FROM whole w JOIN checkpoint_expected x ON x.person = w.one
CROSS JOIN LATERAL (VALUES (x.post), (x.destination)) u(unit)
WHERE NOT EXISTS (SELECT FROM whole o JOIN checkpoint_episode e ON e.person = o.one
                  WHERE o.person = w.person)
"""
EXPECT = """
INSERT INTO checkpoint_expected (id, person, post, eta, plate, destination, resident, stays,
                                 source, said_at)
SELECT id, person, post, eta, plate, destination, resident, stays::jsonb, source, at
FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::timestamptz[], %b::text[], %b::text[],
            %b::boolean[], %b::text[], %b::text[], %b::timestamptz[])
     u(id, person, post, eta, plate, destination, resident, stays, source, at)
"""

concern.told_by(MET_OR_AWAITED)


# Arriving -----------------------------------------------------------------------------------------


@reduces("checkpoint.person_arrived")
def persons_arrive(facts: list[Fact], context: Context) -> list[Verdict]:
    accounts = known_accounts(context)
    moves = [birth(f, f.body.person, "person", f.body.post, "arrival") for f in facts]
    before = held(context, [f.body.person for f in facts])
    verdicts = [_check_arrival(f, accounts) or v
                for f, v in zip(facts, check_moves(context, moves), strict=True)]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    _end_left_open(context, [f for f in good if f.body.person in before])
    enter(context, [m for m, v in zip(moves, verdicts, strict=True) if v is None])
    _write_episodes(context, good)
    register_persons(context, [
        PersonRecord(f, f.body.person, _part(f, f.body.person)) for f in good])
    aboard = [(f.body.vehicle, f) for f in good if f.body.vehicle is not None]
    context.locks(vehicle for vehicle, __ in aboard)
    settle_occupants(context, aboard, adds=1)
    for fact in good:
        refused = rules.verdict_of(rules.check_destination, fact.body.destination, accounts)
        if refused:
            context.find(fact, refused.code, refused.rule, refused.params, owner=fact.body.post)
    context.touch(f.body.person for f in good)
    context.happened(f.body.person for f in good)
    return verdicts


def _part(fact: Fact, person: UUID) -> dict[str, Any] | None:
    return (fact.sealed or {}).get(person)


def _stays(fact: Fact) -> Sequence[Any]:
    """A fact's stays; their moments were written by the clock that wrote the fact's own."""
    if fact.said_at is None:
        return fact.body.stays
    return [msgspec.structs.replace(stay, since=fact.by_its_clock(stay.since),
                                    until=fact.by_its_clock(stay.until))
            for stay in fact.body.stays]


def _check_arrival(fact: Fact, accounts: dict[str, str]) -> Quarantined | None:
    return (
        check_post(fact, accounts)
        or rules.verdict_of(rules.check_stays, _stays(fact), fact.at)
        or check_identity(_part(fact, fact.body.person))
    )


def _end_left_open(context: Context, again: Sequence[Fact]) -> None:
    """Somebody comes again whose last episode nobody ended (the ledger was corrected meanwhile).

    The new arrival ends it, in sight: an open episode is one that answers for the person now.
    """
    if not again:
        return
    ended = end_episodes(context, [(f.body.person, f) for f in again], outcome="superseded")
    for fact in again:
        if fact.body.person in ended:
            context.find(fact, "episode_left_open", "checkpoint.one_open_episode",
                         {"post": fact.body.post}, owner=fact.body.post)


def _write_episodes(context: Context, facts: Sequence[Fact]) -> None:
    bodies = [f.body for f in facts]
    context.cursor.execute(ARRIVE, (
        uuids(f.id for f in facts), uuids(b.person for b in bodies), texts(b.post for b in bodies),
        uuids(b.vehicle for b in bodies), moments(f.at for f in facts),
        texts(b.conveyance for b in bodies), booleans(b.resident for b in bodies),
        booleans(b.from_outside_province for b in bodies), texts(b.destination for b in bodies),
        documents(_json.encode(_stays(f)) for f in facts),
        texts(_literal(rules.places_of(b.stays)) for b in bodies),
        texts(_literal(b.special) for b in bodies), booleans(b.phone_verified for b in bodies),
        texts(_literal(b.papers) for b in bodies), uuids(b.expected for b in bodies)))


def _literal(words: Sequence[str]) -> str:
    """A row's own array of texts, as PostgreSQL writes one: arrays of arrays must be square."""
    quoted = [word.replace("\\", "\\\\").replace('"', '\\"') for word in words]
    return "{" + ",".join(f'"{word}"' for word in quoted) + "}"


# Correcting ---------------------------------------------------------------------------------------


@reduces("checkpoint.stays_corrected")
def correct_stays(facts: list[Fact], context: Context) -> list[Verdict]:
    """The latest account by its own time stands, in whatever order they are heard: of the stays,
    and among those that say whether from outside the province, of that. By who is concerned with
    the person, and nobody else (`registry.concern`)."""
    context.cursor.execute(EPISODES, (uuids(f.body.episode for f in facts),))
    known = {row[0]: row[1:] for row in context.cursor.fetchall()}
    concerned = concern.judge(context, facts)
    verdicts = [_check_correction(f, known) or v or _check_open(f, known)
                for f, v in zip(facts, concerned, strict=True)]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    context.cursor.execute(CORRECT, (
        uuids(f.body.episode for f in good), documents(_json.encode(_stays(f)) for f in good),
        texts(_literal(rules.places_of(f.body.stays)) for f in good),
        moments(f.at for f in good), uuids(f.id for f in good)))
    if told := [f for f in good if f.body.from_outside_province is not None]:
        context.cursor.execute(CORRECT_OUTSIDE, (
            uuids(f.body.episode for f in told),
            booleans(f.body.from_outside_province for f in told),
            moments(f.at for f in told), uuids(f.id for f in told)))
    context.touch(f.body.person for f in good)
    context.touch(known[f.body.episode][0] for f in good)
    return verdicts


def _check_correction(fact: Fact, known: dict[UUID, tuple]) -> Verdict:
    body = fact.body
    refused = (
        rules.verdict_of(rules.check_time, fact.at)
        or rules.verdict_of(rules.check_stays, body.stays)
        or rules.verdict_of(rules.check_reason, body.reason)
    )
    if refused:
        return refused
    if body.episode not in known:
        return Parked(on=body.episode)
    person, root, __ = known[body.episode]
    if body.person not in (person, root):
        return Quarantined("episode_of_another", _("That episode is another person's."),
                           "checkpoint.episode")
    return None


def _check_open(fact: Fact, known: dict[UUID, tuple]) -> Verdict:
    """Asked last: who is not concerned opens no question for others."""
    person, __, ended = known[fact.body.episode]
    if ended:
        return Disputed("episode_ended", _("This episode has ended; its stays are not graded "
                                           "again. Somebody must look at it."),
                        "checkpoint.episode", {"person": str(person)})
    return None


# Leaving ------------------------------------------------------------------------------------------


@reduces("checkpoint.person_passed")
def persons_pass(facts: list[Fact], context: Context) -> list[Verdict]:
    """Only where the protocol gives no measure; until somebody says so, nobody passes."""
    return _leave(facts, context, PASS_GUARDS, "passed")


@reduces("checkpoint.person_turned_back")
def persons_turn_back(facts: list[Fact], context: Context) -> list[Verdict]:
    """Only where the protocol lets a person under their measure leave the county again."""
    return _leave(facts, context, TURN_BACK_GUARDS, "turned_back")


def _leave(
    facts: list[Fact], context: Context, guards: Sequence[Guard], outcome: str
) -> list[Verdict]:
    if not guards:
        return [Quarantined("no_decision_yet", _("Nobody has decided yet whether a measure applies "
                            "to this person."), "checkpoint.leaving") for __ in facts]
    accounts = known_accounts(context)
    moves = [leaving(f, f.body.person, "person", f.body.post, f.body.holds_by, outcome)
             for f in facts]
    verdicts: list[Verdict] = [
        check_post(f, accounts) or _check_leaving(f) or v
        for f, v in zip(facts, check_moves(context, moves), strict=True)]
    for guard in guards:
        asked = [n for n, v in enumerate(verdicts) if v is None]
        if asked:
            for n, verdict in zip(asked, guard(context, [facts[n] for n in asked]), strict=True):
                verdicts[n] = verdict
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if good:
        enter(context, [m for m, v in zip(moves, verdicts, strict=True) if v is None])
        end_episodes(context, [(f.body.person, f) for f in good], outcome=outcome)
        context.touch(f.body.person for f in good)
    return verdicts


def _check_leaving(fact: Fact) -> Quarantined | None:
    reason = getattr(fact.body, "reason", None)
    return None if reason is None else rules.verdict_of(rules.check_reason, reason)


def end_episodes(
    context: Context, ended: Sequence[tuple[UUID, Fact]], *, outcome: str = "released"
) -> set[UUID]:
    """End the open episodes of these persons, under whatever ids they have, by these facts.

    outcome: a closed state of `rules.EPISODE_STATES`. Answers the persons that had one open. One
    statement. The persons must be locked by the batch.
    """
    if not ended:
        return set()
    context.cursor.execute(END, (
        uuids(p for p, __ in ended), moments(f.at for __, f in ended),
        uuids(f.id for __, f in ended), outcome))
    return {row[0] for row in context.cursor.fetchall()}


# Announced beforehand -----------------------------------------------------------------------------


@reduces("checkpoint.expected")
def expect(facts: list[Fact], context: Context) -> list[Verdict]:
    """Nobody's custody begins; the person becomes known, so that the gate finds the record."""
    accounts = known_accounts(context)
    verdicts: list[Verdict] = [_check_expected(f, accounts) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    bodies = [f.body for f in good]
    context.cursor.execute(EXPECT, (
        uuids(f.id for f in good), uuids(b.person for b in bodies), texts(b.post for b in bodies),
        moments(b.eta for b in bodies),
        texts(rules.plate_of(b.plate).text or None if b.plate else None for b in bodies),
        texts(b.destination for b in bodies), booleans(b.resident for b in bodies),
        documents(_json.encode(b.stays) for b in bodies), texts(b.source for b in bodies),
        moments(f.at for f in good)))
    register_persons(context, [
        PersonRecord(f, f.body.person, _part(f, f.body.person)) for f in good], announced=True)
    return verdicts


def _check_expected(fact: Fact, accounts: dict[str, str]) -> Quarantined | None:
    body = fact.body
    if body.post is not None and body.post not in accounts:
        return unknown_account(body.post)
    return (
        rules.verdict_of(rules.check_time, fact.at)
        or (rules.verdict_of(rules.check_time, body.eta) if body.eta is not None else None)
        or rules.verdict_of(rules.check_plate_kept, body.plate or "", None)
        or rules.verdict_of(rules.check_destination, body.destination, accounts)
        or rules.verdict_of(rules.check_stays, body.stays)
        or check_identity(_part(fact, body.person))
    )
