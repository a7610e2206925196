"""What the facts door says to honest devices, and to others."""

import gzip
import json
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

from pratique.api import intake
from pratique.api.tests.conftest import Tablet
from pratique.journal.queries import totals
from tests.support import fresh_id


def arrival(gate, **changes):
    body = {"vehicle": fresh_id(), "post": "post-01", "plate": f"晋A{gate.seq:05}", "occupants": 1}
    return gate.fact("checkpoint.vehicle_arrived", **{**body, **changes})


def test_a_fact_is_recorded_and_answered(gate):
    fact = arrival(gate)
    answer = gate.post(fact)
    assert answer.status_code == 200
    said = answer.json()
    assert said["counts"] == {
        "in": 1, "applied": 1, "duplicate": 0, "parked": 0, "disputed": 0, "quarantined": 0}
    assert said["receipts"] == [{"id": str(fact.id), "status": "applied", "code": "",
                                 "sentence": "", "rule": "", "params": {}}]
    assert said["watermark"] == {"device": str(gate.device), "heard_through": 1, "missing": [],
                                 "log_size": 0, "log_root": None}


def test_sending_twice_is_the_same_as_once(gate):
    fact = arrival(gate)
    gate.post(fact)
    assert gate.post(fact, fact).json()["counts"]["duplicate"] == 2


def test_a_greeting_without_facts_is_answered_and_leaves_no_batch(gate):
    gate.post(arrival(gate))
    before = totals()
    said = gate.post().json()
    assert (said["batch"], said["receipts"], said["counts"]["in"]) == (None, [], 0)
    assert said["watermark"]["heard_through"] == 1 and said["epoch"]
    assert totals() == before


def test_running_numbers_that_are_missing_are_named(gate):
    facts = [arrival(gate) for _ in range(6)]
    said = gate.post(facts[0], facts[3], facts[5]).json()
    assert said["watermark"]["heard_through"] == 1
    assert said["watermark"]["missing"] == [[2, 3], [5, 5]]
    assert gate.read(f"devices/{gate.device}/gaps")["missing"] == [[2, 3], [5, 5]]


def test_a_device_whose_first_fact_is_missing_has_heard_nothing_through(gate):
    facts = [arrival(gate) for _ in range(3)]
    assert gate.post(facts[2]).json()["watermark"] | {"device": ""} == {
        "device": "", "heard_through": 0, "missing": [[1, 2]], "log_size": 0, "log_root": None}


def test_sentences_come_in_the_readers_language(gate):
    wrong = arrival(gate, post=7)
    english = gate.post(wrong).json()["receipts"][0]
    chinese = gate.post(wrong, language="zh-Hans").json()["receipts"][0]
    assert english["code"] == chinese["code"] == "malformed"
    assert english["rule"] == "journal.schema"
    assert english["sentence"].isascii()


def test_one_bad_fact_in_a_thousand_spoils_nothing(gate):
    facts = [arrival(gate) for _ in range(999)]
    facts.insert(500, arrival(gate, occupants="many"))
    counts = gate.post(*facts).json()["counts"]
    assert counts["applied"] == 999
    assert counts["quarantined"] == 1


def test_without_a_token_nobody_is_heard(gate):
    stranger = Tablet("post-01", ["gate_officer"], token="unknown")
    for answer in (gate.client.post("/api/v1/facts", b"[]", content_type="application/json"),
                   stranger.post()):
        assert answer.status_code == 401
        assert answer.json()["code"] == "sign_in_first"


def test_a_revoked_device_is_heard_and_kept_aside(county, gate):
    county.revoke(gate)
    fact = arrival(gate)
    said = gate.post(fact).json()
    assert said["receipts"][0]["status"] == "quarantined"
    assert said["receipts"][0]["code"] == "device_revoked"
    assert gate.get("clock").status_code == 401
    other = county.enrol("post-01", "gate_officer")
    kept = other.read("quarantine")["items"]
    assert [row["fact"] for row in kept] == [str(fact.id)]


def test_a_device_relays_for_another_at_its_unit_and_for_nobody_else(county, gate):
    beside = county.enrol("post-01", "gate_officer")
    elsewhere = county.enrol("post-02", "gate_officer")
    said = gate.post(arrival(beside), arrival(elsewhere), arrival(gate)).json()["receipts"]
    assert [(r["status"], r["code"]) for r in said] == [
        ("applied", ""), ("quarantined", "device_elsewhere"), ("applied", "")]
    assert gate.read("facts/" + said[1]["id"])["code"] == "device_elsewhere"


def test_a_stranger_cannot_close_another_devices_gap(county, gate):
    elsewhere = county.enrol("post-02", "gate_officer")
    first, second, third = (arrival(gate) for _ in range(3))
    gate.post(first, third)
    elsewhere.post(second)
    assert gate.read(f"devices/{gate.device}/gaps")["missing"] == [[2, 2]]


def test_a_fact_without_its_device_is_kept_aside(gate):
    fact = json.loads(json.dumps({
        "id": str(fresh_id()), "kind": "checkpoint.vehicle_arrived", "at": "2022-08-20T06:00:00Z",
        "place": "post-01", "body": {}}))
    assert gate.post(fact).json()["receipts"][0]["code"] == "device_not_named"


def test_gzip_is_taken(gate):
    body = b"[" + b" " * 100_000 + b"]"
    assert gate.post_zipped(body).json()["counts"]["in"] == 0


def test_too_much_is_refused_by_name(gate):
    bomb = gzip.compress(b"[" + b" " * (50 * intake.BODY_BYTES_MAX) + b"]")
    cases = {
        "too_many_facts": gate.post_body(b"[" + b"{}," * intake.FACTS_OF_A_CALL_MAX + b"{}]"),
        "too_many_bytes": gate.post_body(b"[" + b" " * intake.BODY_BYTES_MAX + b"]"),
    }
    for code, answer in cases.items():
        assert (answer.status_code, answer.json()["code"]) == (413, code)
    answer = gate.post_body(bomb, **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_bytes")


def test_the_number_of_statements_does_not_depend_on_the_number_of_facts(gate):
    def statements(count):
        facts = [arrival(gate) for _ in range(count)]
        with CaptureQueriesContext(connection) as seen, _counted() as counted:
            assert gate.post(*facts).json()["counts"]["applied"] == count
        return len(seen) + counted[0]

    statements(1)  # what is read once a process
    assert statements(2) == statements(400)


def _counted():
    """Counts what goes through psycopg's own cursors, where Django does not look."""
    from contextlib import contextmanager

    from psycopg import Cursor

    @contextmanager
    def counting():
        count = [0]
        original = Cursor.execute

        def execute(self, *args, **kwargs):
            count[0] += 1
            return original(self, *args, **kwargs)

        Cursor.execute = execute
        try:
            yield count
        finally:
            Cursor.execute = original

    return counting()


def test_a_reducer_that_breaks_on_one_fact_costs_that_fact_alone(gate, monkeypatch):
    from pratique.journal import kinds

    original = kinds._reducers["checkpoint.vehicle_arrived"]

    def breaks(facts, context):
        if any(fact.body.plate == "晋JP0150" for fact in facts):
            raise KeyError("nobody thought of this")
        return original(facts, context)

    monkeypatch.setitem(kinds._reducers, "checkpoint.vehicle_arrived", breaks)
    facts = [arrival(gate) for _ in range(9)]
    facts.insert(4, arrival(gate, plate="晋JP0150"))
    receipts = gate.post(*facts).json()["receipts"]
    assert [r["status"] for r in receipts].count("applied") == 9
    assert receipts[4]["code"] == "not_understood"
    assert [r["id"] for r in receipts] == [str(f.id) for f in facts]


def test_a_database_that_is_down_says_try_again(gate, monkeypatch):
    import psycopg

    def down(*args, **how):
        raise psycopg.OperationalError("server closed the connection")

    monkeypatch.setattr("pratique.api.receive.record_read", down)
    answer = gate.post(arrival(gate))
    assert answer.status_code == 503
    assert answer["Retry-After"] == "2"
    assert answer.json()["code"] == "try_again"


def test_other_methods_are_refused(gate):
    answer = gate.get("facts")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert answer.json()["code"] == "method"


def test_a_fact_nobody_sent_is_not_found(gate):
    answer = gate.get(f"facts/{uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
