"""The cast: a gate, a courier, two laboratories with two readers each, and a township."""

import pytest

from pratique.custody.reduce import open_accounts
from pratique.journal.context import Context
from pratique.journal.fact import Actor
from pratique.kit.ids import new_id
from pratique.kit.sql import in_transaction
from pratique.specimens.tests.said import Chain
from tests.support import FIRST_MORNING

ACCOUNTS = [
    ("outside", "outside", None), ("post-01", "checkpoint", None), ("post-02", "checkpoint", None),
    ("courier-1", "courier", None), ("lab-1", "laboratory", None), ("lab-2", "laboratory", None),
    ("town-141123100", "community", None),
]


def open_the_county() -> None:
    with in_transaction() as cursor:
        open_accounts(
            Context(cursor, FIRST_MORNING, new_id(FIRST_MORNING), Actor.system()), ACCOUNTS)


@pytest.fixture
def chain(db) -> Chain:
    """Everybody of the specimen chain, on duty."""
    open_the_county()
    return Chain()
