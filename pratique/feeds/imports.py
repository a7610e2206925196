"""Lists that people hand in at a desk: kept sealed, recorded part by part, gone afterwards.

    hand_in("list.xlsx", data, id=…, actor=…, now=…)     the desk: read it whole, or refuse it
    go_on(now)                                            the worker: the next parts, at each tick

A part is recorded and counted in one transaction: whatever stops in the middle of it has done
nothing, and what goes on afterwards finds the part as it was. The row of the import is locked
meanwhile, so that no two workers take one part.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import structlog
from django.db.utils import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from pratique.feeds.arrival_rows import Problem
from pratique.feeds.arrivals import (
    ROWS_AT_A_TIME,
    Importing,
    Listed,
    Outcome,
    in_parts,
    read_list,
)
from pratique.feeds.import_box import Card, DataKey
from pratique.feeds.sheets import Line, refuse
from pratique.journal.fact import Actor
from pratique.kit.arrays import bigints, blobs, uuids
from pratique.kit.ids import new_id
from pratique.kit.sql import in_transaction, one_row

KEPT = timedelta(days=7)  # how long rejected rows can be taken away
WAITING_OF_ONE_MAX = 5
AT_ONCE_ROWS_MAX = ROWS_AT_A_TIME  # so few are recorded while the reader waits
PARTS_OF_A_TICK_MAX = 20  # a few seconds, so that no offer expires late by more
ATTEMPTS_MAX = 3
FILE_NAME_LENGTH_MAX = 200
FAULT = "fault_of_ours"

_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError)
_log = structlog.get_logger("pratique.feeds")


# Handing in ---------------------------------------------------------------------------------------


def hand_in(
    file: str, data: bytes, *, id: UUID, actor: Actor, unit: str | None, now: datetime,
) -> bool:
    """Keep a list to be recorded; False when this import is known already (sent twice).

    Raises Refusal when the file as a whole cannot be read. A short list is recorded at once.
    """
    if actor.staff is None:
        raise ValueError("a list is handed in by somebody")
    if not data:
        raise refuse("file_empty", _("This file is empty."), "empty")
    listed = read_list(file, data)
    if not listed.lines:
        raise refuse("list_empty", _("This list has a heading and no row under it."), "empty")
    is_new = _keep(file[-FILE_NAME_LENGTH_MAX:], listed, id, actor, unit, now)
    if is_new and len(listed.lines) <= AT_ONCE_ROWS_MAX:
        with suppress(*_AWAY):  # it is kept: the worker goes on with it
            go_on(now, only=id)
    return is_new


def _keep(
    file: str, listed: Listed, id_: UUID, actor: Actor, unit: str | None, now: datetime
) -> bool:
    key = DataKey(id_)
    heading = listed.heading
    card = Card(file, listed.digest, listed.cells, heading.columns, heading.number, heading.width,
                heading.ignored, listed.ignored_sheets)
    parts = [(new_id(now), lines) for lines in in_parts(listed.lines)]
    with in_transaction() as cursor:
        cursor.execute("SELECT count(*) FROM feeds_import WHERE staff = %s AND id <> %s "
                       "AND finished_at IS NULL", (actor.staff, id_))
        if one_row(cursor)[0] >= WAITING_OF_ONE_MAX:
            raise refuse("too_many_waiting", _("%(most)s of your lists are still being recorded. "
                         "Wait until one is done."), "waiting", most=WAITING_OF_ONE_MAX)
        cursor.execute(
            "INSERT INTO feeds_import (id, staff, unit, roles, handed_in_at, rows, accepted, "
            "duplicate, rejected, key, card) VALUES (%s, %s, %s, %s, %s, %s, 0, 0, 0, %b, %b) "
            "ON CONFLICT (id) DO NOTHING",
            (id_, actor.staff, unit, sorted(actor.roles), now, len(listed.lines), key.wrapped,
             key.seal_card(card)))
        if cursor.rowcount == 0:
            return False
        cursor.execute(
            "INSERT INTO feeds_importpart (id, part_of, number, rows, attempts, lines, documents) "
            "SELECT part, %s, number, rows, 0, lines, '{}' FROM unnest(%b::uuid[], %b::bigint[], "
            "%b::bigint[], %b::bytea[]) u(part, number, rows, lines)",
            (id_, uuids(part for part, __ in parts), bigints(range(1, len(parts) + 1)),
             bigints(len(lines) for __, lines in parts),
             blobs(key.seal_lines(part, lines) for part, lines in parts)))
    return True


# Going on -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Work:
    """A part of a list, opened. before: digests of the documents in the parts before it."""

    id: UUID
    part: UUID
    key: DataKey
    lines: list[Line]
    width: int
    importing: Importing
    before: frozenset[bytes]


def go_on(now: datetime, only: UUID | None = None) -> int:
    """Record the next parts of what waits (of `only` that import); answer how many rows."""
    rows = 0
    for __ in range(PARTS_OF_A_TICK_MAX):
        taken = _take_part(now, only)
        if not taken:
            break
        rows += taken
    return rows


def _take_part(now: datetime, only: UUID | None) -> int:
    """The next part; 0 when nothing waits, or when this one could not be recorded now."""
    work = None
    try:
        with in_transaction() as cursor:
            work = _next(cursor, now, only)
            if work is None:
                return 0
            _settle(cursor, work, work.importing.take(work.lines), now)
            return len(work.lines)
    except _AWAY:
        raise
    except Exception as error:
        _log.error("import_stopped", kind=type(error).__qualname__)  # its message may name people
        return _count_fault(work, now) if work else 0


def _next(cursor: Any, now: datetime, only: UUID | None) -> _Work | None:
    """The first part of the oldest import that nobody works on, its import locked.

    Two statements: the second sees what was committed before the lock was had.
    """
    cursor.execute(
        "SELECT id, staff, unit, roles, handed_in_at, key, card FROM feeds_import "
        "WHERE finished_at IS NULL AND (%s::uuid IS NULL OR id = %s) "
        "ORDER BY handed_in_at, id LIMIT 1 FOR UPDATE SKIP LOCKED", (only, only))
    row = cursor.fetchone()
    if row is None:
        return None
    id_, staff, unit, roles, handed_in_at, wrapped, box = row
    cursor.execute(
        "SELECT id, lines, ARRAY(SELECT d FROM feeds_importpart b, unnest(b.documents) d "
        "WHERE b.part_of = p.part_of) FROM feeds_importpart p "
        "WHERE part_of = %s AND lines IS NOT NULL ORDER BY number LIMIT 1", (id_,))
    part, lines, documents = one_row(cursor)
    key = DataKey(id_, bytes(wrapped))
    card = key.open_card(bytes(box))
    before = frozenset(bytes(d) for d in documents)
    actor = Actor(frozenset(roles), frozenset([unit]) if unit else None, None, staff)
    importing = Importing(
        card.digest, card.as_heading(), len(card.heading), actor, said_at=handed_in_at, now=now,
        by=staff, place=unit, documents=set(before))
    return _Work(id_, part, key, key.open_lines(part, bytes(lines)), len(card.heading), importing,
                 before)


def _settle(cursor: Any, work: _Work, outcome: Outcome, now: datetime) -> None:
    """The part's rows go, its figures are added; the last part finishes the import."""
    rejected = (work.key.seal_rejected(work.part, outcome.rejected) if outcome.rejected else None)
    cursor.execute(
        "UPDATE feeds_importpart SET lines = NULL, rejected = %b, documents = %b WHERE id = %s",
        (rejected, blobs(sorted(work.importing.documents - work.before)), work.part))
    cursor.execute(
        "UPDATE feeds_import SET accepted = accepted + %s, duplicate = duplicate + %s, "
        "rejected = rejected + %s WHERE id = %s",
        (outcome.accepted, outcome.duplicate, len(outcome.rejected), work.id))
    cursor.execute(
        "UPDATE feeds_import SET finished_at = %s, expires_at = %s WHERE id = %s AND NOT EXISTS "
        "(SELECT FROM feeds_importpart WHERE part_of = %s AND lines IS NOT NULL)",
        (now, now + KEPT, work.id, work.id))
    if cursor.rowcount:
        cursor.execute("DELETE FROM feeds_importpart WHERE part_of = %s AND rejected IS NULL",
                       (work.id,))
        cursor.execute("UPDATE feeds_importpart SET documents = '{}' WHERE part_of = %s",
                       (work.id,))


def _count_fault(work: _Work, now: datetime) -> int:
    """A fault of ours stopped a part: it is tried again, and at last given back as rejected."""
    with in_transaction() as cursor:
        cursor.execute("SELECT FROM feeds_import WHERE id = %s FOR UPDATE", (work.id,))
        cursor.execute("UPDATE feeds_importpart SET attempts = attempts + 1 WHERE id = %s "
                       "AND lines IS NOT NULL RETURNING attempts", (work.part,))
        row = cursor.fetchone()
        if row is None or row[0] < ATTEMPTS_MAX:
            return 0
        why = Problem("", FAULT, _("A fault of the system stopped this row. Import it again; if "
                                   "that fails too, call whoever runs the system."))
        _settle(cursor, work, Outcome(rejected=_all(work, why)), now)
    return len(work.lines)


def _all(work: _Work, why: Problem) -> list[Any]:
    return [work.importing.reject(line, [why]) for line in work.lines]


# The end ------------------------------------------------------------------------------------------


def forget(now: datetime) -> int:
    """Rejected rows whose end has come, and the keys of their imports, go; the figures stay."""
    with in_transaction() as cursor:
        cursor.execute(
            "UPDATE feeds_import SET key = NULL, card = NULL WHERE key IS NOT NULL "
            "AND expires_at <= %s RETURNING id", (now,))
        gone: Sequence[UUID] = [id_ for (id_,) in cursor.fetchall()]
        if gone:
            cursor.execute("DELETE FROM feeds_importpart WHERE part_of = ANY(%b)", (uuids(gone),))
    return len(gone)
