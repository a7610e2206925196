"""Files for those who bring lists: an empty one to fill in, and the rows that were rejected.

Nothing is put down outside of memory: a list of people is no temporary file.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from pratique.feeds.arrival_rows import CALLED, REQUIRED
from pratique.feeds.arrivals import Rejected
from pratique.feeds.sheets import CELL_CHARACTERS_MAX, csv_bytes

COLUMN_WIDTH = 18
REASON_WIDTH = 60
ROWS_SET_TO_TEXT = 5_000
MOMENT_FORMAT = "yyyy-mm-dd hh:mm"
SPREADSHEET_SINCE = 1900  # the first year that a spreadsheet has days of
# Nobody's: an example for each column, as it may be written.
EXAMPLES = {
    "name": "张三", "document_kind": "居民身份证", "document": "11010519491231002X",
    "phone": "13800138000", "address": "幸福路 1 号", "birth_date": "1949-12-31", "sex": "女",
    "plate": "晋J12345", "post": "post-01", "eta": "2022-08-20 14:30", "destination": "蔚汾镇",
    "resident": "是", "origin": "陕西省西安市未央区", "origin_since": "2022-08-13 00:00",
    "origin_until": "2022-08-20 08:00",
}


def called(column: str) -> str:
    """What a column is called in the reader's language."""
    return str(CALLED.get(column, ""))


# Rejected rows ------------------------------------------------------------------------------------


def rejected_heading(heading: Sequence[Any]) -> list[Any]:
    """The heading of the list, behind what is said about each row."""
    return [pgettext("column", "Row"), pgettext("column", "Column"),
            pgettext("column", "Reason"), *heading]


def rejected_rows(rejected: Iterable[Rejected]) -> Iterator[list[Any]]:
    """Row number, columns, reasons, then the row itself, to be mended and imported again."""
    for row in sorted(rejected, key=lambda one: one.number):
        yield [row.number, "; ".join(dict.fromkeys(called(p.column) for p in row.problems)),
               "; ".join(p.sentence for p in row.problems), *row.cells]


def rejected_csv(heading: Sequence[Any], rejected: Iterable[Rejected]) -> bytes:
    """The rejected rows in the reader's language. It holds personal data, as the file did."""
    return csv_bytes([rejected_heading(heading), *rejected_rows(rejected)])


def rejected_xlsx(heading: Sequence[Any], rejected: Iterable[Rejected]) -> bytes:
    """The same as a workbook."""
    out = io.BytesIO()
    with _workbook(out) as book:
        sheet = book.add_worksheet(pgettext("sheet", "Rejected rows"))
        bold = book.add_format({"bold": True})
        formats = {datetime: book.add_format({"num_format": MOMENT_FORMAT}),
                   date: book.add_format({"num_format": "yyyy-mm-dd"}),
                   str: book.add_format({"num_format": "@"})}
        sheet.freeze_panes(1, 1)
        sheet.set_column(1, 1, COLUMN_WIDTH)
        sheet.set_column(2, 2, REASON_WIDTH)
        sheet.set_column(3, 2 + max(len(heading), 1), COLUMN_WIDTH)
        for place, word in enumerate(rejected_heading(heading)):
            sheet.write_string(0, place, "" if word is None else str(word), bold)
        for number, cells in enumerate(rejected_rows(rejected), 1):
            for place, cell in enumerate(cells):
                _write(sheet, number, place, cell, formats)
    return out.getvalue()


def _workbook(out: io.BytesIO) -> xlsxwriter.Workbook:
    return xlsxwriter.Workbook(out, {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False, "nan_inf_to_errors": True})


def _write(sheet: Any, row: int, place: int, cell: Any, formats: dict[type, Any]) -> None:
    """A cell as what it was; text stays text, and no spreadsheet calculates it."""
    if isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(row, place, cell)
    elif isinstance(cell, datetime | date) and cell.year >= SPREADSHEET_SINCE:
        sheet.write_datetime(row, place, cell, formats[type(cell)])
    elif cell is not None:
        sheet.write_string(row, place, str(cell)[:CELL_CHARACTERS_MAX * 4], formats[str])


# An empty list ------------------------------------------------------------------------------------


def template_csv() -> bytes:
    """A heading in the reader's language, and nothing under it."""
    return csv_bytes([[called(column) for column in CALLED]])


def template_xlsx() -> bytes:
    """A heading with its columns set to text, and a sheet that says what goes into each."""
    out = io.BytesIO()
    with _workbook(out) as book:
        bold = book.add_format({"bold": True, "num_format": "@"})
        text = book.add_format({"num_format": "@"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        listed = book.add_worksheet(pgettext("sheet", "List"))
        listed.freeze_panes(1, 0)
        listed.set_column(0, len(CALLED) - 1, COLUMN_WIDTH, text)
        listed.write_row(0, 0, [called(column) for column in CALLED], bold)
        told = book.add_worksheet(pgettext("sheet", "How to fill it in"))
        told.set_column(0, 2, COLUMN_WIDTH, wrapped)
        told.set_column(1, 1, REASON_WIDTH, wrapped)
        told.write_row(0, 0, [pgettext("column", "Column"), _("What goes into it"),
                              _("For example")], bold)
        for number, (column, remark) in enumerate(_remarks().items(), 1):
            needed = _("must not be empty") if column in REQUIRED else ""
            words = "; ".join(word for word in (remark, needed) if word)
            told.write_row(number, 0, [called(column), words], wrapped)
            told.write_string(number, 2, EXAMPLES[column], text)
    return out.getvalue()


def _remarks() -> dict[str, str]:
    return {
        "name": _("as the document has it"),
        "document_kind": _("left empty: a resident's identity card"),
        "document": _("as text, all of its digits"),
        "phone": _("eleven digits, or with + and the country"),
        "address": _("where the person will stay"),
        "birth_date": _("a day"),
        "sex": _("male or female"),
        "plate": _("of the vehicle that the person comes in"),
        "post": _("the checkpoint's name or code"),
        "eta": _("day and time in this county"),
        "destination": _("the township's name or code"),
        "resident": _("yes or no"),
        "origin": _("province, city and county, or the county's six digits"),
        "origin_since": _("left empty: seven days before the journey"),
        "origin_until": _("left empty: when the person is expected here"),
    }
