"""What the cast says most often, and a stand-in for the stations' arrivals, which live above."""

from uuid import UUID

from pratique.custody.ledger import birth, move
from pratique.journal.fact import Receipt
from pratique.journal.kinds import Body, declare, kind_named, reduces
from pratique.kit.sql import reading
from pratique.registry.identity import check_character
from pratique.registry.reduce import PersonRecord, register_persons
from pratique.registry.rules import check_identity
from tests.support import Speaker, fresh_id


class Met(Body, kw_only=True):
    """A person is met; held by `account` where one is named."""

    person: UUID
    account: str | None = None


if kind_named("test.met") is None:
    declare("test.met", Met, roles=("gate_officer",), subjects=lambda b: (b.person,), sealed=True)

    @reduces("test.met")
    def meet(facts, context):
        verdicts = [check_identity((f.sealed or {}).get(f.body.person)) for f in facts]
        good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
        move(context, [birth(f, f.body.person, "person", f.body.account, "arrival")
                       for f in good if f.body.account])
        register_persons(context, [
            PersonRecord(f, f.body.person, (f.sealed or {}).get(f.body.person)) for f in good])
        return verdicts


def resident_number(born: str = "19850312", serial: int = 1, county: str = "141123") -> str:
    body = f"{county}{born}{serial:03d}"
    return body + check_character(body)


WANG = {"name": "王小明", "document_kind": "resident_id", "document": resident_number(),
        "phone": "138 1111 2222", "address": "兴县蔚汾镇城关村12号"}


def met_fact(gate: Speaker, sealed: dict | None = None, *, account=None, person=None, **changes):
    """The fact that `gate` met somebody who looks like Wang but for `changes`."""
    person = person or fresh_id(gate.now)
    part = {name: value for name, value in ((sealed or WANG) | changes).items() if value}
    return gate.fact("test.met", sealed={person: part}, person=person, account=account)


def meet_person(gate: Speaker, sealed: dict | None = None, **more) -> UUID:
    """Meet somebody; the person's id."""
    fact = met_fact(gate, sealed, **more)
    receipt = gate.send(fact).receipts[0]
    assert receipt.status == "applied", receipt.text()
    return next(iter(fact.sealed))


def merge(registrar: Speaker, kept: UUID, merged: UUID) -> Receipt:
    return registrar.say("registry.persons_merged", kept=kept, merged=merged, reason="同一个人")


def holder(subject: UUID) -> str | None:
    with reading() as cursor:
        cursor.execute("SELECT account FROM custody_holding WHERE subject = %s", (subject,))
        row = cursor.fetchone()
        return row[0] if row else None


def findings(code: str) -> list[tuple[UUID, str | None]]:
    """(subject, owner) of the findings of one code."""
    with reading() as cursor:
        cursor.execute("SELECT subject, owner FROM journal_finding WHERE code = %s ORDER BY id",
                       (code,))
        return cursor.fetchall()


def questions() -> list[tuple[frozenset[UUID], str]]:
    """(pair, outcome) of every finding that two records are very likely one person; "" = open."""
    with reading() as cursor:
        cursor.execute("SELECT params ->> 'first', params ->> 'second', outcome FROM "
                       "journal_finding WHERE code = 'same_person_twice' ORDER BY outcome, id")
        return [(frozenset((UUID(a), UUID(b))), outcome) for a, b, outcome in cursor.fetchall()]
