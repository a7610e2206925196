"""Labels: readable by a scanner, by eye, and without colour."""

import re
from xml.etree import ElementTree

import pytest
import zxingcpp
from django.utils import translation

from pratique.feeds.labels import LABELS_OF_A_CALL_MAX, SIZES, label_svg, tube_numbers
from pratique.kit.errors import Refusal

SVG = "{http://www.w3.org/2000/svg}"
TUBE = "PQ0000000014"
PIXELS = 6


def scanned(svg: str) -> str:
    """What a scanner reads from the label's code: its path drawn as pixels, border included."""
    path = ElementTree.fromstring(svg).find(f"{SVG}path[@class='code']")
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path.get("d"))
    side = max(int(y) for __, y, __ in runs) + 1 + 8
    rows = [[255] * side for __ in range(side)]
    for x, y, length in runs:
        for step in range(int(length)):
            rows[int(y) + 4][int(x) + 4 + step] = 0
    wide = b"".join(
        bytes(pixel for pixel in row for __ in range(PIXELS)) * PIXELS for row in rows)
    shape = (side * PIXELS, side * PIXELS)
    (found,) = zxingcpp.read_barcodes(memoryview(wide).cast("B", shape))
    return found.text


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("urgent", [True, False])
@pytest.mark.parametrize("tube", [TUBE, "X" * 40, "a.b/c-d_9"])
def test_a_scanner_reads_what_the_eye_reads(size, urgent, tube):
    svg = label_svg(tube, size=size, urgent=urgent, lines=["post-01", "landing"])
    assert scanned(svg) == tube
    texts = [t.text for t in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert texts[-1] == tube


@pytest.mark.parametrize("size", SIZES)
def test_a_label_has_the_true_size_of_its_stock(size):
    root = ElementTree.fromstring(label_svg(TUBE, size=size))
    width, height = size.split("x")
    assert (root.get("width"), root.get("height")) == (f"{width}mm", f"{height}mm")


@pytest.mark.parametrize(("language", "word"), [("en", "Urgent"), ("zh-hans", "加急")])
def test_the_urgent_mark_is_a_black_band_with_a_word(language, word):
    with translation.override(language):
        svg = label_svg(TUBE, urgent=True)
    root = ElementTree.fromstring(svg)
    assert root.find(f"{SVG}rect[@class='urgent']") is not None
    assert next(root.iter(f"{SVG}text")).text == word
    assert "urgent" not in label_svg(TUBE)


def test_hostile_text_stays_text():
    svg = label_svg(TUBE, lines=["<script>alert(1)</script>", "a&b\u202e\n", "3", "4"])
    root = ElementTree.fromstring(svg)
    assert {e.tag for e in root.iter()} <= {SVG + t for t in ("svg", "rect", "path", "text")}
    assert [t.text for t in root.iter(f"{SVG}text")] == ["<script>alert(1)</script"[:24], "a&b",
                                                         "3", TUBE]


@pytest.mark.parametrize("tube", ["", "=1+1", "PQ0000000019", "<svg>", "管1"])
def test_a_bad_number_gets_no_label(tube):
    with pytest.raises(Refusal) as refused:
        label_svg(tube)
    assert refused.value.code in ("label_not_plain", "label_misread")


def test_numbers_run_on_and_prove_themselves():
    numbers = tube_numbers(7, 3)
    assert len(set(numbers)) == 3
    assert [n[2:-1] for n in numbers] == ["000000007", "000000008", "000000009"]
    for count in (0, LABELS_OF_A_CALL_MAX + 1):
        with pytest.raises(ValueError, match="labels at once"):
            tube_numbers(0, count)
