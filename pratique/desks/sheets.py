"""Lists as files: CSV that a spreadsheet cannot mistake for formulas."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

# A spreadsheet runs a cell that begins so (Luca, 2021: "=" in a name ran in 300 health offices).
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM = "\ufeff"  # so that a spreadsheet reads Chinese as what it is


def neutral(value: Any) -> str:
    """A cell as text that no spreadsheet will calculate."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip().startswith(_DANGEROUS) else text


def csv_file(name: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A download; every cell neutralised, the head included."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([neutral(cell) for cell in head])
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    response = HttpResponse(BOM + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response
