"""`pratique import-arrivals`, as a person at the terminal meets it."""

import json

import pytest

from pratique.cli import main
from pratique.feeds.tests.lists import as_csv, open_the_county, row


@pytest.fixture(autouse=True)
def county(db):
    open_the_county()


def test_the_verb_answers_figures_and_writes_the_rejected_rows(tmp_path, capsys):
    file, rejected = tmp_path / "list.csv", tmp_path / "rejected.csv"
    file.write_bytes(as_csv(row(1), row(2, 手机号="1")))
    verb = main.verb_module("import-arrivals")
    parser = main.Parser()
    verb.arguments(parser)
    options = parser.parse_args([str(file), "--rejected", str(rejected), "--json"])
    assert verb.run(options) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["accepted"], told["duplicate"], told["rejected"]) == (2, 1, 0, 1)
    assert told["files"][0]["rejected_rows"][0]["problems"][0]["code"] == "mobile_shape"
    assert "张三2" in rejected.read_text(encoding="utf-8-sig")


def test_the_verb_refuses_xls_in_words(tmp_path, capsys):
    file = tmp_path / "list.xls"
    file.write_bytes(b"")
    verb = main.verb_module("import-arrivals")
    parser = main.Parser()
    verb.arguments(parser)
    assert verb.run(parser.parse_args([str(file)])) == 1
