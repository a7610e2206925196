"""Staff and devices: enrolled with a secret shown once, changed for a reason, kept by who may."""

import re
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from pratique.desks.tests.conftest import NOON, PASSWORD
from pratique.journal.queries import story
from pratique.kit.sql import reading
from pratique.registry.queries import duties_of
from tests.support import Speaker

HIDDEN = re.compile(r'name="(fact|staff|device)" value="([^"]+)"')
SECRET = re.compile(r"<output[^>]*>([^<]+)</output>")


def form(desk, address: str) -> dict[str, str]:
    """The hidden fields of a form, as a browser would send them."""
    return dict(HIDDEN.findall(desk.see(address)))


def enrol(desk, username="guo.xiao", roles=("gate_officer",), units=("post-01",), **more):
    fields = form(desk, "/staff/new/") | {
        "username": username, "office": "公安局", "name": "郭晓", "phone": "13811112222",
        "role": roles, "unit": units} | more
    return fields, desk.send("/staff/new/", **fields)


def staff_named(username: str):
    return get_user_model().objects.get_by_natural_key(username)


def secrets_shown() -> list[str]:
    with reading() as cursor:
        cursor.execute("SELECT what FROM desks_secretshown ORDER BY at, id")
        return [what for (what,) in cursor.fetchall()]


def test_a_new_colleague_gets_a_password_once_and_chooses_their_own(desk):
    fields, answer = enrol(desk("registrar"))
    password = SECRET.search(answer.content.decode())[1]
    assert answer["Cache-Control"].startswith("max-age=0")
    assert duties_of(UUID(fields["staff"])) == [("gate_officer", "post-01")]
    colleague = Client(headers={"Accept-Language": "en"})
    told = colleague.post("/sign-in/", {"username": "guo.xiao", "password": password}, follow=True)
    assert "Choose a password of your own" in told.content.decode()
    colleague.post("/sign-in/password/", {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert colleague.get("/gate/").status_code == 200


def test_pressing_twice_enrols_once_and_shows_no_second_password(desk):
    registrar = desk("registrar")
    fields, first = enrol(registrar)
    again = registrar.send("/staff/new/", **fields)
    assert (first.status_code, again.status_code) == (200, 302)
    assert again["Location"] == f"/staff/{fields['staff']}/"
    assert secrets_shown() == ["password"]


def test_a_role_without_its_place_is_not_taken_for_the_whole_county(desk):
    registrar = desk("registrar")
    __, answer = enrol(registrar, units=("",))
    assert answer.status_code == 422
    assert "Say for each role where" in answer.content.decode()
    who = staff_named("gate").pk
    registrar.send(f"/staff/{who}/", do="give", role="sampler", reason="x")
    assert duties_of(who) == [("gate_officer", "post-01")]
    registrar.send(f"/staff/{who}/", do="give", role="sampler", unit="*", reason="x")
    assert ("sampler", None) in duties_of(who)


def test_what_was_entered_stays_when_it_is_refused(desk):
    registrar = desk("registrar")
    __, taken = enrol(registrar, username="gate")
    page = taken.content.decode()
    assert taken.status_code == 422
    assert "Somebody else has the user name" in page
    assert 'value="郭晓"' in page
    assert '<option value="gate_officer" selected>' in page


def test_a_role_is_given_and_ended_for_a_reason_that_the_story_keeps(desk):
    registrar = desk("registrar")
    who = staff_named("gate").pk
    address = f"/staff/{who}/"
    registrar.send(address, do="give", role="sampler", unit="post-02", reason="ill colleague")
    assert ("sampler", "post-02") in duties_of(who)
    registrar.send(address, do="end", right="gate_officer~post-01", reason="moved to post-02")
    assert duties_of(who) == [("sampler", "post-02")]
    page = registrar.see(address)
    assert "moved to post-02" in page and "ill colleague" in page
    assert [said.kind for said in story(who)][-2:] == [
        "registry.role_given", "registry.role_ended"]
    assert registrar.send(address, do="end", right="sampler~post-02", reason=" ").status_code == 302
    assert duties_of(who) == [("sampler", "post-02")]


def test_who_is_locked_is_out_at_the_next_click(desk):
    gate, registrar = desk("gate"), desk("registrar")
    assert gate.client.get("/gate/").status_code == 200
    address = f"/staff/{gate.staff.pk}/"
    registrar.send(address, do="lock", reason="phone stolen")
    assert gate.client.get("/gate/").status_code == 302
    assert "phone stolen" in registrar.see(address)
    assert "gate</a>" in registrar.see("/staff/?state=locked")
    registrar.send(address, do="unlock", reason="found again")
    gate.client.force_login(staff_named("gate"))
    assert gate.client.get("/gate/").status_code == 200


def test_a_new_one_time_password_ends_the_old_one_and_who_gave_it_is_kept(desk):
    gate, registrar = desk("gate"), desk("registrar")
    answer = registrar.send(f"/staff/{gate.staff.pk}/", do="password")
    assert SECRET.search(answer.content.decode())
    assert gate.client.get("/gate/").status_code == 302
    assert "registrar" in registrar.see(f"/staff/{gate.staff.pk}/").split("given</summary>")[1]


def test_the_registrar_can_neither_make_nor_lock_nor_impersonate_a_leader(desk):
    registrar, leader = desk("registrar"), staff_named("leader")
    __, answer = enrol(registrar, roles=("leader",), units=("*",))
    assert answer.status_code == 422
    assert "is given and ended by whoever is leader there" in answer.content.decode()
    page = registrar.see("/staff/new/")
    assert '<option value="gate_officer">' in page and '<option value="leader">' not in page
    address = f"/staff/{leader.pk}/"
    assert "a role that you may not give" in registrar.see(address)
    answer = registrar.send(address, do="password", reason="x")
    assert answer.status_code == 302
    assert secrets_shown() == []
    registrar.send(address, do="lock", reason="x")
    assert staff_named("leader").is_active


def test_nobody_renews_their_own_password_here_or_gives_themselves_a_role(desk):
    registrar = desk("registrar")
    address = f"/staff/{registrar.staff.pk}/"
    registrar.send(address, do="password")
    registrar.send(address, do="give", role="gate_officer", unit="post-01", reason="to help")
    assert secrets_shown() == []
    assert duties_of(registrar.staff.pk) == [("registrar", None)]


def test_the_last_registrar_is_told_so(desk):
    registrar, leader = desk("registrar"), desk("leader")
    other = next(m for m in get_user_model().objects.filter(username__startswith="reg-"))
    registrar.send(f"/staff/{other.pk}/", do="lock", reason="on leave")
    assert not staff_named(other.username).is_active
    answer = registrar.client.post(
        f"/staff/{registrar.staff.pk}/", {"do": "lock", "reason": "on leave"}, follow=True)
    assert "without a registrar who can sign in" in answer.content.decode()
    assert staff_named("registrar").is_active
    assert "Staff and devices" in leader.see("/staff/")


def test_the_roll_is_filtered_and_paged_by_its_address(desk):
    leader = desk("leader")
    page = leader.see("/staff/?unit=post-01&role=gate_officer")
    assert "3 members of staff" in page
    seen, address = set(), "/staff/"
    while address:
        page = leader.see(address)
        seen |= set(re.findall(r'class="row" href="/staff/([0-9a-f-]+)/"', page))
        found = re.search(r'href="(\?after=[^"]+)"', page)
        address = f"/staff/{found[1]}" if found else None
    total = int(re.search(r"<h1>(\d+) members", page)[1])
    assert len(seen) == total == get_user_model().objects.count()


def test_who_leads_one_post_sees_and_offers_that_post_alone(desk):
    leader = desk("leader")
    __, answer = enrol(leader, "lu", roles=("leader",), units=("post-01",))
    assert answer.status_code == 200
    head = desk("lu")
    assert "3 members" not in head.see("/staff/?unit=post-02")
    page = head.see("/staff/new/")
    assert 'value="post-01"' in page and 'value="post-02"' not in page
    assert "whole county</option>" not in page
    elsewhere = get_user_model().objects.get_by_natural_key("gate-02-a")
    head.see(f"/staff/{elsewhere.pk}/", status=404)


def enrol_device(desk, **more):
    fields = form(desk, "/devices/new/") | {
        "label": "spare tablet", "unit": "post-01", "role": ["gate_officer"]} | more
    return UUID(fields["device"]), fields, desk.send("/devices/new/", **fields)


def test_a_devices_token_is_shown_once_and_works_until_it_is_revoked(desk):
    leader = desk("leader")
    device, fields, answer = enrol_device(leader)
    token = SECRET.search(answer.content.decode())[1]
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    assert Client().get("/api/v1/duties", headers=headers).status_code == 200
    assert leader.send("/devices/new/", **fields).status_code == 302
    assert secrets_shown() == ["token"]

    leader.send(f"/device/{device}/", reason="lost on the road")
    page = leader.see(f"/device/{device}/")
    assert "lost on the road" in page
    assert Client().get("/api/v1/duties", headers=headers).status_code == 401
    tablet = Speaker("post-01", ["gate_officer"], now=NOON, device=device)
    fact = tablet.fact("checkpoint.lane_counted", post="post-01", lane="1", since=NOON.isoformat(),
                       until=NOON.isoformat(), counted=1)
    told = Client().post("/api/v1/facts", b"[" + _encode(fact) + b"]", "application/json",
                         headers=headers).json()
    assert (told["receipts"][0]["status"], told["receipts"][0]["code"]) == (
        "quarantined", "device_revoked")
    assert "device revoked" in leader.see("/quarantine/?code=device_revoked")


def _encode(fact) -> bytes:
    import msgspec

    return msgspec.json.encode(fact)


def test_a_device_needs_a_reason_to_be_revoked_and_a_keeper_of_its_roles_to_be_made(desk):
    registrar = desk("registrar")
    device, __, __ = enrol_device(registrar)
    registrar.send(f"/device/{device}/", reason=" ")
    assert "revoked</span>" not in registrar.see(f"/device/{device}/")
    *__, answer = enrol_device(registrar, role=["supervisor"])
    assert answer.status_code == 422
    *__, answer = enrol_device(registrar, role=[])
    assert answer.status_code == 422
    assert 'value="spare tablet"' in answer.content.decode()


def test_devices_are_filtered_and_paged_by_their_address(desk):
    registrar = desk("registrar")
    page = registrar.see("/devices/")
    total = int(re.search(r"<h1>(\d+) devices", page)[1])
    after = re.search(r'href="(\?after=[^"]+)"', page)[1]
    assert total > 50
    assert "Next page" in registrar.see(f"/devices/{after}") or total <= 100
    assert "3 devices" in registrar.see("/devices/?unit=post-01")
    assert "No device like that" in registrar.see("/devices/?state=revoked")
    assert registrar.client.get("/devices/?after=x").status_code == 302


@pytest.mark.parametrize("who", ["gate", "epidemiologist", "supervisor"])
def test_the_desk_is_nobody_elses(desk, who):
    desk(who).see("/staff/", status=403)
    desk(who).see("/devices/new/", status=403)
