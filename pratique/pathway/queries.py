"""Reads of decisions, orders, objections; and the pathway's laws for `prove`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pratique.journal.prove import Law
from pratique.kit.arrays import uuids
from pratique.kit.sql import reading
from pratique.pathway.histories import histories
from pratique.protocol.evaluate import Outcome, evaluate

PAGE_ROWS_MAX = 200

_DECISION = ("episode", "turn", "person", "decided_at", "pack", "version", "risk_list", "measure",
             "row", "tier", "landing_test", "transfer", "counted_from", "ends_at", "tests_on",
             "facts", "unknown_inputs")
_COLUMNS = ", ".join(f"d.{name}" for name in _DECISION)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it stands in the table; see models.Decision."""

    episode: UUID
    turn: int
    person: UUID
    decided_at: datetime
    pack: str
    version: str
    risk_list: datetime | None
    measure: str
    row: str
    tier: str
    landing_test: bool
    transfer: str
    counted_from: datetime | None
    ends_at: datetime | None
    tests_on: list[datetime]
    facts: list[UUID]
    unknown_inputs: list[str]


def decisions_of(persons: Iterable[UUID]) -> dict[UUID, Decided]:
    """The decision in force for each person's latest episode; undecided ones are not there."""
    with reading() as cursor:
        cursor.execute(
            f"SELECT DISTINCT ON (d.person) {_COLUMNS} FROM pathway_decision d "
            "WHERE d.person = ANY(%b) ORDER BY d.person, d.episode DESC, d.turn DESC",
            (uuids(persons),))
        return {row[2]: Decided(*row) for row in cursor.fetchall()}


def decision_story(person: UUID) -> list[Decided]:
    """Every decision ever made about a person, oldest first: old ones stay explainable."""
    with reading() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM pathway_decision d WHERE d.person = %s "
                       "ORDER BY d.episode, d.turn", (person,))
        return [Decided(*row) for row in cursor.fetchall()]


def outcomes_of(persons: Iterable[UUID], now: datetime) -> dict[UUID, Outcome]:
    """What the protocol says of these persons at `now`: for release and what is missing."""
    with reading() as cursor:
        known = histories(cursor, list(persons))
    return {person: evaluate(k.pack, k.history, now) for person, k in known.items()}


@dataclass(frozen=True, slots=True)
class EpisodeState:
    """One open episode as a device or a list needs it."""

    episode: UUID
    person: UUID
    account: str
    holds_by: UUID
    since: datetime
    pending: UUID | None
    destination: str | None
    arrived_at: datetime
    measure: str | None
    row: str | None
    tier: str | None
    transfer: str | None
    ends_at: datetime | None
    colour: str | None


STATES = """
SELECT e.id, e.person, h.account, h.entry, h.since, h.pending, e.destination, e.arrived_at,
       d.measure, d.row, d.tier, d.transfer, d.ends_at, s.colour
FROM checkpoint_episode e JOIN custody_holding h ON h.subject = e.person
LEFT JOIN LATERAL (SELECT measure, row, tier, transfer, ends_at FROM pathway_decision d
                   WHERE d.episode = e.id ORDER BY turn DESC LIMIT 1) d ON true
LEFT JOIN LATERAL (SELECT colour FROM standing_standing s WHERE s.person = e.person
                   ORDER BY turn DESC LIMIT 1) s ON true
WHERE e.ended_at IS NULL AND (%s::text IS NULL OR h.account = %s)
  AND (%s::uuid IS NULL OR e.id > %s) AND (%s::uuid[] IS NULL OR e.person = ANY(%s))
ORDER BY e.id LIMIT %s
"""


def open_episodes(
    *, account: str | None = None, persons: Sequence[UUID] | None = None,
    after: UUID | None = None, limit: int = PAGE_ROWS_MAX,
) -> list[EpisodeState]:
    """Open episodes by id (so by arrival), of one account or of some persons; page by `after`."""
    some = list(persons) if persons is not None else None
    with reading() as cursor:
        cursor.execute(STATES, (account, account, after, after, some, some, limit))
        return [EpisodeState(*row) for row in cursor.fetchall()]


def objections(*, open_only: bool = True, limit: int = PAGE_ROWS_MAX) -> list[dict[str, Any]]:
    names = ("objection", "person", "episode", "made_at", "due_at", "answered_at", "upheld",
             "reason")
    with reading() as cursor:
        cursor.execute(
            f"SELECT {', '.join(names)} FROM pathway_objection "
            "WHERE NOT %s OR answered_at IS NULL ORDER BY due_at, objection LIMIT %s",
            (open_only, limit))
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def orders() -> list[dict[str, Any]]:
    names = ("order", "pack", "area", "authority", "legal_basis", "since", "until", "ended_by")
    with reading() as cursor:
        cursor.execute(
            'SELECT "order", pack, area, authority, legal_basis, since, until, ended_by '
            'FROM pathway_order ORDER BY since, "order"')
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


LAWS = (
    Law("pathway.every_episode_decided", "Every arrival has a decision.",
        "SELECT e.id FROM checkpoint_episode e WHERE EXISTS (SELECT FROM pathway_adoptedpack "
        "p WHERE p.in_force_from <= e.arrived_at) AND NOT EXISTS (SELECT FROM pathway_decision d "
        "WHERE d.episode = e.id)"),
    Law("pathway.decisions_have_evidence",
        "A decision other than 'unknown' names facts of the journal.",
        "SELECT d.episode, d.turn FROM pathway_decision d WHERE d.measure <> 'unknown' AND "
        "(cardinality(d.facts) = 0 OR EXISTS (SELECT FROM unnest(d.facts) f(id) LEFT JOIN "
        "journal_fact j USING (id) WHERE j.id IS NULL))"),
    Law("pathway.turns_follow", "Decisions of an episode are numbered without a hole.",
        "SELECT episode FROM pathway_decision GROUP BY episode HAVING max(turn) <> count(*)"),
    Law("pathway.nobody_inside_without_episode",
        "Every person inside the loop has an open episode, and the other way round.",
        "SELECT h.subject FROM custody_holding h LEFT JOIN checkpoint_episode e "
        "ON e.person = h.subject AND e.ended_at IS NULL WHERE h.kind = 'person' "
        "AND (h.account <> 'outside') <> (e.id IS NOT NULL)"),
    Law("pathway.released_by_the_gate",
        "Whoever left by release has a decision, and no duty of test or result open.",
        "SELECT x.subject FROM custody_entry x WHERE x.why = 'released' AND NOT EXISTS ("
        "SELECT FROM pathway_decision d WHERE d.person = x.subject AND d.measure NOT IN "
        "('unknown', 'hold'))"),
)
