"""The cast at the gates: two posts, a coach, a township, and the system's own voice."""

import pytest

from pratique.checkpoint import reduce_persons
from tests.support import Speaker, open_county

ACCOUNTS = [
    ("outside", "outside", None), ("post-01", "checkpoint", None),
    ("post-02", "checkpoint", None), ("coach-01", "crew", 38),
    ("town-141123100", "community", None), ("command", "office", None),
]


def open_the_county() -> None:
    open_county(ACCOUNTS)


@pytest.fixture
def county(db):
    open_the_county()


@pytest.fixture
def gate(county):
    """Guo, the gate officer at post-01."""
    return Speaker("post-01", ["gate_officer"])


@pytest.fixture
def other_gate(county):
    """Ma, the gate officer at post-02."""
    return Speaker("post-02", ["gate_officer"])


@pytest.fixture
def counter(county):
    """The loop in the road."""
    return Speaker(None, ["system"])


@pytest.fixture
def free_to_go(monkeypatch):
    """A pathway that gives nobody a measure."""
    for guards in ("PASS_GUARDS", "TURN_BACK_GUARDS"):
        monkeypatch.setattr(reduce_persons, guards, [lambda context, facts: [None for __ in facts]])


@pytest.fixture
def nobody_decides(monkeypatch):
    """A house without a pathway."""
    for guards in ("PASS_GUARDS", "TURN_BACK_GUARDS"):
        monkeypatch.setattr(reduce_persons, guards, [])
