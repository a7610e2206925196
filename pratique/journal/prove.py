"""prove: every law checked again from row one.

Each room says its laws in `queries.py` as `LAWS`: a name, a sentence and a query that finds the
rows that break it. What PostgreSQL holds by a constraint is checked here all the same (paired
assertions: before the write and after the read).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.db import connections

from pratique.journal.log import tampered
from pratique.kit.sql import CONNECTION, reading

EXAMPLES_MAX = 20


@dataclass(frozen=True, slots=True)
class Law:
    """name: `room.law`. sentence: what must hold. sql: selects the rows that break it."""

    name: str
    sentence: str
    sql: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A law and how it fared; `examples` are the first rows that break it."""

    law: Law
    violations: int
    examples: list[dict[str, Any]] = field(default_factory=list)


def laws() -> Iterator[Law]:
    """The laws of every room, in the order of the rooms."""
    for app in apps.get_app_configs():
        name = f"{app.name}.queries"
        if app.name.startswith("pratique.") and find_spec(name):
            yield from getattr(import_module(name), "LAWS", ())


def check(law: Law, alias: str = CONNECTION) -> Checked:
    with reading(alias) as cursor:
        cursor.execute(f"SELECT count(*) FROM ({law.sql}) broken")
        (count,) = cursor.fetchone()
        if not count:
            return Checked(law, 0)
        cursor.execute(f"SELECT * FROM ({law.sql}) broken LIMIT {EXAMPLES_MAX}")
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, map(str, row), strict=True)) for row in cursor.fetchall()]
    return Checked(law, count, rows)


LOG = Law("journal.log", "Every sealed fact is as it was when its leaf was made, "
          "and the log's root follows from the leaves.", "")


def check_log(alias: str = CONNECTION) -> Checked:
    """The Merkle log as a law: its rows are not asked for, they are recomputed."""
    changed = tampered(alias)
    return Checked(LOG, len(changed), changed[:EXAMPLES_MAX])


def prove(alias: str = CONNECTION) -> Iterator[Checked]:
    """Check the Merkle log and every law; one result each, as they come."""
    yield check_log(alias)
    for law in laws():
        yield check(law, alias)


def counts(alias: str = CONNECTION) -> dict[str, int]:
    """How much was checked: rows of the tables that the laws are about."""
    tables: Iterable[str] = (
        "journal_batch", "journal_fact", "journal_quarantine", "journal_later", "custody_entry",
        "custody_holding", "custody_handover", "custody_line", "custody_resolution")
    with connections[alias].cursor() as cursor:
        parts = " UNION ALL ".join(f"SELECT '{t}', count(*) FROM {t}" for t in tables)
        cursor.execute(parts)
        return dict(cursor.fetchall())
