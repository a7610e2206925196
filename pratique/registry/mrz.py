"""Machine-readable zones of passports and cards: TD1, TD2 and TD3 (ICAO Doc 9303).

A check digit covers the number, both dates and, together, most of the rest. Nationality, sex and
names have none, so a scan that passes can still be wrong there; they stay open to correction.
"""

import re
from dataclasses import dataclass
from datetime import date
from string import ascii_uppercase, digits

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pratique.kit.errors import Refusal
from pratique.registry.identity import plain_characters

_VALUES = {character: value for value, character in enumerate(digits + ascii_uppercase)}
_VALUES["<"] = 0
_FORMATS = {(3, 30): "TD1", (2, 36): "TD2", (2, 44): "TD3"}
_LINE = re.compile(r"[A-Z0-9<]+")


@dataclass(frozen=True, slots=True)
class Zone:
    """What a machine-readable zone says. Dates are None where the paper leaves them open."""

    format: str
    document_code: str
    issuer: str
    number: str
    nationality: str
    birth_date: date | None
    sex: str | None
    expiry_date: date | None
    surname: str
    given_names: str
    optional: str


def check_digit(field: str) -> str:
    """The check digit of a field of A-Z, 0-9 and <: weights 7, 3, 1, modulo 10."""
    return str(sum(_VALUES[c] * (7, 3, 1)[i % 3] for i, c in enumerate(field)) % 10)


def parse_zone(text: str, *, on: date) -> Zone:
    """The zone in `text` (two or three lines, or the same run together). Raises Refusal.

    `on` is the day of asking: it settles the century of the two-digit birth year (nobody is born
    after it) and of the expiry (within 50 years of it).
    """
    lines = split_lines(text)
    kind = _FORMATS.get((len(lines), len(lines[0]) if lines else 0))
    if kind is None or any(len(line) != len(lines[0]) for line in lines):
        raise Refusal(
            "mrz_shape",
            _("These are not the lines of a passport or card: two of 44 or 36 characters, or "
              "three of 30, are expected."),
            "registry.mrz.shape",
        )
    if kind == "TD1":
        return _td1(lines, on)
    return _two_lines(kind, lines, on)


def split_lines(text: str) -> list[str]:
    """The zone's lines. A reader that drops line ends gives one run of 88, 72 or 90 characters."""
    words = [w for w in plain_characters(text).upper().split() if _LINE.fullmatch(w)]
    run = "".join(words)
    for (count, width), _kind in _FORMATS.items():
        if len(run) == count * width and (len(words) == 1 or len(words) == count):
            return [run[i : i + width] for i in range(0, len(run), width)]
    return words


def _two_lines(kind: str, lines: list[str], on: date) -> Zone:
    upper, lower = lines
    number = _checked(_("number"), lower[0:9], lower[9])
    birth = _checked(_("birth date"), lower[13:19], lower[19])
    expiry = _checked(_("expiry date"), lower[21:27], lower[27])
    optional = lower[28:42] if kind == "TD3" else lower[28:35]
    if kind == "TD3" and not (optional.strip("<") == "" and lower[42] in "<0"):
        _checked(_("personal number"), optional, lower[42])
    composite_end = 43 if kind == "TD3" else 35
    _checked(_("whole zone"), lower[0:10] + lower[13:20] + lower[21:composite_end], lower[-1])
    surname, given = _names(upper[5:])
    return Zone(
        kind, upper[0:2].strip("<"), upper[2:5].strip("<"), number.strip("<"),
        lower[10:13].strip("<"), _past_date(birth, on), _sex(lower[20]), _expiry(expiry, on),
        surname, given, optional.strip("<"),
    )


def _td1(lines: list[str], on: date) -> Zone:
    first, second, third = lines
    number, optional = _td1_number(first)
    birth = _checked(_("birth date"), second[0:6], second[6])
    expiry = _checked(_("expiry date"), second[8:14], second[14])
    whole = first[5:30] + second[0:7] + second[8:15] + second[18:29]
    _checked(_("whole zone"), whole, second[29])
    surname, given = _names(third)
    return Zone(
        "TD1", first[0:2].strip("<"), first[2:5].strip("<"), number,
        second[15:18].strip("<"), _past_date(birth, on), _sex(second[7]), _expiry(expiry, on),
        surname, given, optional,
    )


def _td1_number(first: str) -> tuple[str, str]:
    """A number of more than nine characters goes on in the optional field, its check digit last."""
    if first[14] != "<":
        return _checked(_("number"), first[5:14], first[14]).strip("<"), first[15:30].strip("<")
    rest = first[15:30].split("<", 1)[0]
    if len(rest) < 2:
        raise _wrong(_("number"))
    whole = first[5:14] + rest[:-1]
    _checked(_("number"), whole, rest[-1])
    return whole, first[15 + len(rest) : 30].strip("<")


def _checked(name: str | Promise, field: str, digit: str) -> str:
    if check_digit(field) != digit:
        raise _wrong(name)
    return field


def _wrong(name: str | Promise) -> Refusal:
    return Refusal(
        "mrz_check_digit",
        _("A check digit of the machine-readable zone is wrong (%(field)s): scan it again."),
        "registry.mrz.check_digit",
        field=name,
    )


def _past_date(six: str, on: date) -> date | None:
    """A birth date: the latest century that does not lie after `on`; < marks unknown parts."""
    if not six.isdigit():
        return None
    for century in (on.year // 100, on.year // 100 - 1):
        born = _date(century * 100 + int(six[:2]), six)
        if born is not None and born <= on:
            return born
    raise _wrong(_("birth date"))


def _expiry(six: str, on: date) -> date | None:
    if not six.isdigit():
        return None
    year = on.year // 100 * 100 + int(six[:2])
    if year < on.year - 50:
        year += 100
    elif year > on.year + 50:
        year -= 100
    expiry = _date(year, six)
    if expiry is None:
        raise _wrong(_("expiry date"))
    return expiry


def _date(year: int, six: str) -> date | None:
    try:
        return date(year, int(six[2:4]), int(six[4:6]))
    except ValueError:
        return None


def _sex(letter: str) -> str | None:
    return {"M": "male", "F": "female"}.get(letter)


def _names(field: str) -> tuple[str, str]:
    surname, _between, given = field.strip("<").partition("<<")
    return (
        " ".join(part for part in surname.split("<") if part),
        " ".join(part for part in given.split("<") if part),
    )
