"""Units, rooms, staff and devices, as facts say them."""

from hashlib import sha256
from uuid import uuid4

import pytest

from pratique.kit.ids import unit_subject
from pratique.registry import queries
from tests.support import fresh_id

from .conftest import broken_laws, open_unit, unit_fact

pytestmark = pytest.mark.django_db


def test_a_unit_that_is_opened_has_its_account(county):
    units = {u.code: u for u in queries.units()}
    assert units["site-1"].capacity == 2 and units["site-1"].is_open
    assert broken_laws() == []


def test_a_unit_waits_for_its_parent(system):
    child = unit_fact(system, code="post-09", kind="checkpoint", parent="office-9")
    assert system.send(child).receipts[0].status == "parked"
    open_unit(system, "office-9", "office")
    assert [u.parent for u in queries.units(codes=["post-09"])] == ["office-9"]


def test_a_parent_and_its_child_may_come_in_one_batch_in_either_order(system):
    child = unit_fact(system, code="post-09", kind="checkpoint", parent="office-9")
    parent = unit_fact(system, code="office-9", kind="office")
    assert [r.status for r in system.send(child, parent).receipts] == ["applied", "applied"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "Post 1"}, "unit_code"),
        ({"name_en": " "}, "unit_name"),
        ({"capacity": -1}, "unit_capacity"),
        ({"parent": "post-77"}, "unit_parent"),
        ({"division": "999999"}, "unknown_division"),
        ({"plate": "<>"}, "plate_shape"),
    ],
)
def test_a_unit_that_cannot_be_is_kept_aside_with_its_reason(system, changes, code):
    body = {"code": "post-77", "kind": "checkpoint", "name_zh": "七", "name_en": "Seven"} | changes
    receipt = system.send(unit_fact(system, **body)).receipts[0]
    assert (receipt.status, receipt.code) == ("quarantined", code)
    assert receipt.text()


def test_a_second_unit_under_a_code_is_disputed(county):
    receipt = county.send(unit_fact(county, code="post-01", kind="checkpoint")).receipts[0]
    assert (receipt.status, receipt.code) == ("disputed", "unit_exists")


def test_a_unit_closes_only_when_it_holds_nobody_and_may_open_again(county, hold):
    person = hold("site-1")
    assert county.say("registry.unit_closed", code="site-1", reason="over").code == "unit_not_empty"
    hold.let_go(person)
    assert county.say("registry.unit_closed", code="site-1", reason="over").status == "applied"
    assert not queries.units(codes=["site-1"])[0].is_open
    open_unit(county, "site-1", "isolation_site", capacity=2)
    assert queries.units(codes=["site-1"])[0].is_open
    assert broken_laws() == []


def test_rooms_are_opened_once_each_and_only_at_a_site(county):
    rooms = [{"room": "101", "beds": 2, "features": ["step-free"]}, {"room": "102"}]
    assert county.say("registry.rooms_opened", site="site-1", rooms=rooms).status == "applied"
    assert queries.rooms("site-1") == [("101", 2, "", ["step-free"]), ("102", 1, "", [])]
    again = county.say("registry.rooms_opened", site="site-1", rooms=[{"room": "102"}])
    assert (again.status, again.code) == ("disputed", "room_exists")
    assert county.say("registry.rooms_opened", site="post-01", rooms=rooms).code == "not_a_site"
    assert county.say("registry.rooms_opened", site="site-8", rooms=rooms).status == "parked"


def test_staff_have_the_duties_of_their_latest_enrolment(county):
    staff = fresh_id()
    body = {"staff": staff, "username": "guo", "office": "卫健局"}
    first = [{"role": "gate_officer", "unit": "post-01"}, {"role": "supervisor"}]
    sealed = {staff: {"name": "郭晓", "phone": "13811112222"}}
    fact = county.fact("registry.staff_enrolled", sealed=sealed, duties=first, **body)
    assert county.send(fact).receipts[0].status == "applied"
    assert queries.actor_of_staff(staff, "post-01").roles == {"gate_officer", "supervisor"}
    assert queries.actor_of_staff(staff, "post-02").roles == {"supervisor"}
    county.say("registry.staff_enrolled", duties=[first[0]], **body)
    assert queries.actor_of_staff(staff, "post-02") is None
    assert queries.actor_of_staff(staff, "post-01").units == {"post-01"}


def test_a_user_name_belongs_to_one_person(county):
    county.say("registry.staff_enrolled", staff=fresh_id(), username="guo", office="x", duties=[])
    other = county.say("registry.staff_enrolled", staff=fresh_id(), username="guo", office="x",
                       duties=[])
    assert (other.status, other.code) == ("disputed", "username_taken")


def test_an_account_keeps_its_password_when_its_duties_change(county):
    from pratique.registry.models import Staff
    from pratique.registry.reduce import set_password

    staff = fresh_id()
    body = {"staff": staff, "username": "guo", "office": "x", "duties": []}
    county.say("registry.staff_enrolled", **body)
    assert not Staff.objects.get(id=staff).has_usable_password()
    assert set_password(staff, "argon2$…") and not set_password(uuid4(), "x")
    county.say("registry.staff_enrolled", **body)
    assert Staff.objects.get(id=staff).password == "argon2$…"


def test_a_device_speaks_for_its_unit_until_it_is_revoked(county):
    device, token = fresh_id(), "t" * 43
    receipt = county.say(
        "registry.device_enrolled", device=device, unit="post-01", roles=["gate_officer"],
        label="tablet 1", token_sha256=sha256(token.encode()).hexdigest())
    assert receipt.status == "applied"
    actor = queries.actor_of_token(token)
    assert (actor.device, actor.units, actor.roles) == (device, {"post-01"}, {"gate_officer"})
    assert queries.actor_of_token("stolen") is None
    county.say("registry.device_revoked", device=device, reason="lost")
    assert queries.actor_of_token(token) is None


def test_a_revocation_that_is_heard_first_waits_for_the_device(county):
    device = fresh_id()
    early = county.say("registry.device_revoked", device=device, reason="lost")
    assert early.status == "parked"
    county.say("registry.device_enrolled", device=device, unit="post-01", roles=["sampler"],
               label="t", token_sha256=sha256(b"t").hexdigest())
    assert queries.actor_of_token("t") is None


def test_two_devices_never_share_a_token(county):
    body = {"unit": "post-01", "roles": ["sampler"], "label": "t", "token_sha256": "ab" * 32}
    facts = [county.fact("registry.device_enrolled", device=fresh_id(), **body) for _ in range(2)]
    assert [r.status for r in county.send(*facts).receipts] == ["applied", "disputed"]


def test_the_strangers_facts_are_not_taken(gate, county):
    receipt = gate.send(unit_fact(gate, code="post-33", kind="checkpoint")).receipts[0]
    assert (receipt.status, receipt.code) == ("quarantined", "not_your_role")


def test_divisions_lead_from_the_country_to_the_village():
    assert ("14", "山西省") in queries.divisions_below(None)
    assert ("141123", "兴县") in queries.divisions_below("1411")
    assert len(queries.divisions_below("141123")) == 16
    assert queries.division_names(["141123100"]) == {"141123100": "蔚汾镇"}


def test_a_units_subject_is_the_same_everywhere():
    assert unit_subject("post-01") == unit_subject("post-01") != unit_subject("post-02")
