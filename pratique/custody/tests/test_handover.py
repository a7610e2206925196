"""The hand-over in two phases, as the house tells it."""

from datetime import timedelta

from pratique.custody.tests.said import accept, arrive_people, holder, offer, on_hand
from tests.support import Speaker, fresh_id


def test_a_bus_of_38_where_37_are_accepted_leaves_one_with_the_giver(gate, coach):
    people, arrival = arrive_people(gate, 38)
    offered = offer(gate, "coach-01", people, arrival)
    assert offered.status == "applied"
    assert on_hand("post-01") == 38, "an offer moves nobody"
    answer = accept(coach, offered.id, people[:37], refused=[(people[37], "fever, ambulance")])
    assert answer.status == "applied"
    assert (on_hand("post-01"), on_hand("coach-01")) == (1, 37)


def test_lines_without_an_answer_stay_pending_with_the_giver_until_they_expire(gate, coach):
    people, arrival = arrive_people(gate, 3)
    offered = offer(gate, "coach-01", people, arrival)
    accept(coach, offered.id, people[:2])
    assert holder(people[2]) == "post-01"
    worker = Speaker(None, ["system"], now=gate.now + timedelta(hours=1))
    expired = worker.say("custody.expired", handover=offered.id, subjects=people[2:])
    assert expired.status == "applied"
    again = offer(gate, "coach-01", people[2:], arrival)
    assert again.status == "applied", "after the expiry the giver may offer it again"


def test_an_answer_that_comes_before_its_offer_waits_for_it(gate, coach):
    people, arrival = arrive_people(gate)
    late = gate.fact("custody.offered", giver="post-01", taker="coach-01",
                     lines=[{"subject": people[0], "holds_by": arrival}],
                     expires_at=gate.now + timedelta(minutes=30))
    assert accept(coach, late.id, people).status == "parked"
    assert holder(people[0]) == "post-01"
    assert gate.send(late).receipts[0].status == "applied"
    assert holder(people[0]) == "coach-01", "the answer applied by itself"


def test_an_offer_that_comes_before_the_arrival_waits_for_it_in_the_same_batch(gate):
    person, arrival = fresh_id(), fresh_id()
    batch = gate.send(
        gate.fact("custody.offered", giver="post-01", taker="coach-01",
                  lines=[{"subject": person, "holds_by": arrival}],
                  expires_at=gate.now + timedelta(minutes=30)),
        gate.fact("test.arrived", id=arrival, subjects=[person], account="post-01"))
    assert [r.status for r in batch.receipts] == ["applied", "applied"]


def test_sending_twice_is_the_same_as_sending_once(gate, coach):
    people, arrival = arrive_people(gate)
    fact = gate.fact("custody.offered", giver="post-01", taker="coach-01",
                     lines=[{"subject": people[0], "holds_by": arrival}],
                     expires_at=gate.now + timedelta(minutes=30))
    first, second = gate.send(fact), gate.send(fact, fact)
    assert first.receipts[0].status == "applied"
    assert [r.status for r in second.receipts] == ["duplicate", "duplicate"]
    assert second.counts() == {"in": 2, "applied": 0, "duplicate": 2, "parked": 0,
                               "disputed": 0, "quarantined": 0}


def test_the_same_id_with_another_body_is_refused_and_kept(gate):
    people, arrival = arrive_people(gate, 2)
    fact = gate.fact("test.arrived", id=arrival, subjects=people, account="post-02")
    receipt = gate.send(fact).receipts[0]
    assert (receipt.status, receipt.code) == ("quarantined", "id_reused")
    assert holder(people[0]) == "post-01"


def test_seats_are_tested_when_they_are_offered(gate, site):
    people, arrival = arrive_people(gate, 3)
    assert offer(gate, "site-2", people[:2], arrival).status == "applied"
    third = offer(gate, "site-2", people[2:], arrival)
    assert (third.status, third.code) == ("quarantined", "law_refused")
    assert third.params["law"].startswith("custody_account_limit")


def test_one_bad_fact_in_a_batch_does_not_stop_the_others(gate):
    people, arrival = arrive_people(gate, 4)
    facts = [
        gate.fact("custody.offered", giver="post-01", taker="site-2",
                  lines=[{"subject": p, "holds_by": arrival}],
                  expires_at=gate.now + timedelta(minutes=30))
        for p in people
    ]
    counts = gate.send(*facts).counts()
    assert (counts["applied"], counts["quarantined"]) == (2, 2)


def test_a_new_offer_waits_until_the_refusal_of_the_first_is_heard(gate, coach, site):
    people, arrival = arrive_people(gate)
    first = gate.fact("custody.offered", giver="post-01", taker="coach-01",
                      lines=[{"subject": people[0], "holds_by": arrival}],
                      expires_at=gate.now + timedelta(minutes=30))
    second = gate.fact("custody.offered", giver="post-01", taker="site-1",
                       lines=[{"subject": people[0], "holds_by": arrival, "after": first.id}],
                       expires_at=gate.now + timedelta(minutes=60))
    assert gate.send(second).receipts[0].status == "parked"
    assert gate.send(first).receipts[0].status == "applied"
    assert accept(coach, first.id, [], refused=[(people[0], "no seat")]).status == "applied"
    assert accept(site, second.id, people).status == "applied"
    assert holder(people[0]) == "site-1"
