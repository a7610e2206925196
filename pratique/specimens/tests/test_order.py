"""In whatever order, pieces and copies the facts of a tube come, the end is the same."""

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pratique.specimens.tests.said import (
    CLEAN,
    EMPTY,
    STRONG,
    WEAK,
    Chain,
    broken_laws,
    record_of,
    run_of,
    taken,
)
from tests.support import Speaker

READINGS = st.lists(st.sampled_from([CLEAN, WEAK, STRONG, EMPTY]), min_size=1, max_size=3)


def offered_and_answered(giver: Speaker, taker: Speaker, tube) -> list[tuple[Speaker, object]]:
    """A hand-over of one tube as two facts; the tube's holding goes on by the answer."""
    offer = giver.fact(
        "custody.offered", giver=giver.place, taker=taker.place, expires_at=giver.now.replace(
            hour=23, minute=59), lines=[
                {"subject": str(tube.specimen), "holds_by": str(tube.holds_by)}])
    answer = taker.fact("custody.answered", handover=str(offer.id), taker=taker.place,
                        accepted=[str(tube.specimen)])
    tube.holds_by = answer.id
    return [(giver, offer), (taker, answer)]


def tube_facts(chain: Chain, readings, *, voided: bool):
    """All facts of one tube, each with who says it, in the order in which they happened."""
    collected = chain.collected()
    tube = taken(collected)
    facts = [(chain.gate, collected)]
    facts += offered_and_answered(chain.gate, chain.courier, tube)
    facts += offered_and_answered(chain.courier, chain.reader, tube)
    for targets in readings:
        chain.forward(minutes=1)
        run = chain.imported([(tube.tube, targets)])
        facts.append((chain.reader, run))
        facts.append((chain.second, chain.second.fact(
            "specimens.run_confirmed", run=str(run_of(run)), laboratory="lab-1")))
    if voided:
        facts.append((chain.reader, chain.reader.fact(
            "specimens.voided", specimen=str(tube.specimen), place="lab-1",
            holds_by=str(tube.holds_by), reason="leaked")))
    return tube, facts


def end_of(tube) -> tuple:
    """What the pathway will decide by. Of equal results the one reported first stands."""
    record = record_of(tube)
    return (record.collected_at, record.received_at, record.resulted_at, record.reported_at,
            record.result, record.voided, record.evidence)


class Undo(Exception):
    """Takes back what one example wrote."""


def ends(send) -> tuple:
    found = None
    try:
        with transaction.atomic():
            found = send()
            raise Undo
    except Undo:
        return found


@settings(max_examples=25, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), readings=READINGS, voided=st.booleans())
def test_any_order_of_hearing_ends_as_the_order_of_happening(chain, data, readings, voided):
    chain = Chain()
    tube, facts = tube_facts(chain, readings, voided=voided)

    def serial() -> tuple:
        for who, fact in facts:
            assert who.send(fact).receipts[0].status == "applied"
        assert broken_laws() == []
        return end_of(tube)

    order = data.draw(st.permutations(range(len(facts))))
    again = data.draw(st.lists(st.sampled_from(range(len(facts))), max_size=3))

    def shuffled() -> tuple:
        for index in [*order, *again]:
            who, fact = facts[index]
            assert who.send(fact).receipts[0].status in ("applied", "parked", "duplicate")
        assert broken_laws() == []
        return end_of(tube)

    assert ends(shuffled) == ends(serial)
