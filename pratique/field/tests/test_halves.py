"""Signed halves of a hand-over that come through the other side's device."""

import json
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from django.conf import settings

from pratique.field.tests.app_page import run
from pratique.field.tests.conftest import NOON, Tablet, invite, refused
from pratique.field.tests.test_enrolment import revoke
from pratique.journal.fact import Envelope
from pratique.kit.sql import reading
from tests.support import fresh_id, statements_seen


@pytest.fixture
def crew(county) -> Tablet:
    """The crew's device, of another unit than the gate's `tablet`."""
    made = Tablet()
    assert made.enrol(invite(unit="coach-01", roles=("crew",))).status_code == 200
    return made


def text_of(tablet: Tablet, seq: int, kind: str, place: str, **body) -> str:
    """A fact as a device stores it."""
    return msgspec.json.encode(Envelope(
        id=fresh_id(NOON), kind=kind, at=NOON, place=place, device=tablet.id, seq=seq,
        body=msgspec.Raw(msgspec.json.encode(body)))).decode()


def half(tablet: Tablet, text: str, county: str | None = None) -> dict[str, str]:
    county = county or settings.COUNTY
    return {"fact": text, "device": str(tablet.id),
            "signature": tablet.sign(f"pratique half\n{county}\n{tablet.id}\n{text}")}


def arrived(tablet: Tablet) -> tuple[str, UUID, UUID]:
    """(a vehicle's arrival at the gate, the vehicle, the fact's id)."""
    vehicle = fresh_id()
    text = text_of(tablet, 1, "checkpoint.vehicle_arrived", "post-01", vehicle=vehicle,
                   post="post-01", plate="晋A00001", occupants=1)
    return text, vehicle, UUID(json.loads(text)["id"])


def offered(tablet: Tablet, vehicle: UUID, holds_by: UUID, seq: int = 2) -> str:
    return text_of(tablet, seq, "custody.offered", "post-01", giver="post-01", taker="coach-01",
                   lines=[{"subject": vehicle, "holds_by": holds_by}],
                   expires_at=NOON + timedelta(hours=4))


def answered(tablet: Tablet, offer: str, vehicle: UUID) -> str:
    return text_of(tablet, 1, "custody.answered", "coach-01", handover=json.loads(offer)["id"],
                   taker="coach-01", accepted=[vehicle])


def hand_up(carrier: Tablet, *halves, token: str | None = None):
    return carrier.client.post(
        "/api/v1/field/halves", json.dumps(list(halves)), "application/json",
        headers={"Authorization": f"Bearer {token or carrier.token()}", "Accept-Language": "en"})


def outcomes(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    receipts = answer.json()["receipts"]
    assert all(r["sentence"] and r["rule"] for r in receipts if r["code"])
    return [r["code"] or r["status"] for r in receipts]


def holder(subject: UUID) -> str:
    with reading() as cursor:
        return cursor.execute("SELECT account FROM custody_holding WHERE subject = %s",
                              (subject,)).fetchone()[0]


def test_the_taker_who_meets_a_network_first_delivers_both_halves(tablet, crew):
    arrival, vehicle, fact = arrived(tablet)
    tablet.post_facts(tablet.token(), json.loads(arrival))
    offer = offered(tablet, vehicle, fact)
    answer = answered(crew, offer, vehicle)
    assert outcomes(hand_up(crew, half(tablet, offer), half(crew, answer))) == [
        "applied", "applied"]
    assert holder(vehicle) == "coach-01"
    # The giver's own device and a second delivery change nothing.
    later = tablet.post_facts(tablet.token(), json.loads(offer)).json()
    assert [r["status"] for r in later["receipts"]] == ["duplicate"]
    assert later["watermark"]["heard_through"] == 2
    assert outcomes(hand_up(tablet, half(crew, answer), half(tablet, offer))) == [
        "duplicate", "duplicate"]


def test_halves_whose_arrival_has_not_come_wait_for_it(tablet, crew):
    arrival, vehicle, fact = arrived(tablet)
    offer = offered(tablet, vehicle, fact)
    answer = answered(crew, offer, vehicle)
    codes = outcomes(hand_up(crew, half(crew, answer), half(tablet, offer)))
    assert codes == ["waits_for_another_fact", "waits_for_another_fact"]
    tablet.post_facts(tablet.token(), json.loads(arrival))
    assert holder(vehicle) == "coach-01"


def test_what_was_changed_or_is_nobodys_is_kept_aside_by_name(tablet, crew):
    arrival, vehicle, fact = arrived(tablet)
    tablet.post_facts(tablet.token(), json.loads(arrival))
    offer = offered(tablet, vehicle, fact)
    good = half(tablet, offer)
    stranger = Tablet()
    other = text_of(tablet, 9, "checkpoint.vehicle_arrived", "post-01", vehicle=fresh_id(),
                    post="post-01", plate="晋A00002", occupants=1)
    bad = [
        good | {"fact": offer.replace("coach-01", "coach-02")},
        good | {"signature": half(tablet, offer, county="elsewhere")["signature"]},
        good | {"signature": "AAAA"},
        half(crew, offer) | {"device": str(tablet.id)},
        half(crew, offered(tablet, vehicle, fact, seq=3)),
        half(stranger, offered(tablet, vehicle, fact, seq=4)),
        half(tablet, other),
        half(tablet, "{}"),
    ]
    assert [outcomes(hand_up(crew, each))[0] for each in bad] == [
        "half_forged", "half_forged", "half_forged", "half_forged", "half_of_another_device",
        "half_device_unknown", "half_malformed", "half_malformed"]
    assert holder(vehicle) == "post-01"
    # None of them stands in the way of the true one, nor closes a gap of the giver's numbers.
    assert outcomes(hand_up(crew, good)) == ["applied"]
    said = tablet.post_facts(tablet.token()).json()
    assert said["watermark"]["heard_through"] == 2 and said["watermark"]["missing"] == []


def test_a_half_has_the_rights_of_who_signed_it_and_not_of_who_carries_it(tablet, crew):
    arrival, vehicle, fact = arrived(tablet)
    tablet.post_facts(tablet.token(), json.loads(arrival))
    taken = text_of(crew, 1, "custody.offered", "post-01", giver="post-01", taker="coach-01",
                    lines=[{"subject": vehicle, "holds_by": fact}],
                    expires_at=NOON + timedelta(hours=4))
    answer = hand_up(tablet, half(crew, taken))  # the gate carries it; the crew signed it
    assert answer.json()["receipts"][0]["status"] == "quarantined"
    assert holder(vehicle) == "post-01"


def test_a_revoked_devices_half_is_kept_aside_and_a_revoked_carrier_is_heard(tablet, crew):
    arrival, vehicle, fact = arrived(tablet)
    tablet.post_facts(tablet.token(), json.loads(arrival))
    offer = offered(tablet, vehicle, fact)
    token = crew.token()
    revoke(crew)
    assert outcomes(hand_up(crew, half(tablet, offer), token=token)) == ["applied"]
    assert outcomes(hand_up(tablet, half(crew, answered(crew, offer, vehicle)))) == [
        "half_device_revoked"]


def test_the_door_says_what_it_takes(tablet, crew):
    assert refused(tablet.client.get("/api/v1/field/halves", headers={
        "Authorization": f"Bearer {tablet.token()}"})) == (405, "method")
    assert refused(hand_up(tablet, {"fact": "{}"})) == (400, "malformed_json")
    many = [half(tablet, "{}")] * 201
    assert refused(hand_up(tablet, *many)) == (413, "too_many_facts")
    assert hand_up(tablet, token="nobody").status_code == 401
    assert hand_up(tablet).json()["receipts"] == []


def test_the_number_of_statements_does_not_depend_on_the_number_of_halves(tablet, crew):
    def statements(count: int) -> int:
        texts = [offered(tablet, fresh_id(), fresh_id(), seq=100 + n) for n in range(count)]
        halves, token = [half(tablet, text) for text in texts], crew.token()
        with statements_seen() as seen:
            assert len(set(outcomes(hand_up(crew, *halves, token=token)))) == 1
        return len(seen)

    statements(1)
    assert statements(40) <= statements(2) + 1


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_app_hands_up_what_it_keeps_by_itself_and_again_after_a_restore(tablet, crew, modules):
    arrival, vehicle, fact = arrived(tablet)
    tablet.post_facts(tablet.token(), json.loads(arrival))
    offer = offered(tablet, vehicle, fact)
    answer = answered(crew, offer, vehicle)
    said = run(modules, """
        const { openStore } = await at("store/db"), { Sync } = await at("store/sync");
        const { keepHalf, keptHalves, sendHalves } = await at("store/halves");
        const store = await openStore({ name: "halves" });
        for (const half of [...argument.halves, argument.halves[0]]) await keepHalf(store, half, 1);
        const before = (await keptHalves(store)).length;
        const offline = await sendHalves(store, { token: "t", epoch: null, address: "/nowhere" });
        const { device, token } = argument;
        const sync = new Sync({ store, device, token: async () => token });
        sync.start();
        const isDone = async () => (await keptHalves(store)).every((half) => half.epoch);
        for (let n = 0; n < 100 && !await isDone(); n += 1) {
          await new Promise((r) => setTimeout(r, 50)); }
        sync.stop();
        const kept = await keptHalves(store);
        const { epoch } = kept[0];
        const same = await sendHalves(store, { token, epoch });
        const other = await sendHalves(store, { token, epoch: "another" });
        return [before, offline, kept.map((half) => half.receipt.status), same.answered,
          other.answered];""", {
        "halves": [half(tablet, offer), half(crew, answer)], "device": str(crew.id),
        "token": crew.token()})
    assert said == [2, {"answered": 0, "waiting": 2}, ["applied", "applied"], 0, 2]
    assert holder(vehicle) == "coach-01"
