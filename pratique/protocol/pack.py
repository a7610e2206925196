"""Packs: the schema of `pack.toml`, reading one, and the compiled `Pack` that `evaluate` uses.

A pack is a folder: `pack.toml` (measures, deadlines, chains, colours, words), `table.csv` (the
decision table) and `examples.toml` (worked examples, run by `check` and the tests).
The format is described in docs/reference/packs.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from pratique.protocol.plan import Plan, RoundWindow, Stage
from pratique.protocol.references import broken_references
from pratique.protocol.spec import (
    LANGUAGES,
    NO_MEASURE,
    UNKNOWN,
    ColourSpec,
    DevicesSpec,
    HoldSpec,
    InputSpec,
    MeasureSpec,
    PackSpec,
    RoundSpec,
)
from pratique.protocol.table import Input, Row, Table, TableProblem, compile_table, read_rows

PACKS = Path(__file__).parent / "packs"
COMMON_WORDS = Path(__file__).parent / "words.toml"
PACK_BYTES_MAX = 1 << 20


class PackError(ValueError):
    """A pack that cannot be read at all. `problems` are (code, file, where, sentence)."""

    def __init__(self, problems: list[tuple[str, str, str, str]]) -> None:
        super().__init__("; ".join(f"{file} {where}: {say}" for _, file, where, say in problems))
        self.problems = problems


class Duty(msgspec.Struct, frozen=True):
    """A compiled kind of duty: owner, chain, and the time that it allows."""

    kind: str
    owner: str
    chain: str
    within: timedelta


@dataclass(slots=True, repr=False)
class Pack:
    """A pack ready for `evaluate`. Read its parts; change nothing."""

    id: str
    version: int
    disease: str
    title_zh: str
    title_en: str
    in_force_from: datetime
    zone: ZoneInfo
    areas: tuple[str, ...]
    release_within_hours: float
    late_result: timedelta
    clear_code: timedelta
    deadlines: dict[str, timedelta]
    chains: dict[str, tuple[tuple[int, str], ...]]
    table: Table
    inputs: dict[str, InputSpec]
    measures: dict[str, MeasureSpec]
    colours: dict[str, ColourSpec]
    hold: HoldSpec
    devices: DevicesSpec
    duties: dict[str, Duty]
    plans: dict[str, Plan]
    landing_exempt: frozenset[str]
    clear_colour: str
    special_conditions: dict[str, str]
    words: dict[str, dict[str, str]]
    sources: dict[str, str]
    notes: tuple[str, ...]
    path: Path

    def __repr__(self) -> str:
        return f"<Pack {self.id} version {self.version}>"

    def word(self, key: str, language: str = "en") -> str:
        """The words for a key in a language, else in English, else the key itself."""
        spoken = self.words.get(language, {})
        return spoken.get(key) or self.words["en"].get(key, key)

    def sentence(
        self, key: str, params: tuple[tuple[str, str], ...], language: str = "en"
    ) -> str:
        """The words for a key with its parameters filled in; word keys among them translated."""
        filled = {name: self.word(value, language) for name, value in params}
        try:
            return self.word(key, language).format_map(filled)
        except (KeyError, IndexError, ValueError):
            return self.word(key, language)

    def covers(self, area: str) -> bool:
        """Does an area (division code or name) lie where this pack applies?"""
        return any(own == "*" or area.startswith(own) for own in self.areas)

    def conditions(self, special: frozenset[str]) -> tuple[str, ...]:
        """What must be minded for a person with these circumstances, as word keys."""
        if not special:
            return ()
        known = self.special_conditions
        return tuple(sorted({f"condition.{known[word]}" for word in special if word in known}))

    def may_turn_back(self, measure: str) -> bool:
        """May a person under this measure be sent out of the county again at the first post?

        A measure that restricts keeps them here unless the pack says `turn_back`. A hold does, and
        so does an unknown measure: whoever may be infected is not sent to infect others.
        """
        said = self.measures.get(measure)
        return said is not None and (said.turn_back or not said.restrictive)

    def climb(self, chain: str) -> tuple[tuple[int, str], ...]:
        """The steps of an escalation chain: (minutes after due, role), in order."""
        return self.chains[chain]


def load_pack(path: Path | str) -> Pack:
    """The compiled pack in a folder. Raises PackError naming file, place and fault."""
    folder = Path(path)
    spec = read_spec(folder)
    inputs = table_inputs(spec)
    rows, faults = read_table(folder, inputs)
    problems = [problem_of(fault) for fault in faults] or list(broken_references(spec, rows))
    if problems:
        raise PackError(problems)
    try:
        table = compile_table(inputs, rows, spec.table.hit_policy, spec.table.priority)
    except ValueError as error:
        raise PackError([("table", "pack.toml", "table", str(error))]) from error
    return _compiled(folder, spec, table)


@cache
def shipped() -> dict[str, Pack]:
    """The packs that come with Pratique, by id; read once."""
    packs = [load_pack(file.parent) for file in sorted(PACKS.glob("*/pack.toml"))]
    return {pack.id: pack for pack in packs}


def read_spec(folder: Path) -> PackSpec:
    """pack.toml against its schema. Raises PackError."""
    file = folder / "pack.toml"
    try:
        content = file.read_bytes()
        if len(content) > PACK_BYTES_MAX:
            raise PackError([("too_big", "pack.toml", "", f"over {PACK_BYTES_MAX} bytes")])
        return msgspec.toml.decode(content, type=PackSpec)
    except OSError as error:
        said = f"cannot be read: {error.strerror}"
        raise PackError([("no_file", "pack.toml", "", said)]) from error
    except (msgspec.DecodeError, ValueError) as error:
        if isinstance(error, PackError):
            raise
        raise PackError([("schema", "pack.toml", "", str(error))]) from error


def table_inputs(spec: PackSpec) -> tuple[Input, ...]:
    """The table's columns as the pack declares them."""
    return tuple(_input(name, said) for name, said in spec.inputs.items())


def _input(name: str, said: InputSpec) -> Input:
    if said.values:
        ordered = said.source in ("worst_tier", "exposure")
        return Input(name, "text", tuple(said.values), ordered=ordered)
    if said.high > said.low:
        return Input(name, "number", low=said.low, high=said.high)
    return Input(name, "boolean")


def read_table(folder: Path, inputs: tuple[Input, ...]) -> tuple[list[Row], list[TableProblem]]:
    """The rows of table.csv and what is wrong in it. Raises PackError if it cannot be read."""
    try:
        return read_rows(folder / "table.csv", inputs)
    except (OSError, UnicodeDecodeError) as error:
        raise PackError([("no_file", "table.csv", "", f"cannot be read: {error}")]) from error


def problem_of(fault: TableProblem) -> tuple[str, str, str, str]:
    """A fault of the table in the shape that PackError and the checker use."""
    where = f"line {fault.line}" + (f", {fault.cell}" if fault.cell else "")
    return (fault.code, "table.csv", where, fault.sentence)


def _compiled(folder: Path, spec: PackSpec, table: Table) -> Pack:
    zone = ZoneInfo(spec.zone)
    begins = spec.in_force_from
    if begins.tzinfo is None:
        begins = begins.replace(tzinfo=zone)
    deadlines = {name: timedelta(minutes=m) for name, m in spec.deadlines_minutes.items()}
    duties = {
        kind: Duty(kind, said.owner, said.chain, deadlines.get(said.deadline, timedelta(0)))
        for kind, said in spec.duties.items()
    }
    clear = spec.measures.get(NO_MEASURE)
    return Pack(
        id=spec.id,
        version=spec.version,
        disease=spec.disease,
        title_zh=spec.title.get("zh-hans", spec.id),
        title_en=spec.title.get("en", spec.id),
        in_force_from=begins,
        zone=zone,
        areas=tuple(spec.areas),
        release_within_hours=duties["release"].within / timedelta(hours=1),
        late_result=timedelta(hours=spec.late_result_hours),
        clear_code=timedelta(days=spec.clear_code_days),
        deadlines=deadlines,
        chains={name: tuple(steps) for name, steps in spec.chains.items()},
        table=table,
        inputs=spec.inputs,
        measures=spec.measures,
        colours=spec.colours,
        hold=spec.hold,
        devices=spec.devices,
        duties=duties,
        plans={
            row.name: make_plan(spec, row, zone)
            for row in table.rows if row.outputs["measure"] != UNKNOWN
        },
        landing_exempt=frozenset(spec.landing_exempt),
        clear_colour=clear.colour if clear is not None else NO_MEASURE,
        special_conditions=spec.conditions,
        words=merged_words(spec.words),
        sources=spec.sources,
        notes=tuple(spec.notes),
        path=folder,
    )


@cache
def common_words() -> dict[str, dict[str, str]]:
    """The words that all packs share (kinds of duty, reasons, what a release still needs)."""
    return msgspec.toml.decode(COMMON_WORDS.read_bytes(), type=dict[str, dict[str, str]])


def merged_words(own: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The shared words with the pack's own over them, by language."""
    return {tongue: {**common_words()[tongue], **own.get(tongue, {})} for tongue in LANGUAGES}


def make_plan(spec: PackSpec, row: Row, zone: ZoneInfo) -> Plan:
    """The compiled plan of a row: its measure and the measures after it, as stages."""
    chosen = spec.measures[row.outputs["measure"]]
    stages: list[Stage] = []
    first, name = 1, row.outputs["measure"]
    while name and spec.measures[name].days:
        measure = spec.measures[name]
        last = first + measure.days - 1
        stages.append(_stage(name, measure, first, last))
        first, name = last + 1, measure.then
    notes = tuple(spec.measures[stage.measure].note for stage in stages)
    return Plan(
        row=row,
        zone=zone,
        landing_test=row.outputs["landing_test"] == "yes",
        transfer=row.outputs["transfer"],
        transfer_duty=spec.transfers[row.outputs["transfer"]].duty,
        stages=tuple(stages),
        anchor=chosen.anchor,
        anchor_tiers=tuple(chosen.anchor_tiers),
        anchor_day=chosen.anchor_day,
        count=chosen.count,
        spacing=timedelta(hours=chosen.spacing_hours),
        slack=timedelta(hours=chosen.slack_hours),
        windows={name: _window(name, said) for name, said in spec.rounds.items()},
        reason=f"reason.{row.name}",
        restrictive=any(stage.restrictive for stage in stages),
        params=(("days", str(stages[-1].last_day if stages else 0)),),
        notes=tuple(note for note in (row.note, *notes) if note),
    )


def _stage(name: str, measure: MeasureSpec, first: int, last: int) -> Stage:
    return Stage(
        measure=name,
        colour=measure.colour,
        restrictive=measure.restrictive,
        places=tuple(measure.places),
        first_day=first,
        last_day=last,
        test_days=tuple(measure.tests),
        rounds=tuple(measure.rounds),
        confirm_home=measure.confirm_home,
        other_negatives=measure.other_negatives,
    )


def _window(name: str, said: RoundSpec) -> RoundWindow:
    return RoundWindow(name, time.fromisoformat(said.opens), time.fromisoformat(said.due))
