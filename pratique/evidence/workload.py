"""What the speed of `record` is measured with: arrivals, tubes and hand-overs in equal parts."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from pratique.custody.reduce import open_accounts
from pratique.journal.context import Context
from pratique.journal.fact import Actor
from pratique.journal.kinds import ROLES
from pratique.kit.ids import new_id
from pratique.kit.sql import in_transaction

BEGIN = datetime(2022, 8, 20, 0, 0, tzinfo=UTC)
EVERYBODY = Actor(frozenset(ROLES))
POSTS = [f"post-{n:02}" for n in range(1, 13)]
TOWNS = [f"town-1411231{n:02}" for n in range(16)]
FAMILY, GIVEN = "王李张刘陈杨赵黄周吴", "伟芳娜敏静强磊军洋勇艳杰娟涛明超"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_encode = msgspec.json.Encoder().encode


def open_county() -> None:
    """Accounts and nothing else: what custody needs."""
    accounts = [("outside", "outside", None), ("command", "office", None),
                *((code, "checkpoint", None) for code in POSTS),
                *((code, "community", None) for code in TOWNS)]
    with in_transaction() as cursor:
        open_accounts(Context(cursor, BEGIN, new_id(BEGIN), EVERYBODY), accounts)


@dataclass
class Workload:
    """A growing county; `mixed(n)` are the next n facts, as bytes, none of which waits."""

    draw: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311
    device: UUID = field(default_factory=uuid4)
    now: datetime = BEGIN
    seq: int = 0
    serial: int = 0
    series: str = field(default_factory=lambda: f"B{uuid4().hex[:8].upper()}")  # of its tubes
    free: list[tuple[UUID, str, UUID]] = field(default_factory=list)  # held by a post
    offered: list[tuple[UUID, UUID, str]] = field(default_factory=list)

    def fact(self, kind: str, place: str, body: dict, sealed: dict | None = None) -> tuple:
        self.seq += 1
        self.now += timedelta(milliseconds=7)
        id_ = new_id(self.now)
        return id_, _encode({
            "id": id_, "kind": kind, "at": self.now, "by": self.device, "place": place,
            "device": self.device, "seq": self.seq, "body": body, "sealed": sealed})

    def arrival(self) -> bytes:
        person, post = new_id(self.now), self.draw.choice(POSTS)
        self.serial += 1
        id_, data = self.fact("checkpoint.person_arrived", post, {
            "person": person, "post": post, "resident": True, "from_outside_province": True,
            "destination": self.draw.choice(TOWNS), "phone_verified": True,
            "stays": [{"division": "510107", "area": "none", "since": BEGIN - timedelta(days=6),
                       "until": BEGIN}]}, {str(person): self.identity()})
        self.free.append((person, post, id_))
        return data

    def identity(self) -> dict[str, str]:
        draw = self.draw
        head = f"141123{draw.randint(1940, 2015)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}"
        head += f"{self.serial % 1000:03}"
        check = "10X98765432"[sum(int(d) * w for d, w in zip(head, WEIGHTS, strict=True)) % 11]
        return {"name": draw.choice(FAMILY) + draw.choice(GIVEN) + draw.choice(GIVEN),
                "document_kind": "resident_id", "document": head + check,
                "phone": f"13{draw.randint(10**8, 10**9 - 1)}",
                "sex": draw.choice(["male", "female"])}

    def specimen(self) -> bytes:
        specimen, post = new_id(self.now), self.draw.choice(POSTS)
        self.serial += 1
        return self.fact("specimens.collected", post, {
            "specimen": specimen, "tube": f"{self.series}-{self.serial}",
            "person": new_id(self.now),
            "place": post, "purpose": "landing", "urgent": True})[1]

    def handover(self) -> bytes:
        """An offer of somebody who is free, or the answer to one that was heard before."""
        if self.offered and self.draw.random() < 0.5:
            offer, person, town = self.offered.pop()
            return self.fact("custody.answered", town, {
                "handover": offer, "taker": town, "accepted": [person], "refused": []})[1]
        person, post, holds_by = self.free.pop(0)
        town = self.draw.choice(TOWNS)
        id_, data = self.fact("custody.offered", post, {
            "giver": post, "taker": town, "lines": [{"subject": person, "holds_by": holds_by}],
            "expires_at": self.now + timedelta(minutes=30)})
        self.fresh_offers.append((id_, person, town))
        return data

    def mixed(self, count: int) -> list[bytes]:
        """The next `count` facts; those of one batch do not build on one another."""
        self.fresh_offers: list[tuple[UUID, UUID, str]] = []
        fresh: list[tuple[UUID, str, UUID]] = []
        facts = []
        for number in range(count):
            match number % 3:
                case 0:
                    facts.append(self.arrival())
                    fresh.append(self.free.pop())
                case 1:
                    facts.append(self.specimen())
                case __:
                    facts.append(self.handover())
        self.free += fresh
        self.offered = self.fresh_offers + self.offered
        return facts

    def arrivals(self, count: int) -> list[bytes]:
        return [self.arrival() for __ in range(count)]
