"""What the people of the specimen chain say most often."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from pratique.journal.fact import Envelope, Receipt
from pratique.journal.prove import check
from pratique.kit.arrays import uuids
from pratique.kit.sql import reading
from pratique.protocol.history import SpecimenRecord
from pratique.specimens import rules
from pratique.specimens.queries import LAWS, ask_specimen_records
from tests.support import Speaker, fresh_id

CLEAN = {"ORF1ab": None, "N": None, "IC": 27.5}
STRONG = {"ORF1ab": 24.1, "N": 23.8, "IC": 28.0}
WEAK = {"ORF1ab": None, "N": 36.5, "IC": 28.0}
EMPTY = {"ORF1ab": None, "N": None, "IC": None}
CONTROLS = (
    {"well": "A12", "control": "positive", "targets": {"ORF1ab": 28.0, "N": 27.0, "IC": 29.0}},
    {"well": "B12", "control": "negative", "targets": EMPTY},
    {"well": "C12", "control": "extraction", "targets": CLEAN},
)


@dataclass
class Taken:
    """A specimen as its collector knows it; holds_by follows it from hand to hand."""

    specimen: UUID
    tube: str
    person: UUID
    fact: UUID
    holds_by: UUID


@dataclass
class Chain:
    """Gate → courier → laboratory. `reader` and `second` both work at lab-1, `other` at lab-2."""

    gate: Speaker = field(default_factory=lambda: Speaker("post-01", ["gate_officer"]))
    stranger: Speaker = field(default_factory=lambda: Speaker("post-02", ["gate_officer"]))
    courier: Speaker = field(default_factory=lambda: Speaker("courier-1", ["courier"]))
    reader: Speaker = field(default_factory=lambda: Speaker("lab-1", ["laboratory"]))
    second: Speaker = field(default_factory=lambda: Speaker("lab-1", ["laboratory"]))
    other: Speaker = field(default_factory=lambda: Speaker("lab-2", ["laboratory"]))
    serial: int = 0

    def forward(self, **span: float) -> None:
        """Everybody's clock goes on."""
        for who in (self.gate, self.stranger, self.courier, self.reader, self.second, self.other):
            who.forward(**span)

    def label(self) -> str:
        self.serial += 1
        return rules.tube_number(self.serial)

    def collected(self, tube: str = "", person: UUID | None = None, **more: Any) -> Envelope:
        """The fact of a collection at the gate; nothing is sent."""
        body = {"specimen": fresh_id(self.gate.now), "tube": tube or self.label(),
                "person": person or fresh_id(self.gate.now), "place": "post-01",
                "purpose": "landing"} | more
        return self.gate.fact("specimens.collected", **body)

    def collect(self, tube: str = "", person: UUID | None = None, **more: Any) -> Taken:
        fact = self.collected(tube, person, **more)
        receipt = self.gate.send(fact).receipts[0]
        assert receipt.status == "applied", receipt
        return taken(fact)

    def hand_over(
        self, giver: Speaker, taker: Speaker, tubes: Sequence[Taken], *,
        accept: Sequence[Taken] | None = None, bag: str | None = None,
    ) -> UUID:
        """Offer all of `tubes`, accept all of them or only `accept`; answers the hand-over."""
        offered = giver.say(
            "custody.offered", giver=giver.place, taker=taker.place, bag=bag,
            lines=[{"subject": t.specimen, "holds_by": t.holds_by} for t in tubes],
            expires_at=giver.now + timedelta(hours=2))
        assert offered.status == "applied", offered
        answered = tubes if accept is None else accept
        receipt = taker.say("custody.answered", handover=offered.id, taker=taker.place,
                            accepted=[t.specimen for t in answered])
        assert receipt.status == "applied", receipt
        for tube in answered:
            tube.holds_by = receipt.id
        return offered.id

    def to_laboratory(self, *tubes: Taken, laboratory: Speaker | None = None) -> None:
        self.hand_over(self.gate, self.courier, tubes)
        self.hand_over(self.courier, laboratory or self.reader, tubes)

    def imported(
        self, samples: Sequence[tuple[str, dict]], *, by: Speaker | None = None, **more: Any
    ) -> Envelope:
        """The fact of a run with these (tube, targets); nothing is sent."""
        who = by or self.reader
        names = rules.plate_wells()
        wells = [{"well": next(names), "tube": tube, "targets": targets}
                 for tube, targets in samples]
        body = {"run": fresh_id(who.now), "laboratory": who.place, "plate": "P-1",
                "instrument": "cycler-1", "assay": "orf1ab-n",
                "started_at": who.now - timedelta(hours=2), "finished_at": who.now,
                "wells": [*wells, *CONTROLS]} | more
        return who.fact("specimens.run_imported", **body)

    def run(self, *samples: tuple[str, dict], **more: Any) -> UUID:
        fact = self.imported(samples, **more)
        receipt = (more.get("by") or self.reader).send(fact).receipts[0]
        assert receipt.status == "applied", receipt
        return run_of(fact)

    def confirm(self, run: UUID, *, by: Speaker | None = None, **more: Any) -> Receipt:
        who = by or self.second
        return who.say("specimens.run_confirmed", run=run, laboratory=who.place, **more)

    def result(self, taken: Taken, targets: dict) -> None:
        """A run with this one tube, confirmed."""
        self.forward(minutes=10)
        run = self.run((taken.tube, targets))
        receipt = self.confirm(run)
        assert receipt.status == "applied", receipt


def body_of(fact: Envelope) -> dict:
    return msgspec.json.decode(fact.body)


def taken(fact: Envelope) -> Taken:
    body = body_of(fact)
    return Taken(UUID(body["specimen"]), body["tube"], UUID(body["person"]), fact.id, fact.id)


def run_of(fact: Envelope) -> UUID:
    return UUID(body_of(fact)["run"])


def record_of(tube: Taken) -> SpecimenRecord:
    """The tube as the pathway sees it."""
    with reading() as cursor:
        found = ask_specimen_records(cursor, uuids([tube.person]))()[tube.person]
    (record,) = [r for r in found if r.specimen == tube.specimen]
    return record


def findings(code: str = "") -> list[tuple[str, str | None, dict]]:
    """(code, owner, params) of what is open."""
    with reading() as cursor:
        cursor.execute(
            "SELECT code, owner, params FROM journal_finding WHERE closed_at IS NULL "
            "AND (%s = '' OR code = %s) ORDER BY opened_at, id", (code, code))
        return [(c, o, msgspec.json.decode(p)) for c, o, p in cursor.fetchall()]


def codes() -> list[str]:
    return sorted(code for code, __, __ in findings())


def broken_laws() -> list:
    checked = [check(law) for law in LAWS]
    return [(one.law.name, one.examples) for one in checked if one.violations]


def holder(tube: Taken) -> str:
    with reading() as cursor:
        cursor.execute("SELECT account FROM custody_holding WHERE subject = %s", (tube.specimen,))
        return cursor.fetchone()[0]


