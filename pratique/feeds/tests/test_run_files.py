"""Run files: read whole, or refused with the row and the reason."""

import io
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from pratique.feeds.run_files import FILE_BYTES_MAX, read_run
from pratique.kit.errors import Refusal
from pratique.specimens.facts import RunImported

RUN = UUID("0182b82c-7ea1-7fb1-981c-984cfd48ca7b")
LONG = """plate,well,specimen,control,target,Ct
P-1,A1,T-1,,ORF1ab,24.1
P-1,A1,T-1,,N,23.9
P-1,A1,T-1,,IC,28
P-1,B1,T-2,,ORF1ab,Undetermined
P-1,B1,T-2,,N,
P-1,B1,T-2,,IC,27.5

P-1,H12,,positive,ORF1ab,28.0
P-1,H12,,positive,N,27.1
P-1,H12,,positive,IC,29.0
P-1,G12,,NTC,ORF1ab,Undetermined
P-1,G12,,NTC,N,Undetermined
P-1,G12,,NTC,IC,Undetermined
"""
WIDE = """孔位,样本编号,质控,ORF1ab,N,内标
A01,T-1,,24.1,23.9,28
B01,T-2,,未检出,,27.5
H12,,阳性对照,28.0,27.1,29.0
G12,,阴性对照,,,
"""


def read(text: str | bytes, name: str = "run.csv", **more):
    data = text if isinstance(text, bytes) else text.encode()
    given = {"run": RUN, "laboratory": "lab-1", "instrument": "cycler-1", "assay": "orf1ab-n",
             "finished_at": datetime(2022, 8, 20, 6, tzinfo=UTC)} | more
    return read_run(name, data, **given)


def refusal(text: str | bytes, name: str = "run.csv", **more) -> Refusal:
    with pytest.raises(Refusal) as refused:
        read(text, name, **more)
    assert str(refused.value)
    return refused.value


def wells(run) -> list:
    return [(w.well, w.tube, w.control, w.targets) for w in run.body.wells]


def test_a_row_for_each_target():
    run = read(LONG)
    assert wells(run) == [
        ("A01", "T-1", "", {"ORF1ab": 24.1, "N": 23.9, "IC": 28.0}),
        ("B01", "T-2", "", {"ORF1ab": None, "N": None, "IC": 27.5}),
        ("H12", "", "positive", {"ORF1ab": 28.0, "N": 27.1, "IC": 29.0}),
        ("G12", "", "negative", {"ORF1ab": None, "N": None, "IC": None})]
    assert run.body.plate == "P-1"
    assert len(run.body.file_sha256) == 64
    assert run.rows == run.rows_of_wells + run.rows_blank + 1


def test_a_column_for_each_target_in_chinese_and_gb18030_says_the_same():
    assert wells(read(WIDE.encode("gb18030"), plate="P-1")) == wells(read(LONG))
    assert read(WIDE, plate="P-1").body.plate == "P-1"


def test_a_workbook_says_the_same():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for number, line in enumerate(WIDE.splitlines()):
        for column, cell in enumerate(line.split(",")):
            try:
                sheet.write_number(number, column, float(cell))
            except ValueError:
                sheet.write_string(number, column, cell)
    book.close()
    assert wells(read(out.getvalue(), "run.xlsx")) == wells(read(WIDE))


def test_the_body_is_what_the_journal_takes():
    body = read(LONG).body
    assert msgspec.json.decode(msgspec.json.encode(body), type=RunImported) == body


def test_undetermined_is_neither_nought_nor_missing():
    assert refusal(LONG.replace("23.9", "0")).code == "ct_out_of_range"
    missing = refusal(LONG.replace("P-1,A1,T-1,,N,23.9\n", ""))
    assert (missing.code, missing.params["well"]) == ("targets_differ", "A01")


@pytest.mark.parametrize(("change", "code"), [
    (("Ct", "Result"), "column_unknown"), (("specimen", "name"), "column_unknown"),
    ((",target", ",well"), "column_twice"), ((",control", ",ORF1ab"), "two_forms"),
    ((",specimen", ""), "column_missing"),
    ((",target,Ct", ",N,IC"), "column_missing"), (("P-1,B1,T-2,,N,", "P-2,B1,T-2,,N,"),
                                                    "plates_differ"),
    (("A1,T-1,,N,23.9", "A1,T-3,,N,23.9"), "well_differs"),
    (("A1,T-1,,N,23.9", "A1,T-1,,ORF1ab,23.9"), "target_twice"),
    (("A1,T-1,,N,23.9", "A1,T-1,,,23.9"), "target_twice"),
    (("A1,T-1,,N,23.9", "X1,T-1,,N,23.9"), "row_without_well"), (("NTC", "maybe"),
                                                                "control_unknown"),
    (("23.9", "twenty"), "ct_unreadable"), (("23.9", "=1+1"), "ct_unreadable"),
    (("23.9", "1e3"), "ct_unreadable"), (("23.9", "-5"), "ct_unreadable"),
    (("23.9", "99"), "ct_out_of_range"), (("T-1", "=HYPERLINK(1)"), "label_not_plain"),
    (("T-2", "T-1"), "tube_twice"), (("28\n", "28,x,y\n"), "row_too_long"),
    (("T-1", "T\u202e1"), "cell_unreadable"), (("T-1", "x" * 61), "cell_unreadable"),
])
def test_what_is_wrong_is_named(change, code):
    assert refusal(LONG.replace(*change)).code == code


def test_two_forms_in_one_file_are_refused():
    text = WIDE.replace("内标", "内标,target,ct")
    assert refusal(text).code == "two_forms"
    assert refusal(WIDE.replace("B01", "A01")).code == "well_twice_in_rows"


@pytest.mark.parametrize(("data", "name", "code"), [
    (b"", "run.csv", "one_table"), (b"well\n", "run.csv", "rows_count"),
    (b"x" * (FILE_BYTES_MAX + 1), "run.csv", "run_file_too_large"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "run.xls", "xls_refused"),
    (b"PK\x03\x04junk", "run.csv", "file_kind"), (b"a,b", "run.pdf", "file_kind"),
    (b"well\n" + b"A1\n" * 5000, "run.csv", "rows_count"),
    (b"\xff\xfea\0", "run.csv", "encoding_utf16"),
])
def test_files_that_are_no_run_files(data, name, code):
    assert refusal(data, name).code == code


def test_another_assay_has_other_targets():
    assert refusal(LONG, assay="tea-leaves").code == "unknown_assay"
    assert refusal(LONG, assay="orf1ab-n-e").code == "targets_differ"
    assert refusal(LONG, plate="P-9").code == "plates_differ"


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_bring_it_down(data):
    try:
        read(data)
    except Refusal as refused:
        assert str(refused)


@given(st.lists(st.lists(st.text(max_size=8), max_size=7), max_size=8))
def test_no_cells_bring_it_down(table):
    text = "plate,well,tube,control,target,ct\n" + "\n".join(",".join(row) for row in table)
    try:
        read(text)
    except Refusal as refused:
        assert str(refused)
