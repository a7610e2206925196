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

from pratique.checkpoint.queries import Awaited, expectations
from pratique.feeds.arrival_rows import (
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
from pratique.feeds.sheets import HEADING_WITHIN_ROWS, Line, Sheet, read_sheets
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


@dataclass(frozen=True, slots=True)
class Listed:
    """A file that could be read: its list's heading, and the rows that are not blank.

    cells: the heading's own, as many as the widest row has. digest: of the file's content; the
    rows' ids follow from it.
    """

    digest: str
    heading: Heading
    cells: list[Any] = field(repr=False)
    lines: list[Line] = field(repr=False)
    ignored_sheets: list[str]


@dataclass(slots=True)
class Outcome:
    """What became of some rows. parked and disputed facts are accepted: they are kept and shown."""

    accepted: int = 0
    duplicate: int = 0
    rejected: list[Rejected] = field(default_factory=list)


@dataclass(slots=True)
class Report(Outcome):
    """What became of a file."""

    file: str = ""
    digest: str = ""
    heading: list[Any] = field(default_factory=list, repr=False)
    ignored_columns: list[str] = field(default_factory=list)
    ignored_sheets: list[str] = field(default_factory=list)
    rows: int = 0

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


def import_arrivals(
    file: str, data: bytes, *, actor: Actor, now: datetime, by: UUID | None = None,
    place: str | None = None, progress: Progress | None = None,
) -> Report:
    """Record what a list announces, 500 rows at a time; each time is one transaction.

    file: its name; the ending says the format. by, place: who imports, and for which unit.
    progress(done, all) is called after each 500 rows. Raises Refusal when the file as a whole
    cannot be read; a row that cannot be read is in the report.
    """
    listed = read_list(file, data)
    report = Report(
        file=file, digest=listed.digest, heading=listed.cells,
        ignored_columns=listed.heading.ignored, ignored_sheets=listed.ignored_sheets,
        rows=len(listed.lines))
    importing = Importing(
        listed.digest, listed.heading, len(listed.cells), actor, said_at=now, now=now, by=by,
        place=place)
    done = 0
    for some in in_parts(listed.lines):
        outcome = importing.take(some)
        report.accepted += outcome.accepted
        report.duplicate += outcome.duplicate
        report.rejected += outcome.rejected
        done += len(some)
        if progress:
            progress(done, len(listed.lines))
    if not report.adds_up():
        raise AssertionError(f"{report.file}: {report.as_json()}")
    return report


def read_list(file: str, data: bytes) -> Listed:
    """The list in a file. Raises Refusal when the file as a whole cannot be read."""
    table, heading, others = find_table(read_sheets(file, data))
    lines = [x for x in table.lines if x.number > heading.number and not x.is_blank()]
    width = max(len(x.cells) for x in [*lines, table.lines[heading.number - 1]])
    cells = padded(table.lines[heading.number - 1].cells, width)
    return Listed(sha256(data).hexdigest(), heading, cells, lines, others)


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


def padded(cells: Sequence[Any], width: int) -> list[Any]:
    """A row of the table's width."""
    return [*cells, *[None] * (width - len(cells))]


def in_parts(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The rows, ROWS_AT_A_TIME together."""
    waiting = iter(lines)
    while some := list(islice(waiting, ROWS_AT_A_TIME)):
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


class Importing:
    """One list on its way in, some of its rows after the others.

    said_at: when it was handed in; what a row means depends on that moment alone, so rows taken
    later mean the same. documents: keyed digests of the rows that were taken before.
    """

    def __init__(
        self, digest: str, heading: Heading, width: int, actor: Actor, *, said_at: datetime,
        now: datetime, by: UUID | None, place: str | None, documents: set[bytes] | None = None,
    ) -> None:
        self.digest = digest
        self.heading = heading
        self.width = width
        self.actor = actor
        self.said_at = said_at
        self.now = now
        self.by = by
        self.place = place
        self.places = _places(said_at)
        self.documents: set[bytes] = documents or set()

    def take(self, lines: Sequence[Line]) -> Outcome:
        """Record these rows: as many statements for five hundred as for one."""
        outcome = Outcome()
        rows: list[tuple[Line, Announced, bytes]] = []
        ids = {line.number: self._id("fact", line.number) for line in lines}
        known = facts_named(list(ids.values()))
        read = [(line, read_row(line, self.heading, self.places)) for line in lines]
        digests = registry.document_digests(
            row.document for __, row in read if isinstance(row, Announced))
        for line, row in read:
            digest = digests.get(row.document) if isinstance(row, Announced) else None
            if ids[line.number] in known:
                outcome.duplicate += 1
            elif isinstance(row, list):
                outcome.rejected.append(self.reject(line, row))
            elif digest in self.documents:
                outcome.duplicate += 1
            elif digest is not None:
                rows.append((line, row, digest))
            if digest is not None:
                self.documents.add(digest)
        self._record(rows, ids, outcome)
        return outcome

    def _record(
        self, rows: Sequence[tuple[Line, Announced, bytes]], ids: dict[int, UUID],
        outcome: Outcome,
    ) -> None:
        known = registry.first_by_digest(digest for __, __, digest in rows)
        persons = {row.number: known.get(digest) or self._id("person", row.number)
                   for __, row, digest in rows}
        awaited: dict[UUID, Awaited] = {}
        for one in expectations(persons=persons.values(), limit=10 * ROWS_AT_A_TIME):
            awaited.setdefault(one.person, one)
        facts, told = [], []
        for line, row, __ in rows:
            before = awaited.get(persons[row.number])
            if before is not None and _says_nothing_new(row, before):
                outcome.duplicate += 1
            else:
                facts.append(self._fact(ids[row.number], persons[row.number], row))
                told.append(line)
        if not facts:
            return
        batch = record(facts, actor=self.actor, now=self.now, source=SOURCE)
        for line, receipt in zip(told, batch.receipts, strict=True):
            self._settle(line, receipt, outcome)

    def _settle(self, line: Line, receipt: Receipt, outcome: Outcome) -> None:
        if receipt.code == "id_reused" or (receipt.status == "duplicate" and not receipt.code):
            outcome.duplicate += 1  # somebody imports the same file at this moment
        elif receipt.is_refused:
            why = Refusal(receipt.code, receipt.sentence, receipt.rule, **receipt.params)
            outcome.rejected.append(self.reject(line, [Problem("", receipt.code, why)]))
        else:
            outcome.accepted += 1

    def reject(self, line: Line, problems: list[Problem]) -> Rejected:
        return Rejected(line.number, problems, padded(line.cells, self.width))

    def _id(self, what: str, number: int) -> UUID:
        return seeded_id(f"{KIND}/{self.digest}/{number}/{what}", IDS_SINCE)

    def _fact(self, id_: UUID, person: UUID, row: Announced) -> Envelope:
        body = {"person": person, "source": SOURCE, **row.body}
        return Envelope(
            id=id_, kind=KIND, at=self.said_at, by=self.by, place=self.place,
            body=msgspec.Raw(_encoder.encode(body)), sealed={person: row.identity})


def _says_nothing_new(row: Announced, before: Awaited) -> bool:
    body = row.body
    same = all(body.get(name) == getattr(before, name)
               for name in ("post", "eta", "plate", "destination", "resident"))
    return same and [s["division"] for s in body["stays"]] == [s.division for s in before.stays]
