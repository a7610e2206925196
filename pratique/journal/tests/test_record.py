"""record(): facts in = applied + duplicate + parked + disputed + quarantined, whatever comes."""

import json
from datetime import datetime
from uuid import uuid4

import msgspec
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pratique.journal.fact import Actor, Envelope
from pratique.journal.prove import prove
from pratique.journal.queries import facts, gaps, story, totals, waiting
from pratique.journal.record import FACTS_OF_A_CALL_MAX, record
from pratique.journal.vault import open_boxes
from pratique.kit.sql import reading
from tests.support import FIRST_MORNING, Speaker, fresh_id, statements_seen


def rows(sql: str, *params) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def test_every_batch_adds_up(gate):
    subject = fresh_id()
    first = gate.fact("test.noted", subject=subject)
    batch = gate.send(
        first, first,
        gate.fact("test.noted", subject=subject, verdict="disputed"),
        gate.fact("test.noted", subject=subject, verdict="quarantined"),
        gate.fact("test.noted", subject=subject, after=fresh_id()), b"not a fact at all")
    assert batch.counts() == {"in": 6, "applied": 1, "duplicate": 1, "parked": 1, "disputed": 1,
                              "quarantined": 2}
    assert totals() == batch.counts()
    assert all(not c.violations for c in prove())


def test_a_refused_fact_sent_again_is_a_duplicate_with_the_first_answer(gate):
    judged = gate.fact("test.noted", subject=fresh_id(), verdict="quarantined")
    elsewhere = Speaker("post-02", gate.roles).fact("test.noted", subject=fresh_id())
    unknown = gate.fact("test.unheard_of", subject=fresh_id())
    first = gate.send(judged, elsewhere, unknown, unknown)
    assert [r.status for r in first.receipts] == [*["quarantined"] * 3, "duplicate"]
    again = gate.send(unknown, elsewhere, judged)
    assert [r.status for r in again.receipts] == ["duplicate"] * 3
    assert [r.code for r in again.receipts] == [r.code for r in first.receipts[2::-1]]
    assert [r.rule for r in again.receipts] == [r.rule for r in first.receipts[2::-1]]
    assert all(r.is_refused and r.code in r.text() for r in again.receipts)
    assert rows("SELECT count(*) FROM journal_quarantine") == [(3,)]
    assert totals()["quarantined"] == 3
    assert totals()["duplicate"] == 4
    assert all(not c.violations for c in prove())


def test_other_words_under_the_id_of_a_refused_fact_are_judged_anew(gate):
    id_, subject = fresh_id(), fresh_id()
    wrong = gate.fact("test.noted", id=id_, subject=subject, verdict="quarantined")
    right = gate.fact("test.noted", id=id_, subject=subject)
    assert [gate.send(f).receipts[0].status for f in (wrong, right, right, wrong)] == [
        "quarantined", "applied", "duplicate", "duplicate"]


def test_a_fact_kept_aside_because_its_id_was_taken_is_kept_aside_once(gate):
    id_, subject = fresh_id(), fresh_id()
    first = gate.fact("test.noted", id=id_, subject=subject)
    other = gate.fact("test.noted", id=id_, subject=subject, text="other")
    told = [gate.send(f).receipts[0] for f in (first, other, other, first)]
    assert [(r.status, r.code) for r in told] == [
        ("applied", ""), ("quarantined", "id_reused"), ("duplicate", "id_reused"),
        ("duplicate", "")]


def test_a_fact_is_kept_as_it_was_said(gate):
    receipt = gate.say("test.noted", subject=fresh_id(), text="两人，无行李")
    said = facts([receipt.id])[receipt.id]
    assert json.loads(said.body)["text"] == "两人，无行李"
    assert (said.place, said.device, said.seq, said.by) == (
        "post-01", gate.device, gate.seq, gate.staff)


def test_a_story_is_told_in_the_order_of_application(gate):
    subject = fresh_id()
    for text in ("one", "two", "three"):
        gate.say("test.noted", subject=subject, text=text)
    assert [json.loads(s.body)["text"] for s in story(subject)] == ["one", "two", "three"]


def test_a_chain_heard_backwards_applies_by_itself_when_its_head_comes(gate):
    subject, chain = fresh_id(), [fresh_id() for __ in range(6)]
    said = [gate.fact("test.noted", id=id_, subject=subject, after=before)
            for id_, before in zip(chain[1:], chain, strict=False)]
    for fact in reversed(said):
        assert gate.send(fact).receipts[0].status == "parked"
    assert len(waiting()) == 5
    assert gate.send(gate.fact("test.noted", id=chain[0], subject=subject)).counts()["applied"] == 1
    assert waiting() == []
    assert len(rows("SELECT 1 FROM journal_later WHERE outcome = 0")) == 5


def test_a_gap_in_a_devices_running_numbers_is_shown_as_missing_facts(gate):
    gate.say("test.noted", subject=fresh_id())
    lost = [gate.fact("test.noted", subject=fresh_id()) for __ in range(3)]
    gate.say("test.noted", subject=fresh_id())
    assert [(g.device, g.first, g.last) for g in gaps()] == [(gate.device, 2, 4)]
    gate.send(*lost)
    assert gaps() == []


def test_personal_data_is_sealed_and_opens_only_for_its_subject(gate):
    person, other = fresh_id(), fresh_id()
    fact = gate.fact("test.noted", subject=person, sealed={person: {"name": "王小明"}})
    gate.send(fact, gate.fact("test.noted", subject=other))
    with reading() as cursor:
        assert open_boxes(cursor, [fact.id]) == {fact.id: {person: {"name": "王小明"}}}
        assert open_boxes(cursor, [fact.id], [other]) == {fact.id: {}}
    kept = rows("SELECT row_to_json(f)::text FROM journal_fact f WHERE id = %s", fact.id)[0][0]
    assert "王小明" not in kept
    assert "王小明".encode().hex() not in kept


def test_erasing_a_persons_key_leaves_the_log_provable(gate):
    person = fresh_id()
    fact = gate.fact("test.noted", subject=person, sealed={person: {"name": "王小明"}})
    gate.send(fact)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE journal_subject SET wrapped_key = NULL WHERE id = %s", (person,))
    with reading() as cursor:
        assert open_boxes(cursor, [fact.id]) == {fact.id: {}}
    assert all(not c.violations for c in prove())


def test_a_sealed_part_about_a_stranger_is_refused(gate):
    receipt = gate.send(gate.fact("test.noted", subject=fresh_id(),
                                  sealed={fresh_id(): {"name": "x"}})).receipts[0]
    assert (receipt.status, receipt.code) == ("quarantined", "sealed_stranger")


@pytest.mark.parametrize(("change", "code"), [
    ({"kind": "test.unheard_of"}, "unknown_kind"),
    ({"id": uuid4()}, "id_not_v7"),
    ({"at": datetime(2022, 8, 20, 6, 0)}, "malformed"),  # noqa: DTZ001  (that is the point)
    ({"seq": None}, "running_number"),
    ({"seq": -1}, "running_number"),
    ({"place": "post-02"}, "not_your_place"),
    ({"by": uuid4()}, "not_your_name"),
    ({"body": msgspec.Raw(b'{"subject": "nobody"}')}, "malformed"),
    ({"body": msgspec.Raw(b'{"subject": "%s", "colour": "green"}' % str(uuid4()).encode())},
     "malformed"),
])
def test_what_is_not_right_is_refused_by_name_and_kept(gate, change, code):
    good = gate.fact("test.noted", subject=fresh_id())
    bad = msgspec.structs.replace(good, **change)
    if code == "malformed" and "at" in change:
        bad = json.loads(msgspec.json.encode(good)) | {"at": "2022-08-20T06:00:00"}
    receipt = gate.send(bad if isinstance(bad, Envelope) else json.dumps(bad).encode()).receipts[0]
    assert receipt.status == "quarantined"
    assert receipt.code in (code, "time_without_zone")
    assert receipt.text()
    assert receipt.rule
    assert len(rows("SELECT 1 FROM journal_quarantine")) == 1


def test_only_who_has_the_role_may_say_it(gate):
    courier = Speaker("post-01", ["courier"])
    receipt = courier.say("test.noted", subject=fresh_id())
    assert (receipt.status, receipt.code) == ("quarantined", "not_your_role")
    assert "gate_officer" in receipt.text()


def test_one_bad_fact_in_a_thousand_leaves_999_applied(gate):
    said = [msgspec.json.encode(gate.fact("test.noted", subject=fresh_id())) for __ in range(999)]
    counts = gate.send(*said[:500], b'{"id": 1}', *said[500:]).counts()
    assert (counts["applied"], counts["quarantined"]) == (999, 1)


def test_more_facts_than_a_call_may_carry_are_refused_whole():
    with pytest.raises(ValueError, match="at most"):
        record([b"{}"] * (FACTS_OF_A_CALL_MAX + 1), actor=Actor.system(), now=FIRST_MORNING,
               source="test")


def test_the_number_of_statements_does_not_depend_on_the_number_of_facts(gate):
    def statements(count: int) -> int:
        with statements_seen() as seen:
            gate.send(*(gate.fact("test.noted", subject=fresh_id()) for __ in range(count)))
        return len(seen)

    assert statements(1) == statements(900)
    # A large batch asks once for keys to be looked up, and sends its rows apart, 2,500 at a time.
    assert statements(1) + 2 == statements(1_500) == statements(2_500) == statements(5_000) - 1


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["id", "kind", "at", "by", "place", "device", "seq", "body", "sealed",
                         "x"]), inner, max_size=9), max_leaves=20)


@given(st.lists(junk | st.binary(max_size=60), min_size=1, max_size=5))
@settings(max_examples=150, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_is_answered_and_kept(gate, things):
    raws = [t if isinstance(t, bytes) else json.dumps(t).encode() for t in things]
    before = totals()
    counts = gate.send(*raws).counts()
    assert counts["in"] == len(raws) == counts["quarantined"]
    assert totals()["quarantined"] == before["quarantined"] + len(raws)


def test_rows_that_nobody_fetched_are_not_taken_for_those_of_the_next_statement(db):
    from pratique.kit.sql import in_transaction

    for __ in range(20):
        with in_transaction() as cursor, cursor.connection.pipeline():
            cursor.execute("SELECT n FROM generate_series(1, 5000) n")
            cursor.execute("SELECT 'next'")
            assert cursor.fetchall() == [("next",)]
