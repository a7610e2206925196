"""Random but possible histories, for the laws of `evaluate`."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from pratique.protocol.history import (
    ACCOUNT_KINDS,
    RESULTS,
    Exposure,
    History,
    Order,
    Other,
    Reading,
    SpecimenRecord,
    Stay,
)
from pratique.protocol.pack import shipped

ARRIVED = datetime(2022, 8, 20, 2, tzinfo=UTC)
minutes = st.integers(0, 14 * 24 * 60)
ids = st.integers(1, 2**64).map(lambda number: UUID(int=number))
# A reading's fact is never a tube: both name holds.
reading_ids = st.integers(1, 2**64).map(lambda number: UUID(int=2**65 + number))
after_arrival = minutes.map(lambda count: ARRIVED + timedelta(minutes=count))


@st.composite
def stays(draw):
    until = ARRIVED - timedelta(minutes=draw(st.integers(0, 30 * 24 * 60)))
    tier = draw(st.sampled_from(["high", "medium", "low", "none", "unknown"]))
    return Stay(tier, until - timedelta(days=1), until, "510100", (draw(ids),))


@st.composite
def specimens(draw):
    collected = draw(after_arrival)
    steps = draw(st.integers(0, 3))
    times = [collected + timedelta(hours=2 * step) for step in range(4)]
    known = [at if step <= steps else None for step, at in enumerate(times)]
    result = draw(st.sampled_from([*RESULTS, "negative", "negative"])) if steps >= 2 else None
    purpose = draw(st.sampled_from(["landing", "day", "resample"]))
    return SpecimenRecord(
        draw(ids), purpose, collected, known[1], known[2], known[3], result,
        draw(st.integers(0, 9)) == 0, tuple(draw(ids) for _ in range(steps + 1)))


@st.composite
def readings(draw):
    temperature = draw(st.sampled_from([None, 36.6, 37.3, 39.0]))
    symptoms = draw(st.sampled_from([(), ("vomiting",), ("cough",)]))
    return Reading(draw(after_arrival), temperature, symptoms, draw(reading_ids))


@st.composite
def exposures(draw):
    last = ARRIVED - timedelta(minutes=draw(minutes))
    kind = draw(st.sampled_from(["close_contact", "contact_of_contact", "shared_air"]))
    return Exposure(kind, last - timedelta(hours=3), last, draw(ids))


@st.composite
def orders(draw):
    pack = draw(st.sampled_from([*shipped(), "another"]))
    since = ARRIVED + timedelta(hours=draw(st.integers(-100, 100)))
    lasts = draw(st.sampled_from([None, 10, 100, 1000]))
    until = None if lasts is None else since + timedelta(hours=lasts)
    area = draw(st.sampled_from(["141123", "141123", "610800", "US-NY"]))
    return Order(draw(ids), pack, area, "law", since, until)


@st.composite
def histories(draw):
    """Any history that the rooms could hand over."""
    ended = draw(st.sampled_from([None, None, None, draw(after_arrival)]))
    words = ["emergency", "child", "inbound", "contact", "unheard_of"]
    other = st.builds(
        Other, st.just("close_contact"), ids, st.integers(0, 3), st.booleans(), after_arrival, ids)
    return History(
        person=UUID(int=1), episode=UUID(int=2), arrived_at=ARRIVED, arrived_account="post",
        account="somewhere", account_kind=draw(st.sampled_from(ACCOUNT_KINDS)),
        account_since=draw(after_arrival), resident=draw(st.sampled_from([True, False, None])),
        from_outside_province=draw(st.sampled_from([True, False, None])), destination=None,
        stays=tuple(draw(st.lists(stays(), max_size=3))),
        specimens=tuple(draw(st.lists(specimens(), max_size=7, unique_by=lambda s: s.specimen))),
        readings=tuple(draw(st.lists(readings(), max_size=5, unique_by=lambda r: r.evidence))),
        exposures=tuple(draw(st.lists(exposures(), max_size=2))),
        special=frozenset(draw(st.lists(st.sampled_from(words), max_size=2))),
        orders=tuple(draw(st.lists(orders(), max_size=3, unique_by=lambda one: one.order))),
        home_confirmed=draw(st.sampled_from([True, False, None])), ended_at=ended,
        ended_evidence=UUID(int=3) if ended else None,
        others=tuple(draw(st.lists(other, max_size=2))))
