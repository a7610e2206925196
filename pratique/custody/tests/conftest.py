"""The cast: a county with two posts, a coach, a courier, a laboratory, a site and a township."""

import pytest

from tests.support import Speaker, open_county
from tests.transfer_cast import coach, gate, site  # noqa: F401  (in this room's county)

ACCOUNTS = [
    ("outside", "outside", None), ("post-01", "checkpoint", None),
    ("post-02", "checkpoint", None), ("coach-01", "crew", 38), ("courier-1", "courier", None),
    ("lab-1", "laboratory", None), ("site-1", "isolation_site", 60),
    ("site-2", "isolation_site", 2), ("town-141123100", "community", None),
]


def open_the_county() -> None:
    open_county(ACCOUNTS)


@pytest.fixture
def county(db):
    open_the_county()


@pytest.fixture
def stranger(county):
    """Someone on duty at another post."""
    return Speaker("post-02", ["gate_officer"])
