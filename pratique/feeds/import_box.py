"""How a list on its way in is kept: packed, and sealed under the import's own key.

What is sealed for one part of one import opens as nothing else. A row's reasons are kept in every
language that people read here, because whoever takes the rejected rows away may read another one
than the worker that rejected them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils.translation import get_language, override

from pratique.feeds.arrival_rows import Heading, Problem
from pratique.feeds.arrivals import Rejected
from pratique.feeds.sheets import Line
from pratique.journal.vault import county_keys
from pratique.kit import seal


class Card(msgspec.Struct, frozen=True):
    """What is known of the file. heading: its cells; digest: of its content."""

    file: str
    digest: str
    heading: list[Any]
    columns: dict[str, int]
    heading_number: int
    heading_width: int
    ignored_columns: list[str]
    ignored_sheets: list[str]

    def as_heading(self) -> Heading:
        return Heading(
            self.heading_number, self.columns, self.ignored_columns, self.heading_width)


class InLanguages:
    """A sentence that was said in every language; as text, in the reader's."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def __str__(self) -> str:
        return self.texts.get(get_language() or "") or next(iter(self.texts.values()))


class DataKey:
    """An import's own key, opened. wrapped: as its row has it."""

    def __init__(self, id_: UUID, wrapped: bytes | None = None) -> None:
        self.id = id_
        keys = county_keys()
        if wrapped is None:
            self._plain = seal.new_data_keys(1)[0]
            self.wrapped = seal.wrap_key(keys, id_, self._plain)
        else:
            self._plain = seal.unwrap_key(keys, id_, wrapped)
            self.wrapped = wrapped

    def seal(self, of: UUID, value: Any) -> bytes:
        return seal.seal(self._plain, self.id, of, msgspec.msgpack.encode(value))

    def open(self, of: UUID, box: bytes, kind: Any = Any) -> Any:
        return msgspec.msgpack.decode(seal.unseal(self._plain, self.id, of, box), type=kind)

    def seal_card(self, card: Card) -> bytes:
        return self.seal(self.id, msgspec.structs.replace(
            card, heading=[_packed(cell) for cell in card.heading]))

    def open_card(self, box: bytes) -> Card:
        card: Card = self.open(self.id, box, Card)
        return msgspec.structs.replace(card, heading=[_unpacked(c) for c in card.heading])

    def seal_lines(self, part: UUID, lines: Iterable[Line]) -> bytes:
        return self.seal(part, [[x.number, [_packed(c) for c in x.cells]] for x in lines])

    def open_lines(self, part: UUID, box: bytes) -> list[Line]:
        return [Line(number, [_unpacked(c) for c in cells])
                for number, cells in self.open(part, box)]

    def seal_rejected(self, part: UUID, rejected: Sequence[Rejected]) -> bytes:
        return self.seal(part, [
            [r.number, [[p.column, p.code, _in_all_languages(p)] for p in r.problems],
             [_packed(c) for c in r.cells]] for r in rejected])

    def open_rejected(self, part: UUID, box: bytes) -> list[Rejected]:
        return [
            Rejected(number, [Problem(column, code, InLanguages(texts))
                              for column, code, texts in problems],
                     [_unpacked(c) for c in cells])
            for number, problems, cells in self.open(part, box)]


def _in_all_languages(problem: Problem) -> dict[str, str]:
    texts = {}
    for language, __ in settings.LANGUAGES:
        with override(language):
            texts[language] = problem.sentence
    return texts


def _packed(cell: Any) -> Any:
    """A cell as msgpack keeps it; a list marks what it would give back as another type."""
    match cell:
        case datetime():
            return ["datetime", cell.isoformat()]
        case date():
            return ["date", cell.isoformat()]
        case time():
            return ["time", cell.isoformat()]
        case timedelta():
            return ["timedelta", cell.total_seconds()]
    return cell


def _unpacked(cell: Any) -> Any:
    if not isinstance(cell, list):
        return cell
    kind, value = cell
    readers: dict[str, Any] = {
        "datetime": datetime.fromisoformat, "date": date.fromisoformat,
        "time": time.fromisoformat, "timedelta": lambda seconds: timedelta(seconds=seconds)}
    return readers[kind](value)
