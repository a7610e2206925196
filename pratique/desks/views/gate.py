"""The gate desk: vehicles and people at the post, a vehicle of four on one screen."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pratique.checkpoint import queries as checkpoint
from pratique.checkpoint.rules import PERSON_BEFORE_VEHICLE_HOURS_MAX
from pratique.custody import queries as custody
from pratique.desks import counties, door, gate_form, people
from pratique.desks.door import Saying
from pratique.desks.frame import desk_roles, names_of
from pratique.desks.gate_rows import may_turn_back, rows_of
from pratique.desks.views.handovers import offer_saying
from pratique.kit.access import open_to
from pratique.kit.errors import Refusal
from pratique.kit.ids import new_id
from pratique.registry import queries as registry
from pratique.registry.plates import read_plate

GATE = desk_roles("gate")
CONVEYANCES = ("car", "truck", "coach", "train", "motorcycle", "foot", "other")
CLEARED = ("cleared", "turned_back", "parked_by_owner", "escorted")


def _post(request: HttpRequest) -> str:
    """The post where the officer stands; a gate desk without one has no work."""
    post = people.place_of(request)
    if post is None:
        raise Http404
    return post


@open_to(*GATE)
def gate(request: HttpRequest) -> HttpResponse:
    """What stands at the post now, and the field in which the next vehicle begins."""
    request.pratique_desk = "gate"  # type: ignore[attr-defined]
    now = door.moment(request)
    post = _post(request)
    form = {"lane": "1", "conveyance": "car", "occupants": ""}
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = {name: request.POST.get(name, "").strip() for name in
                ("plate", "trailer_plate", "lane", "seats", "occupants", "conveyance")}
        errors = _check_vehicle(form)
        if not errors and (vehicle := _arrives(request, form, post)):
            return redirect("gate_vehicle", vehicle)
    vehicles = checkpoint.gate_board(post, now)
    waiting = checkpoint.persons_at_post(post, now)
    return render(request, "desks/pages/gate.html", {
        "form": form, "errors": errors, "vehicles": vehicles, "fact": new_id(now),
        "new_vehicle": new_id(now), "conveyances": CONVEYANCES,
        "people": rows_of([p.person for p in waiting], request), "waiting": waiting,
        "may_turn_back": may_turn_back([p.person for p in waiting], post, now),
        "hours": checkpoint.lane_differences(post, _hour(now) - timedelta(hours=12),
                                             _hour(now) + timedelta(hours=1)),
        "takers": names_of(request).units_of("crew", "community")},
        status=422 if errors else 200)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _check_vehicle(form: dict[str, str]) -> dict[str, str]:
    """Errors by field; plates are written as they are kept."""
    errors = {}
    for name in ("plate", "trailer_plate"):
        if form[name] or name == "plate" and form["conveyance"] not in ("foot", "train"):
            try:
                form[name] = read_plate(form[name]).text
            except Refusal as refusal:
                errors[name] = str(refusal)
    for name in ("occupants", "seats"):
        if form[name] and not (form[name].isascii() and form[name].isdigit()):
            errors[name] = _("Enter a number.")
    if not form["occupants"]:
        errors["occupants"] = _("How many people are aboard, the driver included?")
    return errors


def _arrives(request: HttpRequest, form: dict[str, str], post: str) -> UUID | None:
    """Record the vehicle; one that was here before is the same vehicle."""
    known = registry.vehicles_by_plate(form["plate"]) if form["plate"] else []
    vehicle = known[0][0] if known else _uuid(request.POST.get("new_vehicle"))
    batch = door.say(request, "gate", [Saying("checkpoint.vehicle_arrived", {
        "vehicle": vehicle, "post": post, "plate": form["plate"],
        "trailer_plate": form["trailer_plate"] or None, "lane": form["lane"] or "1",
        "seats": int(form["seats"]) if form["seats"] else None,
        "occupants": int(form["occupants"]), "conveyance": form["conveyance"],
        "boot_checked": "boot_checked" in request.POST,
    }, id=_uuid(request.POST.get("fact")))])
    return vehicle if door.is_good(batch) else None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


@open_to(*GATE)
def vehicle(request: HttpRequest, id_: UUID) -> HttpResponse:
    """One screen: the people of this vehicle, and the form for the next one."""
    request.pratique_desk = "gate"  # type: ignore[attr-defined]
    now = door.moment(request)
    stops = checkpoint.vehicle_story(id_)
    if not stops:
        raise Http404
    stop = stops[-1]
    since = stop.at - timedelta(hours=PERSON_BEFORE_VEHICLE_HOURS_MAX)
    here = [e for e in checkpoint.episodes_with(id_) if e.arrived_at >= since]
    inside = [e.person for e in here]
    last = here[-1] if here else None
    if request.method == "POST":
        form = gate_form.read(request.POST, now)
        answer = _work(request, form, id_, stop)
        if answer is not None:
            return answer
    else:
        form = gate_form.blank(now, last)
    gate_form.offer_places(form, now)
    return render(request, "desks/pages/gate_vehicle.html", {
        "vehicle": id_, "stop": stop, "form": form, "fact": request.POST.get("fact") or new_id(now),
        "new_person": request.POST.get("new_person") or new_id(now), "fresh": not request.POST,
        "rows": rows_of(inside, request), "ended": {e.person: e for e in here if e.ended_at},
        "may_turn_back": may_turn_back(inside, people.place_of(request) or "", now),
        "missing": stop.occupants - len(inside),
        "focus": form.focus() if request.POST else "scan",
        "kinds": gate_form.DOCUMENT_KINDS, "specials": gate_form.SPECIALS,
        "towns": names_of(request).units_of("community"), "cleared": CLEARED,
        "expected": checkpoint.expectations(plates=[stop.plate]) if stop.plate else []},
        status=422 if form.errors and request.POST.get("do") == "record" else 200)


def _work(
    request: HttpRequest, form: gate_form.PersonForm, id_: UUID, stop: checkpoint.Stop
) -> HttpResponse | None:
    """What the pressed button asks for; None: show the form again with what was entered."""
    now = door.moment(request)
    do = request.POST.get("do", "scan")
    burst = request.POST.get("scan", "").strip()
    if burst and do == "scan":
        if gate_form.take_scan(form, burst, now):
            _fill_known(form)
        return None
    if do == "more":
        gate_form.another_stay(form, now)
        return None
    if do == "places" or do == "scan" and not form.values["document"]:
        return None
    gate_form.offer_places(form, now)
    towns = {unit.code for unit in names_of(request).units_of("community")}
    gate_form.check(form, now, towns)
    if not gate_form.is_right(form):
        return None
    batch = door.say(request, "gate", [_arrival(request, form, id_, stop)])
    if not door.is_good(batch):
        return None
    return redirect(f"{reverse('gate_vehicle', args=[id_])}?recorded=1")


def _fill_known(form: gate_form.PersonForm) -> None:
    """A document that the county knows brings its person along."""
    found = registry.persons_by_document(form.values["document_kind"], form.values["document"])
    if found:
        last = checkpoint.episodes(found[:1]).get(found[0])
        gate_form.take_known(form, registry.identities(found[:1]).get(found[0]), last)


def _arrival(
    request: HttpRequest, form: gate_form.PersonForm, id_: UUID, stop: checkpoint.Stop
) -> Saying:
    values = form.values
    known = registry.persons_by_document(values["document_kind"], values["document"])
    person = known[0] if known else _uuid(request.POST.get("new_person")) or new_id(
        door.moment(request))
    awaited = checkpoint.expectations(persons=[person])
    return Saying("checkpoint.person_arrived", {
        "person": person, "post": stop.post, "vehicle": id_, "resident": form.resident,
        "from_outside_province": gate_form.from_outside(form),
        "destination": values["destination"],
        "stays": gate_form.stays_said(form, door.moment(request)), "special": form.special,
        "phone_verified": form.phone_verified, "expected": awaited[0].id if awaited else None,
    }, sealed={person: gate_form.sealed(form)}, id=_uuid(request.POST.get("fact")))


@open_to(*GATE)
def clear(request: HttpRequest, id_: UUID) -> HttpResponse:
    """The vehicle leaves the post."""
    held = custody.whereabouts([id_]).get(id_)
    reason = request.POST.get("reason", "cleared")
    if request.method == "POST" and held is not None and reason in CLEARED:
        door.say(request, "gate", [Saying("checkpoint.vehicle_cleared", {
            "vehicle": id_, "post": held.account, "holds_by": held.holds_by, "reason": reason})])
    return redirect("gate")


@open_to(*GATE)
def send_on(request: HttpRequest) -> HttpResponse:
    """People at the post go on: offered to a crew or township, or let go where nothing is owed."""
    post = _post(request)
    now = door.moment(request)
    ticked = [id_ for id_ in map(_uuid, request.POST.getlist("person")) if id_]
    held = {s: h for s, h in custody.whereabouts(ticked).items() if h.account == post}
    if request.method != "POST" or not held:
        door.complain(request, _("Tick the people whom you mean."))
    elif request.POST.get("do") == "pass":
        door.say(request, "gate", [Saying("checkpoint.person_passed", {
            "person": s, "post": post, "holds_by": h.holds_by}) for s, h in held.items()])
    elif request.POST.get("taker"):
        door.say(request, "gate", [offer_saying(
            post, request.POST["taker"], [(s, h.holds_by) for s, h in held.items()], now)])
    else:
        door.complain(request, _("Choose who takes them over."))
    return redirect("gate")


@open_to(*GATE)
def lane(request: HttpRequest) -> HttpResponse:
    """A lane's count of an hour, or why it differs from the vehicles registered."""
    post = _post(request)
    asked = request.POST
    try:
        hour = datetime.fromisoformat(asked.get("hour", ""))
    except ValueError:
        door.complain(request, _("Choose the hour."))
        return HttpResponseRedirect(f"{reverse('gate')}#lanes")
    body: dict[str, Any] = {"post": post, "lane": asked.get("lane") or "1", "hour": hour}
    if asked.get("reason", "").strip():
        saying = Saying("checkpoint.lane_explained", {**body, "reason": asked["reason"].strip()})
    elif asked.get("vehicles", "").isdigit():
        saying = Saying("checkpoint.lane_counted", {
            **body, "vehicles": int(asked["vehicles"]), "source": "tally"})
    else:
        door.complain(request, _("Enter the count, or the reason."))
        return HttpResponseRedirect(f"{reverse('gate')}#lanes")
    door.say(request, "gate", [saying])
    return HttpResponseRedirect(f"{reverse('gate')}#lanes")


@open_to(*people.ANYONE)
def county_search(request: HttpRequest) -> JsonResponse:
    """Counties that a typed beginning may mean, as labels."""
    found = counties.search(request.GET.get("q", "")[:40])
    return JsonResponse([county.label for county in found], safe=False)
