"""Screening in sets: no likely pair is lost, a crowd makes no square of pairs, work is limited."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

import pytest

from pratique.registry import queries
from pratique.registry.likeness import Traits, are_paired, likeness
from pratique.registry.neighbours import CROWD_MIN
from pratique.registry.reduce_screening import screen

from .conftest import broken_laws
from .said import WANG, findings, meet_person, merge, met_fact

pytestmark = pytest.mark.django_db

COACH_PHONE = "13811112222"
FAMILY, GIVEN = "王李张刘陈杨赵黄周吴徐孙马朱胡", "伟芳娜敏静强磊军洋勇艳杰娟涛明超霞平刚桂"


@dataclass
class Crowd:
    """Draws people; the same each time."""

    draw: random.Random

    def identity(self, **fixed: str) -> dict[str, str]:
        born = date(1950, 1, 1) + timedelta(days=self.draw.randrange(20_000))
        given = "".join(self.draw.choice(GIVEN) for __ in range(2))
        return {"name": self.draw.choice(FAMILY) + given, "birth_date": born.isoformat(),
                "phone": f"139{self.draw.randrange(10**8):08}"} | fixed

    def slip(self, one: dict[str, str]) -> dict[str, str]:
        """The same person, written down again with one slip."""
        born = date.fromisoformat(one["birth_date"])
        return one | self.draw.choice([
            {"name": one["name"][0] + self.draw.choice(GIVEN) + one["name"][2]},
            {"name": one["name"][0] + one["name"][2]},
            {"birth_date": born.replace(year=born.year - 1, day=1).isoformat()},
            {"birth_date": born.replace(day=born.day % 28 + 1).isoformat(), "phone": ""},
            {"birth_date": ""}, {"birth_date": "", "phone": ""}, {"phone": "15900001111"}])


@pytest.fixture
def people() -> Crowd:
    return Crowd(random.Random(7))  # noqa: S311


def meet_all(gate, identities: list[dict[str, str]]) -> list:
    """Meet them all at once; their ids in this order."""
    facts = [met_fact(gate, one) for one in identities]
    batch = gate.send(*facts)
    assert batch.counts()["applied"] == len(facts)
    return [next(iter(fact.sealed)) for fact in facts]


def screen_all(gate, **limits) -> list[tuple[int, int]]:
    runs = []
    while True:
        done = screen(now=gate.now, **limits)
        if done == (0, 0):
            return runs
        runs.append(done)


def proposed() -> set[frozenset]:
    return {frozenset((pair.first, pair.second))
            for pair in queries.duplicate_candidates(limit=10_000)}


def traits_of(one: dict[str, str]) -> Traits:
    born = one["birth_date"]
    return Traits(one["name"], date.fromisoformat(born) if born else None, None, one["phone"])


@pytest.mark.parametrize("comparisons_max", [20_000, 7])
def test_exactly_the_likely_pairs_that_share_a_key_are_proposed(gate, people, comparisons_max):
    first = [people.identity() for __ in range(120)]
    coach = [people.identity(phone=COACH_PHONE) for __ in range(50)]
    identities = [*first, *coach, *map(people.slip, first[:60]), *map(people.slip, coach[:20])]
    persons = meet_all(gate, identities)
    screen_all(gate, comparisons_max=comparisons_max)
    known = dict(zip(persons, map(traits_of, identities), strict=True))
    likely = {frozenset((a, b)) for a, b in combinations(persons, 2)
              if are_paired(known[a], known[b]) and likeness(known[a], known[b]).is_candidate}
    assert proposed() == likely
    assert len(likely) >= 80


def test_a_phone_of_very_many_makes_nobody_a_pair_by_itself(gate, people):
    crowd = [people.identity(phone=COACH_PHONE) for __ in range(CROWD_MIN + 30)]
    crowd[3]["birth_date"] = ""
    again = [crowd[0] | {"birth_date": "1931-11-30"},
             crowd[1] | {"name": "欧阳" + crowd[1]["name"][2]},
             crowd[2] | {"birth_date": ""}, crowd[3] | {"phone": "15900001111"}]
    persons = meet_all(gate, [*crowd, *again])
    screen_all(gate)
    twice = {frozenset((persons[n], persons[len(crowd) + n])) for n in range(4)}
    assert twice <= proposed()
    # Within a run of 134 records the phone would bring together 8,911 pairs.
    assert len(proposed()) < 60


def test_a_crowd_of_one_name_is_parted_by_a_second_thing(gate):
    nameless = {"name": "王小明", "birth_date": "", "phone": ""}
    meet_all(gate, [nameless] * (CROWD_MIN + 10))
    first, second = meet_all(gate, [nameless | {"phone": "13700000001"}] * 2)
    screen_all(gate)
    assert frozenset((first, second)) in proposed()


def test_the_records_of_one_traveller_are_found_however_many_were_merged(gate, registrar):
    kept, *others = meet_all(gate, [WANG] * (CROWD_MIN + 10))
    for other in others:
        merge(registrar, kept, other)
    screen_all(gate)
    assert proposed() == set()
    again = meet_person(gate)
    screen_all(gate)
    assert proposed() == {frozenset((kept, again))}
    assert len(findings("same_person_twice")) == 1


def test_a_run_does_a_limited_number_of_comparisons_and_the_next_goes_on(gate, people):
    meet_all(gate, [people.identity(phone=COACH_PHONE) for __ in range(30)])
    runs = screen_all(gate, comparisons_max=100)
    assert [records for records, __ in runs] == [3] * 10
    assert broken_laws() == []
