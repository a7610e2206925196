"""The finding `same_person_twice`: open while a likely pair is neither merged nor parted.

A merge closes the findings of every pair that goes on under one root by it, whichever of the
records they name; a merge that is undone asks the same question anew.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid5

from pratique.journal.context import Context, NewFinding
from pratique.journal.fact import Fact
from pratique.journal.store import close_findings, open_findings
from pratique.kit.arrays import uuids

TWICE = "same_person_twice"
RULE = "registry.duplicate_found"
OPEN = f"""
SELECT f.id, a.root, b.root FROM registry_person p
JOIN journal_finding f ON f.subject = p.person AND f.code = '{TWICE}' AND f.closed_at IS NULL
JOIN registry_person a ON a.person = (f.params ->> 'first')::uuid
JOIN registry_person b ON b.person = (f.params ->> 'second')::uuid
WHERE p.person = ANY(%b) OR p.root <> p.person AND p.root = ANY(%b)
"""
APART_AGAIN = """
SELECT u.fact, c.first, c.second, c.score, c.reasons
FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[]) u(fact, kept, merged)
JOIN registry_person m ON m.person = u.merged OR m.root <> m.person AND m.root = u.merged
JOIN registry_candidate c ON m.person IN (c.first, c.second) AND c.strong
JOIN registry_person o ON o.root = u.kept AND o.person IN (c.first, c.second)
WHERE NOT EXISTS (SELECT FROM registry_distinct d
                  WHERE d.first IN (c.first, least(u.kept, u.merged))
                    AND d.second IN (c.second, greatest(u.kept, u.merged)))
ORDER BY c.first, c.second
"""


def find_twice(
    context: Context, fact: Fact, pair: tuple[UUID, UUID], score: float, reasons: Iterable[str]
) -> None:
    """Ask a person about this pair: by the screening's fact, or by the undoing of a merge."""
    first, second = pair
    context.findings.append(NewFinding(
        uuid5(fact.id, f"{TWICE}:{first}:{second}"), fact.id, TWICE, RULE,
        {"first": str(first), "second": str(second), "score": score,
         "reasons": ", ".join(reasons)}, first, fact.place))


def close_merged(context: Context, merges: Sequence[Fact]) -> None:
    """The pairs that go on under one root now were the same person."""
    by_root = {f.body.kept: f for f in merges}
    close_findings(context, [
        (finding, by_root[a], "merged") for finding, a, b in _open(context, by_root)
        if a == b and a in by_root])


def close_parted(context: Context, parted: Sequence[tuple[UUID, UUID, Fact]]) -> None:
    """A person has looked at the pairs (root, root, fact): two people."""
    by_pair = {frozenset((a, b)): fact for a, b, fact in parted}
    roots = {root for pair in by_pair for root in pair}
    close_findings(context, [
        (finding, by_pair[frozenset((a, b))], "two_people")
        for finding, a, b in _open(context, roots) if frozenset((a, b)) in by_pair])


def ask_again(context: Context, undoings: Sequence[Fact]) -> None:
    """Pairs that a merge had answered, and that nobody has parted, are open questions again."""
    context.cursor.execute(APART_AGAIN, (
        uuids(f.id for f in undoings), uuids(f.body.kept for f in undoings),
        uuids(f.body.merged for f in undoings)))
    by_id = {f.id: f for f in undoings}
    for fact, first, second, score, reasons in context.cursor.fetchall():
        find_twice(context, by_id[fact], (first, second), score, reasons)


def _open(context: Context, roots: Iterable[UUID]) -> list[tuple[UUID, UUID, UUID]]:
    """(finding, root, root) of the open findings about anybody who goes on under `roots`."""
    if any(f.code == TWICE for f in context.findings):
        open_findings(context)  # those of this batch are asked for as well
    context.cursor.execute(OPEN, (uuids(roots), uuids(roots)))
    return context.cursor.fetchall()
