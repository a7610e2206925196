"""No vehicle is missed: the loop's count beside what was registered, in any order of hearing."""

from datetime import timedelta
from itertools import permutations

import pytest

from pratique.checkpoint import queries
from pratique.checkpoint.tests.said import HOUR, count, findings, vehicle


def explain(gate, **more):
    return gate.fact("checkpoint.lane_explained", post="post-01", lane="1", hour=HOUR,
                     reason="a road roller of the works", **more)


def hours():
    return queries.lane_differences("post-01", HOUR, HOUR + timedelta(hours=1))


def test_an_hour_that_balances_is_no_finding(gate, counter):
    gate.send(vehicle(gate), vehicle(gate))
    counter.send(count(counter, 2))
    assert findings("lane_difference") == []
    assert [(h.counted, h.registered, h.difference) for h in hours()] == [(2, 2, 0)]


def test_a_vehicle_counted_and_never_registered_is_the_posts_finding(gate, counter):
    gate.send(vehicle(gate))
    said = count(counter, 2)
    counter.send(said)
    (finding,) = findings("lane_difference")
    assert (finding["fact"], finding["owner"]) == (said.id, "post-01")


def test_a_vehicle_from_a_device_that_was_offline_closes_it_by_itself(gate, counter):
    late = [vehicle(gate) for __ in range(3)]
    counter.send(count(counter, 2))
    gate.send(late[0])
    assert len(findings("lane_difference")) == 1
    gate.forward(hours=30)
    gate.send(*late[1:])
    assert findings("lane_difference") == []
    (settled,) = findings("lane_difference", still_open=False)
    assert (settled["closed_by"], settled["outcome"]) == (late[1].id, "balanced")


def test_count_and_vehicles_of_one_batch_open_and_close_on_record(gate):
    one = vehicle(gate)
    gate.send(count(gate, 1), one)
    (settled,) = findings("lane_difference", still_open=False)
    assert settled["closed_by"] == one.id


def test_only_vehicles_of_that_post_lane_and_hour_count(gate, other_gate, counter):
    gate.send(vehicle(gate, lane="2"), vehicle(gate, at=HOUR + timedelta(hours=1)),
              vehicle(gate, at=HOUR - timedelta(seconds=1)))
    other_gate.send(vehicle(other_gate))
    counter.send(count(counter, 1))
    assert len(findings("lane_difference")) == 1


def test_a_later_count_supersedes_an_earlier_one_in_either_order(gate, counter):
    gate.send(vehicle(gate))
    early = count(counter, 3, at=HOUR + timedelta(hours=1))
    late = count(counter, 1, at=HOUR + timedelta(hours=2))
    for order in ([early, late], [late, early]):
        counter.send(*order)
        assert [h.counted for h in hours()] == [1]
        assert findings("lane_difference") == []


def test_an_explanation_closes_the_finding_with_its_reason(gate, counter):
    counter.send(count(counter, 1))
    gate.forward(hours=1)
    gate.send(explain(gate))
    assert findings("lane_difference", still_open=False)[0]["outcome"] == "explained"
    assert hours()[0].explained == "a road roller of the works"


def test_a_new_count_asks_again_after_an_explanation(gate, counter):
    counter.send(count(counter, 1))
    gate.send(explain(gate, at=HOUR + timedelta(hours=1)))
    counter.send(count(counter, 2, at=HOUR + timedelta(hours=2)))
    assert len(findings("lane_difference")) == 1
    assert hours()[0].explained == ""


def test_an_explanation_waits_for_the_count(gate, counter):
    assert gate.send(explain(gate, at=HOUR + timedelta(hours=2))).receipts[0].status == "parked"
    counter.send(count(counter, 1))
    assert findings("lane_difference") == []


def test_every_order_of_hearing_ends_in_the_same_state(gate, counter):
    ends = set()
    for number, order in enumerate(permutations(range(5))):
        lane = f"L{number}"
        facts = [
            vehicle(gate, lane=lane), vehicle(gate, lane=lane),
            count(gate, 3, lane=lane, at=HOUR + timedelta(hours=1)),
            count(gate, 2, lane=lane, at=HOUR + timedelta(hours=2)),
            gate.fact("checkpoint.lane_explained", post="post-01", lane=lane, hour=HOUR,
                      reason="a tow truck", at=HOUR + timedelta(hours=1, minutes=30)),
        ]
        for step in order:
            gate.send(facts[step])
        (hour,) = [h for h in hours() if h.lane == lane]
        ends.add((hour.counted, hour.registered, hour.explained, hour.finding))
    assert ends == {(2, 2, "", None)}


@pytest.mark.parametrize(("field", "code"), [
    ({"hour": HOUR + timedelta(minutes=1)}, "hour_not_whole"),
    ({"hour": "2022-08-20T06:00:00"}, "time_impossible"),
    ({"hour": "9999-12-31T23:00:00-10:00"}, "time_impossible"),
    ({"vehicles": -1}, "vehicles_count"),
    ({"vehicles": 10**12}, "vehicles_count"),
    ({"post": "post-99"}, "unknown_account"),
])
def test_what_cannot_be_a_count_is_refused_by_name(counter, field, code):
    receipt = counter.send(count(counter, **{"vehicles": 1, **field})).receipts[0]
    assert (receipt.status, receipt.code) == ("quarantined", code)
