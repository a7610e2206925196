"""Screening: new and changed records are compared with the likely ones among all others.

It runs beside the doors (`pratique tick`), because reading names aloud costs more than recording
an arrival does. What it finds it says as facts, `registry.duplicate_found`, so that the pairs can
be rebuilt; its own keys are a cache that can be thrown away and made again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import psycopg

from pratique.journal import vault
from pratique.journal.fact import Actor, Envelope
from pratique.journal.record import record
from pratique.kit.arrays import texts, uuids
from pratique.kit.ids import new_id, unit_subject
from pratique.kit.sql import in_transaction
from pratique.registry import trace
from pratique.registry.likeness import Likeness, likeness
from pratique.registry.queries import open_identities
from pratique.registry.rules import Identity

RECORDS_OF_A_RUN_MAX = 2_000
PAIRS_OF_A_RECORD_MAX = 100
"""A phone that a whole coach gave would make every passenger a pair with every other."""
PAIRS_OF_A_RUN_MAX = 10_000
SCREENING = unit_subject("screening")
SOURCE = "screening"

# Materialized: as a plain sub-query it may run again for each row, and its limit limits nothing.
TAKE = """
WITH due AS MATERIALIZED (
    SELECT fact, person FROM registry_unscreened ORDER BY fact LIMIT %s FOR UPDATE SKIP LOCKED
)
DELETE FROM registry_unscreened q USING due
WHERE q.fact = due.fact AND q.person = due.person RETURNING q.person
"""
KEEP = """
INSERT INTO registry_trace (person, keys)
SELECT person, keys::bigint[] FROM unnest(%b::uuid[], %b::text[]) u(person, keys)
ON CONFLICT (person) DO UPDATE SET keys = excluded.keys
"""
PAIRS = """
SELECT n.person, o.person
FROM unnest(%b::uuid[], %b::text[]) n(person, keys)
CROSS JOIN LATERAL (
    SELECT t.person FROM registry_trace t
    WHERE t.keys && n.keys::bigint[] AND t.person <> n.person LIMIT %s
) o
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


def screen(*, now: datetime, limit: int = RECORDS_OF_A_RUN_MAX) -> tuple[int, int]:
    """Screen up to `limit` records; answer (records screened, pairs found). (0, 0): none waits.

    One transaction with a fixed number of statements. Only one screener works at a time, since two
    would not see each other's new records.
    """
    with in_transaction() as cursor:
        cursor.execute("INSERT INTO journal_subject (id) VALUES (%s) ON CONFLICT DO NOTHING",
                       (SCREENING,))
        cursor.execute("SELECT 1 FROM journal_subject WHERE id = %s FOR UPDATE", (SCREENING,))
        cursor.execute(TAKE, (limit,))
        persons = sorted({person for (person,) in cursor.fetchall()})
        if not persons:
            return 0, 0
        opened = open_identities(cursor, persons)
        _keep_traces(cursor, persons, opened)
        found = _compare(cursor, _pairs(cursor, opened), opened)
        _say(found, now)
    return len(persons), len(found)


def _keep_traces(
    cursor: psycopg.Cursor, persons: Sequence[UUID], opened: dict[UUID, Identity]
) -> None:
    """Store each record's keys; a record that nobody can open any more leaves none behind."""
    keys = vault.county_keys()
    known = list(opened)
    cursor.execute(KEEP, (known, [
        _array(trace.hashed(keys, trace.kept_texts(opened[p].traits()))) for p in known]))
    gone = [person for person in persons if person not in opened]
    cursor.execute("DELETE FROM registry_trace WHERE person = ANY(%b)", (gone,))


def _pairs(cursor: psycopg.Cursor, opened: dict[UUID, Identity]) -> list[Pair]:
    """Records that share a key, but for those merged, parted or proposed already."""
    keys = vault.county_keys()
    searched = [_array(trace.hashed(keys, trace.searched_texts(one.traits())))
                for one in opened.values()]
    cursor.execute(BY_INDEX)
    cursor.execute(PAIRS, (uuids(opened), texts(searched), PAIRS_OF_A_RECORD_MAX))
    pairs = {(min(a, b), max(a, b)) for a, b in cursor.fetchall()}
    persons = uuids({person for pair in pairs for person in pair})
    cursor.execute(ROOTS, (persons,))
    roots: dict[UUID, UUID] = dict(cursor.fetchall())
    cursor.execute(SETTLED, (persons, persons))
    settled = set(cursor.fetchall())
    cursor.execute(AS_USUAL)
    return sorted(p for p in pairs - settled if roots.get(p[0]) != roots.get(p[1]))


def _compare(
    cursor: psycopg.Cursor, pairs: Sequence[Pair], opened: dict[UUID, Identity]
) -> dict[Pair, Likeness]:
    """The pairs worth a person's look, the likeliest first when there are too many."""
    others = {person for pair in pairs for person in pair} - set(opened)
    everybody = opened | (open_identities(cursor, others) if others else {})
    scored = {
        (a, b): likeness(everybody[a].traits(), everybody[b].traits())
        for a, b in pairs if a in everybody and b in everybody
    }
    shown = [(pair, one) for pair, one in scored.items() if one.is_candidate]
    shown.sort(key=lambda one: -one[1].score)
    return dict(shown[:PAIRS_OF_A_RUN_MAX])


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


def _array(numbers: Iterable[int]) -> str:
    """An array as PostgreSQL writes it: arrays of different lengths cannot travel as one."""
    return "{" + ",".join(map(str, numbers)) + "}"
