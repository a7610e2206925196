"""Identity documents and telephone numbers: what is a right number, said by rules of our own.

A resident's number is right when its ISO 7064 mod 11-2 check character and its birth date are;
the county in its first six digits is only a warning, because older people hold numbers of
counties that have since been renamed or merged away (measured with a library that refuses them:
every number of 350203 before 1980 was turned away at the gate).

Sources: GB 11643-1999 (resident number); the Ministry of Public Security's rule of 2010 for the
Hong Kong and Macao permit (a letter, 8 digits for life, 2 for the issue); the National Immigration
Administration's rule of 2023 for the permanent resident card (18 digits beginning with 9, same
check character; before it three letters and 12 digits); ICAO Doc 9303 for passports.
"""

import re
import unicodedata
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date
from operator import mul

from django.utils.translation import gettext_lazy as _

from pratique.kit.errors import Refusal

DOCUMENT_KINDS = (
    "resident_id",
    "hk_macao_permit",
    "taiwan_permit",
    "passport",
    "foreign_permanent_resident",
    "other",
)
BIRTH_YEAR_MIN = 1880
NUMBER_LENGTH_MAX = 40
RESIDENCE_PERMIT_COUNTIES = {"810000", "820000", "830000"}
# First digit: part of the country; second: province in it.
PROVINCE_PREFIXES = frozenset(
    first + second
    for first, seconds in (("1", "12345"), ("2", "123"), ("3", "1234567"), ("4", "123456"),
                           ("5", "01234"), ("6", "12345"), ("7", "1"), ("8", "123"))
    for second in seconds
)
PHONE_LENGTH_MAX = 40
_WEIGHTS = tuple(2**power % 11 for power in range(17, 0, -1))
_CHECK_CHARACTERS = "10X98765432"
# ASCII: digits of another script are no digits of a Chinese paper, and would be other numbers.
_RESIDENT = re.compile(r"[1-8]\d{16}[\dX]", re.ASCII)
_INVISIBLE = dict.fromkeys(
    [0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x202A, 0x202C, 0x202D, 0x2060, 0xFEFF]
)


@dataclass(frozen=True, slots=True)
class Document:
    """A number that has passed its rule.

    `number` is the normalised form that goes into the blind index. `birth_date` and `sex`
    (`female` | `male`) are there when the number itself says them. `county` is its first six
    digits. `warnings` are machine codes and never stop anybody.
    """

    kind: str
    number: str
    birth_date: date | None = None
    sex: str | None = None
    county: str | None = None
    warnings: tuple[str, ...] = ()


def plain_characters(text: str) -> str:
    """`text` with full-width forms made plain, invisible marks dropped, ends trimmed."""
    return unicodedata.normalize("NFKC", text).translate(_INVISIBLE).strip()


def settled(step: Callable[[str], str], text: str) -> str:
    """`step` applied until it changes nothing more, so that normalising is idempotent.

    Once is enough for all but rare signs (an accent that joins its letter once a space is gone).
    """
    while (after := step(text)) != text:
        text = after
    return text


def normalise_number(text: str) -> str:
    """A document number as one word: capitals, no spaces, dots or dashes. Idempotent."""
    if text.isascii() and text.isalnum():
        return text.upper()  # as nearly all are typed or read; the rest would change nothing
    return settled(
        lambda one: re.sub(r"[\s.·•\-‐‑‒–—―_/]+", "", plain_characters(one).upper()), text
    )


def check_document(kind: str, number: str, *, on: date | None = None) -> str:
    """The normalised number of a paper of `kind`. Raises Refusal, saying what is wrong with it.

    `on` is the day of asking; with it a birth date in the future is refused as well.
    """
    return read_document(kind, number, on=on).number


def read_document(
    kind: str,
    number: str,
    *,
    on: date | None = None,
    known_counties: Container[str] | None = None,
) -> Document:
    """As `check_document`, with what the number says about its holder, and warnings.

    `known_counties`: six-digit codes of the division table; a county outside it is a warning
    (`county_unknown`), never a refusal.
    """
    reader = _READERS.get(kind)
    if reader is None:
        raise Refusal(
            "document_kind_unknown",
            _("“%(kind)s” is not a kind of identity document."),
            "registry.identity.kind",
            kind=str(kind)[:NUMBER_LENGTH_MAX],
        )
    if not isinstance(number, str) or len(number) > NUMBER_LENGTH_MAX:
        raise _not_right(kind, "document_number_too_long")
    word = normalise_number(number)
    if not word:
        raise _refuse_empty(kind)
    document = reader(word)
    _check_birth_date(document, on)
    if known_counties is not None and document.county:
        document = _with_county_warning(document, known_counties)
    return document


def document(kind: str, number: str, *, on: date | None = None) -> bool:
    """Whether `check_document` would accept it: the same rule, as yes or no."""
    try:
        check_document(kind, number, on=on)
    except Refusal:
        return False
    return True


def check_character(first_seventeen: str) -> str:
    """The ISO 7064 mod 11-2 check character of 17 digits."""
    total = sum(map(mul, _WEIGHTS, map(int, first_seventeen)))
    return _CHECK_CHARACTERS[total % 11]


def _resident_id(word: str) -> Document:
    if re.fullmatch(r"\d{15}", word, re.ASCII):
        raise Refusal(
            "resident_id_first_generation",
            _("A number of 15 digits is of the first generation and has not been valid since "
              "2013; the card carries one of 18."),
            "registry.identity.resident_id",
        )
    if not _RESIDENT.fullmatch(word):
        raise Refusal(
            "resident_id_shape",
            _("A resident's number has 17 digits and a digit or X; this one has %(length)s "
              "characters or others among them."),
            "registry.identity.resident_id",
            length=len(word),
        )
    _check_last_character(word, "resident_id")
    county = word[:6]
    warnings = () if county[:2] in PROVINCE_PREFIXES else ("province_unknown",)
    return Document(
        "resident_id", word, _birth_date(word[6:14], "resident_id"), _sex(word), county, warnings
    )


def _permanent_resident(word: str) -> Document:
    """The permanent resident card: 18 digits from 2023 on, 15 characters before."""
    kind = "foreign_permanent_resident"
    if re.fullmatch(r"9\d{16}[\dX]", word, re.ASCII):
        _check_last_character(word, kind)
        return Document(kind, word, _birth_date(word[6:14], kind), _sex(word))
    if re.fullmatch(r"[A-Z]{3}\d{12}", word, re.ASCII):
        # Its birth year has two digits; which century stays open, so no date is claimed.
        return Document(kind, word)
    raise _not_right(kind, "permanent_resident_shape")


def _hk_macao(word: str) -> Document:
    """H or M and eight digits for life; two more count the issues and are dropped."""
    if not re.fullmatch(r"[HM]\d{8}(\d{2})?", word, re.ASCII):
        raise _not_right("hk_macao_permit", "hk_macao_permit_shape")
    return Document("hk_macao_permit", word[:9])


def _taiwan(word: str) -> Document:
    """Eight digits; the older form has two more, or a letter, for the issue."""
    if not re.fullmatch(r"\d{8}(\d{2}[A-Z]?|[A-Z])?", word, re.ASCII):
        raise _not_right("taiwan_permit", "taiwan_permit_shape")
    return Document("taiwan_permit", word[:8])


def _passport(word: str) -> Document:
    if not re.fullmatch(r"(?=.*\d)[A-Z0-9]{5,12}", word, re.ASCII):
        raise _not_right("passport", "passport_shape")
    warnings = ("passport_longer_than_nine",) if len(word) > 9 else ()
    return Document("passport", word, warnings=warnings)


def _other(word: str) -> Document:
    if len(word) < 3 or not all(c.isalnum() or c in "()#," for c in word):
        raise _not_right("other", "document_shape")
    return Document("other", word)


_READERS: dict[str, Callable[[str], Document]] = {
    "resident_id": _resident_id,
    "hk_macao_permit": _hk_macao,
    "taiwan_permit": _taiwan,
    "passport": _passport,
    "foreign_permanent_resident": _permanent_resident,
    "other": _other,
}


def _check_last_character(word: str, kind: str) -> None:
    if check_character(word[:17]) != word[17]:
        raise Refusal(
            f"{kind}_check_character",
            _("The last character does not go with the digits before it: one of them is "
              "mistyped, or two are swapped."),
            "registry.identity.iso7064_mod_11_2",
        )


def _birth_date(eight: str, kind: str) -> date:
    try:
        born = date(int(eight[:4]), int(eight[4:6]), int(eight[6:]))
    except ValueError:
        born = None
    if born is None or born.year < BIRTH_YEAR_MIN:
        raise Refusal(
            f"{kind}_birth_date",
            _("%(digits)s in the number is no date of birth."),
            "registry.identity.birth_date",
            digits=eight,
        )
    return born


def _check_birth_date(document: Document, on: date | None) -> None:
    if on is not None and document.birth_date is not None and document.birth_date > on:
        raise Refusal(
            f"{document.kind}_birth_date",
            _("%(digits)s in the number is no date of birth."),
            "registry.identity.birth_date",
            digits=document.birth_date.strftime("%Y%m%d"),
        )


def _with_county_warning(document: Document, known_counties: Container[str]) -> Document:
    county = document.county
    if county in RESIDENCE_PERMIT_COUNTIES or county in known_counties:
        return document
    return Document(
        document.kind, document.number, document.birth_date, document.sex, county,
        (*document.warnings, "county_unknown"),
    )


def _sex(word: str) -> str:
    return "male" if int(word[16]) % 2 else "female"


def _refuse_empty(kind: str) -> Refusal:
    return Refusal(
        "document_number_missing",
        _("The number of the document is missing."),
        "registry.identity.number",
        kind=kind,
    )


def _not_right(kind: str, code: str) -> Refusal:
    return Refusal(
        code,
        _("This is not the shape of a number on such a paper (%(kind)s)."),
        f"registry.identity.{kind}",
        kind=kind,
    )


# Telephone numbers -------------------------------------------------------------------------------


def check_mobile(text: str) -> str:
    """A mainland mobile number as its 11 digits. Raises Refusal.

    Spaces, dashes, brackets, full-width digits and the prefixes +86, 0086, 86 are taken off.
    """
    digits = _digits_of_phone(text).removeprefix("+").removeprefix("00")
    if len(digits) == 13:
        digits = digits.removeprefix("86")
    if not re.fullmatch(r"1[3-9]\d{9}", digits, re.ASCII):
        raise Refusal(
            "mobile_shape",
            _("A mainland mobile number has 11 digits and begins with 13 to 19."),
            "registry.identity.mobile",
        )
    return digits


def check_phone(text: str) -> str:
    """A mainland mobile number, or a foreign one written with + (E.164). Raises Refusal."""
    try:
        return check_mobile(text)
    except Refusal as refusal:
        number = _digits_of_phone(text)
        if re.fullmatch(r"\+(?!86)[1-9]\d{6,14}", number, re.ASCII):
            return number
        raise refusal from None


def _digits_of_phone(text: str) -> str:
    """Digits and a leading plus; anything that is no part of a number is left, to be refused."""
    if not isinstance(text, str) or len(text) > PHONE_LENGTH_MAX:
        return ""
    return re.sub(r"[\s().\-‐‑‒–—―]+", "", plain_characters(text))
