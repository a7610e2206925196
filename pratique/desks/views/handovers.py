"""Hand-overs: what is offered to me, what I offered; answering all, some, or refusing."""

from datetime import datetime, timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from pratique.custody import queries as custody
from pratique.desks import door, people
from pratique.desks.door import Saying
from pratique.desks.frame import HOLDERS, desk_roles, names_of
from pratique.kit.access import open_to
from pratique.standing import queries as standing

ANSWER_WITHIN_MINUTES = 120


@open_to(*desk_roles("handovers"))
def inbox(request: HttpRequest) -> HttpResponse:
    """Offers that await my answer, oldest first, and mine that await another's."""
    request.pratique_desk = "handovers"  # type: ignore[attr-defined]
    here = people.place_of(request)
    return render(request, "desks/pages/handovers.html", {
        "waiting": custody.pending(taker=here), "offered": custody.pending(giver=here)})


@open_to(*people.ANYONE)
def handover(request: HttpRequest, id_: UUID) -> HttpResponse:
    """One hand-over, line by line. Its taker answers here, its giver may take it back."""
    request.pratique_desk = "handovers"  # type: ignore[attr-defined]
    offer = custody.handover(id_)
    if offer is None:
        raise Http404
    here = people.place_of(request)
    names = names_of(request)
    for kind in ("person", "vehicle", "specimen"):
        names.want(kind, [line.subject for line in offer.lines if line.kind == kind])
    if request.method == "POST":
        return _answer(request, offer)
    codes = standing.codes_of([ln.subject for ln in offer.lines if ln.kind == "person"],
                              door.moment(request))
    mine = request.actor.units is None or here  # type: ignore[attr-defined]
    speaks = bool(set(HOLDERS) & request.actor.roles)  # type: ignore[attr-defined]
    return render(request, "desks/pages/handover.html", {
        "offer": offer, "lines": [(line, codes.get(line.subject)) for line in offer.lines],
        "open_lines": sum(line.outcome is None for line in offer.lines),
        "may_answer": speaks and mine and offer.taker == here,
        "may_withdraw": speaks and mine and offer.giver == here})


def _answer(request: HttpRequest, offer: custody.HandoverRead) -> HttpResponse:
    asked = request.POST
    waiting = {line.subject for line in offer.lines if line.outcome is None}
    ticked = {s for s in waiting if str(s) in asked.getlist("line")}
    reason = asked.get("reason", "").strip()
    back = HttpResponseRedirect(reverse("handover", args=[offer.id]))
    match asked.get("do"):
        case "accept_all":
            body = {"handover": offer.id, "taker": offer.taker, "accepted": sorted(waiting)}
            saying = Saying("custody.answered", body)
        case "accept" if ticked:
            body = {"handover": offer.id, "taker": offer.taker, "accepted": sorted(ticked)}
            saying = Saying("custody.answered", body)
        case "refuse" if ticked and reason:
            body = {"handover": offer.id, "taker": offer.taker,
                    "refused": [{"subject": s, "reason": reason} for s in sorted(ticked)]}
            saying = Saying("custody.answered", body)
        case "withdraw" if reason:
            body = {"handover": offer.id, "giver": offer.giver,
                    "subjects": sorted(ticked or waiting), "reason": reason}
            saying = Saying("custody.withdrawn", body)
        case _ if not ticked:
            door.complain(request, _("Tick the lines that you mean."))
            return back
        case _:
            door.complain(request, _("A refusal needs its reason: the giver must know what to do."))
            return back
    door.say(request, "handovers", [saying])
    return back


def offer_saying(
    giver: str, taker: str, lines: list[tuple[UUID, UUID]], now: datetime, *,
    trip: UUID | None = None, bag: str | None = None, minutes: int = ANSWER_WITHIN_MINUTES,
) -> Saying:
    """An offer of (subject, held by which fact) from one unit to another."""
    return Saying("custody.offered", {
        "giver": giver, "taker": taker, "trip": trip, "bag": bag,
        "lines": [{"subject": subject, "holds_by": by} for subject, by in lines],
        "expires_at": (now + timedelta(minutes=minutes)).isoformat()})
