"""`pratique first-registrar`: a county of its own begins with one person who can sign in."""

import io
import json
import threading

import pytest
from django.contrib.auth import authenticate
from django.db import connections
from django.test import Client

from pratique.cli import main
from pratique.cli.machine import Trouble
from pratique.desks import ledger
from pratique.journal.prove import prove
from pratique.journal.queries import totals
from pratique.kit.doors import now
from pratique.kit.sql import reading
from pratique.registry.queries import duties_of, held_for_county

SHE = ["--office", "兴县疫情防控指挥部", "--name", "李登"]


def first_registrar(*words):
    """Run the verb as the command line would, without its set-up; its exit code."""
    verb = main.verb_module("first-registrar")
    parser = main.Parser()
    verb.arguments(parser)
    return verb.run(parser.parse_args([*words, "--json"]))


@pytest.fixture
def enrolled(db, capsys):
    """What the verb told of the first registrar."""
    assert first_registrar(*SHE) == 0
    return json.loads(capsys.readouterr().out)


def test_the_first_registrar_answers_for_the_county_and_signs_in_with_the_password(enrolled):
    user = authenticate(username="registrar", password=enrolled["password"])
    assert str(user.pk) == enrolled["staff"]
    assert duties_of(user.pk) == [("registrar", None)]
    assert not ledger.chose_password(user.pk)
    assert [(by, what) for __, by, what in ledger.secrets_shown(user.pk)] == [(None, "password")]
    assert [checked for checked in prove() if checked.violations] == []


def test_her_name_is_asked_for_when_left_out_and_stands_in_no_open_body(db, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("李登\n"))
    assert first_registrar(*SHE[:2]) == 0
    assert "name" in capsys.readouterr().err
    with reading() as cursor:
        cursor.execute("SELECT body::text FROM journal_fact")
        assert [body for (body,) in cursor.fetchall() if "李登" in body] == []


def test_a_county_with_a_registrar_gets_no_second_one_by_this_door(enrolled):
    before = totals()
    with pytest.raises(Trouble, match=r"has a registrar \(registrar\).*Nothing was changed"):
        first_registrar("--office", "x", "--name", "y", "--username", "another")
    assert totals() == before
    assert [name for __, name in held_for_county("registrar")] == ["registrar"]
    assert authenticate(username="registrar", password=enrolled["password"]) is not None


@pytest.mark.parametrize(("words", "said", "code"), [
    ([], "--office and --name are needed", 2),
    (["--office", " ", "--name", "y"], "--office and --name are needed", 2),
    (["--office", "x", "--name", " "], "--office and --name are needed", 2),
    ([*SHE, "--username", "Li Deng"], "A user name has 2 to 32", 1),
    ([*SHE, "--username", ""], "A user name has 2 to 32", 1),
    (["--office", "x", "--name", "y" * 1000], "name is too long", 1),
    (["--new-password"], "nobody here who was enrolled", 1),
    (["--new-password", "--name", "y"], "goes alone", 2),
])
def test_what_does_not_fit_is_said_and_leaves_the_county_empty(db, words, said, code):
    with pytest.raises(Trouble, match=said) as told:
        first_registrar(*words)
    assert told.value.code == code
    assert totals()["in"] == 0
    assert held_for_county("registrar") == []


def test_a_password_that_nobody_read_is_drawn_again_until_she_has_signed_in(enrolled, capsys):
    assert first_registrar("--new-password") == 0
    again = json.loads(capsys.readouterr().out)
    assert authenticate(username="registrar", password=enrolled["password"]) is None
    user = authenticate(username="registrar", password=again["password"])
    ledger.note_password(user.pk, now())
    with pytest.raises(Trouble, match="nobody here who was enrolled"):
        first_registrar("--new-password")
    assert authenticate(username="registrar", password=again["password"]) == user


def test_the_first_leader_comes_by_this_door_too_because_no_registrar_makes_one(enrolled, capsys):
    assert first_registrar("--leader", *SHE) == 0
    leader = json.loads(capsys.readouterr().out)
    user = authenticate(username="leader", password=leader["password"])
    assert duties_of(user.pk) == [("leader", None)]
    with pytest.raises(Trouble, match=r"has a leader \(leader\)"):
        first_registrar("--leader", *SHE, "--username", "another")
    assert [name for __, name in held_for_county("leader")] == ["leader"]


def test_her_page_says_where_her_password_was_shown(enrolled):
    user = authenticate(username="registrar", password=enrolled["password"])
    ledger.note_password(user.pk, now())
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    assert "at the command line" in client.get(f"/staff/{user.pk}/").content.decode()


@pytest.mark.committed
def test_of_two_that_enrol_the_first_one_at_once_one_is_refused(transactional_db):
    told, both = [], threading.Barrier(2)

    def enrol(username: str) -> None:
        both.wait()
        try:
            told.append(first_registrar(*SHE, "--username", username))
        except Trouble as trouble:
            told.append(trouble.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=enrol, args=[name]) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [0, 1]
    assert len(held_for_county("registrar")) == 1
    assert totals()["in"] == 1
