"""The sentences of refused papers and plates, for a device that refuses them by itself.

Each rule is asked for its own refusal, so that a sentence stands in one place, beside its rule; the
key is the refusal's code. They are handed over among a pack's words, with {name} for a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from django.utils import translation

from pratique.checkpoint.rules import check_plate, check_trailer_plate
from pratique.kit.errors import Refusal
from pratique.protocol.spec import LANGUAGES
from pratique.registry.identity import (
    DOCUMENT_KINDS,
    check_character,
    check_phone,
    read_document,
)

KEY = "refusal."
_FIRST_GENERATION = "140102850101001"
_PARAMETER = re.compile(r"%\((\w+)\)s")
_UNBORN = ("14112320221332001", "91112320221332001")  # the thirty-second of a thirteenth month


@cache
def paper_words() -> dict[str, dict[str, str]]:
    """{language: {refusal.<code>: sentence}} of every refusal that `core/papers.js` knows."""
    said: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        with translation.override(language):
            said[language] = {
                KEY + refusal.code: _PARAMETER.sub(r"{\1}", str(refusal.sentence))
                for refusal in map(_refusal, _REFUSED)
            }
    return said


def _refusal(ask: Callable[[], object]) -> Refusal:
    try:
        ask()
    except Refusal as refusal:
        return refusal
    raise AssertionError("a paper that should be refused is accepted")


def _paper(kind: str, number: str) -> Callable[[], object]:
    return lambda: read_document(kind, number)


def _completed(first_seventeen: str) -> str:
    return first_seventeen + check_character(first_seventeen)


_REFUSED: list[Callable[[], object]] = [
    _paper("library_card", "1"),
    _paper("other", "-"),
    _paper("other", "1" * 41),
    *(_paper(kind, "?") for kind in DOCUMENT_KINDS),
    _paper("resident_id", _FIRST_GENERATION),
    _paper("resident_id", "1" * 18),
    _paper("foreign_permanent_resident", "9" + "1" * 17),
    _paper("resident_id", _completed(_UNBORN[0])),
    _paper("foreign_permanent_resident", _completed(_UNBORN[1])),
    lambda: check_phone("1"),
    lambda: check_plate("?"),
    lambda: check_plate("晋J1234挂"),
    lambda: check_trailer_plate("晋J12345", "晋J12345"),
]
