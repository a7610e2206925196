"""The cast: two sites with rooms, a township, a coach; opened by facts."""

import pytest

from pratique.isolation.tests.said import open_rooms, open_unit
from tests.support import Speaker

UNITS = [
    ("outside", "outside"), ("post-01", "checkpoint"), ("coach-01", "crew"),
    ("lab-1", "laboratory"), ("site-1", "isolation_site"),
    ("site-2", "isolation_site"), ("town-141123100", "community"),
]
ROOMS = {
    "site-1": [{"room": "101", "floor": "1"}, {"room": "102", "floor": "1"},
               {"room": "201", "floor": "2", "beds": 3, "features": ["family"]}],
    "site-2": [{"room": "101", "floor": "1"}],
}


@pytest.fixture
def county(db):
    for code, kind in UNITS:
        open_unit(code, kind)
    for site, rooms in ROOMS.items():
        open_rooms(site, rooms)


@pytest.fixture
def site(county):
    """Song, the head of site-1."""
    return Speaker("site-1", ["site_head"])


@pytest.fixture
def other_site(county):
    """Fang, the head of site-2."""
    return Speaker("site-2", ["site_head"])


@pytest.fixture
def township(county):
    """Li, the township's clerk."""
    return Speaker("town-141123100", ["township_clerk"])


@pytest.fixture
def coach(county):
    """Chen, who drives coach-01."""
    return Speaker("coach-01", ["crew"])
