"""Names, their sound, and near-duplicates."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pratique.registry.likeness import (
    CANDIDATE_MIN,
    Traits,
    are_paired,
    candidate_keys,
    likeness,
    search_keys,
)
from pratique.registry.names import folded, normalise_name, pinyin_of, sounds_of

WANG = Traits("王小明", date(1985, 3, 12), "male", "13811112222")
chinese_names = st.text(alphabet="王李单仇解曾任明小红伟磊芳建国志强丽娟", min_size=2, max_size=4)
traits = st.builds(
    Traits,
    name=chinese_names,
    birth_date=st.none() | st.dates(date(1930, 1, 1), date(2022, 8, 20)),
    sex=st.sampled_from([None, "male", "female"]),
    phone=st.just("") | st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
)


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("单晓明", "shan xiao ming"), ("仇英", "qiu ying"), ("解海龙", "xie hai long"),
        ("区少坤", "ou shao kun"), ("查良镛", "zha liang yong"), ("曾国藩", "zeng guo fan"),
        ("任我行", "ren wo xing"), ("尉迟恭", "yu chi gong"), ("欧阳修", "ou yang xiu"),
        ("尉健行", "wei jian xing"), ("翟天临", "zhai tian lin"), ("万俟卨", "mo qi xie"),
        ("长孙无忌", "zhang sun wu ji"), ("令狐冲", "ling hu chong"), ("吕梁", "lü liang"),
        ("朴槿惠", "piao jin hui"), ("盖叫天", "ge jiao tian"), ("司马光", "si ma guang"),
    ],
)
def test_a_surname_is_read_as_a_surname(name, sound):
    assert pinyin_of(name) == sound


def test_the_same_character_in_a_given_name_is_read_as_a_word():
    assert pinyin_of("王解放") == "wang jie fang"
    assert pinyin_of("张单") == "zhang dan"


def test_a_surname_with_two_readings_is_found_by_both():
    assert set(sounds_of("覃海洋")) == {"qin hai yang", "tan hai yang"}


def test_a_name_in_letters_does_not_depend_on_the_order_of_its_words():
    assert pinyin_of("ERIKSSON, Anna-Maria") == pinyin_of("anna maria eriksson")


def test_what_northerners_and_typists_mix_up_folds_together():
    assert folded("zhang jing") == folded("zang jin")


@given(st.text(max_size=80))
def test_normalising_a_name_twice_changes_nothing_more(name):
    assert normalise_name(normalise_name(name)) == normalise_name(name)


SLIPS: dict[str, dict] = {
    "a homophone": {"name": "王晓明"},
    "a surname of the same sound": {"name": "汪小明"},
    "a surname of another sound": {"name": "黄小明"},
    "a character left out": {"name": "王明"},
    "another last character": {"name": "王小朋"},
    "two characters swapped": {"name": "王明小"},
    "pinyin from a ticket": {"name": "WANG XIAOMING"},
    "pinyin, given name first": {"name": "Xiao Ming Wang"},
    "day and month swapped": {"birth_date": date(1985, 12, 3)},
    "one digit of the day wrong": {"birth_date": date(1985, 3, 17)},
    "one digit of the month wrong": {"birth_date": date(1985, 8, 12)},
    "one digit of the year wrong": {"birth_date": date(1986, 3, 12)},
    "digits of the year swapped": {"birth_date": date(1958, 3, 12)},
    "the other sex": {"sex": "female"},
    "a digit of the phone wrong": {"phone": "13811112223"},
    "another phone": {"phone": "15900001111"},
    "no phone": {"phone": ""},
    "no birth date": {"birth_date": None},
    "neither birth date nor phone": {"birth_date": None, "phone": ""},
    "a homophone and the other sex": {"name": "王晓明", "sex": "female"},
    "a homophone and swapped day and month": {"name": "王晓明", "birth_date": date(1985, 12, 3)},
    "another phone and a digit of the date": {"phone": "", "birth_date": date(1985, 3, 13)},
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_still_makes_a_candidate(slip):
    other = replace(WANG, **SLIPS[slip])
    result = likeness(WANG, other)
    assert result.score >= CANDIDATE_MIN, result
    assert are_paired(WANG, other) and are_paired(other, WANG), slip


@pytest.mark.parametrize(
    "other",
    [
        Traits("李强", date(1985, 3, 12), "male", "15900001111"),
        Traits("王大刚", date(1985, 3, 12), "male", "15900001111"),
        Traits("王小明", date(1971, 7, 1), "male", "15900001111"),
        Traits("李强", date(1990, 5, 6), "male", "13811112222"),
    ],
)
def test_one_agreement_alone_is_no_candidate(other):
    assert likeness(WANG, other).score < CANDIDATE_MIN


def test_twins_are_shown_with_what_speaks_against():
    first = replace(WANG, name="王子轩", document_kind="resident_id", document="a")
    second = replace(WANG, name="王子涵", document_kind="resident_id", document="b")
    result = likeness(first, second)
    assert result.is_candidate and not result.is_strong
    assert "other_resident_id" in result.reasons


@given(traits, traits)
def test_likeness_is_symmetric_and_between_nought_and_one(first, second):
    assert likeness(first, second) == likeness(second, first)
    assert 0 <= likeness(first, second).score <= 1
    assert are_paired(first, second) == are_paired(second, first)


@given(traits)
def test_a_record_is_itself(one):
    alone = likeness(one, one)
    assert alone.is_candidate and are_paired(one, one)


@given(traits)
def test_keys_are_few_and_do_not_repeat(one):
    for keys in (candidate_keys(one), search_keys(one)):
        assert len(keys) == len(set(keys)) <= 20
