"""Sentences are found wherever they are marked, and parts that contradict each other are named."""

import os

import polib
import pytest
from django.utils import translation

from conftest import forget_sentences
from pratique.cli import locale

TEMPLATE = """{% load i18n %}<p title="{% trans "A 'b' (c)" %}">{% translate 'two' context "x" %}
{% blocktranslate trimmed with n=1 %}
  Hello
  {{ n }} "people"
{% endblocktranslate %}
{% blocktranslate count c=n %}one{% plural %}many {{ c }}{% endblocktranslate %}
{{ _("under") }}"""


def test_sentences_of_templates_are_found():
    assert [key for _line, key in locale._in_template(TEMPLATE)] == [
        (None, "A 'b' (c)"), ("x", "two"), (None, 'Hello %(n)s "people"'), (None, "one"),
        (None, "under")]


def test_sentences_of_code_are_found():
    code = '_("a" " b"); gettext_lazy("c"); pgettext("x", "d"); ngettext("e", "f", n); say("g")'
    assert [key for _line, key in locale._in_python(code)] == [
        (None, "a b"), (None, "c"), ("x", "d"), (None, "e")]


def part(folder, name, **sentences):
    made = polib.POFile()
    for sentence, said in sentences.items():
        made.append(polib.POEntry(msgid=sentence, msgstr=said))
    made.save(str(folder / f"{name}.po"))


def test_parts_are_merged_and_a_contradiction_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(locale, "PARTS", tmp_path)
    part(tmp_path, "gate", person="人员", tube="采样管")
    part(tmp_path, "laboratory", tube="采样管", run="批次")
    assert {entry.msgid for entry in locale.merge()} == {"person", "tube", "run"}
    part(tmp_path, "laboratory", tube="试管")
    with pytest.raises(locale.Contradiction, match=r"tube.*gate\.po.*laboratory\.po"):
        locale.merge()


def test_the_catalogue_is_made_once(tmp_path, monkeypatch):
    monkeypatch.setattr(locale, "PARTS", tmp_path / "parts")
    monkeypatch.setattr(locale, "TARGET", tmp_path / "out")
    locale.PARTS.mkdir()
    part(locale.PARTS, "gate", person="人员")
    assert locale.build()
    assert polib.mofile(str(tmp_path / "out" / "django.mo")).find("person").msgstr == "人员"
    assert not locale.build()


def test_a_part_saved_while_the_catalogue_is_made_is_not_overlooked(tmp_path, monkeypatch):
    monkeypatch.setattr(locale, "PARTS", tmp_path / "parts")
    monkeypatch.setattr(locale, "TARGET", tmp_path / "out")
    locale.PARTS.mkdir()
    part(locale.PARTS, "gate", person="人员")
    merge = locale.merge

    def save_another_meanwhile():
        merged = merge()
        part(locale.PARTS, "laboratory", tube="采样管")
        return merged

    monkeypatch.setattr(locale, "merge", save_another_meanwhile)
    assert locale.build()
    monkeypatch.setattr(locale, "merge", merge)
    assert locale.build()
    assert polib.mofile(str(tmp_path / "out" / "django.mo")).find("tube") is not None
    assert not locale.build()


def test_the_first_test_after_a_change_hears_the_new_sentence(tmp_path, monkeypatch, settings):
    """The set-up of the tests makes the catalogue after Django has read the one before."""
    monkeypatch.setattr(locale, "PARTS", tmp_path / "parts")
    monkeypatch.setattr(locale, "TARGET", tmp_path / "out" / "zh_Hans" / "LC_MESSAGES")
    settings.LOCALE_PATHS = [str(tmp_path / "out")]
    locale.PARTS.mkdir()
    heard = []
    try:
        for said in ("人", "人员"):
            part(locale.PARTS, "gate", person=said)
            os.utime(locale.PARTS / "gate.po", (len(heard), len(heard)))
            os.utime(locale.PARTS, (len(heard), len(heard)))
            locale.build()
            forget_sentences()
            with translation.override("zh-hans"):
                heard.append(translation.gettext("person"))
    finally:
        monkeypatch.undo()
        forget_sentences()
    assert heard == ["人", "人员"]
