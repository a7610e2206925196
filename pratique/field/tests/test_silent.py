"""A device that nobody hears comes to its leader's eyes, once, and by itself out of them again."""

from datetime import timedelta

import pytest

from pratique.duties.queries import findings
from pratique.field.silent import find_silent
from pratique.field.tests.conftest import NOON, Tablet, invite
from pratique.field.tests.test_enrolment import revoke
from pratique.field.tests.test_tokens import lane_count
from pratique.pathway.tick import tick
from tests.support import statements_seen

LIMIT = timedelta(hours=12)
SECOND = timedelta(seconds=1)


def silences() -> list[tuple[str, str | None, str]]:
    return [(str(f.subject), f.owner, f.outcome) for f in findings(code="device_silent",
                                                                   open_only=False)]


def test_a_device_unheard_longer_than_the_packs_limit_is_its_units_finding_once(tablet):
    assert find_silent(NOON + LIMIT - SECOND) == 0
    assert tick(NOON + LIMIT)["silent"] == 1
    assert silences() == [(str(tablet.id), "post-01", "")]
    assert '"label": "tablet 9"' in findings(code="device_silent")[0].params
    assert find_silent(NOON + LIMIT + timedelta(days=1)) == 0


def test_a_greeting_is_enough_to_be_heard_and_closes_the_finding(tablet, clock):
    find_silent(NOON + LIMIT)
    clock.forward(hours=13)
    assert tablet.post_facts(tablet.token()).status_code == 200
    assert find_silent(clock.now()) == 1
    assert silences() == [(str(tablet.id), "post-01", "heard_again")]
    assert find_silent(clock.now() + LIMIT - SECOND) == 0
    assert find_silent(clock.now() + LIMIT) == 1, "silent again, asked again"


def test_missing_facts_are_a_silence_too_until_the_last_has_come(tablet, clock):
    token = tablet.token()
    for seq in (1, 4):
        assert tablet.post_facts(token, lane_count(tablet, seq)).status_code == 200
    assert find_silent(NOON) == 0, "they may be on their way"
    clock.forward(hours=12)
    tablet.post_facts(tablet.token())  # it is heard, and facts of it are not
    assert find_silent(clock.now()) == 1
    assert '"missing": 2' in findings(code="device_silent")[0].params
    tablet.post_facts(tablet.token(), lane_count(tablet, 2))
    assert find_silent(clock.now()) == 0
    tablet.post_facts(tablet.token(), lane_count(tablet, 3))
    assert find_silent(clock.now()) == 1
    assert [outcome for *__, outcome in silences()] == ["heard_again"]


def test_a_revoked_device_is_missed_by_nobody(tablet):
    find_silent(NOON + LIMIT)
    revoke(tablet)
    assert find_silent(NOON + LIMIT + SECOND) == 1
    assert silences() == [(str(tablet.id), "post-01", "device_revoked")]
    assert find_silent(NOON + LIMIT * 3) == 0


def test_what_a_leader_closed_is_not_asked_again_before_the_device_was_heard(tablet, clock, desk):
    find_silent(NOON + LIMIT)
    found = findings(code="device_silent")[0]
    clock.forward(hours=12)
    page = desk("leader").see(f"/finding/{found.id}/")
    assert "tablet 9" in page and f"/device/{tablet.id}/" in page
    desk("leader").send(f"/finding/{found.id}/", outcome="in repair until Friday")
    assert find_silent(NOON + LIMIT * 4) == 0
    clock.forward(hours=48)
    tablet.post_facts(tablet.token())
    assert find_silent(clock.now() + LIMIT) == 1


@pytest.mark.parametrize("devices", [1, 12])
def test_a_tick_asks_as_much_for_many_devices_as_for_one(county, devices):
    for __ in range(devices):
        assert Tablet().enrol(invite()).status_code == 200
    with statements_seen() as seen:
        assert find_silent(NOON + LIMIT) == devices
    assert len([s for s in seen if "field_heard" in s]) == 3
