"""The drill's marker attacked with raw SQL as the application's own role."""

import psycopg
import pytest

from pratique.journal.drill import BEGIN, begin_drill
from tests.support import FIRST_MORNING, Speaker, fresh_id

LAW = "journal_drill_begins_empty"
pytestmark = pytest.mark.committed


@pytest.fixture
def note():
    """Record one batch; answer its receipt's status."""
    gate = Speaker("post-01", ["gate_officer"])
    return lambda **body: gate.say("test.noted", subject=fresh_id(), **body).status


def refused(connection, sql: str, *params) -> str | None:
    """Run one statement as the application; the law that refused it."""
    assert connection.execute("SELECT current_user").fetchone() == ("pratique_app",)
    with pytest.raises(psycopg.Error) as error:
        connection.execute(sql, params)
    connection.rollback()
    return error.value.diag.constraint_name


def test_a_county_becomes_a_drill_before_anything_is_recorded_and_then_records(committed, note):
    with committed() as app:
        begin_drill(app, "try", FIRST_MORNING)
    assert note() == "applied"
    with committed() as app:
        app.execute("UPDATE journal_drill SET now = now + interval '1 hour'")


def test_a_county_with_a_fact_never_becomes_a_drill(committed, note):
    assert note() == "applied"
    assert refused(committed(), BEGIN, "try", FIRST_MORNING) == LAW


def test_nor_does_one_whose_only_batch_was_refused(committed, note):
    assert note(verdict="quarantined") == "quarantined"
    assert refused(committed(), BEGIN, "try", FIRST_MORNING) == LAW


def test_the_law_holds_for_the_owner_too(committed, note):
    note()
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match=LAW):
        begin_drill(committed("owner"), "try", FIRST_MORNING)


def test_a_drill_that_was_played_does_not_pass_for_a_real_county(committed, note):
    with committed() as app:
        begin_drill(app, "try", FIRST_MORNING)
    note()
    assert refused(committed(), "DELETE FROM journal_drill") == LAW
    assert "permission denied" in refusal_of_truncate(committed())


def refusal_of_truncate(connection) -> str:
    with pytest.raises(psycopg.Error) as error:
        connection.execute("TRUNCATE journal_drill")
    return error.value.diag.message_primary or ""


def test_a_marker_waits_for_the_first_batch_that_is_being_recorded_and_then_is_refused(
    committed,
):
    recording, marking = committed(), committed()
    recording.execute(
        "INSERT INTO journal_batch (id, recorded_at, source, device, staff, facts_in, applied, "
        "duplicate, parked, disputed, quarantined, first_number, last_number) VALUES "
        "(%s, %s, 'test', NULL, NULL, 0, 0, 0, 0, 0, 0, NULL, NULL)", (fresh_id(), FIRST_MORNING))
    marking.execute("SET lock_timeout = '100ms'")
    marking.commit()
    with pytest.raises(psycopg.errors.LockNotAvailable):
        begin_drill(marking, "try", FIRST_MORNING)
    marking.rollback()
    recording.commit()
    assert refused(marking, BEGIN, "try", FIRST_MORNING) == LAW
