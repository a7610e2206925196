"""The township's desk: who comes home, whose home is fit, rounds and visits, who leaves."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from pratique.checkpoint import queries as checkpoint
from pratique.desks import door, holding, people
from pratique.desks.door import Saying
from pratique.desks.frame import desk_roles, names_of
from pratique.isolation import queries as isolation
from pratique.kit.access import open_to
from pratique.registry import queries as registry


@open_to(*desk_roles("township"))
def township(request: HttpRequest) -> HttpResponse:
    """What a township owes today to those who are, or come, home."""
    request.pratique_desk = "township"  # type: ignore[attr-defined]
    here = people.place_of(request)
    if here is None:
        raise Http404
    if request.method == "POST":
        _act(request, here)
        return redirect(f"{request.path}?slot={holding.slot_now(request)}")
    now = door.moment(request)
    homes = holding.homes_to_see(here, now)
    announced = checkpoint.expected_arrivals(destination=here, limit=50)
    names_of(request).want_people(
        [*(d.person for d in homes), *(a.person for a in announced)])
    return render(request, "desks/pages/township.html", {
        **holding.common(request, here), "homes": homes, "announced": announced,
        "identities": registry.identities([d.person for d in homes]),
        "visits": isolation.last_visits(here)})


def _act(request: HttpRequest, here: str) -> None:
    asked = request.POST
    match asked.get("do"):
        case "fit" | "unfit":
            door.say(request, "township", [Saying("transfer.place_confirmed", {
                "person": asked.get("person"), "account": here,
                "home_fit": asked["do"] == "fit", "note": asked.get("note", "").strip()})])
        case "found" | "away":
            door.say(request, "township", [Saying("isolation.home_visited", {
                "person": asked.get("person"), "account": here, "found": asked["do"] == "found",
                "needs": asked.get("needs", "").strip()})])
        case _:
            holding.act(request, here)
