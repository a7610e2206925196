"""Who is concerned with a person, and so may correct the record: one rule for every door.

Concerned are the post that met the person, whoever holds them, and whoever awaits them. Holders and
takers are custody's to tell; the stations add what they know by `told_by`.

A verdict follows from the fact's place and from what was recorded before it, never from who sends
the batch: a fact that waited is woken by somebody else's, and a rebuild speaks for the county. That
the speaker may speak for that place was asked when the fact was first heard (`journal.reading`);
no place is the whole county, and only who is on duty for all of it can say so.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from django.utils.translation import gettext_lazy as _

from pratique.custody.ledger import known_accounts
from pratique.custody.rules import OUTSIDE
from pratique.journal.context import Context
from pratique.journal.fact import Fact, Parked, Quarantined, Verdict
from pratique.kit.arrays import uuids
from pratique.kit.ids import unit_subject
from pratique.kit.sql import reading
from pratique.registry.merged import HUMAN
from pratique.registry.rights import OFFICE
from pratique.registry.rules import bad

MERGES = unit_subject("merges")
"""What merging locks: who is one human being does not change while it is held."""

HELD = f"""
SELECT w.person, nullif(h.account, '{OUTSIDE}'), true FROM whole w
JOIN custody_holding h ON h.subject = w.one
UNION
SELECT w.person, o.taker, true FROM whole w
JOIN custody_holding h ON h.subject = w.one
JOIN custody_handover o ON o.id = h.pending
"""
OTHER_RECORDS = f"{HUMAN} SELECT DISTINCT one FROM whole WHERE one <> person"
_parts = [HELD]


def told_by(part: str) -> None:
    """Add what a station knows: SQL from `whole` (registry.merged) to rows of (person, unit, met).

    unit: somebody concerned, or NULL. met: whether the person has come, as opposed to being
    announced; until somebody is, who will be concerned is not known yet.
    """
    _parts.append(part)


@dataclass(frozen=True, slots=True)
class Concern:
    """units: who is concerned with a person. is_met: whether the person has come."""

    units: frozenset[str] = frozenset()
    is_met: bool = False


NOBODY = Concern()


def concerns(cursor: psycopg.Cursor, persons: Iterable[UUID]) -> dict[UUID, Concern]:
    """Who is concerned with each of `persons`, under whatever ids. One statement."""
    cursor.execute(f"{HUMAN} {' UNION '.join(_parts)}", (uuids(set(persons)),))
    units: dict[UUID, set[str]] = defaultdict(set)
    met: dict[UUID, bool] = defaultdict(bool)
    for person, unit, is_met in cursor.fetchall():
        met[person] |= is_met
        units[person] |= {unit} - {None}
    return {person: Concern(frozenset(who), met[person]) for person, who in units.items()}


def check_concern(
    person: UUID, place: str | None, kind: str | None, concern: Concern
) -> Parked | Quarantined | None:
    """Whether `place`, an account of `kind`, may correct this person's record; None where it may.

    Parked: nobody has met the person yet, and it may still be this place that does.
    """
    if place is None or kind == OFFICE or place in concern.units:
        return None
    if not concern.is_met:
        return Parked(on=person)
    return bad(
        "not_your_person",
        _("“%(place)s” has not met this person, does not hold them and does not await them. The "
          "record is corrected by who does, or by who answers for the whole county."),
        "registry.concern", place=place)


def judge(context: Context, facts: Sequence[Fact]) -> list[Verdict]:
    """The verdict on each fact that corrects something of `body.person`: None where its place is
    concerned. Two statements, one more where somebody was merged, whatever the number of facts."""
    kinds = known_accounts(context)
    asked = {fact.body.person for fact in facts}
    context.cursor.execute(OTHER_RECORDS, (uuids(asked),))
    if others := {one for (one,) in context.cursor.fetchall()}:
        context.locks({MERGES, *others})
    known = concerns(context.cursor, asked)
    return [check_concern(f.body.person, f.place, kinds.get(f.place or ""),
                          known.get(f.body.person, NOBODY)) for f in facts]


def may_correct(place: str | None, person: UUID) -> bool:
    """For a door: whether a correction said at `place` now would pass."""
    with reading() as cursor:
        cursor.execute("SELECT kind FROM custody_account WHERE code = %s", (place,))
        kind = next((row[0] for row in cursor.fetchall()), None)
        concern = concerns(cursor, [person]).get(person, NOBODY)
    return check_concern(person, place, kind, concern) is None
