"""Who corrects a person's record: who holds them, met them or awaits them, or the whole county."""

import json
from datetime import timedelta

import pytest

from pratique.journal.fact import Actor
from pratique.journal.record import record
from pratique.kit.sql import reading
from pratique.registry import queries
from pratique.registry.concern import may_correct
from tests.support import Speaker, fresh_id, statements_seen

from .said import WANG, findings, meet_person, merge, met_fact, resident_number

pytestmark = pytest.mark.django_db
SITE = "site-1"


def correction(speaker: Speaker, person, **part):
    return speaker.fact("registry.person_corrected", person=person, reason="as the card says",
                        sealed={person: part or {"name": "王晓明"}})


def correct(speaker: Speaker, person, **part):
    return speaker.send(correction(speaker, person, **part)).receipts[0]


def offer(giver: Speaker, taker: str, fact):
    """What `giver` holds by `fact` is offered to `taker`; the offer's id."""
    (person,) = fact.sealed
    receipt = giver.say(
        "custody.offered", giver=giver.place, taker=taker,
        lines=[{"subject": person, "holds_by": fact.id}],
        expires_at=giver.now + timedelta(hours=2))
    assert receipt.status == "applied", receipt.text()
    return receipt.id


@pytest.fixture
def site(county):
    """Shen, the head of the isolation site."""
    return Speaker(SITE, ["site_head"])


@pytest.fixture
def held_at_the_gate(gate):
    """The fact by which post-01 holds somebody."""
    fact = met_fact(gate, account="post-01")
    assert gate.send(fact).receipts[0].status == "applied"
    return fact


def the_person(fact):
    return next(iter(fact.sealed))


def test_who_holds_the_person_corrects_and_another_post_does_not(
    gate, other_gate, held_at_the_gate
):
    person = the_person(held_at_the_gate)
    assert correct(gate, person).status == "applied"
    refused = correct(other_gate, person, name="李四")
    assert (refused.status, refused.code, refused.rule) == (
        "quarantined", "not_your_person", "registry.concern")
    assert "post-02" in refused.text()
    assert queries.identities([person])[person].name == "王晓明"


def test_whom_a_person_is_offered_to_corrects_and_after_a_refusal_no_longer(
    gate, site, held_at_the_gate
):
    person = the_person(held_at_the_gate)
    assert correct(site, person).code == "not_your_person"
    handover = offer(gate, SITE, held_at_the_gate)
    assert correct(site, person).status == "applied"
    site.say("custody.answered", handover=handover, taker=SITE,
             refused=[{"subject": person, "reason": "no bed"}])
    assert correct(site, person, phone="13900001111").code == "not_your_person"


def test_who_took_the_person_over_corrects(gate, site, held_at_the_gate):
    person = the_person(held_at_the_gate)
    handover = offer(gate, SITE, held_at_the_gate)
    site.say("custody.answered", handover=handover, taker=SITE, accepted=[person])
    assert correct(site, person).status == "applied"


def test_the_registrar_of_the_county_corrects_anybody(registrar, held_at_the_gate):
    assert correct(registrar, the_person(held_at_the_gate)).status == "applied"


def test_an_offices_device_speaks_for_the_county(county, held_at_the_gate):
    office = Speaker("command", ["registrar"])
    assert correct(office, the_person(held_at_the_gate)).status == "applied"


def test_a_registrar_of_one_township_corrects_nobody_elses(county, held_at_the_gate):
    clerk = Speaker("town-141123100", ["registrar"])
    assert correct(clerk, the_person(held_at_the_gate)).code == "not_your_person"


def test_whoever_is_on_duty_at_two_posts_speaks_from_the_one_that_is_concerned(
    gate, other_gate, held_at_the_gate
):
    both = Actor(frozenset(["gate_officer"]), frozenset(["post-01", "post-02"]), None, None)
    said = {}
    for speaker in (gate, other_gate):
        speaker.staff = None
        fact = correction(speaker, the_person(held_at_the_gate))
        said[speaker.place] = record(
            [fact], actor=both, now=speaker.now, source="test").receipts[0].code
    assert said == {"post-01": "", "post-02": "not_your_person"}


def test_outside_holds_nobody_who_could_speak_for_the_person(gate, hold):
    person = meet_person(gate)
    hold("post-01", person)
    hold.let_go(person)
    assert correct(Speaker("outside", ["gate_officer"]), person).code == "not_your_person"


def test_a_merged_record_is_corrected_by_who_holds_the_person_under_the_other(
    gate, other_gate, registrar, held_at_the_gate
):
    kept, merged = the_person(held_at_the_gate), meet_person(other_gate)
    assert merge(registrar, kept, merged).status == "applied"
    assert correct(gate, merged).status == "applied"
    assert correct(other_gate, merged).code == "not_your_person"


# Heard in another order ---------------------------------------------------------------------------


def test_a_strangers_correction_that_waited_is_refused_when_its_turn_comes(gate, other_gate):
    person = fresh_id()
    early = correct(other_gate, person)
    assert early.status == "parked"
    fact = met_fact(gate, account="post-01", person=person)
    assert gate.send(fact).receipts[0].status == "applied"
    assert queries.identities([person])[person].name == WANG["name"]
    assert findings("not_your_person") == [(person, "post-02")]
    with reading() as cursor:
        cursor.execute("SELECT params FROM journal_finding WHERE code = 'not_your_person'")
        assert json.loads(cursor.fetchone()[0])["place"] == "post-02"


def test_who_wakes_a_waiting_correction_lends_it_no_rights(gate, other_gate, registrar):
    person = fresh_id()
    assert correct(other_gate, person).status == "parked"
    met = met_fact(gate, account="post-01", person=person)
    both = Actor(frozenset(["gate_officer", "registrar"]), None, None, None)
    assert record([met], actor=both, now=gate.now, source="test").counts()["applied"] == 1
    assert queries.identities([person])[person].name == WANG["name"]


def test_a_correction_of_somebody_known_and_not_yet_met_waits_for_who_meets_them(gate, other_gate):
    person = meet_person(gate)
    receipts = correct(gate, person, name="王晓明"), correct(other_gate, person, name="李四")
    assert [r.status for r in receipts] == ["parked", "parked"]
    gate.send(gate.fact("checkpoint.person_arrived", person=person, post="post-01", stays=[],
                        resident=True, from_outside_province=False))
    assert queries.identities([person])[person].name == "王晓明"
    assert findings("not_your_person") == [(person, "post-02")]


# At any size --------------------------------------------------------------------------------------


def test_forty_corrections_are_judged_by_as_many_statements_as_one(gate, other_gate):
    facts = [met_fact(gate, account="post-01", document=resident_number(serial=n))
             for n in range(43)]
    gate.send(*facts)

    def statements(*some):
        said = [correction(speaker, the_person(f))
                for f, speaker in zip(some, [other_gate, gate] * 40, strict=False)]
        both = Actor(frozenset(["gate_officer"]), None, None, None)
        with statements_seen() as seen:
            counts = record(said, actor=both, now=gate.now, source="test").counts()
        assert counts["quarantined"] == (len(some) + 1) // 2
        return len(seen)

    statements(*facts[:2])
    assert statements(*facts[1:3]) == statements(*facts[3:])


def test_a_door_asks_the_same_rule(gate, held_at_the_gate):
    person = the_person(held_at_the_gate)
    places = ["post-01", "post-02", "command", None, SITE]
    assert [may_correct(place, person) for place in places] == [True, False, True, True, False]
