"""The transfer desk: who waits, which coach is clean and free, trips and the day's bars.

A plan that is refused says by which safety rule, and stays in the form.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pratique.custody import queries as custody
from pratique.desks import door, gantt, people, queries, times
from pratique.desks.door import Saying
from pratique.desks.frame import desk_roles, names_of
from pratique.desks.views.handovers import offer_saying
from pratique.duties import queries as duties
from pratique.kit.access import open_to
from pratique.kit.ids import new_id
from pratique.standing import queries as standing
from pratique.transfer import queries as transfer

DISPATCH = desk_roles("dispatch")


@open_to(*DISPATCH)
def dispatch(request: HttpRequest) -> HttpResponse:
    """The county's transfers; a crew sees its own."""
    request.pratique_desk = "dispatch"  # type: ignore[attr-defined]
    now = door.moment(request)
    here = people.place_of(request)
    refused = False
    if request.method == "POST":
        if _act(request):
            return redirect("dispatch")
        refused = True
    names = names_of(request)
    vehicles = [v for v in transfer.vehicle_states(now) if here is None or v.vehicle == here]
    since = times.day_start(now)
    trips = transfer.trips_between(since, since + timedelta(days=1), unit=here)
    return render(request, "desks/pages/dispatch.html", {
        **(_waiting(request, now) if here is None else {}), "vehicles": vehicles, "trips": trips,
        "gantt": gantt.draw(trips, [v.vehicle for v in vehicles], since, now),
        "late": {trip.trip for trip in transfer.late_trips(now)}, "form": request.POST,
        "crews": [(v.vehicle, queries.staff_roll(v.vehicle)) for v in vehicles],
        "origins": names.units_of("checkpoint", "sampling_point", "isolation_site"),
        "destinations": names.units_of("isolation_site", "community"),
        "depart": _minute(now + timedelta(minutes=15)),
        "arrive": _minute(now + timedelta(minutes=75)), "here": here,
        "offers": custody.pending(taker=here) if here else [],
        "aboard": _aboard(request, here) if here else []}, status=422 if refused else 200)


def _minute(moment: datetime) -> str:
    return f"{times.local(moment):%Y-%m-%dT%H:%M}"


def _waiting(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """People who wait for transfer, by where they are, with their confirmed places."""
    waiting = duties.open_duties(now, kind="transfer")
    persons = [duty.person for duty in waiting]
    names_of(request).want_people(persons)
    listed = transfer.listed_on(persons)
    return {"waiting": waiting, "places": transfer.places(persons), "listed": listed,
            "where": custody.whereabouts(persons), "codes": standing.codes_of(persons, now),
            "unlisted": [d for d in waiting if d.person not in listed]}


def _aboard(request: HttpRequest, here: str) -> list[custody.Held]:
    held = [h for h in custody.holdings(here) if h.kind == "person"]
    names_of(request).want_people(h.subject for h in held)
    return held


def _act(request: HttpRequest) -> bool:
    """What the pressed button says; False: the plan was refused and stays in the form."""
    asked = request.POST
    do = asked.get("do")
    if do == "plan":
        return _plan(request)
    vehicle = asked.get("vehicle", "")
    if do == "disinfected":
        said = [Saying("transfer.vehicle_disinfected", {"vehicle": vehicle})]
    elif do in ("departed", "arrived"):
        said = [Saying(f"transfer.trip_{do}", {"trip": asked.get("trip"), "vehicle": vehicle})]
    elif do == "cancelled" and asked.get("reason", "").strip():
        said = [Saying("transfer.trip_cancelled", {
            "trip": asked.get("trip"), "vehicle": vehicle, "reason": asked["reason"].strip()})]
    elif do == "deliver":
        said = _delivery(request, vehicle)
    else:
        said = []
    if said:
        door.say(request, "dispatch", said)
    else:
        door.complain(request, _("Nothing was entered."))
    return True


def _delivery(request: HttpRequest, vehicle: str) -> list[Saying]:
    """Everybody aboard who is not on offer yet, offered to the trip's destination."""
    trip = transfer.trip(UUID(request.POST["trip"]))
    lines = [(h.subject, h.holds_by) for h in custody.holdings(vehicle)
             if h.kind == "person" and h.pending is None]
    if trip is None or not lines:
        return []
    return [offer_saying(vehicle, trip.destination, lines, door.moment(request), trip=trip.trip,
                         minutes=60)]


def _plan(request: HttpRequest) -> bool:
    asked = request.POST
    passengers = asked.getlist("person")
    crew = [c for c in (asked.get("driver"), asked.get("second")) if c]
    try:
        depart, arrive = (datetime.fromisoformat(asked.get(name, "")).replace(tzinfo=times.zone())
                          for name in ("depart_at", "arrive_at"))
    except ValueError:
        door.complain(request, _("Enter when it departs and when it arrives."))
        return False
    if not passengers or not crew or not asked.get("destination"):
        door.complain(request, _("A trip has a driver, a destination and at least one passenger."))
        return False
    where = custody.whereabouts([UUID(p) for p in passengers])
    origins = {h.account for h in where.values()}
    if len(origins) != 1:
        door.complain(request, _("A trip has one origin and no stops: choose people of one place."))
        return False
    batch = door.say(request, "dispatch", [Saying("transfer.trip_planned", {
        "trip": new_id(door.moment(request)), "vehicle": asked.get("vehicle"), "crew": crew,
        "origin": origins.pop(), "destination": asked["destination"], "passengers": passengers,
        "depart_at": depart.isoformat(), "arrive_at": arrive.isoformat()})])
    return door.is_good(batch)
