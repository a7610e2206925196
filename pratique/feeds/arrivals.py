"""Import of pre-registration lists: rows in = accepted + duplicate + rejected, always.

    report = import_arrivals("list.xlsx", data, actor=…, now=…)
    report.rows == report.accepted + report.duplicate + len(report.rejected)

A fact's id follows from the file's content and the row, so a file imported twice, or once more
after it broke off, gives duplicates and no doubles. A row about somebody who is announced already
(the same document, and nothing new) is a duplicate too: next day's list holds yesterday's rows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from pratique.checkpoint.queries import Awaited, expectations
from pratique.feeds.arrival_rows import (
    CALLED,
    HEADINGS,
    REQUIRED,
    Announced,
    Heading,
    Places,
    Problem,
    heading_of,
    plain,
    read_row,
)
from pratique.feeds.county import seeded_id
from pratique.feeds.sheets import HEADING_WITHIN_ROWS, Line, Sheet, csv_bytes, read_sheets
from pratique.journal.fact import Actor, Envelope, Receipt
from pratique.journal.queries import facts as facts_named
from pratique.journal.record import record
from pratique.kit.errors import Refusal
from pratique.registry import queries as registry

KIND = "checkpoint.expected"
SOURCE = "import-arrivals"
ROWS_AT_A_TIME = 500
# Ids of imported rows are alike but for the content's hash, whenever they are imported.
IDS_SINCE = datetime(2020, 1, 1, tzinfo=UTC)
_encoder = msgspec.json.Encoder(order="sorted")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken: its number in the sheet, why, and its cells as they were."""

    number: int
    problems: list[Problem]
    cells: list[Any] = field(repr=False)


@dataclass(slots=True)
class Report:
    """What became of a file. parked and disputed facts are accepted: they are kept and shown."""

    file: str
    digest: str
    heading: list[str] = field(repr=False)
    ignored_columns: list[str]
    ignored_sheets: list[str]
    rows: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: list[Rejected] = field(default_factory=list)

    def adds_up(self) -> bool:
        return self.rows == self.accepted + self.duplicate + len(self.rejected)

    def as_json(self) -> dict[str, Any]:
        """The result for programs: figures, and each rejected row with its reasons."""
        return {
            "file": self.file, "sha256": self.digest, "rows": self.rows, "accepted": self.accepted,
            "duplicate": self.duplicate, "rejected": len(self.rejected),
            "ignored_columns": self.ignored_columns, "ignored_sheets": self.ignored_sheets,
            "rejected_rows": [
                {"row": r.number, "problems": [
                    {"column": p.column, "code": p.code, "sentence": p.sentence}
                    for p in r.problems]}
                for r in self.rejected],
        }

    def rejected_csv(self) -> bytes:
        """The rejected rows for a spreadsheet: row number, column, reason, then the row itself, to
        be mended and imported again. It holds personal data, as the file did."""
        first = [pgettext("column", "Row"), pgettext("column", "Column"),
                 pgettext("column", "Reason")]
        rows = [
            [r.number, "; ".join(dict.fromkeys(called(p.column) for p in r.problems)),
             "; ".join(p.sentence for p in r.problems), *r.cells]
            for r in sorted(self.rejected, key=lambda one: one.number)
        ]
        return csv_bytes([[*first, *self.heading], *rows])


def called(column: str) -> str:
    """What a column is called in the reader's language."""
    return str(CALLED.get(column, ""))


def import_arrivals(
    file: str, data: bytes, *, actor: Actor, now: datetime, by: UUID | None = None,
    place: str | None = None, progress: Progress | None = None,
) -> Report:
    """Record what a list announces, 500 rows at a time; each time is one transaction.

    file: its name; the ending says the format. by, place: who imports, and for which unit.
    progress(done, all) is called after each 500 rows. Raises Refusal when the file as a whole
    cannot be read; a row that cannot be read is in the report.
    """
    table, heading, others = find_table(read_sheets(file, data))
    lines = [x for x in table.lines if x.number > heading.number and not x.is_blank()]
    width = max(len(x.cells) for x in [*lines, table.lines[heading.number - 1]])
    report = Report(
        file, sha256(data).hexdigest(),
        _padded(table.lines[heading.number - 1].cells, width), heading.ignored, others,
        rows=len(lines))
    importing = _Importing(report, heading, _places(now), actor, now, by, place)
    done = 0
    for some in _by(ROWS_AT_A_TIME, lines):
        importing.take(some)
        done += len(some)
        if progress:
            progress(done, len(lines))
    if not report.adds_up():
        raise AssertionError(f"{report.file}: {report.as_json()}")
    return report


def find_table(sheets: Sequence[Sheet]) -> tuple[Sheet, Heading, list[str]]:
    """The one sheet with a list on it, its heading, and the names of the others.

    Sheets of remarks and of choices are common, so a sheet without such a heading is passed over,
    by name; two lists in one file are refused, because one of them would be lost.
    """
    found = []
    for sheet in sheets:
        for line in sheet.lines[:HEADING_WITHIN_ROWS]:
            heading = heading_of(line)
            if heading:
                found.append((sheet, heading))
                break
    if not found:
        raise Refusal("no_heading", _("No row within the first %(rows)s has the headings that a "
                      "list must have: %(needed)s."), "feeds.arrivals.heading",
                      rows=HEADING_WITHIN_ROWS, needed=" · ".join(HEADINGS[k][0] for k in REQUIRED))
    if len(found) > 1:
        raise Refusal("several_lists", _("This workbook has several lists (%(sheets)s). Import "
                      "each from a file of its own."), "feeds.arrivals.heading",
                      sheets=", ".join(sheet.name for sheet, __ in found))
    sheet, heading = found[0]
    return sheet, heading, [s.name for s in sheets if s is not sheet]


def _padded(cells: Sequence[Any], width: int) -> list[Any]:
    return [*cells, *[None] * (width - len(cells))]


def _by(size: int, lines: Sequence[Line]) -> Iterator[list[Line]]:
    waiting = iter(lines)
    while some := list(islice(waiting, size)):
        yield some


def _places(now: datetime) -> Places:
    """Posts and communities by code, by the code of their division, and by their names."""
    names: dict[str, dict[str, str]] = {"checkpoint": {}, "community": {}}
    for kind, known in names.items():
        for unit in registry.units(kind):
            if not unit.is_open:
                continue
            whole = [unit.code, unit.name_zh, unit.name_en, unit.division or ""]
            short = unit.name_zh.removesuffix("镇").removesuffix("乡")
            for name in [*whole, short]:
                if name:
                    known.setdefault(plain(name), unit.code)
    return Places(names, ZoneInfo(settings.COUNTY_ZONE), now)


class _Importing:
    """One file on its way in."""

    def __init__(
        self, report: Report, heading: Heading, places: Places, actor: Actor, now: datetime,
        by: UUID | None, place: str | None,
    ) -> None:
        self.report = report
        self.heading = heading
        self.places = places
        self.actor = actor
        self.now = now
        self.by = by
        self.place = place
        self.documents: set[tuple[str, str]] = set()

    def take(self, lines: Sequence[Line]) -> None:
        rows: list[tuple[Line, Announced]] = []
        ids = {line.number: self._id("fact", line.number) for line in lines}
        known = facts_named(list(ids.values()))
        for line in lines:
            read = read_row(line, self.heading, self.places)
            if ids[line.number] in known:
                self.report.duplicate += 1
            elif isinstance(read, list):
                self._reject(line, read)
            elif read.document in self.documents:
                self.report.duplicate += 1
            else:
                rows.append((line, read))
            if isinstance(read, Announced):
                self.documents.add(read.document)
        self._record(rows, ids)

    def _record(self, rows: Sequence[tuple[Line, Announced]], ids: dict[int, UUID]) -> None:
        persons = {row.number: self._person(row) for __, row in rows}
        awaited: dict[UUID, Awaited] = {}
        for one in expectations(persons=persons.values(), limit=10 * ROWS_AT_A_TIME):
            awaited.setdefault(one.person, one)
        facts, told = [], []
        for line, row in rows:
            before = awaited.get(persons[row.number])
            if before is not None and _says_nothing_new(row, before):
                self.report.duplicate += 1
            else:
                facts.append(self._fact(ids[row.number], persons[row.number], row))
                told.append(line)
        if not facts:
            return
        batch = record(facts, actor=self.actor, now=self.now, source=SOURCE)
        for line, receipt in zip(told, batch.receipts, strict=True):
            self._settle(line, receipt)

    def _settle(self, line: Line, receipt: Receipt) -> None:
        if receipt.code == "id_reused" or (receipt.status == "duplicate" and not receipt.code):
            self.report.duplicate += 1  # somebody imports the same file at this moment
        elif receipt.is_refused:
            self._reject(line, [Problem("", receipt.code, receipt.text())])
        else:
            self.report.accepted += 1

    def _reject(self, line: Line, problems: list[Problem]) -> None:
        width = len(self.report.heading)
        self.report.rejected.append(Rejected(line.number, problems, _padded(line.cells, width)))

    def _id(self, what: str, number: int) -> UUID:
        return seeded_id(f"{KIND}/{self.report.digest}/{number}/{what}", IDS_SINCE)

    def _person(self, row: Announced) -> UUID:
        """Who has this document already, or a new person."""
        found = registry.persons_by_document(*row.document)
        return found[0] if found else self._id("person", row.number)

    def _fact(self, id_: UUID, person: UUID, row: Announced) -> Envelope:
        body = {"person": person, "source": SOURCE, **row.body}
        return Envelope(
            id=id_, kind=KIND, at=self.now, by=self.by, place=self.place,
            body=msgspec.Raw(_encoder.encode(body)), sealed={person: row.identity})


def _says_nothing_new(row: Announced, before: Awaited) -> bool:
    body = row.body
    same = all(body.get(name) == getattr(before, name)
               for name in ("post", "eta", "plate", "destination", "resident"))
    return same and [s["division"] for s in body["stays"]] == [s.division for s in before.stays]
