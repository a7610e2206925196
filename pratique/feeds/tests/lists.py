"""Lists as clerks bring them, and the county that they are about."""

import io
from datetime import UTC, datetime

import msgspec
import xlsxwriter

from pratique.registry.identity import check_character
from tests.support import county_speaker

LOCAL = datetime(2022, 8, 20, 14, 30, tzinfo=UTC).replace(tzinfo=None)  # as a cell has it
HEADING = ["姓名", "证件号码", "手机号", "车牌号", "预计到达时间", "目的地", "出发地", "备注"]


def resident(number: int) -> str:
    digits = f"141122199001{1 + number % 28:02}{number % 1000:03}"
    return digits + check_character(digits)


def row(number: int = 1, **other) -> list:
    cells = {"姓名": f"张三{number}", "证件号码": resident(number), "手机号": "13800138000",
             "车牌号": "晋J12345", "预计到达时间": "2022-08-20 14:30", "目的地": "蔚汾镇",
             "出发地": "陕西省西安市未央区", "备注": "", **other}
    return [cells[name] for name in HEADING]


def as_csv(*rows, encoding: str = "utf-8", heading=HEADING) -> bytes:
    return "\r\n".join(",".join(f'"{c}"' for c in r) for r in [heading, *rows]).encode(encoding)


def as_xlsx(*rows, heading=HEADING, sheets_before: tuple[str, ...] = (), title: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name in sheets_before:
            book.add_worksheet(name).write(0, 0, "填表说明")
        sheet = book.add_worksheet("名单")
        first = 0
        if title:
            sheet.write(0, 0, title)
            first = 1
        when = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for r, cells in enumerate([heading, *rows], first):
            for c, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    sheet.write_datetime(r, c, cell, when)
                elif isinstance(cell, str):
                    sheet.write_string(r, c, cell)
                elif cell is not None:
                    sheet.write(r, c, cell)
    return out.getvalue()


UNITS = [
    ("outside", "outside", "境外", "outside", None),
    ("command", "office", "指挥部", "command", None),
    ("post-01", "checkpoint", "兴县东卡口", "East gate", None),
    ("town-141123100", "community", "蔚汾镇", "Weifen town", "141123100"),
]


def open_the_county() -> None:
    system = county_speaker()
    names = ("code", "kind", "name_zh", "name_en", "division")
    batch = system.send(*[
        msgspec.structs.replace(
            system.fact("registry.unit_opened"),
            body=msgspec.Raw(msgspec.json.encode(dict(zip(names, unit, strict=True)))))
        for unit in UNITS])
    assert {r.status for r in batch.receipts} == {"applied"}
