"""Duties follow from outcomes: listed anew for everyone looked at, written where they changed."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from pratique.journal.context import Context
from pratique.journal.fact import Fact, Parked, Quarantined, Verdict
from pratique.journal.kinds import reduces
from pratique.kit.arrays import Array, documents, moments, texts, uuids
from pratique.pathway.reduce import Evaluated, after_evaluation
from pratique.protocol.outcome import DutySpec
from pratique.registry.merged import HUMAN

COMMAND = "command"
OBJECTIONS = f"""
{HUMAN}
SELECT DISTINCT o.objection, w.root, o.made_at, o.due_at, o.answered_by, o.answered_at
FROM whole w JOIN pathway_objection o ON o.person = w.one
"""
# Of records that were merged one arrival speaks; what the others asked for is not owed twice.
SILENCE = "DELETE FROM duties_duty WHERE closed_at IS NULL AND episode = ANY(%b)"
SPECIMENS = "SELECT subject, account FROM custody_holding WHERE subject = ANY(%b)"
SETTLE = """
WITH listed AS (
    SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[],
                         %b::text[], %b::timestamptz[], %b::timestamptz[], %b::uuid[],
                         %b::timestamptz[], %b::text[], %b::text[], %b::text[])
    u(id, episode, person, pack, key, kind, unit, opens_at, due_at, closed_by, closed_at, chain,
      row, evidence)
), withdrawn AS (
    DELETE FROM duties_duty d WHERE d.episode = ANY(%b)
    AND d.id NOT IN (SELECT id FROM listed)  -- hashed; a join would go over every pair
)
INSERT INTO duties_duty AS d (id, episode, person, pack, key, kind, unit, opens_at, due_at,
                              closed_by, closed_at, chain, row, evidence)
SELECT id, episode, person, pack, key, kind, unit, opens_at, due_at, closed_by, closed_at, chain,
       row, evidence::uuid[] FROM listed
ON CONFLICT (id) DO UPDATE SET
    person = excluded.person, pack = excluded.pack, kind = excluded.kind, unit = excluded.unit,
    opens_at = excluded.opens_at, due_at = excluded.due_at, closed_by = excluded.closed_by,
    closed_at = excluded.closed_at, chain = excluded.chain, row = excluded.row,
    evidence = excluded.evidence
WHERE (d.person, d.pack, d.unit, d.opens_at, d.due_at, d.closed_by, d.closed_at, d.row, d.evidence)
      IS DISTINCT FROM (excluded.person, excluded.pack, excluded.unit, excluded.opens_at,
                        excluded.due_at, excluded.closed_by, excluded.closed_at, excluded.row,
                        excluded.evidence)
"""

Row = tuple[Evaluated, DutySpec, str]  # whose, what, and the unit that owes it


def look_at_objections(context: Context, persons: Array) -> None:
    context.ask(OBJECTIONS, OBJECTIONS, (persons,))


@after_evaluation(ahead=look_at_objections)
def settle(context: Context, evaluated: Sequence[Evaluated]) -> None:
    """Write the duties of everyone looked at; those no longer listed are withdrawn."""
    rows = _rows(context, evaluated)
    context.cursor.execute(SETTLE, (
        uuids(duty_id(e.known.history.episode, d.key) for e, d, __ in rows),
        uuids(e.known.history.episode for e, __, __ in rows),
        uuids(e.known.history.person for e, __, __ in rows),
        texts(e.known.pack.id for e, __, __ in rows),
        texts(d.key for __, d, __ in rows), texts(d.kind for __, d, __ in rows),
        texts(unit for __, __, unit in rows), moments(d.opens_at for __, d, __ in rows),
        moments(d.due_at for __, d, __ in rows), uuids(d.closed_by for __, d, __ in rows),
        moments(d.closed_at for __, d, __ in rows), texts(d.chain for __, d, __ in rows),
        texts(d.row for __, d, __ in rows),
        documents(("{" + ",".join(map(str, d.evidence)) + "}").encode() for __, d, __ in rows),
        uuids(e.known.history.episode for e in evaluated)))
    silent = [episode for e in evaluated for episode in e.known.also_open]
    if silent:
        context.cursor.execute(SILENCE, (uuids(silent),))


def duty_id(episode: UUID, key: str) -> UUID:
    """The id of an episode's duty: the episode's moment, then a digest of both.

    So the duties of one time lie together: an id without a moment would be written to another
    page of the key each (measured on the journal's key: four to five times the cost).
    """
    digest = blake2b(key.encode(), digest_size=8, key=episode.bytes).digest()
    return UUID(int=episode.int >> 64 << 64 | 2 << 62 | int.from_bytes(digest) & (1 << 62) - 1)


def _rows(context: Context, evaluated: Sequence[Evaluated]) -> list[Row]:
    holders = _laboratories(context, evaluated)
    rows = [
        (e, duty, _unit(e, duty, holders)) for e in evaluated for duty in e.outcome.duties
    ]
    by_person = {e.known.history.person: e for e in evaluated}
    objections = context.answer(OBJECTIONS) or ()
    for objection, person, made_at, due_at, answered_by, answered_at in objections:
        if person not in by_person:
            continue
        duty = DutySpec(f"objection:{objection}", "objection", "command", made_at, due_at,
                        answered_by, answered_at, "alarm", "", (objection,))
        rows.append((by_person[person], duty, COMMAND))
    return rows


def _laboratories(context: Context, evaluated: Sequence[Evaluated]) -> dict[UUID, str]:
    """Which account holds each tube that is owed a result: its people owe it."""
    tubes = [s.specimen for e in evaluated for s in e.known.history.specimens
             if s.reported_at is None]
    if not tubes:
        return {}
    context.cursor.execute(SPECIMENS, (uuids(tubes),))
    return dict(context.cursor.fetchall())


def _unit(one: Evaluated, duty: DutySpec, holders: dict[UUID, str]) -> str:
    """The account that owes the duty: the pack names a role-place, the facts say which it is."""
    history = one.known.history
    subject = duty.key.rpartition(":")[2]
    if duty.kind in ("receive", "result", "report") and subject:
        return holders.get(_uuid(subject), COMMAND)
    match duty.owner:
        case "arrived_account":
            return history.arrived_account
        case "account":
            return history.account if history.account != "outside" else history.arrived_account
        case "destination":
            return history.destination or COMMAND
        case __:
            return COMMAND


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


@reduces("duties.taken_on")
def take_on(facts: list[Fact], context: Context) -> list[Verdict]:
    context.cursor.execute(
        "INSERT INTO duties_owner (duty, staff, fact, at) "
        "SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::timestamptz[]) "
        "ON CONFLICT (duty) DO UPDATE SET staff = excluded.staff, fact = excluded.fact, "
        "at = excluded.at "
        "WHERE (duties_owner.at, duties_owner.fact) < (excluded.at, excluded.fact)",
        (uuids(f.body.duty for f in facts), uuids(f.body.staff for f in facts),
         uuids(f.id for f in facts), moments(f.at for f in facts)))
    return [None] * len(facts)


@reduces("duties.lateness_explained")
def explain(facts: list[Fact], context: Context) -> list[Verdict]:
    context.cursor.execute(
        "INSERT INTO duties_cause (duty, cause, fact, at) "
        "SELECT * FROM unnest(%b::uuid[], %b::text[], %b::uuid[], %b::timestamptz[]) "
        "ON CONFLICT (duty) DO UPDATE SET cause = excluded.cause, fact = excluded.fact, "
        "at = excluded.at "
        "WHERE (duties_cause.at, duties_cause.fact) < (excluded.at, excluded.fact)",
        (uuids(f.body.duty for f in facts), texts(f.body.cause for f in facts),
         uuids(f.id for f in facts), moments(f.at for f in facts)))
    return [None] * len(facts)


@reduces("duties.finding_closed")
def close_findings(facts: list[Fact], context: Context) -> list[Verdict]:
    context.cursor.execute("SELECT id, closed_at FROM journal_finding WHERE id = ANY(%b)",
                           (uuids(f.body.finding for f in facts),))
    known: dict[UUID, datetime | None] = dict(context.cursor.fetchall())
    verdicts = [_check_closing(f, known) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if good:
        context.cursor.execute(
            "UPDATE journal_finding n SET closed_at = %s, closed_by = u.fact, outcome = u.outcome "
            "FROM unnest(%b::uuid[], %b::uuid[], %b::text[]) u(fact, finding, outcome) "
            "WHERE n.id = u.finding AND n.closed_at IS NULL",
            (context.now, uuids(f.id for f in good), uuids(f.body.finding for f in good),
             texts(f.body.outcome for f in good)))
    return verdicts


def _check_closing(fact: Fact, known: dict[UUID, datetime | None]) -> Verdict:
    if fact.body.finding not in known:
        return Parked(on=fact.body.finding)
    closed_at = known[fact.body.finding]
    return None if closed_at is None else Quarantined(
        "finding_closed_before", _("This finding was closed at %(at)s. Nothing was changed."),
        "duties.closed_once", {"at": f"{closed_at:%Y-%m-%d %H:%M:%SZ}"})
