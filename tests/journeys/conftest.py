"""The county in which journeys are made."""

import pytest

from pratique.feeds.county import read_county
from pratique.journal.fact import Actor
from pratique.journal.record import record
from pratique.journal.vault import county_keys
from tests.journeys.test_whole_loop import LIST_OF_12_AUGUST, publish
from tests.support import FIRST_MORNING


@pytest.fixture
def county(db):
    """The example county under the oldest real list: without any, no tier is known."""
    facts = read_county().facts(county_keys())
    batch = record(facts, actor=Actor.system(), now=FIRST_MORNING, source="seed")
    assert batch.counts()["applied"] == len(facts)
    publish(LIST_OF_12_AUGUST, FIRST_MORNING)
