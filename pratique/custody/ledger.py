"""The ledger under a batch's locks: what is held, read once a batch and carried through rounds."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from pratique.custody.rules import NIL, OUTSIDE, Holding, check_birth, check_holder
from pratique.journal.context import Context
from pratique.journal.fact import Fact, Parked, Verdict
from pratique.journal.record import with_opening
from pratique.kit.arrays import Array, moments, texts, uuids

_CACHE = "custody.holdings"
_OPENED = "custody.opened"
_ACCOUNTS = "custody.accounts"

HELD = "SELECT subject, account, entry, pending, kind FROM custody_holding WHERE subject = ANY(%b)"
IN_CHAIN = """
SELECT e.subject, e.fact FROM custody_entry e
JOIN unnest(%b::uuid[], %b::uuid[]) u(subject, fact) ON u.subject = e.subject AND u.fact = e.fact
"""
ENTER = """
INSERT INTO custody_entry (subject, previous, fact, kind, giver, taker, why, handover, at,
                           recorded_at)
SELECT subject, previous, fact, kind, giver, taker, why, NULL, at, %s
FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[],
            %b::timestamptz[]) u(subject, previous, fact, kind, giver, taker, why, at)
"""


class Move(msgspec.Struct, frozen=True, gc=False):
    """A move into or out of the loop, or a correction; between custodians only hand-overs move.

    previous: the entry by which the giver holds the subject; None for one that comes from outside.
    after: a hand-over of the subject by this giver that came to nothing before, if there was one:
    the move waits until that answer has been heard.
    """

    fact: Fact
    subject: UUID
    kind: str
    giver: str
    taker: str
    previous: UUID | None
    why: str
    at: datetime | None = None
    after: UUID | None = None


# One statement: in a batch of one fact each further one is felt.
LOOK = f"""
{HELD} UNION ALL SELECT NULL, code, NULL, NULL, kind FROM custody_account
"""


@with_opening
def look(context: Context, subjects: Array) -> None:
    """Nearly every batch moves something: where all its subjects are, and which accounts there
    are (rows without a subject), is asked with its opening."""
    context.ask(_CACHE, LOOK, (subjects,))


def known_accounts(context: Context) -> dict[str, str]:
    """Every account's kind by its code; accounts are few and only ever added."""
    _take_answer(context)
    known = context.cache.get(_ACCOUNTS)
    if known is None:
        context.cursor.execute("SELECT code, kind FROM custody_account")
        known = context.cache[_ACCOUNTS] = dict(context.cursor.fetchall())
    return known


def held(context: Context, subjects: Iterable[UUID]) -> dict[UUID, Holding]:
    """Where each of `subjects` is, as far as this batch has got; unknown ones are not there.

    The subjects must be locked by the batch. One statement at most, for those not yet read.
    """
    wanted = list(subjects)
    return {s: h for s, h in zip(wanted, places(context, wanted), strict=True) if h is not None}


def places(context: Context, subjects: Sequence[UUID]) -> list[Holding | None]:
    """The same, one for each of `subjects` in their order; None for an unknown one."""
    cache = _read(context, subjects)
    return [cache.get(s.int) for s in subjects]


def _read(context: Context, wanted: Sequence[UUID]) -> dict[int, Holding | None]:
    """The batch's holdings by the subjects' integers (hashed in C), those of `wanted` among them.

    A subject that was locked with the opening and has no row is nowhere yet.
    """
    _take_answer(context)
    cache: dict[int, Holding | None] = context.cache.setdefault(_CACHE, {})
    opened = context.opened if _OPENED in context.cache else frozenset()
    missing = [s for s in wanted if s.int not in cache and s not in opened]
    if missing:
        context.cursor.execute(HELD, (uuids(missing),))
        cache.update([(s.int, None) for s in missing])
        cache.update([(s.int, Holding(a, e, p, k))
                      for s, a, e, p, k in context.cursor.fetchall()])
    return cache


def forget_accounts(context: Context) -> None:
    """Accounts were opened in this batch: they are read again."""
    _take_answer(context)
    context.cache.pop(_ACCOUNTS, None)


def _take_answer(context: Context) -> None:
    rows = context.answer(_CACHE)
    if rows is not None:
        context.cache[_OPENED] = True
        context.cache[_CACHE] = {
            s.int: Holding(a, e, p, k) for s, a, e, p, k in rows if s is not None}
        context.cache[_ACCOUNTS] = {a: k for s, a, e, p, k in rows if s is None}


def moved_in_batch(context: Context) -> dict[UUID, Holding] | None:
    """What the batch has read or moved; None where a part was rolled back and nobody knows."""
    cache = context.cache.get(_CACHE)
    if cache is None:
        return None
    return {UUID(int=number): h for number, h in cache.items() if h is not None}


def heard(context: Context, pairs: Sequence[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Which (subject, entry) are in the subject's chain."""
    if not pairs:
        return set()
    context.cursor.execute(IN_CHAIN, ([s for s, __ in pairs], [e for __, e in pairs]))
    return set(context.cursor.fetchall())


ANSWERED = """
SELECT r.handover, r.subject FROM custody_resolution r
JOIN unnest(%b::uuid[], %b::uuid[]) u(handover, subject)
  ON u.handover = r.handover AND u.subject = r.subject
"""


def not_answered(
    context: Context, earlier: set[tuple[UUID, UUID]]
) -> set[tuple[UUID, UUID]]:
    """Of (hand-over, subject), those whose answer has not been heard."""
    if not earlier:
        return earlier
    pairs = list(earlier)
    context.cursor.execute(ANSWERED, (uuids(h for h, __ in pairs), uuids(s for __, s in pairs)))
    return earlier - set(context.cursor.fetchall())


def check_moves(context: Context, moves: Sequence[Move]) -> list[Verdict]:
    """The verdict on each move, without making any."""
    holdings = places(context, [m.subject for m in moves])
    odd = [
        (m.subject, m.previous) for m, h in zip(moves, holdings, strict=True)
        if m.previous is not None and h is not None and h.entry != m.previous
    ]
    chain = heard(context, odd)
    unanswered = not_answered(context, {(m.after, m.subject) for m in moves if m.after})
    verdicts: list[Verdict] = []
    for m, holding in zip(moves, holdings, strict=True):
        if m.previous is None:
            verdicts.append(None if holding is None else check_birth(holding, m.subject))
            continue
        verdict = check_holder(holding, m.previous, m.giver, m.subject,
                               heard=bool(odd) and (m.subject, m.previous) in chain)
        if verdict is None and holding is not None and holding.pending:
            verdict = Parked(on=holding.pending, code="offer_pending", rule="custody.law_2")
        if verdict is None and m.after and (m.after, m.subject) in unanswered:
            verdict = Parked(on=m.after, code="answer_not_heard", rule="custody.law_2")
        verdicts.append(verdict)
    return verdicts


def enter(context: Context, moves: Sequence[Move]) -> None:
    """Write entries for moves that were checked; the trigger books the holdings."""
    if not moves:
        return
    subjects = [m.subject for m in moves]
    previous = [m.previous or (NIL if h is None else h.entry)
                for m, h in zip(moves, places(context, subjects), strict=True)]
    context.cursor.execute(ENTER, (
        context.now, uuids(subjects), uuids(previous),
        uuids([m.fact.id for m in moves]), texts([m.kind for m in moves]),
        texts([m.giver for m in moves]), texts([m.taker for m in moves]),
        texts([m.why for m in moves]), moments([m.at or m.fact.at for m in moves])))
    context.cache[_CACHE].update(
        [(m.subject.int, Holding(m.taker, m.fact.id, None, m.kind)) for m in moves])


def move(context: Context, moves: Sequence[Move]) -> list[Verdict]:
    """Check the moves and make those that may be made; a verdict for each, in order."""
    verdicts = check_moves(context, moves)
    enter(context, [m for m, v in zip(moves, verdicts, strict=True) if v is None])
    return verdicts


def birth(fact: Fact, subject: UUID, kind: str, taker: str, why: str) -> Move:
    """A subject comes into the loop from outside."""
    return Move(fact, subject, kind, OUTSIDE, taker, None, why)


def leaving(fact: Fact, subject: UUID, kind: str, giver: str, holds_by: UUID, why: str) -> Move:
    """A subject leaves the loop; the fact may name an earlier hand-over that came to nothing."""
    return Move(fact, subject, kind, giver, OUTSIDE, holds_by, why,
                after=getattr(fact.body, "after", None))

