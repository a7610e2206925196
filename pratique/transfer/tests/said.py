"""What the cast of a transfer says most often, and where people are put to begin with."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

from pratique.custody.ledger import birth, move
from pratique.journal.context import Context
from pratique.journal.fact import Actor, Receipt
from pratique.kit.sql import in_transaction, reading
from tests.support import FIRST_MORNING, Speaker, fresh_id


def at(hour: int, minute: int = 0, day: int = 20) -> datetime:
    """An hour of a day of August 2022 in the county, as UTC."""
    return FIRST_MORNING + timedelta(days=day - 20, hours=hour - 6, minutes=minute)


def arrive_people(account: str, count: int = 1) -> dict[UUID, UUID]:
    """Persons enter the loop at `account`: person -> the entry by which it holds them."""
    fact = SimpleNamespace(id=fresh_id(), at=at(6))
    people = [fresh_id() for __ in range(count)]
    with in_transaction() as cursor:
        context = Context(cursor, at(6), fresh_id(), Actor.system())
        context.locks(people)
        assert not any(move(context, [birth(fact, p, "person", account, "test") for p in people]))
    return dict.fromkeys(people, fact.id)


def confirm(taker: Speaker, people, **more) -> list[Receipt]:
    facts = [taker.fact("transfer.place_confirmed", person=p, account=taker.place, **more)
             for p in people]
    return list(taker.send(*facts).receipts)


def plan(dispatcher: Speaker, people, **more) -> Receipt:
    """Plan a trip of `people` from post-01 to site-1, 08:00 to 09:00; `more` changes that."""
    body = {
        "trip": fresh_id(), "vehicle": "coach-01", "crew": [DRIVER], "origin": "post-01",
        "destination": "site-1", "passengers": list(people), "depart_at": at(8),
        "arrive_at": at(9), **more,
    }
    return dispatcher.say("transfer.trip_planned", **body)


DRIVER = UUID("0182b5a0-0000-7000-8000-0000000000d1")
OTHER_DRIVER = UUID("0182b5a0-0000-7000-8000-0000000000d2")


def hand_over(giver: Speaker, taker: Speaker, held: dict[UUID, UUID], *, trip: UUID | None = None,
              accepted=None, at: datetime | None = None) -> UUID:
    """`giver` offers all of `held`, `taker` takes `accepted` (or all); `held` is kept right."""
    when = at or giver.now
    offer = giver.fact(
        "custody.offered", at=when, giver=giver.place, taker=taker.place, trip=trip,
        lines=[{"subject": p, "holds_by": e} for p, e in held.items()],
        expires_at=when + timedelta(minutes=30))
    assert giver.send(offer).receipts[0].status == "applied"
    takes = list(held) if accepted is None else list(accepted)
    if takes:
        answer = taker.fact("custody.answered", at=when, handover=offer.id, taker=taker.place,
                            accepted=takes)
        receipt = taker.send(answer).receipts[0]
        assert receipt.status == "applied", receipt
        held.update(dict.fromkeys(takes, answer.id))
    return offer.id


def findings(code: str | None = None) -> list[tuple[str, UUID, str]]:
    """(code, subject, owner) of the open findings."""
    with reading() as cursor:
        cursor.execute("SELECT code, subject, owner FROM journal_finding WHERE closed_at IS NULL "
                       "AND (%s::text IS NULL OR code = %s) ORDER BY code, subject", (code, code))
        return cursor.fetchall()


def trip_state(trip: UUID) -> str:
    with reading() as cursor:
        cursor.execute("SELECT state FROM transfer_trip WHERE trip = %s", (trip,))
        return cursor.fetchone()[0]
