"""Differences are explained on the findings desk, by whom they concern, with a reason."""

import pytest

from pratique.checkpoint.queries import occupants_that_differ
from pratique.desks.tests.conftest import NOON
from pratique.duties.queries import findings
from tests.support import Speaker, fresh_id


def arrives(post: str, *, plate: str = "晋J8K213", occupants: int = 2):
    """A vehicle that a gate's tablet registers; answers the fact and the vehicle."""
    gate, vehicle = Speaker(post, ["gate_officer"], now=NOON), fresh_id(NOON)
    said = gate.say("checkpoint.vehicle_arrived", vehicle=vehicle, post=post, plate=plate,
                    occupants=occupants)
    assert said.status == "applied", said.text()
    return gate, said.id, vehicle


@pytest.fixture
def short(county):
    """A car of two that left post-01 with nobody registered."""
    gate, arrival, vehicle = arrives("post-01")
    gate.say("checkpoint.vehicle_cleared", vehicle=vehicle, post="post-01", holds_by=arrival)
    (found,) = findings(code="occupants_differ")
    return f"/finding/{found.id}/"


def test_the_post_explains_who_was_aboard_and_the_finding_closes_by_that_fact(desk, short):
    gate = desk("gate")
    page = gate.see(short)
    assert "2 were counted aboard, 0 are registered now." in page
    assert "Close the finding" not in page
    gate.send(short, outcome=" ")
    assert len(findings(code="occupants_differ")) == 1
    gate.send(short, outcome="two officers on duty")
    assert findings(code="occupants_differ") == [] and occupants_that_differ() == []
    page = gate.see(short)
    for words in ("The difference was explained.", "two officers on duty", "people aboard expl"):
        assert words in page


def test_whoever_does_not_answer_for_the_post_may_close_but_not_explain_it(desk, short):
    page = desk("courier").see(short)
    assert "Explain the difference" not in page and "Close the finding" in page


def test_command_explains_a_plate_seen_twice_at_any_two_posts(desk):
    arrives("post-01")
    arrives("post-02")
    (found,) = findings(code="plate_twice")
    address = f"/finding/{found.id}/"
    leader = desk("leader")
    assert "Explain the difference" in leader.see(address)
    leader.send(address, outcome="misread at night: 8K213 and 8K273")
    assert findings(code="plate_twice") == []
    assert "misread at night" in leader.see(address)


def test_a_lanes_difference_is_explained_from_its_finding_too(desk):
    counter = Speaker(None, ["system"], now=NOON)
    counter.say("checkpoint.lane_counted", post="post-01", lane="1", vehicles=1,
                hour=NOON.replace(minute=0))
    (found,) = findings(code="lane_difference")
    gate = desk("gate")
    gate.send(f"/finding/{found.id}/", outcome="a road roller")
    assert findings(code="lane_difference") == []
