"""Tubes: one person each, in exactly one account, ended by name."""

from uuid import uuid4

import pytest

from pratique.specimens import queries
from pratique.specimens.tests.said import (
    CLEAN,
    broken_laws,
    codes,
    findings,
    holder,
    record_of,
    taken,
)
from tests.support import Speaker, fresh_id


def test_a_swab_is_born_into_the_account_of_who_took_it(chain):
    tube = chain.collect(urgent=True)
    assert holder(tube) == "post-01"
    known = queries.by_tube(tube.tube)
    assert (known.specimen, known.person, known.urgent, known.state) == (
        tube.specimen, tube.person, True, "collected")
    assert record_of(tube).collected_at == chain.gate.now
    assert broken_laws() == []


def test_a_person_nobody_has_heard_of_is_no_error(chain):
    tube = chain.collect(person=uuid4())
    assert queries.tubes([tube.specimen])[tube.specimen].person == tube.person
    assert codes() == []


def test_a_second_person_on_a_tube_is_refused_and_shown(chain):
    first = chain.collect()
    receipt = chain.gate.send(chain.collected(first.tube)).receipts[0]
    assert (receipt.status, receipt.code) == ("disputed", "tube_used")
    assert "another person" in receipt.text()
    assert findings("tube_used") == [
        ("tube_used", "post-01", {"tube": first.tube, "specimen": str(first.specimen)})]
    assert queries.by_tube(first.tube).person == first.person
    assert broken_laws() == []


def test_a_tube_is_not_used_twice_for_the_same_person(chain):
    first = chain.collect()
    receipt = chain.gate.send(chain.collected(first.tube, first.person)).receipts[0]
    assert (receipt.status, receipt.code) == ("disputed", "tube_used")
    assert "for this person already" in receipt.text()


def test_two_people_on_one_tube_in_one_batch_the_first_has_it(chain):
    label = chain.label()
    batch = chain.gate.send(chain.collected(label), chain.collected(label))
    assert [r.status for r in batch.receipts] == ["applied", "disputed"]


def test_a_specimen_does_not_change_its_tube(chain):
    first = chain.collect()
    again = chain.collected(person=first.person, specimen=first.specimen)
    receipt = chain.gate.send(again).receipts[0]
    assert (receipt.status, receipt.code) == ("disputed", "specimen_known")


@pytest.mark.parametrize(("body", "code"), [
    ({"tube": "=cmd|'/c calc'!A1"}, "label_not_plain"), ({"tube": " "}, "label_not_plain"),
    ({"tube": "PQ0000000019"}, "label_misread"), ({"place": "post-77"}, "unknown_account"),
    ({"place": "outside"}, "unknown_account"), ({"place": "post-02"}, "not_your_account"),
    ({"purpose": " "}, "purpose_missing"), ({"swab": "pooled"}, "malformed"),
])
def test_what_cannot_be_is_quarantined_by_name(chain, body, code):
    receipt = chain.gate.send(chain.collected(**body)).receipts[0]
    assert (receipt.status, receipt.code) == ("quarantined", code)
    assert receipt.text()


def test_tubes_go_into_a_bag_and_those_in_none_are_listed(chain):
    tubes = [chain.collect() for __ in range(3)]
    receipt = chain.gate.say("specimens.bagged", bag="BAG-1", place="post-01", seal="S-1",
                             specimens=[t.specimen for t in tubes[:2]])
    assert receipt.status == "applied"
    assert [t.tube for t in queries.in_no_bag("post-01")] == [tubes[2].tube]
    assert {t.tube for t in queries.in_bag("BAG-1")} == {t.tube for t in tubes[:2]}


def test_a_tube_moved_to_another_bag_is_in_that_one(chain):
    tube = chain.collect()
    for bag in ("BAG-1", "BAG-2"):
        chain.forward(minutes=5)
        chain.gate.say("specimens.bagged", bag=bag, place="post-01", specimens=[tube.specimen])
    assert queries.in_bag("BAG-1") == []
    assert [t.bag for t in queries.in_bag("BAG-2")] == ["BAG-2"]


def test_a_bag_heard_before_its_tubes_waits_for_them(chain):
    fact = chain.collected()
    bagged = chain.gate.fact("specimens.bagged", bag="BAG-1", place="post-01",
                             specimens=[taken(fact).specimen])
    assert chain.gate.send(bagged).receipts[0].status == "parked"
    chain.gate.send(fact)
    assert [t.tube for t in queries.in_bag("BAG-1")] == [taken(fact).tube]


def test_nobody_bags_what_they_never_held(chain):
    tube = chain.collect()
    receipt = chain.stranger.say("specimens.bagged", bag="BAG-1", place="post-02",
                                 specimens=[tube.specimen])
    assert (receipt.status, receipt.code) == ("disputed", "never_held")


def test_a_short_count_leaves_the_missing_tube_with_its_giver_by_name(chain):
    tubes = [chain.collect(urgent=n == 2) for n in range(3)]
    chain.hand_over(chain.gate, chain.courier, tubes, bag="BAG-1")
    handover = chain.hand_over(chain.courier, chain.reader, tubes, accept=tubes[:2], bag="BAG-1")
    assert holder(tubes[2]) == "courier-1"
    (short,) = queries.missing_by_handover(chain.gate.now, "lab-1")
    assert (short.handover, short.offered, short.accepted, short.bag) == (
        handover, 3, 2, "BAG-1")
    assert short.missing == [(tubes[2].tube, True, "pending")]


@pytest.mark.parametrize(("kind", "code"), [("voided", "tube_voided"), ("lost", "tube_lost")])
def test_a_tube_ends_by_name_and_a_new_one_is_owed(chain, kind, code):
    tube = chain.collect()
    chain.hand_over(chain.gate, chain.courier, [tube])
    receipt = chain.courier.say(f"specimens.{kind}", specimen=tube.specimen, place="courier-1",
                                holds_by=tube.holds_by, reason="bag was open")
    assert receipt.status == "applied"
    assert holder(tube) == "outside"
    assert findings(code) == [(code, "courier-1", {
        "tube": tube.tube, "holder": "courier-1", "reason": "bag was open"})]
    assert record_of(tube).voided
    assert record_of(tube).evidence == (tube.fact, receipt.id)
    assert queries.by_tube(tube.tube).state == kind
    assert broken_laws() == []


def test_only_the_holder_voids_and_says_why(chain):
    tube = chain.collect()
    first = tube.holds_by
    chain.hand_over(chain.gate, chain.courier, [tube])
    stale = chain.gate.say("specimens.voided", specimen=tube.specimen, place="post-01",
                           holds_by=first, reason="late thought")
    assert (stale.status, stale.code) == ("disputed", "superseded")
    dumb = chain.courier.say("specimens.voided", specimen=tube.specimen, place="courier-1",
                             holds_by=tube.holds_by, reason=" ")
    assert (dumb.status, dumb.code) == ("quarantined", "reason_missing")
    assert holder(tube) == "courier-1"


def test_a_person_is_not_voided(chain, db):
    town = Speaker("post-01", ["gate_officer"])
    stranger = fresh_id()
    receipt = town.say("specimens.voided", specimen=stranger, place="post-01",
                       holds_by=fresh_id(), reason="x")
    assert receipt.status == "parked", "nobody has heard of it yet"


def test_the_loss_of_a_tube_on_offer_waits_for_the_answer(chain):
    tube = chain.collect()
    offered = chain.gate.say(
        "custody.offered", giver="post-01", taker="courier-1",
        lines=[{"subject": tube.specimen, "holds_by": tube.holds_by}],
        expires_at=chain.gate.now.replace(hour=23))
    lost = chain.gate.say("specimens.lost", specimen=tube.specimen, place="post-01",
                          holds_by=tube.holds_by, reason="not in the box")
    assert lost.status == "parked"
    chain.courier.say("custody.answered", handover=offered.id, taker="courier-1", accepted=[],
                      refused=[{"subject": tube.specimen, "reason": "not in the box"}])
    assert queries.by_tube(tube.tube).state == "lost"


def test_only_tested_tubes_are_discarded_and_by_a_laboratory(chain):
    tubes = [chain.collect(), chain.collect()]
    chain.to_laboratory(*tubes)
    discarded = chain.reader.say(
        "specimens.discarded", place="lab-1", specimens=[t.specimen for t in tubes],
        holds_by=[t.holds_by for t in tubes])
    assert (discarded.status, discarded.code) == ("parked", "not_tested_yet")
    chain.run(*[(t.tube, CLEAN) for t in tubes])
    assert {holder(t) for t in tubes} == {"outside"}
    assert queries.by_tube(tubes[0].tube).state == "discarded"
    assert not record_of(tubes[0]).voided
    assert broken_laws() == []


def test_a_discard_names_each_tubes_holding(chain):
    tube = chain.collect()
    chain.to_laboratory(tube)
    receipt = chain.reader.say("specimens.discarded", place="lab-1", specimens=[tube.specimen],
                               holds_by=[])
    assert (receipt.status, receipt.code) == ("quarantined", "lists_differ")
