"""Rights over rights: who gives and ends duty roles, locks staff, keeps devices."""

from hashlib import sha256

import pytest

from pratique.kit.sql import reading
from pratique.registry import queries
from pratique.registry.models import Staff
from pratique.registry.rights import KEEPERS, kept_by
from tests.support import Speaker, fresh_id

from .conftest import broken_laws, open_unit

pytestmark = pytest.mark.django_db
GATE_AT_1 = {"role": "gate_officer", "unit": "post-01"}


@pytest.fixture
def leader(county) -> Speaker:
    """Li, who answers for the whole county."""
    return Speaker(None, ["leader"])


@pytest.fixture
def post_leader(county) -> Speaker:
    """Lu, who leads post-01 and its sampling point."""
    open_unit(county, "point-01", "sampling_point", parent="post-01")
    return Speaker("post-01", ["leader"])


def enrol(speaker, *duties, username=None, staff=None):
    """(staff, receipt) of an enrolment with these duties."""
    staff = staff or fresh_id()
    return staff, speaker.say(
        "registry.staff_enrolled", staff=staff, username=username or f"u{staff.hex[-12:]}",
        office="x", duties=list(duties))


def change(speaker, what, staff, role="gate_officer", unit="post-01"):
    return speaker.say(f"registry.role_{what}", staff=staff, role=role, unit=unit, reason="rota")


def lock(speaker, staff, what="locked"):
    return speaker.say(f"registry.staff_{what}", staff=staff, reason="on leave")


def is_active(staff):
    return Staff.objects.get(id=staff).is_active


def enrol_device(speaker, unit, *roles, device=None):
    device = device or fresh_id()
    return device, speaker.say(
        "registry.device_enrolled", device=device, unit=unit, roles=roles, label="tablet",
        token_sha256=sha256(device.bytes + unit.encode()).hexdigest())


def test_every_role_but_the_systems_is_kept_by_somebody():
    assert set(KEEPERS) == set(kept_by(["registrar", "leader"]))
    assert "leader" not in kept_by(["registrar"])
    assert "registrar" not in kept_by(["leader"])
    assert kept_by(["gate_officer", "epidemiologist"]) == ["epidemiologist"]


def test_the_registrar_enrols_gives_and_ends_working_roles(registrar):
    staff, receipt = enrol(registrar, GATE_AT_1)
    assert receipt.status == "applied"
    assert change(registrar, "given", staff, "sampler", "post-02").status == "applied"
    assert change(registrar, "given", staff, "sampler", "post-02").status == "applied"
    assert queries.duties_of(staff) == [("gate_officer", "post-01"), ("sampler", "post-02")]
    assert change(registrar, "ended", staff).status == "applied"
    assert queries.duties_of(staff) == [("sampler", "post-02")]
    again = change(registrar, "ended", staff)
    assert (again.status, again.code) == ("disputed", "role_not_held")
    assert broken_laws() == []


@pytest.mark.parametrize("role", ["leader", "supervisor", "epidemiologist"])
def test_the_registrar_makes_nobody_more_than_a_registrar(registrar, leader, role):
    __, receipt = enrol(registrar, {"role": role})
    assert (receipt.status, receipt.code) == ("quarantined", "right_not_yours")
    staff, __ = enrol(registrar, GATE_AT_1)
    assert change(registrar, "given", staff, role, None).code == "right_not_yours"
    assert change(leader, "given", staff, role, None).status == "applied"
    assert change(registrar, "ended", staff, role, None).code == "right_not_yours"
    assert lock(registrar, staff).code == "right_not_yours"
    __, renamed = enrol(registrar, GATE_AT_1, staff=staff)
    assert renamed.code == "right_not_yours"


def test_only_a_registrar_makes_a_registrar(registrar, leader):
    assert enrol(leader, {"role": "registrar"})[1].code == "right_not_yours"
    assert enrol(registrar, {"role": "registrar"})[1].status == "applied"


def test_who_leads_one_post_keeps_that_post_and_what_is_below_it(post_leader):
    point = {"role": "sampler", "unit": "point-01"}
    staff, receipt = enrol(post_leader, GATE_AT_1, point)
    assert receipt.status == "applied"
    for duty in ({"role": "gate_officer", "unit": "post-02"}, {"role": "gate_officer"}):
        assert enrol(post_leader, duty)[1].code == "right_not_yours"
    assert change(post_leader, "given", staff, unit="post-02").code == "right_not_yours"
    assert lock(post_leader, staff).status == "applied"


def test_who_has_another_role_elsewhere_is_not_locked_from_here(post_leader, registrar):
    staff, __ = enrol(registrar, GATE_AT_1, {"role": "sampler", "unit": "post-02"})
    assert lock(post_leader, staff).code == "right_not_yours"
    assert is_active(staff)


def test_nobody_gives_themselves_a_role(registrar):
    registrar.staff, __ = enrol(registrar, {"role": "registrar"})
    assert change(registrar, "given", registrar.staff, "sampler").code == "own_right"
    __, receipt = enrol(registrar, {"role": "registrar"}, GATE_AT_1, staff=registrar.staff)
    assert receipt.code == "own_right"
    assert queries.duties_of(registrar.staff) == [("registrar", None)]


def test_a_locked_person_signs_in_no_more_and_keeps_the_duties(registrar):
    staff, __ = enrol(registrar, GATE_AT_1)
    assert lock(registrar, staff).status == "applied"
    assert not is_active(staff)
    assert queries.duties_of(staff) == [("gate_officer", "post-01")]
    __, again = enrol(registrar, GATE_AT_1, staff=staff)
    assert again.status == "applied"
    assert not is_active(staff)
    assert lock(registrar, staff, "unlocked").status == "applied"
    assert is_active(staff)


def test_the_last_registrar_stays(registrar, county):
    only, __ = enrol(registrar, {"role": "registrar"})
    duty = {"role": "registrar", "unit": None}
    assert lock(registrar, only).code == "last_registrar"
    assert change(county, "ended", only, **duty).code == "last_registrar"
    assert enrol(registrar, GATE_AT_1, staff=only)[1].code == "last_registrar"
    assert is_active(only)

    other, __ = enrol(registrar, {"role": "registrar"})
    facts = [registrar.fact("registry.staff_locked", staff=one, reason="both at once")
             for one in (only, other)]
    assert [r.code for r in registrar.send(*facts).receipts] == ["", "last_registrar"]
    assert (is_active(only), is_active(other)) == (False, True)
    assert lock(registrar, only, "unlocked").status == "applied"
    assert change(registrar, "ended", other, **duty).status == "applied"


def test_a_registrar_of_one_post_is_not_the_countys(registrar):
    only, __ = enrol(registrar, {"role": "registrar"})
    enrol(registrar, {"role": "registrar", "unit": "post-01"})
    assert lock(registrar, only).code == "last_registrar"


def test_a_role_for_somebody_not_enrolled_yet_waits(registrar, county, gate):
    staff = fresh_id()
    early = registrar.fact("registry.role_given", staff=staff, role="sampler", unit="post-02",
                           reason="rota")
    assert registrar.send(early).receipts[0].status == "parked"
    enrol(county, GATE_AT_1, staff=staff)
    assert queries.duties_of(staff) == [("gate_officer", "post-01"), ("sampler", "post-02")]


def test_a_fact_that_waited_is_not_judged_by_who_wakes_it(leader, registrar):
    """A leader's grant waits; the registrar, who could not give it, enrols the person."""
    staff = fresh_id()
    assert change(leader, "given", staff, "supervisor", None).status == "parked"
    assert enrol(registrar, GATE_AT_1, staff=staff)[1].status == "applied"
    assert ("supervisor", None) in queries.duties_of(staff)


def test_a_grant_that_is_not_ones_own_to_make_does_not_wait(registrar):
    assert change(registrar, "given", fresh_id(), "leader", None).code == "right_not_yours"


@pytest.mark.parametrize("kind", ["role_given", "role_ended", "staff_locked", "staff_unlocked"])
def test_a_right_is_changed_for_a_reason_and_not_by_the_stranger(registrar, gate, kind):
    staff, __ = enrol(registrar, GATE_AT_1)
    body = {"staff": staff} | (GATE_AT_1 if kind.startswith("role") else {})
    assert registrar.say(f"registry.{kind}", reason=" ", **body).code == "reason_missing"
    assert gate.say(f"registry.{kind}", reason="why not", **body).code == "not_your_role"


def test_devices_are_kept_by_who_keeps_their_unit_and_roles(registrar, leader, post_leader):
    device, receipt = enrol_device(post_leader, "post-01", "gate_officer", "sampler")
    assert receipt.status == "applied"
    assert enrol_device(post_leader, "post-02", "gate_officer")[1].code == "right_not_yours"
    assert enrol_device(registrar, "post-01", "supervisor")[1].code == "right_not_yours"
    assert enrol_device(leader, "post-01", "supervisor")[1].status == "applied"
    elsewhere = Speaker("post-02", ["leader"])
    taken = enrol_device(elsewhere, "post-02", "gate_officer", device=device)[1]
    assert taken.code == "right_not_yours"
    assert elsewhere.say("registry.device_revoked", device=device,
                         reason="mine").code == "right_not_yours"
    assert post_leader.say("registry.device_revoked", device=device,
                           reason="lost").status == "applied"


def test_an_offices_device_speaks_for_the_county_and_is_made_by_nobody_less(county, leader):
    head = Speaker("command", ["leader"])
    assert enrol_device(head, "command", "leader")[1].code == "right_not_yours"
    assert enrol_device(leader, "command", "leader")[1].status == "applied"


def test_a_county_registrar_stops_any_device(registrar, leader):
    device, __ = enrol_device(leader, "command", "leader")
    assert registrar.say("registry.device_revoked", device=device,
                         reason="stolen").status == "applied"
    with reading() as cursor:
        cursor.execute("SELECT revoked_reason FROM registry_device WHERE device = %s", (device,))
        assert cursor.fetchone() == ("stolen",)
