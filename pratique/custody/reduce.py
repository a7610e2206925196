"""What custody does with its facts. The only writer of the ledger."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from pratique.custody.ledger import (
    Move,
    check_moves,
    enter,
    forget_accounts,
    heard,
    held,
    known_accounts,
    move,
    not_answered,
)
from pratique.custody.rules import (
    Holding,
    Resolved,
    already,
    check_holder,
    check_offer,
)
from pratique.journal.context import Context
from pratique.journal.fact import Disputed, Fact, Parked, Quarantined, Verdict
from pratique.journal.kinds import reduces
from pratique.kit.arrays import moments, texts, uuids

__all__ = ["Move", "check_moves", "enter", "held", "known_accounts",
           "move", "open_accounts"]

OFFER = """
INSERT INTO custody_handover (id, giver, taker, trip, bag, offered_at, expires_at)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::uuid[], %b::text[],
                     %b::timestamptz[], %b::timestamptz[])
"""
OFFER_LINES = """
INSERT INTO custody_line (handover, subject, holds_by, giver, taker)
SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::text[], %b::text[])
"""
RESOLVE = """
INSERT INTO custody_resolution (handover, subject, outcome, reason, fact, by, at, recorded_at)
SELECT handover, subject, outcome, reason, fact, by, at, %s
FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::uuid[], %b::uuid[],
            %b::timestamptz[]) u(handover, subject, outcome, reason, fact, by, at)
"""
LINES = """
SELECT l.handover, l.subject, l.giver, l.taker, r.outcome, r.at, r.by, r.fact
FROM custody_line l
LEFT JOIN custody_resolution r ON r.handover = l.handover AND r.subject = l.subject
WHERE l.handover = ANY(%b)
"""
def open_accounts(context: Context, accounts: Sequence[tuple[str, str, int | None]]) -> None:
    """Accounts exist from now on: (code, kind, most persons or None). Known ones stay."""
    forget_accounts(context)
    context.cursor.execute(
        "INSERT INTO custody_account (code, kind, capacity, on_hand, offered_in) "
        "SELECT code, kind, capacity, 0, 0 "
        "FROM unnest(%b::text[], %b::text[], %b::bigint[]) u(code, kind, capacity) "
        "ON CONFLICT DO NOTHING",
        ([a[0] for a in accounts], [a[1] for a in accounts], [a[2] for a in accounts]))


def unknown_account(code: str) -> Quarantined:
    return Quarantined("unknown_account", _("There is no account “%(code)s”."),
                       "custody.account", {"code": code})


@reduces("custody.offered")
def offer(facts: list[Fact], context: Context) -> list[Verdict]:
    accounts = known_accounts(context)
    subjects = [line.subject for f in facts for line in f.body.lines]
    holdings = held(context, subjects)
    odd = [
        (line.subject, line.holds_by) for f in facts for line in f.body.lines
        if (h := holdings.get(line.subject)) and h.entry != line.holds_by
    ]
    chain = heard(context, odd)
    unanswered = not_answered(
        context, {(ln.after, ln.subject) for f in facts for ln in f.body.lines if ln.after})
    verdicts = [_check_offer(f, accounts, holdings, chain, unanswered) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if good:
        _write_offers(context, good, holdings)
    return verdicts


def _check_offer(
    fact: Fact, accounts: dict[str, str], holdings: dict[UUID, Holding],
    chain: set[tuple[UUID, UUID]], unanswered: set[tuple[UUID, UUID]],
) -> Verdict:
    body = fact.body
    if body.giver not in accounts or body.taker not in accounts:
        return unknown_account(body.taker if body.giver in accounts else body.giver)
    refused = check_offer(
        body.giver, body.taker, fact.at, fact.by_its_clock(body.expires_at))
    if refused:
        return refused
    if fact.place is not None and fact.place != body.giver:
        return not_your_account(fact, body.giver)
    found: Verdict = None
    for line in body.lines:
        holding = holdings.get(line.subject)
        verdict = check_holder(holding, line.holds_by, body.giver, line.subject,
                               heard=(line.subject, line.holds_by) in chain)
        if verdict is None and holding is not None and holding.pending:
            # It may have been answered already, only we have not heard: wait for the answer.
            verdict = Parked(on=holding.pending, code="offer_pending", rule="custody.law_2")
        if verdict is None and line.after and (line.after, line.subject) in unanswered:
            verdict = Parked(on=line.after, code="answer_not_heard", rule="custody.law_2")
        if isinstance(verdict, Disputed):
            return verdict
        found = found or verdict
    return found


def not_your_account(fact: Fact, account: str) -> Quarantined:
    return Quarantined(
        "not_your_account", _("“%(place)s” cannot speak for “%(account)s”."),
        "custody.two_sides", {"place": fact.place or "", "account": account})


def _write_offers(context: Context, facts: list[Fact], holdings: dict[UUID, Holding]) -> None:
    context.cursor.execute(OFFER, (
        uuids(f.id for f in facts), texts(f.body.giver for f in facts),
        texts(f.body.taker for f in facts), uuids(f.body.trip for f in facts),
        texts(f.body.bag for f in facts), moments(f.at for f in facts),
        moments(f.by_its_clock(f.body.expires_at) for f in facts)))
    lines = [(f, line) for f in facts for line in f.body.lines]
    context.cursor.execute(OFFER_LINES, (
        uuids(f.id for f, __ in lines), uuids(line.subject for __, line in lines),
        uuids(line.holds_by for __, line in lines), texts(f.body.giver for f, __ in lines),
        texts(f.body.taker for f, __ in lines)))
    for fact, line in lines:
        holdings[line.subject].pending = fact.id
    context.touch(line.subject for __, line in lines if holdings[line.subject].kind == "person")


Answer = tuple[Fact, UUID, UUID, str, str]  # fact, hand-over, subject, outcome, reason


def _answers(fact: Fact) -> list[Answer]:
    body = fact.body
    match fact.kind:
        case "custody.answered":
            accepted = [(fact, body.handover, s, "accepted", "") for s in body.accepted]
            return accepted + [
                (fact, body.handover, r.subject, "refused", r.reason) for r in body.refused]
        case "custody.withdrawn":
            return [(fact, body.handover, s, "withdrawn", body.reason) for s in body.subjects]
        case __:
            return [(fact, body.handover, s, "expired", "") for s in body.subjects]


def look_at_lines(facts: list[Fact], context: Context) -> None:
    context.ask_for(facts, LINES, (uuids(list({f.body.handover for f in facts})),))


@reduces("custody.answered", "custody.withdrawn", "custody.expired", ahead=look_at_lines)
def resolve(facts: list[Fact], context: Context) -> list[Verdict]:
    lines = {(row[0], row[1]): row[2:] for row in context.rows_for(facts, look_at_lines)}
    known = {handover for handover, __ in lines}
    verdicts = [_check_answer(f, lines, known) for f in facts]
    answers = [a for f, v in zip(facts, verdicts, strict=True) if v is None for a in _answers(f)]
    if answers:
        _write_answers(context, answers, lines)
    return verdicts


def _check_answer(fact: Fact, lines: dict, known: set[UUID]) -> Verdict:
    body = fact.body
    if body.handover not in known:
        return Parked(on=body.handover)
    side = {"custody.answered": 1, "custody.withdrawn": 0}.get(fact.kind)
    for __, handover, subject, outcome, reason in _answers(fact):
        line = lines.get((handover, subject))
        if line is None:
            return Disputed("not_offered", _("This subject is not part of that hand-over."),
                            "custody.law_2", {"subject": str(subject)})
        giver, taker, resolved, at, by, by_fact = line
        if side is not None and (body.taker if side else body.giver) != (taker if side else giver):
            return Quarantined(
                "not_your_handover", _("That hand-over is from “%(giver)s” to “%(taker)s”."),
                "custody.two_sides", {"giver": giver, "taker": taker})
        if side is not None and fact.place is not None and fact.place != (taker if side else giver):
            return not_your_account(fact, taker if side else giver)
        if resolved is not None:
            late = already(Resolved(resolved, at, by, by_fact), subject)
            # The worker's own notice that came second troubles nobody.
            return late if side is not None else Quarantined(
                late.code, late.sentence, late.rule, late.params)
        if outcome == "refused" and not reason.strip():
            return Quarantined("reason_missing", _("A refusal needs its reason."),
                               "custody.refusal")
    return None


def _write_answers(context: Context, answers: list[Answer], lines: dict) -> None:
    holdings = held(context, [a[2] for a in answers])
    context.cursor.execute(RESOLVE, (
        context.now, uuids(a[1] for a in answers), uuids(a[2] for a in answers),
        texts(a[3] for a in answers), texts(a[4] for a in answers),
        uuids(a[0].id for a in answers), uuids(a[0].by for a in answers),
        moments(a[0].at for a in answers)))
    for fact, handover, subject, outcome, reason in answers:
        holding = holdings[subject]
        holding.pending = None
        giver, taker = lines[handover, subject][:2]
        if outcome == "accepted":
            holding.account, holding.entry = taker, fact.id
        else:
            context.find(fact, f"handover_{outcome}", "custody.deadline",
                         {"giver": giver, "taker": taker, "reason": reason},
                         subject=subject, owner=giver)
    context.touch(a[2] for a in answers if holdings[a[2]].kind == "person")
    # Who waits for the answer, and who waits for the subject to be where it is now.
    context.happened({a[1] for a in answers} | {a[2] for a in answers if a[3] == "accepted"})


@reduces("custody.corrected")
def correct(facts: list[Fact], context: Context) -> list[Verdict]:
    accounts = known_accounts(context)
    holdings = held(context, [f.body.subject for f in facts])
    moves: list[Move] = []
    verdicts: dict[UUID, Verdict] = {}
    for fact in facts:
        body, holding = fact.body, holdings.get(fact.body.subject)
        if body.giver not in accounts or body.taker not in accounts:
            verdicts[fact.id] = unknown_account(
                body.taker if body.giver in accounts else body.giver)
        elif body.giver == body.taker or not body.reason.strip():
            verdicts[fact.id] = Quarantined(
                "correction_empty", _("A correction moves the subject and says why."),
                "custody.correction")
        else:
            moves.append(Move(fact, body.subject, holding.kind if holding else "person",
                              body.giver, body.taker, body.holds_by, "correction"))
    made = move(context, moves)
    verdicts.update((m.fact.id, v) for m, v in zip(moves, made, strict=True))
    moved = [m for m, v in zip(moves, made, strict=True) if v is None]
    context.touch(m.subject for m in moved if m.kind == "person")
    context.happened(m.subject for m in moved)
    return [verdicts[f.id] for f in facts]
