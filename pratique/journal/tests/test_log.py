"""The Merkle log: appending, sealing, and finding out what was tampered with."""

import hashlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pratique.journal import merkle
from pratique.journal.log import head, places_of, seal
from pratique.journal.prove import check_log
from pratique.kit.sql import reading
from tests.support import FIRST_MORNING, Speaker, fresh_id

leaves = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40)


def by_definition(tree: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word."""
    if not tree:
        return hashlib.sha256(b"").digest()
    if len(tree) == 1:
        return tree[0]
    k = 1
    while k * 2 < len(tree):
        k *= 2
    return hashlib.sha256(b"\1" + by_definition(tree[:k]) + by_definition(tree[k:])).digest()


def test_the_eight_standard_leaves_have_their_known_root():
    """The tree of certificate transparency's reference tests (RFC 6962 test data)."""
    data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
            "606162636465666768696a6b6c6d6e6f"]
    tree = [hashlib.sha256(b"\0" + bytes.fromhex(d)).digest() for d in data]
    assert merkle.tree_root(tree).hex() == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")


@given(leaves, st.integers(0, 40))
def test_appending_in_parts_gives_the_root_of_the_definition(tree, cut):
    size, frontier = merkle.append(0, [], tree[:cut])
    size, frontier = merkle.append(size, frontier, tree[cut:])
    assert (size, merkle.root_of(frontier)) == (len(tree), by_definition(tree))


@given(leaves, st.data())
def test_every_leaf_proves_that_it_is_in_and_no_other_does(tree, data):
    index = data.draw(st.integers(0, len(tree) - 1))
    path, root = merkle.inclusion_path(tree, index), merkle.tree_root(tree)
    assert merkle.verify_inclusion(tree[index], index, len(tree), path, root)
    wrong = bytes([tree[index][0] ^ 1]) + tree[index][1:]
    assert not merkle.verify_inclusion(wrong, index, len(tree), path, root)
    assert not merkle.verify_inclusion(tree[index], index, len(tree), [*path, root], root)
    assert not merkle.verify_inclusion(tree[index], len(tree), len(tree), path, root)


@given(leaves, st.data())
def test_an_earlier_log_proves_to_be_the_beginning_of_the_later_one(tree, data):
    first = data.draw(st.integers(1, len(tree)))
    path = merkle.consistency_path(tree, first)
    roots = merkle.tree_root(tree[:first]), merkle.tree_root(tree)
    assert merkle.verify_consistency(first, roots[0], len(tree), roots[1], path)
    forged = bytes([roots[0][0] ^ 1]) + roots[0][1:]
    assert not merkle.verify_consistency(first, forged, len(tree), roots[1], path)
    assert not merkle.verify_consistency(0, roots[0], len(tree), roots[1], path)


def seal_all(count: int) -> None:
    """Seal until `count` facts have got places: transactions of other tests hold the log back."""
    sealed, until = 0, time.monotonic() + 60
    while sealed < count and time.monotonic() < until:
        sealed += seal(FIRST_MORNING)
        time.sleep(0 if sealed == count else 0.05)
    assert sealed == count


@pytest.mark.committed
class TestSealing:
    def test_sealed_facts_have_places_and_the_log_grows(self, committed):
        gate = Speaker("post-01", ["gate_officer"])
        receipts = [gate.say("test.noted", subject=fresh_id()) for __ in range(5)]
        seal_all(5)
        assert sorted(places_of([r.id for r in receipts]).values()) == [0, 1, 2, 3, 4]
        gate.say("test.noted", subject=fresh_id())
        seal_all(1)
        assert seal(FIRST_MORNING) == 0
        with reading() as cursor:
            assert head(cursor).size == 6
        assert check_log().violations == 0

    def test_a_batch_that_is_not_committed_gets_no_place_and_holds_later_ones_back(
        self, committed
    ):
        gate = Speaker("post-01", ["gate_officer"])
        other = committed()
        other.execute("SELECT pg_current_xact_id()")  # a transaction that is still running
        gate.say("test.noted", subject=fresh_id())
        assert seal(FIRST_MORNING) == 0
        other.rollback()
        seal_all(1)

    @pytest.mark.parametrize("tampering", [
        "UPDATE journal_fact SET at = at + interval '1 second' WHERE number = %s",
        "UPDATE journal_fact SET body = body || '{\"text\": \"other\"}' WHERE number = %s",
        "UPDATE journal_fact SET place = 'post-09' WHERE number = %s",
        "DELETE FROM journal_fact WHERE number = %s",
    ])
    def test_whoever_tampers_with_a_sealed_fact_is_found_out(self, committed, tampering):
        gate = Speaker("post-01", ["gate_officer"])
        for __ in range(4):
            gate.say("test.noted", subject=fresh_id())
        seal_all(4)
        with reading() as cursor:
            cursor.execute("SELECT max(number) - 1 FROM journal_fact")
            (number,) = cursor.fetchone()
        owner = committed("owner")
        owner.execute("SET session_replication_role = replica")  # past the triggers, as a superuser
        owner.execute(tampering, (number,))
        owner.commit()
        assert check_log().violations > 0
