"""Malformed and hostile calls: each gets a named refusal, none a 500, and good facts beside them
are applied."""

import gzip
import io
import json
from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pratique.api.intake import split_list
from pratique.kit.sql import reading
from tests.support import fresh_id

NAMED = {400, 411, 413, 415}


def good(gate) -> bytes:
    return msgspec.json.encode(gate.fact(
        "checkpoint.vehicle_arrived", vehicle=fresh_id(), post="post-01",
        plate=f"晋A{gate.seq:05}", occupants=1))


def raw(gate, **changes) -> bytes:
    """A fact with some of its fields' JSON replaced, as text."""
    fact = json.loads(good(gate))
    whole = {name: json.dumps(value) for name, value in fact.items()} | changes
    return ("{" + ",".join(f'"{name}":{text}' for name, text in whole.items()) + "}").encode()


# Calls that are refused as a whole: (body, headers, code).
REFUSED_CALLS = {
    "blanks": (b"  ", {}, "malformed_json"),
    "half a list": (b'[{"id":', {}, "malformed_json"),
    "an object": (b"{}", {}, "not_a_list"),
    "a number": (b"1e999999", {}, "not_a_list"),
    "null": (b"null", {}, "not_a_list"),
    "binary": (bytes(range(256)), {}, "malformed_json"),
    "UTF-16": ("[]".encode("utf-16"), {}, "malformed_json"),
    "two documents": (b"[][]", {}, "malformed_json"),
    "nested too deeply": (b"[" * 200_000, {}, "malformed_json"),
    "a form": (b"facts=1", {"content_type": "application/x-www-form-urlencoded"}, "content_type"),
    "multipart": (b"--x--", {"content_type": "multipart/form-data; boundary=x"}, "content_type"),
    "text": (b"[]", {"content_type": "text/plain"}, "content_type"),
    "brotli": (b"[]", {"Content-Encoding": "br"}, "content_encoding"),
    "twice zipped": (b"[]", {"Content-Encoding": "gzip, gzip"}, "content_encoding"),
    "no gzip": (b"[]", {"Content-Encoding": "gzip"}, "malformed_gzip"),
    "cut gzip": (gzip.compress(b"[]" * 500)[:-9], {"Content-Encoding": "gzip"}, "malformed_gzip"),
    "two gzips": (gzip.compress(b"[") + gzip.compress(b"]"), {"Content-Encoding": "gzip"},
                  "malformed_gzip"),
    "gzip bomb": (gzip.compress(bytes(100 * 2**20)), {"Content-Encoding": "gzip"},
                  "too_many_bytes"),
}


@pytest.mark.parametrize("name", REFUSED_CALLS)
def test_a_hostile_call_is_refused_by_name(gate, name):
    body, headers, code = REFUSED_CALLS[name]
    answer = gate.post_body(body, **headers)
    assert (answer.status_code in NAMED, answer.json()["code"]) == (True, code)
    assert answer.json().keys() == {"code", "sentence", "rule", "params"}


def test_a_call_without_its_length_is_refused(gate):
    answer = gate.client.generic(
        "POST", "/api/v1/facts", b"", headers=gate.headers(), CONTENT_TYPE="application/json")
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


def test_a_call_that_ends_early_is_refused(gate):
    answer = gate.client.generic(
        "POST", "/api/v1/facts", b"[]", content_type="application/json", headers=gate.headers(),
        CONTENT_LENGTH="999", **{"wsgi.input": io.BytesIO(b"[]")})
    assert (answer.status_code, answer.json()["code"]) == (400, "cut_short")


@pytest.mark.parametrize(("body", "members"), [
    (b'[1,"a,]",{"b":[2,3]}]', [b"1", b'"a,]"', b'{"b":[2,3]}']),
    (b' [ "\\"," , 2 ] ', [b' "\\"," ', b" 2 "]),
    (b"[1]", [b"1"]), (b"[]", None), (b"[1,]", None), (b"[,1]", None), (b"[1", None),
    (b"1]", None), (b"{}", None), (b"[1]2", None), (b"[1][2]", None), (b"x[1]", None),
    (b'["a]', None), (b'"[1]"', None), (b"", None), (b"[1]]", None),
])
def test_a_list_is_cut_into_its_members_or_not_at_all(body, members):
    assert split_list(body) == members


# Facts that are kept aside while their neighbours are applied.
BAD_FIELDS = {
    "id a number": {"id": "7"},
    "id nothing": {"id": "null"},
    "id version 4": {"id": '"0e37df36-f698-41e6-8add-ced4e317a9d8"'},
    "id of NULs": {"id": '"' + "\\u0000" * 36 + '"'},
    "kind unknown": {"kind": '"gate.opened"'},
    "kind with NUL": {"kind": '"checkpoint.vehicle_arrived\\u0000"'},
    "kind endless": {"kind": '"' + "k" * 100_000 + '"'},
    "lone surrogate": {"kind": '"\\ud800"'},
    "surrogate in the body": {"body": '{"vehicle": "\\udfff"}'},
    "time without zone": {"at": '"2022-08-20T06:00:00"'},
    "time of no day": {"at": '"2022-02-30T06:00:00Z"'},
    "time a number": {"at": "1e400"},
    "place with NUL": {"place": '"post-01\\u0000"'},
    "place elsewhere": {"place": '"post-02"'},
    "place an object": {"place": "{}"},
    "seq negative": {"seq": "-1"},
    "seq too large": {"seq": "9007199254740993"},
    "seq of a million digits": {"seq": "9" * 1_000_000},
    "seq a fraction": {"seq": "1.5"},
    "seq missing": {"seq": "null"},
    "body a list": {"body": "[]"},
    "body empty": {"body": "{}"},
    "body nested": {"body": '{"a":' * 5_000 + "1" + "}" * 5_000},
    "body of a million digits": {"body": '{"occupants": ' + "9" * 1_000_000 + "}"},
    "occupants infinite": {"body": '{"occupants": 1e999}'},
    "unknown envelope field": {"colour": '"green"'},
    "sealed a list": {"sealed": "[]"},
    "sealed a stranger": {"sealed": '{"0182b7c1-0000-7000-8000-000000000000": {"name": "x"}}'},
    "sealed not allowed": {"sealed": '{"": 1}'},
    "device another's": {"device": '"0e37df36-f698-41e6-8add-ced4e317a9d8"'},
    "too large": {"body": '{"plate": "' + "x" * 600_000 + '"}'},
}


@pytest.mark.parametrize("name", BAD_FIELDS)
def test_a_bad_fact_is_kept_aside_and_its_neighbours_are_applied(gate, name):
    body = b"[" + good(gate) + b"," + raw(gate, **BAD_FIELDS[name]) + b"," + good(gate) + b"]"
    answer = gate.post_body(body)
    assert answer.status_code == 200
    receipts = answer.json()["receipts"]
    assert [r["status"] for r in receipts] == ["applied", "quarantined", "applied"]
    assert receipts[1]["code"] and receipts[1]["rule"] and receipts[1]["sentence"]
    assert kept() == 1


def kept() -> int:
    with reading() as cursor:
        cursor.execute("SELECT count(*) FROM journal_quarantine")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("member", [b"NaN", b"/* hello */ 1", b"'x'", b"{'id': 1}", b"\xff", b"01",
                                    b"{}", b"null", b'"text"', b"[[]]", b'{"id": 1,}'])
def test_a_member_that_is_no_fact_is_kept_aside(gate, member):
    answer = gate.post_body(b"[" + good(gate) + b"," + member + b"]")
    assert [r["status"] for r in answer.json()["receipts"]] == ["applied", "quarantined"]
    assert answer.json()["receipts"][1] | {"sentence": "", "params": {}} == {
        "id": None, "status": "quarantined", "code": "malformed", "rule": "journal.schema",
        "sentence": "", "params": {}}


def test_a_person_whose_sealed_part_is_hostile_is_kept_aside(gate):
    hostile = ('{"name": ' + "9" * 100_000 + "}", '{"name": "\\u0000"}', '{"name": [[[[]]]]}',
               '{"name": {"a": "\\ud800"}}', '{"document": 1e308}', '{"phone": true}')
    for part in hostile:
        person = str(fresh_id())
        body = json.dumps({"person": person, "post": "post-01", "resident": True,
                           "from_outside_province": True, "stays": []})
        fact = raw(gate, kind='"checkpoint.person_arrived"', body=body,
                   sealed='{"' + person + '": ' + part + "}")
        answer = gate.post_body(b"[" + fact + b"]")
        assert answer.status_code == 200
        assert answer.json()["receipts"][0]["status"] == "quarantined", part


def test_the_same_key_twice_is_one_value_and_never_two_facts(gate):
    fact = good(gate)
    twice = fact[:-1] + b',"place":"post-02"}'
    answer = gate.post_body(b"[" + twice + b"]")
    assert answer.status_code == 200
    assert answer.json()["counts"]["in"] == 1


HOSTILE_TEXT = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["\0", "\u202e", "'; DROP TABLE journal_fact; --", "%(x)s", "%s", "{0}",
                     "晋" * 300, "\x7f", "\n" * 50]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | HOSTILE_TEXT
    | st.integers(min_value=10**25, max_value=10**30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(HOSTILE_TEXT, inner, max_size=4),
    max_leaves=8)
FIELDS = ("id", "kind", "at", "by", "place", "device", "seq", "body", "sealed")
KINDS = st.sampled_from([
    "checkpoint.person_arrived", "custody.offered", "custody.answered", "custody.head_counted",
    "checkpoint.lane_counted", "specimens.collected", "registry.person_corrected"])


@st.composite
def mutations(draw):
    """How one fact differs from a good one: fields replaced, fields of its body, or its bytes."""
    way = draw(st.sampled_from(["fields", "body", "bytes", "kind"]))
    if way == "fields":
        return way, draw(st.dictionaries(st.sampled_from(FIELDS), JSON, min_size=1, max_size=3))
    if way == "body":
        names = st.sampled_from(["vehicle", "post", "plate", "occupants", "lane", "seats", "x"])
        return way, draw(st.dictionaries(names, JSON, min_size=1, max_size=3))
    if way == "kind":
        return way, (draw(KINDS), draw(st.dictionaries(HOSTILE_TEXT, JSON, max_size=4)))
    return way, (draw(st.integers(0, 400)), draw(st.binary(max_size=6)))


def mutated(gate, mutation) -> bytes:
    way, change = mutation
    fact = json.loads(good(gate))
    if way == "fields":
        fact |= change
    elif way == "body":
        fact["body"] |= change
    elif way == "kind":
        fact["kind"], fact["body"] = change
    text = json.dumps(fact).encode()
    if way == "bytes":
        at, new = change
        text = text[:at] + new + text[at + len(new):]
    return text


@settings(
    max_examples=1000, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck))
@given(st.lists(mutations(), min_size=1, max_size=4))
def test_a_thousand_hostile_batches_and_never_a_500(gate, settings, batch):
    settings.REQUESTS_A_MINUTE_MAX = 0  # hostile, and in a hurry
    facts = [good(gate), *(mutated(gate, each) for each in batch), good(gate)]
    answer = gate.post_body(b"[" + b",".join(facts) + b"]")
    said = answer.json()
    if answer.status_code != 200:
        assert answer.status_code in NAMED
        assert said["code"] in {"malformed_json", "not_a_list"}
        return
    counts = said["counts"]
    assert counts["in"] == sum(counts.values()) - counts["in"] == len(said["receipts"])
    assert said["receipts"][0]["status"] == said["receipts"][-1]["status"] == "applied"
    for receipt in said["receipts"]:
        assert receipt["code"] != "not_understood", receipt
        assert (receipt["status"] in ("applied", "duplicate")) != bool(receipt["rule"])
    gate.now += timedelta(seconds=1)
