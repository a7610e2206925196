"""Tests run where a second county's application would: no shortcut for the owner."""

import psycopg
import pytest
from django.db import connection


@pytest.mark.django_db
def test_tests_run_in_the_second_county_as_the_application():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), current_user")
        assert cursor.fetchone() == ("beta", "pratique_app")


@pytest.mark.django_db
def test_the_application_may_create_nothing():
    for statement in ("CREATE TABLE mine (x int)", "CREATE TEMP TABLE mine (x int)",
                      "CREATE TABLE public.mine (x int)", "CREATE SCHEMA mine"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), _savepoint():
            _run(statement)


def _run(statement):
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement)
        except Exception as error:
            raise error.__cause__ from error


def _savepoint():
    from django.db import transaction

    return transaction.atomic()


def _sessions(other):
    return other.execute("SELECT count(*) FROM django_session").fetchone()[0]


def _write_one():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES ('k', 'd', '2022-08-20T06:00Z')")


@pytest.mark.parametrize("round", [1, 2])
def test_committed_rows_are_seen_by_others_and_gone_in_the_next_test(committed, round):
    with committed() as other:
        assert _sessions(other) == 0
    _write_one()
    with committed("owner") as other:
        assert _sessions(other) == 1


@pytest.mark.committed
@pytest.mark.parametrize("round", [1, 2])
def test_the_marker_alone_commits_and_wipes_too(round):
    _write_one()


@pytest.mark.django_db
@pytest.mark.parametrize("round", [1, 2])
def test_rolled_back_rows_are_gone(round):
    _write_one()
