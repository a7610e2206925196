"""Tokens: for who holds the device's key, for hours, and dead at once with a revocation."""

import threading

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from pratique.api.devices import actor_of_token
from pratique.desks.tests.conftest import NOON, clock, fill_county  # noqa: F401
from pratique.field.tests.conftest import Tablet, invite, refused
from pratique.field.tests.test_enrolment import revoke
from pratique.field.tokens import TOKEN_HOURS
from pratique.kit.sql import reading
from pratique.registry.passwords import token_hash
from tests.support import Speaker


def lane_count(tablet: Tablet, seq: int = 1):
    device = Speaker("post-01", ["gate_officer"], now=NOON, device=tablet.id, seq=seq - 1)
    return device.fact("checkpoint.lane_counted", post="post-01", lane="1", vehicles=3,
                       hour=NOON.replace(minute=0))


def test_a_signed_challenge_gives_a_token_for_hours(tablet, clock):  # noqa: F811
    token = tablet.token()
    assert tablet.get("/api/v1/duties", token).status_code == 200
    said = tablet.post_facts(token, lane_count(tablet)).json()
    assert said["receipts"][0]["status"] == "applied", said
    clock.forward(hours=TOKEN_HOURS)
    assert tablet.get("/api/v1/duties", token).status_code == 401
    assert tablet.get("/api/v1/duties", tablet.token()).status_code == 200


def test_only_the_tokens_hash_is_kept_and_old_ones_go(tablet, clock):  # noqa: F811
    token = tablet.token()
    rows = "SELECT field_token::text FROM field_token"
    with reading() as cursor:
        [(kept,)] = cursor.execute(rows).fetchall()
        assert token not in kept and token_hash(token) in kept
        clock.forward(hours=TOKEN_HOURS)
        tablet.token()
        [(again,)] = cursor.execute(rows).fetchall()
    assert again != kept


def test_a_challenge_is_answered_once(tablet):
    challenge = tablet.challenge()
    assert tablet.answer(challenge).status_code == 200
    assert refused(tablet.answer(challenge)) == (409, "challenge_used")


def test_a_challenge_is_for_minutes_and_for_one_device(tablet, clock):  # noqa: F811
    other = Tablet()
    assert other.enrol(invite()).status_code == 200
    assert refused(tablet.answer(other.challenge())) == (422, "challenge_forged")
    late = tablet.challenge()
    clock.forward(minutes=5)
    assert refused(tablet.answer(late)) == (422, "challenge_expired")
    for forged in ("", "x", "é", late[:-8], "A" * len(late), late + "A"):
        assert refused(tablet.answer(forged)) == (422, "challenge_forged")


def test_another_devices_signature_and_one_for_another_county_are_refused(tablet):
    other = Tablet()
    challenge = tablet.challenge()
    stranger = other.sign(f"pratique token\nbeta\n{challenge}")
    assert refused(tablet.answer(challenge, signature=stranger)) == (422, "signature_wrong")
    assert refused(tablet.answer(challenge, county="elsewhere")) == (422, "signature_wrong")
    assert refused(tablet.answer(challenge, signature="")) == (422, "signature_wrong")
    unknown = Tablet()
    assert refused(unknown.answer(unknown.challenge())) == (422, "device_unknown")
    assert tablet.answer(challenge).status_code == 200


def test_a_revoked_device_hears_so_at_once_and_its_facts_are_kept_aside(tablet):
    token = tablet.token()
    assert tablet.get("/api/v1/field/bundle", token).status_code == 200
    revoke(tablet)
    assert tablet.get("/api/v1/duties", token).status_code == 401
    assert refused(tablet.get("/api/v1/field/bundle", token)) == (403, "device_revoked")
    again = tablet.answer(tablet.challenge()).json()
    assert again["revoked"] is True
    for each in (token, again["token"]):
        receipt = tablet.post_facts(each, lane_count(tablet)).json()["receipts"][0]
        assert (receipt["status"], receipt["code"]) in (
            ("quarantined", "device_revoked"), ("duplicate", "device_revoked"))
    assert tablet.get("/api/v1/duties", again["token"]).status_code == 401


def test_a_token_costs_one_statement_a_request(tablet):
    token = tablet.token()
    with CaptureQueriesContext(connection) as asked:
        assert actor_of_token(token).device == tablet.id
    told = [query["sql"] for query in asked.captured_queries]
    assert len(told) <= 1, told  # psycopg's own cursors are not even counted by Django
    with reading() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        from pratique.api.devices import DEVICE_OF_TOKEN

        plan = "\n".join(row[0] for row in cursor.execute(
            f"EXPLAIN {DEVICE_OF_TOKEN}", {"token": token_hash(token)}).fetchall())
    scans = [line for line in plan.splitlines() if "Seq Scan" in line]
    assert all("journal_drill" in line for line in scans), plan  # which has one row, or none


@pytest.mark.committed
def test_of_eight_answers_together_one_gets_a_token(committed, clock):  # noqa: F811
    fill_county()
    tablet = Tablet()
    assert tablet.enrol(invite()).status_code == 200
    challenge, statuses = tablet.challenge(), []

    def answer() -> None:
        told = Tablet(id=tablet.id, key=tablet.key).answer(challenge)
        statuses.append(told.status_code)
        connections.close_all()

    threads = [threading.Thread(target=answer) for __ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, *[409] * 7]
