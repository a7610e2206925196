"""A small kind of fact of the tests' own: notes about subjects, some waiting for others."""

from uuid import UUID

import pytest

from pratique.journal.fact import Disputed, Parked, Quarantined
from pratique.journal.kinds import Body, declare, kind_named, reduces
from tests.support import Speaker


class Noted(Body, kw_only=True):
    """A note. `after`: the fact that it follows. `verdict`: what the reducer shall say."""

    subject: UUID
    text: str = ""
    after: UUID | None = None
    verdict: str = "applied"


APPLIED: list[UUID] = []

if kind_named("test.noted") is None:
    declare("test.noted", Noted, roles=("gate_officer",), subjects=lambda b: (b.subject,),
            sealed=True)

    @reduces("test.noted")
    def note(facts, context):
        context.cursor.execute("SELECT id FROM journal_fact WHERE id = ANY(%b) AND outcome = 0",
                               ([f.body.after for f in facts if f.body.after],))
        known = {row[0] for row in context.cursor.fetchall()} | set(APPLIED)
        verdicts = [_verdict(f, known) for f in facts]
        APPLIED.extend(f.id for f, v in zip(facts, verdicts, strict=True) if v is None)
        return verdicts

    def _verdict(fact, known):
        if fact.body.after and fact.body.after not in known:
            return Parked(on=fact.body.after)
        match fact.body.verdict:
            case "disputed":
                return Disputed("contradicts", "It contradicts %(what)s.", "test.rule",
                                {"what": "another"})
            case "quarantined":
                return Quarantined("forbidden", "It is not allowed.", "test.rule")
        return None


@pytest.fixture
def gate(db):
    """Guo, the gate officer at post-01."""
    APPLIED.clear()
    return Speaker("post-01", ["gate_officer"])
