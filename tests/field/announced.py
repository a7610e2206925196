"""A county to whose gate a valley comes home: a list imported by thousands, ten risk lists."""

from datetime import timedelta

from pratique.desks.tests.conftest import LIST_OF_20_AUGUST, NOON, fill_county
from pratique.feeds.arrivals import import_arrivals
from pratique.feeds.risk_areas import read_list, shipped_files
from pratique.journal.fact import Actor
from pratique.journal.record import record
from pratique.registry.identity import check_character

NOW = NOON + timedelta(days=1)  # the list of 21 August is known
POST = "post-01"
ABOARD = 3
DAYS_AHEAD = 10
TOWNS = ("蔚汾镇", "魏家滩镇", "瓦塘镇")
SURNAMES = "王李张刘陈杨赵黄周吴"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英"
HEADING = ("姓名", "证件号码", "手机号", "车牌号", "卡口", "预计到达时间", "目的地", "出发地")


def document(number: int) -> str:
    """A right resident's number of nobody."""
    first = f"610112{1960 + number // 10_080 % 40}{1 + number // 840 % 12:02}" \
            f"{1 + number // 30 % 28:02}{number % 30:03}"
    return first + check_character(first)


def plate(number: int) -> str:
    return f"陕A{number // ABOARD:05d}"


def rows(count: int) -> bytes:
    """The list as a clerk's CSV: every row with a plate and a telephone of its own."""
    lines = [",".join(HEADING)]
    for number in range(count):
        at = NOW + timedelta(minutes=number * DAYS_AHEAD * 1440 // count)
        name = (SURNAMES[number % 10] + GIVEN[number // 10 % len(GIVEN)]
                + GIVEN[number // 7 % len(GIVEN)] * (number % 4 > 0))
        lines.append(",".join((
            name, document(number), f"139{number:08d}", plate(number), POST, f"{at:%Y-%m-%d %H:%M}",
            TOWNS[number % len(TOWNS)], "陕西省西安市未央区")))
    return "\r\n".join(lines).encode()


def expecting_county(count: int) -> None:
    """The example county on 21 August with the ten lists, expecting so many."""
    fill_county()
    lists = [read_list(file).fact for file in shipped_files() if file != LIST_OF_20_AUGUST]
    assert record(lists, actor=Actor.system(), now=NOW, source="seed").counts()["applied"] == 9
    report = import_arrivals("list.csv", rows(count), actor=Actor(frozenset({"registrar"})),
                             now=NOW, place="command")
    assert (report.rows, report.accepted) == (count, count), report.rejected[:2]
