"""Every read of units, staff, devices, vehicles and persons, and the registry's laws.

Stays and risk areas are read in `stays.py`. Functions that open identities say so: they unseal
personal data, and the door that shows it answers for why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import psycopg

from pratique.journal import vault
from pratique.journal.fact import Actor
from pratique.journal.prove import Law
from pratique.journal.vault import Personal
from pratique.kit.seal import blind_index
from pratique.kit.sql import reading
from pratique.registry import trace
from pratique.registry.plates import normalise_plate
from pratique.registry.rules import DOCUMENT_INDEX, Identity, document_of, identity_of_parts
from pratique.registry.stays import RISK_LAWS

PAGE_ROWS_MAX = 200
FOUND_MAX = 50


# Units, staff, devices ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unit:
    code: str
    kind: str
    name_zh: str
    name_en: str
    parent: str | None
    division: str | None
    capacity: int | None
    plate: str | None
    invented: bool
    is_open: bool


_UNIT = """
SELECT code, kind, name_zh, name_en, parent, division, capacity, plate, invented,
       closed_at IS NULL FROM registry_unit
"""


def units(kind: str | None = None, codes: Sequence[str] | None = None) -> list[Unit]:
    """Units by code, closed ones included; only of one `kind`, or only those of `codes`."""
    with reading() as cursor:
        cursor.execute(
            _UNIT + "WHERE (%s::text IS NULL OR kind = %s) AND (%s::text[] IS NULL "
            "OR code = ANY(%s)) ORDER BY code",
            (kind, kind, codes and list(codes), codes and list(codes)))
        return [Unit(*row) for row in cursor.fetchall()]


def rooms(site: str) -> list[tuple[str, int, str, list[str]]]:
    """(room, beds, floor, features) of a site, by name."""
    with reading() as cursor:
        cursor.execute("SELECT room, beds, floor, features FROM registry_room WHERE site = %s "
                       "ORDER BY room", (site,))
        return cursor.fetchall()


def duties_of(staff: UUID) -> list[tuple[str, str | None]]:
    """(role, unit) of a member of staff; unit None = for the whole county."""
    with reading() as cursor:
        cursor.execute("SELECT role, nullif(unit, '') FROM registry_duty WHERE staff = %s "
                       "ORDER BY unit, role", (staff,))
        return cursor.fetchall()


def held_for_county(role: str) -> list[tuple[UUID, str]]:
    """(staff, user name) of who holds `role` for the whole county, by user name."""
    with reading() as cursor:
        cursor.execute("SELECT d.staff, e.username FROM registry_duty d "
                       "JOIN registry_enrolment e ON e.staff = d.staff "
                       "WHERE d.unit = '' AND d.role = %s ORDER BY e.username", (role,))
        return cursor.fetchall()


def actor_of_staff(staff: UUID, unit: str | None) -> Actor | None:
    """The voice of somebody on duty at `unit` (None: for the whole county); None without a duty.

    A role held at one unit is never carried to another: at a unit count the roles held there and
    those held for the county.
    """
    roles = {role for role, at in duties_of(staff) if at is None or at == unit}
    if not roles:
        return None
    units_spoken_for = frozenset([unit]) if unit else None
    return Actor(frozenset(roles), units_spoken_for, None, staff)


def actor_of_token(token: str) -> Actor | None:
    """The voice of a device by its bearer token; None when it is unknown or revoked."""
    digest = sha256(token.encode()).hexdigest()
    with reading() as cursor:
        cursor.execute("SELECT device, unit, roles FROM registry_device "
                       "WHERE token_sha256 = %s AND revoked_at IS NULL", (digest,))
        row = cursor.fetchone()
    return Actor(frozenset(row[2]), frozenset([row[1]]), row[0], None) if row else None


def vehicles_by_plate(plate: str) -> list[tuple[UUID, datetime]]:
    """(vehicle, last seen) of vehicles with this plate, however it is written; latest first."""
    with reading() as cursor:
        cursor.execute("SELECT vehicle, seen_at FROM registry_vehicle WHERE plate = %s "
                       "ORDER BY seen_at DESC, vehicle LIMIT %s",
                       (normalise_plate(plate), FOUND_MAX))
        return cursor.fetchall()


def plates(vehicles: Iterable[UUID]) -> dict[UUID, str]:
    with reading() as cursor:
        cursor.execute("SELECT vehicle, plate FROM registry_vehicle WHERE vehicle = ANY(%b)",
                       (list(vehicles),))
        return dict(cursor.fetchall())


# Divisions ----------------------------------------------------------------------------------------


def divisions_below(parent: str | None) -> list[tuple[str, str]]:
    """(code, name) of the divisions right below `parent`; of the provinces for None."""
    with reading() as cursor:
        cursor.execute("SELECT code, name FROM registry_division "
                       "WHERE parent IS NOT DISTINCT FROM %s ORDER BY code", (parent,))
        return cursor.fetchall()


def division_names(codes: Iterable[str]) -> dict[str, str]:
    with reading() as cursor:
        cursor.execute("SELECT code, name FROM registry_division WHERE code = ANY(%b)",
                       (list(codes),))
        return dict(cursor.fetchall())


# Persons ------------------------------------------------------------------------------------------


def persons_by_document(kind: str, number: str) -> list[UUID]:
    """The persons (for merged ones, those under whom they go on) with this document.

    A mistyped number finds who was registered with the same mistyping. Two or more mean that a
    duplicate waits to be merged. Opens nothing; known from the moment of registration.
    """
    digest = document_digests([(kind, number)]).get((kind, number))
    if digest is None:
        return []
    with reading() as cursor:
        cursor.execute("SELECT DISTINCT root FROM registry_person WHERE document_index = %s "
                       "ORDER BY root LIMIT %s", (digest, FOUND_MAX))
        return [root for (root,) in cursor.fetchall()]


def document_digests(documents: Iterable[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
    """(kind, number) -> the keyed digest by which a document is found and none is read."""
    keys, found = vault.county_keys(), {}
    for kind, number in documents:
        paper = document_of({"document_kind": kind, "document": number})
        if paper is not None:
            found[kind, number] = blind_index(keys, DOCUMENT_INDEX, paper.index_text)
    return found


def first_by_digest(digests: Iterable[bytes]) -> dict[bytes, UUID]:
    """For each `document_digests` that is known, the first of `persons_by_document`; one
    statement, however many."""
    with reading() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (document_index) document_index, root FROM registry_person "
            "WHERE document_index = ANY(%b) ORDER BY document_index, root", (list(digests),))
        return {bytes(digest): root for digest, root in cursor.fetchall()}


def persons_by_phone(phone: str) -> list[UUID]:
    """Persons with this phone. Known once screening has seen the record (each tick)."""
    return _by_trace(trace.phone_keys(phone))


def persons_by_name(name: str) -> list[UUID]:
    """Persons whose name is written or sounds like this. Known once screening has seen them."""
    return _by_trace(trace.name_keys(name))


def _by_trace(keys: list[int]) -> list[UUID]:
    with reading() as cursor:
        cursor.execute("SELECT DISTINCT p.root FROM registry_trace t "
                       "JOIN registry_person p USING (person) WHERE t.keys && %b::bigint[] "
                       "ORDER BY p.root LIMIT %s", (keys, FOUND_MAX))
        return [root for (root,) in cursor.fetchall()]


def anybody() -> bool:
    """Whether a person was ever registered in this county."""
    with reading() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM registry_person)")
        return cursor.fetchone() == (True,)


def roots_of(persons: Iterable[UUID]) -> dict[UUID, UUID]:
    """Under whom each person goes on: itself, or the one it was merged into."""
    with reading() as cursor:
        cursor.execute("SELECT person, root FROM registry_person WHERE person = ANY(%b)",
                       (list(persons),))
        return dict(cursor.fetchall())


def merged_into(roots: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """All records that go on under each of `roots`, the root itself first."""
    found: dict[UUID, list[UUID]] = {}
    with reading() as cursor:
        cursor.execute("SELECT root, person FROM registry_person WHERE root = ANY(%b) "
                       "ORDER BY root, person <> root, person", (list(roots),))
        for root, person in cursor.fetchall():
            found.setdefault(root, []).append(person)
    return found


def identities(persons: Iterable[UUID]) -> dict[UUID, Identity]:
    """Opens the records of `persons`: personal data. Who was erased, or never had one, is absent.

    Two statements and a decryption for each sealed part.
    """
    with reading() as cursor:
        return open_identities(cursor, persons)


def open_identities(cursor: psycopg.Cursor, persons: Iterable[UUID]) -> dict[UUID, Identity]:
    """As `identities`, through a cursor that is at hand."""
    cursor.execute("SELECT person, facts FROM registry_person WHERE person = ANY(%b) "
                   "AND cardinality(facts) > 0", (list(persons),))
    facts_of: dict[UUID, list[UUID]] = dict(cursor.fetchall())
    boxes = vault.open_boxes(cursor, {f for facts in facts_of.values() for f in facts}, facts_of)
    found = {}
    for person, facts in facts_of.items():
        parts = [boxes[f][person] for f in facts if person in boxes.get(f, ())]
        if parts:
            found[person] = identity_of_parts(parts)
    return found


def facts_of_records(persons: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Which facts tell who a person is: one more when the record was corrected. Opens nothing."""
    with reading() as cursor:
        cursor.execute("SELECT person, facts FROM registry_person WHERE person = ANY(%b)",
                       (list(persons),))
        return dict(cursor.fetchall())


def identity_parts(person: UUID) -> list[tuple[UUID, Personal]]:
    """(fact, what it told of the person), in the order of the facts. Opens personal data."""
    with reading() as cursor:
        cursor.execute("SELECT facts FROM registry_person WHERE person = %s", (person,))
        row = cursor.fetchone()
        facts: list[UUID] = row[0] if row else []
        boxes = vault.open_boxes(cursor, facts, [person])
    return [(fact, boxes[fact][person]) for fact in facts if person in boxes.get(fact, ())]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair for a person to look at: the two roots, and why."""

    first: UUID
    second: UUID
    score: float
    strong: bool
    reasons: tuple[str, ...]
    found_at: datetime


CANDIDATES = """
SELECT DISTINCT ON (first, second) * FROM (
    SELECT least(a.root, b.root) AS first, greatest(a.root, b.root) AS second, c.score, c.strong,
           c.reasons, c.found_at
    FROM {pairs} c
    JOIN registry_person a ON a.person = c.first
    JOIN registry_person b ON b.person = c.second
    WHERE a.root <> b.root AND (NOT %s OR c.strong)
      AND NOT EXISTS (SELECT FROM registry_distinct d
                      WHERE d.first IN (c.first, least(a.root, b.root))
                        AND d.second IN (c.second, greatest(a.root, b.root)))
) open ORDER BY first, second, score DESC
"""
# By keys, from the person's own records: everybody's page asks for it.
PAIRS_OF_ONE = """
(WITH own AS (
    SELECT person FROM registry_person WHERE root = %s AND root <> person UNION ALL SELECT %s
)
SELECT p.* FROM own JOIN registry_candidate p ON p.first = own.person
UNION SELECT p.* FROM own JOIN registry_candidate p ON p.second = own.person)
"""


def duplicate_candidates(
    *, person: UUID | None = None, strong: bool = False, limit: int = PAGE_ROWS_MAX
) -> list[Candidate]:
    """Pairs that nobody has settled, likeliest first; of one `person`, or only `strong` ones."""
    with reading() as cursor:
        pairs = PAIRS_OF_ONE if person else "registry_candidate"
        cursor.execute(f"SELECT * FROM ({CANDIDATES.format(pairs=pairs)}) pairs "
                       "ORDER BY score DESC, first, second LIMIT %s",
                       (*([person, person] if person else []), strong, limit))
        return [Candidate(a, b, score, is_strong, tuple(reasons), at)
                for a, b, score, is_strong, reasons, at in cursor.fetchall()]


def merges_of(person: UUID) -> list[dict]:
    """Every merge that `person` was part of, undone ones too, oldest first."""
    names = ("fact", "kept", "merged", "reason", "by", "at", "undone_by", "undone_at",
             "undone_reason")
    with reading() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM registry_merge "
                       "WHERE kept = %s OR merged = %s ORDER BY at, fact", (person, person))
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


# Laws ---------------------------------------------------------------------------------------------

LAWS = (
    Law("registry.roots", "Whoever a record goes on under goes on under itself.",
        "SELECT p.person, p.root FROM registry_person p "
        "LEFT JOIN registry_person r ON r.person = p.root WHERE r.root IS DISTINCT FROM p.root"),
    Law("registry.merges", "A merge that stands is why two records go on as one, and nothing else.",
        "SELECT p.person, p.root, m.kept FROM registry_person p "
        "LEFT JOIN registry_merge m ON m.merged = p.person AND m.undone_by IS NULL "
        "LEFT JOIN registry_person k ON k.person = m.kept "
        "WHERE p.root <> coalesce(k.root, p.person)"),
    Law("registry.accounts", "Every unit has its account, of its kind.",
        "SELECT u.code FROM registry_unit u LEFT JOIN custody_account a ON a.code = u.code "
        "WHERE a.kind IS DISTINCT FROM u.kind"),
    Law("registry.closed_units", "A closed unit holds nobody and nothing.",
        "SELECT u.code, h.subject FROM registry_unit u "
        "JOIN custody_holding h ON h.account = u.code WHERE u.closed_at IS NOT NULL"),
    Law("registry.duties", "A duty is held at a unit that there is, or for the county.",
        "SELECT d.staff, d.unit FROM registry_duty d LEFT JOIN registry_unit u ON u.code = d.unit "
        "WHERE d.unit <> '' AND u.code IS NULL"),
    Law("registry.screening", "Every record that can be opened is screened or waits for it.",
        "SELECT p.person FROM registry_person p "
        "JOIN journal_subject s ON s.id = p.person AND s.wrapped_key IS NOT NULL "
        "WHERE cardinality(p.facts) > 0 "
        "AND NOT EXISTS (SELECT FROM registry_trace t WHERE t.person = p.person) "
        "AND NOT EXISTS (SELECT FROM registry_unscreened q WHERE q.person = p.person)"),
    *RISK_LAWS,
)
