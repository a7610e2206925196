"""One word, one meaning: the glossary repeats nothing, and kinds of fact speak its words."""

import re
from collections import Counter

import pytest

from pratique.journal.kinds import all_kinds
from tests.house.code import ROOT, none_of

ROW = re.compile(r"^\| (?P<chinese>[^|]+) \| (?P<english>[^|]+) \| (?P<meaning>[^|]+) \|$")
HEADINGS = ("中文", "---")


def rows() -> list[re.Match[str]]:
    text = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    found = [ROW.match(line) for line in text.splitlines()]
    return [row for row in found if row and row["chinese"].strip() not in HEADINGS]


def repeated(words: list[str]) -> list[str]:
    return sorted(word for word, count in Counter(words).items() if count > 1)


def test_there_is_a_glossary_of_whole_rows():
    lines = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines()
    none_of([line for line in lines
             if line.startswith("|") and not line.startswith("|---") and not ROW.match(line)])
    assert len(rows()) > 100


@pytest.mark.parametrize("column", ["chinese", "english"])
def test_no_word_stands_twice(column):
    assert repeated([row[column].strip().lower() for row in rows()]) == []


def test_the_first_column_is_chinese():
    none_of([row["chinese"] for row in rows() if not re.search(r"[一-鿿]", row["chinese"])])


def singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def test_kinds_of_fact_are_named_with_words_of_the_glossary():
    known = {singular(word) for row in rows()
             for word in re.split(r"[^a-z]+", row["english"].lower())}
    none_of([f"{name}: “{word}” is not in GLOSSARY.md"
             for name in all_kinds() if name.partition(".")[0] != "test"
             for word in name.partition(".")[2].split("_") if singular(word) not in known])
