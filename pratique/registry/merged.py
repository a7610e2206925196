"""One human being under several ids, in SQL: what was said of any of them counts for all.

A merge changes who a record goes on under and nothing that was said of it; so whoever asks about a
person asks about everybody who goes on under the same root. The pieces of SQL use indexes of
`registry_person` that hold nobody but those who were merged.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import psycopg

from pratique.kit.arrays import uuids

# asked ids (%b) -> whole(person = as asked, root, one = each id of the same human being)
HUMAN = """
WITH asked AS (
    SELECT a.person, coalesce(p.root, a.person) AS root
    FROM unnest(%b::uuid[]) a(person)
    LEFT JOIN registry_person p ON p.person = a.person AND p.root <> p.person
), whole AS (
    SELECT person, root, root AS one FROM asked
    UNION ALL
    SELECT a.person, a.root, m.person FROM asked a
    JOIN registry_person m ON m.root = a.root AND m.root <> m.person
)
"""


def same_as(column: str) -> str:
    """An SQL array of the ids of the human being whom `column` names, itself among them."""
    return (f"ARRAY(SELECT {column} UNION SELECT b.person FROM registry_person a "
            "JOIN registry_person b ON b.person = a.root OR b.root <> b.person AND b.root = a.root "
            f"WHERE a.person = {column})")


def under_root(column: str) -> str:
    """SQL: the id under whom the person in `column` goes on."""
    return (f"coalesce((SELECT a.root FROM registry_person a WHERE a.person = {column} "
            f"AND a.root <> a.person), {column})")


@dataclass(frozen=True, slots=True)
class Humans:
    """Of some ids: under whom each goes on, and every id of the same human being."""

    roots: dict[UUID, UUID]
    whole: dict[UUID, set[UUID]]

    def root(self, person: UUID) -> UUID:
        """Under whom this one goes on; whom the registry does not know, under themselves."""
        return self.roots.get(person, person)

    def ids(self, person: UUID) -> list[UUID]:
        """Every id of this human being, in order."""
        return sorted(self.whole.get(self.root(person), {person}))

    @property
    def everybody(self) -> set[UUID]:
        return {one for ids in self.whole.values() for one in ids}


def humans(cursor: psycopg.Cursor, persons: Iterable[UUID]) -> Humans:
    """Who of these are the same human being as whom, in one statement."""
    roots: dict[UUID, UUID] = {}
    whole: dict[UUID, set[UUID]] = {}
    cursor.execute(f"{HUMAN} SELECT person, root, one FROM whole", (uuids(persons),))
    for person, root, one in cursor.fetchall():
        roots[person] = roots[one] = root
        whole.setdefault(root, set()).add(one)
    return Humans(roots, whole)
