"""Letting a device in: once, for minutes, by who may, with the key that it holds."""

from uuid import uuid4

import pytest

from pratique.desks.tests.conftest import NOON
from pratique.field.tests.conftest import Tablet, invite, refused, staff_named
from pratique.journal.queries import story
from pratique.kit.sql import reading
from pratique.registry.passwords import token_hash
from tests.support import Speaker, county_speaker


def test_a_device_is_enrolled_by_the_leaders_word_and_told_what_it_needs(county):
    tablet = Tablet()
    told = tablet.enrol(invite()).json()
    assert told["device"] == str(tablet.id)
    assert (told["unit"]["code"], told["roles"], told["label"]) == (
        "post-01", ["gate_officer"], "tablet 9")
    assert told["key"]["spki"] and told["epoch"] and told["county"]["name_zh"] == "兴县"
    [said] = story(tablet.id)
    assert (said.kind, said.outcome, said.by) == (
        "registry.device_enrolled", "applied", staff_named("leader").pk)
    assert "token_sha256" not in said.body or '"token_sha256": null' in said.body


def test_an_invitation_shows_its_unit_before_anybody_consents(county):
    said = Tablet().ask("invitation", language="zh-hans", code=invite()).json()
    assert said["unit"]["code"] == "post-01" and said["role_words"] and said["expires_at"]


def test_the_code_itself_is_kept_nowhere(county):
    code = invite()
    with reading() as cursor:
        row = cursor.execute("SELECT field_invitation::text FROM field_invitation").fetchone()
    assert code not in row[0] and token_hash(code) in row[0]


def test_a_forged_a_used_and_an_expired_invitation_are_refused_by_name(county, clock):
    first, code = Tablet(), invite()
    assert refused(first.enrol("x" * 22)) == (404, "invitation_unknown")
    assert first.enrol(code).status_code == 200
    assert refused(Tablet().enrol(code)) == (409, "invitation_used")
    assert refused(Tablet().ask("invitation", code=code)) == (409, "invitation_used")
    late = invite()
    clock.forward(minutes=15)
    assert refused(Tablet().enrol(late)) == (410, "invitation_expired")
    assert "时间" not in Tablet().enrol(late).content.decode()
    assert "已过期" in Tablet().ask("invitation", language="zh-hans", code=late).json()["sentence"]


def test_an_answer_that_got_lost_is_asked_for_again_by_the_same_device_alone(county, clock):
    tablet, code = Tablet(), invite()
    first = tablet.enrol(code).json()
    clock.forward(hours=1)
    assert tablet.enrol(code).json() == first
    assert len(story(tablet.id)) == 1
    thief = Tablet(id=tablet.id)
    assert refused(thief.enrol(code)) == (409, "invitation_used")


def test_a_key_that_is_not_held_is_refused(county):
    tablet, other, code = Tablet(), Tablet(), invite()
    assert refused(tablet.enrol(code, public_key=other.spki)) == (422, "key_not_shown")
    assert refused(tablet.enrol(code, signature="AAAA")) == (422, "key_not_shown")
    assert refused(tablet.enrol(code, device=str(uuid4()))) == (422, "device_id")
    assert tablet.enrol(code).status_code == 200


def test_an_invitation_does_not_let_anybody_speak_as_a_device_that_there_is(tablet):
    thief = Tablet(id=tablet.id)
    assert refused(thief.enrol(invite())) == (409, "device_in_use")
    assert tablet.answer(tablet.challenge()).status_code == 200
    with reading() as cursor:
        known = cursor.execute("SELECT device, unit FROM registry_device "
                               "WHERE public_key IS NULL LIMIT 1").fetchone()
    assert refused(Tablet(id=known[0]).enrol(invite())) == (409, "device_in_use")


def test_an_invitation_ends_with_the_right_of_who_gave_it(county):
    code = invite(by="registrar")
    desk = county_speaker()
    desk.now = NOON
    desk.say("registry.staff_locked", staff=staff_named("registrar").pk, reason="phone stolen")
    assert refused(Tablet().enrol(code)) == (409, "invitation_withdrawn")
    forbidden = invite(by="gate", post="post-01")
    assert refused(Tablet().enrol(forbidden))[0] == 409


def test_a_revoked_device_that_is_invited_again_speaks_again_with_fresh_tokens(tablet, clock):
    old = tablet.token()
    revoke(tablet)
    later = clock.forward(minutes=1)
    assert tablet.enrol(invite(unit="post-02", now=later)).status_code == 200
    assert tablet.get("/api/v1/duties", old).status_code == 401
    assert tablet.get("/api/v1/duties", tablet.token()).status_code == 200


def revoke(tablet: Tablet) -> None:
    desk = county_speaker()
    desk.now = NOON
    said = desk.say("registry.device_revoked", device=tablet.id, reason="lost on the road")
    assert said.status == "applied"


def test_a_leader_makes_an_invitation_at_the_desk_and_nobody_elses(desk):
    leader = desk("leader")
    fields = {"label": "spare tablet", "unit": "post-01", "role": ["gate_officer"]}
    page = leader.send("/devices/invite/", **fields).content.decode()
    code = page.split("/field/enrol#")[1].split("<")[0]
    assert "<svg" in page and len(code) == 22
    assert Tablet().enrol(code).status_code == 200
    assert code not in leader.see("/devices/invite/")
    desk("gate").see("/devices/invite/", status=403)


def test_what_is_missing_or_not_ones_own_is_refused_at_the_desk(desk):
    registrar = desk("registrar")
    for wrong in ({"label": ""}, {"unit": "nowhere"}, {"role": []}, {"role": ["supervisor"]}):
        fields = {"label": "t", "unit": "post-01", "role": ["gate_officer"]} | wrong
        assert registrar.send("/devices/invite/", **fields).status_code == 422


def test_a_fact_of_enrolment_has_a_token_or_a_key_and_a_right_one(county):
    desk = Speaker(None, ["registrar"], now=NOON)
    good = {"unit": "post-01", "roles": ["gate_officer"], "label": "t"}
    spki = Tablet().spki
    for more, code in (({}, "device_known_by"),
                       ({"public_key": spki, "token_sha256": "ab" * 32}, "device_known_by"),
                       ({"public_key": spki[:-4]}, "device_key"),
                       ({"public_key": "é"}, "device_key")):
        receipt = desk.say("registry.device_enrolled", device=Tablet().id, **good, **more)
        assert (receipt.status, receipt.code) == ("quarantined", code)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"code": 1}', b"\xff\xfe", b'{"code": "x"',
                                  b'{"code": "\\u0000"}', b"[" * 3000])
@pytest.mark.parametrize("name", ["invitation", "enrolment", "challenge", "token"])
def test_hostile_bodies_are_refused_and_never_an_error_of_ours(county, name, body):
    answer = Tablet().client.post(f"/api/v1/field/{name}", body, "application/json",
                                  headers={"Accept-Language": "en"})
    assert refused(answer)[0] in (400, 404, 415)


def test_other_types_sizes_and_methods_are_refused(county):
    client = Tablet().client
    path = "/api/v1/field/invitation"
    assert refused(client.post(path, b"code=x", "text/plain")) == (415, "content_type")
    assert refused(client.post(path, b'"' + b"x" * 5000, "application/json")) == (
        413, "too_many_bytes")
    assert refused(client.get(path)) == (405, "method")
