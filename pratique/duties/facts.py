"""Kinds of fact about duties and findings: owned, explained, closed by a person."""

from datetime import datetime
from uuid import UUID

from pratique.journal.kinds import Body, declare

ANYONE_ON_DUTY = ("gate_officer", "sampler", "courier", "laboratory", "dispatcher", "crew",
                  "township_clerk", "site_head", "epidemiologist", "registrar", "supervisor",
                  "leader")


class DutyTakenOn(Body, kw_only=True):
    """A named person owns this duty from now on."""

    duty: UUID
    person: UUID | None = None
    staff: UUID


class LatenessExplained(Body, kw_only=True):
    duty: UUID
    cause: str


class FindingClosed(Body, kw_only=True):
    """A person looked into the finding and says what came of it."""

    finding: UUID
    outcome: str


class ParkedFound(Body, kw_only=True):
    """The system found a fact that waits longer than its limit; a person looks into it.

    code: why it waits. limit_minutes: how long it might have. about: its own first subject.
    vehicle: of a trip, the crew that drives.
    """

    fact: UUID
    fact_kind: str
    waits_for: UUID
    code: str
    since: datetime
    limit_minutes: int
    about: UUID | None = None
    place: str | None = None
    vehicle: str | None = None


class DeviceSilentFound(Body, kw_only=True):
    """The system found a device that was not heard, or whose facts are missing, for too long.

    since: when it was heard last, or since when its facts are missing; the earlier of what is too
    long ago. missing: how many running numbers. limit_hours: the packs' `silent_hours_max`.
    """

    device: UUID
    unit: str
    label: str
    since: datetime
    missing: int
    limit_hours: int


declare("duties.taken_on", DutyTakenOn, roles=ANYONE_ON_DUTY, subjects=lambda b: (b.duty,))
declare("duties.lateness_explained", LatenessExplained, roles=ANYONE_ON_DUTY,
        subjects=lambda b: (b.duty,))
declare("duties.finding_closed", FindingClosed, roles=(*ANYONE_ON_DUTY, "system"),
        subjects=lambda b: (b.finding,))
declare("duties.parked_found", ParkedFound, roles=("system",), subjects=lambda b: (b.fact,))
declare("duties.device_silent_found", DeviceSilentFound, roles=("system",),
        subjects=lambda b: (b.device,))
