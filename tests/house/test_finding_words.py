"""Every finding that the code can open has its words, in both languages."""

import ast
from collections.abc import Iterator

import pytest
from django.utils import translation

from pratique.desks import finding_words
from pratique.desks.refusal_words import REFUSED
from tests.house.code import PACKAGE, none_of, place, python, room

ROOMS = ("custody", "registry", "checkpoint", "specimens", "transfer", "isolation", "pathway",
         "duties", "standing")
# What is called, and which of its arguments is a finding's code. A refusal becomes one when the
# fact had waited for another: its sender has gone by its turn.
OPENS = {"context.find": 1, "_context.find": 1, "NewFinding": 2, "toggle.to": 3, "_find": 2,
         "_find_strangers": 2, "Disputed": 0}
REFUSES = {"Quarantined": 0, "Refusal": 0, "bad": 0, "_refused": 0, "_broken": 1, "_only_if": 2}
CLOSES = ("close_findings", "closed.append")
# These read scans, papers and lists for the desks; none of their refusals is one of a fact.
NOT_OF_FACTS = {"identity.py", "scans.py", "mrz.py", "names.py", "risk_text.py", "risk_lists.py"}
# Helpers that pass on a code which their callers name, or that another refusal brought. (transfer's
# `_find_strangers` takes a manifest where isolation's takes a code.)
PASSED_ON = {"code", "refusal.code", "refused.code", "plate.code", "first.code", "late.code",
             "manifest"}
# Codes that are put together, or that a variable holds: what each can be.
MADE = {
    "f'handover_{outcome}'": ("handover_refused", "handover_withdrawn", "handover_expired"),
    "f'already_{resolved.outcome}'": (
        "already_accepted", "already_refused", "already_withdrawn", "already_expired"),
    "f'tube_{how}'": ("tube_voided", "tube_lost"),
    "f'run_{odd}'": ("run_too_fast", "run_same_values"),
    "f'trip_{trip.state}'": ("trip_planned", "trip_departed", "trip_arrived", "trip_cancelled"),
}


def constants(tree: ast.Module) -> dict[str, str]:
    """Texts that the module's own names hold."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            (target,) = node.targets
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            for name, value in zip(names, values, strict=False):
                if isinstance(name, ast.Name) and isinstance(value, ast.Constant):
                    found[name.id] = value.value
    return found


def chosen(tree: ast.AST) -> Iterator[str]:
    """Texts that a variable named `code` is given somewhere in a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code":
            yield from (part.value for part in _ends(node.value) if isinstance(part, ast.Constant))


def _ends(value: ast.expr) -> Iterator[ast.expr]:
    """What an expression may come to: both ends of a conditional one."""
    if isinstance(value, ast.IfExp):
        yield from _ends(value.body)
        yield from _ends(value.orelse)
    else:
        yield value


def said(kinds: dict[str, int]) -> Iterator[tuple[str, str]]:
    """(where, code) for each code that a room's call may open; "" as code: it cannot be told."""
    for path, tree in python(tests=False, migrations=False):
        if room(path) not in ROOMS or path.name in NOT_OF_FACTS:
            continue
        held = constants(tree)
        if kinds is OPENS:
            yield from ((str(path.relative_to(PACKAGE)), code) for code in chosen(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (wanted := _argument(node, kinds)) is not None:
                for end in _ends(wanted):
                    yield from ((place(path, node), code) for code in _codes(end, held))


def _argument(call: ast.Call, kinds: dict[str, int]) -> ast.expr | None:
    called = ast.unparse(call.func).removeprefix("self.")
    position = kinds.get(called, kinds.get(called.rpartition(".")[2]))
    return call.args[position] if position is not None and len(call.args) > position else None


def _codes(end: ast.expr, held: dict[str, str]) -> tuple[str, ...]:
    text = ast.unparse(end)
    if isinstance(end, ast.Constant):
        return (end.value,)
    if text in PASSED_ON:
        return ()
    return MADE.get(text) or (held.get(text, ""),)


def test_every_code_can_be_told():
    none_of([f"{where}: say in MADE what this code can be"
             for kinds in (OPENS, REFUSES) for where, code in said(kinds) if not code])


def test_every_finding_has_a_title_and_a_sentence():
    found = list(said(OPENS))
    assert len({code for __, code in found}) > 60
    none_of([f"{where}: “{code}” has no words in desks/finding_words.py"
             for where, code in found if code not in finding_words.WORDS])


def test_every_refusal_that_may_come_late_has_a_sentence():
    found = list(said(REFUSES))
    assert len({code for __, code in found}) > 80
    none_of([f"{where}: “{code}” has no words in desks/refusal_words.py" for where, code in found
             if code not in finding_words.WORDS and code not in REFUSED])


def test_no_words_are_kept_of_what_nobody_says():
    """law_refused is said by the journal, of a law of the database."""
    there = {code for kinds in (OPENS, REFUSES) for __, code in said(kinds)} | {"law_refused"}
    none_of([f"“{code}” is said nowhere" for code in {*finding_words.WORDS, *REFUSED} - there])


@pytest.mark.parametrize("code", sorted({*finding_words.WORDS, *REFUSED}))
def test_a_finding_speaks_both_languages(code):
    texts = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            words = finding_words.WORDS.get(code)
            texts[language] = [finding_words.title(code),
                               str(words[1] if words else REFUSED[code])]
    for english, chinese in zip(texts["en"], texts["zh-hans"], strict=True):
        assert english != chinese or english == "%(temperature)s °C %(symptoms)s"


def test_outcomes_that_facts_give_have_their_words():
    given = set()
    for path, tree in python(tests=False, migrations=False):
        if room(path) in ROOMS:
            given |= set(_outcomes(tree))
    none_of([f"“{outcome}” has no words in finding_words.OUTCOMES"
             for outcome in given - set(finding_words.OUTCOMES)])
    assert given > {"balanced", "explained", "merged", "run_again"}


def _outcomes(tree: ast.Module) -> Iterator[str]:
    """The words with which facts close findings: in closing calls, in toggles, in a constant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(CLOSES):
            yield from (part.value for part in ast.walk(node) if isinstance(part, ast.Constant)
                        and isinstance(part.value, str) and part.value.isidentifier())
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("toggle.to"):
            for word in node.keywords:
                if word.arg == "outcome":
                    yield from (end.value for end in _ends(word.value)
                                if isinstance(end, ast.Constant))
    if (word := constants(tree).get("WAITS_NO_MORE")) is not None:
        yield word


def test_signs_of_a_round_are_said_in_words_and_what_somebody_wrote_stays():
    with translation.override("zh-hans"):
        said = finding_words.sentence("symptoms", {
            "account": "site-1", "temperature": 37.9, "symptoms": "sore_throat, 手抖"})
    assert "sore_throat" not in said and "咽痛" in said and "手抖" in said
