"""The same work row by row through Django's ORM: what `record` is held against.

Written as one would write it: look whether the fact is known, lock the subject's holding, check
the giver, save the fact, the entry, the hand-over, the holding; one transaction a fact. Its tables
are copies without triggers, and its identities are sealed just as ours.
"""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, models, transaction

from pratique.evidence import ledger_kinds
from pratique.journal import vault
from pratique.kit import seal

ALIAS = "owner"
TABLES = {"journal_fact": "bench_orm_fact", "custody_holding": "bench_orm_holding",
          "custody_entry": "bench_orm_entry", "custody_line": "bench_orm_line",
          "custody_resolution": "bench_orm_resolution"}


def copy_of(model: type[models.Model], table: str) -> Any:
    """An unmanaged model with the same fields on another table."""
    fields = {f.name: f.clone() for f in model._meta.local_fields if f.concrete}
    composite = model._meta.pk if isinstance(model._meta.pk, models.CompositePrimaryKey) else None
    if composite is not None:
        fields["pk"] = models.CompositePrimaryKey(*composite.field_names)
    meta = type("Meta", (), {"managed": False, "db_table": table, "app_label": "journal"})
    return type(f"Orm{model.__name__}", (models.Model,),
                {**fields, "Meta": meta, "__module__": __name__})


class RowByRow:
    """Says facts one by one."""

    def __init__(self) -> None:
        from pratique.custody import models as custody
        from pratique.journal import models as journal

        with connections[ALIAS].cursor() as cursor:
            for table, copy in TABLES.items():
                cursor.execute(f"CREATE TABLE {copy} (LIKE {table} INCLUDING ALL)")
        self.fact = copy_of(journal.Fact, "bench_orm_fact")
        self.holding = copy_of(custody.Holding, "bench_orm_holding")
        self.entry = copy_of(custody.Entry, "bench_orm_entry")
        self.line = copy_of(custody.Line, "bench_orm_line")
        self.resolution = copy_of(custody.Resolution, "bench_orm_resolution")
        self.keys = vault.county_keys()
        self.number = 0

    def say_all(self, facts: list[bytes], now: datetime) -> None:
        for data in facts:
            self.say(data, now)

    def say(self, data: bytes, now: datetime) -> None:
        told = json.loads(data)
        body = told["body"]
        with transaction.atomic(using=ALIAS):
            if self.fact.objects.using(ALIAS).filter(pk=told["id"]).exists():
                return
            match told["kind"]:
                case ledger_kinds.ARRIVED:
                    self.move(told, body["person"], "outside", body["post"], None, "person", now)
                case ledger_kinds.COLLECTED:
                    self.move(told, body["specimen"], "outside", body["place"], None, "specimen",
                              now)
                case "custody.offered":
                    self.offer(told, body)
                case "custody.answered":
                    self.answer(told, body, now)
            self.save(told, now)

    def save(self, told: dict, now: datetime) -> None:
        self.number += 1
        box = None
        if told["sealed"]:
            subject, part = next(iter(told["sealed"].items()))
            key = seal.new_data_keys(1)[0]
            box = seal.seal(key, UUID(told["id"]), UUID(subject), json.dumps(part).encode())
        self.fact.objects.using(ALIAS).create(
            id=told["id"], number=self.number, kind=told["kind"],
            subject=told["body"].get("person") or told["body"].get("specimen"), at=told["at"],
            recorded_at=now, by=told["by"], place=told["place"], device=told["device"],
            seq=told["seq"], body=told["body"],
            digest=seal.fact_digest(self.keys, json.dumps(told, sort_keys=True).encode()),
            leaf=b"\0" * 32, box=box, outcome=0, batch=told["id"])

    def move(self, told, subject, giver, taker, handover, kind, now) -> None:  # noqa: PLR0917
        holdings = self.holding.objects.using(ALIAS)
        held = holdings.select_for_update().filter(pk=subject).first()
        previous = held.entry if held else UUID(int=0)
        self.entry.objects.using(ALIAS).create(
            subject=subject, previous=previous, fact=told["id"], kind=kind, giver=giver,
            taker=taker, why="move", handover=handover, at=told["at"], recorded_at=now)
        if held is None:
            holdings.create(subject=subject, kind=kind, account=taker, entry=told["id"],
                            since=told["at"])
        else:
            held.account, held.entry, held.pending = taker, told["id"], None
            held.save(using=ALIAS)

    def offer(self, told: dict, body: dict) -> None:
        for line in body["lines"]:
            held = self.holding.objects.using(ALIAS).select_for_update().get(pk=line["subject"])
            assert held.account == body["giver"] and held.pending is None
            self.line.objects.using(ALIAS).create(
                handover=told["id"], subject=line["subject"], holds_by=line["holds_by"],
                giver=body["giver"], taker=body["taker"])
            held.pending = told["id"]
            held.save(using=ALIAS)

    def answer(self, told: dict, body: dict, now: datetime) -> None:
        for subject in body["accepted"]:
            line = self.line.objects.using(ALIAS).get(handover=body["handover"], subject=subject)
            self.resolution.objects.using(ALIAS).create(
                handover=body["handover"], subject=subject, outcome="accepted", reason="",
                fact=told["id"], at=told["at"], recorded_at=now)
            self.move(told, subject, line.giver, line.taker, body["handover"], "person", now)
