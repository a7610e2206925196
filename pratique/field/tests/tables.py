"""Decision tables of all kinds, and every question that one can ask them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from pratique.protocol.feel import Value, parse
from pratique.protocol.pack import shipped
from pratique.protocol.table import (
    HIT_POLICIES,
    Hit,
    Input,
    Row,
    Table,
    compile_table,
    region_values,
)

RANDOM_TABLES = 120
WORDS = ("high", "medium", "low", "none")
CELLS = {
    "text": ("-", "-", '"high"', '"low","none"', 'not("high")', 'not("medium","low")', '"none"'),
    "boolean": ("-", "true", "false", "not(true)"),
    "number": ("-", "7", ">= 7", "< 3", "[1..3]", "(1..7]", "not(3)", "> 2.5,0", "(3..10)", "= 10",
               "]0..7[", "7.0"),
}
OUTPUTS = ("home", "central", "none")
Question = tuple[list[Value], dict[str, Any]]


def some_tables() -> Iterator[tuple[str, Table]]:
    """Those of the shipped packs, and random ones of every hit policy."""
    for name, pack in shipped().items():
        yield name, pack.table
    chance = random.Random(1)
    for number in range(RANDOM_TABLES):
        yield f"random {number}", _table(chance, HIT_POLICIES[number % len(HIT_POLICIES)])


def _table(chance: random.Random, policy: str) -> Table:
    inputs = [Input("tier", "text", WORDS, ordered=True), Input("word", "text", WORDS),
              Input("known", "boolean"), Input("days", "number", low=0, high=10)]
    columns = chance.sample(inputs, chance.randint(1, 3))
    rows = [
        Row(f"row-{number}", number, tuple(
            parse(chance.choice(CELLS[column.kind]), column.kind) for column in columns),
            {"measure": chance.choice(OUTPUTS), "transfer": chance.choice(("bus", "none"))})
        for number in range(chance.randint(1, 6))
    ]
    priority = {"measure": ["central", "home"], "transfer": ["none"]} if policy == "P" else {}
    return compile_table(columns, rows, policy, priority)


def questions(table: Table) -> list[Question]:
    """A question for every combination that the table compiles, with the answer it gives; and some
    that lie outside of every domain."""
    found = [_question(table, _asked(table, key)) for key in table.lookup]
    for index, column in enumerate(table.inputs):
        key = list(next(iter(table.lookup)))
        for odd in (11, -1, 2.5) if column.kind == "number" else ("", "unheard of", "high??"):
            found.append(_question(table, [*key[:index], odd, *key[index + 1:]]))
    return found


def _asked(table: Table, key: tuple[Value, ...]) -> list[Value]:
    """A number of its region for each region, and everything else as it is."""
    return [
        region_values(column, cuts)[value]  # type: ignore[index]
        if column.kind == "number" and value is not None else value
        for column, cuts, value in zip(table.inputs, table.cuts, key, strict=True)
    ]


def _question(table: Table, values: list[Value]) -> Question:
    hit: Hit = table.decide(values)
    return values, {
        "row": hit.row.name if hit.row else None, "possible": [row.name for row in hit.possible],
        "missing": list(hit.missing), "reason": hit.reason,
    }
