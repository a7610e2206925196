"""Who is asking: tokens, sessions, and neither standing in for the other."""

import pytest
from django.contrib.auth import get_user_model

from pratique.kit.doors import bearer_token


@pytest.mark.parametrize(("header", "token"), [
    ("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None), ("Bearer", None),
    ("Bearer ", None), ("", None), ("Bearer a\x00b", None), ("Bearer 密", None),
    ("Bearer " + "x" * 201, None),
])
def test_a_bearer_token_is_read_or_there_is_none(header, token):
    assert bearer_token(header) == token


def test_a_wrong_token_is_not_mended_by_a_session(county, gate, client, monkeypatch):
    from pratique.journal.fact import Actor

    monkeypatch.setattr("pratique.desks.people.actor_of", lambda request: Actor(
        frozenset({"leader"}), None, None, gate.staff))
    assert client.get("/api/v1/clock").status_code == 200
    answer = client.get("/api/v1/clock", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


def test_whoever_is_signed_in_reads_and_sends_nothing(county, gate, client, monkeypatch):
    from pratique.journal.fact import Actor

    monkeypatch.setattr("pratique.desks.people.actor_of", lambda request: Actor(
        frozenset({"leader"}), None, None, gate.staff))
    answer = client.post("/api/v1/facts", b"[]", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "device_only")


def test_a_device_is_nobody_that_can_sign_in(county, gate):
    assert not get_user_model().objects.filter(pk=gate.device).exists()
