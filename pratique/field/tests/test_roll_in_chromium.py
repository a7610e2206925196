"""The roll on the device: fetched, verified, refused by name, and read as things."""

import json
from uuid import UUID

import pytest

from pratique.desks.tests.conftest import NOON, arrive, fill_county, resident_id
from pratique.field import epoch, signing
from pratique.field.roll import HEADING
from pratique.field.tests.conftest import Tablet, invite
from pratique.field.tests.test_enrolment import revoke
from pratique.field.tests.test_in_chromium import ENROLLED, call
from pratique.field.tests.test_roll import GATE, holds_by, offer, tube_of, vehicle
from pratique.standing.reduce_links import link_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
ROLL = "**/api/v1/field/roll*"


@pytest.fixture
def county(transactional_db, clock):
    fill_county()


@pytest.fixture
def enrolled(county, live_server, page):
    """A page on a device that is enrolled at post-01."""
    page.goto(f"{live_server.url}/field/enrol#{invite()}")
    page.click("#enrol")
    page.wait_for_selector(ENROLLED)
    return page


def fresh(page, since=None, kept=None):
    return call(page, "roll.js", "freshRoll", "world", since, kept)


def test_a_roll_is_fetched_verified_and_not_sent_twice(enrolled, clock):
    person = arrive(1)
    roll = fresh(enrolled)
    assert [row["name"] for row in roll["persons"]] == ["张小二"]
    assert fresh(enrolled, roll["news"]["next"], roll) is None
    offer(GATE, "coach-01", person)
    newer = fresh(enrolled, roll["news"]["next"], roll)
    assert len(newer["offers"]) == 1
    clock.forward(hours=9)  # the token has run out
    assert fresh(enrolled)["device"] == roll["device"]


def test_a_roll_that_is_not_right_is_refused_by_name(enrolled):
    arrive(1)
    roll = fresh(enrolled)

    def signed(heading=HEADING, **changed):
        text = json.dumps(roll | changed, ensure_ascii=False)
        return {"payload": text, "key": signing.county_key().id,
                "signature": signing.sign(heading + text.encode())}

    def answered(body, kept=None):
        enrolled.route(ROLL, lambda route: route.fulfill(json=body))
        found = fresh(enrolled, None, kept)
        enrolled.unroute(ROLL)
        return found

    good = signed()
    assert answered(good)["tag"] == roll["tag"]
    forged = {**good, "payload": good["payload"].replace("张小二", "张小三")}
    life = "0182bbfb-8800-4000-8000-000000000000"
    for body, code in (
        (forged, "roll_forged"), (signed(b""), "roll_forged"),
        ({**good, "key": "0" * 16}, "roll_key_unknown"), ({}, "roll_malformed"),
        (signed(what="bundle"), "roll_malformed"), (signed(log_size="1"), "roll_malformed"),
        (signed(county=roll["county"] | {"id": "elsewhere"}), "roll_of_another_county"),
        (signed(device=life), "roll_of_another_device"),
        (signed(epoch=life), "roll_of_another_epoch"),
    ):
        assert answered(body) == {"refused": code}
    seen = roll | {"log_size": roll["log_size"] + 1}
    assert answered(good, seen) == {"refused": "roll_older"}
    assert answered(good, seen | {"epoch": life})["tag"] == roll["tag"]
    sentences = enrolled.evaluate("() => fetch('/field/refusals.json').then((a) => a.json())")
    for why in ("forged", "key_unknown", "malformed", "of_another_county", "of_another_device",
                "of_another_epoch", "older"):
        assert sentences[f"roll_{why}"]["sentence"] and sentences[f"roll_{why}"]["rule"]


def test_a_roll_is_never_taken_for_a_bundle(enrolled):
    signed = enrolled.evaluate("""async () => {
      const enrol = await import("/static/field/enrol.js"), world = await enrol.here();
      const { token } = await enrol.token(world);
      const headers = { Authorization: `Bearer ${token}` };
      return (await fetch("/api/v1/field/roll", { headers })).json();
    }""")
    told = call(enrolled, "enrol.js", "enrolment", "world")
    trust = {"key": told["key"], "county": told["county"]["id"], "device": told["device"]}
    assert call(enrolled, "core/signed.js", "verified", signed, trust, "subtle") == {
        "refused": "bundle_forged"}


def test_after_a_restore_another_life_is_taken_with_a_new_token(enrolled):
    before = fresh(enrolled)
    epoch.renew(NOON)
    after = fresh(enrolled, before["news"]["next"], before)
    assert after["epoch"] != before["epoch"]


def test_a_revoked_device_gets_none(enrolled):
    revoke(Tablet(id=UUID(enrolled.get_attribute("body", "data-device"))))
    assert fresh(enrolled) == {"refused": "device_revoked"}


def test_without_a_network_it_says_so(enrolled):
    assert fresh(enrolled)["what"] == "roll"
    enrolled.context.set_offline(True)
    assert fresh(enrolled) == {"refused": "no_network"}


def test_a_scan_finds_the_thing_that_it_belongs_to(county, live_server, page):
    page.goto(f"{live_server.url}/field/enrol#{invite(roles=('gate_officer', 'sampler'))}")
    page.click("#enrol")
    page.wait_for_selector(ENROLLED)
    car = vehicle()
    person = arrive(1, vehicle=car)
    tube = tube_of(person)
    slip = f"https://county.invalid/c/{link_of(person, NOON)}/"
    roll = fresh(page)
    things = call(page, "core/roll.js", "thingsOf", roll)
    assert {one["id"] for one in things} == {str(person), str(car), str(tube)}
    assert all(one["account"] == "post-01" and one["seq"] == 0 for one in things)
    label = next(one["label"] for one in things if one["type"] == "specimen")

    def found(text):
        codes = call(page, "core/roll.js", "codesOf", roll["salt"], text, "subtle")
        return [one["id"] for one in things if {one["code"], one.get("slip")} & set(codes)]

    assert found(f"{label} ") == [str(tube)]
    assert found("晋J·8k213") == [str(car)]
    assert found(resident_id(1).lower()) == found(slip) == [str(person)]
    assert found(resident_id(2)) == found("") == []
    assert next(one for one in things if one["id"] == str(person))["holds_by"] == str(
        holds_by(person))
