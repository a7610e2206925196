"""The pure rules: what a well says, controls, labels; on examples and on anything."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pratique.specimens import rules
from pratique.specimens.facts import Well
from pratique.specimens.rules import ASSAYS, RESULTS, read_well

ASSAY = ASSAYS["orf1ab-n"]
cycles = st.none() | st.floats(1, 60)
wells = st.fixed_dictionaries({"ORF1ab": cycles, "N": cycles, "IC": cycles})


@pytest.mark.parametrize(("orf1ab", "n", "ic", "says"), [
    (24.0, 23.0, 27.0, "positive"), (24.0, 23.0, None, "positive"),
    (37.99, 37.99, 27.0, "positive"), (38.0, 37.0, 27.0, "inconclusive"),
    (24.0, None, 27.0, "inconclusive"), (None, 24.0, None, "inconclusive"),
    (39.9, None, 27.0, "inconclusive"), (40.0, None, 27.0, "negative"),
    (None, None, 27.0, "negative"), (None, None, None, "invalid"), (None, None, 41.0, "invalid"),
])
def test_what_a_well_says(orf1ab, n, ic, says):
    assert read_well(ASSAY, {"ORF1ab": orf1ab, "N": n, "IC": ic}) == says


def test_two_of_three_targets_make_a_positive_where_the_assay_says_so():
    read = {"ORF1ab": 30.0, "N": None, "E": 31.0, "IC": 27.0}
    assert read_well(ASSAYS["orf1ab-n-e"], read) == "positive"


@given(wells)
def test_undetermined_never_makes_anything_worse_than_it_is(targets):
    """Taking a target's amplification away never makes a result graver; nothing is left unread."""
    said = RESULTS.index(read_well(ASSAY, targets))
    for name in ASSAY.targets:
        without = RESULTS.index(read_well(ASSAY, targets | {name: None}))
        assert without <= said


@given(wells, st.floats(0.1, 5))
def test_an_earlier_cycle_never_makes_it_milder(targets, less):
    earlier = targets | {
        name: max(ct - less, 0.1) for name in ASSAY.targets if (ct := targets[name]) is not None}
    assert RESULTS.index(read_well(ASSAY, earlier)) >= RESULTS.index(read_well(ASSAY, targets))


@given(wells)
def test_no_negative_without_its_internal_control(targets):
    if read_well(ASSAY, targets) == "negative":
        assert targets["IC"] is not None
        assert targets["IC"] < ASSAY.control_below


@given(st.lists(wells, max_size=4), st.lists(wells, max_size=4))
def test_controls_hold_only_where_both_are_there_and_do_what_they_must(positives, negatives):
    made = [Well(well=f"A{i + 1}", control="positive", targets=t) for i, t in enumerate(positives)]
    made += [Well(well=f"B{i + 1}", control="negative", targets=t)
             for i, t in enumerate(negatives)]
    held = not rules.failed_controls(ASSAY, made)
    assert held == bool(
        positives and negatives
        and all(t[n] is not None and t[n] < 35 for t in positives for n in ASSAY.targets)
        and all(t[n] is None or t[n] >= 40 for t in negatives for n in ASSAY.targets))


@given(st.lists(st.sampled_from(RESULTS), min_size=1))
def test_the_gravest_result_stands_in_whatever_order_they_came(results):
    stands = rules.outweighs(results)
    assert stands == rules.outweighs(reversed(results))
    assert all(RESULTS.index(r) <= RESULTS.index(stands) for r in results)
    assert rules.outweighs([]) is None


@given(st.integers(0, 10**9 - 1))
def test_a_label_number_proves_itself(serial):
    label = rules.tube_number(serial)
    assert len(label) == 12
    assert rules.check_tube(label) is None


@given(st.integers(0, 10**9 - 1), st.integers(2, 11), st.integers(1, 9))
def test_any_digit_misread_is_found(serial, place, step):
    label = rules.tube_number(serial)
    wrong = str((int(label[place]) + step) % 10)
    assert rules.check_tube(label[:place] + wrong + label[place + 1:]).code == "label_misread"


def test_a_serial_number_has_an_end():
    with pytest.raises(ValueError, match="digits"):
        rules.tube_number(10**9)


@pytest.mark.parametrize("tube", ["T-0001", "PQR-1", "22.08/20_7", "PQ"])
def test_labels_of_others_are_taken_as_they_are(tube):
    assert rules.check_tube(tube) is None


@pytest.mark.parametrize("tube", ["", "=1", "+1", "-1", "@x", "a b", "a\n", "a\0", "管1", "x" * 41,
                                  "PQ12", "\u202eabc", '"', "'"])
def test_a_label_cannot_carry_a_formula_or_hide_anything(tube):
    assert rules.check_tube(tube) is not None


@pytest.mark.parametrize(("text", "name"), [("a1", "A01"), (" H12 ", "H12"), ("P24", "P24"),
                                            ("A0", None), ("A25", None), ("Q1", None), ("", None)])
def test_a_well_has_one_name(text, name):
    assert rules.well_name(text) == name


def test_a_plate_is_loaded_by_columns_and_leaves_room_for_controls():
    wells = list(rules.plate_wells())
    assert (wells[:2], wells[8], len(wells)) == (["A01", "B01"], "A02", 93)
    assert len({*wells}) == 93


@given(st.lists(st.integers(0, 10_000), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_one_of_the_spans_and_so_many_are_no_longer(minutes, share):
    spans = [timedelta(minutes=m) for m in minutes]
    found = rules.quantile(spans, share)
    assert found in spans
    assert sum(span <= found for span in spans) >= math.floor(share * len(spans))
    assert rules.quantile([], share) is None
