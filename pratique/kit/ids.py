"""Identifiers made where things happen: UUIDv7 (RFC 9562, section 5.7).

The first 48 bits are milliseconds, so a journal keyed by them grows at its end; the next 12 bits
count inside the millisecond, so that ids made one after another by one maker sort in that order.
"""

import os
import threading
from datetime import datetime
from uuid import UUID, uuid5

_COUNTER_MAX = 0xFFF
_UNITS = UUID("6b1f0c1e-6f5a-5c07-9a43-0c9a4e6b8f10")


class IdMaker:
    """Makes UUIDv7s that never run backwards, even when the clock it is given does."""

    def __init__(self, randomness=os.urandom) -> None:
        self._randomness = randomness
        self._lock = threading.Lock()
        self._last_ms = 0
        self._count = 0

    def make(self, at: datetime) -> UUID:
        """A new id for something entered at `at` (aware datetime)."""
        ms = int(at.timestamp() * 1000)
        with self._lock:
            if ms > self._last_ms:
                self._last_ms, self._count = ms, 0
            else:
                self._count += 1
                if self._count > _COUNTER_MAX:
                    self._last_ms, self._count = self._last_ms + 1, 0
            ms, count = self._last_ms, self._count
        tail = int.from_bytes(self._randomness(8), "big") & ((1 << 62) - 1)
        return UUID(int=(ms << 80) | (7 << 76) | (count << 64) | (2 << 62) | tail)


_process = IdMaker()


def new_id(at: datetime) -> UUID:
    """A UUIDv7 for something this process enters at `at`."""
    return _process.make(at)


def unit_subject(code: str) -> UUID:
    """The subject id that stands for a unit, lane or rule where a lock or a story needs an id."""
    return uuid5(_UNITS, code)
