"""What a reducer is given besides its facts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import psycopg

from pratique.journal.fact import Actor, Fact
from pratique.kit.sql import ask

LOCK = (
    "SELECT count(*) FROM (SELECT FROM journal_subject WHERE id = ANY(%b) ORDER BY id FOR UPDATE) l"
)


@dataclass
class NewFinding:
    id: UUID
    fact: UUID
    code: str
    rule: str
    params: dict[str, Any]
    subject: UUID | None
    owner: str | None


def finding_id(fact: UUID, code: str, about: UUID | None) -> UUID:
    """The id of the finding that `fact` opened: the same however often it is worked out."""
    return uuid5(fact, f"{code}:{about}")


@dataclass
class Context:
    """One batch while it is applied.

    cursor: inside the batch's transaction. now: when the server heard the batch.
    actor: whose batch it is; speakers: of facts that others said, by the fact's id.
    opened: the subjects that were locked when the batch was opened; `locked`: with later ones.
    cache: what a room has read under the batch's locks; emptied when a part is rolled back.
    notes: what a room's facts leave for the end of the batch, by name; kept then.
    """

    cursor: psycopg.Cursor
    now: datetime
    batch: UUID
    actor: Actor
    speakers: Mapping[UUID, Actor] = field(default_factory=dict)
    opened: frozenset[UUID] = frozenset()
    locked: set[UUID] = field(default_factory=set)
    touched: set[UUID] = field(default_factory=set)
    announced: list[UUID] = field(default_factory=list)
    findings: list[NewFinding] = field(default_factory=list)
    cache: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, set[str]] = field(default_factory=dict)
    _asked: dict[str, psycopg.Cursor] = field(default_factory=dict)
    # By the list's identity; the list is kept with it, so that no other can come to its place.
    _ahead: dict[int, tuple[list[Fact], psycopg.Cursor]] = field(default_factory=dict)

    def speaker_of(self, fact: Fact) -> Actor:
        """By whose rights a fact is judged. A fact that waited was judged when it was heard."""
        return self.speakers.get(fact.id, self.actor)

    def ask(self, name: str, query: str, params: Sequence[Any]) -> None:
        """Send a statement whose rows are fetched later, by `answer` with the same name."""
        self._asked[name] = ask(self.cursor, query, params)

    def answer(self, name: str) -> list[tuple] | None:
        """The rows of what was asked; None where it was not, or was answered already."""
        asked = self._asked.pop(name, None)
        return None if asked is None else asked.fetchall()

    def ask_for(self, facts: list[Fact], query: str, params: Sequence[Any]) -> None:
        """Send what a reducer reads for these facts; see `journal.kinds.reduces`, `ahead`."""
        self._ahead[id(facts)] = (facts, ask(self.cursor, query, params))

    def rows_for(
        self, facts: list[Fact], ahead: Callable[[list[Fact], "Context"], None]
    ) -> list[tuple]:
        """What `ahead` asked for these facts; asked now where that has not been done."""
        if id(facts) not in self._ahead:
            ahead(facts, self)
        __, asked = self._ahead.pop(id(facts))
        return asked.fetchall()

    def forget_ahead(self) -> None:
        """Drop what was asked for facts and not fetched."""
        self._ahead.clear()

    def touch(self, persons: Iterable[UUID]) -> None:
        """The pathway looks at these persons again when the batch's facts are applied."""
        self.touched.update(persons)

    def happened(self, ids: Iterable[UUID]) -> None:
        """Facts parked on these ids get their turn, in this batch."""
        self.announced.extend(ids)

    def find(
        self,
        fact: Fact,
        code: str,
        rule: str,
        params: dict[str, Any] | None = None,
        *,
        subject: UUID | None = None,
        owner: str | None = None,
    ) -> UUID:
        """Open a finding for a person to look into. Its id follows from the fact's and the code."""
        about = subject or (fact.subjects[0] if fact.subjects else None)
        finding = finding_id(fact.id, code, about)
        self.findings.append(
            NewFinding(finding, fact.id, code, rule, params or {}, about, owner or fact.place)
        )
        return finding

    def locks(self, subjects: Iterable[UUID]) -> None:
        """Lock further subjects, sorted. A deadlock that this makes is retried by `record`."""
        wanted = sorted(set(subjects) - self.locked)
        if not wanted:
            return
        self.cursor.execute(
            "INSERT INTO journal_subject (id) SELECT unnest(%b::uuid[]) ON CONFLICT DO NOTHING",
            (wanted,),
        )
        self.cursor.execute(LOCK, (wanted,))
        self.locked.update(wanted)
