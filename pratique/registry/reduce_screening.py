"""Screening: new and changed records are compared with the likely ones among all others.

It runs beside the doors (`pratique tick`), because reading names aloud costs more than recording
an arrival does. What it finds it says as facts, `registry.duplicate_found`, so that the pairs can
be rebuilt; its own keys are a cache that can be thrown away and made again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import psycopg

from pratique.journal import vault
from pratique.journal.fact import Actor, Envelope
from pratique.journal.record import record
from pratique.kit.arrays import uuids
from pratique.kit.ids import new_id, unit_subject
from pratique.kit.sql import in_transaction
from pratique.registry import trace
from pratique.registry.likeness import Likeness, forget_names, likeness
from pratique.registry.neighbours import as_array, neighbours
from pratique.registry.queries import open_identities
from pratique.registry.rules import Identity

RECORDS_OF_A_RUN_MAX = 2_000
COMPARISONS_OF_A_RUN_MAX = 20_000
"""Records whose comparisons would be more wait for the next run; one record is always done."""
SCREENING = unit_subject("screening")
SOURCE = "screening"

# Materialized: as a plain sub-query it may run again for each row, and its limit limits nothing.
TAKE = """
WITH due AS MATERIALIZED (
    SELECT fact, person FROM registry_unscreened ORDER BY fact LIMIT %s FOR UPDATE SKIP LOCKED
)
DELETE FROM registry_unscreened q USING due
WHERE q.fact = due.fact AND q.person = due.person RETURNING q.fact, q.person
"""
GIVE_BACK = """
INSERT INTO registry_unscreened (fact, person)
SELECT fact, person FROM unnest(%b::uuid[], %b::uuid[]) u(fact, person)
ON CONFLICT DO NOTHING
"""
KEEP = """
INSERT INTO registry_trace (person, keys)
SELECT person, keys::bigint[] FROM unnest(%b::uuid[], %b::text[]) u(person, keys)
ON CONFLICT (person) DO UPDATE SET keys = excluded.keys
WHERE registry_trace.keys <> excluded.keys
"""
# While a young table's statistics say that it is empty, the planner would read all of it for each
# record (measured: 10 minutes instead of half a second).
BY_INDEX = "SET LOCAL enable_seqscan = off"
AS_USUAL = "SET LOCAL enable_seqscan = on"
ROOTS = "SELECT person, root FROM registry_person WHERE person = ANY(%b)"
SETTLED = """
SELECT first, second FROM registry_candidate WHERE first = ANY(%b)
UNION ALL SELECT first, second FROM registry_distinct WHERE first = ANY(%b)
"""
_encoder = msgspec.json.Encoder(order="sorted")

Pair = tuple[UUID, UUID]


def screen(
    *, now: datetime, limit: int = RECORDS_OF_A_RUN_MAX,
    comparisons_max: int = COMPARISONS_OF_A_RUN_MAX,
) -> tuple[int, int]:
    """Screen up to `limit` records; answer (records screened, pairs found). (0, 0): none waits.

    One transaction with a fixed number of statements and a limited amount of work; records beyond
    it go back to the queue. Only one screener works at a time, since two would not see each
    other's new records.
    """
    with in_transaction() as cursor:
        cursor.execute("INSERT INTO journal_subject (id) VALUES (%s) ON CONFLICT DO NOTHING",
                       (SCREENING,))
        cursor.execute("SELECT 1 FROM journal_subject WHERE id = %s FOR UPDATE", (SCREENING,))
        cursor.execute(TAKE, (limit,))
        queue = sorted(cursor.fetchall())
        persons = list(dict.fromkeys(person for __, person in queue))
        if not persons:
            return 0, 0
        opened = open_identities(cursor, persons)
        _keep_traces(cursor, persons, opened)
        pairs, left = _pairs(cursor, [p for p in persons if p in opened], opened,
                             comparisons_max)
        again = [(fact, person) for fact, person in queue if person in left]
        cursor.execute(GIVE_BACK, (uuids(f for f, __ in again), uuids(p for __, p in again)))
        found = _compare(cursor, pairs, opened)
        _say(found, now)
    return len(persons) - len(left), len(found)


def _keep_traces(
    cursor: psycopg.Cursor, persons: Sequence[UUID], opened: dict[UUID, Identity]
) -> None:
    """Store each record's keys; a record that nobody can open any more leaves none behind."""
    keys = vault.county_keys()
    known = list(opened)
    cursor.execute(KEEP, (known, [
        as_array(trace.hashed(keys, trace.kept_texts(opened[p].traits()))) for p in known]))
    gone = [person for person in persons if person not in opened]
    cursor.execute("DELETE FROM registry_trace WHERE person = ANY(%b)", (gone,))


def _pairs(
    cursor: psycopg.Cursor, persons: Sequence[UUID], opened: dict[UUID, Identity],
    comparisons_max: int,
) -> tuple[list[Pair], set[UUID]]:
    """Records that share a key, but for those merged, parted or proposed already; who is left.

    `persons` in the order in which they wait.
    """
    cursor.execute(BY_INDEX)
    near, left = neighbours(cursor, [(p, opened[p].traits()) for p in persons],
                            comparisons_max)
    pairs = {(min(a, b), max(a, b)) for a, others in near.items() for b in others}
    everybody = uuids({person for pair in pairs for person in pair})
    cursor.execute(ROOTS, (everybody,))
    roots: dict[UUID, UUID] = dict(cursor.fetchall())
    cursor.execute(SETTLED, (everybody, everybody))
    settled = set(cursor.fetchall())
    cursor.execute(AS_USUAL)
    return sorted(p for p in pairs - settled if roots.get(p[0]) != roots.get(p[1])), left


def _compare(
    cursor: psycopg.Cursor, pairs: Sequence[Pair], opened: dict[UUID, Identity]
) -> dict[Pair, Likeness]:
    """The pairs worth a person's look, the likeliest first."""
    others = {person for pair in pairs for person in pair} - set(opened)
    everybody = opened | (open_identities(cursor, others) if others else {})
    traits = {person: one.traits() for person, one in everybody.items()}
    scored = {
        (a, b): likeness(traits[a], traits[b]) for a, b in pairs if a in traits and b in traits
    }
    forget_names()
    shown = [(pair, one) for pair, one in scored.items() if one.is_candidate]
    return dict(sorted(shown, key=lambda one: -one[1].score))


def _say(found: dict[Pair, Likeness], now: datetime) -> None:
    facts = [
        Envelope(
            id=new_id(now), kind="registry.duplicate_found", at=now,
            body=msgspec.Raw(_encoder.encode({
                "first": first, "second": second, "score": one.score,
                "reasons": list(one.reasons)})))
        for (first, second), one in found.items()
    ]
    if facts:
        record(facts, actor=Actor.system(), now=now, source=SOURCE)
