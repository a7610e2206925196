"""What devices read: their own unit's rows, in pages; and the drill's clock, in a drill alone."""

from datetime import timedelta
from uuid import uuid4

import pytest

from pratique.kit import doors
from pratique.kit.sql import reading
from tests.support import FIRST_MORNING, fresh_id, statements_seen

READS = (
    "accounts", "accounts/post-02/holdings", "handovers", "parked", "quarantine", "units",
    "units/site-1/rooms", "risk-areas", "risk-areas?division=610113", "risk-lists",
    "reconciliation", "duties", "findings", "episodes", "clock", "prove", "trips",
    "trips?day=2022-08-20", "trip-balances?day=2022-08-20", "places", "places?unit=site-1",
    "specimens", "specimens?tube=1", "specimens?bag=1", "specimens?unbagged_at=post-01",
    "specimens-missing?day=2022-08-20",
)


@pytest.fixture
def command(county):
    return county.enrol("command", "leader", "supervisor")


def arrive(gate, count=1):
    """Vehicles at the gate; their ids."""
    vehicles = [fresh_id() for _ in range(count)]
    facts = [
        gate.fact("checkpoint.vehicle_arrived", vehicle=vehicle, post=gate.place,
                  plate=f"晋B{gate.seq:05}", occupants=1)
        for vehicle in vehicles
    ]
    counts = gate.post(*facts).json()["counts"]
    assert counts["applied"] == count
    return vehicles, facts


@pytest.mark.parametrize("path", READS)
def test_every_read_answers_the_command_office(command, path):
    assert command.get(path).status_code == 200


@pytest.mark.parametrize("path", READS)
def test_no_read_answers_a_stranger(command, path):
    command.token = "another"
    assert command.get(path).status_code == 401


def test_the_holders_own_account_balances(gate, command):
    vehicles, facts = arrive(gate, 3)
    rows = gate.read("accounts?day=2022-08-20")["items"]
    assert rows == [{
        "account": "post-01", "kind": "vehicle", "day": "2022-08-20", "opening": 0, "came_in": 3,
        "went_out": 0, "on_hand": 3}]
    assert {row["account"] for row in command.read("accounts?day=2022-08-20")["items"]} == {
        "outside", "post-01"}
    held = gate.read("accounts/post-01/holdings")["items"]
    assert {row["subject"] for row in held} == {str(v) for v in vehicles}
    assert {row["holds_by"] for row in held} == {str(f.id) for f in facts}


def test_a_unit_reads_its_own_rows_alone(county, gate):
    arrive(gate)
    other = county.enrol("post-02", "gate_officer")
    assert other.read("accounts?day=2022-08-20")["items"] == []
    for path in ("accounts?unit=post-01", "accounts/post-01/holdings", "duties?unit=post-01",
                 "handovers?giver=post-01", "quarantine?unit=post-01", "findings?unit=post-01",
                 "episodes?unit=post-01", "reconciliation?unit=post-01", "parked?unit=post-01",
                 f"devices/{gate.device}/gaps"):
        answer = other.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_unit"), path


def test_pages_follow_one_another_and_come_to_an_end(gate):
    vehicles, __ = arrive(gate, 7)
    seen, after, pages = [], "", 0
    while after is not None:
        page = gate.read(f"accounts/post-01/holdings?limit=3{after and '&after=' + after}")
        seen += [row["subject"] for row in page["items"]]
        after = page["next"]
        pages += 1
    assert (pages, sorted(seen)) == (3, sorted(map(str, vehicles)))


def test_pages_by_moment_follow_one_another_too(gate):
    gate.post(*[gate.fact("no.such_kind", n=n) for n in range(5)])
    first = gate.read("quarantine?limit=3")
    second = gate.read(f"quarantine?limit=3&after={first['next']}")
    assert [len(first["items"]), len(second["items"]), second["next"]] == [3, 2, None]
    assert {row["code"] for row in first["items"]} == {"unknown_kind"}


@pytest.mark.parametrize(("query", "status", "code"), [
    ("duties?after=yesterday", 400, "bad_page_key"),
    ("duties?after=2022-08-20T06:00:00~x", 400, "bad_page_key"),
    ("episodes?after=%00", 400, "bad_page_key"),
    ("duties?limit=0", 422, "malformed_query"),
    ("duties?limit=99999999", 422, "malformed_query"),
    ("duties?unit=%00", 422, "malformed_query"),
    ("duties?unit=POST-01'--", 422, "malformed_query"),
    ("duties?state=shut", 422, "malformed_query"),
    ("duties?opens_before=2022-08-20T06:00:00", 422, "malformed_query"),
    ("accounts?day=2022-02-30", 422, "malformed_query"),
    ("accounts/%00/holdings", 404, "not_found"),
    ("risk-areas?division=%00", 422, "malformed_query"),
    ("facts/7", 422, "malformed_query"),
])
def test_a_wrong_question_is_refused_by_name(command, query, status, code):
    answer = command.get(query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("path", ["facts", "episodes", "devices", "trips", "specimens"])
def test_what_is_not_there_is_not_found(command, path):
    tail = "/gaps" if path == "devices" else ""
    answer = command.get(f"{path}/{uuid4()}{tail}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_parked_fact_is_shown_until_its_predecessor_comes(gate, county):
    vehicle = fresh_id()
    arrival = gate.fact("checkpoint.vehicle_arrived", vehicle=vehicle, post="post-01",
                        plate="晋B00001", occupants=1)
    cleared = gate.fact("checkpoint.vehicle_cleared", vehicle=vehicle, post="post-01",
                        holds_by=str(arrival.id))
    receipt = gate.post(cleared).json()["receipts"][0]
    assert receipt["status"] == "parked"
    waiting = gate.read("parked")["items"]
    assert [row["fact"] for row in waiting] == [str(cleared.id)]
    before = gate.read(f"facts/{cleared.id}")
    assert (before["status"], before["waits_for"]) == ("parked", waiting[0]["waits_for"])
    gate.post(arrival)
    after = gate.read(f"facts/{cleared.id}")
    assert (after["status"], after["first_status"]) == ("applied", "parked")
    assert gate.read("parked")["items"] == []


def test_lane_counts_stand_beside_registered_vehicles(gate):
    arrive(gate, 2)
    hour = FIRST_MORNING.isoformat()
    gate.post(gate.fact("checkpoint.lane_counted", post="post-01", lane="1", hour=hour,
                        vehicles=3))
    seen = gate.read("reconciliation?day=2022-08-20")
    assert seen["differing"] == 1
    assert [(x["counted"], x["registered"], x["difference"]) for x in seen["lanes"]] == [(3, 2, 1)]


def test_head_counts_stand_beside_the_account(gate):
    arrive(gate, 2)
    gate.now += timedelta(minutes=1)
    gate.post(gate.fact("custody.head_counted", account="post-01", subject_kind="vehicle",
                        counted=1, source="camera"))
    heads = gate.read("reconciliation?day=2022-08-20")["heads"]
    assert [(h["counted"], h["held"], h["source"]) for h in heads] == [(1, 2, "camera")]
    found = gate.read("findings")["items"]
    assert [(f["code"], f["params"]["held"]) for f in found] == [("count_differs", 2)]


def test_the_laws_are_proved_for_those_who_answer_for_all(gate, command):
    arrive(gate)
    proof = command.read("prove")
    assert (proof["violations"], proof["facts"]["applied"] > 0) == (0, True)
    assert gate.get("prove").status_code == 403


def test_in_earnest_nobody_drives_the_clock(command):
    answer = command.client.post(
        "/api/v1/clock", {"now": "2022-08-21T06:00:00Z"}, content_type="application/json",
        headers=command.headers())
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert command.get("rebuild").status_code == 404
    assert command.read("clock")["drill"] is None


def test_a_drill_drives_its_clock_and_never_backwards(drill, command, gate):
    def drive(moment):
        return command.client.post("/api/v1/clock", {"now": moment.isoformat()},
                                   content_type="application/json", headers=command.headers())

    later = FIRST_MORNING + timedelta(hours=8)
    answer = drive(later)
    assert answer.status_code == 200, answer.content
    assert "sealed" in answer.json()["done"]
    assert command.read("clock") == {"now": "2022-08-20T06:00:00Z", "drill": "try"}
    drive(FIRST_MORNING)
    assert doors.now() == later
    assert gate.client.post(
        "/api/v1/clock", {"now": "2022-08-21T06:00:00Z"}, content_type="application/json",
        headers=gate.headers()).status_code == 403


def test_within_a_request_a_drills_clock_is_read_once(drill, command):
    with statements_seen() as seen:
        command.read("clock")
    reads = [each for each in seen if "SELECT now FROM journal_drill" in each]
    assert len(reads) == 1 and "token_sha256" in reads[0], "with the token, in one statement"


def test_the_api_describes_itself_to_everybody(client, db):
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.")
    assert "/api/v1/facts" in schema["paths"]
    assert "fact.VehicleArrived" in schema["components"]["schemas"]
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert b"//cdn" not in page.content and b"https://" not in page.content


def test_no_two_shapes_share_a_name_in_the_description():
    from pydantic.json_schema import models_json_schema

    from pratique.api.site import api
    from pratique.api.urls import urlpatterns

    assert urlpatterns
    models = {
        operation.response_models[200]
        for __, router in api._routers for path in router.path_operations.values()
        for operation in path.operations
    }
    # Pydantic writes a longer name where two different shapes have the same short one.
    __, schema = models_json_schema([(model, "serialization") for model in models])
    doubled = {name for name in schema["$defs"] if "__" in name}
    assert {name for name in doubled if "NinjaResponseSchema" not in name} == set()


def test_no_read_opens_a_name(command, gate):
    person = str(fresh_id())
    gate.post(gate.fact(
        "checkpoint.person_arrived", person=person, post="post-01", resident=True,
        from_outside_province=True, stays=[],
        sealed={person: {"name": "王小明", "phone": "13800000000"}}))
    with reading() as cursor:
        cursor.execute("SELECT count(*) FROM custody_holding WHERE kind = 'person'")
        assert cursor.fetchone() == (1,)
    for path in (*READS, f"episodes/{person}", "accounts/post-01/holdings"):
        text = command.get(path).content.decode()
        assert "王小明" not in text and "13800000000" not in text
