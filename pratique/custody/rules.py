"""The rules of custody, pure: what may be moved, offered, answered, and what is said otherwise.

`holding` is where the ledger has the subject now (None: never heard of). Each rule answers a
verdict; None means yes. The database holds the same laws again (migrations/0002_laws.py).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _

from pratique.journal.fact import Disputed, Parked, Quarantined, Verdict

OUTSIDE = "outside"
NIL = UUID(int=0)
EXPIRES_WITHIN_HOURS_MAX = 48


class Holding(msgspec.Struct, gc=False):
    """A subject's place in the ledger, as the batch has it so far."""

    account: str
    entry: UUID
    pending: UUID | None
    kind: str


def check_birth(holding: Holding | None, subject: UUID) -> Verdict:
    """A subject enters the ledger once; entering again goes on from its last entry."""
    if holding is None or (holding.account == OUTSIDE and holding.pending is None):
        return None
    return Disputed(
        "already_held", _("“%(account)s” holds this subject already."), "custody.law_1",
        {"account": holding.account, "subject": str(subject)})


def check_holder(
    holding: Holding | None, holds_by: UUID, giver: str, subject: UUID, *, heard: bool
) -> Verdict:
    """`giver` holds the subject by the entry `holds_by`, and nothing has happened to it since.

    heard: whether `holds_by` is in the subject's chain at all. Where it is not, it has not come
    yet and the fact waits for it; where it is, the subject has moved on since (law 11).
    """
    if holding is None or (holding.entry != holds_by and not heard):
        return Parked(on=holds_by)
    if holding.entry != holds_by:
        return Disputed(
            "superseded",
            _("This subject has moved on; “%(account)s” holds it now. Nothing was changed."),
            "custody.law_11", {"account": holding.account, "subject": str(subject)})
    if holding.account != giver:
        return Disputed(
            "not_the_holder", _("“%(account)s” holds this subject, not “%(giver)s”."),
            "custody.law_2", {"account": holding.account, "giver": giver, "subject": str(subject)})
    return None


@dataclass(frozen=True, slots=True)
class Resolved:
    """How a line was answered: told to whoever comes second."""

    outcome: str
    at: datetime
    by: UUID | None
    fact: UUID


def already(resolved: Resolved, subject: UUID) -> Disputed:
    return Disputed(
        f"already_{resolved.outcome}",
        _("This was %(outcome)s at %(at)s by %(by)s. Nothing was changed."),
        "custody.law_2",
        {"outcome": resolved.outcome, "at": f"{resolved.at:%Y-%m-%d %H:%M:%SZ}",
         "by": str(resolved.by or "-"), "subject": str(subject)})


def check_offer(giver: str, taker: str, at: datetime, expires_at: datetime) -> Verdict:
    if giver == taker:
        return Quarantined("same_account", _("Giver and taker are the same account."),
                           "custody.two_sides")
    if OUTSIDE in (giver, taker):
        return Quarantined("outside_takes_no_offer", _("Nothing is handed over to or from outside; "
                           "arrivals and releases have their own facts."), "custody.two_sides")
    if expires_at.tzinfo is None or expires_at <= at:
        return Quarantined("expires_before", _("An offer must expire after it was made."),
                           "custody.deadline")
    if (expires_at - at).total_seconds() > EXPIRES_WITHIN_HOURS_MAX * 3600:
        return Quarantined("expires_too_late", _("An offer must expire within %(hours)s hours."),
                           "custody.deadline", {"hours": EXPIRES_WITHIN_HOURS_MAX})
    return None


def check_shift(left_by: UUID | None, body: Any) -> Verdict:
    """A post is handed over by one person to another, with counts that can be."""
    if left_by is None or left_by == body.to:
        return Quarantined(
            "handed_to_oneself", _("A post is handed over by one person to another."),
            "custody.shift")
    if min(body.persons, body.vehicles, body.specimens, body.unsent) < 0:
        return Quarantined("count_below_zero", _("Nothing is counted below zero."),
                           "custody.shift")
    return None
