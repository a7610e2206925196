"""rebuild: recompute every derived table from the journal, beside the live ones, and compare.

The journal's facts are replayed, batch by batch in the order of their numbers, into a scratch
schema with the same migrations; then each derived table is compared row by row, both ways.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from uuid import UUID

import psycopg
from django.apps import apps
from django.db import connections

from pratique.journal import store, vault
from pratique.journal.context import Context
from pratique.journal.fact import Actor, Fact
from pratique.journal.reading import Reading
from pratique.journal.record import Recording
from pratique.kit.arrays import bigints, uuids
from pratique.kit.collection import FACTS_MIN, paused
from pratique.kit.sql import in_transaction

EXAMPLES_MAX = 5

BATCHES = """
SELECT id, recorded_at, source, device, staff, first_number, last_number FROM {live}.journal_batch
WHERE first_number IS NOT NULL ORDER BY first_number
"""
FACTS = """
SELECT number, id, kind, at, by, place, device, seq, body, box, counted_at
FROM {live}.journal_fact WHERE batch = %s AND number BETWEEN %s AND %s
"""
LATER = "SELECT batch, number, fact FROM {live}.journal_later ORDER BY number"
LATER_FACTS = """
SELECT l.number, f.id, f.kind, f.at, f.by, f.place, f.device, f.seq, f.body, f.box,
       f.counted_at
FROM {live}.journal_fact f JOIN unnest(%b::uuid[], %b::bigint[]) l(id, number) ON l.id = f.id
"""
KEYS = "SELECT id, wrapped_key FROM {live}.journal_subject WHERE id = ANY(%b)"


@dataclass(frozen=True, slots=True)
class Compared:
    """A derived table: rows on both sides and how many differ. `examples` are JSON texts."""

    table: str
    rows: int
    differences: int
    examples: list[str]


def derived_tables() -> list[str]:
    """Every table that rooms list as DERIVED, in the order of the rooms."""
    return [
        table
        for app in apps.get_app_configs()
        if app.name.startswith("pratique.") and find_spec(f"{app.name}.models")
        for table in getattr(import_module(f"{app.name}.models"), "DERIVED", ())
    ]


def replay(live: str, alias: str, progress: Callable[[int, int], None] | None = None) -> int:
    """Replay the journal of schema `live` into the schema that `alias` works in; batches done."""
    with connections[alias].cursor() as cursor:
        cursor.execute(BATCHES.format(live=live))
        batches = cursor.fetchall()
        cursor.execute(LATER.format(live=live))
        later: dict[UUID, list[tuple[int, UUID]]] = defaultdict(list)
        for batch, number, fact in cursor.fetchall():
            later[batch].append((number, fact))
    for done, batch in enumerate(batches, 1):
        with paused(FACTS_MIN), in_transaction(alias) as cursor:
            _replay_batch(cursor, live, batch, later.get(batch[0], []))
        if progress and (done % 50 == 0 or done == len(batches)):
            progress(done, len(batches))
    return len(batches)


def _replay_batch(
    cursor: psycopg.Cursor, live: str, batch: tuple, later: list[tuple[int, UUID]]
) -> None:
    id_, recorded_at, source, device, staff, first, last = batch
    cursor.execute(FACTS.format(live=live), (id_, first, last))
    rows = cursor.fetchall()
    if later:
        cursor.execute(LATER_FACTS.format(live=live),
                       (uuids(f for __, f in later), bigints(n for n, __ in later)))
        rows += cursor.fetchall()
    rows.sort(key=lambda row: row[0])
    boxes = {row[1]: bytes(row[9]) for row in rows if row[9] is not None}
    cursor.execute(KEYS.format(live=live), (list(vault.subjects_in(boxes.values())),))
    wrapped = {s: bytes(w) for s, w in cursor.fetchall() if w is not None}
    facts = [f for __, f in store.facts_with_parts(rows, vault.open_with(boxes, wrapped))]
    context = Context(cursor, recorded_at, id_, Actor(frozenset({"system"}), None, device, staff))
    _Replaying(context, facts, {f for __, f in later}, source, boxes, wrapped).run()


class _Replaying(Recording):
    """A batch that was recorded before, applied again in the order of its numbers.

    Facts that an earlier batch had parked come at their number; nothing is woken here.
    """

    def __init__(
        self, context: Context, facts: list[Fact], later: set[UUID], source: str,
        boxes: dict[UUID, bytes], wrapped: dict[UUID, bytes],
    ) -> None:
        heard = Reading([f for f in facts if f.id not in later])
        super().__init__(context, heard, source, careful=False)
        self.facts = facts
        self.later = later
        self.boxes = boxes
        self.wrapped = wrapped

    def _open(self) -> list[Fact]:
        subjects = sorted({s for f in self.facts for s in f.subjects})
        store.open_batch(self.context, [], subjects, [self.wrapped.get(s) for s in subjects])
        store.opened(self.context)
        self.context.locked.update(subjects)
        return self.facts

    def _apply(self, fresh: list[Fact]) -> None:
        """One after another; those of a kind that follow one another go together."""
        for group in _runs(fresh):
            self._reduce(group[0].kind, group)

    def _box(self, fact: Fact) -> bytes | None:
        return self.boxes.get(fact.id)


def _runs(facts: list[Fact]) -> Iterator[list[Fact]]:
    """Cut facts where the kind changes or a subject comes again."""
    group: list[Fact] = []
    seen: set[UUID] = set()
    for fact in facts:
        if group and (fact.kind != group[0].kind or not seen.isdisjoint(fact.subjects)):
            yield group
            group, seen = [], set()
        group.append(fact)
        seen.update(fact.subjects)
    if group:
        yield group


# A number is drawn from a sequence, which an attempt that was undone has moved on: the order is
# the journal's, the number itself is not.
COMPARE = """
WITH ours AS (SELECT (to_jsonb(t) - 'number')::text AS row FROM {scratch}.{table} t),
     theirs AS (SELECT (to_jsonb(t) - 'number')::text AS row FROM {live}.{table} t)
SELECT 'rebuilt only: ' || row FROM (SELECT row FROM ours EXCEPT ALL SELECT row FROM theirs) a
UNION ALL
SELECT 'live only: ' || row FROM (SELECT row FROM theirs EXCEPT ALL SELECT row FROM ours) b
"""


def compare(live: str, scratch: str, alias: str) -> Iterator[Compared]:
    """Compare each derived table of the two schemas, row by row, both ways."""
    for table in derived_tables():
        with connections[alias].cursor() as cursor:
            cursor.execute(COMPARE.format(live=live, scratch=scratch, table=table))
            rows = [row[0] for row in cursor.fetchall()]
            cursor.execute(f"SELECT count(*) FROM {live}.{table}")
            (count,) = cursor.fetchone()
        yield Compared(table, count, len(rows), rows[:EXAMPLES_MAX])

