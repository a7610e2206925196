"""What the free text of a published risk area says: a place, or the rest of something.

The publisher writes "肥乡区除高、中风险区以外的其他地区", "中高风险区以外的卡若区其他所有区域",
"贡觉县全域", "民和县": all mean everything of that county that no other line names.
"徐家汇街道除中、高风险区之外的其他地区" is the rest of one street only. So the words that mean
"but for" and "the rest" are taken off, then the names of province, city and county, and what
remains decides: nothing → the rest of the county; one name of a street, town or zone → the rest of
that part; anything else → a place.
"""

import re
from dataclasses import dataclass

from pratique.registry.identity import plain_characters, settled

_RISK = (
    r"(?:已划分为)?(?:上述|以上)?[高中低]?(?:风险(?:区域|地区|区)?)?[、和及]?[高中低]*[、和及]?[高中低]*"
    r"(?:风险(?:区域|地区|区)?|点位)"
)
_BUT_FOR = re.compile(rf"除?{_RISK}(?:除外|以外|之外|外)(?:区域|地区)?")
_EMPTY_BRACKETS = re.compile(r"\([、,的除]*\)")
_REST_WORDS = (
    *(f"其{ending}{all_of}{area}"
      for ending in "他它余" for all_of in ("", "所有") for area in ("区域", "地区", "")),
    "所有区域", "全部区域", "的区域", "内的区域", "区域内", "地区", "区域", "辖区", "全域", "全境",
    "辖内", "域内", "内", "的",
)
_REST_END = re.compile("(?:" + "|".join(_REST_WORDS) + ")+$")
_REST_SAID = re.compile(
    r"其他|其它|其余|以外|之外|除外|风险区?域?(?:地区)?外|全域|全境|所有区域|全部区域"
)
_PART = re.compile(
    r"[^,()、\-;:]{1,20}(?:街道|[镇乡]|片区|城区|园区|新区|苏木|农场|林场|师|团|兵团|连|开发区|区|市|县)"
)
_DIVISION_END = "省市区县旗盟州"
SHORTENED_LENGTH_MIN = 5  # only long names are shortened; 新区 is no short form of 新市区
_DASHES = re.compile(r"[‐‑‒–—―－~～]+|--+")
_COMMAS = re.compile(r"[，,]")
_ENDS = re.compile(r"^[。.;；、,\s]+|[。.;；、,\s]+$")

PLACE = "place"
REST_OF_PART = "rest_of_part"
REST_OF_UNIT = "rest_of_unit"
REST = "*"
"""The key of the rest of a whole county, whichever way it is worded."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`reach` is one of the three words above; `part` names what the rest is of, if a part.

    `key` is the same for two wordings of the same area: the rest of a county is `REST` and the rest
    of a part is the part's name, however the publisher phrases it this evening.
    """

    reach: str
    part: str | None
    key: str


def read_area(text: str, *, province: str, city: str, county: str, part: str | None) -> Reading:
    """Understand one published area. `part`: a street that the publisher's county column held."""
    names = [name for name in (province, city, county) if name]
    place = _strip_names(normalise_text(text), names)
    remainder, said_rest = _without_rest_words(place)
    remainder = _strip_names(remainder, names)
    if remainder in ("", county) or _named_at_front(remainder, county) == len(remainder):
        reach = REST_OF_UNIT if part is None else REST_OF_PART
        return Reading(reach, part, REST if part is None else part)
    if part is not None and remainder in (part, _without_brackets(part)):
        return Reading(REST_OF_PART, part, part)
    if said_rest and _PART.fullmatch(remainder):
        return Reading(REST_OF_PART, remainder, remainder)
    return Reading(PLACE, part, place if part is None else f"{part}:{place}")


def normalise_text(text: str) -> str:
    """Full-width made plain, spaces gone, one kind of dash and comma, no full stop. Idempotent."""
    return settled(_normalise_once, text)


def _normalise_once(text: str) -> str:
    plain = "".join(plain_characters(text).split()).upper()
    plain = _COMMAS.sub(",", _DASHES.sub("-", plain))
    return _ENDS.sub("", plain)


def _without_rest_words(plain: str) -> tuple[str, bool]:
    """`plain` without "but for the …" and "all other areas of"; whether it had such words."""
    said = bool(_REST_SAID.search(plain))
    rest = _EMPTY_BRACKETS.sub("", _BUT_FOR.sub("", plain))
    before = None
    while before != rest:
        before = rest
        rest = _REST_END.sub("", rest)
    return re.sub(r"^的", "", rest), said


def _strip_names(text: str, names: list[str]) -> str:
    """Take the names of province, city and county off the front, short forms included."""
    for name in names:
        end = _named_at_front(text, name)
        if end:
            text = text[end:]
    return re.sub(r"^的", "", text)


def _named_at_front(text: str, name: str) -> int:
    """How many characters at the front of `text` are `name` or a short form of it.

    A short form begins and ends with the name's own first and last character and has only its
    characters in between, in order: 察右后旗, 民和县, 海南州. A long form puts another name
    before the division's own in brackets: 高新区(新市区).
    """
    if text.startswith(name):
        return len(name)
    bracket = re.match(rf"[^()]{{2,10}}\({re.escape(name)}\)", text)
    if bracket:
        return bracket.end()
    if len(name) < SHORTENED_LENGTH_MIN:
        return 0
    for end in range(2, min(len(text), len(name)) + 1):
        head = text[:end]
        if head[-1] in _DIVISION_END and _is_short_form(head, name):
            return end
    return 0


def _is_short_form(short: str, name: str) -> bool:
    if short[0] != name[0] or short[-1] != name[-1]:
        return False
    rest = iter(name)
    return all(character in rest for character in short)


def _without_brackets(name: str) -> str:
    """旧宫(地区)镇 is what others write as 旧宫镇."""
    return re.sub(r"\(.*?\)", "", name)
