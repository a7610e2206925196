"""The one place that sees several stations: evaluate, decide, release.

At the end of every batch the persons that its facts touched are looked at again: their history is
read in sets, evaluated, and what changed is written. The rooms above (duties, standing) take the
outcomes from here.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _

from pratique.checkpoint import reduce as checkpoint
from pratique.checkpoint.queries import open_in_places
from pratique.custody.ledger import check_moves, enter, held, leaving
from pratique.isolation.reduce import look_who_left, move_out
from pratique.journal.context import Context
from pratique.journal.fact import Disputed, Fact, Parked, Quarantined, Verdict
from pratique.journal.kinds import reduces
from pratique.journal.record import after_reduction
from pratique.journal.store import ask_share_locks
from pratique.kit.arrays import Array, bigints, blobs, booleans, documents, moments, texts, uuids
from pratique.pathway.facts import RULES_IN_FORCE
from pratique.pathway.histories import Known, ask_histories, histories
from pratique.protocol.evaluate import Outcome, evaluate
from pratique.protocol.pack import Pack
from pratique.registry.facts import RISK_LIST
from pratique.registry.merged import HUMAN
from pratique.registry.reduce import regraded_units

ANSWER_OBJECTION_WITHIN = timedelta(hours=24)
_encode = msgspec.json.Encoder(order="sorted").encode


class Evaluated(msgspec.Struct, frozen=True, gc=False):
    """A person's history and what the protocol says of it."""

    known: Known
    outcome: Outcome


Consumer = Callable[[Context, Sequence[Evaluated]], None]
_consumers: list[Consumer] = []
_ahead: list[Callable[[Context, Array], None]] = []


def after_evaluation(ahead: Callable[[Context, Array], None]) -> Callable[[Consumer], Consumer]:
    """The rooms above take outcomes here: called once a batch with everyone looked at.

    ahead: asks (by `context.ask`) for what the room has of these persons, whichever of their ids
    they are named by, so that the server looks it up while their histories are evaluated.
    """
    def mark(consumer: Consumer) -> Consumer:
        _consumers.append(consumer)
        _ahead.append(ahead)
        return consumer
    return mark


@after_reduction
def look_again(context: Context) -> Callable[[], None] | None:
    """Evaluate everyone whom the batch touched; a new risk list touches whom it concerns."""
    units = regraded_units(context)
    if units:
        context.touch(p for __, p in open_in_places(units, cursor=context.cursor))
    if not context.touched:
        return None
    # Whoever publishes a list or an order holds these alone; so everybody is evaluated either
    # before it, and then touched by it, or with it.
    held = ask_share_locks(context, (RISK_LIST, RULES_IN_FORCE))
    context.locks(context.touched)
    asked = uuids(sorted(context.touched, key=attrgetter("int")))
    read = _look(context, asked)
    return lambda: _settle(context, asked, held, read)


def _look(context: Context, persons: Array) -> Callable[[], dict[UUID, Known]]:
    """Ask for everything that is read of these persons at once; their histories, when called."""
    read = ask_histories(context.cursor, persons)
    context.ask(LATEST, LATEST, (persons,))
    for ahead in _ahead:
        ahead(context, persons)
    look_who_left(context, persons)
    return read


def _settle(
    context: Context, asked: Array, held: Callable[[], bool],
    read: Callable[[], dict[UUID, Known]],
) -> None:
    """Evaluate these histories and write what changed."""
    was_held, known = held(), read()
    # Somebody merged is looked at under the root's lock too, and as it is then.
    roots = {k.history.person for k in known.values()}
    if not was_held or not roots <= context.locked:
        context.locks(roots)
        known = _look(context, asked)()
    evaluated = [Evaluated(k, evaluate(k.pack, k.history, context.now))
                 for k in _one_an_episode(known)]
    if evaluated:
        decide(context, evaluated)
        for consumer in _consumers:
            consumer(context, evaluated)
    move_out(context)


def _one_an_episode(known: dict[UUID, Known]) -> list[Known]:
    """Each episode once: of two records that were merged, one speaks for both."""
    return list({k.history.episode: k for k in known.values()}.values())


LATEST = f"""
{HUMAN}
SELECT e.id, d.turn, d.digest FROM whole w JOIN checkpoint_episode e ON e.person = w.one
JOIN LATERAL (SELECT turn, digest FROM pathway_decision d WHERE d.episode = e.id
              ORDER BY turn DESC LIMIT 1) d ON true
"""
DECIDE = """
INSERT INTO pathway_decision (episode, turn, person, decided_at, batch, pack, version, risk_list,
    measure, row, tier, landing_test, transfer, counted_from, ends_at, tests_on, facts,
    unknown_inputs, digest)
SELECT episode, turn, person, %s, %s, pack, version, %s, measure, row, tier, landing_test,
       transfer, counted_from, ends_at,
       ARRAY(SELECT jsonb_array_elements_text(body::jsonb -> 'tests_on')::timestamptz),
       ARRAY(SELECT jsonb_array_elements_text(body::jsonb -> 'facts')::uuid),
       ARRAY(SELECT jsonb_array_elements_text(body::jsonb -> 'unknown_inputs')), digest
FROM unnest(%b::uuid[], %b::bigint[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[],
            %b::text[], %b::boolean[], %b::text[], %b::timestamptz[], %b::timestamptz[],
            %b::text[], %b::bytea[])
     u(episode, turn, person, pack, version, measure, row, tier, landing_test, transfer,
       counted_from, ends_at, body, digest)
"""


def digest_of(value: object) -> bytes:
    """Tells whether a derived value changed: 16 bytes over its sorted JSON."""
    return blake2b(_encode(value), digest_size=16).digest()


def decide(context: Context, evaluated: Sequence[Evaluated]) -> None:
    """Write the decisions that differ from the episode's last one."""
    latest = {row[0]: row[1:] for row in context.answer(LATEST) or ()}
    rows = []
    for one in evaluated:
        turn, before = latest.get(one.known.history.episode, (0, b""))
        body = _encode(one.outcome.decision)
        digest = blake2b(body, digest_size=16).digest()
        if digest != before:
            rows.append((one, turn + 1, body, digest))
    if not rows:
        return
    decisions = [one.outcome.decision for one, *__ in rows]
    context.cursor.execute(DECIDE, (
        context.now, context.batch, rows[0][0].known.risk_list,
        uuids(one.known.history.episode for one, *__ in rows),
        bigints(turn for __, turn, *__ in rows),
        uuids(one.known.history.person for one, *__ in rows),
        texts(one.known.pack.id for one, *__ in rows),
        texts(one.known.version for one, *__ in rows),
        texts(d.measure for d in decisions), texts(d.row for d in decisions),
        texts(d.tier for d in decisions), booleans(d.landing_test for d in decisions),
        texts(d.transfer for d in decisions), moments(d.counted_from for d in decisions),
        moments(d.ends_at for d in decisions), documents(body for __, __, body, __ in rows),
        blobs(digest for *__, digest in rows)))


# ── orders and packs ─────────────────────────────────────────────────────────────────────────────
@reduces("pathway.pack_adopted")
def adopt_packs(facts: list[Fact], context: Context) -> list[Verdict]:
    from pratique.protocol.pack import shipped

    verdicts: list[Verdict] = []
    for fact in facts:  # one subject, so one fact a call
        if fact.body.pack not in shipped():
            verdicts.append(Quarantined(
                "unknown_pack", _("There is no protocol pack “%(pack)s” here."),
                "pathway.pack", {"pack": fact.body.pack}))
            continue
        verdicts.append(None)
        context.cursor.execute(
            "INSERT INTO pathway_adoptedpack (fact, pack, version, in_force_from) "
            "VALUES (%s, %s, %s, %s)",
            (fact.id, fact.body.pack, fact.body.version, fact.body.in_force_from))
    return verdicts


@reduces("pathway.order_issued")
def issue_orders(facts: list[Fact], context: Context) -> list[Verdict]:
    verdicts: list[Verdict] = [
        None if f.body.until > f.body.since else Quarantined(
            "order_without_end", _("An order must end after it begins."), "pathway.law_5")
        for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    context.cursor.execute(
        'INSERT INTO pathway_order ("order", fact, pack, area, authority, legal_basis, since, '
        "until) SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[], "
        "%b::text[], %b::timestamptz[], %b::timestamptz[])",
        (uuids(f.body.order for f in good), uuids(f.id for f in good),
         texts(f.body.pack for f in good), texts(f.body.area for f in good),
         texts(f.body.authority for f in good), texts(f.body.legal_basis for f in good),
         moments(f.body.since for f in good), moments(f.body.until for f in good)))
    context.happened(f.body.order for f in good)
    if good:
        context.touch(everyone_open(context))
    return verdicts


@reduces("pathway.order_ended")
def end_orders(facts: list[Fact], context: Context) -> list[Verdict]:
    context.cursor.execute(
        'UPDATE pathway_order o SET until = greatest(o.since, least(o.until, u.until)), '
        'ended_by = u.fact FROM unnest(%b::uuid[], %b::uuid[], %b::timestamptz[]) '
        'u(fact, "order", until) WHERE o."order" = u."order" RETURNING u.fact',
        (uuids(f.id for f in facts), uuids(f.body.order for f in facts),
         moments(f.body.until for f in facts)))
    done = {row[0] for row in context.cursor.fetchall()}
    if done:
        context.touch(everyone_open(context))
    return [None if f.id in done else Parked(on=f.body.order) for f in facts]


def everyone_open(context: Context) -> list[UUID]:
    """Persons with an open episode: an order concerns them all."""
    context.cursor.execute(
        "SELECT person FROM checkpoint_episode WHERE ended_at IS NULL ORDER BY person")
    return [row[0] for row in context.cursor.fetchall()]


# ── release ──────────────────────────────────────────────────────────────────────────────────────
@reduces("pathway.released")
def release(facts: list[Fact], context: Context) -> list[Verdict]:
    """Law 7: computed from days and results; the same gate for everybody, exempted or not."""
    moves = [leaving(f, f.body.person, "person", f.body.account, f.body.holds_by, "released")
             for f in facts]
    verdicts = check_moves(context, moves)
    known = histories(context.cursor, [f.body.person for f in facts])
    for position, fact in enumerate(facts):
        verdicts[position] = verdicts[position] or _check_release(fact, known, context.now)
    _leave(context, facts, moves, verdicts)
    return verdicts


def _check_release(fact: Fact, known: dict[UUID, Known], now: datetime) -> Verdict:
    one = known.get(fact.body.person)
    if one is None:
        return Parked(on=fact.body.episode)
    if fact.body.episode not in (one.history.episode, *one.also_open):
        return Disputed("other_episode", _("That episode is not the person's present one."),
                        "pathway.episode")
    # The moment that counts (docs/adr/0016) may make a release earlier, never later than now.
    outcome = evaluate(one.pack, one.history, min(fact.at, now))
    if outcome.release.allowed:
        return None
    return Quarantined(
        "release_too_early", _("Release is not due. Missing: %(missing)s."), "pathway.law_7",
        {"missing": "; ".join(outcome.release.missing)})


def _leave(
    context: Context, facts: Sequence[Fact], moves: Sequence, verdicts: Sequence[Verdict]
) -> None:
    good = [(f, m) for f, m, v in zip(facts, moves, verdicts, strict=True) if v is None]
    if not good:
        return
    enter(context, [m for __, m in good])
    checkpoint.end_episodes(context, [(f.body.person, f) for f, __ in good])
    context.touch(f.body.person for f, __ in good)


def allow_passing(context: Context, facts: Sequence[Fact]) -> list[Verdict]:
    """Only whom the protocol gives no measure may simply go on from the post."""
    return [_only_if(measure == "none", measure, "measure_applies", "pathway.law_7", _(
                "This person may not simply go on: %(measure)s applies."))
            for measure, __ in _measures_of(context, facts)]


def allow_turning_back(context: Context, facts: Sequence[Fact]) -> list[Verdict]:
    """Whom a measure keeps from others is not sent back among others, unless the pack says so."""
    return [_only_if(pack is not None and pack.may_turn_back(measure or ""), measure,
                     "turn_back_not_allowed", "pathway.turn_back", _(
                "This person may not be turned back: %(measure)s applies, and the protocol does "
                "not allow it. Sent away, they could carry the disease on."))
            for measure, pack in _measures_of(context, facts)]


def _measures_of(
    context: Context, facts: Sequence[Fact]
) -> list[tuple[str | None, Pack | None]]:
    """The measure of each fact's person now, and the pack that gave it; None: nobody decided."""
    known = histories(context.cursor, [f.body.person for f in facts])
    found: list[tuple[str | None, Pack | None]] = []
    for fact in facts:
        one = known.get(fact.body.person)
        found.append((None, None) if one is None else (
            evaluate(one.pack, one.history, context.now).decision.measure, one.pack))
    return found


def _only_if(allowed: bool, measure: str | None, code: str, rule: str, sentence: Any) -> Verdict:
    if measure is None:  # the person is held, so it is no arrival that must be waited for
        return Quarantined("no_decision_yet", _("Nobody has decided yet whether a measure applies "
                           "to this person."), rule)
    return None if allowed else Quarantined(code, sentence, rule, {"measure": measure})


checkpoint.PASS_GUARDS.append(allow_passing)
checkpoint.TURN_BACK_GUARDS.append(allow_turning_back)


# ── rights ───────────────────────────────────────────────────────────────────────────────────────
@reduces("pathway.emergency_admitted")
def admit(facts: list[Fact], context: Context) -> list[Verdict]:
    """Law 8: recorded, whatever else is known; there is nothing here that could refuse it."""
    context.cursor.execute(
        "INSERT INTO pathway_admission (fact, person, hospital, at) "
        "SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::timestamptz[])",
        (uuids(f.id for f in facts), uuids(f.body.person for f in facts),
         texts(f.body.hospital for f in facts), moments(f.at for f in facts)))
    holdings = held(context, [f.body.person for f in facts])
    for fact in facts:
        holding = holdings.get(fact.body.person)
        context.find(fact, "emergency_admitted", "pathway.law_8",
                     {"hospital": fact.body.hospital}, subject=fact.body.person,
                     owner=holding.account if holding else None)
    return [None] * len(facts)


@reduces("pathway.objected")
def object_to_measures(facts: list[Fact], context: Context) -> list[Verdict]:
    context.cursor.execute(
        "INSERT INTO pathway_objection (objection, person, episode, made_at, due_at, reason) "
        "SELECT objection, person, episode, %s, %s, '' "
        "FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[]) u(objection, person, episode)",
        (context.now, context.now + ANSWER_OBJECTION_WITHIN, uuids(f.id for f in facts),
         uuids(f.body.person for f in facts), uuids(f.body.episode for f in facts)))
    context.touch(f.body.person for f in facts)
    return [None] * len(facts)


@reduces("pathway.objection_answered")
def answer_objections(facts: list[Fact], context: Context) -> list[Verdict]:
    context.cursor.execute(
        "UPDATE pathway_objection o SET answered_by = u.fact, answered_at = u.at, "
        "upheld = u.upheld, reason = u.reason FROM unnest(%b::uuid[], %b::uuid[], "
        "%b::timestamptz[], %b::boolean[], %b::text[]) u(fact, objection, at, upheld, reason) "
        "WHERE o.objection = u.objection AND o.answered_by IS NULL RETURNING u.fact",
        (uuids(f.id for f in facts), uuids(f.body.objection for f in facts),
         moments(f.at for f in facts), booleans(f.body.upheld for f in facts),
         texts(f.body.reason for f in facts)))
    done = {row[0] for row in context.cursor.fetchall()}
    context.touch(f.body.person for f in facts if f.id in done)
    return [None if f.id in done else Parked(on=f.body.objection) for f in facts]
