"""From the rooms' tables to what `evaluate` looks at: a fixed number of statements for any number
of persons."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import psycopg

from pratique.checkpoint.queries import Episode, ask_episodes
from pratique.isolation.queries import ask_readings
from pratique.kit.arrays import Array, uuids
from pratique.kit.sql import ask
from pratique.protocol.history import History, Order, Reading, SpecimenRecord, Stay
from pratique.protocol.pack import Pack, shipped
from pratique.registry.atlas import Atlas
from pratique.registry.merged import HUMAN
from pratique.registry.stays import ask_atlas
from pratique.specimens.queries import ask_specimen_records
from pratique.transfer.queries import Place, ask_home_answers

# The sampler's tablet is another one than the officer's: a swab taken right after the arrival may
# claim to be minutes older than it.
CLOCKS_DIFFER = timedelta(minutes=15)

ACCOUNTS = "SELECT code, kind FROM custody_account"
# Where the human being is: held under the root's own id, or under another by which they came again.
HOLDINGS = f"""
{HUMAN}
SELECT DISTINCT ON (w.person) w.person, h.account, h.entry, h.since
FROM whole w JOIN custody_holding h ON h.subject = w.one
ORDER BY w.person, h.account = 'outside', w.one <> w.root, h.since DESC
"""
PACKS = "SELECT in_force_from, pack, version FROM pathway_adoptedpack ORDER BY in_force_from, fact"
ORDERS = """
SELECT "order", pack, area, legal_basis, since, until FROM pathway_order ORDER BY since, "order"
"""


class Known(msgspec.Struct, frozen=True, gc=False):
    """One person's latest episode, ready for `evaluate`, and by what it is decided.

    also_open: other open episodes of the same human being, whose records were merged. They ask for
    nothing as long as this one speaks.
    """

    pack: Pack
    version: str
    history: History
    risk_list: datetime | None
    also_open: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What all persons share: the map of risk, accounts, packs in force, orders."""

    atlas: Atlas
    kinds: dict[str, str]
    packs: list[tuple[datetime, str, str]]
    orders: tuple[Order, ...]

    def pack_at(self, at: datetime) -> tuple[Pack, str] | None:
        """The pack in force at `at`; None before the first was adopted or when it is not here."""
        found = None
        for since, pack, version in self.packs:
            if since <= at:
                found = (pack, version)
        if found is None or found[0] not in shipped():
            return None
        return shipped()[found[0]], found[1]


def ask_frame(cursor: psycopg.Cursor) -> Callable[[], Frame]:
    """What all persons share; its statements are sent now, and answered when it is called."""
    accounts, packs, orders = (ask(cursor, query, ()) for query in (ACCOUNTS, PACKS, ORDERS))
    atlas = ask_atlas(cursor)
    return lambda: Frame(atlas(), dict(accounts.fetchall()), packs.fetchall(),
                         tuple([Order(*row) for row in orders.fetchall()]))


def histories(cursor: psycopg.Cursor, persons: Iterable[UUID]) -> dict[UUID, Known]:
    """Each person's latest episode as `evaluate` sees it; persons without one are not there.

    A history is of the human being: of the record under which the person goes on, whichever of
    their ids was asked for.
    """
    return ask_histories(cursor, uuids(persons))()


def ask_histories(
    cursor: psycopg.Cursor, persons: Array
) -> Callable[[], dict[UUID, Known]]:
    """The same; all statements are sent now, and their answers read when it is called."""
    episodes = ask_episodes(cursor, persons)
    shared = ask_frame(cursor)
    holdings = ask(cursor, HOLDINGS, (persons,))
    specimens = ask_specimen_records(cursor, persons)
    readings = ask_readings(cursor, persons)
    homes = ask_home_answers(cursor, persons)

    def read() -> dict[UUID, Known]:
        latest = episodes()
        held = {row[0]: row[1:] for row in holdings.fetchall()}
        return _known(latest, shared(), held, specimens(), readings(), homes())
    return read


def _known(
    latest: Mapping[UUID, Episode], shared: Frame, holdings: Mapping[UUID, Sequence],
    specimens: Mapping[UUID, list[SpecimenRecord]], readings: Mapping[UUID, list[Reading]],
    homes: Mapping[UUID, Place],
) -> dict[UUID, Known]:
    """By the id that was asked for, as all of these are."""
    known = {}
    for asked, episode in latest.items():
        pack = shared.pack_at(episode.arrived_at)
        if pack is None or asked not in holdings:
            continue
        since = episode.arrived_at - CLOCKS_DIFFER
        history = _history(
            shared, episode.root or asked, episode, holdings[asked],
            tuple([s for s in specimens.get(asked, ()) if s.collected_at >= since]),
            tuple([r for r in readings.get(asked, ()) if r.at >= since]), homes.get(asked))
        known[asked] = Known(pack[0], pack[1], history, shared.atlas.stamp, episode.also_open)
    return known


def _history(
    shared: Frame, person: UUID, episode: Episode, holding: Sequence, specimens: tuple,
    readings: tuple, home: Place | None,
) -> History:
    account, entry, since = holding
    return History(
        person=person, episode=episode.id, arrived_at=episode.arrived_at,
        arrived_account=episode.post, account=account,
        account_kind=shared.kinds.get(account, "outside"), account_since=since,
        resident=episode.resident, from_outside_province=episode.from_outside_province,
        destination=episode.destination, stays=_stays(shared.atlas, episode),
        specimens=specimens, readings=readings, exposures=(),
        special=frozenset(episode.special), orders=shared.orders,
        home_confirmed=home.home_fit if home else None, ended_at=episode.ended_at,
        account_evidence=entry, home_confirmed_at=home.confirmed_at if home else None,
        home_evidence=home.fact if home else None, ended_evidence=episode.ended_by)


def _stays(risk: Atlas, episode: Episode) -> tuple[Stay, ...]:
    graded = []
    for stay in episode.stays:
        tier, lists = risk.grade(stay.division, stay.area, stay.since, episode.stays_at)
        graded.append(Stay(tier, stay.since, stay.until, stay.division,
                           (episode.stays_by, *lists)))
    return tuple(graded)
