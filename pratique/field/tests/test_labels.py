"""Labels on the device: the server's numbers, codes that a reader reads, a printer's language."""

import random
import re
from itertools import product

import pytest
import segno
import zxingcpp

from pratique.feeds.labels import tube_numbers
from pratique.field.tests.conftest import refused
from pratique.field.tests.pages import call, open_page
from pratique.field.views.labels import BLOCK_LABELS_MAX
from pratique.specimens import rules

DOTS = {"40x30": (320, 240), "50x30": (400, 240)}
LABELS = ["PQ0000000014", "PQ000000014", "PQ0000000019", "PQ12", "PQ", "PQX1", "pq0000000014",
          "AB-12.3/4_5", "", "管1", "-1", "a" * 40, "a" * 41, "=1+1", "PQ00000000140", "7", "x y",
          "PQ１２３", "PQ0000000014\n"]
CODES = ["PQ0000000014", "PQ987654321", "A", "12", "1234", "12345", "A1234", "A12345B", "AB1234567",
         "123A", "x" * 40, "PQP" + "0123456789ABCDEF" * 2, "00000000",
         "a1b22c333d4444e", "~ !", "12345678AB123456"]


@pytest.fixture
def vectors():
    """Labels, right, misread and made up; and serial numbers."""
    chance = random.Random(7)
    made = [rules.tube_number(chance.randrange(10**9)) for __ in range(300)]
    spoilt = [t[:at] + str((int(t[at]) + 1) % 10) + t[at + 1:]
              for t in made for at in [chance.randrange(2, 12)]]
    return [*LABELS, *made, *spoilt]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_device_refuses_the_labels_that_the_server_refuses_by_the_same_code(
        live_server, page, vectors):
    open_page(page, live_server)
    said = call(page, """const { checkTube, checkBag } = await at("labels");
        const code = (no) => no?.code ?? null;
        return argument.map((tube) => [
          code(checkTube(tube)), code(checkBag(tube, "")), code(checkBag("B1", tube))]);""",
        vectors)
    for tube, codes in zip(vectors, said, strict=True):
        wanted = [rules.check_tube(tube), rules.check_bag(tube, ""), rules.check_bag("B1", tube)]
        assert codes == [one and one.code for one in wanted], tube


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_device_makes_the_servers_numbers(live_server, page):
    open_page(page, live_server)
    serials = [0, 1, 7, 999_999_999, *random.Random(3).sample(range(10**9), 200)]
    said = call(page, """const { tubeNumber } = await at("labels");
        return argument.map(tubeNumber);""", serials)
    assert said == [tube_numbers(serial, 1)[0] for serial in serials]
    call(page, """const { tubeNumber } = await at("labels");
        for (const wrong of [-1, 1e9, 1.5, NaN]) {
          try { tubeNumber(wrong); } catch (error) { if (error instanceof RangeError) continue; }
          throw new Error(`${wrong} was taken`);
        }""")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_reader_reads_every_code_that_is_drawn(live_server, page):
    open_page(page, live_server)
    drawn = call(page, """const { barsOf } = await at("code128");
        return argument.map(barsOf);""", CODES)
    for text, code in zip(CODES, drawn, strict=True):
        assert scanned(code) == text
    tube = drawn[0]["modules"]
    assert tube == 11 * (1 + 2 + 1 + 5 + 1) + 13  # start, P, Q, to C, five pairs, check; stop


def scanned(code: dict) -> str:
    """What zxing reads from bars, three pixels a module, with ten modules of quiet on each side."""
    row = bytearray(b"\xff" * (code["modules"] + 20) * 3)
    for start, width in code["bars"]:
        row[(start + 10) * 3:(start + 10 + width) * 3] = bytes(width * 3)
    lines = 60
    picture = memoryview(bytes(row) * lines).cast("B", (lines, len(row)))
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.format == zxingcpp.BarcodeFormat.Code128
    return found.text


LABEL = {"code": "PQ0000000014", "text": "PQ0000000014", "isUrgent": True,
         "urgentWord": "急 URGENT", "at": "20/8 12:07", "last": "123X", "page": 1, "pages": 3}
FORM = """const { layout, STOCKS } = await at("label_layout"), { zplOf } = await at("zpl");
    const drawn = (text, height, most) => {
      const width = Math.min(text.length * height, most), row = Math.ceil(width / 8);
      return { width, height, bytes: new Uint8Array(row * height).fill(170) };
    };
    const stock = STOCKS[argument.stock];
    return zplOf(layout(argument.label, stock), stock, drawn).split("\\n");"""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_printers_form_says_line_by_line_what_stands_where(live_server, page):
    open_page(page, live_server)
    lines = call(page, FORM, {"stock": "40x30", "label": LABEL})
    word, lines[7] = lines[7], "the word"
    assert word == f"^FO16,14^FR^GFA,1440,1440,36,{'AA' * 1440}^FS"
    assert lines == [
        "^XA", "^CI28", "^PW320", "^LL240", "^LH0,0",
        "^FO37,68^BY2^BCN,84,N,N,N,A^FH^FDPQ0000000014^FS",
        "^FO8,8^GB304,52,52^FS",
        "the word",
        "^FO62,160^A0N,32,29^FH^FDPQ0000000014^FS",
        "^FO8,208^A0N,24,22^FH^FD20/8 12:07^FS",
        "^FO178,208^A0N,24,22^FH^FD*123X^FS",
        "^FO275,208^A0N,24,22^FH^FD1/3^FS",
        "^PQ1", "^XZ"]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_no_field_of_a_form_leaves_the_label(live_server, page):
    open_page(page, live_server)
    codes = ["PQ0000000014", "X" * 40, "PQP" + "0123456789ABCDEF" * 2]
    for (stock, (width, height)), urgent, code in product(DOTS.items(), (True, False), codes):
        lines = call(page, FORM, {"stock": stock, "label": LABEL | {
            "isUrgent": urgent, "code": code, "text": code[:16]}})
        boxes = [box for line in lines if (box := box_of(line))]
        assert len(boxes) >= 5
        for left, top, right, bottom, line in boxes:
            assert 0 <= left < right <= width and 0 <= top < bottom <= height, (stock, line)


def box_of(line: str):
    """The dots that a field covers, by ZPL II's own rules; None for what is no field."""
    place = re.match(r"\^FO(\d+),(\d+)", line)
    if not place:
        return None
    left, top = map(int, place.groups())
    if found := re.search(r"\^GB(\d+),(\d+)", line):
        wide, high = map(int, found.groups())
    elif found := re.search(r"\^BY2\^BCN,(\d+).*\^FD(.*)\^FS", line):
        # Subset B throughout is the widest that a printer makes of it.
        wide, high = 123 * 2, int(found[1])
        assert found[2] == "PQ0000000014"
    elif found := re.search(r"\^BQN,2,(\d+)\^FH\^FDMA,(.*)\^FS", line):
        side = len(segno.make_qr(found[2], error="m").matrix)
        wide = high = side * int(found[1])
        left, top = left + 10, top + 10  # some firmware puts the square ten dots lower
    elif found := re.search(r"\^A0N,(\d+),(\d+)\^FH\^FD(.*)\^FS", line):
        high, wide = int(found[1]), round(len(found[3]) * int(found[2]) * 0.56)
    elif found := re.search(r"\^GFA,(\d+),\1,(\d+),", line):
        wide, high = int(found[2]) * 8, int(found[1]) // int(found[2])
    else:
        raise AssertionError(line)
    return left, top, left + wide, top + high, line


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_signs_that_command_a_printer_are_told_by_number(live_server, page):
    open_page(page, live_server)
    label = LABEL | {"text": "a^b~c_d\\e", "at": "^XZ"}
    lines = call(page, FORM, {"stock": "40x30", "label": label})
    assert not any("^XZ" in line for line in lines[:-1])
    assert "^FDa_5Eb_7Ec_5Fd_5Ce^FS" in "\n".join(lines)


# ── numbers by the block ─────────────────────────────────────────────────────────────────────────
def ask(tablet, count):
    return tablet.client.post(
        "/api/v1/field/labels", {"count": count}, "application/json",
        headers={"Authorization": f"Bearer {tablet.token()}", "Accept-Language": "en"})


def test_a_device_gets_a_block_of_numbers_and_never_the_same_twice(tablet):
    blocks = [ask(tablet, 50).json() for __ in range(4)]
    serials = [s for one in blocks for s in range(one["first"], one["first"] + one["count"])]
    assert len(set(serials)) == len(serials) == 200
    assert all(0 <= serial < 10**rules.OWN_DIGITS for serial in serials)


@pytest.mark.parametrize("count", [0, -1, BLOCK_LABELS_MAX + 1])
def test_a_block_has_a_limit(tablet, count):
    assert refused(ask(tablet, count)) == (422, "labels_count")


def test_who_is_no_device_gets_no_numbers(tablet):
    answer = tablet.client.post("/api/v1/field/labels", {"count": 5}, "application/json")
    assert answer.status_code == 401
