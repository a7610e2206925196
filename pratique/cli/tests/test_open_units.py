"""`pratique open-units`: a county's own posts from a list, all of them or none."""

import json

import pytest

from pratique.cli import main
from pratique.cli.machine import Trouble
from pratique.journal.prove import prove
from pratique.journal.queries import totals
from pratique.kit.errors import Refusal
from pratique.registry.queries import units

pytestmark = pytest.mark.django_db
LIST = """code,kind,name_zh,name_en,parent,division,capacity,plate,lanes
post-1,checkpoint,东卡口,East post,command,141123,,,1|2
command,office,指挥部,Command office,,141123,,,
outside,outside,县外,Outside,,,,,
coach-1,crew,一号车,Coach 1,command,,37,晋J12345,
"""


@pytest.fixture
def open_units(tmp_path, capsys):
    """Run the verb on a list of this text; its JSON."""
    verb = main.verb_module("open-units")

    def run(text: str) -> dict:
        file = tmp_path / "units.csv"
        file.write_text(text, encoding="utf-8")
        parser = main.Parser()
        verb.arguments(parser)
        assert verb.run(parser.parse_args([str(file), "--json"])) == 0
        return json.loads(capsys.readouterr().out)

    return run


def test_a_county_gets_its_units_whatever_their_order_and_twice_is_once(open_units):
    assert sorted(open_units(LIST)["opened"]) == ["coach-1", "command", "outside", "post-1"]
    assert open_units(LIST) == {"opened": [], "there": 4}
    assert {u.code: (u.kind, u.parent, u.capacity) for u in units()} == {
        "command": ("office", None, None), "outside": ("outside", None, None),
        "post-1": ("checkpoint", "command", None), "coach-1": ("crew", "command", 37)}
    assert totals()["in"] == 4
    assert [checked for checked in prove() if checked.violations] == []


@pytest.mark.parametrize(("text", "said"), [
    ("", "first row of a list of units"),
    ("code,kind\nx,office\n", "first row of a list of units"),
    (LIST.replace("lanes", "colour"), "no others"),
    (LIST.replace("checkpoint", "gate"), "Row 2 is no unit"),
    (LIST.replace(",37,", ",many,"), "Row 5 is no unit"),
    (LIST.replace("East post,command", "East post,nowhere"), "no unit “nowhere” to belong to"),
    (LIST.replace("141123", "999999"), "no division “999999”"),
    (LIST.replace("post-1", "Post 1"), "cannot be a unit's code"),
])
def test_a_list_in_which_something_is_wrong_opens_nothing(open_units, text, said):
    with pytest.raises((Trouble, Refusal)) as told:
        open_units(text)
    assert said in str(told.value)
    assert units() == []
    assert totals()["in"] == 0


def test_a_unit_that_is_there_under_another_name_is_not_opened_over(open_units):
    open_units(LIST)
    with pytest.raises(Refusal, match="unit “post-1” already"):
        open_units(LIST.replace("East post", "West post"))
    assert {u.name_en for u in units("checkpoint")} == {"East post"}


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_read_is_said(tmp_path, name):
    verb = main.verb_module("open-units")
    parser = main.Parser()
    verb.arguments(parser)
    with pytest.raises((Trouble, Refusal)):
        verb.run(parser.parse_args([str(tmp_path / name)]))
