"""Turning a registered person back at the post: whom nothing forbids it, with the reason.

The vehicle, and whoever else came in it, stay as they are.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratique.checkpoint import queries as checkpoint
from pratique.checkpoint.rules import REASON_LENGTH_MAX
from pratique.custody import queries as custody
from pratique.desks import door, people, words
from pratique.desks.door import Saying
from pratique.desks.frame import desk_roles
from pratique.desks.gate_rows import rows_of
from pratique.desks.refusal_words import REFUSED
from pratique.kit.access import open_to
from pratique.kit.ids import new_id
from pratique.pathway import queries as pathway
from pratique.registry import queries as registry

OTHER = "other"
# The fact asks for words; those heard most often are chosen and not typed.
REASONS = {
    "own_wish": gettext_lazy("wants to go back"),
    "papers": gettext_lazy("papers or test proof missing"),
    "other_road": gettext_lazy("goes on by another road, not through this county"),
    "load_changed": gettext_lazy("load or trailer handed over here, drives home"),
    "not_admitted": gettext_lazy("an order in force does not admit this arrival"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether this post may turn a person back now. why: what forbids it, in words; "" = nothing.

    pending: the offer that must be answered or taken back first.
    """

    held: custody.Held | None
    why: str = ""
    pending: UUID | None = None


@open_to(*desk_roles("gate"))
def turn_back(request: HttpRequest, id_: UUID) -> HttpResponse:
    """One person, the reason to choose, one button; or the sentence that says why not."""
    request.pratique_desk = "gate"  # type: ignore[attr-defined]
    post, now = people.place_of(request), door.moment(request)
    root = registry.roots_of([id_]).get(id_)
    if post is None or root is None:
        raise Http404
    episode = checkpoint.episodes([root]).get(root)
    back = ("gate_vehicle", episode.vehicle) if episode and episode.vehicle else ("gate",)
    error = ""
    if request.method == "POST":
        reason = _reason(request)
        error = _wrong(reason)
        if not error and _say(request, root, post, reason):
            return redirect(*back)
    answer = _answer(root, post, now)
    return render(request, "desks/pages/turn_back.html", {
        "who": root, "rows": rows_of([root], request), "answer": answer,
        "vehicle": episode.vehicle if episode else None, "post": post, "reasons": REASONS,
        "chosen": request.POST.get("reason", ""), "typed": request.POST.get("words", ""),
        "error": error, "length": REASON_LENGTH_MAX,
        "fact": request.POST.get("fact") if error else new_id(now)},
        status=422 if request.method == "POST" else 200)


def _reason(request: HttpRequest) -> str:
    """The reason in words: the one chosen, or the typed ones. Who only types has chosen."""
    chosen = request.POST.get("reason", OTHER)
    if chosen in REASONS:
        return str(REASONS[chosen])
    return request.POST.get("words", "").strip()


def _wrong(reason: str) -> str:
    if not reason:
        return _("Choose the reason, or say it in your own words.")
    return "" if len(reason) <= REASON_LENGTH_MAX else _("That reason is too long.")


def _say(request: HttpRequest, root: UUID, post: str, reason: str) -> bool:
    """Whether it was recorded. Pressed twice it is said once: the first answer stands."""
    held = custody.whereabouts([root]).get(root)
    if held is None:
        return False
    try:
        fact = UUID(request.POST.get("fact", ""))
    except ValueError:
        fact = new_id(door.moment(request))
    return door.is_good(door.say(request, "gate", [Saying("checkpoint.person_turned_back", {
        "person": root, "post": post, "holds_by": held.holds_by, "reason": reason}, id=fact)]))


def _answer(root: UUID, post: str, now: datetime) -> Answer:
    held = custody.whereabouts([root]).get(root)
    if held is None or held.account != post:
        return Answer(held, _("This post does not hold this person, so it cannot turn them "
                                "back. Whoever holds them answers for them."))
    if held.pending is not None:
        return Answer(held, _("This person is on offer to somebody else. Take the offer back "
                                "first, or wait for the answer."), held.pending)
    measure, may = pathway.turning_back([root], now).get(root, ("", False))
    if not measure:
        return Answer(held, str(REFUSED["no_decision_yet"]))
    if not may:
        return Answer(held, str(REFUSED["turn_back_not_allowed"])
                        % {"measure": words.measure_named(measure)})
    return Answer(held)
