"""Logs that tell operators what happened and name nobody.

Paths may hold a person's unguessable link, queries a name, error messages a row: so requests are
told by their route, and failures by their kind and place in the code. PRATIQUE_DEBUG=1 adds the
messages, on a machine where that is nobody's harm.
"""

import logging
import os
import time
import traceback
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

SLOW_SECONDS = 1.0
_log = structlog.get_logger("pratique.request")


def configure() -> dict:
    """Django's LOGGING, and structlog on the same road: one line of key=value a record."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"nameless": {"()": Nameless}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "nameless"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "pratique": {"level": "INFO"},
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR", "propagate": True},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
        },
    }


class Nameless(logging.Formatter):
    """Shows failures by exception class and place; keeps their messages to itself."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            record = logging.makeLogRecord({
                **record.__dict__, "msg": "%s %s", "args": (request.method, route(request)),
            })
        return super().format(record)

    def formatException(self, ei) -> str:  # noqa: N802  (logging's name)
        if os.environ.get("PRATIQUE_DEBUG") == "1":
            return super().formatException(ei)
        kind, error, trace = ei
        frames = traceback.extract_tb(trace)
        places = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        cause = f" from {type(error.__cause__).__qualname__}" if error and error.__cause__ else ""
        return "\n".join([*places, f"{kind.__module__}.{kind.__qualname__}{cause}"])


def route(request: HttpRequest) -> str:
    """The pattern that the address matched, without what stood in its places."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else "(no route)"


class RequestLogMiddleware:
    """A line for each request that changed something, failed, or was slow."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        if request.method != "GET" or response.status_code >= 500 or seconds >= SLOW_SECONDS:
            _log.info(
                "request", method=request.method, route=route(request),
                status=response.status_code, milliseconds=round(seconds * 1000),
            )
        return response
