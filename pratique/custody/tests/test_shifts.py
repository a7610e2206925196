"""A post goes from shift to shift with counts; what they and the books disagree on is seen."""

import pytest

from pratique.custody.queries import counts_that_differ, shifts
from pratique.custody.tests.said import arrive_people
from pratique.kit.sql import reading
from tests.support import fresh_id, statements_seen

NEXT = fresh_id()


def handing_over(speaker, **said):
    body = {"account": "post-01", "to": NEXT, "persons": 2, "vehicles": 0, "specimens": 0}
    return speaker.fact("custody.post_handed_over", **{**body, **said})


def hand_over(speaker, **said):
    return speaker.send(handing_over(speaker, **said)).receipts[0]


def findings() -> list[tuple]:
    with reading() as cursor:
        cursor.execute("SELECT code, params ->> 'subject_kind', owner, outcome FROM "
                       "journal_finding ORDER BY params ->> 'subject_kind'")
        return cursor.fetchall()


@pytest.fixture
def post(gate):
    """Two people are here."""
    arrive_people(gate, 2)
    return gate


def test_counts_that_agree_leave_a_shift_behind_and_no_question(post):
    said = handing_over(post, note=" lamp 2 is broken ", unsent=3)
    assert post.send(said).receipts[0].status == "applied"
    assert post.send(said).receipts[0].status == "duplicate"
    assert findings() == []
    one, = shifts("post-01")
    assert (one.fact, one.left_by, one.taken_by) == (said.id, post.staff, NEXT)
    assert (one.note, one.unsent, one.at) == ("lamp 2 is broken", 3, said.at)
    assert one.counts == [("person", 2, 2, ""), ("specimen", 0, 0, ""), ("vehicle", 0, 0, "")]


def test_each_count_that_differs_is_a_finding_of_its_own_until_it_is_explained(post):
    receipt = hand_over(post, persons=3, vehicles=1)
    assert receipt.status == "applied"
    assert findings() == [("count_differs", "person", "post-01", ""),
                          ("count_differs", "vehicle", "post-01", "")]
    assert {(c["kind"], c["counted"], c["held"]) for c in counts_that_differ()} == {
        ("person", 3, 2), ("vehicle", 1, 0)}
    told = post.say("custody.difference_explained", account="post-01", subject_kind="vehicle",
                    count=receipt.id, reason="our own van")
    assert told.status == "applied"
    assert findings() == [("count_differs", "person", "post-01", ""),
                          ("count_differs", "vehicle", "post-01", "explained")]
    assert [c["kind"] for c in counts_that_differ()] == ["person"]


def test_an_explanation_names_what_was_counted(post):
    count = post.say("custody.head_counted", account="post-01", subject_kind="person", counted=5,
                     source="roll_call").id
    told = post.say("custody.difference_explained", account="post-01", subject_kind="vehicle",
                    count=count, reason="our own van")
    assert (told.status, told.code) == ("quarantined", "count_of_another_kind")


def test_nobody_hands_over_to_themselves_for_another_post_or_below_zero(post, stranger):
    assert hand_over(post, to=post.staff).code == "handed_to_oneself"
    assert hand_over(post, persons=-1).code == "count_below_zero"
    assert hand_over(post, unsent=-1).code == "count_below_zero"
    assert hand_over(stranger).code == "not_your_account"
    assert hand_over(post, account="post-99").code == "unknown_account"
    assert shifts("post-01") == []


def test_who_holds_nobody_hands_no_post_over(post):
    post.roles = ["registrar"]
    assert hand_over(post).code == "not_your_role"


@pytest.mark.parametrize("count", [1, 9])
def test_a_batch_costs_as_much_for_many_as_for_one(post, count):
    facts = [handing_over(post) for __ in range(count)]
    with statements_seen() as seen:
        post.send(*facts)
    # Facts of one post follow each other; each turn is one statement for each table.
    assert len([s for s in seen if "custody_shift" in s]) == count


def test_the_history_has_the_latest_first_and_no_other_posts(post, stranger):
    first, second = hand_over(post), hand_over(post, persons=1)
    hand_over(stranger, account="post-02", persons=0)
    assert [one.fact for one in shifts("post-01")] == [second.id, first.id]
    assert [one.fact for one in shifts("post-01", limit=1)] == [second.id]
