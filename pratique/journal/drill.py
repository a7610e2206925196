"""A database becomes a drill by one row, before anything is recorded in it."""

from datetime import datetime

import psycopg

BEGIN = "INSERT INTO journal_drill (marker, title, now) VALUES (1, %s, %s)"


def begin_drill(connection: psycopg.Connection, title: str, moment: datetime) -> None:
    """Mark the county that `connection` works in as a drill whose clock shows `moment`.

    From now on, and in such a database alone, the clock can be driven (`kit.doors.drive`).
    Raises psycopg.errors.UniqueViolation where it is a drill already, and
    psycopg.errors.IntegrityConstraintViolation (journal_drill_begins_empty) where anything is
    recorded: a live county never becomes a drill.
    """
    connection.execute(BEGIN, (title, moment))
