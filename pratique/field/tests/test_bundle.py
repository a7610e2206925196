"""The bundle: signed for one device, no older than the last, and its arrivals not to be read."""

import base64
import gzip
import json
from datetime import timedelta

import pytest

from pratique.desks.tests.conftest import NOON, YAZHOU, resident_id
from pratique.field import bundle as bundles
from pratique.field import expected, signing
from pratique.field.tests.conftest import Tablet, invite
from pratique.field.tests.test_enrolment import revoke
from pratique.kit.seal import load_keys, make_keys
from pratique.pathway.queries import OFFLINE_HOURS_MAX, device_limits
from pratique.protocol.spec import DevicesSpec
from tests.support import Speaker, fresh_id, statements_seen

PATH = "/api/v1/field/bundle"


GATES = {post: Speaker(post, ["gate_officer"], now=NOON) for post in ("post-01", "post-02")}


def announce(number: int, *, plate=None, post="post-01", now=NOON):
    gate = GATES[post]
    person = fresh_id(now)
    return gate.fact(
        "checkpoint.expected", person=person, post=post, eta=(now + timedelta(hours=3)).isoformat(),
        plate=plate, destination="town-141123100", source="test", stays=[{
            "division": YAZHOU, "area": "none", "since": (now - timedelta(days=3)).isoformat(),
            "until": now.isoformat()}],
        sealed={person: {"name": f"赵某{number}", "document_kind": "resident_id",
                         "document": resident_id(number % 1000),
                         "phone": f"1390001{number:04d}"}})


def announced(*facts) -> None:
    batch = GATES["post-01"].send(*facts)
    assert batch.counts()["applied"] == len(facts), batch.receipts[0].text()


def fetched(tablet, token, **headers):
    answer = tablet.get(PATH, token, **headers)
    assert answer.status_code == 200, answer.content
    return answer.json(), json.loads(answer.json()["payload"])


def test_a_bundle_says_what_a_post_needs_and_is_signed_by_the_county(tablet):
    signed, payload = fetched(tablet, tablet.token())
    key = signing.county_key()
    assert signed["key"] == key.id
    assert signing.is_signed(key.spki, signed["payload"].encode(), signed["signature"])
    assert not signing.is_signed(key.spki, signed["payload"].encode() + b" ", signed["signature"])
    assert (payload["device"], payload["unit"]["code"]) == (str(tablet.id), "post-01")
    assert payload["county"]["id"] and payload["valid_hours"] == 24
    codes = {account["code"] for account in payload["accounts"]}
    assert {"coach-01", "site-1", "post-02"} <= codes and not codes & {"outside", "post-01"}
    assert all(one["name"] and one["roles"] for one in payload["staff"]) and payload["staff"]
    assert payload["packs"]["orders"] and payload["revoked"] == []


def test_the_same_content_is_not_sent_twice_and_versions_only_grow(tablet, clock):
    token = tablet.token()
    first = tablet.get(PATH, token)
    tag, version = first["ETag"], json.loads(first.json()["payload"])["version"]
    assert tablet.get(PATH, token, **{"If-None-Match": tag}).status_code == 304
    announced(announce(1))
    second = tablet.get(PATH, token, **{"If-None-Match": tag})
    newer = json.loads(second.json()["payload"])["version"]
    assert second.status_code == 200 and newer > version
    assert fetched(tablet, token)[1]["version"] > newer  # who asks without a version has none
    last = fetched(tablet, token)[1]["version"]
    clock.forward(hours=bundles.RENEWED_HOURS)
    renewed = tablet.get(PATH, token, **{"If-None-Match": f'"{last}"'})
    assert json.loads(renewed.json()["payload"])["version"] > last
    for hostile in ('"x"', "*", '"' + "9" * 40 + '"', '"-1"', '"٣"'):
        assert tablet.get(PATH, token, **{"If-None-Match": hostile.encode().decode("latin-1")}
                          ).status_code == 200


def test_you_have_it_already_opens_nobody_and_asks_as_much_for_many_as_for_few(
        tablet, monkeypatch):
    token, asked = tablet.token(), []
    for some in (range(2), range(2, 30)):
        announced(*[announce(number, plate=f"晋J8K{number // 3:03d}") for number in some])
        tag = tablet.get(PATH, token)["ETag"]
        with monkeypatch.context() as patch, statements_seen() as seen:
            patch.setattr(expected, "entries", lambda arrivals: pytest.fail("somebody was opened"))
            assert tablet.get(PATH, token, **{"If-None-Match": tag}).status_code == 304
        with statements_seen() as made:
            assert tablet.get(PATH, token).status_code == 200
        asked.append((len(seen), len(made)))
    assert asked[0] == asked[1]


def test_a_version_never_goes_back_after_a_restore(tablet, clock):
    from pratique.kit.sql import in_transaction

    token = tablet.token()
    before = fetched(tablet, token)[1]["version"]
    with in_transaction() as cursor:
        cursor.execute("DELETE FROM field_bundle")
    clock.forward(minutes=1)
    assert fetched(tablet, token)[1]["version"] > before


def test_a_revoked_device_is_named_in_the_others_bundles(tablet):
    other = Tablet()
    assert other.enrol(invite()).status_code == 200
    revoke(other)
    assert fetched(tablet, tablet.token())[1]["revoked"] == [str(other.id)]


def test_a_bundle_has_the_keys_of_those_to_whom_it_hands_over_and_of_nobody_revoked(tablet):
    beside, crew, gone, office = Tablet(), Tablet(), Tablet(), Tablet()
    assert beside.enrol(invite()).status_code == 200
    for one in (crew, gone):
        assert one.enrol(invite(unit="coach-01", roles=("crew",))).status_code == 200
    assert office.enrol(invite(unit="command", roles=("leader",))).status_code == 200
    revoke(gone)
    _signed, payload = fetched(tablet, tablet.token())
    assert payload["peers"] == [
        {"device": str(beside.id), "unit": "post-01", "roles": ["gate_officer"],
         "spki": beside.spki},
        {"device": str(crew.id), "unit": "coach-01", "roles": ["crew"], "spki": crew.spki}]
    assert payload["peers_left_out"] == 0


def test_peers_that_do_not_fit_are_counted_and_the_own_unit_comes_first(tablet, monkeypatch):
    monkeypatch.setattr(bundles, "PEERS_MAX", 1)
    assert Tablet().enrol(invite(unit="coach-01", roles=("crew",))).status_code == 200
    beside = Tablet()
    assert beside.enrol(invite()).status_code == 200
    _signed, payload = fetched(tablet, tablet.token())
    assert [peer["device"] for peer in payload["peers"]] == [str(beside.id)]
    assert payload["peers_left_out"] == 1


def test_no_name_number_plate_or_phone_of_an_arrival_can_be_read(tablet):
    announced(announce(1, plate="晋J8K213"), announce(2, plate="晋J8K213"))
    signed, payload = fetched(tablet, tablet.token())
    for secret in ("赵某1", resident_id(1), "8K213", "13900010001"):
        assert secret not in signed["payload"]
    block = base64.b64decode(payload["expected"]["block"])
    for secret in ("赵某".encode(), resident_id(1).encode(), b"8K213", b"1390001"):
        assert secret not in block
    assert payload["expected"]["counts"] == [2, 1, 2, 2]
    assert payload["expected"]["left_out"] == 0


def test_a_bundle_is_of_its_own_post_and_of_who_has_not_come(tablet):
    announced(announce(3))
    assert GATES["post-02"].send(announce(4, post="post-02")).counts()["applied"] == 1
    _signed, payload = fetched(tablet, tablet.token())
    assert payload["expected"]["counts"][0] == 1


def test_a_bundle_travels_gzipped(tablet):
    token = tablet.token()
    plain = tablet.get(PATH, token)
    small = tablet.get(PATH, token, **{"Accept-Encoding": "gzip"})
    assert small["Content-Encoding"] == "gzip"
    assert len(small.content) < len(plain.content)
    assert json.loads(gzip.decompress(small.content))["payload"]


def test_a_key_file_from_before_gets_its_signing_key_and_keeps_the_others(tmp_path):
    path = tmp_path / "keys.json"
    make_keys(path)
    old = {name: value for name, value in json.loads(path.read_text()).items() if name != "sign"}
    path.write_text(json.dumps(old))
    make_keys(path)
    first = path.read_text()
    assert {**json.loads(first), "sign": ""} == {**old, "sign": ""} and json.loads(first)["sign"]
    make_keys(path)
    assert path.read_text() == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["keys.json"]
    keys = load_keys(path)
    assert keys.sign and repr(keys).find(repr(keys.sign)[2:20]) == -1


@pytest.mark.parametrize("signature", ["", "AAAA", "é", "A" * 88, "=" * 8])
def test_what_is_no_signature_is_none(signature):
    key = signing.county_key()
    assert not signing.is_signed(key.spki, b"x", signature)
    assert not signing.is_signed("AAAA", b"x", signing.sign(b"x"))
    assert signing.is_signed(key.spki, b"x", signing.sign(b"x"))


def test_a_bundle_is_good_for_as_long_as_the_strictest_pack_in_force_says(tablet):
    desk = Speaker(None, ["epidemiologist"], now=NOON)
    adopted = desk.fact("pathway.pack_adopted", pack="ebola-us-2014", version="1",
                        in_force_from=(NOON - timedelta(hours=1)).isoformat())
    assert desk.send(adopted).receipts[0].status == "applied"
    assert device_limits(NOON) == DevicesSpec(24, 12), "late entries meet the pack before"
    later = NOON + timedelta(hours=OFFLINE_HOURS_MAX)
    assert device_limits(later) == DevicesSpec(72, 24)
    assert device_limits(NOON - timedelta(days=9999)) == DevicesSpec(), "no pack: the defaults"
    assert fetched(tablet, tablet.token())[1]["valid_hours"] == 24
