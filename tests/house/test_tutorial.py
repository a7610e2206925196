"""The tutorial's code is run, block by block, against a live server with the example county."""

import json
import re
import time
from datetime import timedelta

import pytest

from pratique.feeds import county, risk_areas
from pratique.journal import vault
from pratique.journal.fact import Actor
from pratique.journal.record import record
from pratique.kit.doors import now
from pratique.pathway.tick import tick
from tests.house.code import ROOT

PAGE = ROOT / "docs" / "tutorial" / "the-bus-of-38.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[int, str]]:
    """(line of the page, code) of each block of Python."""
    text = PAGE.read_text(encoding="utf-8")
    return [(text.count("\n", 0, found.start()) + 1, found[1]) for found in BLOCK.finditer(text)]


@pytest.fixture
def example_county():
    """What `pratique seed` records."""
    example = county.read_county()
    lists = [risk_areas.read_list(file).fact for file in risk_areas.shipped_files()]
    for part in (example.facts(vault.county_keys()), *([one] for one in lists)):
        counts = record(part, actor=Actor.system(), now=now(), source="seed").counts()
        assert counts["applied"] == counts["in"], counts
    return example


@pytest.fixture
def newcomers_folder(tmp_path, example_county, monkeypatch):
    """A folder with var/devices.json as `seed --device-tokens --json` writes it."""
    keys = vault.county_keys()
    cards = [
        {"device": str(d.device), "name": d.name, "unit": d.unit, "roles": list(d.roles),
         "token": county.device_token(keys, d)} for d in example_county.devices()]
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "devices.json").write_text(json.dumps({"devices": cards}))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def worker(monkeypatch):
    """Sleeping lets the worker do its round, as if the time had passed."""
    monkeypatch.setattr(time, "sleep", lambda seconds: tick(now() + timedelta(seconds=seconds)))


@pytest.mark.committed
def test_the_bus_of_38_goes_as_the_tutorial_says(live_server, newcomers_folder, worker, capsys):
    session: dict = {}
    for line, code in blocks():
        here = code.replace("http://127.0.0.1:8000", live_server.url)
        try:
            exec(compile("\n" * line + here, str(PAGE), "exec"), session)  # noqa: S102
        except Exception as error:
            pytest.fail(f"{PAGE.name}, the block at line {line}: {error!r}")
    assert len(session["people"]) == 38
