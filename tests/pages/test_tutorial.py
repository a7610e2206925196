"""The tutorial's code is run, block by block, against a live server with the example county."""

import time
from datetime import timedelta

import pytest

from pratique.kit.doors import now
from pratique.pathway.tick import tick
from tests import tutorial


@pytest.fixture
def worker(monkeypatch):
    """Sleeping lets the worker do its round, as if the time had passed."""
    monkeypatch.setattr(time, "sleep", lambda seconds: tick(now() + timedelta(seconds=seconds)))


@pytest.mark.committed
def test_the_bus_of_38_goes_as_the_tutorial_says(live_server, worker, tmp_path, monkeypatch):
    tutorial.seed_example()
    tutorial.write_tokens(tmp_path)
    monkeypatch.chdir(tmp_path)
    session = tutorial.run(live_server.url)
    assert len(session["people"]) == 38
