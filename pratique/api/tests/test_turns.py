"""Large calls take turns; small ones do not wait, and who is sent away is told until when."""

import threading
import time
from contextlib import ExitStack

import pytest

from pratique.api import receive, turns
from pratique.api.answers import Refused
from pratique.api.turns import FIRST_SECONDS, RETRY_SECONDS_MAX, WAITING_MAX, Turns
from pratique.journal.queries import totals


@pytest.fixture
def row(monkeypatch):
    """The row of large calls of this process, new."""
    monkeypatch.setattr(receive, "_turns", Turns())
    return receive._turns


@pytest.fixture
def full(row, monkeypatch):
    """One large call is being worked on, and nobody more may wait."""
    monkeypatch.setattr(turns, "WAITING_MAX", 0)
    with row.turn():
        yield


def until(true):
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def counts(gate, number):
    return [gate.fact("checkpoint.lane_counted", post="post-01", lane="1", vehicles=1,
                      hour=f"2022-08-{day:02}T{hour:02}:00:00Z")
            for day in range(17, 19) for hour in range(24)][:number]


def test_a_large_call_is_told_when_to_come_back_and_nothing_of_it_is_recorded(gate, full):
    before = totals()["in"]
    answer = gate.post(*counts(gate, 21))
    assert answer.status_code == 429
    assert (answer.json()["code"], answer.json()["rule"]) == (
        "too_many_large_calls", "api.large_calls")
    assert answer["Retry-After"] in answer.json()["sentence"]
    assert totals()["in"] == before
    assert "没有记录" in gate.post(*counts(gate, 21), language="zh-Hans").json()["sentence"]


def test_a_live_fact_does_not_wait_for_large_calls(gate, full):
    assert gate.post(*counts(gate, 20)).json()["counts"]["applied"] == 20


def test_when_nobody_is_before_it_a_large_call_is_recorded_at_once(gate, row):
    assert gate.post(*counts(gate, 40)).json()["counts"]["applied"] == 40
    assert gate.post(*counts(gate, 40)).status_code == 200  # and the turn was given back


def test_one_is_worked_on_at_a_time_in_the_order_in_which_they_came():
    row, at_work, order = Turns(), [], []

    def work(number):
        with row.turn():
            at_work.append(number)
            assert len(at_work) == 1
            order.append(number)
            time.sleep(0.005)
            at_work.remove(number)

    with row.turn():
        threads = []
        for number in range(WAITING_MAX):
            threads.append(threading.Thread(target=work, args=(number,)))
            threads[-1].start()
            until(lambda: len(row._waiting) == len(threads))
    for thread in threads:
        thread.join(20)
    assert order == list(range(WAITING_MAX))
    assert not row._busy


def test_those_who_are_sent_away_get_moments_one_after_another_and_none_without_end(monkeypatch):
    monkeypatch.setattr(turns, "WAITING_MAX", 0)
    row, told = Turns(clock=lambda: 1_000.0), []
    with row.turn():
        for _ in range(500):
            with pytest.raises(Refused) as refused, row.turn():
                pass
            told.append(int(refused.value.headers["Retry-After"]))
    assert told == sorted(told) and told[0] == 1 and told[-1] == RETRY_SECONDS_MAX
    assert told.count(3) == 1 / FIRST_SECONDS  # as many a second as are worked off


def test_whose_turn_does_not_come_in_time_is_told_a_moment_too(monkeypatch):
    monkeypatch.setattr(turns, "TURN_SECONDS_MAX", 0.02)
    row = Turns()
    with row.turn():
        with pytest.raises(Refused), row.turn():
            pass
        assert not row._waiting
    with ExitStack() as later:
        later.enter_context(row.turn())


def test_a_call_that_breaks_gives_its_turn_back():
    row = Turns()
    with pytest.raises(ZeroDivisionError), row.turn():
        raise ZeroDivisionError
    with row.turn():
        pass
