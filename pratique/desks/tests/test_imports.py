"""The desk for lists: whatever is handed in is answered, and concerns only whom it concerns."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pratique.desks.tests.conftest import NOON, Desk
from pratique.desks.uploads import InMemory
from pratique.feeds import arrivals, imports, sheets
from pratique.feeds.import_queries import import_named
from pratique.feeds.import_queries import imports as imports_listed
from pratique.feeds.imports import KEPT
from pratique.feeds.sheets import read_sheets
from pratique.feeds.tests.lists import as_csv, as_xlsx, row
from pratique.feeds.tests.test_arrivals import zipped
from pratique.pathway.tick import tick
from tests.support import statements_seen

PEOPLE = [row(1), row(2), row(3, 手机号="1380013800"), row(2)]


@pytest.fixture
def slowly(monkeypatch):
    """Nothing is recorded while the reader waits, and a tick takes two parts of two rows."""
    monkeypatch.setattr(imports, "AT_ONCE_ROWS_MAX", 0)
    monkeypatch.setattr(arrivals, "ROWS_AT_A_TIME", 2)
    monkeypatch.setattr(imports, "PARTS_OF_A_TICK_MAX", 2)


def hand_in(who: Desk, data: bytes, name: str = "list.xlsx", **fields):
    form = {"import": str(uuid4()), **fields}
    return who.client.post("/imports/new/", {**form, "file": SimpleUploadedFile(name, data)})


def handed(who: Desk, *rows, name: str = "list.xlsx") -> str:
    answer = hand_in(who, as_xlsx(*rows or PEOPLE), name)
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index("<main"):]).split())


def test_the_gate_hands_a_list_in_and_sees_what_became_of_each_row(desk):
    gate = desk("gate")
    assert 'href="/imports/"' in gate.see("/gate/")
    page = words(gate.see(handed(gate)))
    assert "4 rows came in, 1 rejected" in page
    assert "4 rows in = 2 accepted + 1 duplicate + 1 rejected" in page
    assert "list.xlsx" in page
    assert "4 Phone" in page


def test_the_registrar_finds_the_page_from_the_registry(desk):
    registrar = desk("registrar")
    assert 'href="/imports/"' in registrar.see("/registry/")
    assert handed(registrar)


def test_progress_is_shown_and_the_page_may_be_closed(desk, slowly):
    gate = desk("gate")
    where = handed(gate, *[row(n) for n in range(1, 7)])
    assert "0 of 6 rows recorded" in words(gate.see(where))
    assert 'data-live="?part=1"' in gate.see(where)
    tick(NOON)
    page = gate.see(where)
    assert "4 of 6 rows recorded" in words(page)
    assert 'max="6" value="4"' in page
    assert "6 rows in = 4 accepted + 0 duplicate + 0 rejected + 2 not recorded yet" in words(page)
    assert "2 still to record" in words(gate.see("/imports/"))
    tick(NOON)
    done = gate.see(where)
    assert "6 rows came in" in words(done)
    assert "data-live" not in done


def test_a_list_that_nobody_records_says_whom_to_call(desk, slowly, clock):
    gate = desk("gate")
    where = handed(gate)
    assert "It has waited" not in gate.see(where)
    clock.forward(minutes=5)
    assert "It has waited for 5 min" in gate.see(where)


def test_the_same_form_sent_again_is_the_same_import(desk):
    gate, form, data = desk("gate"), str(uuid4()), as_xlsx(*PEOPLE)
    first = hand_in(gate, data, **{"import": form})
    again = hand_in(gate, data, **{"import": form})
    assert first["Location"] == again["Location"]
    assert len(imports_listed()) == 1
    assert imports_listed()[0].accepted == 2


def test_a_form_of_somebody_else_is_no_way_to_their_list(desk):
    form = str(uuid4())
    hand_in(desk("gate"), as_xlsx(*PEOPLE), **{"import": form})
    assert hand_in(desk("registrar"), as_xlsx(*PEOPLE), **{"import": form}).status_code == 422


@pytest.mark.parametrize(("name", "data", "code"), [
    ("list.xls", b"\xd0\xcf\x11\xe0", "xls_refused"),
    ("list.pdf", b"%PDF", "file_kind"),
    ("list.csv", b"a,b\r\n1,2", "no_heading"),
    ("list.csv", as_csv(), "list_empty"),
    ("list.xlsx", b"PK\x03\x04", "not_a_workbook"),
    ("list.xlsx", zipped(xl__a_xml=b"<a>" + b" " * 30_000_000 + b"</a>"),
     "workbook_unpacks_too_large"),
])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_file_that_cannot_be_read_is_refused_with_sentence_and_code(
        county, name, data, code, language):
    answer = hand_in(Desk("gate", language), data, name)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f"<code>{code}</code>" in page
    assert ("未被接受" in page) is (language == "zh-hans")
    assert imports_listed() == []


def test_no_file_and_an_empty_one_are_told_apart(desk):
    gate = desk("gate")
    answer = gate.send("/imports/new/", **{"import": str(uuid4())})
    assert "<code>file_missing</code>" in answer.content.decode()
    assert "<code>file_empty</code>" in hand_in(gate, b"", "list.csv").content.decode()
    assert "<code>form_incomplete</code>" in hand_in(
        gate, b"x", "l.csv", **{"import": "?"}).content.decode()


def test_a_file_that_is_too_large_is_refused_and_not_kept_whole(desk, monkeypatch):
    monkeypatch.setattr(sheets, "FILE_BYTES_MAX", 1_000)
    answer = hand_in(desk("gate"), b"x" * 500_000, "list.csv")
    assert "<code>file_too_large</code>" in answer.content.decode()
    handler = InMemory(1_000)
    handler.new_file("file", "list.csv", "text/csv", 500_000)
    for start in range(0, 500_000, 1_000):
        handler.receive_data_chunk(b"x" * 1_000, start)
    assert handler.file_complete(500_000).size == 1_001


def test_an_upload_needs_the_forms_token(desk):
    gate = desk("gate")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(gate.staff)
    answer = strict.post("/imports/new/", {
        "import": str(uuid4()), "file": SimpleUploadedFile("l.xlsx", as_xlsx(*PEOPLE))})
    assert answer.status_code == 403
    assert imports_listed() == []


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_rejected_rows_are_taken_away_in_the_readers_language(county, kind):
    where = handed(Desk("gate"))
    for language, reason, column in (("en", "Reason", "Phone"), ("zh-hans", "原因", "手机号")):
        answer = Desk("gate", language).client.get(f"{where}rejected.{kind}")
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, no-store"
        lines = read_sheets(f"r.{kind}", answer.content)[0].lines
        assert lines[0].cells[2] == reason
        assert lines[1].cells[1] == column
        assert "张三3" in lines[1].cells


def test_rejected_rows_are_for_whom_they_concern(desk):
    gate = desk("gate")
    where = handed(gate, name="张三一家.xlsx")
    for who, page, file in (("registrar", 200, 200), ("supervisor", 200, 403),
                            ("leader", 200, 403), ("township", 404, 404), ("lab", 403, 403)):
        reader = desk(who)
        told = reader.see(where, page)
        assert reader.client.get(f"{where}rejected.csv").status_code == file
        listed = reader.client.get("/imports/").content.decode()
        assert ("张三一家" in told + listed) is (file == 200)
        assert ("1 rejected" in words(told)) is (page == 200) if page == 200 else True


def test_a_supervisor_reads_and_hands_nothing_in(desk):
    supervisor = desk("supervisor")
    assert 'type="file"' not in supervisor.see("/imports/")
    assert hand_in(supervisor, as_xlsx(*PEOPLE)).status_code == 403
    assert imports_listed() == []


def test_after_their_end_rejected_rows_are_gone_and_the_figures_stay(desk, clock):
    gate = desk("gate")
    where = handed(gate)
    clock.forward(days=KEPT.days)
    assert gate.client.get(f"{where}rejected.xlsx").status_code == 410
    page = words(gate.see(where))
    assert "They were deleted on" in page
    assert "4 rows in = 2 accepted + 1 duplicate + 1 rejected" in page
    assert "list.xlsx" not in page


def test_templates_are_there_in_both_languages_whatever_the_readers_is(desk):
    gate = desk("gate")
    for language, name in (("en", "Name"), ("zh-hans", "姓名")):
        for kind in ("xlsx", "csv"):
            address = f"/imports/template/{language}.{kind}"
            assert f'href="{address}"' in gate.see("/imports/")
            data = gate.client.get(address).content
            assert read_sheets(f"t.{kind}", data)[0].lines[0].cells[0] == name
    gate.see("/imports/template/fr.xlsx", 404)
    gate.see("/imports/template/en.ods", 404)


def test_earlier_lists_are_paged_and_looked_up_in_as_many_statements(desk, monkeypatch):
    from pratique.desks.views import imports as view
    gate = desk("gate")
    monkeypatch.setattr(view, "PAGE_ROWS", 2)
    for n in range(1, 4):
        handed(gate, row(n))
    page = gate.see("/imports/")
    assert page.count('class="row"') == 2
    later = re.search(r'href="(/imports/\?after=[^"]+)"', page)[1]
    assert gate.see(later).count('class="row"') == 1
    with statements_seen() as for_two:
        gate.see("/imports/")
    monkeypatch.setattr(view, "PAGE_ROWS", 20)
    with statements_seen() as for_three:
        gate.see("/imports/")
    assert len(for_two) == len(for_three)


def test_one_lists_page_asks_as_often_for_many_rejected_rows_as_for_one(desk):
    gate = desk("gate")
    few, many = (handed(gate, *[row(100 * n + k, 手机号="1") for k in range(n)]) for n in (1, 90))
    seen = []
    for where in (few, many, few, many):
        with statements_seen() as statements:
            page = gate.see(where)
        seen.append(len(statements))
    assert seen[2] == seen[3]
    assert "The first 50 rows of 90" in page


def test_nothing_of_a_list_is_in_the_log(desk, caplog, capsys):
    gate = desk("gate")
    where = handed(gate, name="张三一家.xlsx")
    gate.client.get(f"{where}rejected.csv")
    hand_in(gate, b"x", "张三二家.pdf")
    told = caplog.text + "".join(capsys.readouterr())
    assert "/imports/new/" in told
    for secret in ("张三", "13800138000", "1380013800"):
        assert secret not in told
        assert secret not in where


def test_an_import_knows_who_spoke_and_for_which_unit(desk):
    gate = desk("gate")
    one = import_named(handed(gate).split("/")[2])
    assert (one.staff, one.unit) == (gate.staff.pk, "post-01")
    assert "card" not in repr(one)
