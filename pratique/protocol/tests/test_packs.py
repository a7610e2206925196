"""The packs that are shipped, and the promise that they are data."""

import subprocess
import sys

import pytest

from pratique.protocol.bench import measure
from pratique.protocol.check import check_pack
from pratique.protocol.examples import read_examples, run_example
from pratique.protocol.pack import PACKS, PackError, load_pack, shipped
from pratique.protocol.table import combinations

FOLDERS = sorted(file.parent for file in PACKS.glob("*/pack.toml"))
EXAMPLES = [(folder.name, told) for folder in FOLDERS for told in read_examples(folder)]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_shipped_pack_has_no_problem(folder):
    assert check_pack(folder) == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_shipped_pack_has_at_least_twelve_worked_examples(folder):
    assert len(read_examples(folder)) >= 12


@pytest.mark.parametrize(("pack", "told"), EXAMPLES, ids=[f"{p}: {t.name}" for p, t in EXAMPLES])
def test_worked_example(pack, told):
    assert run_example(shipped()[pack], told) == []


@pytest.mark.parametrize("pack", shipped().values(), ids=lambda pack: pack.id)
def test_the_compiled_table_is_the_table_read_from_top_to_bottom(pack):
    for _, values in combinations(pack.table):
        first = next(row for row in pack.table.rows if row.holds(values))
        assert pack.table.decide(values).row is first


def test_a_pack_is_found_under_the_name_of_its_folder():
    assert [pack.path.name for pack in shipped().values()] == list(shipped())


def test_words_come_in_both_languages_and_fall_back_to_english_then_to_the_key():
    pack = shipped()["shanxi-2022-08-20"]
    assert pack.word("measure.central_isolation", "zh-hans") == "集中隔离医学观察"
    assert pack.word("measure.central_isolation", "en") == "central isolation"
    assert pack.word("measure.central_isolation", "fr") == "central isolation"
    assert pack.word("no.such.key") == "no.such.key"


def test_a_reason_becomes_a_sentence_with_its_words_translated():
    pack = shipped()["shanxi-2022-08-20"]
    params = (("tier", "tier.high"), ("place", "510100"), ("days", "7"))
    assert pack.sentence("reason.high", params, "zh-hans") \
        == "7天内有高风险区（510100）旅居史：集中隔离7天"
    assert "a high-risk area (510100)" in pack.sentence("reason.high", params)


def test_a_reason_whose_parameters_are_missing_is_still_a_sentence():
    assert shipped()["shanxi-2022-08-20"].sentence("reason.high", ())


def test_the_deadlines_of_the_founding_chain_are_in_the_pack():
    pack = shipped()["shanxi-2022-08-20"]
    minutes = {name: allowed.total_seconds() / 60 for name, allowed in pack.deadlines.items()}
    assert [minutes[name] for name in (
        "swab", "receive", "result", "report", "offer_accept", "transfer", "confirm_home")] \
        == [30, 240, 360, 120, 30, 480, 120]
    assert pack.release_within_hours == 1
    assert pack.climb("alarm") == ((0, "duty_officer"), (30, "county_leader"))


def test_a_folder_without_a_pack_is_refused(tmp_path):
    with pytest.raises(PackError, match="cannot be read"):
        load_pack(tmp_path)


def test_the_room_can_be_imported_without_django():
    code = (
        "import sys, pratique.protocol.check, pratique.protocol.bench;"
        "sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_one_call_is_of_the_order_of_microseconds():
    """The goal is 30; a busy test machine gets ten times that before this test complains."""
    assert max(measure(calls=300, repeats=5).values()) < 300
