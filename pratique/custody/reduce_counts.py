"""Counts beside the ledger: head counts, and posts handed over to the next shift with counts.

A count says nothing about who is where; a difference is a finding until somebody says why.
"""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from pratique.custody.ledger import known_accounts
from pratique.custody.reduce import not_your_account, unknown_account
from pratique.custody.rules import check_shift
from pratique.journal.context import Context, NewFinding, finding_id
from pratique.journal.fact import Fact, Parked, Quarantined, Verdict
from pratique.journal.kinds import reduces
from pratique.journal.store import close_findings
from pratique.kit.arrays import bigints, moments, texts, uuids

COUNT_DIFFERS = "count_differs"
SHIFT = "shift_handed_over"  # the source of counts that two shifts made together
Counted = tuple[Fact, str, int, str]  # the fact, what was counted, how many, by what source

ON_HAND_AT = """
WITH asked AS (
    SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::timestamptz[])
    u(fact, account, kind, at)
)
SELECT a.fact, a.kind, (
    SELECT coalesce(sum(CASE WHEN e.taker = a.account THEN 1 ELSE -1 END), 0)::bigint
    FROM custody_entry e
    WHERE (e.taker = a.account OR e.giver = a.account) AND e.kind = a.kind AND e.at <= a.at
) FROM asked a
"""
KEEP = """
INSERT INTO custody_count (fact, account, kind, counted, held, source, at, explained)
SELECT *, '' FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::bigint[], %b::bigint[],
                         %b::text[], %b::timestamptz[])
"""
KEEP_SHIFTS = """
INSERT INTO custody_shift (fact, account, left_by, taken_by, at, unsent, note)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::uuid[], %b::uuid[], %b::timestamptz[],
                     %b::bigint[], %b::text[])
"""


def _keep(context: Context, counted: Sequence[Counted]) -> list[tuple[Counted, int]]:
    """Keep counts beside what the ledger had at their moments; those that differ, with that."""
    facts = [c[0] for c in counted]
    about = (uuids(f.id for f in facts), texts(f.body.account for f in facts),
             texts(kind for __, kind, __, __ in counted))
    context.cursor.execute(ON_HAND_AT, (*about, moments(f.at for f in facts)))
    held = {(fact, kind): count for fact, kind, count in context.cursor.fetchall()}
    at_hand = [held[fact.id, kind] for fact, kind, __, __ in counted]
    context.cursor.execute(KEEP, (
        *about, bigints(count for __, __, count, __ in counted), bigints(at_hand),
        texts(source for *__, source in counted), moments(f.at for f in facts)))
    return [(c, h) for c, h in zip(counted, at_hand, strict=True) if c[2] != h]


def _particulars(counted: Counted, held: int) -> dict[str, object]:
    fact, kind, count, source = counted
    return {"account": fact.body.account, "subject_kind": kind, "counted": count, "held": held,
            "source": source}


@reduces("custody.head_counted")
def count_heads(facts: list[Fact], context: Context) -> list[Verdict]:
    """Keep the count beside what the ledger had at that moment; a difference is a finding."""
    accounts = known_accounts(context)
    verdicts: list[Verdict] = [
        None if f.body.account in accounts else unknown_account(f.body.account) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if good:
        counted = [(f, f.body.subject_kind, f.body.counted, f.body.source) for f in good]
        for each, held in _keep(context, counted):
            context.find(each[0], COUNT_DIFFERS, "custody.reconciliation",
                         _particulars(each, held), owner=each[0].body.account)
    return verdicts


@reduces("custody.post_handed_over")
def hand_post_over(facts: list[Fact], context: Context) -> list[Verdict]:
    """Keep the change of shift and its three counts; each that differs is a finding of its own."""
    accounts = known_accounts(context)
    verdicts = [_check_handing_over(f, accounts) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    context.cursor.execute(KEEP_SHIFTS, (
        uuids(f.id for f in good), texts(f.body.account for f in good),
        uuids(f.by for f in good), uuids(f.body.to for f in good), moments(f.at for f in good),
        bigints(f.body.unsent for f in good), texts(f.body.note.strip() for f in good)))
    counted = [(f, kind, count, SHIFT) for f in good for kind, count in (
        ("person", f.body.persons), ("vehicle", f.body.vehicles), ("specimen", f.body.specimens))]
    for each, held in _keep(context, counted):
        fact, kind = each[:2]
        context.findings.append(NewFinding(
            _finding_of(fact.id, kind, fact.subjects[0]), fact.id, COUNT_DIFFERS,
            "custody.reconciliation", _particulars(each, held), fact.subjects[0],
            fact.body.account))
    return verdicts


def _check_handing_over(fact: Fact, accounts: dict[str, str]) -> Verdict:
    body = fact.body
    if body.account not in accounts:
        return unknown_account(body.account)
    if fact.place is not None and fact.place != body.account:
        return not_your_account(fact, body.account)
    return check_shift(fact.by, body)


def _finding_of(count: UUID, kind: str, account: UUID) -> UUID:
    """One fact of a change of shift has three counts, and may have three findings."""
    return finding_id(count, f"{COUNT_DIFFERS}:{kind}", account)


COUNTS = "SELECT fact, kind, account FROM custody_count WHERE fact = ANY(%b)"
EXPLAIN = """
UPDATE custody_count c SET explained = u.reason, explained_by = u.fact
FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[]) u(fact, count, kind, reason)
WHERE c.fact = u.count AND c.kind = u.kind
"""


@reduces("custody.difference_explained")
def explain(facts: list[Fact], context: Context) -> list[Verdict]:
    """Why a count and the books differ, in words; the finding closes by this fact."""
    context.cursor.execute(COUNTS, (uuids(f.body.count for f in facts),))
    counts: dict[UUID, dict[str, str]] = {}
    for fact_id, kind, account in context.cursor.fetchall():
        counts.setdefault(fact_id, {})[kind] = account
    verdicts = [_check_explanation(f, counts.get(f.body.count)) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if good:
        context.cursor.execute(EXPLAIN, (
            uuids(f.id for f in good), uuids(f.body.count for f in good),
            texts(f.body.subject_kind for f in good), texts(f.body.reason for f in good)))
        close_findings(context, [
            (finding, f, "explained") for f in good for finding in (
                finding_id(f.body.count, COUNT_DIFFERS, f.subjects[0]),
                _finding_of(f.body.count, f.body.subject_kind, f.subjects[0]))])
    return verdicts


def _check_explanation(fact: Fact, count: dict[str, str] | None) -> Verdict:
    """count: whose account it was, by what was counted; None for one that has not come."""
    body = fact.body
    if not body.reason.strip():
        return Quarantined("reason_missing", _("A difference is explained in words."),
                           "custody.reconciliation")
    if count is None:
        return Parked(on=body.count)
    if body.account not in count.values():
        return Quarantined("count_of_another", _("That count is of “%(account)s”."),
                           "custody.reconciliation", {"account": next(iter(count.values()))})
    if body.subject_kind not in count:
        return Quarantined("count_of_another_kind", _("That count was not of these."),
                           "custody.reconciliation", {"subject_kind": body.subject_kind})
    return None
