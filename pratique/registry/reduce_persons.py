"""Persons and vehicles: who is known, found by keyed indexes; merges that can be undone.

Stations call `register_persons` and `register_vehicles` from their own reducers, for the facts
that they have found good.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from pratique.custody.ledger import Move, held, move
from pratique.custody.rules import OUTSIDE
from pratique.journal import vault
from pratique.journal.context import Context
from pratique.journal.fact import Disputed, Fact, Parked, Verdict
from pratique.journal.kinds import reduces
from pratique.journal.store import share_locks
from pratique.kit.arrays import blobs, booleans, moments, texts, uuids
from pratique.kit.seal import blind_index
from pratique.registry import concern, rules
from pratique.registry.concern import MERGES
from pratique.registry.plates import Plate
from pratique.registry.reduce_twice import ask_again, close_merged, close_parted, find_twice

REGISTER = """
WITH told AS MATERIALIZED (
    SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::boolean[], %b::text[], %b::bytea[],
                         %b::boolean[]) u(person, fact, sealed, kind, digest, is_right)
), queued AS (
    INSERT INTO registry_unscreened (fact, person)
    SELECT fact, person FROM told WHERE sealed ON CONFLICT DO NOTHING
)
INSERT INTO registry_person (person, root, first_fact, facts, document_kind, document_index,
                             document_right)
SELECT person, person, fact, CASE WHEN sealed THEN ARRAY[fact] ELSE '{}'::uuid[] END, kind,
       digest, is_right
FROM told
ON CONFLICT (person) DO UPDATE SET"""
REGISTER_MET = f"""{REGISTER}
    facts = registry_person.facts || excluded.facts,
    document_kind = coalesce(excluded.document_kind, registry_person.document_kind),
    document_index = coalesce(excluded.document_index, registry_person.document_index),
    document_right = coalesce(excluded.document_right, registry_person.document_right)
"""
# What an announcement says comes first: whatever was said on meeting the person stands.
REGISTER_ANNOUNCED = f"""{REGISTER}
    facts = excluded.facts || registry_person.facts,
    document_kind = coalesce(registry_person.document_kind, excluded.document_kind),
    document_index = coalesce(registry_person.document_index, excluded.document_index),
    document_right = coalesce(registry_person.document_right, excluded.document_right)
"""
REGISTER_VEHICLES = """
INSERT INTO registry_vehicle (vehicle, plate, plate_kind, trailer_plate, fact, seen_at)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::uuid[],
                     %b::timestamptz[])
ON CONFLICT (vehicle) DO UPDATE SET plate = excluded.plate, plate_kind = excluded.plate_kind,
    trailer_plate = excluded.trailer_plate, fact = excluded.fact, seen_at = excluded.seen_at
"""
ROOTS = "SELECT person, root FROM registry_person WHERE person = ANY(%b)"
MERGE = """
INSERT INTO registry_merge (fact, kept, merged, reason, by, at, moved_from, kept_taken,
                            undone_by, undone_at, undone_reason)
SELECT fact, kept, merged, reason, by, at, moved_from, kept_taken, NULL, NULL, ''
FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::text[], %b::uuid[], %b::timestamptz[],
            %b::text[], %b::boolean[])
     u(fact, kept, merged, reason, by, at, moved_from, kept_taken)
"""
UNDO = """
UPDATE registry_merge m SET undone_by = u.fact, undone_at = u.at, undone_reason = u.reason
FROM unnest(%b::uuid[], %b::uuid[], %b::timestamptz[], %b::text[]) u(merge, fact, at, reason)
WHERE m.fact = u.merge
"""
# Everybody who was merged into `start`, directly or through others, belongs to `start` again.
REROOT = """
WITH RECURSIVE tree AS (
    SELECT merged AS start, merged AS person FROM unnest(%b::uuid[]) u(merged)
    UNION
    SELECT t.start, m.merged FROM tree t
    JOIN registry_merge m ON m.kept = t.person AND m.undone_by IS NULL
)
UPDATE registry_person p SET root = t.start FROM tree t WHERE p.person = t.person
"""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person whom a good fact is about, with the sealed part about them (or None)."""

    fact: Fact
    person: UUID
    part: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class VehicleRecord:
    """A vehicle that a good fact is about; plates read by `plates.read_plate`."""

    fact: Fact
    vehicle: UUID
    plate: Plate
    trailer_plate: str | None = None


def register_persons(
    context: Context, records: Sequence[PersonRecord], *, announced: bool = False
) -> None:
    """Make the persons known and index their documents. One statement, whatever their number.

    announced: somebody said beforehand who will come. Heard early or late, that overrides nothing
    of what was said on meeting the person: no list from afar rewrites a record.

    Call it for facts that are good, after `rules.check_identity` has passed the sealed parts. A
    number that breaks its rule opens a finding at the fact's place; the person is kept.
    """
    if not records:
        return
    keys = vault.county_keys()
    papers = [rules.document_of(r.part, context.now.date()) if r.part else None for r in records]
    context.cursor.execute(REGISTER_ANNOUNCED if announced else REGISTER_MET, (
        uuids(r.person for r in records), uuids(r.fact.id for r in records),
        booleans(bool(r.part) for r in records), texts(p.kind if p else None for p in papers),
        blobs(blind_index(keys, rules.DOCUMENT_INDEX, p.index_text) if p else None
              for p in papers),
        booleans(not p.refusal if p else None for p in papers)))
    context.happened(r.person for r in records)
    for record, paper in zip(records, papers, strict=True):
        if paper and paper.refusal:
            context.find(record.fact, "document_not_right", "registry.identity",
                         {"kind": paper.kind, "why": paper.refusal}, subject=record.person)


def register_vehicles(context: Context, records: Sequence[VehicleRecord]) -> None:
    """Make the vehicles known by their plates. One statement."""
    if not records:
        return
    context.cursor.execute(REGISTER_VEHICLES, (
        uuids(r.vehicle for r in records), texts(r.plate.text for r in records),
        texts(r.plate.kind for r in records), texts(r.trailer_plate for r in records),
        uuids(r.fact.id for r in records), moments(r.fact.at for r in records)))


@reduces("registry.person_corrected")
def correct_persons(facts: list[Fact], context: Context) -> list[Verdict]:
    """By who is concerned with the person, and nobody else (`concern`)."""
    roots = _roots(context, [f.body.person for f in facts])
    concerned = concern.judge(context, facts)
    verdicts = [_check_correction(f, roots) or v
                for f, v in zip(facts, concerned, strict=True)]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    register_persons(context, [
        PersonRecord(f, f.body.person, f.sealed[f.body.person]) for f in good if f.sealed])
    context.touch(f.body.person for f in good)
    return verdicts


def _check_correction(fact: Fact, roots: dict[UUID, UUID]) -> Verdict:
    part = (fact.sealed or {}).get(fact.body.person)
    if not part:
        return rules.bad("nothing_corrected", _("The correction says nothing about the person."),
                         "registry.person_corrected")
    refused = rules.check_identity(part) or rules.check_reason(fact.body.reason)
    if refused:
        return refused
    if fact.body.person not in roots:
        return Parked(on=fact.body.person)
    return None


def _roots(context: Context, persons: Iterable[UUID]) -> dict[UUID, UUID]:
    context.cursor.execute(ROOTS, (list(persons),))
    return dict(context.cursor.fetchall())


# Merging ------------------------------------------------------------------------------------------


@reduces("registry.persons_merged")
def merge_persons(facts: list[Fact], context: Context) -> list[Verdict]:
    """Both must be known and go on under themselves; then `merged` goes on under `kept`.

    One human being is in one place: what held `merged` lets go of it, and where nobody holds
    `kept`, `kept` takes its place there.
    """
    context.locks([MERGES])
    persons = [p for f in facts for p in (f.body.kept, f.body.merged)]
    roots = _roots(context, persons)
    holdings = held(context, persons)
    verdicts = [_check_merge(f, roots, holdings) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    moved = {f.id: _account(holdings, f.body.merged) for f in good}
    taken = {f.id: moved[f.id] is not None and _account(holdings, f.body.kept) is None
             for f in good}
    for fact in good:
        if moved[fact.id] is not None and not taken[fact.id]:
            context.find(fact, "merged_was_held", "registry.persons_merged",
                         {"account": str(moved[fact.id])}, subject=fact.body.kept,
                         owner=moved[fact.id])
    _move_merged(context, good, holdings, taken)
    context.cursor.execute(MERGE, (
        [f.id for f in good], [f.body.kept for f in good], [f.body.merged for f in good],
        [f.body.reason for f in good], [f.by for f in good], [f.at for f in good],
        [moved[f.id] for f in good], [taken[f.id] for f in good]))
    context.cursor.execute(REROOT, ([f.body.kept for f in good],))
    close_merged(context, good)
    context.touch(p for f in good for p in (f.body.kept, f.body.merged))
    return verdicts


def _account(holdings: dict, person: UUID) -> str | None:
    holding = holdings.get(person)
    return holding.account if holding is not None and holding.account != OUTSIDE else None


def _check_merge(fact: Fact, roots: dict[UUID, UUID], holdings: dict) -> Verdict:
    kept, merged = fact.body.kept, fact.body.merged
    refused = rules.check_reason(fact.body.reason)
    if refused:
        return refused
    for person in (kept, merged):
        if person not in roots:
            return Parked(on=person)
        if roots[person] != person:
            return Disputed(
                "merged_already", _("%(person)s goes on under %(root)s already."),
                "registry.persons_merged", {"person": str(person), "root": str(roots[person])})
    for person in (kept, merged):
        holding = holdings.get(person)
        if holding is not None and holding.pending:
            return Parked(on=holding.pending, code="offer_pending", rule="custody.law_2")
    return None


def _move_merged(
    context: Context, facts: list[Fact], holdings: dict, taken: dict[UUID, bool]
) -> None:
    moves = []
    for fact in facts:
        kept, merged = fact.body.kept, fact.body.merged
        account = _account(holdings, merged)
        if account is None:
            continue
        moves.append(Move(fact, merged, "person", account, OUTSIDE, holdings[merged].entry,
                          "merge"))
        if taken[fact.id]:
            moves.append(Move(fact, kept, "person", OUTSIDE, account, None, "merge"))
    refused = [v for v in move(context, moves) if v is not None] if moves else []
    assert not refused, refused


@reduces("registry.merge_undone")
def undo_merges(facts: list[Fact], context: Context) -> list[Verdict]:
    """`merged` goes on under itself again, in the account that held it then, and is looked for."""
    context.locks([MERGES])
    context.cursor.execute(
        "SELECT fact, kept, merged, moved_from, kept_taken, undone_by FROM registry_merge "
        "WHERE fact = ANY(%b)", ([f.body.merge for f in facts],))
    merges = {row[0]: row[1:] for row in context.cursor.fetchall()}
    holdings = held(context, [p for f in facts for p in (f.body.kept, f.body.merged)])
    verdicts = [_check_undoing(f, merges, holdings) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    context.cursor.execute(UNDO, (
        [f.body.merge for f in good], [f.id for f in good], [f.at for f in good],
        [f.body.reason for f in good]))
    context.cursor.execute(REROOT, ([f.body.merged for f in good],))
    ask_again(context, good)
    _move_apart(context, good, merges, holdings)
    context.touch(p for f in good for p in (f.body.kept, f.body.merged))
    return verdicts


def _check_undoing(fact: Fact, merges: dict[UUID, tuple], holdings: dict) -> Verdict:
    body = fact.body
    refused = rules.check_reason(body.reason)
    if refused:
        return refused
    merge = merges.get(body.merge)
    if merge is None:
        return Parked(on=body.merge)
    kept, merged, _moved_from, _kept_taken, undone_by = merge
    if (kept, merged) != (body.kept, body.merged):
        return rules.bad("other_merge", _("That merge was of other persons."),
                         "registry.merge_undone")
    if undone_by is not None:
        return Disputed("undone_already", _("This merge has been undone already."),
                        "registry.merge_undone", {"by": str(undone_by)})
    for person in (kept, merged):
        holding = holdings.get(person)
        if holding is not None and holding.pending:
            return Parked(on=holding.pending, code="offer_pending", rule="custody.law_2")
    return None


def _move_apart(context: Context, facts: list[Fact], merges: dict, holdings: dict) -> None:
    moves = []
    for fact in facts:
        kept, merged, moved_from, kept_taken, __ = merges[fact.body.merge]
        if moved_from is None or _account(holdings, merged) is not None:
            continue
        moves.append(Move(fact, merged, "person", OUTSIDE, moved_from, None, "merge"))
        # `kept` stays where it is when it has moved on by itself since.
        if kept_taken and holdings[kept].entry == fact.body.merge:
            moves.append(Move(fact, kept, "person", moved_from, OUTSIDE, fact.body.merge,
                              "merge"))
        context.find(fact, "merge_undone", "registry.merge_undone", {"account": moved_from},
                     subject=merged, owner=moved_from)
    refused = [v for v in move(context, moves) if v is not None] if moves else []
    assert not refused, refused


# Duplicates ---------------------------------------------------------------------------------------


@reduces("registry.not_duplicate")
def part_persons(facts: list[Fact], context: Context) -> list[Verdict]:
    roots = _roots(context, [p for f in facts for p in (f.body.first, f.body.second)])
    verdicts = [_check_parting(f, roots) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    pairs = [sorted((f.body.first, f.body.second)) for f in good]
    context.cursor.execute(
        "INSERT INTO registry_distinct (first, second, fact, reason, by, at) "
        "SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::text[], %b::uuid[], "
        "%b::timestamptz[]) ON CONFLICT DO NOTHING",
        ([a for a, __ in pairs], [b for __, b in pairs], [f.id for f in good],
         [f.body.reason for f in good], [f.by for f in good], [f.at for f in good]))
    if good:
        close_parted(context, [(roots[f.body.first], roots[f.body.second], f) for f in good])
    return verdicts


def _check_parting(fact: Fact, roots: dict[UUID, UUID]) -> Verdict:
    first, second = fact.body.first, fact.body.second
    refused = rules.check_reason(fact.body.reason)
    if refused:
        return refused
    for person in (first, second):
        if person not in roots:
            return Parked(on=person)
    if roots[first] == roots[second]:
        return Disputed("merged_already", _("These two are merged; undo the merge first."),
                        "registry.not_duplicate")
    return None


@reduces("registry.duplicate_found")
def propose_duplicates(facts: list[Fact], context: Context) -> list[Verdict]:
    """Keep the pair for a person to look at; a strong one opens a finding at once.

    A pair that people have settled meanwhile is kept too, and nobody is asked again.
    """
    share_locks(context, [MERGES])  # a merge of others may make these two one
    persons = [p for f in facts for p in (f.body.first, f.body.second)]
    roots = _roots(context, persons)
    context.cursor.execute(
        "SELECT first, second FROM registry_distinct WHERE first = ANY(%b)", (persons,))
    distinct = set(context.cursor.fetchall())
    verdicts: list[Verdict] = []
    good = []
    for fact in facts:
        unknown = [p for p in (fact.body.first, fact.body.second) if p not in roots]
        verdicts.append(Parked(on=unknown[0]) if unknown else None)
        if not unknown:
            good.append(fact)
    pairs = [sorted((f.body.first, f.body.second)) for f in good]
    context.cursor.execute(
        "INSERT INTO registry_candidate (first, second, score, strong, reasons, fact, found_at) "
        "SELECT first, second, score, strong, string_to_array(reasons, ','), fact, at "
        "FROM unnest(%b::uuid[], %b::uuid[], %b::float8[], %b::boolean[], %b::text[], "
        "%b::uuid[], %b::timestamptz[]) u(first, second, score, strong, reasons, fact, at) "
        "ON CONFLICT (first, second) DO UPDATE SET score = excluded.score, "
        "strong = excluded.strong, reasons = excluded.reasons, fact = excluded.fact, "
        "found_at = excluded.found_at",
        ([a for a, __ in pairs], [b for __, b in pairs], [f.body.score for f in good],
         [rules.is_strong(f.body) for f in good], [",".join(f.body.reasons) for f in good],
         [f.id for f in good], [f.at for f in good]))
    for fact, pair in zip(good, pairs, strict=True):
        settled = tuple(pair) in distinct or roots[pair[0]] == roots[pair[1]]
        if rules.is_strong(fact.body) and not settled:
            find_twice(context, fact, (fact.body.first, fact.body.second), fact.body.score,
                       fact.body.reasons)
    return verdicts
