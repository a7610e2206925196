"""Facts that wait too long come to somebody's eyes, once, and are settled when they wait no more.
"""

from datetime import timedelta
from uuid import UUID

from pratique.duties.queries import findings
from pratique.duties.waiting import PARKED_MINUTES_MAX, find_waiting
from pratique.journal.queries import waiting
from pratique.pathway.tick import tick
from pratique.transfer.rules import TRIP_UNPLANNED_MINUTES_MAX
from tests.support import FIRST_MORNING, Speaker, fresh_id

TOO_LONG = FIRST_MORNING + timedelta(minutes=PARKED_MINUTES_MAX)
UNPLANNED = FIRST_MORNING + timedelta(minutes=TRIP_UNPLANNED_MINUTES_MAX)


def early_clearance(gate: Speaker, vehicle: UUID, arrival: UUID):
    """A vehicle leaves whose arrival has not been heard."""
    return gate.say("checkpoint.vehicle_cleared", vehicle=vehicle, post="post-01",
                    holds_by=arrival)


def all_findings() -> list[tuple[str, str | None, UUID | None, str]]:
    return [(f.code, f.owner, f.subject, f.outcome) for f in findings(open_only=False)]


def test_a_fact_that_waits_longer_than_its_limit_is_its_places_finding_once(gate):
    vehicle = fresh_id()
    receipt = early_clearance(gate, vehicle, fresh_id())
    assert receipt.status == "parked"
    assert find_waiting(TOO_LONG - timedelta(seconds=1)) == 0
    assert tick(TOO_LONG)["waiting"] == 1
    assert all_findings() == [("parked_too_long", "post-01", vehicle, "")]
    assert findings()[0].fact == receipt.id
    assert tick(TOO_LONG + timedelta(days=1))["waiting"] == 0
    assert len(all_findings()) == 1


def test_the_finding_closes_by_itself_when_what_was_missing_comes(gate):
    vehicle = fresh_id()
    arrival = gate.fact("checkpoint.vehicle_arrived", vehicle=vehicle, post="post-01",
                        plate="晋J8K213", occupants=0)
    early_clearance(gate, vehicle, arrival.id)
    find_waiting(TOO_LONG)
    gate.send(arrival)
    assert waiting() == []
    assert find_waiting(TOO_LONG + timedelta(minutes=1)) == 1
    assert all_findings() == [("parked_too_long", "post-01", vehicle, "waits_no_more")]
    assert find_waiting(TOO_LONG + timedelta(minutes=2)) == 0


def test_what_a_person_closed_is_not_asked_again_and_is_closed_once(gate):
    early_clearance(gate, fresh_id(), fresh_id())
    find_waiting(TOO_LONG)
    said = {"finding": findings()[0].id, "outcome": "the tablet fell into the river"}
    assert gate.say("duties.finding_closed", **said).status == "applied"
    assert find_waiting(TOO_LONG + timedelta(days=1)) == 0
    second = gate.say("duties.finding_closed", **said)
    assert (second.status, second.code) == ("quarantined", "finding_closed_before")
    assert [outcome for *__, outcome in all_findings()] == ["the tablet fell into the river"]


def test_nobody_but_the_system_says_that_a_fact_waits(gate):
    receipt = gate.say("duties.parked_found", fact=fresh_id(), fact_kind="x", waits_for=fresh_id(),
                       code="x", since=FIRST_MORNING, limit_minutes=1)
    assert (receipt.status, receipt.code) == ("quarantined", "not_your_role")


# A coach without a plan ---------------------------------------------------------------------------


def plan(dispatcher: Speaker, trip: UUID, passenger: UUID):
    """coach-01 shall bring somebody from the post to the site."""
    body = {"trip": trip, "vehicle": "coach-01", "crew": [fresh_id()], "origin": "post-01",
            "destination": "site-1", "passengers": [passenger],
            "depart_at": FIRST_MORNING + timedelta(hours=2),
            "arrive_at": FIRST_MORNING + timedelta(hours=3)}
    return dispatcher.say("transfer.trip_planned", **body)


def test_a_coach_that_drives_after_a_refused_plan_is_commands_finding(coach, dispatcher):
    trip = fresh_id()
    refused = plan(dispatcher, trip, fresh_id())
    assert refused.status == "quarantined", "nobody has confirmed a place"
    departed = coach.say("transfer.trip_departed", trip=trip, vehicle="coach-01")
    arrived = coach.say("transfer.trip_arrived", trip=trip, vehicle="coach-01")
    assert [departed.code, arrived.code] == ["trip_not_heard"] * 2
    assert find_waiting(UNPLANNED - timedelta(seconds=1)) == 0
    assert find_waiting(UNPLANNED) == 1
    assert all_findings() == [("trip_not_planned", "command", trip, "")]
    assert '"vehicle": "coach-01"' in findings()[0].params
    assert find_waiting(TOO_LONG + timedelta(days=1)) == 0, "one finding a trip"


def test_a_plan_heard_late_settles_it(coach, dispatcher, site):
    trip, passenger = fresh_id(), fresh_id()
    site.say("transfer.place_confirmed", person=passenger, account="site-1")
    coach.say("transfer.vehicle_disinfected", vehicle="coach-01")
    coach.say("transfer.trip_departed", trip=trip, vehicle="coach-01")
    find_waiting(UNPLANNED)
    assert plan(dispatcher, trip, passenger).status == "applied"
    find_waiting(UNPLANNED + timedelta(minutes=5))
    assert ("trip_not_planned", "command", trip, "waits_no_more") in all_findings()
