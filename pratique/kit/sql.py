"""Small helpers for set-oriented SQL through psycopg, under Django's transactions."""

import os
import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

import psycopg
from django.db import connections, transaction
from django.db.backends.signals import connection_created
from django.db.models import Field
from django.dispatch import receiver
from psycopg.adapt import Loader
from psycopg.generators import fetch_many, send
from psycopg.pq import Format
from psycopg.waiting import Ready

CONNECTION = "default"
# psycopg prepares a statement at the server when it is used this often on one connection; our
# statements are few and their plans do not depend on how many rows an array brings.
PREPARED_FROM_USE = 3
# Room on the way to the server for the arrays of a large batch, so that the next statement can be
# made while the server is at work on the last; the kernel gives less where it allows less.
SEND_BUFFER_BYTES = 4 * 1024 * 1024
# From this many rows the planner would rather read a whole table than look its keys up: right for
# one statement, wrong for tables that grow for months (measured: half of a batch's time).
MANY_ROWS = 1_000


class _JsonAsText(Loader):
    """jsonb as its text, in binary too: whoever reads it knows its schema."""

    format = Format.BINARY

    def load(self, data: Any) -> str:
        return bytes(data[1:]).decode()  # the first byte is the format's version


@receiver(connection_created)
def _fit_out(connection, **_sent: Any) -> None:
    """Give a new connection its send buffer, and jsonb as text."""
    connection.connection.adapters.register_loader("jsonb", _JsonAsText)
    with socket.socket(fileno=os.dup(connection.connection.fileno())) as way:
        way.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)


def look_keys_up(cursor: psycopg.Cursor) -> None:
    """Until this transaction ends, rows are found by their keys and never by reading a table."""
    cursor.execute(
        "SELECT set_config('enable_hashjoin', 'off', true), "
        "set_config('enable_mergejoin', 'off', true), set_config('enable_seqscan', 'off', true)")


class _OwnRows(psycopg.Cursor):
    """A cursor that, in a pipeline, waits for nothing but its own rows.

    psycopg's own waits before it sends until the server has taken most of what was sent before,
    and before it fetches until everything sent so far is answered; then a batch's facts could not
    be worked on while the server is at work (measured: a quarter of a large batch). What the way
    to the server does not take is kept by libpq and goes with the next statement; a batch is
    bounded. The rest of the pipeline is left as psycopg has it.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        super().__init__(connection)
        self.format = Format.BINARY

    def _execute_gen(self, *args: Any, **how: Any) -> Generator[Any, Any, None]:
        steps = super()._execute_gen(*args, **how)
        if self._conn._pipeline is None:
            yield from steps
            return
        with suppress(StopIteration):
            next(steps)
            while True:
                steps.send(Ready.W)

    def _fetch_pipeline(self) -> None:
        pipeline = self._conn._pipeline
        if pipeline is None or self.pgresult:
            return
        with self._conn.lock:
            self._conn.wait(self._until_mine(pipeline))

    def _until_mine(self, pipeline: psycopg.Pipeline) -> Generator[Any, Any, None]:
        pipeline.pgconn.send_flush_request()
        yield from send(pipeline.pgconn)
        while pipeline.result_queue and not self.pgresult:
            results = yield from fetch_many(pipeline.pgconn)
            if not results:
                break
            try:
                pipeline._process_results(pipeline.result_queue.popleft(), results)
            except psycopg.Error:
                with suppress(psycopg.Error):  # what follows was aborted with it
                    yield from pipeline._fetch_gen(flush=True)
                raise


class Statements:
    """A cursor for many statements: each has a psycopg cursor of its own.

    In a pipeline the rows of a statement that nobody fetched come later; on one shared cursor they
    would be taken for those of the statement after it. Everything but `execute` is asked of the
    cursor of the last statement. Rows come in binary: read in C, where Django's own loader reads
    each moment from its text.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self._last: psycopg.Cursor = connection.cursor()

    def execute(self, query: Any, params: Any = None, **how: Any) -> psycopg.Cursor:
        self._last = _OwnRows(self.connection)
        return self._last.execute(query, params, **how)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._last, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._last)


@contextmanager
def in_transaction(alias: str = CONNECTION) -> Iterator[psycopg.Cursor]:
    """A psycopg cursor inside one transaction (a savepoint inside an outer one).

    Server-side binding with binary arrays through `%b`: measured at twice the rate of Django's
    default. Rows come in binary, jsonb as text.
    """
    with transaction.atomic(using=alias):
        connection = connections[alias]
        connection.ensure_connection()
        connection.connection.prepare_threshold = PREPARED_FROM_USE
        yield cast(psycopg.Cursor, Statements(connection.connection))


def ask(cursor: psycopg.Cursor, query: Any, params: Any) -> psycopg.Cursor:
    """Send a statement; the cursor that comes back gives its rows whenever they are needed.

    In a pipeline the server sends them as soon as it has them, and what is asked or written
    meanwhile is not waited for. Outside of one they are there at once.
    """
    connection = cursor.connection
    asked = _OwnRows(connection).execute(query, params)
    if connection.pgconn.pipeline_status:
        connection.pgconn.send_flush_request()
    return asked


@contextmanager
def reading(alias: str = CONNECTION) -> Iterator[psycopg.Cursor]:
    """A psycopg cursor for reads, in whatever transaction there is."""
    connection = connections[alias]
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        yield cursor


def one_row(cursor: psycopg.Cursor) -> tuple[Any, ...]:
    """The row of a statement that always answers one, as an aggregate does."""
    row = cursor.fetchone()
    assert row is not None, "the statement answered no row"
    return row


class TransactionIdField(Field):
    """xid8: PostgreSQL's 64-bit transaction id."""

    def db_type(self, connection) -> str:
        return "xid8"


class Int8MultiRangeField(Field):
    """int8multirange: a set of whole numbers kept as ranges."""

    def db_type(self, connection) -> str:
        return "int8multirange"
