"""The ledger's laws attacked with raw SQL as the application's own role. The database refuses."""

from uuid import uuid4

import psycopg
import pytest
from django.db import connection, transaction

from pratique.custody.tests.said import accept, arrive_people, offer
from tests.support import FIRST_MORNING, fresh_id

NIL = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def attack(db):
    """Run one statement as the application; answer the law that refused it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] == "pratique_app"

    def run(sql: str, *params) -> str:
        pg = connection.connection
        with transaction.atomic(), pytest.raises(psycopg.Error) as refused:
            try:
                with pg.cursor() as cursor:
                    cursor.execute(sql, params)
            except psycopg.Error:
                transaction.set_rollback(True)
                raise
            raise AssertionError("the database let it pass")
        error = refused.value
        return error.diag.constraint_name or error.diag.message_primary or ""

    return run


ENTRY = ("INSERT INTO custody_entry (subject, previous, fact, kind, giver, taker, why, handover, "
         "at, recorded_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)")


def entry(subject, previous, giver, taker, why="arrival", handover=None, kind="person"):
    return (subject, previous, uuid4(), kind, giver, taker, why, handover, FIRST_MORNING,
            FIRST_MORNING)


def test_an_entry_is_never_edited(attack, gate):
    arrive_people(gate)
    assert "permission denied" in attack("UPDATE custody_entry SET taker = 'site-1'")


def test_an_entry_is_never_deleted(attack, gate):
    arrive_people(gate)
    assert "permission denied" in attack("DELETE FROM custody_entry")


def test_the_ledger_is_never_truncated(attack, gate):
    assert "permission denied" in attack("TRUNCATE custody_entry")


def test_nobody_is_moved_by_writing_the_holding(attack, gate):
    arrive_people(gate)
    assert "permission denied" in attack("UPDATE custody_holding SET account = 'site-1'")


def test_nobody_vanishes_by_deleting_the_holding(attack, gate):
    arrive_people(gate)
    assert "permission denied" in attack("DELETE FROM custody_holding")


def test_nobody_is_invented_by_inserting_a_holding(attack, gate):
    assert "permission denied" in attack(
        "INSERT INTO custody_holding VALUES (%s, 'person', 'site-1', %s, now(), NULL)",
        uuid4(), uuid4())


def test_only_the_holder_gives(attack, gate):
    people, arrival = arrive_people(gate)
    assert attack(ENTRY, *entry(people[0], arrival, "post-02", "outside", "released")) == (
        "custody_giver_holds")


def test_a_chain_does_not_fork(attack, gate, coach):
    people, arrival = arrive_people(gate)
    accept(coach, offer(gate, "coach-01", people, arrival).id, people)
    law = attack(ENTRY, *entry(people[0], arrival, "post-01", "outside", "released"))
    assert law.startswith("custody_entry")


def test_nobody_is_born_twice(attack, gate):
    people, __ = arrive_people(gate)
    law = attack(ENTRY, *entry(people[0], NIL, "outside", "post-02"))
    assert law.startswith(("custody_entry", "custody_holding"))


def test_nobody_moves_between_custodians_without_a_hand_over(attack, gate):
    people, arrival = arrive_people(gate)
    assert attack(ENTRY, *entry(people[0], arrival, "post-01", "site-1", "taken")).startswith(
        "custody_entry_one_way")


def test_no_hand_over_is_invented_for_a_move(attack, gate):
    people, arrival = arrive_people(gate)
    offered = offer(gate, "coach-01", people, arrival)
    assert attack(ENTRY, *entry(people[0], arrival, "post-01", "site-1", "accepted",
                                offered.id)) == "custody_giver_holds"


def test_nothing_is_offered_twice(attack, gate):
    people, arrival = arrive_people(gate)
    offer(gate, "coach-01", people, arrival)
    second = uuid4()
    assert attack(
        "WITH h AS (INSERT INTO custody_handover (id, giver, taker, offered_at, expires_at) "
        "VALUES (%s, 'post-01', 'site-1', now(), now())) "
        "INSERT INTO custody_line (handover, subject, holds_by, giver, taker) "
        "VALUES (%s, %s, %s, 'post-01', 'site-1')", second, second, people[0], arrival,
    ) == "custody_one_pending"


def test_nobody_offers_what_another_holds(attack, gate):
    people, arrival = arrive_people(gate)
    second = uuid4()
    assert attack(
        "WITH h AS (INSERT INTO custody_handover (id, giver, taker, offered_at, expires_at) "
        "VALUES (%s, 'post-02', 'site-1', now(), now())) "
        "INSERT INTO custody_line (handover, subject, holds_by, giver, taker) "
        "VALUES (%s, %s, %s, 'post-02', 'site-1')", second, second, people[0], arrival,
    ) == "custody_one_pending"


RESOLUTION = ("INSERT INTO custody_resolution (handover, subject, outcome, reason, fact, at, "
              "recorded_at) VALUES (%s, %s, %s, '', %s, now(), now())")


def test_a_line_is_resolved_once(attack, gate, coach):
    people, arrival = arrive_people(gate)
    offered = offer(gate, "coach-01", people, arrival)
    accept(coach, offered.id, people)
    assert attack(RESOLUTION, offered.id, people[0], "refused", uuid4()).startswith(
        "custody_resol")


def test_what_was_not_offered_is_not_accepted(attack, gate):
    people, arrival = arrive_people(gate, 2)
    offered = offer(gate, "coach-01", people[:1], arrival)
    assert attack(RESOLUTION, offered.id, people[1], "accepted", uuid4()) == (
        "custody_resolved_once")


def test_a_resolution_has_a_known_outcome(attack, gate):
    people, arrival = arrive_people(gate)
    offered = offer(gate, "coach-01", people, arrival)
    assert attack(RESOLUTION, offered.id, people[0], "lost", uuid4()).startswith(
        "custody_resolution_outcome")


def test_no_more_are_offered_than_there_are_seats(attack, gate):
    people, arrival = arrive_people(gate, 3)
    offer(gate, "site-2", people[:2], arrival)
    second = uuid4()
    assert attack(
        "WITH h AS (INSERT INTO custody_handover (id, giver, taker, offered_at, expires_at) "
        "VALUES (%s, 'post-01', 'site-2', now(), now())) "
        "INSERT INTO custody_line (handover, subject, holds_by, giver, taker) "
        "VALUES (%s, %s, %s, 'post-01', 'site-2')", second, second, people[2], arrival,
    ).startswith("custody_account_limit")


def test_the_seat_counter_is_not_written_by_hand(attack, gate):
    assert "permission denied" in attack("UPDATE custody_account SET on_hand = 0, capacity = 99")


def test_a_fact_is_never_edited(attack, gate):
    arrive_people(gate)
    assert "permission denied" in attack("UPDATE journal_fact SET at = now()")


def test_a_fact_is_never_deleted(attack, gate):
    arrive_people(gate)
    assert "permission denied" in attack("DELETE FROM journal_fact")


def test_the_log_is_never_rewritten(attack, gate):
    assert "permission denied" in attack("DELETE FROM journal_seal")


def test_a_law_is_not_switched_off(attack, gate):
    assert "must be owner" in attack("ALTER TABLE custody_entry DISABLE TRIGGER ALL")


def test_the_application_makes_no_table_and_no_function(attack, gate):
    assert "permission denied" in attack("CREATE TABLE mine (id int)")


def test_even_the_owner_cannot_edit_an_entry(committed):
    """Append-only is a trigger too, so that a migration or a console does not slip."""
    from pratique.custody.tests.conftest import open_the_county
    from tests.support import Speaker

    open_the_county()
    arrive_people(Speaker("post-01", ["gate_officer"]))
    owner = committed("owner")
    with pytest.raises(psycopg.Error) as refused:
        owner.execute("UPDATE custody_entry SET taker = 'site-1'")
    assert refused.value.diag.constraint_name == "append_only"


def test_fresh_ids_sort_by_the_time_they_were_made():
    ids = [fresh_id() for __ in range(5_000)]
    assert ids == sorted(ids)
