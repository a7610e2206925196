"""Failures that users of peers' systems reported, one test each, by name.

The numbers are those of the domain notes on peers, section 2: what happened to others once must
not be possible here.
"""

from datetime import timedelta

from pratique.custody.queries import chain, pending
from pratique.custody.tests.said import accept, arrive_people, holder, offer, on_hand
from tests.support import Speaker


def test_1_a_stale_page_saved_after_acceptance_does_not_take_the_person_back(gate, coach):
    people, arrival = arrive_people(gate)
    accept(coach, offer(gate, "coach-01", people, arrival).id, people)
    stale = offer(gate, "site-1", people, arrival)
    assert (stale.status, stale.code) == ("disputed", "superseded")
    assert holder(people[0]) == "coach-01"


def test_2_a_giver_who_withdraws_after_acceptance_changes_nothing(gate, coach):
    people, arrival = arrive_people(gate)
    offered = offer(gate, "coach-01", people, arrival)
    accept(coach, offered.id, people)
    late = gate.say("custody.withdrawn", handover=offered.id, giver="post-01", subjects=people,
                    reason="mistake")
    assert (late.status, late.code) == ("disputed", "already_accepted")
    assert holder(people[0]) == "coach-01"


def test_3_a_return_needs_acceptance_too(gate, coach):
    people, arrival = arrive_people(gate)
    accepted = accept(coach, offer(gate, "coach-01", people, arrival).id, people)
    back = offer(coach, "post-01", people, accepted.id)
    assert holder(people[0]) == "coach-01"
    accept(gate, back.id, people)
    assert holder(people[0]) == "post-01"


def test_4_the_givers_old_tab_cannot_hand_the_person_on(gate, coach, site):
    people, arrival = arrive_people(gate)
    accepted = accept(coach, offer(gate, "coach-01", people, arrival).id, people)
    accept(site, offer(coach, "site-1", people, accepted.id).id, people)
    assert offer(gate, "coach-01", people, arrival).status == "disputed"
    assert offer(coach, "post-01", people, accepted.id).status == "disputed"
    assert holder(people[0]) == "site-1"


def test_5_a_pending_offer_can_be_taken_back(gate, coach):
    people, arrival = arrive_people(gate)
    offered = offer(gate, "coach-01", people, arrival)
    taken_back = gate.say("custody.withdrawn", handover=offered.id, giver="post-01",
                          subjects=people, reason="ambulance instead")
    assert taken_back.status == "applied"
    assert accept(coach, offered.id, people).code == "already_withdrawn"
    assert offer(gate, "site-1", people, arrival).status == "applied"


def test_6_the_wrong_posts_offer_does_not_block_the_right_one(gate, stranger):
    people, arrival = arrive_people(gate)
    wrong = stranger.say(
        "custody.offered", giver="post-02", taker="coach-01",
        lines=[{"subject": people[0], "holds_by": arrival}],
        expires_at=gate.now + timedelta(minutes=30))
    assert wrong.status == "disputed"
    assert offer(gate, "coach-01", people, arrival).status == "applied"


def test_7_no_request_stays_open_after_the_person_left(gate, coach):
    people, arrival = arrive_people(gate)
    offered = offer(gate, "coach-01", people, arrival)
    again = offer(gate, "site-1", people, arrival)
    assert again.status == "parked", "a second way waits until the first is answered"
    accept(coach, offered.id, people)
    assert pending(giver="post-01") == []
    assert holder(people[0]) == "coach-01"


def test_8_nobody_pulls_a_person_without_the_giver_knowing(gate, coach):
    people, arrival = arrive_people(gate)
    pulled = coach.say(
        "custody.offered", giver="post-01", taker="coach-01",
        lines=[{"subject": people[0], "holds_by": arrival}],
        expires_at=gate.now + timedelta(minutes=30))
    assert (pulled.status, pulled.code) == ("quarantined", "not_your_account")
    assert holder(people[0]) == "post-01"


def test_9_a_place_outside_the_network_is_refused_by_name(gate):
    people, arrival = arrive_people(gate)
    receipt = offer(gate, "invalid facility", people, arrival)
    assert (receipt.status, receipt.code) == ("quarantined", "unknown_account")
    assert "invalid facility" in receipt.text()


def test_10_the_old_stay_ends_when_the_new_one_begins(gate, coach, site):
    people, arrival = arrive_people(gate)
    accepted = accept(coach, offer(gate, "coach-01", people, arrival).id, people)
    accept(site, offer(coach, "site-1", people, accepted.id).id, people)
    assert [on_hand(a) for a in ("post-01", "coach-01", "site-1")] == [0, 0, 1]
    assert [(s.giver, s.taker) for s in chain(people[0])] == [
        ("outside", "post-01"), ("post-01", "coach-01"), ("coach-01", "site-1")]


def test_11_no_bed_is_promised_twice(gate, coach, site):
    two = Speaker("site-2", ["site_head"])
    people, arrival = arrive_people(gate, 3)
    accept(two, offer(gate, "site-2", people[:2], arrival).id, people[:2])
    third = offer(gate, "site-2", people[2:], arrival)
    assert third.status == "quarantined"
    assert third.params["law"].startswith("custody_account_limit")
