"""Reads of decisions, orders, objections; and the pathway's laws for `prove`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pratique.journal.prove import Law
from pratique.kit.arrays import uuids
from pratique.kit.sql import reading
from pratique.pathway.histories import PACKS, histories
from pratique.protocol.evaluate import Outcome, evaluate
from pratique.protocol.pack import shipped
from pratique.protocol.spec import DevicesSpec
from pratique.registry.merged import HUMAN, same_as

PAGE_ROWS_MAX = 200
OFFLINE_HOURS_MAX = 72  # so long a device may work alone; its late entries meet earlier packs

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
    """The decision in force for each person's latest episode; undecided ones are not there.

    Whoever was merged has one decision, whichever id is asked for.
    """
    with reading() as cursor:
        cursor.execute(
            f"{HUMAN} SELECT DISTINCT ON (w.person) w.person, {_COLUMNS} FROM whole w "
            "JOIN checkpoint_episode e ON e.person = w.one "
            "JOIN LATERAL (SELECT * FROM pathway_decision WHERE episode = e.id "
            "ORDER BY turn DESC LIMIT 1) d ON true "
            "ORDER BY w.person, e.ended_at IS NOT NULL, e.arrived_at DESC, e.id DESC",
            (uuids(persons),))
        return {row[0]: Decided(*row[1:]) for row in cursor.fetchall()}


def decision_story(person: UUID) -> list[Decided]:
    """Every decision ever made about a person, oldest first: old ones stay explainable."""
    with reading() as cursor:
        cursor.execute(
            f"{HUMAN} SELECT {_COLUMNS} FROM whole w JOIN checkpoint_episode e "
            "ON e.person = w.one JOIN pathway_decision d ON d.episode = e.id "
            "ORDER BY d.episode, d.turn", (uuids([person]),))
        return [Decided(*row) for row in cursor.fetchall()]


def outcomes_of(persons: Iterable[UUID], now: datetime) -> dict[UUID, Outcome]:
    """What the protocol says of these persons at `now`: for release and what is missing."""
    with reading() as cursor:
        known = histories(cursor, list(persons))
    return {person: evaluate(k.pack, k.history, now) for person, k in known.items()}


def turning_back(persons: Iterable[UUID], now: datetime) -> dict[UUID, tuple[str, bool]]:
    """person -> (the measure at `now`, whether its pack lets them be turned back at the post).

    What the guard of the checkpoint will say, asked before anybody presses a button; those of whom
    nothing is decided are not there.
    """
    with reading() as cursor:
        known = histories(cursor, list(persons))
    measures = {p: evaluate(k.pack, k.history, now).decision.measure for p, k in known.items()}
    return {p: (m, known[p].pack.may_turn_back(m)) for p, m in measures.items()}


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


# The episode that speaks for a human being, with where they are held: under the episode's own id,
# or, where records were merged, under another one of theirs.
_SPEAKS = f"""
e.ended_at IS NULL AND NOT EXISTS (
    SELECT FROM checkpoint_episode o WHERE o.person = ANY({same_as("e.person")})
    AND o.ended_at IS NULL AND (o.arrived_at, o.id) > (e.arrived_at, e.id))
"""
_ASKED = "(%s::text IS NULL OR h.account = %s) AND (%s::uuid IS NULL OR e.id > %s)"
STATES = f"""
WITH held AS (
    (SELECT e.id, h.subject FROM checkpoint_episode e
     JOIN custody_holding h ON h.subject = e.person AND h.account <> 'outside'
     WHERE {_SPEAKS} AND {_ASKED} AND (%s::uuid[] IS NULL OR e.person = ANY(%s))
     ORDER BY e.id LIMIT %s)
    UNION ALL
    SELECT e.id, h.subject FROM registry_person m
    JOIN checkpoint_episode e ON e.person = m.person
    JOIN custody_holding o ON o.subject = m.person AND o.account = 'outside'
    JOIN custody_holding h ON h.subject = m.root AND h.account <> 'outside'
    WHERE m.root <> m.person AND {_SPEAKS} AND {_ASKED}
      AND (%s::uuid[] IS NULL OR m.root = ANY(%s) OR m.person = ANY(%s))
)
SELECT e.id, h.subject, h.account, h.entry, h.since, h.pending, e.destination, e.arrived_at,
       d.measure, d.row, d.tier, d.transfer, d.ends_at, s.colour
FROM held x JOIN checkpoint_episode e ON e.id = x.id JOIN custody_holding h ON h.subject = x.subject
LEFT JOIN registry_person r ON r.person = e.person
LEFT JOIN LATERAL (SELECT measure, row, tier, transfer, ends_at FROM pathway_decision d
                   WHERE d.episode = e.id ORDER BY turn DESC LIMIT 1) d ON true
LEFT JOIN LATERAL (SELECT colour FROM standing_standing s
                   WHERE s.person = coalesce(r.root, e.person) ORDER BY turn DESC LIMIT 1) s ON true
ORDER BY e.id LIMIT %s
"""


def open_episodes(
    *, account: str | None = None, persons: Sequence[UUID] | None = None,
    after: UUID | None = None, limit: int = PAGE_ROWS_MAX,
) -> list[EpisodeState]:
    """Open episodes by id (so by arrival), of one account or of some persons; page by `after`.

    A human being whose records were merged has one row; `person` is the id under which they are
    held now, as a hand-over must name it.
    """
    some = list(persons) if persons is not None else None
    with reading() as cursor:
        cursor.execute(STATES, (account, account, after, after, some, some, limit,
                                account, account, after, after, some, some, some, limit))
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


def device_limits(now: datetime) -> DevicesSpec:
    """How old a bundle may be and how long a device may be unheard, in hours: the strictest.

    Asked are the packs in force now or within the last OFFLINE_HOURS_MAX, by which entries of
    devices that were away are decided. Without a pack the defaults hold (`protocol.spec`).
    """
    with reading() as cursor:
        adopted = cursor.execute(PACKS).fetchall()
    ends = [since for since, __, __ in adopted[1:]] + [now]
    named = {pack for (since, pack, __), end in zip(adopted, ends, strict=False)
             if since <= now and end >= now - timedelta(hours=OFFLINE_HOURS_MAX)}
    said = [shipped()[pack].devices for pack in sorted(named & set(shipped()))] or [DevicesSpec()]
    return DevicesSpec(min(each.bundle_hours_max for each in said),
                       min(each.silent_hours_max for each in said))


LAWS = (
    Law("pathway.every_episode_decided",
        "Every arrival has a decision, unless a later one of the same merged person speaks for it.",
        "SELECT e.id FROM checkpoint_episode e WHERE EXISTS (SELECT FROM pathway_adoptedpack "
        "p WHERE p.in_force_from <= e.arrived_at) AND NOT EXISTS (SELECT FROM pathway_decision d "
        "WHERE d.episode = e.id) AND NOT EXISTS (SELECT FROM checkpoint_episode o WHERE o.person = "
        f"ANY({same_as('e.person')}) AND (o.arrived_at, o.id) > (e.arrived_at, e.id))"),
    Law("pathway.decisions_have_evidence",
        "A decision other than 'unknown' names facts of the journal.",
        "SELECT d.episode, d.turn FROM pathway_decision d WHERE d.measure <> 'unknown' AND "
        "(cardinality(d.facts) = 0 OR EXISTS (SELECT FROM unnest(d.facts) f(id) LEFT JOIN "
        "journal_fact j USING (id) WHERE j.id IS NULL))"),
    Law("pathway.turns_follow", "Decisions of an episode are numbered without a hole.",
        "SELECT episode FROM pathway_decision GROUP BY episode HAVING max(turn) <> count(*)"),
    Law("pathway.nobody_inside_without_episode",
        "Every person inside the loop has an open episode, and the other way round; records that "
        "were merged are one person. Whom an undone merge put back is looked for first.",
        "SELECT p.root FROM (SELECT coalesce(r.root, h.subject) AS root, "
        "bool_or(h.account <> 'outside') AS inside, bool_or(h.account <> 'outside' AND f.id IS "
        "NOT NULL) AS put_back FROM custody_holding h LEFT JOIN registry_person r "
        "ON r.person = h.subject LEFT JOIN journal_fact f ON f.id = h.entry "
        "AND f.kind = 'registry.merge_undone' WHERE h.kind = 'person' GROUP BY 1) p LEFT JOIN ("
        "SELECT DISTINCT coalesce(r.root, e.person) AS root FROM checkpoint_episode e "
        "LEFT JOIN registry_person r ON r.person = e.person WHERE e.ended_at IS NULL) o "
        "ON o.root = p.root WHERE p.inside <> (o.root IS NOT NULL) "
        "AND NOT (p.put_back AND o.root IS NULL)"),
    Law("pathway.released_by_the_gate",
        "Whoever left by release has a decision, and no duty of test or result open.",
        "SELECT x.subject FROM custody_entry x WHERE x.why = 'released' AND NOT EXISTS ("
        "SELECT FROM checkpoint_episode e JOIN pathway_decision d ON d.episode = e.id "
        "WHERE e.ended_by = x.fact AND d.measure NOT IN ('unknown', 'hold'))"),
)
