"""What the cast says most often."""

from datetime import timedelta
from uuid import UUID

from pratique.custody.ledger import birth, move
from pratique.journal.context import Context
from pratique.journal.fact import Receipt
from pratique.journal.kinds import Body, declare, kind_named, reduces
from pratique.kit.sql import reading
from tests.support import Speaker, fresh_id


class Arrived(Body, kw_only=True):
    """A subject enters the loop: a stand-in for the stations' arrivals, which live above."""

    subjects: list[UUID]
    account: str
    kind: str = "person"


if kind_named("test.arrived") is None:
    declare("test.arrived", Arrived, roles=("gate_officer", "sampler"),
            subjects=lambda b: b.subjects)

    @reduces("test.arrived")
    def arrive(facts, context: Context):
        verdicts = []
        for fact in facts:
            made = move(context, [birth(fact, s, fact.body.kind, fact.body.account, "arrival")
                                  for s in fact.body.subjects])
            verdicts.append(next((v for v in made if v), None))
        return verdicts


def arrive_people(gate: Speaker, count: int = 1) -> tuple[list[UUID], UUID]:
    """`count` persons arrive at the gate: their ids, and the fact by which the gate holds them."""
    people = [fresh_id(gate.now) for __ in range(count)]
    receipt = gate.say("test.arrived", subjects=people, account=gate.place)
    assert receipt.status == "applied", receipt
    return people, receipt.id


def offer(giver: Speaker, taker: str, people: list[UUID], holds_by: UUID, **more) -> Receipt:
    return giver.say(
        "custody.offered", giver=giver.place, taker=taker,
        lines=[{"subject": p, "holds_by": holds_by} for p in people],
        expires_at=giver.now + timedelta(minutes=30), **more)


def accept(taker: Speaker, handover: UUID, people: list[UUID], refused=()) -> Receipt:
    return taker.say(
        "custody.answered", handover=handover, taker=taker.place, accepted=people,
        refused=[{"subject": s, "reason": why} for s, why in refused])


def on_hand(account: str) -> int:
    with reading() as cursor:
        cursor.execute("SELECT count(*) FROM custody_holding WHERE account = %s", (account,))
        return cursor.fetchone()[0]


def holder(subject: UUID) -> str:
    with reading() as cursor:
        cursor.execute("SELECT account FROM custody_holding WHERE subject = %s", (subject,))
        return cursor.fetchone()[0]
