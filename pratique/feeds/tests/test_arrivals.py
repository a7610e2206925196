"""Pre-registration lists: whatever a clerk brings, every row is accounted for."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import xlsxwriter

from pratique.checkpoint import queries
from pratique.feeds import arrivals, sheets
from pratique.feeds.arrival_files import rejected_csv
from pratique.feeds.arrivals import import_arrivals
from pratique.feeds.tests.lists import (
    HEADING,
    LOCAL,
    as_csv,
    as_xlsx,
    open_the_county,
    resident,
    row,
)
from pratique.journal.fact import Actor
from pratique.kit.errors import Refusal
from pratique.kit.ids import new_id
from pratique.registry import queries as registry
from tests.support import FIRST_MORNING, Speaker

CLERK = Actor(frozenset({"registrar"}))
@pytest.fixture
def county(db):
    open_the_county()


def take(name: str, data: bytes, now=FIRST_MORNING, **more):
    report = import_arrivals(name, data, actor=CLERK, now=now, place="command", **more)
    assert report.adds_up()
    return report


def figures(report) -> tuple[int, int, int, int]:
    return report.rows, report.accepted, report.duplicate, len(report.rejected)


def codes(report) -> list[tuple[int, str, str]]:
    return [(r.number, p.column, p.code) for r in report.rejected for p in r.problems]


def refused(name: str, data: bytes) -> str:
    with pytest.raises(Refusal) as refusal:
        take(name, data)
    assert str(refusal.value)
    return refusal.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_in_csv_is_announced(county, encoding):
    assert figures(take("名单.csv", as_csv(row(1), row(2), encoding=encoding))) == (2, 2, 0, 0)
    first, second = queries.expected_arrivals(destination="town-141123100")
    assert first.plate == "晋J12345"
    assert first.eta == datetime(2022, 8, 20, 6, 30, tzinfo=UTC)
    assert [s.division for s in first.stays] == ["610112"]
    assert first.stays[0].until - first.stays[0].since == timedelta(days=7)
    names = {registry.identities([x.person])[x.person].name for x in (first, second)}
    assert names == {"张三1", "张三2"}


def test_a_workbook_with_a_title_and_a_sheet_of_remarks_is_announced(county):
    data = as_xlsx(row(1, 预计到达时间=LOCAL, 手机号=13800138000),
                   title="返兴人员登记表", sheets_before=("填表说明",))
    report = take("list.xlsx", data)
    assert figures(report) == (1, 1, 0, 0)
    assert (report.ignored_columns, report.ignored_sheets) == (["备注"], ["填表说明"])
    assert queries.expected_arrivals()[0].eta == datetime(2022, 8, 20, 6, 30, tzinfo=UTC)


def test_the_same_file_again_gives_duplicates_and_no_doubles(county):
    data = as_xlsx(row(1), row(2))
    take("list.xlsx", data)
    again = take("other name.xlsx", data, now=FIRST_MORNING + timedelta(days=1))
    assert figures(again) == (2, 0, 2, 0)
    assert len(queries.expected_arrivals()) == 2


def test_an_import_that_broke_off_goes_on_where_it_was(county, monkeypatch):
    monkeypatch.setattr(arrivals, "ROWS_AT_A_TIME", 2)
    data = as_csv(*[row(n) for n in range(1, 6)])
    whole = arrivals.record
    calls = []

    def breaks(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise ConnectionError("the wire was cut")
        return whole(*args, **kwargs)

    monkeypatch.setattr(arrivals, "record", breaks)
    with pytest.raises(ConnectionError):
        take("list.csv", data)
    seen = []
    report = take("list.csv", data, now=FIRST_MORNING + timedelta(hours=1),
                  progress=lambda done, rows: seen.append((done, rows)))
    assert figures(report) == (5, 3, 2, 0)
    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_the_next_days_list_holds_yesterdays_rows_and_a_changed_one(county):
    take("20.csv", as_csv(row(1), row(2)))
    report = take("21.csv", as_csv(row(1), row(2, 预计到达时间="2022-08-21 09:00"), row(3)))
    assert figures(report) == (3, 2, 1, 0)
    persons = [x.person for x in queries.expected_arrivals()]
    assert len(persons) == 4
    assert len(set(persons)) == 3, "somebody announced twice is one person"


def test_a_document_twice_in_one_list_is_one_announcement(county):
    assert figures(take("l.csv", as_csv(row(1), row(1, 姓名="张叁")))) == (2, 1, 1, 0)


def test_whoever_is_known_by_the_document_is_announced_as_the_same_person(county):
    gate = Speaker("post-01", ["gate_officer"])
    person = new_id(FIRST_MORNING)
    gate.send(gate.fact(
        "checkpoint.person_arrived", person=person, post="post-01", resident=True,
        from_outside_province=False, stays=[],
        sealed={person: {"document_kind": "resident_id", "document": resident(1)}}))
    take("l.csv", as_csv(row(1)), now=FIRST_MORNING + timedelta(days=30))
    assert queries.expected_arrivals(still_out=False)[0].person == person


@pytest.mark.parametrize(("change", "column", "code"), [
    ({"姓名": ""}, "name", "cell_missing"),
    ({"证件号码": ""}, "document", "cell_missing"),
    ({"证件号码": 141122199001010018.0}, "document", "document_is_a_number"),
    ({"证件号码": 1.0}, "document", "document_is_a_number"),
    ({"证件号码": "1.41122E+17"}, "document", "document_is_a_number"),
    ({"证件号码": resident(1)[:17] + "Y"}, "document", "resident_id_shape"),
    ({"证件号码": "141122900101001"}, "document", "resident_id_first_generation"),
    ({"手机号": "1380013800"}, "phone", "mobile_shape"),
    ({"手机号": 13800138000.5}, "phone", "cell_not_text"),
    ({"车牌号": "?"}, "plate", "plate_shape"),
    ({"预计到达时间": "明天"}, "eta", "time_unreadable"),
    ({"预计到达时间": "2022-02-30"}, "eta", "time_unreadable"),
    ({"目的地": "康宁"}, "destination", "community_unknown"),
    ({"出发地": "陕西"}, "origin", "origin_unknown"),
    ({"出发地": "999999"}, "origin", "origin_unknown"),
])
def test_a_row_that_cannot_be_taken_says_where_and_why(county, change, column, code):
    report = take("list.xlsx", as_xlsx(row(1), row(2, **change), row(3)))
    assert figures(report) == (3, 2, 0, 1)
    assert codes(report) == [(3, column, code)]


@pytest.mark.parametrize(("origin", "division"), [
    ("610112", "610112"), (610112, "610112"), ("北京市朝阳区", "110105"),
    ("北京市 市辖区 朝阳区", "110105"), ("陕西省 榆林市 神木市", "610881"),
    ("山西省-吕梁市-岚县", "141127")])
def test_an_origin_is_understood_by_its_official_names(county, origin, division):
    take("l.xlsx", as_xlsx(row(1, 出发地=origin)))
    assert queries.expected_arrivals()[0].stays[0].division == division


def test_every_problem_of_a_row_is_told_at_once(county):
    report = take("l.csv", as_csv(row(1, 姓名="", 手机号="1", 目的地="?")))
    assert [column for __, column, __ in codes(report)] == ["name", "phone", "destination"]


def test_rejected_rows_can_be_downloaded_and_never_run_as_formulas(county):
    bad = ["=cmd|' /C calc'!A0", "+1", "@x", "-2+3", "", "", "", "\t=1"]
    report = take("l.xlsx", as_xlsx(row(1), bad))
    text = rejected_csv(report.heading, report.rejected).decode("utf-8-sig")
    head, line, *__ = text.splitlines()
    assert head.endswith("姓名,证件号码,手机号,车牌号,预计到达时间,目的地,出发地,备注")
    assert line.startswith("3,")
    for cell in ("'=cmd", "'+1", "'@x", "'-2+3"):
        assert cell in line


def test_names_beyond_the_heading_are_no_silent_loss(county):
    report = take("l.csv", as_csv([*row(1), "李四"]))
    assert codes(report) == [(2, "", "row_too_long")]


def test_blank_rows_are_no_rows(county):
    data = as_xlsx(row(1), [None] * 8, ["  "] * 8, row(2))
    report = take("l.xlsx", data)
    assert figures(report) == (2, 2, 0, 0)


# Files ------------------------------------------------------------------------------------------


def zipped(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def with_sheet(xml: bytes) -> bytes:
    """An honest workbook whose first sheet is replaced."""
    out = io.BytesIO()
    with (zipfile.ZipFile(io.BytesIO(as_xlsx(row(1)))) as honest,
          zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as forged):
        for entry in honest.infolist():
            is_sheet = entry.filename.startswith("xl/worksheets/")
            forged.writestr(entry.filename, xml if is_sheet else honest.read(entry))
    return out.getvalue()


FAR = (b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
       b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c>'
       b"</row></sheetData></worksheet>")


@pytest.mark.parametrize(("name", "data", "code"), [
    ("list.xls", b"", "xls_refused"),
    ("LIST.XLS", as_csv(row(1)), "xls_refused"),
    ("list.csv", sheets.XLS_MAGIC + b"\0" * 600, "xls_refused"),
    ("list.xlsx", sheets.XLS_MAGIC + b"\0" * 600, "workbook_locked"),
    ("list.pdf", b"%PDF", "file_kind"),
    ("list", b"", "file_kind"),
    ("list.csv", zipped(a=b""), "file_kind"),
    ("list.xlsx", b"", "not_a_workbook"),
    ("list.xlsx", b"PK\x03\x04" + b"\0" * 100, "not_a_workbook"),
    ("list.xlsx", zipped(hello=b"world"), "not_a_workbook"),
    ("list.xlsx", as_xlsx(row(1))[:-500], "not_a_workbook"),
    ("list.xlsx", with_sheet(b"<worksheet><sheetData>"), "not_a_workbook"),
    ("list.xlsx", with_sheet(FAR), "cell_too_far"),
    ("list.xlsx", with_sheet(b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'), "workbook_doctype"),
    ("list.xlsx", zipped(xl__a_xml=b"<a>" + b" " * 30_000_000 + b"</a>"),
     "workbook_unpacks_too_large"),
    ("list.xlsx", zipped(**{f"e{n}": b"" for n in range(1001)}), "workbook_unpacks_too_large"),
    ("list.xlsx", zipped(xl__vbaProject=b"x"), "workbook_macros"),
    ("list.csv", b"", "no_heading"),
    ("list.csv", b"a,b\r\n1,2", "no_heading"),
    ("list.csv", "姓名,姓 名,证件号码\n".encode(), "column_twice"),
    ("list.csv", as_csv(row(1), encoding="utf-16"), "encoding_utf16"),
    ("list.csv", b"\xff\xff\xff", "encoding_unknown"),
    ("list.csv", "姓名,证件号码\n\0,1".encode(), "encoding_unknown"),
    ("list.csv", '姓名,证件号码\n"张三,1\n'.encode(), "csv_broken"),
    ("list.csv", "姓名,证件号码\n".encode() + b"x" * 2001 + b",1", "cell_too_long"),
    ("list.csv", "姓名,证件号码\n".encode() + b"," * 101, "too_many_columns"),
])
def test_a_file_that_cannot_be_read_is_refused_by_name(county, name, data, code):
    assert refused(name, data) == code


def test_sizes_have_limits(county, monkeypatch):
    monkeypatch.setattr(sheets, "ROWS_MAX", 3)
    assert refused("l.csv", as_csv(*[row(n) for n in range(13)])) == "too_many_rows"
    monkeypatch.setattr(sheets, "FILE_BYTES_MAX", 10)
    assert refused("l.csv", as_csv(row(1))) == "file_too_large"


def test_a_zip_that_lies_about_its_sizes_is_refused(county):
    data = bytearray(as_xlsx(row(1)))
    directory = data.index(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = (1).to_bytes(4, "little")
    assert refused("l.xlsx", bytes(data)) == "not_a_workbook"


def test_two_lists_in_one_workbook_are_refused(county):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name in ("a", "b"):
            book.add_worksheet(name).write_row(0, 0, HEADING)
    assert refused("l.xlsx", out.getvalue()) == "several_lists"


def test_half_a_thousand_damaged_workbooks_are_refused_or_read_and_nothing_else(county):
    import random

    honest = as_xlsx(row(1), row(2))
    chance = random.Random(7)
    for __ in range(500):
        data = bytearray(honest)
        for __ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            sheets.read_sheets("l.xlsx", bytes(data))
        except Refusal as refusal:
            assert str(refusal)
