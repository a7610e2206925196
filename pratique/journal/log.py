"""The sealer: gives committed facts their places in the Merkle log, in batches, afterwards.

Nothing on the way in waits for it. It takes the batches whose transactions are finished (every
transaction below the oldest one that still runs), in the order of transactions, and inside a
batch the facts by number; so a place, once given, is never given again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
import psycopg

from pratique.journal.merkle import HASH_BYTES, append, root_of
from pratique.journal.reading import canonical, leaf_hash
from pratique.kit.arrays import uuids
from pratique.kit.sql import CONNECTION, in_transaction, reading

BATCHES_OF_A_SEAL_MAX = 2_000
_body = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class Head:
    """The log's head: how many facts have a place, and the root over their leaves."""

    size: int
    root: bytes
    frontier: list[bytes]
    through: int


HEAD = "SELECT size, root, frontier, through::text FROM journal_seal ORDER BY size DESC LIMIT 1"
NEXT = """
SELECT b.id, b.first_number, b.last_number, b.txid::text FROM journal_batch b
WHERE b.txid > %s::text::xid8 AND b.txid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY b.txid, b.id LIMIT %s
"""
# Devices are few; whoever speaks just now is taken the next time.
SPEAKERS = """
SELECT device FROM journal_device WHERE received <> sealed FOR UPDATE SKIP LOCKED
"""
# A statement of its own: it sees every batch whose numbers stand in the rows that are held.
NOTE_SEALED = """
UPDATE journal_device d SET sealed = d.received - coalesce(waits.numbers, '{}')
FROM unnest(%b::uuid[]) u(device)
LEFT JOIN (
    SELECT f.device, range_agg(int8range(f.seq, f.seq, '[]')) AS numbers
    FROM journal_batch b CROSS JOIN LATERAL (
        SELECT device, seq FROM journal_fact
        WHERE number BETWEEN b.first_number AND b.last_number AND batch = b.id) f
    WHERE b.txid > %s::text::xid8 AND f.seq IS NOT NULL GROUP BY f.device
) waits ON waits.device = u.device
WHERE d.device = u.device
"""
LEAVES = """
SELECT f.batch, f.leaf FROM journal_fact f
WHERE f.number BETWEEN %s AND %s AND f.batch = ANY(%b) ORDER BY f.number
"""


def head(cursor: psycopg.Cursor) -> Head:
    cursor.execute(HEAD)
    row = cursor.fetchone()
    if row is None:
        return Head(0, root_of([]), [], 0)
    frontier = bytes(row[2])
    return Head(row[0], bytes(row[1]), _cut(frontier), int(row[3]))


def _cut(data: bytes) -> list[bytes]:
    return [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]


def seal(now: datetime, alias: str = CONNECTION) -> int:
    """Give places to what is committed; answer how many facts got one.

    One sealer at a time: the second one's row for the same size is refused by its key.
    """
    with in_transaction(alias) as cursor:
        before = head(cursor)
        cursor.execute(NEXT, (str(before.through), BATCHES_OF_A_SEAL_MAX))
        batches = cursor.fetchall()
        numbered = [b for b in batches if b[1] is not None]
        if not numbered:
            return 0
        leaves = _leaves_of(cursor, numbered)
        size, frontier = append(
            before.size, before.frontier, (leaf for b in numbered for leaf in leaves[b[0]]))
        _write(cursor, numbered, leaves, before.size)
        cursor.execute(
            "INSERT INTO journal_seal (size, root, frontier, sealed_at, through) "
            "VALUES (%s, %s, %s, %s, %s::text::xid8)",
            (size, root_of(frontier), b"".join(frontier), now, batches[-1][3]))
        _note_sealed(cursor, batches[-1][3])
        return size - before.size


def _note_sealed(cursor: psycopg.Cursor, through: str) -> None:
    """Note which running numbers of each device have their place, for the device to be told."""
    speakers = [row[0] for row in cursor.execute(SPEAKERS).fetchall()]
    cursor.execute(NOTE_SEALED, (uuids(speakers), through))


def _leaves_of(cursor: psycopg.Cursor, batches: Sequence[tuple]) -> dict[UUID, list[bytes]]:
    leaves: dict[UUID, list[bytes]] = {b[0]: [] for b in batches}
    cursor.execute(LEAVES, (min(b[1] for b in batches), max(b[2] for b in batches),
                            list(leaves)))
    for batch, leaf in cursor:
        leaves[batch].append(bytes(leaf))
    return leaves


def _write(
    cursor: psycopg.Cursor, batches: Sequence[tuple], leaves: dict[UUID, list[bytes]], first: int
) -> None:
    places = []
    for batch in batches:
        places.append(first)
        first += len(leaves[batch[0]])
    cursor.execute(
        "INSERT INTO journal_sealed (batch, first_position, facts) "
        "SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::bigint[])",
        ([b[0] for b in batches], places, [len(leaves[b[0]]) for b in batches]))


ALL_SEALED = """
SELECT f.id, f.kind, f.at, f.by, f.place, f.device, f.seq, f.body, f.box, f.leaf,
       f.counted_at
FROM journal_sealed s JOIN journal_fact f ON f.batch = s.batch
ORDER BY s.first_position, f.number
"""


def recomputed_leaf(row: Sequence) -> bytes:
    """A fact's leaf from its row, as an outside verifier would make it."""
    id_, kind, at, by, place, device, seq, body, box = row[:9]
    text = _encoder.encode(_body.decode(body) if isinstance(body, str) else body)
    return leaf_hash(canonical((id_, kind, at, by, place, device, seq), text),
                     bytes(box) if box is not None else None, row[10])


def tampered(alias: str = CONNECTION) -> list[dict[str, str]]:
    """Recompute every leaf and the root from the rows; what was changed or is missing shows."""
    changed: list[dict[str, str]] = []
    with in_transaction(alias) as cursor:
        before = head(cursor)
        with cursor.connection.cursor("sealed_facts") as rows:
            rows.itersize = 5_000
            rows.execute(ALL_SEALED)
            size, frontier = append(0, [], _checked_leaves(rows, changed))
    if size != before.size or root_of(frontier) != before.root:
        changed.append({"root": before.root.hex(), "recomputed": root_of(frontier).hex(),
                        "size": str(before.size), "rows": str(size)})
    return changed


def _checked_leaves(rows: Iterable[tuple], changed: list[dict]) -> Iterable[bytes]:
    for row in rows:
        leaf = bytes(row[9])
        if recomputed_leaf(row) != leaf:
            changed.append({"fact": str(row[0])})
        yield leaf


def places_of(facts: Sequence[UUID], alias: str = CONNECTION) -> dict[UUID, int]:
    """The places of sealed facts in the log; a fact that has none yet is not there."""
    with reading(alias) as cursor:
        cursor.execute(
            "SELECT f.id, s.first_position + (SELECT count(*) FROM journal_fact g "
            "WHERE g.batch = f.batch AND g.number < f.number AND g.number >= b.first_number) "
            "FROM journal_fact f JOIN journal_sealed s ON s.batch = f.batch "
            "JOIN journal_batch b ON b.id = f.batch WHERE f.id = ANY(%b)", (list(facts),))
        return dict(cursor.fetchall())
