"""A head count that the books do not agree with stays in sight until somebody says why."""

import pytest

from pratique.custody.tests.said import arrive_people
from pratique.kit.sql import reading
from tests.support import fresh_id


@pytest.fixture
def counted(gate):
    """(Whoever counted, the count): two people are here, three were counted."""
    arrive_people(gate, 2)
    count = gate.fact("custody.head_counted", account="post-01", subject_kind="person", counted=3,
                      source="roll_call")
    assert gate.send(count).receipts[0].status == "applied"
    return gate, count.id


def findings() -> list[tuple]:
    with reading() as cursor:
        cursor.execute("SELECT code, closed_at IS NOT NULL, outcome FROM journal_finding")
        return cursor.fetchall()


def explain(speaker, count, **said):
    body = {"account": "post-01", "subject_kind": "person", "count": count, "reason": "多数了一人"}
    fact = speaker.fact("custody.difference_explained", **{**body, **said})
    return speaker.send(fact).receipts[0]


def test_the_finding_closes_by_the_explanation(counted):
    gate, count = counted
    assert findings() == [("count_differs", False, "")]
    assert explain(gate, count).status == "applied"
    assert findings() == [("count_differs", True, "explained")]


def test_without_words_nothing_is_explained(counted):
    gate, count = counted
    assert explain(gate, count, reason=" ").code == "reason_missing"
    assert findings() == [("count_differs", False, "")]


def test_nobody_explains_a_count_in_anothers_name(counted, site):
    __, count = counted
    assert explain(site, count, account="site-1").code == "count_of_another"


def test_an_explanation_heard_first_waits_for_its_count(gate):
    assert explain(gate, fresh_id()).status == "parked"
