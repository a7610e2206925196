"""The isolation site's desk: rooms, rounds, tests, who comes, who leaves."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pratique.desks import door, holding, people
from pratique.desks.door import Saying
from pratique.desks.frame import desk_roles, names_of
from pratique.isolation import queries as isolation
from pratique.kit.access import open_to
from pratique.standing import queries as standing

SITE = desk_roles("site")


@open_to(*SITE)
def site(request: HttpRequest) -> HttpResponse:
    """The site as its rooms, with everything that it owes today."""
    request.pratique_desk = "site"  # type: ignore[attr-defined]
    here = people.place_of(request)
    if here is None:
        raise Http404
    if request.method == "POST":
        _act(request, here)
        return redirect(f"{request.path}?slot={holding.slot_now(request)}")
    now = door.moment(request)
    context = holding.common(request, here)
    rooms = isolation.site_picture(here)
    needing = holding.needing_place(now, "isolation_site")
    names_of(request).want_people(d.person for d in needing)
    return render(request, "desks/pages/site.html", {
        **context, "rooms": rooms, "roomless": isolation.without_room(here),
        "free": sum(room.free for room in rooms), "free_rooms": [r for r in rooms if r.free > 0],
        "needing": needing, "need_codes": standing.codes_of([d.person for d in needing], now)})


def _act(request: HttpRequest, here: str) -> None:
    asked = request.POST
    match asked.get("do"):
        case "room" if asked.get("room"):
            door.say(request, "site", [Saying("isolation.room_given", {
                "person": asked.get("person"), "site": here, "room": asked["room"]})])
        case "place" if asked.get("room"):
            door.say(request, "site", [Saying("transfer.place_confirmed", {
                "person": asked.get("person"), "account": here, "room": asked["room"]})])
        case "cancel" if asked.get("reason", "").strip():
            door.say(request, "site", [Saying("transfer.place_cancelled", {
                "person": UUID(asked["person"]), "account": here,
                "reason": asked["reason"].strip()})])
        case "room" | "place":
            door.complain(request, _("Choose a room."))
        case _:
            holding.act(request, here)


@open_to(*SITE, "supervisor", "leader", "dispatcher")
def head_count(request: HttpRequest, code: str) -> HttpResponse:
    """Who is in which room, for rescuers: printable, complete, without anything else."""
    lines = isolation.head_count(code)
    names_of(request).want_people(p for line in lines for p in line.persons)
    return render(request, "desks/pages/head_count.html", {
        "code": code, "lines": lines, "total": sum(line.heads for line in lines)})
