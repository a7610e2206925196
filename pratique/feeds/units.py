"""A county's own posts, sites, crews and offices: from a list (.xlsx, .csv) to facts."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import msgspec
from django.utils.translation import gettext_lazy as _

from pratique.feeds.sheets import FILE_BYTES_MAX, Line, read_sheets
from pratique.journal.fact import Envelope
from pratique.kit.errors import Refusal
from pratique.kit.ids import new_id
from pratique.registry.facts import UnitKind, UnitOpened
from pratique.registry.plates import check_plate
from pratique.registry.queries import Unit, units

TEXTS = ("code", "kind", "name_zh", "name_en", "parent", "division", "plate")
LISTS = ("lanes", "shifts")  # several in one cell, with | between them
COLUMNS = (*TEXTS, "capacity", *LISTS)
NEEDED = ("code", "kind", "name_zh", "name_en")


@dataclass(frozen=True, slots=True)
class Row:
    """A unit as its row says it."""

    number: int
    body: UnitOpened


def read_units(file: Path) -> list[Row]:
    """The rows of a list of units. Raises Refusal, with the row's number, and OSError."""
    if file.stat().st_size > FILE_BYTES_MAX:
        raise Refusal("file_too_large", _("A file has at most %(most)s MiB."), "feeds.sheet.size",
                      most=FILE_BYTES_MAX >> 20)
    lines = [line for line in read_sheets(file.name, file.read_bytes())[0].lines
             if not line.is_blank()]
    heading = [_text(cell) for cell in lines[0].cells] if lines else []
    unknown = [name for name in heading if name and name not in COLUMNS]
    if unknown or not set(NEEDED) <= set(heading):
        raise Refusal(
            "units_heading", _("The first row of a list of units has the headings %(needed)s, and "
                               "of %(columns)s those that are wanted; no others."),
            "feeds.units.heading", needed=", ".join(NEEDED),
            columns=", ".join(name for name in COLUMNS if name not in NEEDED))
    return [Row(line.number, _body(heading, line)) for line in lines[1:]]


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _body(heading: list[str], line: Line) -> UnitOpened:
    cells = {name: _text(cell) for name, cell in zip(heading, line.cells, strict=False) if name}
    given: dict[str, Any] = {name: cells[name] for name in TEXTS if cells.get(name)}
    if cells.get("capacity"):
        given["capacity"] = cells["capacity"]
    given["attributes"] = {
        name: [each.strip() for each in cells[name].split("|")] for name in LISTS
        if cells.get(name)}
    try:
        return msgspec.convert(given, UnitOpened, strict=False)
    except msgspec.ValidationError as error:
        raise Refusal(
            "units_row", _("Row %(row)s is no unit: a code, one of the kinds %(kinds)s, a name in "
                           "Chinese and in English; the capacity is a whole number."),
            "feeds.units.row", row=line.number, kinds=", ".join(get_args(UnitKind))) from error


def new_units(rows: list[Row]) -> list[Row]:
    """The rows whose unit is not there yet. Raises Refusal where it is there and differs."""
    known = {unit.code: unit for unit in units(codes=[row.body.code for row in rows])}
    for row in rows:
        there = known.get(row.body.code)
        if there is not None and there.is_open and not _is_alike(there, row.body):
            raise Refusal(
                "unit_differs", _("Row %(row)s: there is a unit “%(unit)s” already, and it is "
                                  "another one. Close it first, or choose another code."),
                "feeds.units.known", row=row.number, unit=there.code)
    return [row for row in rows
            if row.body.code not in known or not known[row.body.code].is_open]


def _is_alike(there: Unit, said: UnitOpened) -> bool:
    plate = check_plate(said.plate) if said.plate else None
    return (there.kind, there.name_zh, there.name_en, there.parent, there.division,
            there.capacity, there.plate) == (
        said.kind, said.name_zh, said.name_en, said.parent, said.division, said.capacity, plate)


def facts_of(rows: list[Row], now: datetime) -> list[Envelope]:
    """What the rows say, in their order."""
    return [Envelope(id=new_id(now), kind="registry.unit_opened", at=now,
                     body=msgspec.Raw(msgspec.json.encode(row.body))) for row in rows]
