"""What `evaluate` answers: decision, duties, standing, release. Immutable values, cheap to make.

They are msgspec structs (frozen, compared by value), not dataclasses: an arrival makes two dozen
of them, and these are made five times faster. `msgspec.structs.replace` and `asdict` apply.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

Params = tuple[tuple[str, str], ...]


class DutySpec(msgspec.Struct, frozen=True, gc=False):
    """What somebody owes by when, and the fact that closed it.

    `key` is stable within an episode. `owner` is a role-place: arrived_account, account (the
    present custodian), destination, laboratory or command. `row` is the row of the table that
    asks for it ("" for what every person is owed). Open means: `closed_at` is None.
    """

    key: str
    kind: str
    owner: str
    opens_at: datetime
    due_at: datetime
    closed_by: UUID | None
    closed_at: datetime | None
    chain: str
    row: str
    evidence: tuple[UUID, ...]


class StandingSpec(msgspec.Struct, frozen=True, gc=False):
    """The health code as facts give it. `word`, `label` and `reason` are keys for `Pack.word`.

    From `until` on it has lapsed and a reader shows "none", never green. `label` (a missed test)
    is a mark beside the colour; a reader shows it from `label_from` on.
    """

    colour: str
    word: str
    shape: str
    label: str | None
    reason: str
    params: Params
    row: str
    evidence: tuple[UUID, ...]
    since: datetime
    until: datetime | None
    order: UUID | None
    restrictive: bool
    label_from: datetime | None = None


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What the table says for this person, and which facts said so.

    `measure` is a measure of the pack, or none, hold, unknown. `tests_on` are the moments in UTC
    at which the owed tests open, `ends_at` the planned end of the last day, the order's end if
    that is earlier. `possible` are the rows still possible where the measure is unknown;
    `conditions` are circumstances of the person (special) to be minded.
    """

    measure: str
    row: str
    tier: str
    landing_test: bool
    transfer: str
    counted_from: datetime | None
    ends_at: datetime | None
    tests_on: tuple[datetime, ...]
    facts: tuple[UUID, ...]
    unknown_inputs: tuple[str, ...]
    possible: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


class Release(msgspec.Struct, frozen=True, gc=False):
    """When the person is free, and whether that is so at `now`.

    `due_at` is known once all needed results are. `missing` says in English what is missing;
    `why` the same as (word key, value) for `Pack.sentence` (parameter name: value).
    """

    due_at: datetime | None
    allowed: bool
    missing: tuple[str, ...]
    why: Params = ()


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """The whole answer for one history."""

    decision: Decision
    duties: tuple[DutySpec, ...]
    standing: StandingSpec
    release: Release
