"""What transfer does with places and vehicles. Trips: reduce_trips.py, reduce_runs.py."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from pratique.custody.ledger import held
from pratique.custody.reduce import known_accounts, not_your_account, unknown_account
from pratique.journal.context import Context
from pratique.journal.fact import Fact, Parked, Quarantined, Verdict
from pratique.journal.kinds import reduces
from pratique.kit.arrays import booleans, moments, texts, uuids
from pratique.registry.merged import Humans, humans
from pratique.transfer import reduce_runs, reduce_trips
from pratique.transfer.rules import TAKERS, PlaceSaid, standing_place

__all__ = ["reduce_runs", "reduce_trips"]

SAID = """
SELECT person, fact, account, home_fit, at, cancelled_at, cancelled_by, current
FROM transfer_place WHERE person = ANY(%b) ORDER BY at, fact
"""
STANDS_NO_MORE = "UPDATE transfer_place SET current = false WHERE fact = ANY(%b)"
SAY = """
INSERT INTO transfer_place (fact, person, account, room, home_fit, at, current, cancelled_at,
                            cancelled_by, cancel_reason)
SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::boolean[],
                     %b::timestamptz[], %b::boolean[], %b::timestamptz[], %b::uuid[], %b::text[])
"""
CANCEL = """
UPDATE transfer_place p SET cancelled_at = u.at, cancelled_by = u.fact, cancel_reason = u.reason,
    current = false
FROM unnest(%b::uuid[], %b::text[], %b::timestamptz[], %b::uuid[], %b::text[])
     u(person, account, at, fact, reason)
WHERE p.person = u.person AND p.account = u.account AND p.at <= u.at
  AND (p.cancelled_at IS NULL OR (p.cancelled_at, p.cancelled_by) < (u.at, u.fact))
"""
WAITING_FOR_TRIP = """
SELECT q.person, q.trip, t.destination, coalesce(t.planner, t.origin)
FROM transfer_passenger q JOIN transfer_trip t ON t.trip = q.trip
WHERE q.open AND t.state = 'planned' AND q.person = ANY(%b)
"""
ROOMS = """
SELECT r.site, r.room FROM registry_room r
JOIN unnest(%b::text[], %b::text[]) u(site, room) ON r.site = u.site AND r.room = u.room
"""


class Said:
    """Everything said about some people's places, under whatever id, read once and carried on.

    `current` is kept for each id apart, so that a merge that is undone gives each its own again;
    what stands for a human being follows from all that was said of them.
    """

    def __init__(self, context: Context, persons: Iterable[UUID]) -> None:
        asked = list(persons)
        self.people = humans(context.cursor, asked)
        self.by_person: dict[UUID, list[PlaceSaid]] = defaultdict(list)
        self.current: dict[UUID, UUID] = {}
        self.cancels: dict[tuple[UUID, str], tuple[datetime, UUID]] = {}
        context.cursor.execute(SAID, (uuids({*asked, *self.people.everybody}),))
        for person, fact, account, fit, at, cancelled, by, current in context.cursor.fetchall():
            self.by_person[person].append(PlaceSaid(fact, account, fit, at, cancelled))
            if current:
                self.current[person] = fact
            if cancelled is not None:
                key = self.people.root(person), account
                self.cancels[key] = max(self.cancels.get(key, (cancelled, by)), (cancelled, by))

    def of_human(self, person: UUID) -> list[PlaceSaid]:
        """What was said of this human being."""
        return [said for one in self.people.ids(person) for said in self.by_person.get(one, ())]

    def stands(self, person: UUID) -> PlaceSaid | None:
        """The one place that stands for this human being."""
        rows = self.of_human(person)
        fact = standing_place(rows)
        return next((said for said in rows if said.fact == fact), None)


@reduces("transfer.place_confirmed")
def confirm_places(facts: list[Fact], context: Context) -> list[Verdict]:
    """The latest by its own time stands, whatever order the confirmations are heard in."""
    accounts = known_accounts(context)
    rooms = _known_rooms(context, facts)
    verdicts = [_check_taker(f, accounts) or _check_room(f, accounts, rooms) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    said = Said(context, [f.body.person for f in good])
    born: dict[UUID, tuple[datetime, UUID] | None] = {}
    stands: dict[UUID, UUID | None] = {}
    lost: list[tuple[Fact, str]] = []
    for fact in good:  # no two of the same id in one call; of the same human being there may be
        person, account = fact.body.person, fact.body.account
        before = said.stands(person)
        cancel = said.cancels.get((said.people.root(person), account))
        if cancel is not None and cancel[0] < fact.at:
            cancel = None  # it was taken back before this was said
        born[fact.id] = cancel
        said.by_person[person].append(PlaceSaid(
            fact.id, account, fact.body.home_fit, fact.at, cancel[0] if cancel else None))
        stands[person] = standing_place(said.by_person[person])
        after = said.stands(person)
        if before and before.account != account and after and after.fact == fact.id:
            lost.append((fact, before.account))
    context.cursor.execute(STANDS_NO_MORE, (
        uuids(fact for person, fact in said.current.items()
              if person in stands and stands[person] != fact),))
    _write_places(context, good, stands, born)
    _tell_superseded(context, lost, said)
    # Whoever waits for a place of this human being may have named them by another id.
    context.happened({f.body.person for f in good} | said.people.everybody)
    context.touch([f.body.person for f in good])
    return verdicts


def _write_places(
    context: Context, facts: Sequence[Fact], stands: dict[UUID, UUID | None],
    born: dict[UUID, tuple[datetime, UUID] | None],
) -> None:
    cancels = [born[f.id] for f in facts]
    context.cursor.execute(SAY, (
        uuids(f.id for f in facts), uuids(f.body.person for f in facts),
        texts(f.body.account for f in facts), texts(f.body.room for f in facts),
        booleans(f.body.home_fit for f in facts), moments(f.at for f in facts),
        booleans(stands[f.body.person] == f.id for f in facts),
        moments(c[0] if c else None for c in cancels), uuids(c[1] if c else None for c in cancels),
        texts("" for __ in facts)))


def _tell_superseded(
    context: Context, lost: Sequence[tuple[Fact, str]], said: Said
) -> None:
    """An account that keeps a bed for somebody who will go elsewhere is told, to free it."""
    ids = {f.id: said.people.ids(f.body.person) for f, __ in lost}
    holdings = held(context, [one for some in ids.values() for one in some]) if lost else {}
    for fact, account in lost:
        if not any(one in holdings and holdings[one].account == account for one in ids[fact.id]):
            context.find(fact, "place_superseded", "transfer.one_place",
                         {"account": account, "now": fact.body.account},
                         subject=fact.body.person, owner=account)


def _check_taker(fact: Fact, accounts: dict[str, str]) -> Verdict:
    account = fact.body.account
    if account not in accounts:
        return unknown_account(account)
    if accounts[account] not in TAKERS:
        return Quarantined("not_a_destination", _("No trip ends at “%(code)s”."),
                           "transfer.units", {"code": account})
    if fact.place is not None and fact.place != account:
        return not_your_account(fact, account)
    return None


def _known_rooms(context: Context, facts: Sequence[Fact]) -> set[tuple[str, str]]:
    asked = [(f.body.account, f.body.room) for f in facts if f.body.room]
    if not asked:
        return set()
    context.cursor.execute(ROOMS, (texts(a for a, __ in asked), texts(r for __, r in asked)))
    return set(context.cursor.fetchall())


def _check_room(
    fact: Fact, accounts: dict[str, str], rooms: set[tuple[str, str]]
) -> Verdict:
    """A site's room must exist; a community names a room as it likes (a hotel's)."""
    body = fact.body
    at_site = accounts.get(body.account) == "isolation_site"
    if body.room and at_site and (body.account, body.room) not in rooms:
        return Quarantined("unknown_room", _("“%(account)s” has no room “%(room)s”."),
                           "transfer.room", {"account": body.account, "room": body.room})
    return None


@reduces("transfer.place_cancelled")
def cancel_places(facts: list[Fact], context: Context) -> list[Verdict]:
    """An account takes back what it said before that moment; what it said later stays."""
    accounts = known_accounts(context)
    said = Said(context, [f.body.person for f in facts])
    verdicts = [_check_taker(f, accounts) or _check_cancel(f, said) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if not good:
        return verdicts
    lost = [f for f in good if (one := said.stands(f.body.person)) is not None
            and one.account == f.body.account and one.at <= f.at]
    _write_cancels(context, good, said.people)
    if lost:
        _tell_planners(context, lost, said.people)
    context.touch(f.body.person for f in good)
    return verdicts


def _write_cancels(context: Context, facts: Sequence[Fact], people: Humans) -> None:
    """Under every id of the human being: the account keeps no bed for them, whatever their name."""
    latest: dict[tuple[UUID, str], Fact] = {}
    for fact in sorted(facts, key=lambda f: (f.at, f.id)):
        latest.update(((one, fact.body.account), fact) for one in people.ids(fact.body.person))
    rows = sorted(latest.items(), key=lambda row: row[0])
    context.cursor.execute(CANCEL, (
        uuids(person for (person, __), __ in rows), texts(account for (__, account), __ in rows),
        moments(f.at for __, f in rows), uuids(f.id for __, f in rows),
        texts(f.body.reason for __, f in rows)))


def _check_cancel(fact: Fact, said: Said) -> Verdict:
    body = fact.body
    if not body.reason.strip():
        return Quarantined("reason_missing", _("Taking a place back needs its reason."),
                           "transfer.cancel")
    if not any(s.account == body.account for s in said.of_human(body.person)):
        return Parked(on=body.person, code="place_not_heard", rule="transfer.cancel")
    return None


def _tell_planners(context: Context, facts: Sequence[Fact], people: Humans) -> None:
    """A trip that has not left counts on a place that is gone: its planner is told at once."""
    ids = {f.id: people.ids(f.body.person) for f in facts}
    context.cursor.execute(WAITING_FOR_TRIP, (
        uuids(one for some in ids.values() for one in some),))
    waiting = {row[0]: row[1:] for row in context.cursor.fetchall()}
    for fact in facts:
        for trip, destination, owner in sorted({waiting[p] for p in ids[fact.id] if p in waiting}):
            if destination == fact.body.account:
                context.find(fact, "place_lost", "transfer.confirmed_place",
                             {"trip": str(trip), "account": fact.body.account},
                             subject=fact.body.person, owner=owner)
                break


@reduces("transfer.vehicle_disinfected")
def disinfect_vehicles(facts: list[Fact], context: Context) -> list[Verdict]:
    accounts = known_accounts(context)
    verdicts = [_check_vehicle(f, accounts) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if good:
        context.cursor.execute(
            "INSERT INTO transfer_disinfection (fact, vehicle, at, method) "
            "SELECT * FROM unnest(%b::uuid[], %b::text[], %b::timestamptz[], %b::text[])",
            (uuids(f.id for f in good), texts(f.body.vehicle for f in good),
             moments(f.at for f in good), texts(f.body.method for f in good)))
    return verdicts


def _check_vehicle(fact: Fact, accounts: dict[str, str]) -> Verdict:
    vehicle = fact.body.vehicle
    if vehicle not in accounts:
        return unknown_account(vehicle)
    if accounts[vehicle] != "crew":
        return Quarantined("not_a_crew", _("“%(code)s” is no vehicle crew."), "transfer.units",
                           {"code": vehicle})
    if accounts.get(fact.place or "") == "crew" and fact.place != vehicle:
        return not_your_account(fact, vehicle)
    return None
