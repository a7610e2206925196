"""The example county: what is in it, and that everything invented says so."""

import csv
import io
from collections import Counter

import pytest

from pratique.feeds import county
from pratique.journal import vault
from pratique.journal.kinds import ROLES


@pytest.fixture
def example():
    return county.read_county()


def test_the_county_has_what_it_promises(example):
    kinds = Counter(unit["kind"] for unit in example.units())
    assert kinds == {
        "outside": 1, "office": 1, "community": 16, "checkpoint": 12, "sampling_point": 60,
        "laboratory": 2, "isolation_site": 4, "crew": 10, "courier": 4}
    assert sum(len(county.rooms_of(site)) for site in example.data["site"]) == 370


def test_what_is_invented_says_so(example):
    real = [unit["code"] for unit in example.units() if not unit["invented"]]
    assert set(real) == {"outside", *(f"town-{code}" for code in example.data["townships"])}
    assert "EXAMPLE DATA" in (county.DATA / "xing_county.toml").read_text(encoding="utf-8")


def test_the_sampling_points_lie_in_the_townships_whose_villages_they_name():
    text = (county.DATA / "xing_sampling_points.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["code"] for row in rows if not row["division"].startswith(row["township"])] == []


def test_every_duty_role_is_held_and_can_be_tried(example):
    held = {body["duties"][0]["role"] for body, __, __ in example.staff()}
    assert held == set(ROLES) - {"system"}
    assert {account.role for account in example.accounts()} == held
    usernames = [body["username"] for body, __, __ in example.staff()]
    assert len(usernames) == len(set(usernames))


def test_every_unit_that_holds_people_or_tubes_has_a_device(example):
    without = {u["code"] for u in example.units()} - {d.unit for d in example.devices()}
    assert without == {"outside"}


def test_ids_are_uuid7_and_follow_from_names(example):
    facts = example.facts(vault.county_keys())
    assert {fact.id.version for fact in facts} == {7}
    assert len({fact.id for fact in facts}) == len(facts)
    again = county.County(example.data, example._points, example._towns)
    assert [f.id for f in again.facts(vault.county_keys())] == [f.id for f in facts]
