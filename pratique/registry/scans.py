r"""What a keyboard wedge types when a document is laid on it.

A reader acts as a keyboard: it types the card's fields in one burst, in an order and with
separators of its maker's choosing, often with labels, sometimes with names as ``\u738b``, and a
Chinese input method that happens to be switched on turns digits into full-width ones and commas
into Chinese punctuation. So nothing is read by position. The number is found by its check
character, the birth date and sex come from the number, and the name is the first field that can be
one. Whatever else stands in the burst is handed back as `left`, so that nothing is lost unseen.
"""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from pratique.kit.errors import Refusal
from pratique.registry.identity import document, plain_characters, read_document
from pratique.registry.mrz import parse_zone

SCAN_LENGTH_MAX = 4000
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_SEPARATORS = re.compile(r"[\s|,;:#&*\"'{}\[\]=，。；：、/\\]+")
_NUMBER_RUN = re.compile(r"[0-9X]{18,}")
_HAN = "一-鿿㐀-䶿\U00020000-\U0003ffff〇"
_NAME = re.compile(rf"[{_HAN}]{{2,4}}|[{_HAN}]{{1,20}}(?:·[{_HAN}]{{1,20}}){{1,4}}|[{_HAN}]{{5,8}}")
_LABELS = (
    "姓名", "性别", "民族", "出生", "出生日期", "住址", "地址", "公民身份号码", "身份证号",
    "身份证号码", "证件号码", "证号", "号码", "签发机关", "有效期限", "有效期", "有效期始",
    "有效期止", "有效日期", "长期", "身份证", "居民身份证", "护照", "男", "女", "未知",
)
_PEOPLES = (
    "汉", "蒙古", "回", "藏", "维吾尔", "苗", "彝", "壮", "布依", "朝鲜", "满", "侗", "瑶", "白",
    "土家", "哈尼", "哈萨克", "傣", "黎", "傈僳", "佤", "畲", "高山", "拉祜", "水", "东乡", "纳西",
    "景颇", "柯尔克孜", "土", "达斡尔", "仫佬", "羌", "布朗", "撒拉", "毛南", "仡佬", "锡伯",
    "阿昌", "普米", "塔吉克", "怒", "乌孜别克", "俄罗斯", "鄂温克", "德昂", "保安", "裕固", "京",
    "塔塔尔", "独龙", "鄂伦春", "赫哲", "门巴", "珞巴", "基诺", "穿青人",
)
_NOT_NAMES = {*_LABELS, *_PEOPLES, *(people + "族" for people in _PEOPLES)}
_ADDRESS = re.compile(r"[省市区县旗乡镇街道村组号室路局队社屯]")
_DOTS = re.compile(r"[·•∙⋅・‧．.]")


@dataclass(frozen=True, slots=True)
class Scan:
    """What a burst said. `name` is empty when the reader typed none that could be one."""

    kind: str
    number: str
    name: str
    sex: str | None
    birth_date: date | None
    nationality: str | None
    left: tuple[str, ...]
    warnings: tuple[str, ...]


def read_scan(burst: str, *, on: date) -> Scan:
    """The document in a burst of keys. Raises Refusal when there is none, or more than one.

    `on` is the day of asking. Looks for a machine-readable zone first, then for a resident's or
    permanent resident's number with a right check character anywhere in a run of digits.
    """
    text = clean_burst(burst)
    if "<<" in text:
        return _from_zone(text, on)
    found = _numbers(text, on)
    if len(found) != 1:
        raise _none_or_many(len(found))
    number = found[0]
    paper = read_document(_kind_of(number), number, on=on)
    fields = [f for f in _SEPARATORS.split(_mark(text, number)) if f and f != "\0"]
    name, left = _take_name(fields)
    warnings = paper.warnings if name else (*paper.warnings, "name_not_found")
    return Scan(
        paper.kind, number, name, paper.sex, paper.birth_date, None, tuple(left), warnings
    )


def clean_burst(burst: str) -> str:
    r"""``\u738b`` decoded, full-width signs made plain, line ends kept. Raises Refusal if huge."""
    if not isinstance(burst, str) or len(burst) > SCAN_LENGTH_MAX:
        raise Refusal(
            "scan_too_long",
            _("This is too long to be a scanned document."),
            "registry.scans.length",
        )
    decoded = _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), burst)
    return plain_characters(decoded)


def _numbers(text: str, on: date) -> list[str]:
    """Every right number in the burst, once. A label's digits may touch it, so windows slide.

    A window inside a right number can be right by chance (1 in 11 for its check character, times
    a date that exists), so once one is found the search goes on after its end.
    """
    found: list[str] = []
    for run in _NUMBER_RUN.findall(text.upper()):
        at = 0
        while at + 18 <= len(run):
            word = run[at : at + 18]
            if document(_kind_of(word), word, on=on):
                found.append(word)
                at += 18
            else:
                at += 1
    return list(dict.fromkeys(found))


def _kind_of(number: str) -> str:
    return "foreign_permanent_resident" if number.startswith("9") else "resident_id"


def _mark(text: str, number: str) -> str:
    """The burst with the number cut out, in either case of its X."""
    return re.sub(re.escape(number), " \0 ", text, flags=re.IGNORECASE)


def _take_name(fields: list[str]) -> tuple[str, list[str]]:
    """The first field that can be a name, and all the others but labels."""
    name, left = "", []
    for field in fields:
        word = _without_label(field)
        if not name and _can_be_name(word):
            name = _DOTS.sub("·", word)
        elif word and word not in _LABELS:
            left.append(word)
    return name, left


def _without_label(field: str) -> str:
    for label in sorted(_LABELS, key=len, reverse=True):
        if len(field) > len(label) and len(label) > 1 and field.startswith(label):
            return field[len(label) :]
    return field


def _can_be_name(word: str) -> bool:
    plain = _DOTS.sub("·", word)
    if plain in _NOT_NAMES or not _NAME.fullmatch(plain):
        return False
    # An address has several of these characters; a name may well have one of them.
    return len(plain) <= 4 or "·" in plain or len(_ADDRESS.findall(plain)) < 2


def _from_zone(text: str, on: date) -> Scan:
    lines = [word for word in text.split() if "<" in word or len(word) in (30, 36, 44)]
    zone = parse_zone("\n".join(lines), on=on)
    kind = "passport" if zone.document_code.startswith("P") else "other"
    return Scan(
        kind, zone.number, f"{zone.surname} {zone.given_names}".strip(), zone.sex,
        zone.birth_date, zone.nationality, (), (),
    )


def _none_or_many(count: int) -> Refusal:
    if count:
        return Refusal(
            "scan_several_documents",
            _("%(count)s documents came in one scan: scan them one by one."),
            "registry.scans.one",
            count=count,
        )
    return Refusal(
        "scan_no_document",
        _("No number with a right check character was found in the scan."),
        "registry.scans.one",
    )
