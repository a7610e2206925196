"""The system against the reference model, under Hypothesis's stateful testing.

Two worlds: one where everybody acts on what is so, whose facts are then heard in any order, split,
doubled and delayed; and one where people contradict each other, heard one by one.
"""

import os
from datetime import timedelta

import hypothesis.strategies as st
import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from pratique.custody.tests.conftest import open_the_county
from pratique.journal.fact import Actor, Envelope
from pratique.journal.prove import check, laws
from pratique.journal.record import record
from pratique.kit.sql import reading
from tests.reference.model import OUTSIDE, Told, World
from tests.support import FIRST_MORNING, fresh_id

EXAMPLES = int(os.environ.get("PRATIQUE_MODEL_EXAMPLES", "12"))
STEPS = int(os.environ.get("PRATIQUE_MODEL_STEPS", "30"))
PLACES = ("post-01", "post-02", "coach-01", "site-1", "courier-1", "lab-1", "town-141123100")
POSTS = PLACES[:2]
ROLES = frozenset({"gate_officer", "sampler", "crew", "courier", "laboratory", "site_head",
                   "township_clerk"})
COUNTY = Actor(ROLES)
LATER = FIRST_MORNING + timedelta(hours=20)
_encode = msgspec.json.Encoder().encode


def envelope(fact: Told) -> Envelope:
    place = fact.body.get("giver") or fact.body.get("taker") or fact.body.get("post")
    return Envelope(id=fact.id, kind=fact.kind, at=FIRST_MORNING, place=place,
                    body=msgspec.Raw(_encode(fact.body)))


def heard(facts: list[Told]) -> list[str]:
    batch = record([envelope(f) for f in facts], actor=COUNTY, now=LATER, source="model")
    return [r.status for r in batch.receipts]


def state_of_the_system() -> dict:
    with reading() as cursor:
        cursor.execute("SELECT subject, account, entry, pending FROM custody_holding")
        holdings = {s: (a, e, p) for s, a, e, p in cursor.fetchall()}
        cursor.execute("SELECT l.handover, l.subject, r.outcome FROM custody_line l "
                       "LEFT JOIN custody_resolution r USING (handover, subject)")
        lines = {(h, s): o for h, s, o in cursor.fetchall()}
        cursor.execute("SELECT fact FROM journal_parked")
        waiting = sorted(row[0] for row in cursor.fetchall())
    return {"holdings": holdings, "lines": lines, "waiting": waiting}


class County(RuleBasedStateMachine):
    """What both worlds share: people who arrive, offer, answer and leave."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.everything = transaction.atomic()
        self.everything.__enter__()
        open_the_county()

    def teardown(self) -> None:
        try:
            self.finish()
        finally:
            transaction.set_rollback(True)
            self.everything.__exit__(None, None, None)

    def finish(self) -> None:
        """What is checked at the end."""

    def said(self, kind: str, **body) -> Told:
        return Told(fresh_id(), kind, body)

    def inside(self, *, free: bool = True) -> list:
        return [s for s, h in self.world.holdings.items()
                if h.account != OUTSIDE and (not free or h.pending is None)]


class Agreeing(County):
    """Everybody acts on what is so; the facts are heard anyhow; in the end all is as in order."""

    def __init__(self) -> None:
        super().__init__()
        self.unheard: list[Told] = []
        self.known: list[Told] = []

    def act(self, fact: Told) -> None:
        assert self.world.tell(fact) == "applied"
        self.unheard.append(fact)

    @rule(post=st.sampled_from(POSTS), count=st.integers(1, 4))
    def vehicles_arrive(self, post, count):
        for __ in range(count):
            self.act(self.said("checkpoint.vehicle_arrived", vehicle=fresh_id(), post=post,
                               plate="晋J12345", occupants=1))

    @rule(place=st.sampled_from(POSTS))
    def a_tube_is_filled(self, place):
        specimen = fresh_id()
        self.act(self.said("specimens.collected", specimen=specimen, tube=f"T{specimen}",
                           person=fresh_id(), place=place, purpose="landing"))

    @precondition(lambda self: self.inside())
    @rule(data=st.data(), taker=st.sampled_from(PLACES))
    def somebody_offers(self, data, taker):
        first = data.draw(st.sampled_from(self.inside()))
        giver = self.world.holdings[first].account
        same = [s for s in self.inside() if self.world.holdings[s].account == giver]
        if giver == taker:
            return
        lines = []
        for subject in data.draw(st.lists(st.sampled_from(same), min_size=1, max_size=5,
                                          unique=True)):
            lines.append({"subject": subject, "holds_by": self.world.holdings[subject].entry,
                          "after": self.came_to_nothing(subject)})
        self.act(self.said("custody.offered", giver=giver, taker=taker, lines=lines,
                           expires_at=LATER))

    def came_to_nothing(self, subject):
        """The last hand-over of this subject that was refused or taken back, if any."""
        return next((o for o in reversed(self.world.offers)
                     if (line := self.world.offers[o].get(subject))
                     and line.answer not in (None, "accepted")), None)

    def open_lines(self) -> dict:
        return {o: [s for s, line in lines.items() if line.answer is None]
                for o, lines in self.world.offers.items()
                if any(line.answer is None for line in lines.values())}

    @precondition(lambda self: self.open_lines())
    @rule(data=st.data(), accepting=st.booleans(), withdrawing=st.booleans())
    def somebody_answers(self, data, accepting, withdrawing):
        lines = self.open_lines()
        handover = data.draw(st.sampled_from(list(lines)))
        subjects = data.draw(st.lists(st.sampled_from(lines[handover]), min_size=1, unique=True))
        line = self.world.offers[handover][subjects[0]]
        if accepting:
            fact = self.said("custody.answered", handover=handover, taker=line.taker,
                             accepted=subjects, refused=[])
        elif withdrawing:
            fact = self.said("custody.withdrawn", handover=handover, giver=line.giver,
                             subjects=subjects, reason="no longer needed")
        else:
            fact = self.said("custody.answered", handover=handover, taker=line.taker, accepted=[],
                             refused=[{"subject": s, "reason": "full"} for s in subjects])
        self.act(fact)

    @rule(data=st.data())
    def a_vehicle_leaves(self, data):
        cars = [f.body["vehicle"] for f in self.unheard + self.known
                if f.kind == "checkpoint.vehicle_arrived"]
        here = [s for s in self.inside() if s in cars
                and self.world.holdings[s].account in POSTS]
        if here:
            subject = data.draw(st.sampled_from(here))
            held = self.world.holdings[subject]
            self.act(self.said("checkpoint.vehicle_cleared", vehicle=subject, post=held.account,
                               holds_by=held.entry, after=self.came_to_nothing(subject)))

    @precondition(lambda self: self.unheard)
    @rule(data=st.data())
    def some_of_it_is_heard(self, data):
        some = data.draw(st.lists(st.sampled_from(range(len(self.unheard))), min_size=1,
                                  unique=True))
        facts = [self.unheard[n] for n in some]
        again = data.draw(st.lists(st.sampled_from(self.known), max_size=3)) if self.known else []
        heard([*facts, *again, *facts[:1]])
        self.known += facts
        self.unheard = [f for n, f in enumerate(self.unheard) if n not in set(some)]

    def finish(self) -> None:
        for fact in reversed(self.unheard):
            heard([fact])
        assert state_of_the_system() == self.world.state()
        for law in laws():
            if law.name.startswith(("custody.", "journal.")):
                assert check(law).violations == 0, law.name


class Contradicting(County):
    """People act on what they believe; each fact, heard in turn, gets the model's verdict."""

    def __init__(self) -> None:
        super().__init__()
        self.subjects: list = []
        self.moments: list = [fresh_id()]  # ids that somebody may believe to hold by
        self.offers: list = []
        self.made: list[Told] = []

    def act(self, fact: Told) -> None:
        self.made.append(fact)
        self.moments.append(fact.id)
        expected = self.world.tell(fact)
        assert heard([fact])[0] == expected, (fact, expected)

    @rule(post=st.sampled_from(POSTS), known=st.booleans(), data=st.data())
    def a_vehicle_arrives(self, post, known, data):
        new = fresh_id()
        subject = data.draw(st.sampled_from([*self.subjects, new])) if known else new
        self.subjects.append(subject)
        self.act(self.said("checkpoint.vehicle_arrived", vehicle=subject, post=post,
                           plate="晋J12345", occupants=1))

    @precondition(lambda self: self.subjects)
    @rule(data=st.data(), giver=st.sampled_from(PLACES), taker=st.sampled_from(PLACES))
    def somebody_offers_what_they_believe_to_hold(self, data, giver, taker):
        if giver == taker:
            return
        subject = data.draw(st.sampled_from(self.subjects))
        held = self.world.holdings.get(subject)
        beliefs = [*self.moments[-4:], *([held.entry] * 4 if held else [])]
        if held and held.account != OUTSIDE and data.draw(st.booleans()):
            giver = held.account
            if giver == taker:
                return
        fact = self.said("custody.offered", giver=giver, taker=taker, expires_at=LATER,
                         lines=[{"subject": subject,
                                 "holds_by": data.draw(st.sampled_from(beliefs))}])
        self.offers.append(fact)
        self.act(fact)

    @precondition(lambda self: self.offers)
    @rule(data=st.data(), answer=st.sampled_from(["accepted", "refused", "withdrawn"]))
    def somebody_answers_again(self, data, answer):
        offer = data.draw(st.sampled_from(self.offers)).body | {}
        handover = next(f.id for f in self.offers if f.body is not None and f.body == offer)
        subject = offer["lines"][0]["subject"]
        match answer:
            case "withdrawn":
                fact = self.said("custody.withdrawn", handover=handover, giver=offer["giver"],
                                 subjects=[subject], reason="mistake")
            case "accepted":
                fact = self.said("custody.answered", handover=handover, taker=offer["taker"],
                                 accepted=[subject], refused=[])
            case __:
                fact = self.said("custody.answered", handover=handover, taker=offer["taker"],
                                 accepted=[], refused=[{"subject": subject, "reason": "full"}])
        self.act(fact)

    @precondition(lambda self: self.made)
    @rule(data=st.data())
    def something_is_sent_again(self, data):
        fact = data.draw(st.sampled_from(self.made))
        assert heard([fact]) == ["duplicate"]

    def finish(self) -> None:
        assert state_of_the_system() == self.world.state()


HOW = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None,
               suppress_health_check=list(HealthCheck))


@pytest.mark.django_db
def test_facts_in_any_order_split_doubled_and_delayed_end_as_in_order():
    run_state_machine_as_test(Agreeing, settings=HOW)


@pytest.mark.django_db
def test_contradictions_get_the_same_verdicts_as_in_the_model():
    run_state_machine_as_test(Contradicting, settings=HOW)
