"""Tubes: collected, bagged, voided, lost, discarded. With `reduce_runs`, the only writers here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from pratique.custody.ledger import Move, birth, check_moves, enter, leaving
from pratique.custody.reduce import known_accounts, not_your_account, unknown_account
from pratique.custody.rules import OUTSIDE
from pratique.journal.context import Context
from pratique.journal.fact import Disputed, Fact, Parked, Quarantined, Verdict
from pratique.journal.kinds import reduces
from pratique.kit.arrays import booleans, moments, texts, uuids
from pratique.specimens import reduce_runs, rules

__all__ = ["reduce_runs"]

SPECIMEN = "specimen"
PURPOSE_CHARACTERS_MAX = 40

HEARD = """
SELECT s.specimen IS NOT NULL, t.specimen, t.person = u.person, coalesce(p.root, u.person),
       EXISTS (SELECT FROM specimens_well w WHERE w.tube = u.tube AND w.tube <> '')
FROM unnest(%b::uuid[], %b::text[], %b::uuid[]) WITH ORDINALITY u(specimen, tube, person, turn)
LEFT JOIN specimens_specimen s ON s.specimen = u.specimen
LEFT JOIN specimens_specimen t ON t.tube = u.tube
LEFT JOIN registry_person p ON p.person = u.person
ORDER BY u.turn
"""
COLLECT = """
INSERT INTO specimens_specimen (specimen, tube, person, place, purpose, urgent, swab, collected_at,
                                collected_by, fact)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::uuid[], %b::text[], %b::text[], %b::boolean[],
                     %b::text[], %b::timestamptz[], %b::uuid[], %b::uuid[])
"""


class Heard(NamedTuple):
    """What is known of a collection's specimen, tube and person before it."""

    known: bool
    on_tube: UUID | None
    same_person: bool | None
    person: UUID
    has_wells: bool


def look_at_collected(facts: list[Fact], context: Context) -> None:
    bodies = [f.body for f in facts]
    context.ask_for(facts, HEARD, (
        uuids([b.specimen for b in bodies]), texts([b.tube for b in bodies]),
        uuids([b.person for b in bodies])))


@reduces("specimens.collected", ahead=look_at_collected)
def collect(facts: list[Fact], context: Context) -> list[Verdict]:
    """A tube is born into the account of who collected it; one tube, one specimen, one person."""
    accounts = known_accounts(context)
    heard = [Heard(*row) for row in context.rows_for(facts, look_at_collected)]
    moves = [birth(f, f.body.specimen, SPECIMEN, f.body.place, "collected") for f in facts]
    verdicts: list[Verdict] = [
        _check_collected(f, h, accounts) or v
        for f, h, v in zip(facts, heard, check_moves(context, moves), strict=True)]
    good = [(f, m, h) for f, m, h, v in zip(facts, moves, heard, verdicts, strict=True)
            if v is None]
    if good:
        _write_collected(context, good)
    return verdicts


def _check_collected(fact: Fact, heard: Heard, accounts: dict[str, str]) -> Verdict:
    body = fact.body
    refused = _check_place(fact, accounts) or rules.check_tube(body.tube)
    if refused:
        return refused
    if not body.purpose.strip() or len(body.purpose) > PURPOSE_CHARACTERS_MAX:
        return Quarantined("purpose_missing", _("A specimen says in 1 to %(most)s characters what "
                           "it is taken for."), "specimens.purpose",
                           {"most": PURPOSE_CHARACTERS_MAX})
    if heard.on_tube is not None:
        sentence = (
            _("Tube %(tube)s has been used for this person already; take a new one.")
            if heard.same_person
            else _("Tube %(tube)s holds the specimen of another person; take a new one."))
        return Disputed("tube_used", sentence, "specimens.one_tube_one_person",
                        {"tube": body.tube, "specimen": str(heard.on_tube)}, owner=body.place)
    if heard.known:
        return Disputed("specimen_known", _("This specimen has been collected into another tube."),
                        "specimens.one_tube_one_person", {"tube": body.tube}, owner=body.place)
    return None


def _check_place(fact: Fact, accounts: dict[str, str]) -> Quarantined | None:
    place = fact.body.place
    if place not in accounts or place == OUTSIDE:
        return unknown_account(place)
    if fact.place is not None and fact.place != place:
        return not_your_account(fact, place)
    return None


def _write_collected(context: Context, good: Sequence[tuple[Fact, Move, Heard]]) -> None:
    facts = [f for f, __, __ in good]
    bodies = [f.body for f in facts]
    enter(context, [m for __, m, __ in good])
    context.cursor.execute(COLLECT, (
        uuids(b.specimen for b in bodies), texts(b.tube for b in bodies),
        uuids(b.person for b in bodies), texts(b.place for b in bodies),
        texts(b.purpose for b in bodies), booleans(b.urgent for b in bodies),
        texts(b.swab for b in bodies), moments(f.at for f in facts), uuids(f.by for f in facts),
        uuids(f.id for f in facts)))
    # The person may not have been heard of yet: the pathway looks when both are there.
    context.touch(h.person for __, __, h in good)
    context.happened(b.specimen for b in bodies)
    reduce_runs.remember_births(context, {f.body.specimen: f.id for f in facts})
    waited = {f.body.tube: f.id for f, __, h in good if h.has_wells}
    if waited:
        reduce_runs.settle(context, waited, settles="result_for_unknown_tube")


# ── bags ─────────────────────────────────────────────────────────────────────────────────────────
BAG_LINES = """
SELECT u.fact, u.specimen, s.specimen IS NOT NULL, EXISTS (
    SELECT FROM custody_entry e WHERE e.subject = u.specimen AND e.taker = u.place)
FROM unnest(%b::uuid[], %b::uuid[], %b::text[]) u(fact, specimen, place)
LEFT JOIN specimens_specimen s ON s.specimen = u.specimen
"""
BAG = """
INSERT INTO specimens_bagging (specimen, fact, bag, seal, place, at)
SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[],
                     %b::timestamptz[])
"""


@reduces("specimens.bagged")
def bag(facts: list[Fact], context: Context) -> list[Verdict]:
    """Which tubes are in which bag. Who holds them does not change; hand-overs name the bag."""
    accounts = known_accounts(context)
    lines = [(f, s) for f in facts for s in f.body.specimens]
    context.cursor.execute(BAG_LINES, (
        uuids(f.id for f, __ in lines), uuids(s for __, s in lines),
        texts(f.body.place for f, __ in lines)))
    known = {(fact, s): (there, was_here) for fact, s, there, was_here
             in context.cursor.fetchall()}
    verdicts = [_check_bag(f, known, accounts) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    lines = [(f, s) for f in good for s in f.body.specimens]
    if lines:
        context.cursor.execute(BAG, (
            uuids(s for __, s in lines), uuids(f.id for f, __ in lines),
            texts(f.body.bag for f, __ in lines), texts(f.body.seal for f, __ in lines),
            texts(f.body.place for f, __ in lines), moments(f.at for f, __ in lines)))
    return verdicts


def _check_bag(
    fact: Fact, known: dict[tuple[UUID, UUID], tuple[bool, bool]], accounts: dict[str, str]
) -> Verdict:
    body = fact.body
    refused = _check_place(fact, accounts) or rules.check_bag(body.bag, body.seal)
    if refused:
        return refused
    for specimen in body.specimens:
        there, was_here = known[fact.id, specimen]
        if not there:
            return Parked(on=specimen)
        if not was_here:
            return Disputed(
                "never_held", _("“%(place)s” has never held one of these tubes."),
                "specimens.bag_of_own_tubes", {"place": body.place, "specimen": str(specimen)})
    return None


# ── leaving the loop ─────────────────────────────────────────────────────────────────────────────
ENDED = """
SELECT u.specimen, s.tube, coalesce(p.root, s.person),
       EXISTS (SELECT FROM specimens_well w WHERE w.tube = s.tube AND w.tube <> '')
FROM unnest(%b::uuid[]) u(specimen)
JOIN specimens_specimen s ON s.specimen = u.specimen
LEFT JOIN registry_person p ON p.person = s.person
"""
END = """
INSERT INTO specimens_ending (specimen, fact, how, place, reason, at, by)
SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[],
                     %b::timestamptz[], %b::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Tube:
    """A specimen that somebody wants to see leave."""

    tube: str
    person: UUID
    tested: bool


@reduces("specimens.voided", "specimens.lost", "specimens.discarded")
def end(facts: list[Fact], context: Context) -> list[Verdict]:
    """Tubes leave the loop by name, and only what the speaker's place holds."""
    how = facts[0].kind.partition(".")[2]
    accounts = known_accounts(context)
    whole: list[Verdict] = [_check_ending(f, how, accounts) for f in facts]
    moves = [m for f, v in zip(facts, whole, strict=True) if v is None for m in _moves(f, how)]
    context.cursor.execute(ENDED, (uuids(m.subject for m in moves),))
    tubes = {row[0]: Tube(*row[1:]) for row in context.cursor.fetchall()}
    custody: dict[UUID, list[tuple[Move, Verdict]]] = {}
    for move, verdict in zip(moves, check_moves(context, moves), strict=True):
        custody.setdefault(move.fact.id, []).append(
            (move, verdict or _check_tube(move, how, tubes)))
    verdicts = [v or _first(custody.get(f.id, ())) for f, v in zip(facts, whole, strict=True)]
    good = {f.id for f, v in zip(facts, verdicts, strict=True) if v is None}
    _write_endings(context, how, [m for m in moves if m.fact.id in good], tubes)
    return verdicts


def _moves(fact: Fact, how: str) -> list[Move]:
    body = fact.body
    if how == "discarded":
        lines = zip(body.specimens, body.holds_by, strict=True)
    else:
        lines = zip([body.specimen], [body.holds_by], strict=True)
    return [leaving(fact, s, SPECIMEN, body.place, held_by, how) for s, held_by in lines]


def _check_ending(fact: Fact, how: str, accounts: dict[str, str]) -> Quarantined | None:
    body = fact.body
    refused = _check_place(fact, accounts)
    if refused:
        return refused
    if how != "discarded":
        return None if body.reason.strip() else Quarantined(
            "reason_missing", _("Say why the tube leaves."), "specimens.reason")
    if accounts[body.place] != "laboratory":
        return reduce_runs.not_a_laboratory(body.place)
    if len(body.specimens) != len(body.holds_by):
        return Quarantined("lists_differ", _("Each tube needs the fact by which it is held."),
                           "specimens.discard_whole")
    return None


def _check_tube(move: Move, how: str, tubes: dict[UUID, Tube]) -> Verdict:
    tube = tubes.get(move.subject)
    if tube is None:
        return Quarantined("not_a_specimen", _("This is no specimen."), "specimens.subject")
    if how == "discarded" and not tube.tested:
        # Its run may be on the way; a tube that was never tested is voided or lost, not discarded.
        return Parked(on=move.subject, code="not_tested_yet", rule="specimens.discard_tested")
    return None


def _first(custody: Sequence[tuple[Move, Verdict]]) -> Verdict:
    """The verdict on a fact of several tubes: a contradiction before something to wait for."""
    verdicts = [v for __, v in custody if v is not None]
    return next((v for v in verdicts if not isinstance(v, Parked)), next(iter(verdicts), None))


def _write_endings(
    context: Context, how: str, moves: Sequence[Move], tubes: dict[UUID, Tube]
) -> None:
    if not moves:
        return
    enter(context, moves)
    reasons = [getattr(m.fact.body, "reason", "") for m in moves]
    context.cursor.execute(END, (
        uuids(m.subject for m in moves), uuids(m.fact.id for m in moves),
        texts(how for __ in moves), texts(m.giver for m in moves), texts(reasons),
        moments(m.fact.at for m in moves), uuids(m.fact.by for m in moves)))
    if how == "discarded":
        return
    for move, reason in zip(moves, reasons, strict=True):
        tube = tubes[move.subject]
        context.find(move.fact, f"tube_{how}", "specimens.new_one_owed",
                     {"tube": tube.tube, "holder": move.giver, "reason": reason},
                     subject=move.subject, owner=move.giver)
    reduce_runs.close_repeats(context, {
        tubes[m.subject].tube: m.fact.id for m in moves if tubes[m.subject].tested})
    context.touch(tubes[m.subject].person for m in moves)
