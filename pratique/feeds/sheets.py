"""Tables from people: .xlsx and .csv, read so that a file can be wrong but never harmful.

A workbook is a zip of XML. Before anything opens it, its entries are unpacked to nowhere and
counted, and its cells' places are looked at: a workbook of a few hundred bytes can claim a sheet
of seventeen thousand million cells. Numbers of papers must be text: a spreadsheet keeps fifteen
digits of a number, and gives 1 back as 1.0.
"""

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _

from pratique.kit.errors import Refusal

FILE_BYTES_MAX = 20 * 1024 * 1024
UNPACKED_BYTES_MAX = 256 * 1024 * 1024
ENTRIES_MAX = 1_000
RATIO_MAX = 200  # a sheet of equal rows packs sixtyfold
RATIO_FROM_BYTES = 1024 * 1024
ROWS_MAX = 50_000
COLUMNS_MAX = 100
CELL_CHARACTERS_MAX = 2_000
HEADING_WITHIN_ROWS = 10
CHUNK = 1 << 16

XLS_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK\x03\x04"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_REFERENCE = re.compile(r"([A-Z]{1,7})([0-9]{1,10})")

Cell = str | int | float | bool | datetime | date | time | timedelta | None


@dataclass(frozen=True, slots=True)
class Line:
    """A row under the heading. number: as the spreadsheet shows it, from 1."""

    number: int
    cells: list[Cell]

    def is_blank(self) -> bool:
        return all(c is None or isinstance(c, str) and not c.strip() for c in self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it stands in the file: all its rows, blank ones included."""

    name: str
    lines: list[Line] = field(repr=False)


def refuse(code: str, sentence: Any, rule: str, **params: Any) -> Refusal:
    return Refusal(code, sentence, f"feeds.sheet.{rule}", **params)


def read_sheets(file_name: str, data: bytes) -> list[Sheet]:
    """The tables of a file, by its name's ending and its first bytes. Raises Refusal."""
    ending = file_name.rpartition(".")[2].lower()
    if len(data) > FILE_BYTES_MAX:
        raise refuse("file_too_large", _("A file has at most %(most)s MiB."), "size",
                     most=FILE_BYTES_MAX >> 20)
    if ending == "xls" or (ending != "xlsx" and data.startswith(XLS_MAGIC)):
        raise refuse(
            "xls_refused",
            _("The old .xls format cannot be imported: it holds 65,536 rows and drops the rest "
              "in silence. Save the file as .xlsx or .csv."), "xls")
    if data.startswith(XLS_MAGIC):
        raise refuse("workbook_locked", _("This workbook is protected by a password, or is an old "
                                          ".xls with a new name."), "locked")
    if ending == "xlsx":
        return _read_workbook(data)
    if ending == "csv" and not data.startswith(ZIP_MAGIC):
        return [Sheet(file_name, list(_read_csv(data)))]
    raise refuse("file_kind", _("Only .xlsx and .csv files can be imported, and this is neither."),
                 "kind")


# Text ---------------------------------------------------------------------------------------------


def decode_text(data: bytes) -> str:
    """UTF-8 (with or without its mark) or else GB18030, the standard of Chinese spreadsheets."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refuse("encoding_utf16", _("This text is in UTF-16. Save it as CSV UTF-8."),
                     "encoding")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise refuse("encoding_unknown", _("This is no text in UTF-8 or GB18030."), "encoding")


def _read_csv(data: bytes) -> Iterator[Line]:
    text = decode_text(data)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise refuse("csv_broken", _("Line %(line)s is not CSV: a quotation mark is open or "
                                         "out of place."), "csv", line=rows.line_num) from error
        number += 1
        _check_row(number, row)
        yield Line(number, [_unwrapped(cell) for cell in row])


def _unwrapped(cell: str) -> str:
    """A text as it was meant: people write ="0123" or '0123 to keep a number's digits."""
    word = cell.strip()
    if word.startswith('="') and word.endswith('"') and len(word) > 3:
        return word[2:-1]
    return word.removeprefix("'")


def _check_row(number: int, row: list[Any]) -> None:
    if number > ROWS_MAX + HEADING_WITHIN_ROWS:
        raise refuse("too_many_rows", _("A file has at most %(most)s rows."), "rows", most=ROWS_MAX)
    if len(row) > COLUMNS_MAX:
        raise refuse("too_many_columns", _("A file has at most %(most)s columns."), "columns",
                     most=COLUMNS_MAX)
    if any(isinstance(cell, str) and len(cell) > CELL_CHARACTERS_MAX for cell in row):
        raise refuse("cell_too_long", _("Row %(row)s has a cell of more than %(most)s "
                                        "characters."), "cell", row=number,
                     most=CELL_CHARACTERS_MAX)


# Workbooks ----------------------------------------------------------------------------------------


def _read_workbook(data: bytes) -> list[Sheet]:
    check_workbook(data)
    from python_calamine import load_workbook

    try:
        book = load_workbook(io.BytesIO(data))
        found = [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
                 for name in book.sheet_names]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the reader panics past Exception on some broken files
        raise _not_a_workbook() from error
    sheets = []
    for name, rows in found:
        lines = []
        for number, row in enumerate(rows, 1):
            _check_row(number, row)
            cells = [c if c != "" else None for c in row]
            lines.append(Line(number, cells))
        sheets.append(Sheet(name, lines))
    return sheets


def _not_a_workbook() -> Refusal:
    return refuse("not_a_workbook", _("This file cannot be read as an .xlsx workbook."), "workbook")


def check_workbook(data: bytes) -> None:
    """Refuse a workbook that would unpack to more than it may, or claims cells far away."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error,
            UnicodeDecodeError, EOFError) as error:
        raise _not_a_workbook() from error
    names = [entry.filename.lower() for entry in entries]
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > ENTRIES_MAX or len(set(names)) != len(names) or packed > len(data):
        raise _bomb()
    if any("vbaproject" in name for name in names):
        raise refuse("workbook_macros", _("This workbook carries macros. Save it as .xlsx."),
                     "macros")
    left = UNPACKED_BYTES_MAX
    for entry in entries:
        left -= _check_entry(data, entry, left)


def _bomb() -> Refusal:
    return refuse("workbook_unpacks_too_large",
                  _("This workbook unpacks to more than an honest one would."), "bomb")


def _check_entry(data: bytes, entry: zipfile.ZipInfo, left: int) -> int:
    """The real size of an entry, unpacked. Its own claims are not trusted."""
    if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _not_a_workbook()
    head = data[entry.header_offset : entry.header_offset + 30]
    if len(head) < 30 or not head.startswith(ZIP_MAGIC):
        raise _not_a_workbook()
    name_length, extra_length = struct.unpack("<HH", head[26:30])
    start = entry.header_offset + 30 + name_length + extra_length
    raw = data[start : start + entry.compress_size]
    places = CellPlaces() if entry.filename.lower().endswith((".xml", ".rels")) else None
    size = 0
    try:
        for part in _unpacked(raw, stored=entry.compress_type == zipfile.ZIP_STORED):
            size += len(part)
            too_much = size > RATIO_FROM_BYTES and size > RATIO_MAX * max(1, len(raw))
            if size > left or too_much:
                raise _bomb()
            if places:
                places.feed(part)
        if places:
            places.end()
    except (zlib.error, expat.ExpatError) as error:
        raise _not_a_workbook() from error
    if size != entry.file_size:
        raise _not_a_workbook()
    return size


def _unpacked(raw: bytes, *, stored: bool) -> Iterator[bytes]:
    if stored:
        yield raw
        return
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    for start in range(0, len(raw), CHUNK):
        waiting = raw[start : start + CHUNK]
        while waiting and not unpacker.eof:
            yield unpacker.decompress(waiting, CHUNK)
            waiting = unpacker.unconsumed_tail
    yield unpacker.flush()


class CellPlaces:
    """Looks at a part's XML while it streams by: no document type, no cell beyond the limits."""

    def __init__(self) -> None:
        self._row = self._column = 0
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.buffer_text = True

    def feed(self, part: bytes) -> None:
        self._parser.Parse(part, False)

    def end(self) -> None:
        self._parser.Parse(b"", True)

    def _doctype(self, *args: Any) -> None:
        raise refuse("workbook_doctype", _("This workbook declares a document type of its own; "
                                           "spreadsheet programs never do."), "doctype")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "row":
            told = attributes.get("r", "")
            self._row = int(told) if told.isdecimal() and len(told) < 11 else self._row + 1
            self._column = 0
        elif tag == "c":
            found = _REFERENCE.fullmatch(attributes.get("r", ""))
            if found:
                self._column, self._row = _column(found[1]), int(found[2])
            else:
                self._column += 1
        elif tag in ("v", "is", "f") and self._column and (
            self._row > ROWS_MAX + HEADING_WITHIN_ROWS or self._column > COLUMNS_MAX
        ):
            # Only a cell with something in it takes a place; formatted empty ones are common.
            raise refuse(
                "cell_too_far", _("This workbook has a cell beyond row %(rows)s or column "
                                  "%(columns)s."), "cells", rows=ROWS_MAX, columns=COLUMNS_MAX)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


# Output -------------------------------------------------------------------------------------------


def neutral(cell: Any) -> str:
    """A cell that a spreadsheet shows as it is, and never runs."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_bytes(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows as CSV in UTF-8 with its mark, so that spreadsheets show Chinese; cells neutral."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
