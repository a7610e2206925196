"""What a reducer is given besides its facts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import psycopg

from pratique.journal.fact import Actor, Fact

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


@dataclass
class Context:
    """One batch while it is applied.

    cursor: inside the batch's transaction. now: when the server heard the batch.
    cache: what a room has read under the batch's locks; emptied when a part is rolled back.
    notes: what a room's facts leave for the end of the batch, by name; kept then.
    """

    cursor: psycopg.Cursor
    now: datetime
    batch: UUID
    actor: Actor
    locked: set[UUID] = field(default_factory=set)
    fresh: set[UUID] = field(default_factory=set)  # of these, the ones nobody had heard of before
    touched: set[UUID] = field(default_factory=set)
    announced: list[UUID] = field(default_factory=list)
    findings: list[NewFinding] = field(default_factory=list)
    cache: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, set[str]] = field(default_factory=dict)

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
        finding = uuid5(fact.id, f"{code}:{about}")
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
