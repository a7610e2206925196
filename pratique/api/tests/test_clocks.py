"""Which moment counts, whatever a device's clock says; what was said stays as it was said."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pratique.api.clocks import (
    NOTHING_KNOWN,
    TOLERANCE,
    Known,
    Said,
    count_all,
    counted,
    is_news,
    said_by,
)
from pratique.journal.log import seal, tampered
from pratique.kit.clock import DrivenClock
from pratique.kit.sql import reading
from tests.support import FIRST_MORNING, fresh_id

NOW = datetime(2022, 8, 20, 4, 0, tzinfo=UTC)
DAY, YEAR = timedelta(days=1), timedelta(days=365)
MOMENTS = st.integers(0, 7 * 365 * 86_400).map(lambda s: NOW - timedelta(seconds=s))
spans = st.timedeltas(min_value=-10 * YEAR, max_value=10 * YEAR)


def enrolled_long_ago(county):
    """A gate's device that may have seen what it says of the last days."""
    county.system.forward(days=-4)
    tablet = county.enrol("post-01", "gate_officer")
    county.system.forward(days=4)
    return tablet


@pytest.fixture
def gate(county):
    return enrolled_long_ago(county)


def vehicle(tablet, at=None, **more):
    return tablet.fact("checkpoint.vehicle_arrived", at=at, vehicle=fresh_id(),
                       post=tablet.place, plate="晋A12345", occupants=1, **more)


def send(tablet, *facts, off=timedelta(), clock=None, now=FIRST_MORNING, **more):
    """Post facts from a device whose entries are off by so much; more: made, steady."""
    def ms(span: timedelta) -> int:
        return round((now + span).timestamp() * 1000)
    said = f"time={ms(off)}, clock={ms(off if clock is None else clock)}"
    answer = tablet.post_body(msgspec.json.encode(list(facts)), **{
        "Pratique-Device": said + "".join(f", {name}={n}" for name, n in more.items())})
    assert answer.status_code == 200, answer.content
    return answer.json()


def moments(fact) -> tuple[datetime, datetime | None]:
    """(as said, as counted where that differs) of a recorded fact."""
    with reading() as cursor:
        cursor.execute("SELECT at, counted_at FROM journal_fact WHERE id = %s", (fact.id,))
        return cursor.fetchone()


def findings(code):
    with reading() as cursor:
        cursor.execute("SELECT owner, closed_at IS NULL FROM journal_finding WHERE code = %s "
                       "ORDER BY opened_at", (code,))
        return cursor.fetchall()


@pytest.mark.parametrize("off", [-3 * DAY, 10 * YEAR, timedelta(minutes=-3)])
def test_a_clock_that_is_wrong_when_sending_is_taken_off_what_was_said(gate, off):
    entered = FIRST_MORNING - timedelta(hours=1)
    fact = vehicle(gate, at=entered + off)
    send(gate, fact, off=off)
    assert moments(fact) == (entered + off, entered)


def test_a_clock_within_the_tolerance_is_believed_as_it_is(gate):
    fact = vehicle(gate, at=FIRST_MORNING + timedelta(seconds=90))
    send(gate, fact, off=timedelta(seconds=90))
    assert moments(fact) == (FIRST_MORNING + timedelta(seconds=90), None)


def test_three_days_without_a_network_and_an_honest_clock_lose_nothing(gate):
    fact = vehicle(gate, at=FIRST_MORNING - 3 * DAY)
    send(gate, fact)
    assert moments(fact)[1] is None


def test_a_moment_that_has_not_come_counts_from_when_it_was_heard(gate):
    fact = vehicle(gate, at=FIRST_MORNING + 10 * YEAR)
    send(gate, fact)
    assert moments(fact) == (FIRST_MORNING + 10 * YEAR, FIRST_MORNING)
    assert findings("moments_not_believed") == [("post-01", True)]


def test_a_fact_that_was_not_made_yet_did_not_happen_before(gate, monkeypatch):
    send(gate, vehicle(gate), made=1)
    later = FIRST_MORNING + timedelta(hours=5)
    monkeypatch.setattr("pratique.kit.doors._system", DrivenClock(later))
    second = vehicle(gate, at=FIRST_MORNING - DAY)
    send(gate, second, made=2, now=later)
    assert moments(second)[1] == later
    assert findings("moments_not_believed") == [("post-01", True)]


def test_what_was_made_before_and_comes_in_several_calls_is_believed(gate):
    facts = [vehicle(gate, at=FIRST_MORNING - 3 * DAY + timedelta(minutes=n)) for n in range(6)]
    for at in range(0, 6, 2):
        send(gate, *facts[at:at + 2], made=6)
    assert [moments(f)[1] for f in facts] == [None] * 6


def test_before_its_enrolment_a_device_saw_nothing(county):
    gate = county.enrol("post-01", "gate_officer")
    fact = vehicle(gate, at=FIRST_MORNING - DAY)
    send(gate, fact)
    assert moments(fact)[1] == FIRST_MORNING


def test_the_unit_is_told_once_and_the_finding_closes_when_the_clock_is_right(gate):
    send(gate, vehicle(gate, at=FIRST_MORNING - 3 * DAY), off=-3 * DAY)
    send(gate, vehicle(gate, at=FIRST_MORNING - 3 * DAY), off=-3 * DAY)
    assert findings("device_clock") == [("post-01", True)]
    send(gate, off=timedelta(), clock=-3 * DAY)  # the app corrects; the tablet itself is wrong
    assert findings("device_clock") == [("post-01", True)]
    send(gate)
    assert findings("device_clock") == [("post-01", False)]


def test_the_same_fact_sent_again_under_another_clock_is_a_duplicate(gate):
    fact = vehicle(gate, at=FIRST_MORNING - 3 * DAY)
    send(gate, fact, off=-3 * DAY)
    said = send(gate, fact)
    assert [r["status"] for r in said["receipts"]] == ["duplicate"]
    assert moments(fact)[1] == FIRST_MORNING


def test_a_deadline_in_the_body_is_put_right_with_the_moment(gate):
    arrival = vehicle(gate, at=FIRST_MORNING - 3 * DAY)
    offer = gate.fact("custody.offered", at=FIRST_MORNING - 3 * DAY, giver="post-01",
                      taker="coach-01", expires_at=FIRST_MORNING - 3 * DAY + timedelta(hours=1),
                      lines=[{"subject": vehicle_of(arrival), "holds_by": arrival.id}])
    said = send(gate, arrival, offer, off=-3 * DAY)
    assert [r["status"] for r in said["receipts"]] == ["applied", "applied"], said["receipts"]
    with reading() as cursor:
        cursor.execute("SELECT expires_at FROM custody_handover WHERE id = %s", (offer.id,))
        assert cursor.fetchone()[0] == FIRST_MORNING + timedelta(hours=1)


def test_the_log_commits_to_what_was_said_and_to_what_counts(gate):
    fact = vehicle(gate, at=FIRST_MORNING - 3 * DAY)
    send(gate, fact, off=-3 * DAY)
    seal(FIRST_MORNING)
    assert tampered() == []


def test_what_another_device_carries_counts_when_heard_unless_its_clock_was_right(gate, county):
    dying, unknown = (enrolled_long_ago(county) for __ in range(2))
    send(dying)
    good = vehicle(dying, at=FIRST_MORNING - 2 * DAY)
    odd = vehicle(unknown, at=FIRST_MORNING - 2 * DAY)
    send(gate, good, odd)
    assert (moments(good)[1], moments(odd)[1]) == (None, FIRST_MORNING)


@pytest.mark.parametrize("header", [
    "", "time", "time=", "time=x, made=-1", "time=" + "9" * 150, "made=9999999999999999999",
    "=,=,", "time=1e9", "time=٣"])
def test_a_word_that_is_none_is_as_if_it_had_not_been_said(rf, header):
    said = said_by(rf.post("/", headers={"Pratique-Device": header}), NOW)
    assert said == Said()


@given(true=MOMENTS, off=spans, jump=spans,
       after=st.none() | st.timedeltas(-10 * YEAR, timedelta()))
def test_nothing_counts_before_it_can_have_happened_or_after_it_was_heard(true, off, jump, after):
    """jump: what the clock did between the entry and the call, which nobody saw."""
    bound = None if after is None else NOW + after
    moment, is_possible = counted(true + off + jump, bound, off, NOW)
    got = moment or true + off + jump
    assert got <= NOW + TOLERANCE
    assert bound is None or got >= bound - TOLERANCE
    assert is_possible or got == NOW


@given(true=MOMENTS, off=spans)
def test_a_steady_clock_however_wrong_gives_the_true_moment(true, off):
    moment, is_possible = counted(true + off, None, off, NOW, steady=True)
    assert is_possible and abs((moment or true + off) - true) <= TOLERANCE


@given(true=MOMENTS, off=spans, then=st.booleans())
def test_a_clock_set_at_a_time_that_nobody_knows_gains_nothing(true, off, then):
    """then: it was off already when this was written; else it was right."""
    said = true + off if then else true
    moment, __ = counted(said, None, off, NOW)
    assert (moment or said) >= true - TOLERANCE


def test_a_clock_set_forward_between_two_entries_makes_neither_earlier(gate):
    before = vehicle(gate, at=FIRST_MORNING - 3 * DAY)
    ahead = vehicle(gate, at=FIRST_MORNING + DAY)  # in truth a day ago, on a clock two days fast
    steady = vehicle(gate, at=FIRST_MORNING + DAY)
    send(gate, before, ahead, steady, off=2 * DAY, steady=3)
    assert [moments(f)[1] for f in (before, ahead, steady)] == [
        None, FIRST_MORNING - DAY, FIRST_MORNING - DAY]


def test_a_comparison_is_news_once():
    right, wrong = Said(timedelta(), timedelta()), Said(3 * DAY, 3 * DAY)
    assert is_news(right, NOTHING_KNOWN, 0) and is_news(wrong, NOTHING_KNOWN, 0)
    assert not is_news(right, Known(timedelta(), timedelta()), 0)
    assert not is_news(wrong, Known(3 * DAY, 3 * DAY), 0)
    assert is_news(right, Known(3 * DAY, 3 * DAY), 0) and is_news(right, Known(), 1)
    assert count_all([], fresh_id(), right, {}, NOW) == 0


def vehicle_of(arrival) -> str:
    return msgspec.json.decode(arrival.body)["vehicle"]
