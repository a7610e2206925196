"""Who sleeps in which bed: one person a bed, one bed a person, whatever is said and when."""

import pytest

from pratique.isolation import queries
from pratique.isolation.tests.said import arrive, at, done, ended, entries, findings, give, go
from pratique.journal.prove import check


def beds(room="201", site="site-1"):
    (row,) = [r for r in queries.site_picture(site) if r.room == room]
    return {s.bed: s.person for s in row.sleepers}


def laws_hold():
    # `isolation.facts` aside: people come to the site by the ledger alone here.
    assert [(c.law.name, c.examples) for c in map(check, queries.LAWS) if c.violations] == []


def test_a_person_gets_the_lowest_free_bed(site):
    people = arrive("site-1", 3)
    for person in people:
        assert give(site, person, "201").status == "applied"
    assert beds() == {1: people[0], 2: people[1], 3: people[2]}
    go([people[1]], "coach-01", at(7))
    ended([people[1]])
    (newcomer,) = arrive("site-1")
    assert give(site, newcomer, "201", at=at(8)).status == "applied"
    assert beds()[2] == newcomer
    laws_hold()


def test_a_full_room_takes_nobody(site):
    first, second = arrive("site-1", 2)
    assert give(site, first, "101").status == "applied"
    receipt = give(site, second, "101")
    assert (receipt.status, receipt.code) == ("quarantined", "room_full")
    assert give(site, second, "102").status == "applied"


def test_a_room_that_is_not_there_is_refused(site):
    (person,) = arrive("site-1")
    receipt = give(site, person, "999")
    assert (receipt.status, receipt.code) == ("quarantined", "unknown_room")
    receipt = site.say("isolation.room_given", person=person, site="town-141123100", room="1")
    assert (receipt.status, receipt.code) == ("quarantined", "not_a_site")


def test_a_stranger_gives_no_room(site, other_site):
    (person,) = arrive("site-1")
    receipt = other_site.say("isolation.room_given", person=person, site="site-1", room="101")
    assert (receipt.status, receipt.code) == ("quarantined", "not_your_account")


def test_a_room_given_before_the_person_is_accepted_waits_for_the_answer(site, coach):
    (person,) = arrive("coach-01")
    offer = coach.fact(
        "custody.offered", giver="coach-01", taker="site-1",
        lines=[{"subject": person, "holds_by": entries[person][0]}], expires_at=at(7))
    assert coach.send(offer).receipts[0].status == "applied"
    receipt = give(site, person, "101", at=at(6, 30))
    assert (receipt.status, receipt.code) == ("parked", "not_accepted_yet")
    site.say("custody.answered", handover=offer.id, taker="site-1", accepted=[person])
    assert beds("101") == {1: person}


def test_a_room_for_somebody_who_has_not_come_waits(site):
    (person,) = arrive("coach-01")
    receipt = give(site, person, "101")
    assert (receipt.status, receipt.code) == ("parked", "not_held_yet")
    go([person], "site-1", at(7))
    done(site, {person: 36.5}, at=at(8))
    assert beds("101") == {1: person}, "at the latest with the next round"


def test_a_room_for_somebody_who_has_left_is_disputed(site):
    (person,) = arrive("site-1")
    go([person], "coach-01", at(7))
    receipt = give(site, person, "101", at=at(8))
    assert (receipt.status, receipt.code) == ("disputed", "has_left")
    assert findings() == [("has_left", person, "site-1")]


def test_a_move_ends_the_old_stay_and_frees_its_bed(site):
    first, second = arrive("site-1", 2)
    give(site, first, "101", at=at(7))
    give(site, first, "102", at=at(8))
    assert [(s.room, s.until) for s in queries.stays_of(first)] == [("101", at(8)), ("102", None)]
    assert give(site, second, "101", at=at(8)).status == "applied"
    laws_hold()


def test_people_change_places_in_one_batch(site):
    first, second = arrive("site-1", 2)
    give(site, first, "101", at=at(7))
    give(site, second, "102", at=at(7))
    batch = site.send(*[
        site.fact("isolation.room_given", person=p, site="site-1", room=room, at=at(8))
        for p, room in [(first, "201"), (second, "101"), ]])
    assert [r.status for r in batch.receipts] == ["applied", "applied"]
    assert (beds("101"), beds("102"), beds("201")) == ({1: second}, {}, {1: first})
    laws_hold()


def test_the_same_room_told_again_changes_nothing(site):
    (person,) = arrive("site-1")
    give(site, person, "101", at=at(7))
    assert give(site, person, "101", at=at(8)).status == "applied"
    assert [(s.since, s.until) for s in queries.stays_of(person)] == [(at(7), None)]


def test_an_older_room_heard_later_changes_nothing_and_is_shown(site):
    (person,) = arrive("site-1")
    give(site, person, "102", at=at(8))
    receipt = give(site, person, "101", at=at(7))
    assert (receipt.status, receipt.code) == ("disputed", "later_room_known")
    assert beds("102") == {1: person}


def test_two_clocks_put_nobody_into_a_bed_that_is_still_warm(site):
    first, second = arrive("site-1", 2)
    give(site, first, "101", at=at(7))
    go([first], "coach-01", at(9))  # the coach's clock
    ended([first])
    assert give(site, second, "101", at=at(8, 55)).status == "applied"  # the site's
    assert queries.stays_of(second)[0].since == at(9)
    laws_hold()


def test_a_bed_is_free_as_soon_as_its_person_is_handed_over(site):
    """Even in the batch of the hand-over, before the pathway has looked at who left."""
    first, second = arrive("site-1", 2)
    give(site, first, "101", at=at(7))
    go([first], "coach-01", at(8))
    assert give(site, second, "101", at=at(9)).status == "applied"
    assert queries.stays_of(first)[0].until == at(8)
    laws_hold()


def test_ending_stays_twice_is_ending_them_once_and_leaves_others_alone(site):
    gone, staying = arrive("site-1", 2)
    give(site, gone, "101", at=at(7))
    give(site, staying, "102", at=at(7))
    go([gone], "town-141123100", at(9))
    ended([gone, staying])
    once = queries.stays_of(gone)
    ended([gone, staying])
    assert queries.stays_of(gone) == once
    assert (once[0].until, once[0].ended_by) == (at(9), entries[gone][0])
    assert queries.current_stays([gone, staying]).keys() == {staying}


def test_a_stay_ends_when_the_site_let_the_person_go_not_where_they_are_by_now(site):
    (person,) = arrive("site-1")
    give(site, person, "101", at=at(7))
    go([person], "coach-01", at(9))
    by = entries[person][0]
    go([person], "town-141123100", at(10))
    ended([person])
    assert [(s.until, s.ended_by) for s in queries.stays_of(person)] == [(at(9), by)]


def test_somebody_who_goes_to_another_site_leaves_the_first_ones_room(site, other_site):
    (person,) = arrive("site-1")
    give(site, person, "101", at=at(7))
    go([person], "site-2", at(9))
    ended([person])
    assert give(other_site, person, "101", at=at(9, 10)).status == "applied"
    assert [(s.site, s.until) for s in queries.stays_of(person)] == [
        ("site-1", at(9)), ("site-2", None)]
    laws_hold()


def test_a_stay_whose_person_is_elsewhere_breaks_the_law(site):
    (person,) = arrive("site-1")
    give(site, person, "101", at=at(7))
    go([person], "coach-01", at(8))
    broken = [c.law.name for c in map(check, queries.LAWS) if c.violations]
    assert broken == ["isolation.site_holds_its_guests"]
    ended([person])
    laws_hold()


def test_rescuers_get_every_head_by_room_those_without_one_too(site):
    """Quanzhou, 7 March 2020: who was in which room had to be found out afterwards."""
    people = arrive("site-1", 4)
    give(site, people[0], "201")
    give(site, people[1], "201")
    give(site, people[2], "101")
    lines = [(c.floor, c.room, c.persons) for c in queries.head_count("site-1")]
    assert lines == [("1", "101", [people[2]]), ("2", "201", people[:2]), ("", "", [people[3]])]
    assert sum(c.heads for c in queries.head_count("site-1")) == 4
    assert queries.without_room("site-1") == [people[3]]


def test_free_beds_are_counted_for_each_site(site):
    people = arrive("site-1", 3)
    give(site, people[0], "201")
    one, two = queries.free_beds()
    assert (one.site, one.rooms, one.beds, one.taken, one.without_room, one.free) == (
        "site-1", 3, 5, 1, 2, 2)
    assert (two.site, two.free) == ("site-2", 1)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_whoever_is_given_a_room_first_has_the_first_bed(site, order):
    people = arrive("site-1", 3)
    batch = site.send(*[
        site.fact("isolation.room_given", person=people[i], site="site-1", room="201")
        for i in order])
    assert {r.status for r in batch.receipts} == {"applied"}
    assert [beds()[n + 1] for n in range(3)] == [people[i] for i in order]
