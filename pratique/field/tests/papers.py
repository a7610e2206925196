"""Numbers, telephones and plates, right and wrong, with the server's verdicts."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from pratique.checkpoint.rules import check_plate, check_trailer_plate
from pratique.kit.errors import Refusal
from pratique.registry.identity import (
    DOCUMENT_KINDS,
    check_character,
    check_phone,
    read_document,
)
from pratique.registry.plates import PROVINCES, read_plate

TODAY = "2022-08-20"
KNOWN_COUNTIES = ("141123", "440305")
COUNTIES = ("141123", "350203", "440305", "810000", "820000", "830000", "991123", "012345",
            "161123")
NOISE = "·. -\u3000\u200b\ufeff\x1c\x85Ｘ９xXｂ٢②港澳ⅫßŉIO中\ufa0e𠀀é\u0301'/!（1）"
SHAPES = {
    "hk_macao_permit": ("H12345678", "M1234567801", "C12345678", "H1234567"),
    "taiwan_permit": ("12345678", "1234567801", "12345678B", "1234567801B", "1234567"),
    "passport": ("E12345678", "AB1", "ABCDEFGH", "LONGPASSPORT12", "12345"),
    "foreign_permanent_resident": ("USA110088010112", "US110088010112"),
    "other": ("军字第1234号", "(A)1", "#,", "No. 7/8", "士兵证"),
    "library_card": ("1234",),
}
PHONES = ("13912345678", "+86 139-1234-5678", "0086 13912345678", "12912345678", "+4917012345678",
          "+8612345", "1391234567", "(139)12345678", "+0123456789")
PLATES = (
    "晋J12345", "晋j·1234５", "陕 K . 8A88B", "京AD12345", "粤B12345D", "晋J1234挂", "晋J1234学",
    "晋J1234警", "粤Z1234港", "123456使", "使123456", "晋J1234领", "晋应急", "晋J12345应急",
    "晋J1234超", "WJ晋12345", "军A12345", "晋JO2345", "临12345", "ABC-1234", "晋晋晋晋", "晋", "",
    "123456789012345", "晋J12\ufa0e45", "晋J１２３４５")
Asked = tuple[str, list[Any], Any]


def resident_number(chance: random.Random, first: str = "") -> str:
    """A right number, or one with an impossible date of birth; 91… for a permanent resident."""
    born = f"{chance.randint(1870, 2030)}{chance.randint(0, 13):02d}{chance.randint(0, 32):02d}"
    body = f"{first or chance.choice(COUNTIES)}{born}{chance.randint(0, 999):03d}"
    return body + check_character(body)


def damaged(chance: random.Random, text: str) -> str:
    """What becomes of a number between a paper and a form."""
    at = chance.randrange(len(text) + 1)
    other = chance.choice(NOISE + "0123456789")
    match chance.randrange(7):
        case 0:
            return text.lower()
        case 1:
            return text[:at] + other + text[at:]
        case 2:
            return text[:at] + other + text[at + 1:]
        case 3:
            return text[:at] + text[at + 1:at + 2] + text[at:at + 1] + text[at + 2:]
        case 4:
            return text[:at] + text[at + 1:]
        case 5:
            return f" {text[:at]} {text[at:]}\t"
    return text


def questions(count: int, seed: int = 1) -> Iterator[Asked]:
    """(function of papers.js, arguments, verdict): a verdict is a refusal's, or what was read."""
    chance = random.Random(seed)
    for __ in range(count):
        kind = chance.choice((*DOCUMENT_KINDS, "resident_id", "resident_id", *SHAPES))
        if kind == "resident_id":
            number = resident_number(chance)
            number = chance.choice((number, number, number[:6] + number[8:17]))
        elif kind == "foreign_permanent_resident" and chance.random() < 0.5:
            number = resident_number(chance, "911123")
        else:
            number = chance.choice(SHAPES[kind])
        yield _document(kind, damaged(chance, number))
        yield _phone(damaged(chance, chance.choice(PHONES)))
        yield from _plates(damaged(chance, _plate(chance)), chance.choice(PLATES))
    yield _document("passport", "")
    yield _document("passport", "A1" * 30)


def _plate(chance: random.Random) -> str:
    if chance.random() < 0.5:
        return chance.choice(PLATES)
    serial = "".join(chance.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for __ in range(5))
    return f"{chance.choice(PROVINCES)}{chance.choice('ABCJKZ')}{serial}"


def _document(kind: str, number: str) -> Asked:
    def read() -> dict[str, Any]:
        paper = read_document(
            kind, number, on=date.fromisoformat(TODAY), known_counties=KNOWN_COUNTIES)
        born = paper.birth_date
        return {"kind": paper.kind, "number": paper.number,
                "birth_date": born and born.isoformat(), "sex": paper.sex,
                "county": paper.county, "warnings": list(paper.warnings)}
    return "document", [kind, number, TODAY], _verdict(read)


def _phone(text: str) -> Asked:
    return "checkPhone", [text], _verdict(lambda: check_phone(text))


def _plates(text: str, other: str) -> Iterator[Asked]:
    def read() -> dict[str, Any]:
        plate = read_plate(text)
        return {"text": plate.text, "kind": plate.kind, "warnings": list(plate.warnings)}
    yield "readPlate", [text], _verdict(read)
    yield "checkPlate", [text], _verdict(lambda: check_plate(text))
    for tractor in (other, text):
        yield "checkTrailerPlate", [text, tractor], _verdict(
            lambda tractor=tractor: check_trailer_plate(text, tractor))


def _verdict(read: Callable[[], Any]) -> Any:
    try:
        return {"read": read()}
    except Refusal as refusal:
        return {"code": refusal.code, "sentence": str(refusal)}
