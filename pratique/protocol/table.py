"""A decision table: rows of unary tests, a stated hit policy, and its compiled look-up.

Hit policies of DMN: U unique (two rows may never hold at once), F first (top to bottom), P priority
(the order of output values stated in the pack), A any (rows may overlap if they say the same),
C collect (all of them). `compile_table` walks every combination of the finite inputs once and
keeps the answer in a dict; the answers are compared with reading the table row by row.

Missing inputs are decided by completion: if every value that the missing input could have leads
to the same row, that row is the answer; if not, the answer is unknown and names the input.
"""

from __future__ import annotations

import csv
import itertools
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pratique.protocol.feel import Anything, FeelError, Test, Value, bounds, parse

HIT_POLICIES = ("U", "F", "P", "A", "C")
COMBINATIONS_MAX = 200_000
ROWS_MAX = 2_000
OR_WORSE = "?"   # "medium?" means: medium or something worse, not known which


@dataclass(frozen=True, slots=True)
class Input:
    """A column of tests. `values` of a text input are ordered, worst first, if `ordered`."""

    name: str
    kind: str
    values: tuple[str, ...] = ()
    low: float = 0
    high: float = 0
    ordered: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One rule: its name, its line in the file (1 = the header), its tests and its outputs.

    Rows are compared by identity: two that say the same are still two rows.
    """

    name: str
    line: int
    tests: tuple[Test, ...]
    outputs: Mapping[str, str]
    note: str = ""

    def holds(self, values: Sequence[Value]) -> bool | None:
        """True, False, or None if that hangs on a missing value."""
        answers = [test.holds(value) for test, value in zip(self.tests, values, strict=True)]
        if False in answers:
            return False
        return None if None in answers else True


@dataclass(frozen=True, slots=True)
class TableProblem:
    """Something wrong in the file: machine code, line, column or row name, and a sentence."""

    code: str
    line: int
    cell: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Hit:
    """What the table says. `row` is None if it cannot say: `reason` is then missing, gap, overlap.

    `possible` are the rows that could still be meant; `missing` the inputs that it hangs on.
    """

    row: Row | None
    possible: tuple[Row, ...]
    missing: tuple[str, ...] = ()
    reason: str = ""


Key = tuple[Value, ...]


@dataclass(slots=True)
class Table:
    """A read table. Use `decide` with one value per input, None or "word?" where not known."""

    inputs: tuple[Input, ...]
    rows: tuple[Row, ...]
    hit_policy: str
    priority: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lookup: dict[Key, Hit] = field(default_factory=dict)
    cuts: tuple[tuple[float, ...], ...] = ()
    numeric: bool = False

    def decide(self, values: Sequence[Value]) -> Hit:
        """The compiled answer for these inputs; values outside a domain count as missing."""
        if not self.numeric:   # a raw number must never be taken for the number of a region
            hit = self.lookup.get(tuple(values))
            if hit is not None:
                return hit
        key = tuple(self._region(index, value) for index, value in enumerate(values))
        return self.lookup[key]

    def _region(self, index: int, value: Value) -> Value:
        column = self.inputs[index]
        if column.kind != "number":
            return value if value in key_alphabet(column, self.cuts[index]) else None
        if not isinstance(value, (int, float)) or not column.low <= value <= column.high:
            return None
        return region_of(value, self.cuts[index])


def region_of(value: float, cuts: Sequence[float]) -> int:
    """Number of the region of a number line cut at `cuts`: odd on a cut, even between two."""
    index = bisect_left(cuts, value)
    return 2 * index + 1 if index < len(cuts) and cuts[index] == value else 2 * index


def region_values(column: Input, cuts: Sequence[float]) -> dict[int, float]:
    """One number out of each region that the input's domain reaches."""
    candidates: list[float] = [column.low, column.high, *cuts]
    edges = sorted({column.low, column.high, *cuts})
    candidates += [(low + high) / 2 for low, high in itertools.pairwise(edges)]
    inside = [number for number in candidates if column.low <= number <= column.high]
    return {region_of(number, cuts): number for number in sorted(inside)}


def key_alphabet(column: Input, cuts: Sequence[float]) -> tuple[Value, ...]:
    """Every value that a look-up key may have for this input, the unknown ones included."""
    if column.kind == "boolean":
        return (True, False, None)
    if column.kind == "number":
        return (*region_values(column, cuts), None)
    partial = tuple(word + OR_WORSE for word in column.values) if column.ordered else ()
    return (*column.values, *partial, None)


def completions(column: Input, cuts: Sequence[float], key: Value) -> tuple[Value, ...]:
    """The known key values that a key value may stand for."""
    known = tuple(value for value in key_alphabet(column, cuts) if _is_known(value))
    if key is None:
        return known
    if isinstance(key, str) and key.endswith(OR_WORSE):
        return column.values[: column.values.index(key[:-1]) + 1]
    return (key,)


def _is_known(value: Value) -> bool:
    return value is not None and not (isinstance(value, str) and value.endswith(OR_WORSE))


def read_rows(path: Path, inputs: Sequence[Input]) -> tuple[list[Row], list[TableProblem]]:
    """The rows of a CSV file with the columns row, in:<input>, out:<output>, note.

    Nothing is guessed: a row with a bad cell is left out and its problem is in the second list.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        header = [title.strip() for title in next(lines, [])]
        problems = list(_header_problems(header, inputs))
        if problems:
            return [], problems
        rows: list[Row] = []
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            row, bad = _read_row(lines.line_num, header, cells, inputs)
            problems += bad
            if row is not None:
                rows.append(row)
    problems += _name_problems(rows)
    if len(rows) > ROWS_MAX:
        problems.append(TableProblem("too_many_rows", 0, "", f"more than {ROWS_MAX} rows"))
    return rows, problems


def _header_problems(header: Sequence[str], inputs: Sequence[Input]) -> Iterator[TableProblem]:
    wanted = {"row", *(f"in:{column.name}" for column in inputs)}
    for title in sorted(wanted - set(header)):
        yield TableProblem("missing_column", 1, title, f"there is no column {title}")
    for title in header:
        if title not in wanted and title != "note" and not title.startswith("out:"):
            yield TableProblem("unknown_column", 1, title, f"nothing is known of column {title!r}")
        if header.count(title) > 1:
            yield TableProblem("column_twice", 1, title, f"column {title} stands there twice")


def _read_row(
    line: int, header: Sequence[str], cells: Sequence[str], inputs: Sequence[Input]
) -> tuple[Row | None, list[TableProblem]]:
    if len(cells) != len(header):
        sentence = f"the row has {len(cells)} cells, the header {len(header)}"
        return None, [TableProblem("cell_count", line, "", sentence)]
    said = {title: cell.strip() for title, cell in zip(header, cells, strict=True)}
    problems: list[TableProblem] = []
    tests: list[Test] = []
    for column in inputs:
        try:
            tests.append(parse(said[f"in:{column.name}"], column.kind))
        except FeelError as error:
            problems.append(TableProblem(error.code, line, column.name, error.sentence))
            tests.append(Anything())
    if not said["row"]:
        problems.append(TableProblem("no_row_name", line, "row", "the row has no name"))
    if problems:
        return None, problems
    outputs = {title[4:]: cell for title, cell in said.items() if title.startswith("out:")}
    return Row(said["row"], line, tuple(tests), outputs, said.get("note", "")), []


def _name_problems(rows: Sequence[Row]) -> Iterator[TableProblem]:
    seen: dict[str, int] = {}
    for row in rows:
        if row.name in seen:
            sentence = f"the name {row.name} is that of line {seen[row.name]} already"
            yield TableProblem("row_name_twice", row.line, "row", sentence)
        seen.setdefault(row.name, row.line)


def combinations(table: Table) -> Iterator[tuple[Key, Key]]:
    """Every combination of known inputs, as (look-up key, values to test the rows with)."""
    domains: list[list[tuple[Value, Value]]] = []
    for column, cuts in zip(table.inputs, table.cuts, strict=True):
        if column.kind == "number":
            domains.append(list(region_values(column, cuts).items()))
        else:
            known = completions(column, cuts, None)
            domains.append([(value, value) for value in known])
    for pairs in itertools.product(*domains):
        yield tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)


def matches(table: Table, values: Sequence[Value]) -> tuple[Row, ...]:
    """All rows that hold for known values, in the order of the file."""
    return tuple(row for row in table.rows if row.holds(values))


def pick(table: Table, found: Sequence[Row]) -> Hit:
    """Apply the hit policy to the rows that hold. Collect has no single row and is an overlap."""
    rows = tuple(found)
    if not rows:
        return Hit(None, (), reason="gap")
    if len(rows) == 1 or table.hit_policy == "F":
        return Hit(rows[0], rows[:1])
    if table.hit_policy == "A" and all(row.outputs == rows[0].outputs for row in rows):
        return Hit(rows[0], rows[:1])
    if table.hit_policy == "P":
        best = min(rows, key=lambda row: _rank(table, row))
        return Hit(best, (best,))
    return Hit(None, rows, reason="overlap")


def _rank(table: Table, row: Row) -> tuple[int, ...]:
    return tuple(
        list(order).index(row.outputs[name]) if row.outputs[name] in order else len(order)
        for name, order in table.priority.items()
    )


def compile_table(
    inputs: Iterable[Input],
    rows: Iterable[Row],
    hit_policy: str,
    priority: Mapping[str, Sequence[str]] | None = None,
) -> Table:
    """A table with its look-up filled: every known combination, and every partly unknown one.

    Raises ValueError if the hit policy is none of DMN's or the combinations exceed the limit.
    """
    if hit_policy not in HIT_POLICIES:
        raise ValueError(f"no such hit policy: {hit_policy}")
    table = Table(tuple(inputs), tuple(rows), hit_policy, priority or {})
    table.numeric = any(column.kind == "number" for column in table.inputs)
    table.cuts = tuple(_cuts(table, index) for index in range(len(table.inputs)))
    alphabets = [key_alphabet(*pair) for pair in zip(table.inputs, table.cuts, strict=True)]
    size = 1
    for alphabet in alphabets:
        size *= len(alphabet)
    if size > COMBINATIONS_MAX:
        raise ValueError(f"{size} combinations of inputs, more than {COMBINATIONS_MAX}")
    known = {key: pick(table, matches(table, values)) for key, values in combinations(table)}
    for key in itertools.product(*alphabets):
        table.lookup[key] = known[key] if key in known else _complete(table, key, known)
    return table


def _cuts(table: Table, index: int) -> tuple[float, ...]:
    if table.inputs[index].kind != "number":
        return ()
    return tuple(sorted(set().union(*(bounds(row.tests[index]) for row in table.rows))))


def _complete(table: Table, key: Key, known: Mapping[Key, Hit]) -> Hit:
    spread = [
        completions(column, cuts, value)
        for column, cuts, value in zip(table.inputs, table.cuts, key, strict=True)
    ]
    answers = {full: known[full] for full in itertools.product(*spread)}
    first = next(iter(answers.values()))
    if first.row is not None and all(hit.row is first.row for hit in answers.values()):
        return first
    possible: dict[str, Row] = {}
    for hit in answers.values():
        for row in hit.possible:
            possible.setdefault(row.name, row)
    missing = tuple(
        column.name
        for index, column in enumerate(table.inputs)
        if len(spread[index]) > 1 and _matters(answers, index)
    )
    return Hit(None, tuple(possible.values()), missing, "missing")


def _matters(answers: Mapping[Key, Hit], index: int) -> bool:
    """Does the answer change with this input while the others stay as they are?"""
    seen: dict[Key, Row | None] = {}
    for key, hit in answers.items():
        rest = (*key[:index], *key[index + 1:])
        if seen.setdefault(rest, hit.row) is not hit.row:
            return True
    return False
