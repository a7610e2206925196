"""Pausing Python's cycle collector while one batch is worked on."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# A smaller batch leaves too little behind to pay for what the collector does afterwards.
FACTS_MIN = 100
_lock = threading.Lock()
_pauses = 0


@contextmanager
def paused(facts: int) -> Iterator[None]:
    """No cycle collection inside, where so many facts are many.

    A batch makes some hundred thousand objects that live until it ends and hang together in no
    cycles; the collector would walk them again and again (measured: a third of a batch of 10,000).
    Bounded by the batch's own limit. Nested and concurrent pauses are counted.
    """
    global _pauses  # noqa: PLW0603 (one collector for the process)
    if facts < FACTS_MIN:
        yield
        return
    with _lock:
        _pauses += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _pauses -= 1
            if _pauses == 0:
                gc.enable()
