"""The same family at two gates, three days offline, clocks wrong by -3 days and +10 years.

Each world plays the same three days with other clocks and another order of hearing, through the
real API. Who they are is merged or proposed for merging, both histories are kept, and nobody's code
is milder or release earlier than where both clocks were right.
"""

import itertools
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pratique.api.clocks import TOLERANCE
from pratique.api.tests.conftest import County, Tablet
from pratique.cli.verbs.rebuild import rebuild_and_compare
from pratique.custody.queries import whereabouts
from pratique.feeds.county import read_county
from pratique.journal.fact import Actor
from pratique.journal.log import tampered
from pratique.journal.prove import prove
from pratique.journal.record import record
from pratique.journal.vault import county_keys
from pratique.kit.clock import DrivenClock
from pratique.kit.sql import reading
from pratique.pathway.queries import decisions_of, outcomes_of
from pratique.pathway.tick import tick
from pratique.registry.queries import duplicate_candidates
from pratique.standing.queries import codes_of
from tests.journeys.conftest import county  # noqa: F401  (its first county)
from tests.journeys.test_whole_loop import (
    LIST_OF_12_AUGUST,
    LIST_OF_20_AUGUST,
    a_high_risk_place,
    publish,
)
from tests.support import FIRST_MORNING, county_speaker, fresh_id

DAY = timedelta(days=1)
BEGIN = datetime(2022, 8, 25, 2, 0, tzinfo=UTC)
SYNC = BEGIN + 3 * DAY
RIGHT, SLOW, FAST = timedelta(), -3 * DAY, timedelta(days=3652)
MILDER = ("green", "none", "blue", "yellow", "red")  # from the mildest on
PARENTS = (("张伟", "E11111111"), ("李娜", "E22222222"))
AGAIN = (("张 偉", "E11111111"), ("LI NA", "E22222222"), ("张小宝", "E33333333"),
         ("张小妹儿", None))
FAMILY = (*PARENTS, ("张小宝", "E33333333"), ("张小妹", None))
PHONE = "13800138000"
EXAMPLES = int(os.environ.get("PRATIQUE_FIELD_CLOCKS", "10"))


@dataclass
class Gate:
    """A tablet that nobody can hear for three days, its clock ahead of the truth by `off`."""

    tablet: Tablet
    off: timedelta
    people: list[UUID] = field(default_factory=list)
    made: list = field(default_factory=list)

    def says(self, kind: str, true: datetime, **more):
        fact = self.tablet.fact(kind, at=true + self.off, id=fresh_id(true + self.off), **more)
        self.made.append(fact)
        return fact

    def registers(self, family, true: datetime, place) -> None:
        tablet, vehicle = self.tablet, fresh_id(true)
        self.says("checkpoint.vehicle_arrived", true, vehicle=vehicle, post=tablet.place,
                  plate="晋J8K213", lane="1", occupants=len(family))
        shown = true + self.off  # what the tablet takes for now
        for minutes, (name, document) in enumerate(family, 1):
            person = fresh_id(shown)
            self.people.append(person)
            papers = {"document_kind": "passport", "document": document} if document else {}
            arrival = self.says(
                "checkpoint.person_arrived", true + timedelta(minutes=minutes), person=person,
                post=tablet.place, vehicle=vehicle, resident=True, from_outside_province=True,
                destination="town-141123100", phone_verified=True,
                stays=[{"since": shown - 4 * DAY, "until": shown, "division": place.division,
                        "area": place.key}],
                sealed={person: {"name": name, "phone": PHONE, **papers}})
            self.says("specimens.collected", true + timedelta(minutes=minutes + 6),
                      specimen=fresh_id(shown), tube=f"XJ{next(_tubes):06}", person=person,
                      place=tablet.place, purpose="landing")
            self.says("custody.offered", true + timedelta(minutes=minutes + 30),
                      giver=tablet.place, taker="coach-01",
                      expires_at=shown + timedelta(hours=9),
                      lines=[{"subject": person, "holds_by": arrival.id}])

    def sends(self, facts, now: datetime) -> list[str]:
        ms = round((now + self.off).timestamp() * 1000)
        answer = self.tablet.post_body(msgspec.json.encode(list(facts)), **{
            "Pratique-Device": f"time={ms}, clock={ms}, made={len(self.made)}"})
        assert answer.status_code == 200, answer.content
        return [receipt["status"] for receipt in answer.json()["receipts"]]


_tubes = itertools.count(1)
ORDERS = {
    "the first gate's before": lambda a, b: [(0, a), (1, b)],
    "the second gate's before": lambda a, b: [(1, b), (0, a)],
    "in turn": lambda a, b: [each for n in range(0, len(a), 4)
                             for each in ((1, b[n:n + 4]), (0, a[n:n + 4]))],
}


def play(offs, order, monkeypatch, clock) -> tuple[Gate, Gate]:
    """Three days at two gates; then both are heard."""
    system = county_speaker()
    system.now = BEGIN - 4 * DAY
    monkeypatch.setattr("pratique.kit.doors._system", clock)
    gates = tuple(
        Gate(County(system).enrol(post, "gate_officer", "sampler", "leader"), off)
        for post, off in zip(("post-01", "post-02"), offs, strict=True))
    publish(LIST_OF_20_AUGUST, BEGIN - 4 * DAY)
    place = a_high_risk_place()
    gates[0].registers(FAMILY, BEGIN, place)
    gates[1].registers(AGAIN, BEGIN + timedelta(hours=5), place)
    now = SYNC
    for which, facts in ORDERS[order](gates[0].made, gates[1].made):
        clock.moment = now
        assert set(gates[which].sends(facts, now)) == {"applied"}
        now += timedelta(seconds=20)
    tick(now)
    return gates


@dataclass
class Seen:
    """What the rules make of each person, by gate and turn, on the days that follow."""

    colours: list[list[tuple[str, bool]]]
    released: list[list[bool]]
    ends: list[datetime | None]


def seen(gates) -> Seen:
    people = [person for gate in gates for person in gate.people]
    days = [SYNC + timedelta(minutes=30) + timedelta(hours=12 * n) for n in range(22)]
    colours, released = [], []
    for day in days:
        codes, outcomes = codes_of(people, day), outcomes_of(people, day)
        colours.append([(codes[p].colour, codes[p].restrictive) for p in people])
        released.append([outcomes[p].release.allowed for p in people])
    decided = decisions_of(people)
    return Seen(colours, released, [decided[p].ends_at for p in people])


def gained(honest: Seen, false: Seen) -> list[str]:
    """What somebody has by false clocks and not by right ones."""
    found = [f"released {n}" for n, (a, b) in enumerate(zip(
        honest.released, false.released, strict=True)) if any(
            y and not x for x, y in zip(a, b, strict=True))]
    found += [f"milder {n}" for n, (a, b) in enumerate(zip(
        honest.colours, false.colours, strict=True)) if any(
            MILDER.index(y[0]) < MILDER.index(x[0]) or (x[1] and not y[1])
            for x, y in zip(a, b, strict=True))]
    found += ["ends earlier" for a, b in zip(honest.ends, false.ends, strict=True)
              if a and (b is None or b < a - TOLERANCE)]
    return found


_honest: dict[str, Seen] = {}


def honest_world(order, monkeypatch) -> Seen:
    """Both clocks right: played once an order, since nothing in it depends on the test."""
    if order not in _honest:
        _honest[order] = world((RIGHT, RIGHT), order, monkeypatch)
    return _honest[order]


def world(offs, order, monkeypatch, look=seen):
    """One world, looked at and undone."""
    clock = DrivenClock(SYNC)
    with transaction.atomic():
        result = look(play(offs, order, monkeypatch, clock))
        transaction.set_rollback(True)
    return result


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("offs", [(SLOW, FAST), (FAST, SLOW)], ids=["slow, fast", "fast, slow"])
def test_nobody_gains_a_colour_or_a_release_by_a_false_clock(
    county, monkeypatch, offs, order,  # noqa: F811
):
    honest = honest_world(order, monkeypatch)
    assert {colour for day in honest.colours[:1] for colour, __ in day} == {"red"}
    assert gained(honest, world(offs, order, monkeypatch)) == []


def test_by_the_claims_alone_somebody_would_have_gained(county, monkeypatch):  # noqa: F811
    """The comparison sees what it is for: without a correction a slow clock frees people early."""
    honest = honest_world("in turn", monkeypatch)
    monkeypatch.setattr("pratique.api.receive.count_all", lambda *_: 0)
    assert gained(honest, world((SLOW, RIGHT), "in turn", monkeypatch)) != []


@pytest.mark.parametrize("order", ORDERS)
def test_each_of_the_family_is_proposed_for_merging_and_both_histories_stay(
    county, monkeypatch, order,  # noqa: F811
):
    def look(gates):
        first, second = (gate.people for gate in gates)
        pairs = {frozenset((c.first, c.second)) for c in duplicate_candidates()}
        proposed = [frozenset(pair) in pairs for pair in zip(first, second, strict=True)]
        where = {p: held.account for p, held in whereabouts([*first, *second]).items()}
        with reading() as cursor:
            cursor.execute("SELECT count(*) FROM checkpoint_episode WHERE person = ANY(%s)",
                           ([*first, *second],))
            episodes = cursor.fetchone()[0]
            cursor.execute("SELECT code, owner, count(*) FROM journal_finding "
                           "WHERE closed_at IS NULL GROUP BY 1, 2")
            findings = {(code, owner): n for code, owner, n in cursor.fetchall()}
        broken = [(c.law.name, c.examples) for c in prove() if c.violations]
        return proposed, where, episodes, findings, broken, tampered()
    proposed, where, episodes, findings, broken, changed = world((SLOW, FAST), order, monkeypatch,
                                                                 look)
    assert proposed == [True] * 4 and episodes == 8
    assert sorted(where.values()) == ["post-01"] * 4 + ["post-02"] * 4
    assert findings[("device_clock", "post-01")] == findings[("device_clock", "post-02")] == 1
    assert sum(n for (code, __), n in findings.items() if code == "same_person_twice") >= 3
    assert sum(n for (code, __), n in findings.items() if code == "plate_twice") >= 1
    assert broken == [] and changed == []


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(offs=st.tuples(*[st.integers(-3650 * 24, 3650 * 24).map(lambda h: timedelta(hours=h))] * 2),
       order=st.sampled_from(sorted(ORDERS)))
def test_whatever_the_clocks_say_nothing_is_gained(county, monkeypatch, offs, order):  # noqa: F811
    honest = honest_world(order, monkeypatch)
    assert gained(honest, world(offs, order, monkeypatch)) == []


@pytest.mark.committed
def test_rebuilt_from_the_journal_the_corrected_moments_come_out_the_same(committed, monkeypatch):
    record(read_county().facts(county_keys()), actor=Actor.system(), now=FIRST_MORNING,
           source="seed")
    publish(LIST_OF_12_AUGUST, FIRST_MORNING)
    play((SLOW, FAST), "in turn", monkeypatch, DrivenClock(SYNC))
    with reading() as cursor:
        cursor.execute("SELECT current_schema(), (SELECT count(*) FROM journal_fact "
                       "WHERE counted_at IS NOT NULL)")
        name, corrected = cursor.fetchone()
    assert corrected == 26
    compared = rebuild_and_compare(name)
    differences = {c.table: c.examples for c in compared if c.differences}
    violations = [c.law.name for c in prove() if c.violations]
    if path := os.environ.get("PRATIQUE_FIELD_REPORT"):
        Path(path).write_text(json.dumps({
            "corrected": corrected, "differences": len(differences),
            "violations": len(violations)}), encoding="utf-8")
    assert differences == {} and violations == []
