"""Signing in for a shift: a voucher for who is on duty here, and nothing for who guesses."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from pratique.desks import ledger
from pratique.desks.tests.conftest import NOON, PASSWORD, give_password
from pratique.field import signing
from pratique.field.tests.conftest import refused, staff_named
from pratique.field.tests.test_enrolment import revoke
from tests.support import Speaker


@pytest.fixture
def gate(tablet):
    """The gate officer's account with a password of their own."""
    give_password("gate")
    return staff_named("gate")


def sign_in(tablet, token=None, username="gate", password=PASSWORD):
    return tablet.client.post(
        "/api/v1/field/staff", json.dumps({"username": username, "password": password}),
        "application/json",
        headers={"Authorization": f"Bearer {token or tablet.token()}", "Accept-Language": "en"})


def test_who_is_on_duty_at_the_post_gets_a_voucher_that_the_county_signed(tablet, gate):
    answer = sign_in(tablet)
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    said, payload = answer.json(), json.loads(answer.json()["payload"])
    key = signing.county_key()
    assert said["key"] == key.id
    assert signing.is_signed(key.spki, said["payload"].encode(), said["signature"])
    assert payload.pop("county")["id"] and payload.pop("name")
    assert payload == {
        "what": "staff_voucher", "staff": str(gate.pk), "roles": ["gate_officer"],
        "device": str(tablet.id), "unit": "post-01", "valid_days": 7,
        "issued_at": NOON.isoformat().replace("+00:00", "Z")}
    assert "version" not in payload, "so that no device takes it for a bundle"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(tablet, gate):
    wrong, unknown = sign_in(tablet, password="not it"), sign_in(tablet, username="nobody")
    assert refused(wrong) == (422, "staff_unknown_or_wrong")
    assert wrong.json() == unknown.json() and b"nobody" not in unknown.content


def test_failures_are_counted_together_with_those_at_the_desks(tablet, gate, clock):
    token = tablet.token()
    for __ in range(ledger.FAILED_NAME_MAX - 1):
        assert refused(sign_in(tablet, token, password="not it"))[0] == 422
    tablet.client.post("/sign-in/", {"username": "gate", "password": "not it"})
    assert refused(sign_in(tablet, token)) == (429, "too_many_attempts")
    clock.forward(minutes=16)
    assert sign_in(tablet, token).status_code == 200


def test_who_has_no_duty_at_this_post_gets_none(tablet, gate):
    give_password("sampler")
    assert refused(sign_in(tablet, username="sampler")) == (403, "not_of_this_post")
    give_password("leader")
    assert refused(sign_in(tablet, username="leader")) == (403, "not_of_this_post")


def test_whoever_is_locked_hears_it_only_with_the_right_password(tablet, gate):
    said = Speaker(None, ["registrar"], now=NOON)
    locked = said.fact("registry.staff_locked", staff=gate.pk, reason="badge lost")
    assert said.send(locked).receipts[0].status == "applied"
    assert refused(sign_in(tablet, password="not it")) == (422, "staff_unknown_or_wrong")
    assert refused(sign_in(tablet)) == (403, "staff_locked")


def test_a_one_time_password_gives_no_voucher(tablet, gate):
    ledger.forget_passwords([gate.pk])
    assert refused(sign_in(tablet)) == (403, "password_not_own")


def test_a_revoked_device_a_person_and_a_stranger_get_none(tablet, gate, desk):
    token = tablet.token()
    revoke(tablet)
    assert refused(sign_in(tablet, token)) == (403, "device_revoked")
    assert sign_in(tablet, "no-token").status_code == 401
    body = json.dumps({"username": "gate", "password": PASSWORD})
    told = desk("gate").client.post("/api/v1/field/staff", body, "application/json")
    assert refused(told) == (403, "device_only")


def test_what_is_too_long_to_be_a_name_is_wrong_and_costs_no_hash(tablet, gate):
    assert refused(sign_in(tablet, username="x" * 151)) == (422, "staff_unknown_or_wrong")
    assert refused(sign_in(tablet, password="x" * 5000)) == (413, "too_many_bytes")


def test_nothing_of_a_sign_in_is_kept_but_the_failure(tablet, gate):
    before = get_user_model().objects.get(pk=gate.pk).last_login
    assert sign_in(tablet).status_code == 200
    assert get_user_model().objects.get(pk=gate.pk).last_login == before
    assert not ledger.too_many_failures("gate", "", NOON + timedelta(minutes=1))
