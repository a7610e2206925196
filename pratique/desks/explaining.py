"""Findings about a difference: who answers for it says why, and the finding closes by that fact.

What is said is a fact of the room that found the difference, so the room knows of it too; closing
the finding alone would leave the difference unexplained there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from pratique.checkpoint import queries as checkpoint
from pratique.desks import people
from pratique.desks.door import Saying
from pratique.desks.frame import names_of
from pratique.journal.kinds import kind_named

Finding = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a reader may say of a finding. `hint`: what they should know before they say it."""

    kind: str
    body: dict[str, Any]
    hint: str = ""

    def saying(self, reason: str) -> Saying:
        return Saying(self.kind, {**self.body, "reason": reason})


def _occupants(found: Finding) -> Explanation | None:
    arrival = UUID(found["params"]["stop"])
    there = checkpoint.registered_with(found["subject"], arrival)
    if there is None:
        return None
    aboard, registered = there
    return Explanation(
        "checkpoint.occupants_explained",
        {"vehicle": found["subject"], "arrival": arrival, "registered": registered},
        _("%(aboard)s were counted aboard, %(registered)s are registered now. If somebody is "
          "registered later, the question opens again.")
        % {"aboard": aboard, "registered": registered})


def _plate(found: Finding) -> Explanation | None:
    params = found["params"]
    if "other_arrival" not in params:  # found before explanations were asked for
        return None
    return Explanation("checkpoint.plate_explained", {
        "vehicle": params["vehicle"], "arrival": found["fact"], "other": params["other"],
        "other_arrival": params["other_arrival"]},
        _("Say which of the two it was: a slip of the pen, a trailer, a forged plate."))


def _lane(found: Finding) -> Explanation:
    params = found["params"]
    return Explanation("checkpoint.lane_explained", {
        name: params[name] for name in ("post", "lane", "hour")})


def _count(found: Finding) -> Explanation | None:
    account = found["params"]["account"]
    if "subject_kind" not in found["params"]:
        return None
    return Explanation("custody.difference_explained", {
        "account": account, "subject_kind": found["params"]["subject_kind"],
        "count": found["fact"]})


# Facts that close a finding and say why in somebody's own words, in a field `reason`.
REASONED = frozenset({
    "checkpoint.occupants_explained", "checkpoint.plate_explained", "checkpoint.lane_explained",
    "custody.difference_explained", "registry.persons_merged", "registry.not_duplicate"})
EXPLAINED: dict[str, Callable[[Finding], Explanation | None]] = {
    "occupants_differ": _occupants, "plate_twice": _plate, "lane_difference": _lane,
    "count_differs": _count,
}


def of(request: HttpRequest, found: Finding) -> Explanation | None:
    """What the reader may say of this finding; None where it is not theirs, or needs no reason."""
    make = EXPLAINED.get(found["code"])
    if make is None or found["closed_at"] is not None or not _is_theirs(request, found["params"]):
        return None
    explanation = make(found)
    kind = kind_named(explanation.kind) if explanation else None
    standing = people.standing_of(request)
    may = kind is not None and standing is not None and kind.roles & standing.roles
    return explanation if may else None


def _is_theirs(request: HttpRequest, params: Mapping[str, Any]) -> bool:
    """People of a post or another account speak for it alone; command speaks for every one."""
    place = people.place_of(request)
    if "account" in params:
        return place in (params["account"], "command")
    unit = names_of(request).units().get(place or "")
    return unit is None or unit.kind != "checkpoint" or place in (
        params.get("post"), params.get("other_post"))
