"""Calls that wait for one another share a batch, and nobody notices but the disk."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import uuid4

import msgspec
import pytest

from pratique.api.answers import Refused
from pratique.api.devices import actor_of_token
from pratique.api.receive import _Door, _record
from pratique.api.together import Call, Received, Together
from pratique.api.watermark import Mark
from pratique.journal import vault
from pratique.journal.fact import Actor, Receipt
from pratique.journal.reading import Unread
from tests.support import fresh_id

NOON = datetime(2022, 8, 20, 4, 0, tzinfo=UTC)
ANYBODY = Actor(frozenset())


class Recorder:
    """Stands at the first batch until it is let go on; remembers who shared a batch."""

    def __init__(self, breaks: bool = False) -> None:
        self.batches: list[list[Call]] = []
        self.goes_on = threading.Event()
        self.breaks = breaks

    def __call__(self, calls: Sequence[Call]) -> list[Received]:
        self.batches.append(list(calls))
        if len(self.batches) == 1:
            self.goes_on.wait(20)
            if self.breaks:
                raise ValueError("the first batch breaks")
        batch = uuid4()
        mark = Mark({}, uuid4(), 0)
        return [Received(batch, [Receipt(f.id, "applied") for f in c.facts], mark)
                for c in calls]


def call(facts: int = 1) -> Call:
    return Call([Unread(uuid4(), "k", b"", None) for __ in range(facts)], ANYBODY, NOON)


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.001)


def all_at_once(together: Together, recorder: Recorder, calls: list[Call]) -> dict:
    """The first call is at the database when the others come; what each of them is told."""
    told: dict[int, object] = {}

    def send(number: int) -> None:
        try:
            told[number] = together.receive(calls[number])
        except Exception as error:
            told[number] = error

    threads = [threading.Thread(target=send, args=(n,)) for n in range(len(calls))]
    threads[0].start()
    until(lambda: recorder.batches)
    for thread in threads[1:]:
        thread.start()
    small = [c for c in calls[1:] if len(c.facts) <= 20]
    until(lambda: len(together._waiting) == len(small))
    recorder.goes_on.set()
    for thread in threads:
        thread.join(20)
    return told


def test_a_call_that_is_alone_waits_for_nobody():
    recorder = Recorder()
    recorder.goes_on.set()
    together = Together(recorder)
    for __ in range(3):
        together.receive(call())
    assert [len(batch) for batch in recorder.batches] == [1, 1, 1]


def test_those_that_come_meanwhile_share_the_next_batch_and_each_gets_its_own_receipts():
    recorder, calls = Recorder(), [call(n % 3 + 1) for n in range(30)]
    told = all_at_once(Together(recorder), recorder, calls)
    assert [len(batch) for batch in recorder.batches] == [1, 29]
    for number, one in enumerate(calls):
        assert [r.id for r in told[number].receipts] == [f.id for f in one.facts]


def test_a_large_call_goes_alone_and_keeps_nobody_waiting():
    recorder = Recorder()
    together = Together(recorder)
    first = threading.Thread(target=together.receive, args=(call(),))
    first.start()
    until(lambda: recorder.batches)
    assert len(together.receive(call(500)).receipts) == 500  # while the first is still at it
    recorder.goes_on.set()
    first.join(20)
    assert [len(batch) for batch in recorder.batches] == [1, 1]


def test_whose_turn_does_not_come_in_time_is_asked_to_try_again(monkeypatch):
    monkeypatch.setattr("pratique.api.together.WAIT_SECONDS_MAX", 0.05)
    recorder = Recorder()
    together = Together(recorder)
    first = threading.Thread(target=together.receive, args=(call(),))
    first.start()
    until(lambda: recorder.batches)
    with pytest.raises(Refused) as refused:
        together.receive(call())
    assert (refused.value.status, refused.value.refusal.code) == (503, "try_again")
    recorder.goes_on.set()
    first.join(20)
    assert len(recorder.batches) == 1 and not together._waiting


def test_no_setting_makes_a_call_small_that_is_larger_than_a_batch(settings):
    settings.FACTS_OF_A_SMALL_CALL_MAX = 5_000
    recorder = Recorder()
    recorder.goes_on.set()
    assert len(Together(recorder).receive(call(1_500)).receipts) == 1_500


def test_a_batch_is_bounded_and_what_is_left_is_the_next_one():
    recorder, calls = Recorder(), [call(20) for __ in range(121)]
    told = all_at_once(Together(recorder), recorder, calls)
    assert [len(batch) for batch in recorder.batches] == [1, 50, 50, 20]
    assert len(told) == 121


def test_when_a_batch_breaks_those_who_wait_are_recorded_all_the_same():
    recorder, calls = Recorder(breaks=True), [call() for __ in range(5)]
    told = all_at_once(Together(recorder), recorder, calls)
    assert isinstance(told[0], ValueError)
    assert all(isinstance(told[n], Received) for n in range(1, 5))


def test_in_a_shared_batch_each_fact_is_judged_by_its_own_senders_rights(county):
    """A registrar's tablet and a gate's enrol a device at the same moment."""
    desk, gate = county.enrol("command", "registrar"), county.enrol("post-01", "leader")
    calls = []
    for by, unit in ((desk, "post-02"), (gate, "post-02"), (gate, "post-01")):
        fact = by.fact("registry.device_enrolled", device=fresh_id(), unit=unit,
                       roles=["gate_officer"], label="new", token_sha256=uuid4().hex * 2)
        actor = actor_of_token(by.token)
        read = _Door(actor, vault.county_keys()).read(msgspec.json.encode(fact))
        calls.append(Call([read], actor, NOON))
    answers = _record(calls)
    assert len({answer.batch for answer in answers}) == 1
    assert [(a.receipts[0].status, a.receipts[0].code) for a in answers] == [
        ("applied", ""), ("quarantined", "right_not_yours"), ("applied", "")]
