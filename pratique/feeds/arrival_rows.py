"""A row of a pre-registration list: from what people write to what a fact can say, or why not.

Nothing is guessed and nothing is dropped in silence. Headings are understood in Chinese and in
English; a number of a paper that the spreadsheet kept as a number is refused, because its last
digits may be gone already.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pratique.checkpoint.rules import DIVISION
from pratique.feeds.sheets import Cell, Line
from pratique.kit.errors import Refusal
from pratique.registry.divisions import MUNICIPALITIES, Divisions, divisions
from pratique.registry.identity import (
    check_document,
    check_phone,
    plain_characters,
    read_document,
)
from pratique.registry.names import NAME_LENGTH_MAX, normalise_name
from pratique.registry.plates import check_plate
from pratique.registry.rules import ADDRESS_LENGTH_MAX

# Where a list only says from where somebody comes, the last days before the journey were there:
# "where have you been in the last 7 days" is what such lists ask.
LOOKBACK_DAYS = 7
YEARS = range(2000, 2100)

HEADINGS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "名字", "旅客姓名", "name", "full name"),
    "document_kind": ("证件类型", "证件种类", "document kind", "document type", "id type",
                      "kind of document"),
    "document": ("证件号码", "证件号", "身份证号", "身份证号码", "身份证", "document", "id number",
                 "document number", "id no", "id"),
    "phone": ("手机号", "手机号码", "手机", "联系电话", "电话", "联系方式", "phone", "mobile",
              "phone number", "telephone"),
    "address": ("详细地址", "居住地址", "目的地详细地址", "address"),
    "birth_date": ("出生日期", "出生年月日", "birth date", "date of birth", "birth_date"),
    "sex": ("性别", "sex", "gender"),
    "plate": ("车牌号", "车牌号码", "车牌", "plate", "number plate", "licence plate"),
    "post": ("卡口", "入县卡口", "到达卡口", "post", "checkpoint"),
    "eta": ("预计到达时间", "预计抵达时间", "预计返乡时间", "到达时间", "抵达时间", "eta",
            "expected at", "arrival time"),
    "destination": ("目的地", "目的乡镇", "到达乡镇", "乡镇", "所属乡镇", "destination",
                    "township"),
    "resident": ("本县居民", "是否本县居民", "本县户籍", "是否本县户籍", "resident",
                 "resident here"),
    "origin": ("出发地", "来源地", "旅居地", "7天旅居地", "近7天旅居地", "7天内旅居史", "旅居史",
               "origin", "from", "comes from"),
    "origin_since": ("旅居开始时间", "抵达旅居地时间", "origin since", "stay since",
                     "there since"),
    "origin_until": ("旅居结束时间", "离开时间", "离开旅居地时间", "origin until", "stay until",
                     "there until"),
}
REQUIRED = ("name", "document")
DOCUMENT_KINDS = {
    "resident_id": ("居民身份证", "身份证", "二代身份证", "港澳台居民居住证", "resident id",
                    "resident_id"),
    "hk_macao_permit": ("港澳居民来往内地通行证", "港澳通行证", "回乡证", "hk_macao_permit"),
    "taiwan_permit": ("台湾居民来往大陆通行证", "台胞证", "taiwan_permit"),
    "passport": ("护照", "passport"),
    "foreign_permanent_resident": ("外国人永久居留身份证", "永居证", "foreign_permanent_resident"),
    "other": ("其他", "其它", "other"),
}
SEXES = {"male": ("男", "male", "m"), "female": ("女", "female", "f")}
TRUTHS = {True: ("是", "有", "本县", "yes", "y", "true", "1"),
          False: ("否", "无", "外县", "no", "n", "false", "0")}
# How a heading is called when a person is told about it.
CALLED = {
    "name": pgettext_lazy("column", "Name"),
    "document_kind": pgettext_lazy("column", "Kind of document"),
    "document": pgettext_lazy("column", "Document number"),
    "phone": pgettext_lazy("column", "Phone"),
    "address": pgettext_lazy("column", "Address"),
    "birth_date": pgettext_lazy("column", "Date of birth"),
    "sex": pgettext_lazy("column", "Sex"),
    "plate": pgettext_lazy("column", "Number plate"),
    "post": pgettext_lazy("column", "Checkpoint"),
    "eta": pgettext_lazy("column", "Expected at"),
    "destination": pgettext_lazy("column", "Destination"),
    "resident": pgettext_lazy("column", "Resident here"),
    "origin": pgettext_lazy("column", "Comes from"),
    "origin_since": pgettext_lazy("column", "There since"),
    "origin_until": pgettext_lazy("column", "There until"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be taken: in which column (a key of HEADINGS, "" for the whole row).

    said: what becomes the sentence in whatever language is active when it is read.
    """

    column: str
    code: str
    said: Any = field(repr=False)

    @property
    def sentence(self) -> str:
        return str(self.said)


@dataclass(frozen=True, slots=True)
class Announced:
    """A row that can become a fact. document: (kind, normalised number)."""

    number: int
    identity: dict[str, str]
    document: tuple[str, str]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the table begins and which of its columns are known. ignored: headings that are not.

    width: as many columns as have a heading.
    """

    number: int
    columns: dict[str, int]
    ignored: list[str]
    width: int


@dataclass(frozen=True, slots=True)
class Places:
    """Units by whatever people call them: {kind: {plain name: code}}."""

    names: Mapping[str, Mapping[str, str]]
    zone: ZoneInfo
    now: datetime
    divisions: Divisions = field(default_factory=divisions)


def plain(text: str) -> str:
    """A heading or a name as it is compared: plain characters, no spaces, stars or remarks."""
    bare = re.sub(r"[(（【\[].*?[)）】\]]", "", plain_characters(text))
    return re.sub(r"[\s*＊:：_]+", "", bare).lower()


_KNOWN = {plain(alias): key for key, aliases in HEADINGS.items() for alias in aliases}


def heading_of(line: Line) -> Heading | None:
    """The line as a heading; None where it has not the columns that a list must have.

    Raises Refusal where two columns mean the same.
    """
    columns: dict[str, int] = {}
    ignored = []
    for place, cell in enumerate(line.cells):
        if not isinstance(cell, str) or not cell.strip():
            continue
        key = _KNOWN.get(plain(cell))
        if key is None:
            ignored.append(cell.strip())
        elif key in columns:
            raise Refusal("column_twice", _("Two columns mean the same: %(column)s."),
                          "feeds.arrivals.heading", column=cell.strip())
        else:
            columns[key] = place
    if not all(key in columns for key in REQUIRED):
        return None
    width = 1 + max(n for n, cell in enumerate(line.cells) if _text(cell))
    return Heading(line.number, columns, ignored, width)


def read_row(line: Line, heading: Heading, places: Places) -> Announced | list[Problem]:
    """What a row says, or every reason why it cannot be taken."""
    row = _Row(line, heading)
    if any(_text(cell) for cell in line.cells[heading.width:]):
        row.problems.append(Problem("", "row_too_long", _(
            "The row has more cells than the heading.")))
    name = row.read("name", _name, needed=True)
    kind = row.read("document_kind", _kind) or "resident_id"
    document = row.read("document", lambda cell: _document(kind, cell, places), needed=True)
    identity = {
        "name": name, "document_kind": kind, "document": document,
        "phone": row.read("phone", _phone), "address": row.read("address", _address),
        "birth_date": row.read("birth_date", lambda cell: _day(cell, places)),
        "sex": row.read("sex", lambda cell: _word(cell, SEXES)),
    }
    eta = row.read("eta", lambda cell: _moment(cell, places))
    body = {
        "post": row.read("post", lambda cell: _unit(cell, "checkpoint", places)),
        "eta": eta,
        "plate": row.read("plate", lambda cell: check_plate(_only_text(cell))),
        "destination": row.read("destination", lambda cell: _unit(cell, "community", places)),
        "resident": row.read("resident", lambda cell: _word(cell, TRUTHS)),
        "stays": _stays(row, eta, places),
    }
    if row.problems:
        return row.problems
    return Announced(line.number, {k: v for k, v in identity.items() if v},
                     (kind, str(document)), {k: v for k, v in body.items() if v is not None})


class _Row:
    """A row being read: problems are gathered, so that a clerk mends them all at once."""

    def __init__(self, line: Line, heading: Heading) -> None:
        self.line = line
        self.heading = heading
        self.problems: list[Problem] = []

    def cell(self, key: str) -> Cell:
        place = self.heading.columns.get(key)
        return None if place is None or place >= len(self.line.cells) else self.line.cells[place]

    def read(self, key: str, reader: Callable[[Cell], Any], *, needed: bool = False) -> Any:
        """The cell as `reader` has it; None where it is empty or wrong."""
        cell = self.cell(key)
        try:
            if not _text(cell):
                if needed:
                    raise Refusal("cell_missing", _("This cell must not be empty."),
                                  "feeds.arrivals.row")
                return None
            return reader(cell)
        except Refusal as refusal:
            self.problems.append(Problem(key, refusal.code, refusal.with_traceback(None)))
            return None


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()


def _only_text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    raise Refusal("cell_not_text", _("This cell must be text."), "feeds.arrivals.row")


def _whole(cell: Cell) -> str | None:
    """The digits of a whole number that a spreadsheet gives as 1.0; None for anything else."""
    if not isinstance(cell, int | float) or isinstance(cell, bool) or not math.isfinite(cell):
        return None
    return str(int(cell)) if cell == int(cell) else None


def _name(cell: Cell) -> str:
    name = normalise_name(_only_text(cell))
    if not name or len(name) > NAME_LENGTH_MAX:
        raise Refusal("name_length", _("A name has at most %(most)s characters."),
                      "feeds.arrivals.name", most=NAME_LENGTH_MAX)
    return name


def _address(cell: Cell) -> str:
    address = plain_characters(_text(cell))
    if len(address) > ADDRESS_LENGTH_MAX:
        raise Refusal("address_length", _("An address has at most %(most)s characters."),
                      "feeds.arrivals.address", most=ADDRESS_LENGTH_MAX)
    return address


def _kind(cell: Cell) -> str:
    word = plain(_only_text(cell))
    for kind, names in DOCUMENT_KINDS.items():
        if word in [plain(name) for name in names]:
            return kind
    return check_document(word, "")  # refuses the kind before it looks at any number


def _document(kind: str, cell: Cell, places: Places) -> str:
    """Only text: a spreadsheet keeps fifteen digits of a number and writes 0 for the others."""
    number = cell if isinstance(cell, str) else ""
    if not isinstance(cell, str) or re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+|\d+\.0+", number.strip()):
        raise Refusal(
            "document_is_a_number",
            _("The spreadsheet keeps this as a number, so its last digits may be lost. Set the "
              "column to text and enter the number again."), "feeds.arrivals.document")
    return read_document(kind, number, on=places.now.date()).number


def _phone(cell: Cell) -> str:
    """A number is taken too: eleven digits are kept whole."""
    whole = _whole(cell)
    return check_phone(_only_text(cell).strip() if whole is None else whole)


def _word(cell: Cell, words: Mapping[Any, Sequence[str]]) -> Any:
    if isinstance(cell, bool) and cell in words:
        return cell
    said = plain(_whole(cell) or str(cell))
    for meaning, names in words.items():
        if said in names:
            return meaning
    raise Refusal("word_unknown", _("“%(word)s” is none of: %(known)s."), "feeds.arrivals.row",
                  word=said[:20], known=", ".join(names[0] for names in words.values()))


def _unit(cell: Cell, kind: str, places: Places) -> str:
    code = places.names.get(kind, {}).get(plain(_whole(cell) or _text(cell)))
    if code is None:
        raise Refusal(f"{kind}_unknown", _("There is no place here called “%(name)s”."),
                      "feeds.arrivals.unit", name=_text(cell)[:40])
    return code


_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]*(\d{1,2})[:时点](?:(\d{1,2})分?)?(?::\d{2})?)?")


def _moment(cell: Cell, places: Places) -> datetime:
    """A local time, to the minute; a day alone is its beginning."""
    if isinstance(cell, datetime):
        parts = [cell.year, cell.month, cell.day, cell.hour, cell.minute]
    elif isinstance(cell, date):
        parts = [cell.year, cell.month, cell.day, 0, 0]
    else:
        found = _MOMENT.fullmatch(plain_characters(str(cell)).replace("：", ":"))
        parts = [int(part or 0) for part in found.groups()] if found else [0, 0, 0, 0, 0]
    year, month, day, hour, minute = parts
    try:
        moment = datetime(year, month, day, hour, minute, tzinfo=places.zone)
    except ValueError:
        moment = None
    if moment is None or moment.year not in YEARS:
        raise Refusal("time_unreadable", _("This is no time like 2022-08-20 14:30."),
                      "feeds.arrivals.time")
    return moment


def _day(cell: Cell, places: Places) -> str:
    if isinstance(cell, str) and re.fullmatch(r"\d{8}", cell.strip()):
        cell = f"{cell.strip()[:4]}-{cell.strip()[4:6]}-{cell.strip()[6:]}"
    if isinstance(cell, datetime | date):
        born = date(cell.year, cell.month, cell.day)
    else:
        found = _MOMENT.fullmatch(plain_characters(str(cell)))
        try:
            born = date(int(found[1]), int(found[2]), int(found[3])) if found else None
        except ValueError:
            born = None
    if born is None or not date(1880, 1, 1) <= born <= places.now.date():
        raise Refusal("birth_date_unreadable", _("This is no date of birth like 1990-01-31."),
                      "feeds.arrivals.birth_date")
    return born.isoformat()


# Stays --------------------------------------------------------------------------------------------


def _stays(row: _Row, eta: datetime | None, places: Places) -> list[dict[str, Any]]:
    division = row.read("origin", lambda cell: _origin(cell, places.divisions))
    since = row.read("origin_since", lambda cell: _moment(cell, places))
    until = row.read("origin_until", lambda cell: _moment(cell, places))
    if division is None:
        return []
    until = until or eta or places.now
    since = since or until - timedelta(days=LOOKBACK_DAYS)
    if until < since:
        row.problems.append(Problem("origin_until", "stay_backwards", _(
            "A stay cannot end before it began.")))
        return []
    return [{"division": division, "since": since, "until": until}]


def _origin(cell: Cell, table: Divisions) -> str:
    """A county, by its six digits or by the names of province, city and county."""
    text = re.sub(r"[\s\-—/,，、>·]+", "", plain_characters(_whole(cell) or _text(cell)))
    if DIVISION.fullmatch(text) and text in table.names:
        return text
    for province, code in table.provinces.items():
        if not text.startswith(province):
            continue
        rest = text.removeprefix(province)
        cities = [city for (of, city), __ in table.cities.items()
                  if of == code and rest.startswith(city)]
        if province in MUNICIPALITIES:
            cities.append(province)
        for city in [*sorted(cities, key=len, reverse=True), ""]:
            county = rest.removeprefix(city)
            found = table.resolve(province, city, county) if county else None
            if found and found.division and not found.part:
                return found.division
            holders = table.counties.get((code, county), ()) if county and not city else ()
            if len(holders) == 1:
                return holders[0]
    raise Refusal(
        "origin_unknown",
        _("No county is called “%(name)s”. Write its six digits, or province, city and county as "
          "they are called officially."), "feeds.arrivals.origin", name=_text(cell)[:60])
