"""The command line: sentences instead of tracebacks, one server at a time, nothing left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg
import pytest

from pratique.cli import show, supervisor
from pratique.cli.machine import Trouble
from pratique.kit import embedded
from tests.house.code import ROOT

START_SECONDS_MAX = 60


def pratique(*words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "pratique", *words], cwd=ROOT, capture_output=True, text=True,
        check=False, env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
    )


@pytest.mark.parametrize("words", [["migrat"], ["migrate", "--fast"], ["serve", "--port", "x"]])
def test_a_wrong_verb_or_option_is_answered_by_a_sentence(words):
    done = pratique(*words)
    assert done.returncode == 2
    assert "See: pratique" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("words", "said"), [
    (["serve", "--port", "99999"], "no whole number from 0 to 65535"),
    (["serve", "--workers", "0"], "no whole number from 1 to 64"),
    (["tick", "--pause-seconds", "nan"], "no number from 0.1 to 3600"),
    (["drill", "--days", "inf"], "no number from 0 to 366"),
    (["drill", "--vehicles", "0"], "no whole number from 1 to 10000"),
    (["drill", "--seed", "-1"], "no whole number from 0 to"),
    (["drill", "--step", "-5"], "no whole number from 0 to 1440"),
    (["drill", "--html", "{folder}"], "is a folder; name a file in it"),
    (["import-arrivals", "--rejected", "{folder}", "x.csv"], "is a folder; name a file in it"),
    (["prove", "--json", "{folder}"], "is a folder; name a file in it"),
    (["prove", "--json", "{folder}/file/new.json"], "is no folder"),
])
def test_what_cannot_be_done_is_said_before_anything_is_done(words, said, tmp_path):
    (tmp_path / "file").write_text("x")
    done = pratique(*(word.format(folder=tmp_path) for word in words),
                    DATABASE_URL="postgresql://nobody@127.0.0.1:1/none", PRATIQUE_EMBEDDED="")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("name", "value", "said"), [
    ("PRATIQUE_VAR", "{folder}/file", "say where this machine's data lies"),
    ("DATABASE_URL", "postgresql://[::1", "must look like postgresql://"),
])
def test_a_wrong_setting_is_answered_by_a_sentence(name, value, said, tmp_path):
    (tmp_path / "file").write_text("x")
    done = pratique("migrate", **{"PRATIQUE_EMBEDDED": "", name: value.format(folder=tmp_path)})
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a..b", "192.0.2.1"])
def test_an_address_that_is_not_this_machines_is_said(host):
    with pytest.raises(Trouble, match="no address of this machine"):
        supervisor.free_port(host, 0)


def test_a_near_miss_is_pointed_out():
    assert "Did you mean “migrate”?" in pratique("migrat").stderr


def test_help_lists_every_verb_in_the_terminals_language():
    assert "bring the county's tables" in pratique("help").stdout
    assert "更新本县的数据表" in pratique("help", LC_ALL="zh_CN.UTF-8").stdout


@pytest.mark.parametrize(
    ("url", "said"),
    [("postgresql://chief:hush@127.0.0.1:1/county", "127.0.0.1:1 does not answer"),
     ("mysql://chief:hush@127.0.0.1/county", "must look like postgresql://")],
)
def test_a_database_that_does_not_answer_is_named_without_its_password(url, said):
    done = pratique("migrate", DATABASE_URL=url, PRATIQUE_EMBEDDED="")
    assert done.returncode == 1
    assert said in done.stderr
    assert "hush" not in done.stderr
    assert "Traceback" not in done.stderr


def test_results_go_to_stdout_as_words_or_json_and_to_files(tmp_path, capsys):
    import argparse

    parser = argparse.ArgumentParser()
    show.add_json(parser)
    for words in ([], ["--json"], ["--json", str(tmp_path / "new" / "a.json")]):
        show.result(parser.parse_args(words), {"facts": 3}, ["3 facts"])
    assert capsys.readouterr().out == '3 facts\n{\n  "facts": 3\n}\n3 facts\n'
    assert json.loads((tmp_path / "new" / "a.json").read_text()) == {"facts": 3}


def test_a_port_in_use_is_said():
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(Trouble, match="--port 8010"),
    ):
        supervisor.free_port("127.0.0.1", taken.getsockname()[1])
    assert supervisor.free_port("127.0.0.1", 0) > 0


def test_only_one_server_of_a_folder_runs(tmp_path):
    with supervisor.only_one(tmp_path) as card:
        card.write_text(json.dumps({"url": "http://127.0.0.1:8000/", "pid": 4711}))
        with pytest.raises(Trouble, match="4711"), supervisor.only_one(tmp_path):
            pass
    with supervisor.only_one(tmp_path) as card:
        assert not card.exists()


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "password"),
    [("postgresql://u:p%40@h:5433/n", "h", "5433", "u", "p@"),
     ("postgresql://a:5432,b:5433/n?target_session_attrs=read-write", "a,b", "5432,5433", "", ""),
     ("postgresql://u@[::1]:5433/n", "::1", "5433", "u", ""),
     ("postgresql://u@/n?host=/run/pg&port=5434", "/run/pg", "5434", "u", "")],
)
def test_addresses_of_servers_are_understood(url, host, port, user, password):
    found = embedded.django_database(url, schema="xing")
    assert (found["HOST"], found["PORT"], found["USER"], found["PASSWORD"], found["NAME"]) == (
        host, port, user, password, "n")
    assert found["OPTIONS"]["options"] == "-c search_path=xing,public"
    wanted = {"target_session_attrs": "read-write"} if "target" in url else {}
    assert {**found["OPTIONS"], **wanted} == found["OPTIONS"]


JOIN = """
import sys
from pathlib import Path
from pratique.kit import embedded
print(embedded.start(Path(sys.argv[1]), durable=False), flush=True)
sys.stdin.read()
"""


@contextmanager
def joined(data):
    process = subprocess.Popen(
        [sys.executable, "-c", JOIN, str(data)], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )
    try:
        yield process, process.stdout.readline().strip()
    finally:
        if process.poll() is None:
            process.communicate()


def test_the_embedded_server_stops_with_the_last_that_joined_even_after_a_kill(tmp_path):
    data = tmp_path / "pg"
    with joined(data) as (first, url), joined(data) as (_second, again):
        assert again == url
        first.kill()
        first.wait()
        psycopg.connect(url).close()
    assert not (data / "postmaster.pid").exists()


@contextmanager
def serving(folder, *words):
    process = subprocess.Popen(
        [sys.executable, "-m", "pratique", "serve", "--port", "0", "--no-example",
         "--no-worker", *words],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "PRATIQUE_VAR": str(folder), "LC_ALL": "C.UTF-8",
             "DATABASE_URL": "", "APP_DATABASE_URL": "", "PRATIQUE_EMBEDDED": ""},
    )
    try:
        yield process, told_by(process, folder / "serve.json")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=START_SECONDS_MAX)


def told_by(process, card):
    end = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < end:
        assert process.poll() is None, process.stdout.read()
        if card.exists() and card.read_text():
            return json.loads(card.read_text())
        time.sleep(0.1)
    raise AssertionError("the server did not start")


def answers(url):
    try:
        return urlopen(url, timeout=10).status
    except HTTPError as error:
        return error.code


def test_a_server_keeps_its_data_refuses_a_second_and_leaves_nothing_running(tmp_path):
    folder = tmp_path / "var"
    for _round in range(2):
        with serving(folder) as (process, told):
            assert told["pid"] == process.pid
            assert answers(told["url"]) < 500
            second = pratique("serve", PRATIQUE_VAR=str(folder))
            assert second.returncode == 1
            assert f"process {process.pid}" in second.stderr
        assert process.returncode == 128 + signal.SIGTERM
        assert not (folder / "pg" / "postmaster.pid").exists()
        assert not (folder / "serve.json").exists()
        with pytest.raises(OSError, match=r"(?i)refused"):
            urlopen(told["url"], timeout=5)
