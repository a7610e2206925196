"""Two batches that bring the same subjects at the same moment: neither may overlook the other."""

import threading

import psycopg
import pytest

from pratique.journal.store import WAITED_FOR_FEW
from tests.support import fresh_id

pytestmark = pytest.mark.committed

OPEN = "SELECT what, id FROM journal_open('{}', %b::uuid[], %b::bytea[], %s)"


def opening(connection, *subjects) -> list[tuple]:
    wanted = sorted(subjects)
    return connection.execute(
        OPEN, (wanted, [None] * len(wanted), WAITED_FOR_FEW)).fetchall()


def in_the_background(work) -> tuple[threading.Thread, list]:
    told: list = []

    def run() -> None:
        try:
            told.append(work())
        except psycopg.Error as error:
            told.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, told


def waits(committed, connection) -> None:
    """Come back when `connection` waits for somebody's lock."""
    watch = committed("owner")
    watch.autocommit = True
    for __ in range(2_000):
        row = watch.execute("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s",
                            (connection.info.backend_pid,)).fetchone()
        if row and row[0]:
            return
    raise AssertionError("it never waited")


def test_a_subject_that_came_in_while_others_were_waited_for_is_not_taken_unlocked(committed):
    known, new = fresh_id(), fresh_id()
    first, second, third = committed(), committed(), committed()
    opening(first, known)
    first.commit()
    opening(first, known)  # and holds it
    thread, told = in_the_background(lambda: opening(second, known, new))
    waits(committed, second)
    opening(third, new)
    third.commit()
    first.commit()
    thread.join()
    # Taking it without its lock would let a fact be parked that nobody ever wakes.
    assert isinstance(told[0], psycopg.errors.UniqueViolation), told
    second.rollback()
    assert len(opening(second, known, new)) == 2


def test_of_two_that_bring_a_new_subject_the_second_waits_and_starts_again(committed):
    new = fresh_id()
    first, second = committed(), committed()
    opening(first, new)
    thread, told = in_the_background(lambda: opening(second, new))
    waits(committed, second)
    first.commit()
    thread.join()
    assert isinstance(told[0], psycopg.errors.UniqueViolation), told
    assert told[0].diag.table_name == "journal_subject"
    second.rollback()
    assert len(opening(second, new)) == 1
