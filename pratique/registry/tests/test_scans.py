"""Bursts of keys from document readers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pratique.kit.errors import Refusal
from pratique.registry.identity import check_character
from pratique.registry.scans import read_scan

from .test_mrz import TD3

ON = date(2022, 8, 20)
BODY = "141123" + "19850312" + "001"
NUMBER = BODY + check_character(BODY)


@pytest.mark.parametrize(
    "burst",
    [
        f"王小明|男|汉|19850312|山西省兴县蔚汾镇城关村12号|{NUMBER}|兴县公安局|20150101-20350101",
        f"{NUMBER}\t王小明\t男\t汉族\r\n",
        f"姓名:王小明 性别:男 民族:汉 公民身份号码:{NUMBER}",
        f"姓名王小明，性别男，民族汉，出生1985年3月12日，公民身份号码{NUMBER}。",
        rf"\u738b\u5c0f\u660e,\u7537,{NUMBER}",
        "王小明　" + NUMBER.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"}),
        f"汉 男 王小明 {NUMBER.lower()}",
    ],
)
def test_the_same_card_is_read_from_every_readers_burst(burst):
    scan = read_scan(burst, on=ON)
    assert (scan.kind, scan.number, scan.name) == ("resident_id", NUMBER, "王小明")
    assert (scan.sex, scan.birth_date) == ("male", date(1985, 3, 12))


def test_a_name_with_a_middle_dot_is_one_name_whatever_the_dot():
    for dot in "·•・":
        assert read_scan(f"阿依古丽{dot}买买提 维吾尔 女 {NUMBER}", on=ON).name == "阿依古丽·买买提"


def test_what_is_not_understood_is_handed_back():
    scan = read_scan(f"王小明 {NUMBER} 山西省兴县蔚汾镇城关村12号 20150101", on=ON)
    assert "山西省兴县蔚汾镇城关村12号" in scan.left and "20150101" in scan.left


def test_a_burst_without_a_name_says_so():
    assert "name_not_found" in read_scan(f"{NUMBER}", on=ON).warnings


def test_two_cards_in_one_burst_are_refused():
    other = "141123" + "19900101" + "002"
    with pytest.raises(Refusal) as refusal:
        read_scan(f"{NUMBER} {other}{check_character(other)}", on=ON)
    assert refusal.value.code == "scan_several_documents"


def test_a_mistyped_number_is_no_document():
    wrong = NUMBER[:-2] + str((int(NUMBER[-2]) + 1) % 10) + NUMBER[-1]
    with pytest.raises(Refusal) as refusal:
        read_scan(f"王小明 {wrong}", on=ON)
    assert refusal.value.code == "scan_no_document"


def test_a_passports_zone_is_read_from_a_burst():
    scan = read_scan(TD3.replace("\n", "\r"), on=ON)
    assert (scan.kind, scan.number, scan.name) == ("passport", "L898902C3", "ERIKSSON ANNA MARIA")


@given(st.text(max_size=200), st.text(alphabet="0123456789Xx <|王小明", max_size=120))
def test_any_burst_is_read_or_refused_with_a_sentence(noise, burst):
    for text in (noise, burst):
        try:
            read_scan(text, on=ON)
        except Refusal as refusal:
            assert str(refusal)
