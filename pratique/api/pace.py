"""How often one device may call: so many requests a minute, and when to come back.

Counted in each web process and in no table: a row written for every read would cost each of them
a commit, and what this keeps off is a tablet caught in a loop, not a bill. A server with several
web processes answers a device at most that many times as often.
"""

import threading
import time
from collections.abc import Callable
from math import ceil
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from pratique.api.answers import Refused, refusal
from pratique.journal import queries as journal
from pratique.kit.errors import Refusal

WINDOW_SECONDS = 60.0
DEVICES_KEPT_MAX = 10_000
API = "/api/"
_log = structlog.get_logger("pratique.api")


class Pace:
    """Counts calls by device, a minute at a time from a device's first call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[UUID, tuple[float, int]] = {}

    def count(self, device: UUID, at: float) -> tuple[int, float]:
        """(calls in this minute, this one included; seconds until the minute is over)."""
        with self._lock:
            began, calls = self._windows.get(device, (at, 0))
            if at - began >= WINDOW_SECONDS:
                began, calls = at, 0
            if len(self._windows) >= DEVICES_KEPT_MAX and device not in self._windows:
                self._forget(at)
            self._windows[device] = (began, calls + 1)
            return calls + 1, began + WINDOW_SECONDS - at

    def _forget(self, at: float) -> None:
        """Drop the minutes that are over; all of them, where none is."""
        current = {device: window for device, window in self._windows.items()
                   if at - window[0] < WINDOW_SECONDS}
        self._windows = current if len(current) < DEVICES_KEPT_MAX else {}


class PaceMiddleware:
    """Answers 429 with Retry-After to a device that calls too often. Never in a drill, which plays
    days in minutes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.pace = Pace()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        most = settings.REQUESTS_A_MINUTE_MAX
        device = getattr(getattr(request, "actor", None), "device", None)
        if not most or device is None or not request.path.startswith(API):
            return None
        calls, left = self.pace.count(device, time.monotonic())
        if calls <= most or journal.drill() is not None:
            return None
        if calls == most + 1:
            _log.warning("too_many_requests", device=str(device), a_minute_max=most)
        seconds = max(1, ceil(left))
        return refusal(Refused(429, Refusal(
            "too_many_requests",
            _("This device has called more than %(most)s times in a minute. Nothing was recorded; "
              "call again in %(seconds)s seconds."),
            "api.requests_a_minute", most=most, seconds=seconds), Retry_After=str(seconds)))
