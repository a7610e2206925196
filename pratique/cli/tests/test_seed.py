"""`pratique seed` and `pratique import-risk-areas`: repeating them changes nothing."""

import itertools
import json

import pytest
from django.contrib.auth import authenticate

from pratique.cli import main
from pratique.desks import ledger
from pratique.feeds import county, risk_areas
from pratique.journal.prove import prove
from pratique.kit.sql import reading
from pratique.registry import queries as registry
from pratique.registry import stays
from pratique.registry.passwords import one_time_password


@pytest.fixture
def example():
    return county.read_county()


def seed(capsys, *words):
    """Run the verb as the command line would, without its set-up; (exit code, its JSON)."""
    verb = main.verb_module("seed")
    parser = main.Parser()
    verb.arguments(parser)
    code = verb.run(parser.parse_args([*words, "--json"]))
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.django_db
def test_seeding_twice_is_duplicates_and_not_doubles(capsys, example):
    code, first = seed(capsys)
    assert (code, first["facts"]["applied"]) == (0, first["facts"]["in"])
    passwords = {a["username"]: a["password"] for a in first["accounts"]}
    assert all(passwords.values())
    code, second = seed(capsys)
    assert (code, second["facts"]["duplicate"]) == (0, second["facts"]["in"])
    assert [a["password"] for a in second["accounts"]] == [None] * len(passwords)
    assert len(registry.units()) == len(example.units())
    assert sum(len(registry.rooms(f"site-{n}")) for n in range(1, 5)) == 370
    assert authenticate(username="gate", password=passwords["gate"]) is not None
    assert [checked for checked in prove() if checked.violations] == []


@pytest.mark.django_db
def test_no_password_stands_anywhere_in_plain(capsys):
    __, data = seed(capsys)
    passwords = [a["password"] for a in data["accounts"]]
    with reading() as cursor:
        cursor.execute("SELECT password FROM registry_staff WHERE password <> '!'")
        kept = [row[0] for row in cursor.fetchall()]
    assert len(kept) == len(passwords)
    assert [p for p in passwords if any(p in hashed for hashed in kept)] == []
    __, again = seed(capsys, "--staff-passwords")
    assert not {a["password"] for a in again["accounts"]} & set(passwords)


@pytest.mark.django_db
def test_a_new_one_time_password_asks_for_an_own_one_again(capsys, example):
    seed(capsys)
    someone = example.accounts()[0]
    ledger.note_password(someone.staff, example.opened_at)
    seed(capsys)
    assert ledger.chose_password(someone.staff)
    seed(capsys, "--staff-passwords")
    assert not ledger.chose_password(someone.staff)


def test_an_order_is_in_force_from_the_first_day_until_2027(example):
    orders = sorted(example.data["order"], key=lambda order: order["since"])
    assert all(a["until"] == b["since"] for a, b in itertools.pairwise(orders))
    assert orders[0]["since"].isoformat() == "2022-08-20T00:00:00+08:00"
    assert orders[-1]["until"].year == 2027
    assert all(order["invented"] for order in orders)


@pytest.mark.django_db
def test_device_tokens_are_printed_when_asked_for_and_open_the_door(capsys):
    __, data = seed(capsys, "--device-tokens", "--no-passwords")
    assert {a["password"] for a in data["accounts"]} == {None}
    device = data["devices"][0]
    actor = registry.actor_of_token(device["token"])
    assert str(actor.device) == device["device"]
    assert sorted(actor.roles) == sorted(device["roles"])


@pytest.mark.django_db
def test_a_drill_begins_with_the_lists_of_its_first_morning(capsys):
    code, __ = seed(capsys, "--no-passwords", "--lists-until", "2022-08-20T06:00+08:00")
    assert code == 0
    assert len(stays.published_lists()) == 8


def test_passwords_are_drawn():
    assert len({one_time_password() for _ in range(1000)}) == 1000


def import_lists(capsys, *files):
    verb = main.verb_module("import-risk-areas")
    parser = main.Parser()
    verb.arguments(parser)
    code = verb.run(parser.parse_args([*map(str, files), "--json"]))
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.django_db
def test_the_ten_lists_agree_with_their_publishers_totals(capsys):
    code, data = import_lists(capsys, *reversed(risk_areas.shipped_files()))
    assert (code, data["imported"]) == (0, 10)
    assert all(row["totals_agree"] for row in data["lists"])
    twentieth = next(row for row in data["lists"] if row["stamp"].startswith("2022-08-20"))
    assert twentieth["counted"] == {"high": 1204, "medium": 897, "low": 180}
    assert twentieth["unmatched_rows"] == 28
    code, again = import_lists(capsys, *risk_areas.shipped_files())
    assert (code, {row["status"] for row in again["lists"]}) == (0, {"duplicate"})


@pytest.mark.django_db
def test_the_same_list_under_another_name_is_the_same_list(capsys, tmp_path):
    original = risk_areas.shipped_files()[0]
    copy = tmp_path / "copy.json"
    copy.write_bytes(original.read_bytes())
    __, data = import_lists(capsys, original, copy)
    assert [row["status"] for row in data["lists"]] == ["applied", "duplicate"]


@pytest.mark.django_db
@pytest.mark.parametrize(("content", "code"), [
    (b"", "risk_list_not_json"), (b"\xff\xfe", "risk_list_not_json"),
    (b"[]", "risk_list_without_stamp"), (b'{"end_update_time": "soon"}', "risk_list_without_tier"),
    (b"[" * 100_000, "risk_list_not_json"),
])
def test_a_file_that_is_no_list_is_refused_by_name_and_the_others_imported(
    capsys, tmp_path, content, code
):
    wrong = tmp_path / "wrong.json"
    wrong.write_bytes(content)
    exit_code, data = import_lists(capsys, wrong, tmp_path / "missing.json",
                                   risk_areas.shipped_files()[0])
    assert exit_code == 1
    assert (data["imported"], data["refused"]) == (1, 2)
    assert [row["code"] for row in data["lists"]] == [code, "unreadable", ""]
