"""The roll: what a unit holds, for the roles of one device, signed, only when it has changed."""

import base64
import hmac
import json
from datetime import timedelta
from uuid import UUID

import pytest

from pratique.custody.queries import whereabouts
from pratique.desks.tests.conftest import NOON, arrive, resident_id
from pratique.desks.tests.test_journey import high_risk_place
from pratique.field import roll_rows, signing
from pratique.field.roll import HEADING
from pratique.field.tests.conftest import Tablet, invite, refused
from pratique.field.tests.test_enrolment import revoke
from pratique.registry.queries import rooms
from tests.support import Speaker, fresh_id, statements_seen

PATH = "/api/v1/field/roll"
GATE = Speaker("post-01", ["gate_officer", "sampler"], now=NOON)
COURIER = Speaker("courier-1", ["courier"], now=NOON)
CREW = Speaker("coach-01", ["crew"], now=NOON)
SITE = Speaker("site-1", ["site_head"], now=NOON)
TOWN = Speaker("town-141123100", ["township_clerk"], now=NOON)
DISPATCHER = Speaker(None, ["dispatcher"], now=NOON)
TUBES = iter(range(1, 1_000))


def enrolled(unit: str, *roles: str) -> tuple[Tablet, str]:
    made = Tablet()
    assert made.enrol(invite(unit=unit, roles=roles)).status_code == 200
    return made, made.token()


def fetched(tablet: Tablet, token: str, since: str | None = None) -> dict:
    answer = tablet.get(PATH + (f"?since={since}" if since else ""), token)
    assert answer.status_code == 200, answer.content
    return json.loads(answer.json()["payload"])


def roll_of(unit: str, *roles: str) -> dict:
    return fetched(*enrolled(unit, *roles))


def done(receipt):
    assert receipt.status == "applied", receipt.text()
    return receipt


def holds_by(subject: UUID) -> UUID:
    return whereabouts([subject])[subject].holds_by


def offer(giver: Speaker, taker: str, *subjects: UUID, **more):
    return done(giver.say(
        "custody.offered", giver=giver.place, taker=taker,
        lines=[{"subject": s, "holds_by": holds_by(s)} for s in subjects],
        expires_at=NOON + timedelta(minutes=30), **more)).id


def hand_over(giver: Speaker, taker: Speaker, *subjects: UUID, **more) -> None:
    done(taker.say("custody.answered", handover=offer(giver, taker.place, *subjects, **more),
                   taker=taker.place, accepted=list(subjects)))


def vehicle(plate="晋J8K213", occupants=2) -> UUID:
    made = fresh_id(NOON)
    done(GATE.say("checkpoint.vehicle_arrived", vehicle=made, post="post-01", plate=plate,
                  lane="1", occupants=occupants))
    return made


def tube_of(person: UUID) -> UUID:
    made = fresh_id(NOON)
    done(GATE.say("specimens.collected", specimen=made, tube=f"XJ{next(TUBES):06}",
                  person=person, place="post-01", purpose="landing", urgent=True))
    return made


def by_id(rows: list[dict], one: UUID) -> dict:
    return next(row for row in rows if row["id"] == str(one))


def test_a_roll_is_signed_under_its_own_heading_for_one_device(tablet):
    token = tablet.token()
    signed = tablet.get(PATH, token).json()
    payload = json.loads(signed["payload"])
    key = signing.county_key()
    assert signed["key"] == key.id
    assert signing.is_signed(key.spki, HEADING + signed["payload"].encode(), signed["signature"])
    assert not signing.is_signed(key.spki, signed["payload"].encode(), signed["signature"])
    assert (payload["what"], payload["device"]) == ("roll", str(tablet.id))
    assert payload["unit"]["code"] == "post-01" and payload["roles"] == ["gate_officer"]
    assert payload["epoch"] and payload["county"]["id"] and payload["log_size"] >= 0
    assert payload["made_at"] and payload["left_out"] == {}


def test_a_gate_sees_whom_and_what_it_holds(tablet):
    car = vehicle()
    people = [arrive(n, vehicle=car) for n in (1, 2)]
    tube = tube_of(people[0])
    roll = fetched(tablet, tablet.token())
    assert roll["counts"] == {"person": 2, "specimen": 1, "vehicle": 1}
    first = by_id(roll["persons"], people[0])
    assert first["name"] == "张小二" and first["holds_by"] == str(holds_by(people[0]))
    assert first["vehicle"] == str(car) and first["destination"] == "town-141123100"
    assert first["episode"] and first["pending"] is None and first["measure"]
    assert {"colour", "word", "shape", "reason", "until", "pack"} <= first["standing"].keys()
    second = by_id(roll["persons"], people[1])
    assert second["owes"]["purpose"] == "landing" and second["owes"]["due_at"]
    held = by_id(roll["vehicles"], car)
    assert (held["plate"], held["occupants"]) == ("晋J8K213", 2)
    assert set(held["persons"]) == {str(p) for p in people}
    told = by_id(roll["specimens"], tube)
    assert told["person"] == str(people[0]) and told["urgent"] and told["bag"] is None
    assert told["tube"].startswith("XJ") and told["holds_by"] == str(holds_by(tube))


def test_a_document_is_found_by_who_has_it_and_cannot_be_copied(tablet):
    arrive(1)
    answer = tablet.get(PATH, tablet.token()).json()
    assert resident_id(1) not in answer["payload"]
    roll = json.loads(answer["payload"])
    document = roll["persons"][0]["document"]
    assert (document["kind"], document["last"]) == ("resident_id", resident_id(1)[-4:])
    salt = base64.b64decode(roll["salt"])
    digest = hmac.digest(salt, f"document\0{resident_id(1)}".encode(), "sha256")[:12]
    assert document["key"] == base64.b64encode(digest).decode()
    assert roll_of("post-01", "gate_officer")["salt"] != roll["salt"]


def test_each_role_gets_the_least_that_its_work_needs(county):
    car = vehicle()
    person = arrive(1, vehicle=car)
    tube = tube_of(person)
    hand_over(GATE, COURIER, tube, bag="K-1")
    offer(GATE, "coach-01", person)
    courier = enrolled("courier-1", "courier")
    answer = courier[0].get(PATH, courier[1]).json()["payload"]
    roll = json.loads(answer)
    assert roll["persons"] == roll["trips"] == roll["vehicles"] == roll["rooms"] == []
    assert "张小" not in answer and str(person) not in answer
    assert by_id(roll["specimens"], tube)["tube"].startswith("XJ")
    assert roll_of("lab-1", "laboratory")["persons"] == []
    leader = roll_of("post-01", "leader")
    assert leader["persons"] == leader["specimens"] == [] and leader["counts"]["person"] == 1
    assert leader["offers"][0]["lines"][0]["label"] is None
    crew = roll_of("coach-01", "crew")
    assert crew["persons"] == [] and crew["offers"][0]["lines"][0]["label"] == "张小二"
    sampler = roll_of("post-01", "sampler")
    assert sampler["persons"][0]["name"] == "张小二" and sampler["trips"] == []
    assert not {"phone", "address"} & sampler["persons"][0].keys()


def test_who_goes_to_doors_gets_addresses_and_phones_and_nobody_else(county):
    person = arrive(1)
    hand_over(GATE, TOWN, person)
    clerk = roll_of("town-141123100", "township_clerk")
    assert clerk["persons"][0]["phone"] == "13900000001" and "address" in clerk["persons"][0]
    assert any(duty["person"] == str(person) for duty in clerk["duties"])
    assert clerk["rounds"] == []
    today = (NOON + timedelta(hours=8)).date().isoformat()
    done(TOWN.say("isolation.round_done", account="town-141123100", day=today, slot="morning",
                  readings=[{"person": person, "temperature_c": 36.5}]))
    clerk = roll_of("town-141123100", "township_clerk")
    assert clerk["rounds"] == [{"day": today, "slot": "morning", "answered": [str(person)]}]


def test_an_offer_stands_on_both_sides_with_words_for_each_line(county):
    car = vehicle()
    person = arrive(1, vehicle=car)
    tube = tube_of(person)
    people, tubes = offer(GATE, "coach-01", person), offer(GATE, "courier-1", tube, bag="K-7")
    gate = roll_of("post-01", "gate_officer", "sampler")
    assert {one["id"] for one in gate["offers"]} == {str(people), str(tubes)}
    assert by_id(gate["persons"], person)["pending"] == str(people)
    at_courier = by_id(roll_of("courier-1", "courier")["offers"], tubes)
    assert (at_courier["giver"], at_courier["bag"]) == ("post-01", "K-7")
    line = at_courier["lines"][0]
    assert (line["subject"], line["kind"], line["holds_by"]) == (
        str(tube), "specimen", str(holds_by(tube))) and line["label"].startswith("XJ")
    done(CREW.say("custody.answered", handover=people, taker="coach-01", accepted=[person]))
    assert [one["id"] for one in roll_of("coach-01", "crew")["offers"]] == []


def planned_trip(person: UUID) -> UUID:
    done(SITE.say("transfer.place_confirmed", person=person, account="site-1",
                  room=rooms("site-1")[0][0]))
    trip = fresh_id(NOON)
    done(DISPATCHER.say("transfer.vehicle_disinfected", vehicle="coach-01"))
    at = NOON + timedelta(hours=9)  # the next morning: nobody drives at night
    done(DISPATCHER.say(
        "transfer.trip_planned", trip=trip, vehicle="coach-01", crew=[CREW.staff],
        origin="post-01", destination="site-1", passengers=[person], depart_at=at,
        arrive_at=at + timedelta(minutes=40)))
    return trip


def test_a_trip_is_on_the_roll_of_all_whom_it_concerns(county):
    person = arrive(1)
    trip = planned_trip(person)
    handed = offer(GATE, "coach-01", person, trip=trip)
    for unit, role in (("post-01", "gate_officer"), ("coach-01", "crew"), ("site-1", "site_head")):
        told = by_id(roll_of(unit, role)["trips"], trip)
        assert (told["vehicle"], told["state"], told["origin"]) == (
            "coach-01", "planned", "post-01")
        assert told["passengers"] == [
            {"person": str(person), "boarded": False, "name": "张小二"}]
        assert [(h["id"], h["waiting"], h["lines"]) for h in told["handovers"]] == [
            (str(handed), 1, 1)]
    assert roll_of("town-141123100", "township_clerk")["trips"] == []


def test_a_site_sees_its_rooms_and_who_is_in_them(county):
    person = arrive(1)
    hand_over(GATE, SITE, person)
    first = rooms("site-1")[0][0]
    done(SITE.say("isolation.room_given", person=person, site="site-1", room=first))
    roll = roll_of("site-1", "site_head")
    assert len(roll["rooms"]) == len(rooms("site-1"))
    assert next(r for r in roll["rooms"] if r["room"] == first)["persons"] == [str(person)]
    assert roll["persons"][0]["room"] == first


def test_a_site_is_told_who_wants_a_place_and_who_has_one(county):
    person = arrive(1, area=high_risk_place())
    (asked,) = roll_of("site-1", "site_head")["awaited"]
    assert (asked["person"], asked["name"], asked["at"]) == (str(person), "张小二", "post-01")
    assert asked["due_at"] and asked["place_at"] is None and "address" not in asked
    done(SITE.say("transfer.place_confirmed", person=person, account="site-1", room="201"))
    (placed,) = roll_of("site-1", "site_head")["awaited"]
    assert (placed["room"], placed["due_at"]) == ("201", None) and placed["place_at"]
    hand_over(GATE, SITE, person)
    assert roll_of("site-1", "site_head")["awaited"] == []


def test_a_township_is_told_whose_home_to_look_at_and_where_it_is(county):
    person = arrive(2)
    (asked,) = roll_of("town-141123100", "township_clerk")["awaited"]
    assert (asked["person"], asked["phone"]) == (str(person), "13900000002")
    assert roll_of("town-141123101", "township_clerk")["awaited"] == []
    assert roll_of("post-01", "gate_officer")["awaited"] == []


def test_a_dispatcher_sees_every_trip_and_nobody_else(county):
    trip = planned_trip(arrive(1))
    roll = roll_of("command", "dispatcher")
    assert [row["id"] for row in roll["trips"]] == [str(trip)]
    assert roll["persons"] == roll["awaited"] == []


def test_nothing_is_sent_when_nothing_has_changed(tablet, clock):
    token = tablet.token()
    person = arrive(1)
    answer = tablet.get(PATH, token)
    tag = answer["ETag"]
    assert json.loads(answer.json()["payload"])["tag"] == tag.strip('"')
    clock.forward(minutes=3)
    with statements_seen() as seen:
        assert tablet.get(PATH, token, **{"If-None-Match": tag}).status_code == 304
    assert not any("wrapped_key" in one for one in seen)  # nobody's record was opened
    offer(GATE, "coach-01", person)
    again = tablet.get(PATH, token, **{"If-None-Match": tag})
    assert again.status_code == 200 and again["ETag"] != tag
    assert tablet.get(PATH, token, **{"If-None-Match": '"x"'}).status_code == 200


def test_a_name_that_was_corrected_makes_another_roll(tablet):
    token, person = tablet.token(), arrive(1)
    tag = tablet.get(PATH, token)["ETag"]
    done(GATE.send(GATE.fact(
        "registry.person_corrected", person=person, reason="read it again",
        sealed={person: {"name": "张晓二"}})).receipts[0])
    again = tablet.get(PATH, token, **{"If-None-Match": tag})
    assert again.status_code == 200
    assert json.loads(again.json()["payload"])["persons"][0]["name"] == "张晓二"


def test_a_roll_costs_as_many_statements_for_many_as_for_few(tablet):
    token = tablet.token()

    def filled(numbers, plate):
        car = vehicle(plate)
        people = [arrive(n, vehicle=car) for n in numbers]
        offer(GATE, "courier-1", *[tube_of(p) for p in people])
        with statements_seen() as seen:
            roll = fetched(tablet, token)
        return len(roll["persons"]), seen

    few, first = filled([1], "晋J8K213")
    many, second = filled(range(2, 12), "晋J8K214")
    assert (few, many) == (1, 11)
    assert len(second) == len(first) <= 45, len(second)


def test_what_does_not_fit_is_counted(tablet, monkeypatch):
    monkeypatch.setattr(roll_rows, "ROLL_PERSONS_MAX", 2)
    for number in range(1, 5):
        arrive(number)
    roll = fetched(tablet, tablet.token())
    assert len(roll["persons"]) == 2 and roll["left_out"] == {"persons": 2}
    assert roll["counts"]["person"] == 4


def test_a_revoked_device_gets_no_roll_and_people_get_none(tablet, desk):
    token = tablet.token()
    assert tablet.get(PATH, token).status_code == 200
    revoke(tablet)
    assert refused(tablet.get(PATH, token)) == (403, "device_revoked")
    assert desk("gate").client.get(PATH).status_code == 403
    assert Tablet().get(PATH, "x" * 43).status_code == 401


@pytest.mark.parametrize("since", ["x", "0.0.0", "٣" * 32 + ".1.1", "a" * 200, "'"])
def test_a_mark_that_was_not_made_here_is_refused(tablet, since):
    assert refused(tablet.get(f"{PATH}?since={since}", tablet.token())) == (
        400, "cursor_malformed")


