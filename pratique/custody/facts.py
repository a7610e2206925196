"""Kinds of fact that custody owns: hand-overs in two phases, head counts, corrections.

A giver says by which earlier fact it holds each subject (`holds_by`): the arrival, the acceptance
or the correction that last put the subject into its account. So a hand-over heard out of order
waits for its predecessor, and one from a stale page or an old tab is told apart from it (law 11).
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from pratique.journal.kinds import Body, declare
from pratique.kit.ids import unit_subject

HOLDERS = ("gate_officer", "sampler", "courier", "laboratory", "dispatcher", "crew",
           "township_clerk", "site_head", "system")
SubjectKind = Literal["person", "vehicle", "specimen"]


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One subject on offer. holds_by: the fact by which the giver holds it.

    after: the giver's earlier hand-over of this subject that came to nothing (refused, expired,
    withdrawn), if there was one; the offer waits until that answer has been heard.
    """

    subject: UUID
    holds_by: UUID
    after: UUID | None = None


class Offered(Body, kw_only=True):
    """The giver offers `lines` to `taker`; they stay in the giver's account until answered.

    The fact's id is the hand-over's id. purpose: a trip, bag or room that it belongs to.
    """

    giver: str
    taker: str
    lines: list[Line]
    expires_at: datetime
    trip: UUID | None = None
    bag: str | None = None


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    subject: UUID
    reason: str


class Answered(Body, kw_only=True):
    """The taker's answer, line by line. Lines not named stay pending with the giver.

    taker: as in the offer; only its people may answer.
    """

    handover: UUID
    taker: str
    accepted: list[UUID] = []
    refused: list[Refusal] = []


class Withdrawn(Body, kw_only=True):
    """The giver takes an unanswered offer back, whole or in part."""

    handover: UUID
    giver: str
    subjects: list[UUID]
    reason: str


class Expired(Body, kw_only=True):
    """The deadline passed without an answer: the giver still holds these, in sight."""

    handover: UUID
    subjects: list[UUID]


class HeadCounted(Body, kw_only=True):
    """An independent count of what an account holds at `at` of the fact.

    source: room_round, passenger_list, rack_scan, roll_call, camera.
    """

    account: str
    subject_kind: SubjectKind
    counted: int
    source: str


class PostHandedOver(Body, kw_only=True):
    """A shift ends: whoever leaves hands the post over, with what both of them counted together.

    Said by the one who leaves (`by` of the fact). to: the member of staff who takes over. unsent:
    how many facts the device that says it still keeps, this one not counted.
    """

    account: str
    to: UUID
    persons: int
    vehicles: int
    specimens: int
    note: str = ""
    unsent: int = 0


class DifferenceExplained(Body, kw_only=True):
    """Why a count and the account differ, said by one who answers for the account."""

    account: str
    subject_kind: SubjectKind
    count: UUID
    reason: str


class Corrected(Body, kw_only=True):
    """The ledger was wrong: a new entry, with its reason; the wrong one stays."""

    subject: UUID
    holds_by: UUID
    giver: str
    taker: str
    reason: str
    after: UUID | None = None


declare("custody.offered", Offered, roles=HOLDERS,
        subjects=lambda b: tuple(line.subject for line in b.lines))
declare("custody.answered", Answered, roles=HOLDERS,
        subjects=lambda b: (*b.accepted, *(r.subject for r in b.refused)))
declare("custody.withdrawn", Withdrawn, roles=HOLDERS, subjects=lambda b: b.subjects)
declare("custody.expired", Expired, roles=("system",), subjects=lambda b: b.subjects)
declare("custody.head_counted", HeadCounted, roles=(*HOLDERS, "supervisor"),
        subjects=lambda b: (unit_subject(b.account),))
declare("custody.post_handed_over", PostHandedOver, roles=HOLDERS,
        subjects=lambda b: (unit_subject(b.account),))
declare("custody.difference_explained", DifferenceExplained,
        roles=("gate_officer", "site_head", "township_clerk", "laboratory", "leader",
               "supervisor"),
        subjects=lambda b: (unit_subject(b.account),))
declare("custody.corrected", Corrected, roles=("registrar", "leader", "supervisor"),
        subjects=lambda b: (b.subject,))
