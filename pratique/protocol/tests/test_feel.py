"""The cells of a decision table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pratique.protocol.feel import FeelError, bounds, literals, parse


@pytest.mark.parametrize(
    ("cell", "kind", "holds", "fails"),
    [
        ("-", "text", ["high", ""], []),
        ('"high"', "text", ["high"], ["low"]),
        ('"high","medium"', "text", ["high", "medium"], ["low"]),
        ('not("high","medium")', "text", ["low"], ["high", "medium"]),
        ('"a\\"b"', "text", ['a"b'], ["ab"]),
        ("true", "boolean", [True], [False]),
        ("not(true)", "boolean", [False], [True]),
        ("7", "number", [7, 7.0], [6.9]),
        (">= 7", "number", [7, 8], [6.9]),
        ("<3", "number", [2.9, -1], [3]),
        ("= 3", "number", [3], [2]),
        ("[1..3]", "number", [1, 2, 3], [0.9, 3.1]),
        ("(1..3]", "number", [1.1, 3], [1]),
        ("[1..3)", "number", [1, 2.9], [3]),
        ("]1..3[", "number", [1.1, 2.9], [1, 3]),
        ("-3.5", "number", [-3.5], [3.5]),
        ("<1, [5..6], 9", "number", [0, 5, 6, 9], [1, 4.9, 7, 8]),
        ("not([5..6])", "number", [4.9, 6.1], [5, 6]),
    ],
)
def test_a_cell_holds_for_what_it_says(cell, kind, holds, fails):
    test = parse(cell, kind)
    assert [test.holds(value) for value in holds] == [True] * len(holds)
    assert [test.holds(value) for value in fails] == [False] * len(fails)


@pytest.mark.parametrize(
    ("cell", "kind", "code"),
    [
        ("", "text", "empty_cell"),
        ("   ", "number", "empty_cell"),
        ("high", "text", "not_a_test"),
        ("“high”", "text", "curly_quotes"),
        ('"high', "text", "not_a_test"),
        ('"high",', "text", "not_a_test"),
        ('"high" "low"', "text", "not_a_test"),
        ("[3..1]", "number", "impossible_range"),
        ("(1..1]", "number", "impossible_range"),
        ("[1..]", "number", "not_a_test"),
        ("[1,3]", "number", "not_a_test"),
        (">= seven", "number", "not_a_test"),
        (">= ", "number", "not_a_test"),
        ("not(7", "number", "not_a_test"),
        ("not(not(7))", "number", "not_a_test"),
        ("7abc", "number", "not_a_test"),
        ("7", "text", "wrong_kind"),
        ('"high"', "number", "wrong_kind"),
        ("true", "number", "wrong_kind"),
        ("[1..3]", "boolean", "wrong_kind"),
        ("1," * 300, "number", "long_cell"),
    ],
)
def test_a_cell_that_is_no_test_is_refused_by_name(cell, kind, code):
    with pytest.raises(FeelError) as refusal:
        parse(cell, kind)
    assert refusal.value.code == code
    assert refusal.value.sentence


@pytest.mark.parametrize("cell", ["7", ">= 7", "[1..3]", "not(7)", "<1, 9"])
def test_a_missing_value_is_unknown(cell):
    assert parse(cell, "number").holds(None) is None


def test_only_the_dash_holds_for_a_missing_value():
    assert parse("-", "number").holds(None) is True


@given(st.integers(-20, 20), st.integers(-20, 20), st.booleans(), st.booleans(), st.integers())
def test_a_range_holds_exactly_between_its_ends(low, high, low_in, high_in, value):
    cell = f"{'[' if low_in else '('}{low}..{high}{']' if high_in else ')'}"
    if low > high or (low == high and not (low_in and high_in)):
        with pytest.raises(FeelError):
            parse(cell, "number")
        return
    expected = (low < value < high) or (value == low and low_in) or (value == high and high_in)
    assert parse(cell, "number").holds(value) is expected
    assert parse(f"not({cell})", "number").holds(value) is not expected


@given(st.text(alphabet='"-[]().,<>=not true1 23high\\', max_size=20),
       st.sampled_from(["text", "number", "boolean"]))
def test_no_cell_breaks_the_reader(cell, kind):
    try:
        test = parse(cell, kind)
    except FeelError:
        return
    assert test.holds(None) in (True, None)


def test_the_checker_can_ask_a_cell_for_its_numbers_and_words():
    assert bounds(parse("not(<1, [5..6], 9)", "number")) == {1, 5, 6, 9}
    assert literals(parse('not("a","b")', "text")) == {"a", "b"}
    assert bounds(parse("-", "number")) == set()
