"""The courier desk: bags on the way, by label, and the laboratory that takes them."""

from collections import defaultdict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pratique.custody import queries as custody
from pratique.desks import door, people
from pratique.desks.frame import desk_roles, names_of
from pratique.desks.views.handovers import offer_saying
from pratique.kit.access import open_to
from pratique.specimens import queries as specimens


@open_to(*desk_roles("courier"))
def courier(request: HttpRequest) -> HttpResponse:
    """What is offered to me, what I carry by bag, and offering it on."""
    request.pratique_desk = "courier"  # type: ignore[attr-defined]
    now = door.moment(request)
    here = people.place_of(request)
    held = {h.subject: h for h in custody.holdings(here, limit=1000)
            if h.kind == "specimen"} if here else {}
    tubes = specimens.tubes(held)
    bags: dict[str, list[specimens.Tube]] = defaultdict(list)
    for tube in tubes.values():
        bags[tube.bag or ""].append(tube)
    if request.method == "POST" and here:
        chosen = [t for bag in request.POST.getlist("bag") for t in bags.get(bag, ())
                  if t.pending is None]
        by_bag: dict[str, list] = defaultdict(list)
        for tube in chosen:
            by_bag[tube.bag or ""].append((tube.specimen, tube.holds_by))
        taker = request.POST.get("taker", "")
        if not by_bag or not taker:
            door.complain(request, _("Tick the bags, and choose the laboratory."))
        else:
            door.say(request, "courier", [
                offer_saying(here, taker, lines, now, bag=bag or None, minutes=60)
                for bag, lines in by_bag.items()])
        return redirect("courier")
    return render(request, "desks/pages/courier.html", {
        "waiting": custody.pending(taker=here), "offered": custody.pending(giver=here),
        "bags": sorted(((bag, rows, sum(t.urgent for t in rows), min(t.collected_at for t in rows),
                         all(t.pending for t in rows)) for bag, rows in bags.items()),
                       key=lambda row: (not row[2], row[3])),
        "tubes": len(tubes), "laboratories": names_of(request).units_of("laboratory")})
