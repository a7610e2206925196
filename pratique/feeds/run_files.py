"""Files of an instrument's run: read whole or refused by name; never half, never by guess.

    run = read_run("plate-1.csv", data, run=…, laboratory="lab-1", assay="orf1ab-n", …)
    Envelope(kind="specimens.run_imported", body=msgspec.Raw(msgspec.json.encode(run.body)), …)

A row is one target of one well (columns plate, well, tube, control, target, ct), or one well with
a column for each target of the assay. Results have no other way in: there is no column for a
result, a name or a person, and a file that has one is refused.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from pratique.feeds.sheets import Cell, Line, read_sheets
from pratique.kit.errors import Refusal
from pratique.specimens import rules
from pratique.specimens.facts import RunImported, Well

FILE_BYTES_MAX = 1024 * 1024
ROWS_MAX = 4_000  # 384 wells with ten targets
CELL_CHARACTERS_MAX = 60
Control = Literal["", "positive", "negative", "extraction"]

COLUMNS = {
    "plate": "plate", "板号": "plate", "板": "plate",
    "well": "well", "well position": "well", "孔": "well", "孔位": "well",
    "tube": "tube", "specimen": "tube", "sample": "tube", "sample name": "tube",
    "管号": "tube", "样本编号": "tube", "样本": "tube",
    "control": "control", "task": "control", "质控": "control", "对照": "control",
    "target": "target", "target name": "target", "靶标": "target", "靶基因": "target",
    "ct": "ct", "cq": "ct", "cт": "ct", "ct值": "ct", "ct 值": "ct",
}
CONTROLS: Mapping[str, Control] = MappingProxyType({
    "": "", "unknown": "", "sample": "", "样本": "",
    "positive": "positive", "pc": "positive", "阳性": "positive", "阳性对照": "positive",
    "negative": "negative", "nc": "negative", "ntc": "negative", "阴性": "negative",
    "阴性对照": "negative", "extraction": "extraction", "nec": "extraction",
    "提取对照": "extraction",
})
UNDETERMINED = frozenset({"", "undetermined", "undet", "no ct", "noct", "n/a", "na", "nan", "-",
                          "未检出", "无"})
TARGETS = {"orf1ab": "ORF1ab", "orf1a/b": "ORF1ab", "n": "N", "n gene": "N", "n基因": "N",
           "e": "E", "e gene": "E", "e基因": "E", "ic": "IC", "内标": "IC", "rnase p": "IC",
           "rp": "IC", "np": "NP", "gp": "GP"}


@dataclass(frozen=True, slots=True)
class RunFile:
    """A file that was read: rows in it = rows of wells + blank rows."""

    body: RunImported
    rows: int
    rows_of_wells: int
    rows_blank: int


@dataclass(slots=True)
class Draft:
    """A well while its rows are read."""

    tube: str
    control: Control
    row: int
    targets: dict[str, float | None] = field(default_factory=dict)


def refuse(code: str, sentence: Any, **params: Any) -> Refusal:
    return Refusal(code, sentence, "feeds.run_file", **params)


def read_run(
    file_name: str, data: bytes, *, run: UUID, laboratory: str, instrument: str, assay: str,
    finished_at: datetime, started_at: datetime | None = None, plate: str = "",
) -> RunFile:
    """A run file (.csv, .xlsx) as the body of a fact. Raises Refusal, which names row and reason.

    plate: as on the form; must agree with the file's, where that has one.
    """
    if len(data) > FILE_BYTES_MAX:
        raise refuse("run_file_too_large", _("A run file has at most %(most)s KiB."),
                     most=FILE_BYTES_MAX >> 10)
    if assay not in rules.ASSAYS:
        raise refuse("unknown_assay", _("There is no assay “%(assay)s”. Known: %(known)s."),
                     assay=assay[:40], known=", ".join(sorted(rules.ASSAYS)))
    sheets = [s for s in read_sheets(file_name, data) if any(not ln.is_blank() for ln in s.lines)]
    if len(sheets) != 1:
        raise refuse("one_table", _("A run file has exactly one table; this one has %(count)s."),
                     count=len(sheets))
    lines = sheets[0].lines
    heading = next(line for line in lines if not line.is_blank())
    rows = [line for line in lines if line.number > heading.number and not line.is_blank()]
    if not 1 <= len(rows) <= ROWS_MAX:
        raise refuse("rows_count", _("A run file has 1 to %(most)s rows under its heading; this "
                     "one has %(count)s."), most=ROWS_MAX, count=len(rows))
    columns = _read_heading(heading, rules.ASSAYS[assay])
    plates: dict[str, int] = {plate: 0} if plate else {}
    wells = _read_rows(rows, columns, plates)
    body = RunImported(
        run=run, laboratory=laboratory, plate=next(iter(plates), ""), instrument=instrument,
        assay=assay, started_at=started_at, finished_at=finished_at,
        wells=[Well(well=name, tube=d.tube, control=d.control, targets=d.targets)
               for name, d in wells.items()],
        file_sha256=hashlib.sha256(data).hexdigest())
    refused = rules.check_run(body)
    if refused:
        raise Refusal(refused.code, refused.sentence, refused.rule, **refused.params)
    return RunFile(body, len(lines), len(rows), sum(line.is_blank() for line in lines))


def _word(cell: Cell, row: int) -> str:
    """A cell as text; 12.0 is 12, as a spreadsheet gives a whole number back."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell).strip()
    if len(text) > CELL_CHARACTERS_MAX or not text.isprintable():
        raise refuse("cell_unreadable", _("Row %(row)s has a cell that is too long or holds "
                     "characters that cannot be seen."), row=row)
    return text


def _read_heading(heading: Line, assay: rules.Assay) -> dict[int, str]:
    """Column number → field, or `ct:TARGET` for a column of one target."""
    columns: dict[int, str] = {}
    strangers: list[str] = []
    for number, cell in enumerate(heading.cells):
        title = _word(cell, heading.number)
        if not title and all(c is None or c == "" for c in heading.cells[number:]):
            break
        name = COLUMNS.get(title.lower())
        if name is None:
            target = _target(title.lower().removeprefix("ct ").removeprefix("ct_"))
            name = f"ct:{target}" if target in assay.columns else None
        if name is None:
            strangers.append(title or "-")
        elif name in columns.values():
            raise refuse("column_twice", _("Column “%(title)s” is there twice."), title=title)
        else:
            columns[number] = name
    if strangers:
        raise refuse("column_unknown", _("A run file has no column “%(titles)s”. It has: plate, "
                     "well, tube, control, and target with ct or one column for each of "
                     "%(targets)s."), titles=", ".join(strangers)[:100],
                     targets=", ".join(assay.columns))
    _check_columns(set(columns.values()), assay)
    return columns


def _check_columns(found: set[str], assay: rules.Assay) -> None:
    wide = {f"ct:{target}" for target in assay.columns}
    missing = {"well", "tube", "control"} - found
    if found & wide:
        if found & {"target", "ct"}:
            raise refuse("two_forms", _("A run file has target and ct, or a column for each "
                                        "target; not both."))
        missing |= wide - found
    else:
        missing |= {"target", "ct"} - found
    if missing:
        raise refuse("column_missing", _("The column “%(titles)s” is missing."),
                     titles=", ".join(sorted(missing)))


def _target(title: str) -> str:
    return TARGETS.get(title.strip().lower(), title.strip())


def _read_rows(
    rows: Sequence[Line], columns: dict[int, str], plates: dict[str, int]
) -> dict[str, Draft]:
    """Wells by name; `plates` gets every plate that is named, and may get only one."""
    wells: dict[str, Draft] = {}
    for line in rows:
        if any(c not in (None, "") for n, c in enumerate(line.cells) if n not in columns):
            raise refuse("row_too_long", _("Row %(row)s has cells beyond the heading."),
                         row=line.number)
        cells = {name: line.cells[n] if n < len(line.cells) else None
                 for n, name in columns.items()}
        words = {name: _word(cell, line.number) for name, cell in cells.items()}
        if words.get("plate"):
            plates.setdefault(words["plate"], line.number)
        if len(plates) > 1:
            raise refuse("plates_differ", _("Row %(row)s is of another plate; a run has one."),
                         row=line.number)
        _read_row(line.number, cells, words, wells)
    return wells


def _read_row(
    row: int, cells: dict[str, Cell], words: dict[str, str], wells: dict[str, Draft]
) -> None:
    name = rules.well_name(words["well"])
    if name is None:
        raise refuse("row_without_well", _("Row %(row)s: “%(well)s” is no well of a plate."),
                     row=row, well=words["well"][:10])
    control = CONTROLS.get(words["control"].lower())
    if control is None:
        raise refuse("control_unknown", _("Row %(row)s: “%(control)s” is no control. Known: "
                     "positive, negative, extraction."), row=row, control=words["control"])
    draft = wells.get(name)
    if draft is None:
        draft = wells[name] = Draft(words["tube"], control, row)
    elif "target" not in words:
        raise refuse("well_twice_in_rows", _("Rows %(first)s and %(row)s are both of well "
                     "%(well)s."), first=draft.row, row=row, well=name)
    elif (draft.tube, draft.control) != (words["tube"], control):
        raise refuse("well_differs", _("Rows %(first)s and %(row)s say different things of well "
                     "%(well)s."), first=draft.row, row=row, well=name)
    if "target" in words:
        given = {_target(words["target"]): cells["ct"]}
    else:
        given = {key[3:]: cell for key, cell in cells.items() if key.startswith("ct:")}
    for target, cell in given.items():
        if target in draft.targets or not target:
            raise refuse("target_twice", _("Row %(row)s: target “%(target)s” of well %(well)s is "
                         "missing or there twice."), row=row, target=target, well=name)
        draft.targets[target] = _ct(cell, row)


def _ct(cell: Cell, row: int) -> float | None:
    """A cycle threshold; None is undetermined, which is neither 0 nor missing."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return None if math.isnan(cell) else float(cell)
    text = _word(cell, row)
    if text.lower() in UNDETERMINED:
        return None
    try:
        if not all(c in "0123456789." for c in text):
            raise ValueError(text)
        return float(text)
    except ValueError:
        raise refuse("ct_unreadable", _("Row %(row)s: “%(ct)s” is no Ct. Write 31.5, or "
                     "Undetermined."), row=row, ct=text[:20]) from None
