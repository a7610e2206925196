"""Announced arrivals on a device: who holds the number finds and opens them, nobody else does."""

import base64
import gzip
import json
import random
import time
from dataclasses import replace
from itertools import pairwise

import pytest

from pratique.field import expected
from pratique.field.expected import DIGEST_BYTES, DOCUMENT, PLACE_BYTES, PLATE, sealed
from pratique.field.tests.announcements import announced, answer, asked, in_order
from pratique.field.tests.pages import call, keep, open_page

SECONDS_TO_SEAL_MAX = 3.0  # 0.4 s on two shared cores
BYTES_OF_AN_ARRIVAL_MAX = 80  # on the way, of an imported list with plates and phones
FIND = """
const {find} = await at("expected");
const found = [];
for (const [kind, text] of argument.asked) {
  found.push(await find(argument.kept, kind, text, crypto.subtle));
}
return found;
"""
in_browser = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]


def entries(count=40, seed=1):
    return [entry for entry, __ in announced(count, random.Random(seed))]


def found_on_device(page, told, questions):
    kept = keep(page, "const {received} = await at('carried'); return received(argument);", told)
    answers = call(page, FIND, {"kept": kept, "asked": questions})
    return [{**one, "arrivals": in_order(one["arrivals"])} for one in answers]


@pytest.fixture
def blank(live_server, page):
    open_page(page, live_server)
    return page


class TestOnTheDevice:
    pytestmark = in_browser

    def test_a_device_finds_by_a_number_what_the_server_announced_with_it(self, blank):
        chance = random.Random(20220820)
        made = announced(3_000, chance)
        questions = asked(made, 4_000, chance)
        answers = found_on_device(
            blank, sealed([entry for entry, __ in made]), [one[:2] for one in questions])
        wrong = [(question, told) for question, told in zip(questions, answers, strict=True)
                 if question[2] != told]
        assert wrong == [], (len(wrong), wrong[:2])
        assert sum(1 for one in questions if one[2]["arrivals"]) > 1_000
        assert sum(1 for one in questions if not one[2]["announced"]) > 500

    def test_a_wrong_number_finds_nothing_and_a_right_place_with_a_wrong_secret_opens_nothing(
            self, blank, monkeypatch):
        made = [replace(one, document=f"E{n:08d}", plate="") for n, one in enumerate(entries())]
        plain = expected.digest
        # As if each number that was announced stood where the next number belongs.
        monkeypatch.setattr(expected, "digest", lambda salt, kind, number: (
            plain(salt, kind, f"E{int(number[1:]) + 100:08d}")[:PLACE_BYTES]
            + plain(salt, kind, number)[PLACE_BYTES:] if kind == DOCUMENT
            else plain(salt, kind, number)))
        told = sealed(made)
        wrong = [(DOCUMENT, f"E{n:08d}") for n in (*range(40), *range(100, 140))]
        answers = found_on_device(blank, told, wrong)
        names = {one.name for one in made}
        assert all(not {one["name"] for one in found["arrivals"]} & names for found in answers)
        assert all(found["announced"] == 0 for found in answers[:40])

    def test_a_paper_announced_twice_opens_both_and_a_coach_all_aboard(self, blank):
        made = entries(100)
        twice = [replace(one, document="E12345678", plate="晋J12345") for one in made[:2]]
        coach = [replace(one, document=f"P{n:08d}", plate="晋J99999") for n, one in
                 enumerate(made[2:])]
        by_paper, by_plate, one = found_on_device(blank, sealed(twice + coach), [
            (DOCUMENT, "e 1234 5678"), (PLATE, "晋J·99999"), (DOCUMENT, "P00000097")])
        assert by_paper["arrivals"] == in_order([answer(one) for one in twice])
        assert by_plate["arrivals"] == in_order([answer(one) for one in coach])
        assert one["arrivals"] == [answer(coach[97])]

    def test_a_bundle_without_arrivals_is_looked_up_too(self, blank):
        assert found_on_device(blank, sealed([]), [(DOCUMENT, "E12345678"), (PLATE, "")]) == [
            {"arrivals": [], "announced": 0}] * 2


def test_two_numbers_at_one_place_make_another_salt():
    drawn: list[int] = []
    salts: list[bytes] = []

    def draw(count: int) -> bytes:
        drawn.append(count)
        made = random.Random(len(drawn)).randbytes(count)
        if count == expected.SALT_BYTES:
            salts.append(made)
        return made

    real = expected.digest
    made = [replace(one, document=f"E{n:08d}") for n, one in enumerate(entries(20))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expected, "digest", lambda salt, *number: (
            bytes(DIGEST_BYTES) if salt in salts[:2] else real(salt, *number)))
        told = sealed(made, draw)
    assert len(salts) == 3 and base64.b64decode(told["salt"]) == salts[2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expected, "digest", lambda *__: bytes(DIGEST_BYTES))
        with pytest.raises(RuntimeError, match="apart"):
            sealed(made)


def test_nothing_of_an_arrival_stands_readable_in_the_block_nor_its_order():
    made = entries(400)
    told = sealed(made)
    block = base64.b64decode(told["block"])
    for one in made:
        for secret in (one.name.encode(), one.id.bytes[-10:], one.person.bytes[-10:],
                       *(text.encode() for text in (one.document, one.plate, one.phone)
                         if len(text) > 4)):
            assert secret not in block
    places = [block[at:at + PLACE_BYTES] for at in range(0, 400 * PLACE_BYTES, PLACE_BYTES)]
    assert all(one <= other for one, other in pairwise(places))


def test_the_same_arrivals_look_another_way_in_every_bundle():
    made = entries(200)
    one, other = sealed(made), sealed(made)
    assert one["salt"] != other["salt"]
    blocks = [base64.b64decode(told["block"])[:200 * PLACE_BYTES] for told in (one, other)]
    places = [{block[at:at + PLACE_BYTES] for at in range(0, len(block), PLACE_BYTES)}
              for block in blocks]
    assert not places[0] & places[1]


def test_those_aboard_have_pads_of_their_own():
    """Who knows one of them does not learn the secrets of the others from the plate's column."""
    made = [replace(one, document="", plate="晋J12345", phone="") for one in entries(3)]
    zeros = sealed(made, bytes)  # all three secrets alike
    arrivals, plates, people, __ = zeros["counts"]
    block = base64.b64decode(zeros["block"])
    begin = arrivals * (PLACE_BYTES + 1) + plates * (PLACE_BYTES + 2) + people * 2
    wrapped = [block[begin + n * 10:begin + n * 10 + 10] for n in range(3)]
    assert len(set(wrapped)) == 3


def test_ten_thousand_arrivals_are_sealed_in_seconds_and_are_small():
    made = [replace(one, document=f"1401021985{n:08d}", plate=f"晋J{n // 3:05d}", name="赵某某",
                    phone=f"139{n:08d}") for n, one in enumerate(entries(10_000))]
    began = time.perf_counter()
    told = sealed(made)
    seconds = time.perf_counter() - began
    travels = len(gzip.compress(json.dumps(told).encode(), 6))
    print(f"10,000 arrivals: {seconds:.2f} s, {travels} bytes gzipped")
    assert seconds < SECONDS_TO_SEAL_MAX
    assert travels / len(made) < BYTES_OF_AN_ARRIVAL_MAX
    assert told["counts"][0] == 10_000 and told["counts"][3] == 10_000
