"""Machine-readable zones."""

from datetime import date

import pytest

from pratique.kit.errors import Refusal
from pratique.registry.mrz import check_digit, parse_zone

ON = date(2022, 8, 20)
# The specimens of ICAO Doc 9303, parts 4, 5 and 6.
TD3 = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
)
TD1 = (
    "I<UTOD231458907<<<<<<<<<<<<<<<\n"
    "7408122F1204159UTO<<<<<<<<<<<6\n"
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
)
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"


@pytest.mark.parametrize("text", [TD3, TD2, TD1])
def test_the_specimens_of_the_standard_are_read(text):
    for form in (text, text.lower(), text.replace("\n", ""), text.replace("\n", "\r\n")):
        zone = parse_zone(form, on=ON)
        assert (zone.surname, zone.given_names, zone.sex) == ("ERIKSSON", "ANNA MARIA", "female")
        assert (zone.birth_date, zone.expiry_date) == (date(1974, 8, 12), date(2012, 4, 15))
        assert zone.issuer == zone.nationality == "UTO"
    assert zone.number in ("L898902C3", "D23145890")


def test_a_check_digit_is_known_by_its_own_example():
    assert check_digit("520727") == "3"


def test_every_change_in_a_checked_field_is_refused():
    upper, lower = TD3.split("\n")
    checked = [*range(10), *range(13, 20), *range(21, 44)]
    for place in checked:
        if lower[place] == "<":
            continue
        for character in "0123456789":
            if character == lower[place]:
                continue
            changed = lower[:place] + character + lower[place + 1 :]
            try:
                parse_zone(upper + "\n" + changed, on=ON)
            except Refusal as refusal:
                assert refusal.code == "mrz_check_digit"
            else:
                # 7-3-1 weights modulo 10 do not see a change by ten: A and K, L and B.
                assert lower[place].isalpha(), (place, character)


def test_a_number_of_more_than_nine_characters_goes_on_in_the_optional_field():
    first = "I<UTOD23145890<7349<<<<<<<<<<<"
    second = "7408122F1204159UTO<<<<<<<<<<<"
    whole = first[5:30] + second[0:7] + second[8:15] + second[18:29]
    zone = parse_zone(f"{first}\n{second}{check_digit(whole)}\n{'ERIKSSON<<ANNA':<<30}", on=ON)
    assert zone.number == "D23145890734"


def test_a_child_and_a_centenarian_are_told_apart_by_the_day_of_asking():
    def born(six):
        upper, _lower = TD3.split("\n")
        body = f"L898902C36UTO{six}{check_digit(six)}F1204159<<<<<<<<<<<<<<0"
        whole = body[0:10] + body[13:20] + body[21:43]
        return parse_zone(f"{upper}\n{body}{check_digit(whole)}", on=ON).birth_date

    assert born("220101") == date(2022, 1, 1)
    assert born("230101") == date(1923, 1, 1)


@pytest.mark.parametrize("text", ["", "P<UTO", TD3[:60], "A" * 91, "\x00" * 88])
def test_what_is_no_zone_is_refused(text):
    with pytest.raises(Refusal):
        parse_zone(text, on=ON)
