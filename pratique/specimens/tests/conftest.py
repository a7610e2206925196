"""The cast: a gate, a courier, two laboratories with two readers each, and a township."""

import pytest

from pratique.specimens.tests.said import Chain
from tests.support import open_county

ACCOUNTS = [
    ("outside", "outside", None), ("post-01", "checkpoint", None), ("post-02", "checkpoint", None),
    ("courier-1", "courier", None), ("lab-1", "laboratory", None), ("lab-2", "laboratory", None),
    ("town-141123100", "community", None),
]


def open_the_county() -> None:
    open_county(ACCOUNTS)


@pytest.fixture
def chain(db) -> Chain:
    """Everybody of the specimen chain, on duty."""
    open_the_county()
    return Chain()
