"""Logs name nobody: not by path, not by query, not by the message of an error."""

import logging
import sys
from types import SimpleNamespace

from django.test import RequestFactory

from pratique.kit.logs import Nameless, RequestLogMiddleware

PERSON = "王小明"


def record(message, *, request=None, failed=False):
    info = None
    if failed:
        try:
            raise ValueError(PERSON)
        except ValueError:
            info = sys.exc_info()
    made = logging.LogRecord("x", logging.ERROR, __file__, 1, message, (), info)
    if request is not None:
        made.request = request
    return made


def test_an_error_is_told_by_its_class_and_place(monkeypatch):
    monkeypatch.delenv("PRATIQUE_DEBUG", raising=False)
    told = Nameless().format(record("failed", failed=True))
    assert "ValueError" in told
    assert "test_logs.py" in told
    assert PERSON not in told


def test_a_request_is_told_by_its_route():
    request = RequestFactory().get(f"/slip/s3cr3t/?name={PERSON}")
    request.resolver_match = SimpleNamespace(route="slip/<token>/")
    told = Nameless().format(record(f"Internal Server Error: {request.path}", request=request))
    assert told.endswith("GET /slip/<token>/")


def test_reads_that_go_well_are_not_logged_and_writes_are(caplog):
    middleware = RequestLogMiddleware(lambda request: SimpleNamespace(status_code=200))
    with caplog.at_level(logging.INFO):
        middleware(RequestFactory().get("/board/"))
        assert caplog.records == []
        middleware(RequestFactory().post(f"/gate/?name={PERSON}"))
    assert "method='POST'" in caplog.text
    assert PERSON not in caplog.text
