"""People as a desk's list shows them: decision, reason, next step, code, all fetched in sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.safestring import SafeString

from pratique.custody import queries as custody
from pratique.desks import door, words
from pratique.desks.frame import names_of
from pratique.duties import queries as duties
from pratique.pathway import queries as pathway
from pratique.registry import queries as registry
from pratique.standing import queries as standing


@dataclass(frozen=True, slots=True)
class Row:
    """One person: what was decided, why, and what comes next."""

    person: UUID
    decided: Any
    code: Any
    mark: SafeString
    reason: str
    transfer: str
    due: list[Any]
    held: Any

    @property
    def next(self) -> Any:
        return self.due[0] if self.due else None

    @property
    def may_go_on(self) -> bool:
        return self.decided is not None and self.decided.transfer == "none"


def rows_of(persons: Sequence[UUID], request: HttpRequest) -> list[Row]:
    """A row for each person, in the order given."""
    if not persons:
        return []
    now = door.moment(request)
    names_of(request).want_people(persons)
    decided = pathway.decisions_of(persons)
    codes = standing.codes_of(persons, now)
    held = custody.whereabouts(persons)
    due: dict[UUID, list[Any]] = {}
    for duty in duties.duties_of(persons, now):
        if duty.closed_at is None and duty.opens_at <= now:
            due.setdefault(duty.person, []).append(duty)
    return [Row(
        p, decided.get(p), codes.get(p), words.decision_mark(decided.get(p), codes.get(p)),
        words.code_reason(codes.get(p)),
        words.word(decided[p].pack, f"transfer.{decided[p].transfer}") if p in decided else "",
        sorted(due.get(p, []), key=lambda d: d.due_at), held.get(p)) for p in persons]


def may_turn_back(persons: Sequence[UUID], post: str, now: datetime) -> dict[UUID, UUID]:
    """Whom nothing forbids this post to turn back: person as asked -> the record they go on under.

    Held by the post, on offer to nobody, under a measure with which the pack lets people leave.
    """
    if not persons:
        return {}
    roots = registry.roots_of(persons)
    held = custody.whereabouts(list(roots.values()))
    here = [root for root, h in held.items() if h.account == post and h.pending is None]
    allowed = {root for root, (_, may) in pathway.turning_back(here, now).items() if may}
    return {p: root for p, root in roots.items() if root in allowed}
