"""Large calls take turns, so that a live fact never stands behind somebody's days of backlog.

When a network comes back, hundreds of devices hand up what they have kept. Recorded all at once
they would fill every thread and both cores, and a gate that sends one fact would wait for seconds.
So one large call at a time is worked on in each web process, a few wait, and the others are told
when to come back: each a moment of its own, one after another, as fast as calls are worked off.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil

from django.utils.translation import gettext_lazy as _

from pratique.api.answers import Refused
from pratique.kit.errors import Refusal

FACTS_WITHOUT_TURN_MAX = 20
# A call that waits holds one of the process's threads; most of them are left to live facts.
WAITING_MAX = 8
TURN_SECONDS_MAX = 30.0
RETRY_SECONDS_MAX = 120
# What a large call is taken to need until one was seen, and how much the last one says of the next.
FIRST_SECONDS, LAST_SHARE = 0.5, 0.2


class Turns:
    """The row of one web process. clock: seconds that never run back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._busy = False
        self._waiting: deque[threading.Event] = deque()
        self._seconds = FIRST_SECONDS
        self._promised = 0.0  # the last moment for which somebody was told to come back

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Work on one large call. Raises Refused (429) where too many wait already."""
        self._enter()
        began = self._clock()
        try:
            yield
        finally:
            self._leave(self._clock() - began)

    def _enter(self) -> None:
        mine = threading.Event()
        with self._lock:
            if not self._busy:
                self._busy = True
                return
            if len(self._waiting) >= WAITING_MAX:
                raise self._come_back()
            self._waiting.append(mine)
        if mine.wait(TURN_SECONDS_MAX):
            return
        with self._lock:
            if mine in self._waiting:
                self._waiting.remove(mine)
                raise self._come_back()

    def _leave(self, seconds: float) -> None:
        with self._lock:
            self._seconds += (seconds - self._seconds) * LAST_SHARE
            self._busy = bool(self._waiting)
            if self._waiting:
                self._waiting.popleft().set()

    def _come_back(self) -> Refused:
        """A moment after all that wait and all that were told a moment before this one."""
        now = self._clock()
        row = now + (len(self._waiting) + 1) * self._seconds
        self._promised = min(max(row, self._promised + self._seconds), now + RETRY_SECONDS_MAX)
        seconds = ceil(self._promised - now)
        return Refused(429, Refusal(
            "too_many_large_calls",
            _("Many devices hand up a great deal just now. Nothing was recorded; call again in "
              "%(seconds)s seconds."), "api.large_calls", seconds=seconds),
            Retry_After=str(seconds))
