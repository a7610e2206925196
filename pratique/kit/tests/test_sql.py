"""In a pipeline nobody waits for more than was asked for."""

import psycopg
import pytest

from pratique.kit.arrays import documents
from pratique.kit.sql import ask, in_transaction

pytestmark = pytest.mark.django_db

# The server takes its time for this one; a test that waited for it would be slow and would fail.
SLOW = "SELECT pg_sleep(0.5)"


def test_rows_come_while_the_server_is_still_at_a_later_statement():
    with in_transaction() as cursor, cursor.connection.pipeline():
        first = ask(cursor, "SELECT generate_series(1, 3)", ())
        slow = ask(cursor, SLOW, ())
        assert first.fetchall() == [(1,), (2,), (3,)]
        assert slow.pgresult is None
        assert len(slow.fetchall()) == 1


def test_rows_are_kept_apart_in_whatever_order_they_are_fetched():
    with in_transaction() as cursor, cursor.connection.pipeline():
        asked = [ask(cursor, "SELECT %s::int, generate_series(1, 2)", (n,)) for n in range(20)]
        cursor.execute("SELECT 'written meanwhile'")
        for number in (7, 19, 0, 12, 1):
            assert asked[number].fetchall() == [(number, 1), (number, 2)]
        assert cursor.fetchone() == ("written meanwhile",)


def test_more_than_the_way_holds_is_sent_without_waiting_and_arrives_whole():
    """Sixteen megabytes behind a statement that the server is at."""
    texts = [b"x" * 1_000_000 for __ in range(16)]
    with in_transaction() as cursor, cursor.connection.pipeline():
        slow = ask(cursor, SLOW, ())
        lengths = [ask(cursor, "SELECT sum(length(t)) FROM unnest(%b::text[]) t",
                       (documents([text]),)) for text in texts]
        assert slow.pgresult is None
        assert [one.fetchone() for one in lengths] == [(1_000_000,)] * 16


def test_what_an_earlier_statement_was_refused_for_is_told_and_the_connection_goes_on():
    with pytest.raises(psycopg.errors.DivisionByZero), in_transaction() as cursor, \
            cursor.connection.pipeline():
        ask(cursor, "SELECT 1 / %s::int", (0,))
        later = ask(cursor, "SELECT 1", ())
        later.fetchall()
    with in_transaction() as cursor, cursor.connection.pipeline():
        assert ask(cursor, "SELECT 1", ()).fetchall() == [(1,)]


def test_outside_of_a_pipeline_the_rows_are_there_at_once():
    with in_transaction() as cursor:
        first, second = ask(cursor, "SELECT 1", ()), ask(cursor, "SELECT 2", ())
        assert (first.fetchall(), second.fetchall()) == ([(1,)], [(2,)])
