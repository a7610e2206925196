"""What the cast of isolation says most often, and how people come to a site and leave it."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import msgspec

from pratique.custody.ledger import Move, move
from pratique.journal.context import Context
from pratique.journal.fact import Actor, Receipt
from pratique.kit.sql import in_transaction, reading
from tests.support import FIRST_MORNING, Speaker, county_speaker, fresh_id

entries: dict[UUID, tuple[UUID, str]] = {}


def open_unit(code: str, kind: str) -> None:
    """A unit is opened by a fact; its body has a `kind` of its own, so it is made by hand."""
    system = county_speaker()
    fact = system.fact("registry.unit_opened")
    body = {"code": code, "kind": kind, "name_zh": code, "name_en": code}
    receipt = system.send(
        msgspec.structs.replace(fact, body=msgspec.Raw(msgspec.json.encode(body)))).receipts[0]
    assert receipt.status == "applied", receipt.text()


def open_rooms(site: str, rooms: list[dict]) -> None:
    receipt = county_speaker().say("registry.rooms_opened", site=site, rooms=rooms)
    assert receipt.status == "applied", receipt.text()


def at(hour: float, minute: int = 0, day: int = 20) -> datetime:
    """An hour of a day of August 2022 in the county, as UTC."""
    return FIRST_MORNING + timedelta(days=day - 20, hours=hour - 6, minutes=minute)


def arrive(account: str, count: int = 1, when: datetime | None = None) -> list[UUID]:
    """Persons enter the loop at `account`, by the ledger alone."""
    people = [fresh_id() for __ in range(count)]
    for person in people:
        entries[person] = (None, "outside")
    go(people, account, when or at(5))
    return people


def go(people, taker: str, when: datetime) -> None:
    """People go to another account, by the ledger alone; nobody looks at their rooms."""
    fact = SimpleNamespace(id=fresh_id(when), at=when)
    with in_transaction() as cursor:
        context = Context(cursor, when, fresh_id(), Actor.system())
        context.locks(people)
        moves = [Move(fact, p, "person", entries[p][1], taker, entries[p][0], "correction")
                 for p in people]
        assert not any(move(context, moves))
    for person in people:
        entries[person] = (fact.id, taker)


def ended(people, *, when: datetime = FIRST_MORNING) -> None:
    """What the pathway does at the end of a batch for those whose holder changed."""
    from pratique.isolation.reduce import end_stays

    with in_transaction() as cursor:
        context = Context(cursor, when, fresh_id(), Actor.system())
        context.locks(people)
        end_stays(context, people)


def give(site: Speaker, person: UUID, room: str, **more) -> Receipt:
    fact = site.fact("isolation.room_given", person=person, site=site.place, room=room, **more)
    return site.send(fact).receipts[0]


def done(speaker: Speaker, readings: dict, *, day="2022-08-20", slot="morning", **more) -> Receipt:
    """A round: person -> degrees, or (degrees, symptoms)."""
    rows = []
    for person, said in readings.items():
        degrees, symptoms = said if isinstance(said, tuple) else (said, [])
        rows.append({"person": person, "temperature_c": degrees, "symptoms": symptoms})
    fact = speaker.fact("isolation.round_done", account=speaker.place, day=day, slot=slot,
                        readings=rows, **more)
    return speaker.send(fact).receipts[0]


def findings(code: str | None = None) -> list[tuple[str, UUID, str]]:
    """(code, subject, owner) of the open findings."""
    with reading() as cursor:
        cursor.execute("SELECT code, subject, owner FROM journal_finding WHERE closed_at IS NULL "
                       "AND (%s::text IS NULL OR code = %s) ORDER BY code, subject", (code, code))
        return cursor.fetchall()
