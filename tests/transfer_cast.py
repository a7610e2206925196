"""The cast of a transfer: a post, two coaches, two sites, a township, and who speaks for them.

A room whose tests need them takes the fixtures over in its `conftest.py`.
"""

import pytest

from tests.support import Speaker, open_county

ACCOUNTS = [
    ("outside", "outside", None), ("command", "office", None), ("post-01", "checkpoint", None),
    ("post-02", "checkpoint", None), ("coach-01", "crew", 38), ("coach-02", "crew", 3),
    ("lab-1", "laboratory", None), ("site-1", "isolation_site", 60),
    ("site-2", "isolation_site", 2), ("town-141123100", "community", None),
]


@pytest.fixture
def county(db):
    open_county(ACCOUNTS)


@pytest.fixture
def gate(county):
    """Guo, the gate officer at post-01."""
    return Speaker("post-01", ["gate_officer"])


@pytest.fixture
def coach(county):
    """Chen, who drives coach-01."""
    return Speaker("coach-01", ["crew"])


@pytest.fixture
def other_coach(county):
    """Dong, who drives coach-02."""
    return Speaker("coach-02", ["crew"])


@pytest.fixture
def site(county):
    """Song, the head of site-1."""
    return Speaker("site-1", ["site_head"])


@pytest.fixture
def township(county):
    """Li, the township's clerk."""
    return Speaker("town-141123100", ["township_clerk"])


@pytest.fixture
def dispatcher(county):
    """Zhou, who plans trips for the whole county."""
    return Speaker(None, ["dispatcher"])


@pytest.fixture
def stranger(county):
    """Someone on duty at another post."""
    return Speaker("post-02", ["gate_officer", "dispatcher"])
