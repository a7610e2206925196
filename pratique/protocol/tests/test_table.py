"""Decision tables: compiled answers against reading the rows, and what missing inputs do."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pratique.protocol.feel import parse
from pratique.protocol.table import (
    Input,
    Row,
    combinations,
    compile_table,
    matches,
    read_rows,
)

TIER = Input("tier", "text", ("high", "medium", "low"), ordered=True)
RESIDENT = Input("resident", "boolean")
DAYS = Input("days", "number", low=0, high=30)


def rows_of(*cells, inputs=(TIER, RESIDENT)):
    return [
        Row(f"row{number}", number + 2,
            tuple(parse(cell, column.kind) for cell, column in zip(tests, inputs, strict=True)),
            {"measure": tests[-1] if output is None else output})
        for number, (*tests, output) in enumerate(cells)
    ]


def table_of(*cells, policy="U", priority=None, inputs=(TIER, RESIDENT)):
    return compile_table(inputs, rows_of(*cells, inputs=inputs), policy, priority)


def test_the_first_policy_takes_the_row_on_top():
    table = table_of(('"high"', "-", "a"), ("-", "-", "b"), policy="F")
    assert table.decide(("high", True)).row.name == "row0"
    assert table.decide(("low", True)).row.name == "row1"


def test_unique_rows_that_overlap_decide_nothing():
    hit = table_of(('"high"', "-", "a"), ("-", "true", "b")).decide(("high", True))
    assert hit.row is None
    assert hit.reason == "overlap"
    assert [row.name for row in hit.possible] == ["row0", "row1"]


def test_the_any_policy_lets_rows_overlap_that_say_the_same():
    table = table_of(('"high"', "-", "a"), ("-", "true", "a"), ("-", "false", "b"), policy="A")
    assert table.decide(("high", True)).row.outputs == {"measure": "a"}
    assert table.decide(("high", False)).reason == "overlap"


def test_the_priority_policy_takes_the_output_that_the_pack_names_first():
    order = {"measure": ["b", "a"]}
    table = table_of(("-", "-", "a"), ('"high"', "-", "b"), policy="P", priority=order)
    assert table.decide(("high", True)).row.outputs == {"measure": "b"}
    assert table.decide(("low", True)).row.outputs == {"measure": "a"}


def test_collect_keeps_all_rows_and_picks_none():
    hit = table_of(("-", "-", "a"), ('"high"', "-", "b"), policy="C").decide(("high", True))
    assert (hit.row, len(hit.possible)) == (None, 2)


def test_a_gap_is_unknown_and_says_so():
    hit = table_of(('"high"', "-", "a")).decide(("low", True))
    assert (hit.row, hit.reason) == (None, "gap")


def test_a_missing_input_that_does_not_matter_does_not_hinder():
    table = table_of(('"high"', "-", "a"), ('not("high")', "true", "b"),
                     ('not("high")', "false", "c"))
    assert table.decide(("high", None)).row.outputs == {"measure": "a"}
    hit = table.decide(("low", None))
    assert (hit.row, hit.missing) == (None, ("resident",))


def test_a_partly_known_tier_is_decided_where_all_worse_tiers_agree():
    table = table_of(('"high","medium"', "-", "a"), ('"low"', "-", "b"))
    assert table.decide(("medium?", None)).row.outputs == {"measure": "a"}
    assert table.decide(("low?", None)).missing == ("tier",)


def test_numbers_are_decided_by_region_also_between_and_outside_the_bounds():
    table = table_of(("<7", "a"), ("[7..14)", "b"), (">=14", "c"), inputs=(DAYS,))
    assert [table.decide((days,)).row.outputs["measure"] for days in (0, 6.9, 7, 13, 14, 30)] \
        == ["a", "a", "b", "b", "c", "c"]
    assert table.decide((31,)).reason == "missing"
    assert table.decide((None,)).missing == ("days",)


def test_too_many_combinations_are_refused():
    inputs = tuple(Input(f"i{n}", "text", tuple("abcdefgh")) for n in range(7))
    with pytest.raises(ValueError, match="combinations"):
        compile_table(inputs, [], "U")


tier_cells = st.sampled_from(["-", '"high"', '"medium"', '"low"', '"high","low"', 'not("high")'])
resident_cells = st.sampled_from(["-", "true", "false"])
day_cells = st.sampled_from(["-", "7", "<7", ">=7", "[3..7]", "(3..7)", "not([3..7])", "<3,9"])
some_rows = st.lists(
    st.tuples(tier_cells, resident_cells, day_cells, st.sampled_from("abc")), max_size=6)


def first_hit(table, values):
    """The definition, read row by row: no look-up, no regions."""
    return next((row for row in table.rows if all(
        test.holds(value) is True for test, value in zip(row.tests, values, strict=True))), None)


@settings(max_examples=60, deadline=None)
@given(some_rows, st.sampled_from("UFAP"))
def test_the_compiled_table_says_what_its_rows_say(cells, policy):
    inputs = (TIER, RESIDENT, DAYS)
    table = compile_table(inputs, rows_of(*cells, inputs=inputs), policy, {"measure": ["a", "b"]})
    days = [0, 2.5, 3, 5, 6, 7, 8, 9, 9.5, 30]
    for values in itertools.product(TIER.values, (True, False), days):
        hit, found = table.decide(values), matches(table, values)
        if policy == "F" or len(found) < 2:
            assert hit.row is first_hit(table, values)
        elif policy == "P":
            best = min("ab".find(row.outputs["measure"]) % 9 for row in found)
            assert "ab".find(hit.row.outputs["measure"]) % 9 == best
        elif policy == "A" and len({row.outputs["measure"] for row in found}) == 1:
            assert hit.row is found[0]
        else:
            assert (hit.row, hit.reason) == (None, "overlap")


@settings(max_examples=60, deadline=None)
@given(some_rows, st.booleans(), st.sampled_from([None, "high", "medium?", "low?"]))
def test_an_unknown_input_is_decided_only_if_every_value_agrees(cells, resident_known, tier):
    inputs = (TIER, RESIDENT, DAYS)
    table = compile_table(inputs, rows_of(*cells, inputs=inputs), "F")
    resident = (True,) if resident_known else (True, False)
    tiers = {None: TIER.values, "high": ("high",), "medium?": TIER.values[:2],
             "low?": TIER.values}[tier]
    hit = table.decide((tier, True if resident_known else None, 5))
    answers = {id(first_hit(table, (t, r, 5))) for t in tiers for r in resident}
    if hit.row is not None:
        assert answers == {id(hit.row)}
    else:
        assert len(answers) > 1 or first_hit(table, (tiers[0], resident[0], 5)) is None
        if hit.reason == "missing" and len(answers) > 1:
            assert hit.missing


def test_every_combination_of_known_inputs_is_in_the_look_up():
    table = table_of(('"high"', "-", "a"))
    assert all(key in table.lookup for key, _ in combinations(table))


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("row,in:tier,out:measure\n", "missing_column", 1),
        ("row,in:tier,in:resident,in:resident\n", "column_twice", 1),
        ("row,in:tier,in:resident,colour\n", "unknown_column", 1),
        ('row,in:tier,in:resident\na,"""high""",-\nb,high,-\n', "not_a_test", 3),
        ("row,in:tier,in:resident\na,-\n", "cell_count", 2),
        ("row,in:tier,in:resident\n,-,-\n", "no_row_name", 2),
        ("row,in:tier,in:resident\na,-,-\na,-,-\n", "row_name_twice", 3),
        ("row,in:tier,in:resident\na,-,\n", "empty_cell", 2),
    ],
)
def test_a_fault_in_the_file_is_named_with_its_line(tmp_path, text, code, line):
    file = tmp_path / "table.csv"
    file.write_text(text)
    _, problems = read_rows(file, (TIER, RESIDENT))
    assert (code, line) in [(problem.code, problem.line) for problem in problems]


def test_a_spreadsheet_mark_at_the_start_and_empty_lines_do_no_harm(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("\ufeffrow,in:tier,in:resident,out:measure\n\na,-,-,x\n,,,\n")
    rows, problems = read_rows(file, (TIER, RESIDENT))
    assert (len(rows), problems) == (1, [])
    assert (rows[0].line, rows[0].outputs) == (3, {"measure": "x"})
