"""A small county, a whole day, from an empty folder to the report."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pratique.drill.planting import FAULT_KINDS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def drilled(tmp_path_factory):
    """(exit code, report, page) of one small drill; run once for all that is asked of it."""
    file = tmp_path_factory.mktemp("drill") / "report.json"
    environment = {**os.environ, "PRATIQUE_LANGUAGE": "en"}
    for name in ("DATABASE_URL", "APP_DATABASE_URL"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", "pratique", "drill", "--seed", "1", "--vehicles", "40", "--days",
         "1", "--json", str(file)],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert file.exists(), done.stderr[-2000:]
    page = file.with_suffix(".html").read_text(encoding="utf-8")
    return done.returncode, json.loads(file.read_text()), page


def test_the_drill_holds(drilled):
    code, data, _page = drilled
    assert data["shortcomings"] == {}
    assert code == 0


def test_people_and_vehicles_came_and_all_are_accounted_for(drilled):
    _code, data, _page = drilled
    assert data["arrived"]["vehicles"] >= 40
    assert data["arrived"]["persons"] > data["arrived"]["vehicles"]
    assert data["unaccounted"] == {"persons": 0, "vehicles": 0, "specimens": 0}
    assert all(row["balances"] for row in data["balances"])
    assert all(row["opening"] + row["came_in"] - row["went_out"] == row["on_hand"]
               for row in data["balances"])


def test_facts_add_up_and_were_sent_as_devices_send_them(drilled):
    facts = drilled[1]["facts"]
    told = [facts[name] for name in ("applied", "duplicate", "parked", "disputed", "quarantined")]
    assert facts["in"] == sum(told)
    assert min(told) > 0


@pytest.mark.browser
def test_gates_played_by_the_field_apps_own_code_and_nothing_got_lost_or_doubled(drilled):
    app = drilled[1]["app"]
    assert app["why_not"] == ""
    assert len(app["gates"]) >= 1 and not {"post-01", "post-02"} & set(app["gates"])
    assert app["facts"] > 50 and app["calls"] > 10
    assert app["answers_lost"] > 0 and app["resent"] > 0 and app["rounds_away"] > 0
    assert (app["lost"], app["doubled"]) == (0, 0)
    assert "gates played by the field app: post-" in drilled[2]


def test_each_kind_of_fault_was_planted_and_shown(drilled):
    faults = drilled[1]["faults"]
    assert {fault["kind"] for fault in faults} == set(FAULT_KINDS)
    assert [f for f in faults if not f["shown_at"] or f["shown_at"] < f["planted_at"][:16]] == []


def test_the_page_needs_nothing_else(drilled):
    page = drilled[2]
    assert "<svg" in page
    assert "The drill held." in page
    for foreign in ("http://", "https://", "<script", "<link"):
        assert foreign not in page
