"""The checker names every fault that is planted, with its place."""

import shutil

import pytest

from pratique.protocol.check import check_pack, main
from pratique.protocol.pack import PACKS, PackError, load_pack

SHANXI = PACKS / "shanxi-2022-08-20"
NINTH = PACKS / "china-9th-edition-2022-06-28"


def planted(tmp_path, file, old, new, source=SHANXI):
    """A copy of a shipped pack with one fault in it."""
    folder = tmp_path / source.name
    shutil.copytree(source, folder)
    text = (folder / file).read_text()
    assert old in text, f"nothing to spoil: {old}"
    (folder / file).write_text(text.replace(old, new, 1))
    return folder


FAULTS = [
    # file, what stood there, what stands there now, code, place, part of the sentence
    ("table.csv", '\nmedium,"""medium"""', '\nmedium,"""high"""',
     "gap", "the table", 'worst_tier = "medium"'),
    ("table.csv", '\nmedium,"""medium"""', '\nmedium,"""medium"",""high"""',
     "overlap", "line 2 (high) and line 3 (medium)", 'worst_tier = "high"'),
    ("table.csv", '"""low""",-,true', '"""low""",true,true',
     "gap", "the table", 'worst_tier = "low", from_outside_province = false, resident = true'),
    ("table.csv", '"""medium"""', '"""midium"""', "unknown_word", "line 3 (medium), worst_tier",
     "'midium' is no value"),
    ("table.csv", '"""medium"""', "medium", "not_a_test", "line 3, worst_tier", "quotation marks"),
    ("table.csv", '"""medium"""', "“medium”", "curly_quotes", "line 3, worst_tier", "straight"),
    ("table.csv", "home_isolation,S1", "house_isolation,S1", "unknown_measure",
     "line 3 (medium), measure", "house_isolation"),
    ("table.csv", "yes,hotel", "yes,hostel", "unknown_transfer",
     "line 5 (low-visitor), transfer", "hostel"),
    ("table.csv", "yes,hotel", "maybe,hotel", "unknown_word",
     "line 5 (low-visitor), landing_test", "yes or no"),
    ("table.csv", "in:resident", "in:residence", "missing_column", "line 1, in:resident", ""),
    ("table.csv", ",out:transfer", ",out:transport", "missing_column", "out:transfer", ""),
    ("pack.toml", "tests = [1, 2, 3, 5, 7]", "tests = [1, 2, 3, 5, 8]", "impossible_range",
     "measures.central_isolation.tests", "day 8"),
    ("pack.toml", "tests = [1, 4, 7]", "tests = [1, 7, 4]", "tests_order",
     "measures.home_isolation.tests", ""),
    ("pack.toml", "\ndays = 7", "\ndays = -7", "impossible_range",
     "measures.central_isolation.days", ""),
    ("pack.toml", 'colour = "red"', 'colour = "crimson"', "missing_colour",
     "measures.central_isolation.colour", "crimson"),
    ("pack.toml", "[colours.unknown]", "[colours.unsure]", "missing_colour",
     "colours.unknown", ""),
    ("pack.toml", 'shape = "disc"', 'shape = "blob"', "unknown_shape", "colours.green.shape", ""),
    ("pack.toml", 'deadline = "swab"', 'deadline = "swob"', "missing_deadline",
     "duties.swab.deadline", "swob"),
    ("pack.toml", "offer_accept = 30\n", "", "missing_deadline",
     "deadlines_minutes.offer_accept", ""),
    ("pack.toml", "\nalarm = [[", "\nalarms = [[", "missing_escalation", "chains.alarm", ""),
    ("pack.toml", "silent_hours_max = 12", "silent_hours_max = 0", "impossible_range",
     "devices.silent_hours_max", "0 hours"),
    ("pack.toml", "bundle_hours_max = 24", "bundle_hours_max = 720", "impossible_range",
     "devices.bundle_hours_max", "168"),
    ("pack.toml", "bundle_hours_max = 24", "bundle_hours_most = 24", "schema", "devices",
     "bundle_hours_most"),
    ("pack.toml", "swab = 30", "swab = 0", "impossible_range", "deadlines_minutes.swab", ""),
    ("pack.toml", 'chain = "gate"', 'chain = "gaet"', "missing_escalation",
     "duties.swab.chain", "gaet"),
    ("pack.toml", 'gate = [[0, "post_leader"], [30,', 'gate = [[40, "post_leader"], [30,',
     "chain_order", "chains.gate", ""),
    ("pack.toml", 'owner = "laboratory"', 'owner = "lab"', "unknown_owner",
     "duties.result.owner", "lab"),
    ("pack.toml", "[duties.round]", "[duties.ronud]", "missing_duty", "duties.round", ""),
    ("pack.toml", 'zone = "Asia/Shanghai"', 'zone = "Asia/Taiyuan"', "unknown_zone", "zone", ""),
    ("pack.toml", 'hit_policy = "U"', 'hit_policy = "X"', "unknown_hit_policy",
     "table.hit_policy", ""),
    ("pack.toml", 'hit_policy = "U"', 'hit_policy = "C"', "collects", "table.hit_policy", ""),
    ("pack.toml", 'values = ["high", "medium"', 'values = ["high", "middle", "medium"',
     "unknown_word", "inputs.worst_tier", "middle"),
    ("pack.toml", 'source = "resident"', 'source = "age"', "unknown_source",
     "inputs.resident", "age"),
    ("pack.toml", "lookback_days = 7\n", "", "no_lookback", "inputs.worst_tier", ""),
    ("pack.toml", 'opens = "06:00"', 'opens = "6 am"', "bad_time", "rounds.morning", ""),
    ("pack.toml", 'due = "10:00"', 'due = "05:00"', "impossible_range", "rounds.morning", ""),
    ("pack.toml", "positive = 2, ", "", "missing_hold", "hold.negatives.positive", ""),
    ("pack.toml", "hours = 168", "hours = 0", "impossible_range", "hold.hours", ""),
    ("pack.toml", 'places = ["isolation_site"]', 'places = ["hotel"]', "unknown_place",
     "measures.central_isolation.places", ""),
    ("pack.toml", "late_result_hours", "late_results_hours", "schema", "", "late_results_hours"),
    ("pack.toml", "restrictive = true", "restrictive = 1", "schema",
     "measures.*.restrictive", "bool"),
    ("pack.toml", '"measure.home_isolation" = "home isolation"\n', "", "missing_word",
     "words.en", "measure.home_isolation"),
    ("pack.toml", '"reason.medium" = "7', '"raeson.medium" = "7', "missing_word",
     "words.zh-hans", "reason.medium"),
    ("pack.toml", '"reason.medium" = "stay in {tier}', '"reason.medium" = "stay in {tier:>9}',
     "bad_word", "words.en", "reason.medium"),
    ("pack.toml", '"reason.medium" = "stay in {tier}', '"reason.medium" = "stay in {tier',
     "bad_word", "words.en", "reason.medium"),
    ("pack.toml", "[transfers.hotel]", "[transfers.camp]\nduty = true\n[transfers.hotel]",
     "unused_transfer", "transfers.camp", ""),
    ("pack.toml", "[measures.none]",
     '[measures.spare]\ncolour = "red"\nrestrictive = true\n[measures.none]',
     "unused_measure", "measures.spare", ""),
    ("examples.toml", 'row = "high"', 'row = "medium"', "contradiction",
     "example 1 (from a high-risk area, just arrived)", "row is 'high', not 'medium'"),
    ("examples.toml", "rounds = 14", "ruonds = 14", "schema", "example.0.expect", "ruonds"),
    ("examples.toml", 'row = "low-visitor"\n', "", "no_example", "row low-visitor", ""),
]


@pytest.mark.parametrize(("file", "old", "new", "code", "where", "part"), FAULTS)
def test_a_planted_fault_is_named(tmp_path, file, old, new, code, where, part):
    problems = check_pack(planted(tmp_path, file, old, new))
    found = [problem for problem in problems if problem.code == code and problem.where == where]
    assert found, problems
    assert any(part in problem.sentence for problem in found), found
    assert all(problem.file and problem.sentence for problem in problems)


def test_a_row_that_an_earlier_one_hides_is_named(tmp_path):
    folder = planted(tmp_path, "table.csv", '"""contact_of_contact""",-,-',
                     '"""close_contact""",-,-', source=NINTH)
    problems = check_pack(folder)
    assert ("unreachable", "line 4 (contact-of-contact)") in [
        (problem.code, problem.where) for problem in problems]


def test_a_next_measure_in_the_same_place_is_refused(tmp_path):
    folder = planted(tmp_path, "pack.toml", 'places = ["isolation_site"]',
                     'places = ["community"]', source=NINTH)
    assert "same_place" in [problem.code for problem in check_pack(folder)]


def test_measures_that_follow_one_another_for_ever_are_refused(tmp_path):
    folder = planted(tmp_path, "pack.toml", "tests = [3]",
                     'tests = [3]\nthen = "contact_central_isolation"', source=NINTH)
    assert "endless" in [problem.code for problem in check_pack(folder)]


def test_a_pack_with_a_broken_reference_is_not_loaded(tmp_path):
    folder = planted(tmp_path, "pack.toml", 'colour = "red"', 'colour = "crimson"')
    with pytest.raises(PackError, match="crimson"):
        load_pack(folder)


@pytest.mark.parametrize("text", ["", "id =", "id = 1", "\x00", "[[", "a" * 2_000_000])
def test_a_file_that_is_no_pack_is_a_named_problem(tmp_path, text):
    (tmp_path / "pack.toml").write_text(text)
    problems = check_pack(tmp_path)
    assert [problem.file for problem in problems] == ["pack.toml"]


def test_a_table_in_another_encoding_is_a_named_problem(tmp_path):
    folder = tmp_path / "pack"
    shutil.copytree(SHANXI, folder)
    (folder / "table.csv").write_bytes("row,in:worst_tier\n高".encode("gb18030"))
    assert [problem.file for problem in check_pack(folder)] == ["table.csv"]


def test_the_command_prints_and_answers_with_its_exit_code(tmp_path, capsys):
    assert main([]) == 0
    assert "shanxi-2022-08-20: ok" in capsys.readouterr().out
    folder = planted(tmp_path, "pack.toml", 'colour = "red"', 'colour = "crimson"')
    assert main([str(folder)]) == 1
    assert "[missing_colour]" in capsys.readouterr().out
