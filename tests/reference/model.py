"""The reference model: custody told in plain Python, without a database, sets or batches.

It takes facts one by one and keeps what they mean in dictionaries. It is written from the house's
words alone, as simply as can be; the system is held against it (test_model.py).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

OUTSIDE = "outside"


@dataclass
class Told:
    """A fact as the model takes it."""

    id: UUID
    kind: str
    body: dict


@dataclass
class Held:
    account: str
    entry: UUID
    pending: UUID | None = None


@dataclass
class OfferLine:
    giver: str
    taker: str
    answer: str | None = None


@dataclass
class World:
    """Everything that the facts so far mean."""

    limits: dict[str, int] = field(default_factory=dict)
    holdings: dict[UUID, Held] = field(default_factory=dict)
    chains: dict[UUID, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    offers: dict[UUID, dict[UUID, OfferLine]] = field(default_factory=dict)
    tubes: dict[str, UUID] = field(default_factory=dict)
    waiting: dict[UUID, list[Told]] = field(default_factory=lambda: defaultdict(list))
    status: dict[UUID, str] = field(default_factory=dict)

    def tell(self, fact: Told) -> str:
        """Take one fact; answer its status. Facts that waited for it get their turn at once."""
        if self.status.get(fact.id) not in (None, "quarantined"):
            return "duplicate"
        return self._take(fact)

    def _take(self, fact: Told) -> str:
        verdict = getattr(self, "_" + fact.kind.replace(".", "_"))(fact)
        if isinstance(verdict, UUID):
            self.waiting[verdict].append(fact)
            self.status[fact.id] = "parked"
            return "parked"
        self.status[fact.id] = verdict
        if verdict == "applied":
            self._wake(fact.id)
            if "handover" in fact.body:
                self._wake(fact.body["handover"])
        return verdict

    def _wake(self, on: UUID) -> None:
        for fact in sorted(self.waiting.pop(on, ()), key=lambda f: f.id):
            self._take(fact)

    # ── coming and going ────────────────────────────────────────────────────────────────────────
    def _come(self, fact: Told, subject: UUID, account: str) -> str:
        held = self.holdings.get(subject)
        if held is not None and (held.account != OUTSIDE or held.pending):
            return "disputed"
        self.holdings[subject] = Held(account, fact.id)
        self.chains[subject].append(fact.id)
        return "applied"

    def _go(self, fact: Told, subject: UUID, account: str, holds_by: UUID) -> str | UUID:
        refused = self._holder(subject, account, holds_by)
        if refused:
            return refused
        held, after = self.holdings[subject], fact.body.get("after")
        if held.pending:
            return held.pending
        if after and not self._answered(after, subject):
            return after
        self.holdings[subject] = Held(OUTSIDE, fact.id)
        self.chains[subject].append(fact.id)
        return "applied"

    def _holder(self, subject: UUID, account: str, holds_by: UUID) -> str | UUID | None:
        """None: `account` holds the subject by `holds_by`. A UUID: what has to come first."""
        held = self.holdings.get(subject)
        if held is None or holds_by not in self.chains[subject]:
            return holds_by
        if held.entry != holds_by or held.account != account:
            return "disputed"
        return None

    def _checkpoint_vehicle_arrived(self, fact: Told) -> str:
        return self._come(fact, fact.body["vehicle"], fact.body["post"])

    def _checkpoint_vehicle_cleared(self, fact: Told) -> str | UUID:
        body = fact.body
        return self._go(fact, body["vehicle"], body["post"], body["holds_by"])

    def _specimens_collected(self, fact: Told) -> str:
        body = fact.body
        if self.tubes.get(body["tube"], body["specimen"]) != body["specimen"]:
            return "disputed"
        verdict = self._come(fact, body["specimen"], body["place"])
        if verdict == "applied":
            self.tubes[body["tube"]] = body["specimen"]
        return verdict

    # ── hand-overs ──────────────────────────────────────────────────────────────────────────────
    def _custody_offered(self, fact: Told) -> str | UUID:
        body, found = fact.body, None
        for line in body["lines"]:
            subject = line["subject"]
            verdict = self._holder(subject, body["giver"], line["holds_by"])
            if verdict is None and self.holdings[subject].pending:
                verdict = self.holdings[subject].pending
            if verdict is None and line.get("after"):
                verdict = None if self._answered(line["after"], subject) else line["after"]
            if verdict == "disputed":
                return verdict
            found = found or verdict
        if found:
            return found
        if not self._room_for(body["taker"], len(body["lines"])):
            return "quarantined"
        self.offers[fact.id] = {
            line["subject"]: OfferLine(body["giver"], body["taker"]) for line in body["lines"]}
        for line in body["lines"]:
            self.holdings[line["subject"]].pending = fact.id
        return "applied"

    def _answered(self, handover: UUID, subject: UUID) -> bool:
        line = self.offers.get(handover, {}).get(subject)
        return line is not None and line.answer is not None

    def _room_for(self, account: str, count: int) -> bool:
        return account not in self.limits or count <= self.limits[account]

    def _custody_answered(self, fact: Told) -> str | UUID:
        body = fact.body
        answers = [(s, "accepted") for s in body.get("accepted", [])]
        answers += [(r["subject"], "refused") for r in body.get("refused", [])]
        return self._answer(fact, body["handover"], answers)

    def _custody_withdrawn(self, fact: Told) -> str | UUID:
        return self._answer(fact, fact.body["handover"],
                            [(s, "withdrawn") for s in fact.body["subjects"]])

    def _answer(self, fact: Told, handover: UUID, answers: list) -> str | UUID:
        if handover not in self.offers:
            return handover
        lines = self.offers[handover]
        if any(s not in lines or lines[s].answer for s, __ in answers):
            return "disputed"
        for subject, answer in answers:
            lines[subject].answer = answer
            held = self.holdings[subject]
            held.pending = None
            if answer == "accepted":
                held.account, held.entry = lines[subject].taker, fact.id
                self.chains[subject].append(fact.id)
        return "applied"

    # ── what there is to compare ────────────────────────────────────────────────────────────────
    def state(self) -> dict:
        """Where every subject is, what is on offer, how each line was answered."""
        return {
            "holdings": {s: (h.account, h.entry, h.pending) for s, h in self.holdings.items()},
            "lines": {(o, s): line.answer for o, lines in self.offers.items()
                      for s, line in lines.items()},
            "waiting": sorted(f.id for facts in self.waiting.values() for f in facts),
        }
