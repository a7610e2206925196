"""Numbers of documents and phones."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pratique.kit.errors import Refusal
from pratique.registry.divisions import divisions
from pratique.registry.identity import (
    DOCUMENT_KINDS,
    check_character,
    check_document,
    check_mobile,
    check_phone,
    document,
    normalise_number,
    read_document,
)

births = st.dates(date(1900, 1, 1), date(2022, 8, 20))


@st.composite
def resident_ids(draw):
    county = draw(st.sampled_from(["141123", "350203", "440305", "330106", "810000", "830000"]))
    body = county + draw(births).strftime("%Y%m%d") + f"{draw(st.integers(0, 999)):03d}"
    return body + check_character(body)


@given(resident_ids())
def test_a_right_number_is_accepted_whatever_the_case_of_its_x(number):
    assert check_document("resident_id", number.lower()) == number
    assert check_document("resident_id", f" {number[:6]} {number[6:]} ") == number


@given(resident_ids(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_every_one_character_change_is_refused(number, place, character):
    changed = number[:place] + character + number[place + 1 :]
    assert document("resident_id", changed) == (changed == number)


@given(resident_ids())
def test_every_adjacent_swap_is_refused(number):
    for i in range(17):
        swapped = number[:i] + number[i + 1] + number[i] + number[i + 2 :]
        assert document("resident_id", swapped) == (swapped == number)


def test_the_worked_example_of_the_standard_is_right():
    assert check_character("11010519491231002") == "X"
    paper = read_document("resident_id", "11010519491231002x")
    assert (paper.birth_date, paper.sex) == (date(1949, 12, 31), "female")


@pytest.mark.parametrize(("kind", "number"), [
    ("resident_id", "1101051949123100٢X"), ("hk_macao_permit", "H1234567٨"),
    ("taiwan_permit", "1234567٨"), ("foreign_permanent_resident", "9" + "٨" * 17)])
def test_digits_of_another_script_are_no_digits_of_a_paper(kind, number):
    assert not document(kind, number)


def make(county="141123", born="19850312", serial="001"):
    body = county + born + serial
    return body + check_character(body)


@pytest.mark.parametrize("county", ["350203", "440305", "330106", "350582"])
def test_a_county_younger_than_its_holder_is_no_reason_to_refuse(county):
    assert read_document("resident_id", make(county, "19620501")).county == county


def test_a_county_in_no_table_is_only_a_warning():
    known = divisions().names
    paper = read_document("resident_id", make("142325"), known_counties=known)
    assert paper.warnings == ("county_unknown",)
    assert read_document("resident_id", make("141123"), known_counties=known).warnings == ()


@pytest.mark.parametrize("county", ["810000", "820000", "830000"])
def test_residence_permits_of_hong_kong_macao_and_taiwan_are_resident_numbers(county):
    paper = read_document("resident_id", make(county), known_counties=divisions().names)
    assert paper.warnings == ()


@pytest.mark.parametrize("born", ["19850230", "19851301", "00000101", "18000101"])
def test_a_date_that_is_no_birthday_is_refused_though_the_check_character_is_right(born):
    with pytest.raises(Refusal) as refusal:
        check_document("resident_id", make(born=born))
    assert refusal.value.code == "resident_id_birth_date"


def test_nobody_is_born_tomorrow():
    number = make(born="20220821")
    assert check_document("resident_id", number, on=date(2022, 8, 21)) == number
    with pytest.raises(Refusal):
        check_document("resident_id", number, on=date(2022, 8, 20))


@pytest.mark.parametrize(
    ("kind", "text", "number"),
    [
        ("hk_macao_permit", "h 1234567800", "H12345678"),
        ("hk_macao_permit", "Ｍ１２３４５６７８", "M12345678"),
        ("taiwan_permit", "12345678", "12345678"),
        ("taiwan_permit", "1234567802", "12345678"),
        ("passport", "e-1234 5678", "E12345678"),
        ("passport", "ej1234567", "EJ1234567"),
        ("foreign_permanent_resident", "USA110085031201", "USA110085031201"),
        ("other", "军字第01234号", "军字第01234号"),
    ],
)
def test_typed_papers_are_normalised(kind, text, number):
    assert check_document(kind, text) == number


def test_the_permanent_resident_card_of_2023_has_the_same_check_character():
    body = "931840" + "19850312" + "001"
    assert document("foreign_permanent_resident", body + check_character(body))
    assert not document("foreign_permanent_resident", body + "Z")


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("resident_id", "", "document_number_missing"),
        ("resident_id", "140121850312001", "resident_id_first_generation"),
        ("resident_id", "14112319850312001", "resident_id_shape"),
        ("resident_id", "1" * 1000, "document_number_too_long"),
        ("hk_macao_permit", "C12345678", "hk_macao_permit_shape"),
        ("passport", "ABCDEF", "passport_shape"),
        ("library_card", "1", "document_kind_unknown"),
    ],
)
def test_a_refusal_names_what_is_wrong(kind, text, code):
    with pytest.raises(Refusal) as refusal:
        check_document(kind, text)
    assert refusal.value.code == code
    assert str(refusal.value) and "%(" not in str(refusal.value)


@given(st.sampled_from(DOCUMENT_KINDS), st.text(max_size=60))
def test_any_text_is_accepted_or_refused_and_accepting_is_idempotent(kind, text):
    try:
        number = check_document(kind, text)
    except Refusal as refusal:
        assert str(refusal)
    else:
        assert check_document(kind, number) == number


@given(st.text(max_size=60))
def test_normalising_a_number_twice_changes_nothing_more(text):
    assert normalise_number(normalise_number(text)) == normalise_number(text)


@pytest.mark.parametrize(
    "text",
    ["13811112222", "+86 138 1111 2222", "0086-13811112222", "８６１３８１１１１２２２２",
     "(138)11112222"],
)
def test_a_mobile_number_is_its_eleven_digits(text):
    assert check_mobile(text) == "13811112222"


@pytest.mark.parametrize(
    "text",
    ["", "12811112222", "1381111222", "138111122223", "0358-6322222", "138x1112222"],
)
def test_what_is_no_mobile_number_is_refused(text):
    with pytest.raises(Refusal):
        check_mobile(text)


def test_a_foreign_phone_is_kept_with_its_country_code():
    assert check_phone("+852 9123-4567") == "+85291234567"
    assert check_phone("138 1111 2222") == "13811112222"
    with pytest.raises(Refusal):
        check_phone("+86 12345")
