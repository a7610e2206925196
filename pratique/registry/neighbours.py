"""Which records a new one is compared with: those that share a key, but for a crowd's.

A key says little when very many records have it: the phone of a coach company, a name without a
date. Such a crowd (more than `CROWD_MIN` others) brings nobody together by itself, because its
pairs grow with its square and none tells two people from one. Its records are still compared where
they share a second thing: another key, two crowds at once, a sound and the name as written.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from uuid import UUID

import psycopg

from pratique.journal import vault
from pratique.kit.arrays import bigints, texts
from pratique.kit.seal import CountyKeys
from pratique.registry import trace
from pratique.registry.likeness import Traits

CROWD_MIN = 100
"""From so many others on a key is a crowd's. A full coach with one phone is none."""
CROWD_READ_MAX = 500
"""Records of a crowd that are read to see whether they are fewer people, merged ones."""
NARROWINGS_OF_A_RUN_MAX = 500

# Each key is looked up once, however many records of the run have it, and read no further than
# shows that it is a crowd's. Of most keys there is one record, which is no pair.
BLOCKS = """
SELECT w.key, m.members
FROM unnest(%b::bigint[]) w(key)
CROSS JOIN LATERAL (SELECT array(
    SELECT t.person FROM registry_trace t WHERE t.keys @> ARRAY[w.key] LIMIT %s
) AS members) m
WHERE cardinality(m.members) > 0
"""
NARROWED = """
SELECT w.turn, m.roots
FROM unnest(%b::text[]) WITH ORDINALITY w(keys, turn)
CROSS JOIN LATERAL (SELECT array(
    SELECT DISTINCT p.root FROM (
        SELECT t.person FROM registry_trace t WHERE t.keys @> w.keys::bigint[] LIMIT %s
    ) t JOIN registry_person p ON p.person = t.person LIMIT %s
) AS roots) m
WHERE cardinality(m.roots) - 1 <= %s
"""

Keys = tuple[int, ...]


def neighbours(
    cursor: psycopg.Cursor, records: Sequence[tuple[UUID, Traits]], comparisons_max: int
) -> tuple[dict[UUID, set[UUID]], set[UUID]]:
    """Whom each record is to be compared with, and the records that go beyond the limit.

    The first records come first; of several, the first is done whatever it takes.
    """
    keys = vault.county_keys()
    searched = {person: _searched(keys, one) for person, one in records}
    cursor.execute(BLOCKS, (bigints({key for some in searched.values() for key in some}),
                            CROWD_MIN + 2))
    blocks: dict[int, list[UUID]] = dict(cursor.fetchall())
    near: dict[UUID, set[UUID]] = {}
    asked: dict[UUID, list[Keys]] = {}
    for person, one in records:
        found = {key: blocks[key] for key in searched[person] if key in blocks}
        crowds = [key for key, members in found.items() if len(members) - 1 > CROWD_MIN]
        near[person] = {other for key, members in found.items() if key not in crowds
                        for other in members if other != person}
        if crowds:
            names = trace.hashed(keys, trace.name_texts(one))
            sounds = [key for key in crowds if searched[person][key][0] in trace.SOUND_ALONE]
            asked[person] = list(_narrowings(crowds, sounds, names))
    done = _within(asked, near, comparisons_max)
    for person, others in _narrowed(cursor, {p: asked[p] for p in done if p in asked}).items():
        near[person] |= others - {person}
    done = _within({}, {person: near[person] for person in done}, comparisons_max)
    return {person: near[person] for person in done}, near.keys() - done


def _searched(keys: CountyKeys, traits: Traits) -> dict[int, str]:
    """The record's search keys, each with what it stands for."""
    wanted = trace.searched_texts(traits)
    return dict(zip(trace.hashed(keys, wanted), wanted, strict=True))


def _narrowings(
    crowds: Sequence[int], sounds: Sequence[int], names: Sequence[int]
) -> Iterator[Keys]:
    """A crowd by itself, since its records may be few people; any two; a sound with the name."""
    for key in crowds:
        yield (key,)
    yield from product(sounds, names)
    yield from combinations(crowds, 2)


def _within(
    asked: dict[UUID, list[Keys]], near: dict[UUID, set[UUID]], comparisons_max: int
) -> dict[UUID, None]:
    """The first records whose comparisons and narrowings stay within the limits."""
    narrowings: set[Keys] = set()
    done: dict[UUID, None] = {}
    comparisons = 0
    for person, others in near.items():
        comparisons += len(others)
        narrowings.update(asked.get(person, ()))
        if done and (comparisons > comparisons_max or len(narrowings) > NARROWINGS_OF_A_RUN_MAX):
            break
        done[person] = None
    return done


def _narrowed(
    cursor: psycopg.Cursor, asked: dict[UUID, list[Keys]]
) -> dict[UUID, set[UUID]]:
    """The people who share what is asked for, where they are no crowd themselves."""
    wanted = sorted({keys for some in asked.values() for keys in some})
    cursor.execute(NARROWED, (texts(map(as_array, wanted)), CROWD_READ_MAX, CROWD_MIN + 2,
                              CROWD_MIN))
    found = {wanted[turn - 1]: roots for turn, roots in cursor.fetchall()}
    return {person: {root for keys in some for root in found.get(keys, ())}
            for person, some in asked.items()}


def as_array(numbers: Iterable[int]) -> str:
    """An array as PostgreSQL writes it: arrays of different lengths cannot travel as one."""
    return "{" + ",".join(map(str, numbers)) + "}"
