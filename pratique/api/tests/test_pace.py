"""A device that calls too often is told when to come back; who reads a person's way is kept."""

from uuid import uuid4

import pytest

from pratique.api.pace import DEVICES_KEPT_MAX, WINDOW_SECONDS, Pace
from pratique.desks import ledger
from pratique.journal.queries import totals
from tests.support import FIRST_MORNING

from .test_people import arrive, xing  # noqa: F401  (a fixture)

MOST = 3


@pytest.fixture
def slow(settings):
    settings.REQUESTS_A_MINUTE_MAX = MOST


def test_a_device_over_the_limit_waits_and_another_does_not(county, gate, slow):
    beside = county.enrol("post-01", "gate_officer")
    assert [gate.get("units").status_code for __ in range(MOST)] == [200] * MOST
    answer = gate.get("units")
    assert answer.status_code == 429
    assert answer.json()["code"] == "too_many_requests"
    assert answer.json()["rule"] == "api.requests_a_minute"
    assert 1 <= int(answer["Retry-After"]) <= WINDOW_SECONDS
    assert str(MOST) in answer.json()["sentence"]
    assert beside.get("units").status_code == 200


def test_the_facts_door_says_so_too_and_records_nothing(gate, slow):
    for __ in range(MOST):
        assert gate.post().status_code == 200
    before = totals()["in"]
    assert gate.post(gate.fact("checkpoint.lane_counted")).status_code == 429
    assert totals()["in"] == before
    assert "没有记录" in gate.post(language="zh-Hans").json()["sentence"]


def test_a_minute_later_it_goes_on():
    pace, device = Pace(), uuid4()
    assert [pace.count(device, 100.0 + n)[0] for n in range(3)] == [1, 2, 3]
    assert pace.count(device, 130.0) == (4, 30.0)
    assert pace.count(device, 100.0 + WINDOW_SECONDS) == (1, WINDOW_SECONDS)


def test_what_is_kept_of_devices_has_a_bound():
    pace = Pace()
    for number in range(DEVICES_KEPT_MAX + 5):
        pace.count(uuid4(), float(number) / 1_000)
    assert len(pace._windows) <= DEVICES_KEPT_MAX


def test_in_a_drill_nobody_waits(drill, gate, slow):
    assert {gate.get("units").status_code for __ in range(MOST + 3)} == {200}


def test_without_a_limit_nobody_waits(gate, settings):
    settings.REQUESTS_A_MINUTE_MAX = 0
    assert {gate.get("units").status_code for __ in range(MOST + 3)} == {200}


def test_every_operation_of_the_description_says_that_one_may_have_to_wait(client, db):
    schema = client.get("/api/v1/openapi.json").json()
    for operations in schema["paths"].values():
        for operation in operations.values():
            assert "Retry-After" in operation["responses"]["429"]["headers"]


def test_reading_a_persons_way_is_kept_with_the_device_and_the_purpose(xing):  # noqa: F811
    gate = xing("post-01/a")
    arrive(gate)
    person = gate.read("episodes")["items"][0]["person"]
    gate.read(f"episodes/{person}")
    assert xing("post-02/a").get(f"episodes/{person}").status_code == 403
    (look,) = ledger.looks(person)
    assert (look.device, look.staff, look.unit, look.page, look.at) == (
        gate.device, None, "post-01", "api_episode", FIRST_MORNING)

