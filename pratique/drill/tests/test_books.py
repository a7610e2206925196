from uuid import UUID

import pytest

from pratique.drill.books import Books, by_kind, unaccounted

PERSON, TUBE, FACT = (UUID(int=n) for n in (1, 2, 3))


@pytest.fixture
def books():
    books = Books()
    books.enter(PERSON, "person", "post-01", FACT)
    books.enter(TUBE, "specimen", "post-01", FACT)
    books.move(TUBE, "courier-1", FACT)
    return books


def test_what_came_in_less_what_went_out_is_on_hand(books):
    assert books.balances["post-01", "specimen"].on_hand == 0
    assert books.balances["courier-1", "specimen"].on_hand == 1
    assert books.balances["outside", "person"].on_hand == -1
    assert books.on_hand("post-01", "person") == [PERSON]


def test_nobody_enters_twice(books):
    with pytest.raises(ValueError, match="already"):
        books.enter(PERSON, "person", "post-02", FACT)


def test_all_is_well_when_each_subject_is_in_the_one_account_of_the_books(books):
    answers = [("post-01", "person", PERSON), ("courier-1", "specimen", TUBE)]
    assert unaccounted(books, answers) == []


@pytest.mark.parametrize(("answers", "kind"), [
    ([("post-01", "person", PERSON)], "specimens"),
    ([("post-01", "person", PERSON), ("lab-1", "specimen", TUBE)], "specimens"),
    ([("post-01", "person", PERSON), ("post-02", "person", PERSON),
      ("courier-1", "specimen", TUBE)], "persons"),
    ([("post-01", "person", PERSON), ("courier-1", "specimen", TUBE),
      ("post-01", "vehicle", UUID(int=9))], "vehicles"),
])
def test_the_missing_the_misplaced_the_doubled_and_the_stranger_are_named(books, answers, kind):
    counts = by_kind(unaccounted(books, answers))
    assert counts[kind] == 1
    assert sum(counts.values()) == 1


def test_who_left_is_right_outside_or_nowhere(books):
    books.move(PERSON, "outside", FACT)
    tube = ("courier-1", "specimen", TUBE)
    assert unaccounted(books, [tube]) == []
    assert unaccounted(books, [tube, ("outside", "person", PERSON)]) == []
    assert len(unaccounted(books, [tube, ("post-01", "person", PERSON)])) == 1
