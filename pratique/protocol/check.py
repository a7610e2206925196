"""The checker of packs: every gap, overlap, unknown word and broken promise, with its place.

`python -m pratique.protocol.check [FOLDER ...]` checks the packs in these folders, or all that
are shipped; exit 1 if there is a problem.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import msgspec

from pratique.protocol.examples import read_examples, run_example
from pratique.protocol.pack import (
    PACKS,
    Pack,
    PackError,
    common_words,
    load_pack,
    problem_of,
    read_spec,
    read_table,
    table_inputs,
)
from pratique.protocol.references import broken_references
from pratique.protocol.spec import DUTY_KINDS, LANGUAGES, UNKNOWN, PackSpec
from pratique.protocol.table import (
    Row,
    Table,
    combinations,
    compile_table,
    matches,
    pick,
    region_values,
)

BOXES_SHOWN_MAX = 20
# Deadlines and chains that other rooms ask a pack for, by name.
DEADLINES_FOR_OTHERS = ("offer_accept",)
CHAINS_FOR_OTHERS = ("alarm",)
Box = tuple[frozenset[object], ...]


class Problem(NamedTuple):
    """One problem: machine code, file, row or field or cell, and a sentence."""

    code: str
    file: str
    where: str
    sentence: str


def check_pack(path: Path | str) -> list[Problem]:
    """All problems of the pack in a folder; an empty list means that it may be used."""
    folder = Path(path)
    try:
        spec = read_spec(folder)
        inputs = table_inputs(spec)
        rows, faults = read_table(folder, inputs)
    except PackError as error:
        return [_placed(*problem) for problem in error.problems]
    problems = [Problem(*problem_of(fault)) for fault in faults]
    problems += [Problem(*found) for found in broken_references(spec, rows)]
    problems += _deadlines(spec)
    problems += _words(spec, rows)
    problems += _unused(spec, rows)
    if faults or any(problem.code == "unknown_hit_policy" for problem in problems):
        return problems
    try:
        table = compile_table(inputs, rows, spec.table.hit_policy, spec.table.priority)
    except ValueError as error:
        return [*problems, Problem("table", "table.csv", "", str(error))]
    problems += _table(table)
    try:
        pack = load_pack(folder)
    except PackError:
        return problems
    return problems + list(_examples(pack))


def _placed(code: str, file: str, where: str, sentence: str) -> Problem:
    """A schema error with its path as the place: `$.measures[...].days` becomes measures.days."""
    said, _, path = sentence.partition(" - at `")
    if path:
        where = path.rstrip("`").removeprefix("$.").replace("[...]", ".*").replace("[", ".")
        return Problem(code, file, where.replace("]", ""), said)
    return Problem(code, file, where, sentence)


def _deadlines(spec: PackSpec) -> Iterator[Problem]:
    for name in DEADLINES_FOR_OTHERS:
        if name not in spec.deadlines_minutes:
            said = f"the deadline {name} is missing"
            yield Problem("missing_deadline", "pack.toml", f"deadlines_minutes.{name}", said)
    for name in CHAINS_FOR_OTHERS:
        if name not in spec.chains:
            said = f"the chain {name} is missing"
            yield Problem("missing_escalation", "pack.toml", f"chains.{name}", said)


def _words(spec: PackSpec, rows: Sequence[Row]) -> Iterator[Problem]:
    """Every word that a screen may ask for, in every language."""
    keys = [f"colour.{name}" for name in spec.colours]
    keys += [f"measure.{name}" for name in spec.measures]
    keys += [f"transfer.{name}" for name in spec.transfers]
    keys += [f"round.{name}" for name in spec.rounds]
    keys += [f"input.{name}" for name in spec.inputs]
    keys += [f"condition.{name}" for name in spec.conditions.values()]
    keys += [f"duty.{kind}" for kind in DUTY_KINDS]
    keys += [f"reason.{row.name}" for row in rows]
    for language in LANGUAGES:
        if not spec.title.get(language):
            yield Problem("missing_word", "pack.toml", "title", f"there is no title in {language}")
        said = {**common_words()[language], **spec.words.get(language, {})}
        for key in sorted(set(keys)):
            if not said.get(key):
                sentence = f"there is no {language} word for {key}"
                yield Problem("missing_word", "pack.toml", f"words.{language}", sentence)
        for key in sorted(key for key, words in said.items() if not _is_fillable(words)):
            sentence = f"{key} has a brace that is no {{name}} of a parameter: {said[key]!r}"
            yield Problem("bad_word", "pack.toml", f"words.{language}", sentence)
    for language in sorted(set(spec.words) - set(LANGUAGES)):
        sentence = f"{language} is not one of {', '.join(LANGUAGES)}"
        yield Problem("unknown_word", "pack.toml", f"words.{language}", sentence)


def _is_fillable(words: str) -> bool:
    """Only {name}: a device fills words in too, and knows nothing of Python's formats."""
    try:
        fields = list(Formatter().parse(words))
    except ValueError:
        return False
    return all(name is None or (re.fullmatch(r"\w+", name, re.ASCII) and not form and not turned)
               for __, name, form, turned in fields)


def _unused(spec: PackSpec, rows: Sequence[Row]) -> Iterator[Problem]:
    """Measures and transfers that no row reaches: forgotten, or a row is missing."""
    used = {row.outputs.get("measure", "") for row in rows}
    used |= {measure.then for measure in spec.measures.values()}
    for name in sorted(set(spec.measures) - used):
        said = f"no row leads to the measure {name}"
        yield Problem("unused_measure", "pack.toml", f"measures.{name}", said)
    for name in sorted(set(spec.transfers) - {row.outputs.get("transfer", "") for row in rows}):
        said = f"no row asks for the transfer {name}"
        yield Problem("unused_transfer", "pack.toml", f"transfers.{name}", said)


def _table(table: Table) -> Iterator[Problem]:
    """Gaps, overlaps that the hit policy forbids, rows that can never be chosen."""
    gaps: list[Box] = []
    overlaps: dict[tuple[Row, ...], list[Box]] = {}
    chosen: set[str] = set()
    for key, values in combinations(table):
        found = matches(table, values)
        hit = pick(table, found)
        if hit.row is not None:
            chosen.add(hit.row.name)
        box: Box = tuple(frozenset({value}) for value in key)
        if hit.reason == "gap":
            gaps.append(box)
        elif hit.reason == "overlap":
            chosen.update(row.name for row in found)
            for pair in itertools.combinations(found, 2):
                if table.hit_policy != "A" or pair[0].outputs != pair[1].outputs:
                    overlaps.setdefault(pair, []).append(box)
    for box in merge(gaps)[:BOXES_SHOWN_MAX]:
        said = f"no row holds for {describe(table, box)}"
        yield Problem("gap", "table.csv", "the table", said)
    for (first, second), boxes in overlaps.items():
        for box in merge(boxes)[:BOXES_SHOWN_MAX]:
            said = f"both rows hold for {describe(table, box)}"
            if table.hit_policy == "A":
                said += " and say different things"
            where = f"line {first.line} ({first.name}) and line {second.line} ({second.name})"
            yield Problem("overlap", "table.csv", where, said)
    for row in table.rows:
        if row.name not in chosen:
            said = "no combination of inputs ever leads to this row"
            yield Problem("unreachable", "table.csv", f"line {row.line} ({row.name})", said)


def merge(boxes: Sequence[Box]) -> list[Box]:
    """Fewer and larger boxes that cover the same combinations: joined if they differ in one."""
    found = list(dict.fromkeys(boxes))
    for index in range(len(found[0]) if found else 0):
        joined: dict[Box, frozenset[object]] = {}
        for box in found:
            rest = (*box[:index], *box[index + 1:])
            joined[rest] = joined.get(rest, frozenset()) | box[index]
        found = [(*rest[:index], both, *rest[index:]) for rest, both in joined.items()]
    return found


def describe(table: Table, box: Box) -> str:
    """A box in words: `worst_tier = "low", resident = true`; inputs that do not matter left out."""
    parts: list[str] = []
    for column, cuts, some in zip(table.inputs, table.cuts, box, strict=True):
        names: dict[object, str] = {word: f'"{word}"' for word in column.values}
        if column.kind == "number":
            names = {key: f"{value:g}" for key, value in region_values(column, cuts).items()}
        elif column.kind == "boolean":
            names = {True: "true", False: "false"}
        if some != set(names):
            said = " or ".join(name for value, name in names.items() if value in some)
            parts.append(f"{column.name} = {said}")
    return ", ".join(parts) or "any input"


def _examples(pack: Pack) -> Iterator[Problem]:
    """Examples that contradict the pack, and rows that no example tells about."""
    try:
        examples = read_examples(pack.path)
    except OSError as error:
        yield Problem("no_file", "examples.toml", "", f"cannot be read: {error.strerror}")
        return
    except (msgspec.DecodeError, ValueError) as error:
        yield _placed("schema", "examples.toml", "", str(error))
        return
    told: set[str | None] = set()
    for number, example in enumerate(examples, 1):
        told.add(example.expect.row)
        where = f"example {number} ({example.name})"
        for difference in run_example(pack, example):
            yield Problem("contradiction", "examples.toml", where, difference)
    for row in pack.table.rows:
        if row.outputs["measure"] != UNKNOWN and row.name not in told:
            said = f"no example tells what comes of row {row.name}"
            yield Problem("no_example", "examples.toml", f"row {row.name}", said)


def main(arguments: Sequence[str]) -> int:
    """Check the packs in these folders (or the shipped ones), print, and answer 0 or 1."""
    folders = [Path(name) for name in arguments]
    if not folders:
        folders = sorted(file.parent for file in PACKS.glob("*/pack.toml"))
    count = 0
    for folder in folders:
        problems = check_pack(folder)
        count += len(problems)
        print(f"{folder.name}: {len(problems)} problems" if problems else f"{folder.name}: ok")
        for problem in problems:
            print(f"  {problem.file} {problem.where}: {problem.sentence} [{problem.code}]")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
