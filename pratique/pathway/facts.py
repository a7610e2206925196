"""Kinds of fact that see several stations: orders, packs in force, release."""

from datetime import datetime
from uuid import UUID

from pratique.journal.kinds import Body, declare
from pratique.kit.ids import unit_subject

RULES_IN_FORCE = unit_subject("rules-in-force")


class PackAdopted(Body, kw_only=True):
    """From `in_force_from` the county decides by this version of this pack."""

    pack: str
    version: str
    in_force_from: datetime


class OrderIssued(Body, kw_only=True):
    """A legal order: without one in force no measure restricts anybody."""

    order: UUID
    pack: str
    area: str
    authority: str
    legal_basis: str
    since: datetime
    until: datetime


class OrderEnded(Body, kw_only=True):
    order: UUID
    until: datetime
    reason: str


class Released(Body, kw_only=True):
    """The holder lets a person go (account -> outside); refused while anything is missing."""

    person: UUID
    episode: UUID
    account: str
    holds_by: UUID
    after: UUID | None = None


class EmergencyAdmitted(Body, kw_only=True):
    """A hospital admitted the person. Recorded afterwards; nothing can stop or delay it (law 8).

    Custody stays where it is until a hand-over says otherwise.
    """

    person: UUID
    hospital: str
    note: str = ""


class Objected(Body, kw_only=True):
    """The person objects to the measure; the text rides sealed. A clock starts."""

    person: UUID
    episode: UUID


class ObjectionAnswered(Body, kw_only=True):
    person: UUID
    episode: UUID
    objection: UUID
    upheld: bool
    reason: str


HOLDERS = ("site_head", "township_clerk", "gate_officer")
declare("pathway.pack_adopted", PackAdopted, roles=("epidemiologist", "system"),
        subjects=lambda b: (RULES_IN_FORCE,))
declare("pathway.order_issued", OrderIssued, roles=("leader", "system"),
        subjects=lambda b: (b.order, RULES_IN_FORCE))
declare("pathway.order_ended", OrderEnded, roles=("leader", "system"),
        subjects=lambda b: (b.order, RULES_IN_FORCE))
declare("pathway.released", Released, roles=HOLDERS, subjects=lambda b: (b.person,))
declare("pathway.emergency_admitted", EmergencyAdmitted,
        roles=(*HOLDERS, "crew", "laboratory", "leader", "supervisor", "sampler"),
        subjects=lambda b: (b.person,))
declare("pathway.objected", Objected, roles=(*HOLDERS, "system"),
        subjects=lambda b: (b.person,), sealed=True)
declare("pathway.objection_answered", ObjectionAnswered, roles=("epidemiologist", "leader"),
        subjects=lambda b: (b.person,))
