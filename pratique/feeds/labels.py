"""Tube labels for a label printer: QR code, the number in letters, the urgent mark.

The mark is a black band with a word and a triangle, so that it is seen on paper without colour
and without a network. A label carries no name: the tube is bound to its person by the scan.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID
from xml.sax.saxutils import escape

import segno
from django.utils.translation import gettext as _

from pratique.kit.errors import Refusal
from pratique.specimens import rules

LINES_MAX = 3
LINE_CHARACTERS_MAX = 24
QUIET_MODULES = 4  # the empty border that a reader needs
LABELS_OF_A_CALL_MAX = 2_000
FONT = "'Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei',sans-serif"


@dataclass(frozen=True, slots=True)
class Size:
    """A label stock, in millimetres."""

    width_mm: float
    height_mm: float
    code_mm: float = 22.0


SIZES = {"40x30": Size(40, 30), "50x30": Size(50, 30)}


def tube_numbers(first: int, count: int) -> list[str]:
    """Label numbers of `count` serial numbers from `first` on, each with its check digit."""
    if not 1 <= count <= LABELS_OF_A_CALL_MAX:
        raise ValueError(f"1 to {LABELS_OF_A_CALL_MAX} labels at once")
    return [rules.tube_number(serial) for serial in range(first, first + count)]


def first_serial(new: UUID) -> int:
    """Where a block of serial numbers begins that nobody else has; `new` is an id just made.

    30 random bits, and no counter: a counter goes back with a restored database, and gives numbers
    a second time. Two blocks that meet all the same are found at the tube (`tube_used`).
    """
    return new.int % 900_000_000


def label_svg(
    tube: str, *, size: str = "40x30", urgent: bool = False, lines: Sequence[str] = ()
) -> str:
    """One label as an SVG document of the stock's true size. Raises Refusal for a bad number.

    lines: at most three short ones (place, purpose, time); longer ones are cut. size: a key of
    SIZES, KeyError otherwise.
    """
    stock = SIZES[size]
    refused = rules.check_tube(tube)
    if refused:
        raise Refusal(refused.code, refused.sentence, refused.rule, **refused.params)
    side = stock.code_mm + 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{stock.width_mm:g}mm" '
        f'height="{stock.height_mm:g}mm" viewBox="0 0 {stock.width_mm:g} {stock.height_mm:g}" '
        f'role="img" aria-label="{escape(tube)}{" " + escape(_("Urgent")) if urgent else ""}">',
        f'<rect width="{stock.width_mm:g}" height="{stock.height_mm:g}" fill="#fff"/>',
        _code(tube, stock.code_mm),
    ]
    if urgent:
        parts.append(_mark(side, stock))
    top = 15.0 if urgent else 5.0
    for number, line in enumerate(lines[:LINES_MAX]):
        text = "".join(c for c in line if c.isprintable())[:LINE_CHARACTERS_MAX]
        parts.append(_text(side, top + number * 3.6, 2.5, text, stock.width_mm - side - 1))
    parts.append(_text(2, stock.height_mm - 2, 4.2, tube, stock.width_mm - 4, bold=True))
    return "".join([*parts, "</svg>"])


def _code(tube: str, code_mm: float) -> str:
    """The QR code, its quiet zone inside `code_mm`; runs of black modules in one path."""
    matrix = segno.make_qr(tube, error="m").matrix
    scale = code_mm / (len(matrix) + 2 * QUIET_MODULES)
    path = "".join(
        f"M{x} {y}h{length}v1h-{length}z"
        for y, row in enumerate(matrix) for x, length in _runs(row))
    start = 1 + QUIET_MODULES * scale
    return (f'<path class="code" transform="translate({start:.4f} {start:.4f}) '
            f'scale({scale:.5f})" d="{path}"/>')


def _runs(row: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(start, length) of the black runs of one row."""
    start = None
    for x, black in enumerate([*row, 0]):
        if black and start is None:
            start = x
        elif not black and start is not None:
            yield start, x - start
            start = None


def _mark(left: float, stock: Size) -> str:
    width = stock.width_mm - left - 1
    word = _text(left + 6, 7.9, 4.6, _("Urgent"), width - 7, bold=True, fill="#fff")
    return (f'<rect class="urgent" x="{left:g}" y="2" width="{width:g}" height="8.6"/>'
            f'<path d="M{left + 1:g} 9l2.2 -5l2.2 5z" fill="#fff"/>{word}')


def _text(
    x: float, y: float, size_mm: float, text: str, width: float, *, bold: bool = False,
    fill: str = "#000",
) -> str:
    """A line of text, made narrower where it would not fit; Chinese is as wide as it is high."""
    wide = sum(size_mm * (1.0 if ord(c) > 0x2E7F else 0.62) for c in text)
    fit = f' textLength="{width:g}" lengthAdjust="spacingAndGlyphs"' if wide > width else ""
    weight = ' font-weight="700"' if bold else ""
    return (f'<text x="{x:g}" y="{y:g}" font-size="{size_mm:g}" font-family="{FONT}" '
            f'fill="{fill}"{weight}{fit}>{escape(text)}</text>')
