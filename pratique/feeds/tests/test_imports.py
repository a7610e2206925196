"""Lists handed in at a desk: kept sealed, recorded part by part, never lost, never doubled."""

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from django.utils import translation

from pratique.checkpoint import queries as checkpoint
from pratique.feeds import arrivals, imports
from pratique.feeds.arrival_files import rejected_csv, rejected_xlsx, template_csv, template_xlsx
from pratique.feeds.arrival_rows import HEADINGS, heading_of
from pratique.feeds.arrivals import read_list
from pratique.feeds.import_box import DataKey
from pratique.feeds.import_queries import card_of, import_named, rejected_of
from pratique.feeds.import_queries import imports as imports_listed
from pratique.feeds.imports import ATTEMPTS_MAX, KEPT, WAITING_OF_ONE_MAX, forget, go_on, hand_in
from pratique.feeds.sheets import Line, read_sheets
from pratique.feeds.tests.lists import LOCAL, as_csv, as_xlsx, open_the_county, resident, row
from pratique.journal.fact import Actor
from pratique.kit.errors import Refusal
from pratique.kit.ids import new_id
from pratique.pathway.tick import tick
from tests.support import FIRST_MORNING, statements_seen

OFFICER = Actor(frozenset({"gate_officer"}), frozenset({"post-01"}), None, uuid4())


@pytest.fixture
def county(db):
    open_the_county()


@pytest.fixture
def by_twos(monkeypatch):
    """Parts of two rows, and none of them recorded while the reader waits."""
    monkeypatch.setattr(arrivals, "ROWS_AT_A_TIME", 2)
    monkeypatch.setattr(imports, "AT_ONCE_ROWS_MAX", 0)


def bring(data: bytes, name: str = "list.csv", actor: Actor = OFFICER, **more):
    id_ = more.pop("id", None) or new_id(FIRST_MORNING)
    hand_in(name, data, id=id_, actor=actor, unit="post-01", now=FIRST_MORNING, **more)
    return id_


def figures(id_) -> tuple[int, int, int, int, int]:
    one = import_named(id_)
    assert one.rows == one.accepted + one.duplicate + one.rejected + one.left
    return one.rows, one.accepted, one.duplicate, one.rejected, one.left


def kept_bytes() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(i::text || p::text, '') FROM feeds_import i "
                       "LEFT JOIN feeds_importpart p ON p.part_of = i.id")
        hexed = cursor.fetchone()[0] or ""
        cursor.execute("SELECT string_agg(coalesce(lines, '') || coalesce(rejected, ''), '') "
                       "FROM feeds_importpart")
        return hexed.encode() + bytes(cursor.fetchone()[0] or b"")


def test_a_short_list_is_recorded_while_the_reader_waits(county):
    id_ = bring(as_csv(row(1), row(2, 手机号="1"), row(1)))
    assert figures(id_) == (3, 1, 1, 1, 0)
    assert import_named(id_).finished_at == FIRST_MORNING
    fact = checkpoint.expected_arrivals()[0]
    assert fact.person


def test_a_long_list_waits_for_the_worker_and_shows_how_far_it_is(county, by_twos, monkeypatch):
    monkeypatch.setattr(imports, "PARTS_OF_A_TICK_MAX", 2)
    id_ = bring(as_csv(*[row(n) for n in range(1, 8)]))
    assert figures(id_) == (7, 0, 0, 0, 7)
    assert tick(FIRST_MORNING)["imported"] == 4
    assert figures(id_) == (7, 4, 0, 0, 3)
    assert import_named(id_).finished_at is None
    assert tick(FIRST_MORNING)["imported"] == 3
    assert figures(id_) == (7, 7, 0, 0, 0)
    assert tick(FIRST_MORNING)["imported"] == 0
    assert len(checkpoint.expected_arrivals()) == 7


def test_the_same_form_sent_twice_is_one_import(county, by_twos):
    data = as_csv(row(1))
    id_ = bring(data)
    assert hand_in("list.csv", data, id=id_, actor=OFFICER, unit="post-01",
                   now=FIRST_MORNING) is False
    go_on(FIRST_MORNING)
    assert figures(id_) == (1, 1, 0, 0, 0)
    assert len(imports_listed()) == 1


def test_the_same_file_in_two_forms_gives_duplicates_and_no_doubles(county, by_twos):
    data = as_csv(row(1), row(2), row(3))
    first, second = bring(data), bring(data)
    go_on(FIRST_MORNING)
    assert figures(first) == (3, 3, 0, 0, 0)
    assert figures(second) == (3, 0, 3, 0, 0)
    assert len(checkpoint.expected_arrivals()) == 3


def test_a_short_list_that_cannot_be_recorded_now_is_kept_for_the_worker(county, monkeypatch):
    whole = imports._settle

    def dies(*args):
        raise psycopg.OperationalError("the server was stopped")

    monkeypatch.setattr(imports, "_settle", dies)
    id_ = bring(as_csv(row(1)))
    assert figures(id_) == (1, 0, 0, 0, 1)
    monkeypatch.setattr(imports, "_settle", whole)
    tick(FIRST_MORNING)
    assert figures(id_) == (1, 1, 0, 0, 0)


def test_a_part_that_broke_off_has_done_nothing_and_is_done_again(county, by_twos, monkeypatch):
    id_ = bring(as_csv(*[row(n) for n in range(1, 6)]))
    whole, calls = imports._settle, []

    def dies(*args):
        calls.append(1)
        if len(calls) == 2:
            raise psycopg.OperationalError("the server was stopped")
        whole(*args)

    monkeypatch.setattr(imports, "_settle", dies)
    with pytest.raises(psycopg.OperationalError):
        go_on(FIRST_MORNING)
    assert figures(id_) == (5, 2, 0, 0, 3)
    assert len(checkpoint.expected_arrivals()) == 2, "what was not counted was not recorded"
    go_on(FIRST_MORNING + timedelta(hours=3))
    assert figures(id_) == (5, 5, 0, 0, 0)
    assert len(checkpoint.expected_arrivals()) == 5


def test_a_fault_of_ours_gives_the_rows_back_at_last_and_stops_no_other_list(
        county, by_twos, monkeypatch, capsys):
    stuck = bring(as_csv(row(1), row(2), row(3)))
    whole = arrivals.read_row

    def fails(line, *args):
        if line.number == 2:
            raise KeyError("张三1")
        return whole(line, *args)

    monkeypatch.setattr(arrivals, "read_row", fails)
    for __ in range(ATTEMPTS_MAX - 1):
        assert go_on(FIRST_MORNING) == 0
    other = bring(as_csv(row(9)).replace("姓名".encode(), "名字".encode()))
    monkeypatch.setattr(arrivals, "read_row", fails)
    go_on(FIRST_MORNING)
    assert figures(stuck) == (3, 1, 0, 2, 0)
    assert {p.code for r in rejected_of(import_named(stuck), FIRST_MORNING)
            for p in r.problems} == {imports.FAULT}
    monkeypatch.setattr(arrivals, "read_row", whole)
    go_on(FIRST_MORNING)
    assert figures(other) == (1, 1, 0, 0, 0)
    assert "张三1" not in capsys.readouterr().err


def test_a_document_twice_in_one_list_is_one_announcement_across_its_parts(county, by_twos):
    id_ = bring(as_csv(row(1), row(2), row(3), row(1, 车牌号="晋J99999")))
    go_on(FIRST_MORNING)
    assert figures(id_) == (4, 3, 1, 0, 0)


def test_what_is_kept_is_sealed_and_goes_as_it_is_recorded(county, by_twos):
    id_ = bring(as_csv(row(1), row(2), row(3, 手机号="1")), name="张三1一家.csv")
    for secret in ("张三1", resident(1), "13800138000", "一家"):
        assert secret.encode() not in kept_bytes()
        assert secret.encode().hex().encode() not in kept_bytes()
    assert card_of(import_named(id_), FIRST_MORNING).file == "张三1一家.csv"
    go_on(FIRST_MORNING)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(lines), count(rejected), "
                       "sum(cardinality(documents)) FROM feeds_importpart")
        assert cursor.fetchone() == (1, 0, 1, 0)


def test_rejected_rows_are_gone_after_their_end_even_when_the_worker_is_late(county):
    id_ = bring(as_csv(row(1, 手机号="1")))
    end = FIRST_MORNING + KEPT
    assert len(rejected_of(import_named(id_), end - timedelta(seconds=1))) == 1
    assert rejected_of(import_named(id_), end) == []
    assert card_of(import_named(id_), end) is None
    assert forget(end) == 1
    assert forget(end) == 0
    assert import_named(id_).key is None
    assert figures(id_) == (1, 0, 0, 1, 0)


def test_a_list_that_still_waits_does_not_end(county, by_twos):
    id_ = bring(as_csv(row(1)))
    assert forget(FIRST_MORNING + 9 * KEPT) == 0
    go_on(FIRST_MORNING + 9 * KEPT)
    assert figures(id_) == (1, 1, 0, 0, 0)


def test_reasons_are_in_the_language_of_whoever_takes_the_rows(county):
    with translation.override("zh-hans"):
        id_ = bring(as_csv(row(1, 手机号="1")))
    rejected = rejected_of(import_named(id_), FIRST_MORNING)
    heading = card_of(import_named(id_), FIRST_MORNING).heading
    english = rejected_csv(heading, rejected).decode("utf-8-sig")
    with translation.override("zh-hans"):
        chinese = rejected_csv(heading, rejected).decode("utf-8-sig")
    assert "Phone" in english and "Reason" in english
    assert "手机号" in chinese and "原因" in chinese
    assert english.splitlines()[1] != chinese.splitlines()[1]


def test_rejected_rows_come_back_as_they_were_and_can_be_mended_and_imported(county):
    bad = row(1, 手机号="1", 预计到达时间=LOCAL, 备注="=1+1")
    id_ = bring(as_xlsx(bad, row(2)), name="list.xlsx")
    one = import_named(id_)
    card, rejected = card_of(one, FIRST_MORNING), rejected_of(one, FIRST_MORNING)
    assert rejected[0].cells == bad
    back = rejected_xlsx(card.heading, rejected)
    assert b"<f>" not in back
    lines = read_sheets("rejected.xlsx", back)[0].lines
    assert lines[1].cells[3:] == bad
    again = bring(back, name="rejected.xlsx")
    assert figures(again) == (1, 0, 0, 1, 0)


@pytest.mark.parametrize("cell", [
    None, "x", 1, 1.5, True, float("inf"), LOCAL, LOCAL.date(), LOCAL.time(),
    timedelta(hours=30)])
def test_every_cell_opens_as_what_was_sealed(cell):
    key, part = DataKey(uuid4()), uuid4()
    [line] = key.open_lines(part, key.seal_lines(part, [Line(3, [cell])]))
    assert (line.number, line.cells) == (3, [cell])
    assert type(line.cells[0]) is type(cell)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_empty_list_is_understood_in_both_languages(language):
    with translation.override(language):
        files = [("t.xlsx", template_xlsx()), ("t.csv", template_csv())]
        for name, data in files:
            sheet = read_sheets(name, data)[0]
            heading = heading_of(sheet.lines[0])
            assert heading.columns.keys() == HEADINGS.keys()
            assert heading.ignored == []
            assert read_list(name, data).lines == []


@pytest.mark.parametrize(("name", "data", "code"), [
    ("list.xls", as_csv(row(1)), "xls_refused"),
    ("list.csv", b"", "file_empty"),
    ("list.csv", as_csv(), "list_empty"),
    ("list.csv", "姓名,电话\n张三,1".encode(), "no_heading"),
])
def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_kept(county, name, data, code):
    with pytest.raises(Refusal) as refusal:
        bring(data, name=name)
    assert refusal.value.code == code
    assert imports_listed() == []


def test_nobody_fills_the_queue_alone(county, by_twos):
    for n in range(WAITING_OF_ONE_MAX):
        bring(as_csv(row(n + 1)))
    with pytest.raises(Refusal) as refusal:
        bring(as_csv(row(99)))
    assert refusal.value.code == "too_many_waiting"
    other = Actor(frozenset({"registrar"}), None, None, uuid4())
    bring(as_csv(row(99)), actor=other)


def statements_for(rows: int, monkeypatch) -> tuple[int, int]:
    monkeypatch.setattr(imports, "AT_ONCE_ROWS_MAX", 0)
    with statements_seen() as handing_in:
        bring(as_csv(*[row(1000 * rows + n, 手机号="1" if n == 3 else "13800138000")
                       for n in range(1, rows + 1)]))
    with statements_seen() as recording:
        assert go_on(FIRST_MORNING) == rows
    return len(handing_in), len(recording)


def test_as_many_statements_for_four_hundred_rows_as_for_four(county, monkeypatch):
    statements_for(4, monkeypatch)  # warms what is read once
    assert statements_for(400, monkeypatch) == statements_for(5, monkeypatch)


@pytest.mark.committed
def test_two_workers_take_no_part_twice(committed, monkeypatch):
    open_the_county()
    monkeypatch.setattr(imports, "AT_ONCE_ROWS_MAX", 0)
    id_ = bring(as_csv(row(1)))
    with committed() as other:
        other.execute("SELECT FROM feeds_import WHERE id = %s FOR UPDATE", (id_,))
        assert go_on(FIRST_MORNING) == 0, "somebody else is at it"
    assert go_on(FIRST_MORNING) == 1
    assert figures(id_) == (1, 1, 0, 0, 0)


@pytest.mark.parametrize(("law", "change"), [
    ("feeds_import_adds_up", "accepted = accepted + 1"),
    ("feeds_import_counts", "accepted = -1, duplicate = duplicate + accepted + 1"),
    ("feeds_import_ends", "expires_at = NULL"),
    ("feeds_import_opens", "key = NULL"),
])
def test_the_database_holds_that_figures_add_up(county, law, change):
    bring(as_csv(row(1), row(2, 手机号="1")))
    with pytest.raises(psycopg.errors.CheckViolation) as error, connection.cursor() as cursor:
        try:
            cursor.execute(f"UPDATE feeds_import SET {change}")
        except Exception as wrapped:
            raise wrapped.__cause__ from wrapped
    assert error.value.diag.constraint_name == law
