"""Number plates: an own table of patterns, because no library for them was found.

A plate that fits no pattern is kept as `unrecognised` with a warning, never refused: a military
lorry at the gate is a vehicle too, and no vehicle may be missed over its plate.
Source: GA 36-2018 for the shapes, as far as public pages quote them.
"""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from pratique.kit.errors import Refusal
from pratique.registry.identity import plain_characters, settled

PLATE_LENGTH_MIN = 4
PLATE_LENGTH_MAX = 12
RAW_LENGTH_MAX = 30
PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
_S = "[A-HJ-NP-Z0-9]"  # serials have neither I nor O, which look like 1 and 0
_PATTERNS = (
    ("ordinary", rf"[{PROVINCES}][A-HJ-NP-Z]{_S}{{5}}"),
    ("new_energy", rf"[{PROVINCES}][A-HJ-NP-Z](?:[A-HJK]{_S}\d{{4}}|\d{{5}}[A-HJK])"),
    ("trailer", rf"[{PROVINCES}][A-HJ-NP-Z]{_S}{{4}}挂"),
    ("coach_school", rf"[{PROVINCES}][A-HJ-NP-Z]{_S}{{4}}学"),
    ("police", rf"[{PROVINCES}][A-HJ-NP-Z]{_S}{{4}}警"),
    ("border_hk_macao", rf"粤Z{_S}{{4}}[港澳]"),
    ("embassy", r"(?:\d{6}使|使\d{6})"),
    ("consulate", rf"[{PROVINCES}][A-HJ-NP-Z]\d{{4}}领"),
    ("emergency", rf"[{PROVINCES}][A-HJ-NP-Z]?[A-Z]?\d{{4,5}}应急"),
    ("oversize_test", rf"[{PROVINCES}][A-HJ-NP-Z]{_S}{{4}}[超试]"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
_SEPARATORS = re.compile(r"[\s.·•∙⋅・‧。,\-‐‑‒–—―_]+")


@dataclass(frozen=True, slots=True)
class Plate:
    """`text` is the normalised plate, the one that is stored and compared."""

    text: str
    kind: str
    warnings: tuple[str, ...] = ()


def normalise_plate(text: str) -> str:
    """Capitals, plain characters, no spaces, dots or dashes. Idempotent."""
    return settled(lambda one: _SEPARATORS.sub("", plain_characters(one).upper()), text)


def check_plate(text: str) -> str:
    """The normalised plate. Raises Refusal only for what cannot be a plate at all."""
    return read_plate(text).text


def read_plate(text: str) -> Plate:
    """A plate with its kind; one of no known shape is `unrecognised`, with a warning.

    Raises Refusal for an empty text, one of impossible length, or with other signs in it.
    """
    plate = normalise_plate(text) if isinstance(text, str) and len(text) <= RAW_LENGTH_MAX else ""
    if not PLATE_LENGTH_MIN <= len(plate) <= PLATE_LENGTH_MAX or not _is_plate_text(plate):
        raise Refusal(
            "plate_shape",
            _("This cannot be a number plate: %(min)s to %(max)s letters, digits and Chinese "
              "characters are expected."),
            "registry.plates.shape",
            min=PLATE_LENGTH_MIN,
            max=PLATE_LENGTH_MAX,
        )
    for kind, pattern in _COMPILED:
        if pattern.fullmatch(plate):
            return Plate(plate, kind)
    return Plate(plate, "unrecognised", ("plate_unrecognised", *_hints(plate)))


def _is_plate_text(plate: str) -> bool:
    han = [c for c in plate if not (c.isascii() and c.isalnum())]
    named = all("CJK UNIFIED" in unicodedata.name(c, "") for c in han)
    return named and len(han) < len(plate)


def _hints(plate: str) -> tuple[str, ...]:
    """The commonest slip, named so that the officer can look again. It is never mended for him."""
    return ("plate_letter_i_or_o",) if re.search(r"[IO]", plate[2:]) else ()
