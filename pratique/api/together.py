"""Calls that wait for one another are recorded together: one `record`, one commit, many answers.

A device at a gate sends one fact and waits for its receipt; sixty-four of them would make as many
transactions, each with its own commit. Here the first call records at once, alone if it is alone.
Those that come meanwhile wait, and the first of them then records all of theirs in one batch.
Nothing is delayed to gather more, and nobody is answered before the commit. Each fact is judged by
the rights of its own sender (`Context.speaker_of`), so who shares a batch makes no difference.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings

from pratique.api.answers import unavailable
from pratique.api.watermark import Mark
from pratique.journal.fact import Actor, Fact, Receipt
from pratique.journal.reading import Unread

FACTS_TOGETHER_MAX = 1_000
WAIT_SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True)
class Received:
    """The batch's id (of the first part, where it had to be cut) and a receipt for each fact.

    batch None: nothing was sent; a device greeted, to hear how far its facts are.
    mark: how far the sender's facts are here, this batch included.
    """

    batch: UUID | None
    receipts: Sequence[Receipt]
    mark: Mark


@dataclass(slots=True, eq=False)
class Call:
    """What one device sent, read; and what becomes of it.

    leads: woken to record for those who wait, its own call among them.
    """

    facts: Sequence[Fact | Unread]
    actor: Actor
    now: datetime
    woken: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    received: Received | None = None
    error: BaseException | None = None


Record = Callable[[Sequence[Call]], Sequence[Received]]


class Together:
    """Gathers the calls of one web process. record: records several, an answer for each."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._lock = threading.Lock()
        self._waiting: deque[Call] = deque()
        self._busy = False

    def receive(self, call: Call) -> Received:
        """What became of a call, when it is durable.

        Raises what `record` raised for it, and Refused (503, try again) where its turn did not come
        in time.
        """
        if len(call.facts) > min(settings.FACTS_OF_A_SMALL_CALL_MAX, FACTS_TOGETHER_MAX):
            return self._record([call])[0]
        with self._lock:
            call.leads = not self._busy
            self._busy = True
            self._waiting.append(call)
        if not call.leads and not call.woken.wait(WAIT_SECONDS_MAX):
            self._give_up(call)
        if call.leads:
            self._lead()
        if call.error is not None:
            raise call.error
        assert call.received is not None
        return call.received

    def _lead(self) -> None:
        """Record for everybody who waits now, and let the first of those who came since lead."""
        calls = self._take()
        try:
            for call, received in zip(calls, self._record(calls), strict=True):
                call.received = received
        except BaseException as error:
            for call in calls:
                call.error = error
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._busy = following is not None
                if following is not None:
                    following.leads = True
            for call in calls:
                call.woken.set()
            if following is not None:
                following.woken.set()

    def _take(self) -> list[Call]:
        calls: list[Call] = []
        count = 0
        with self._lock:
            while self._waiting and count + len(self._waiting[0].facts) <= FACTS_TOGETHER_MAX:
                calls.append(self._waiting.popleft())
                count += len(calls[-1].facts)
        return calls

    def _give_up(self, call: Call) -> None:
        """Nobody recorded it in time: the device is asked to come again.

        Unless it is its turn now, or it is being recorded.
        """
        with self._lock:
            if call in self._waiting and not call.leads:
                self._waiting.remove(call)
                call.error = unavailable()
                return
        call.woken.wait()
