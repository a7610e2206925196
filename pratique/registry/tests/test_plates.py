"""Number plates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pratique.kit.errors import Refusal
from pratique.registry.plates import check_plate, normalise_plate, read_plate


@pytest.mark.parametrize(
    ("text", "plate", "kind"),
    [
        ("晋J12345", "晋J12345", "ordinary"),
        ("晋j·1234５", "晋J12345", "ordinary"),
        ("陕 K . 8A88B", "陕K8A88B", "ordinary"),
        ("京AD12345", "京AD12345", "new_energy"),
        ("粤B12345D", "粤B12345D", "new_energy"),
        ("晋J1234挂", "晋J1234挂", "trailer"),
        ("晋J1234学", "晋J1234学", "coach_school"),
        ("晋J1234警", "晋J1234警", "police"),
        ("粤Z1234港", "粤Z1234港", "border_hk_macao"),
    ],
)
def test_plates_are_read_with_their_kind(text, plate, kind):
    read = read_plate(text)
    assert (read.text, read.kind, read.warnings) == (plate, kind, ())


@pytest.mark.parametrize(
    "text", ["WJ晋12345", "军A12345", "晋JO2345", "临12345", "晋J123456", "ABC-1234"]
)
def test_a_plate_of_no_known_shape_is_kept_with_a_warning(text):
    read = read_plate(text)
    assert read.kind == "unrecognised" and "plate_unrecognised" in read.warnings


def test_the_letters_that_no_plate_has_are_pointed_at():
    assert "plate_letter_i_or_o" in read_plate("晋JO2345").warnings


@pytest.mark.parametrize(
    "text", ["", "晋", "晋J12345678901", "晋J1<345", "无牌车辆", None, "晋J\x0012345"]
)
def test_what_cannot_be_a_plate_is_refused(text):
    with pytest.raises(Refusal) as refusal:
        check_plate(text)
    assert refusal.value.code == "plate_shape"


@given(st.text(max_size=40))
def test_normalising_a_plate_twice_changes_nothing_more(text):
    assert normalise_plate(normalise_plate(text)) == normalise_plate(text)
