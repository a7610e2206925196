"""The sampling desk: one person, one tube; bags; labels."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from pratique.checkpoint import queries as checkpoint
from pratique.custody import queries as custody
from pratique.desks import door, people, sentences, times
from pratique.desks.door import Saying
from pratique.desks.frame import desk_roles, names_of
from pratique.desks.views.handovers import offer_saying
from pratique.duties import queries as duties
from pratique.feeds import labels as label_maker
from pratique.kit.access import open_to
from pratique.kit.errors import Refusal
from pratique.kit.ids import new_id
from pratique.registry import queries as registry
from pratique.registry.scans import read_scan
from pratique.specimens import queries as specimens
from pratique.specimens import rules
from pratique.standing import queries as standing

COLLECT = desk_roles("sampling")
URGENT = ("landing", "resample")
ROWS_MAX = 60
LABELS_MAX = 60


@open_to(*COLLECT)
def sampling(request: HttpRequest) -> HttpResponse:
    """Who owes a swab here now: scan the person, scan the tube; then the bag."""
    request.pratique_desk = "sampling"  # type: ignore[attr-defined]
    now = door.moment(request)
    here = people.place_of(request)
    rows = _owed(request, here, now)
    errors: dict[str, str] = {}
    focus = ""
    if request.method == "POST":
        if request.POST.get("scan", "").strip() and request.POST.get("do") == "scan":
            focus, found = _scanned(request, rows, errors)
            rows = found or rows
        elif _collect(request, rows, here, errors):
            return redirect(request.get_full_path())
        for row in rows:
            row["tube"] = request.POST.get(f"tube-{row['person']}", "")
    elif rows:
        focus = str(rows[0]["person"]) if request.GET.get("vehicle") else ""
    names = names_of(request)
    names.want_people(row["person"] for row in rows)
    for row in rows:
        row["name"] = names.person(row["person"])
    tubes = specimens.in_no_bag(here) if here else []
    names.want_people(tube.person for tube in tubes)
    return render(request, "desks/pages/sampling.html", {
        "rows": rows, "errors": errors, "focus": focus, "tubes": tubes,
        "codes": standing.codes_of([row["person"] for row in rows], now),
        "couriers": names.units_of("courier", "laboratory"), "fact": new_id(now),
        "vehicle": request.GET.get("vehicle", "")}, status=422 if errors else 200)


def _owed(request: HttpRequest, here: str | None, now: Any) -> list[dict[str, Any]]:
    """One row for each person who owes a specimen here, or in the vehicle asked for."""
    only: set[UUID] | None = None
    try:
        vehicle = UUID(request.GET.get("vehicle", ""))
        aboard = {p for stop in checkpoint.vehicle_story(vehicle)[-1:] for p in stop.persons}
        only = set(registry.roots_of(aboard).values())
    except ValueError:
        pass
    found: dict[UUID, dict[str, Any]] = {}
    for kind in duties.OWED_TESTS:
        for duty in duties.open_duties(now, unit=here, kind=kind, limit=ROWS_MAX):
            if only is None or duty.person in only:
                found.setdefault(duty.person, {
                    "person": duty.person, "key": str(duty.person), "duty": duty,
                    "purpose": duties.purpose_of(duty), "tube": ""})
    return sorted(found.values(), key=lambda row: row["duty"].due_at)


def _scanned(
    request: HttpRequest, rows: list[dict[str, Any]], errors: dict[str, str]
) -> tuple[str, list[dict[str, Any]]]:
    """A scanned document brings the cursor to its person's tube field; who is not listed joins."""
    now = door.moment(request)
    try:
        scan = read_scan(request.POST["scan"], on=times.local(now).date())
    except Refusal as refusal:
        errors["scan"] = str(refusal)
        return "", rows
    for person in registry.persons_by_document(scan.kind, scan.number):
        if all(row["person"] != person for row in rows):
            rows.append({"person": person, "key": str(person), "duty": None,
                         "purpose": "screening", "tube": ""})
        return str(person), rows
    errors["scan"] = _("Nobody is registered with this document. Register the person first.")
    return "", rows


def _collect(
    request: HttpRequest, rows: list[dict[str, Any]], here: str | None, errors: dict[str, str]
) -> bool:
    """Record every row whose tube is filled; False with errors by person."""
    now = door.moment(request)
    said: list[Saying] = []
    seen: set[str] = set()
    known = {str(row["person"]): row for row in rows}
    for name in request.POST:
        who, tube = name.removeprefix("tube-"), request.POST.get(name, "").strip().upper()
        if not name.startswith("tube-") or not tube:
            continue
        refused = rules.check_tube(tube)
        if refused or tube in seen:
            errors[who] = (str(refused.sentence) % refused.params if refused
                           else _("This tube stands in another line already."))
            continue
        seen.add(tube)
        purpose = known[who]["purpose"] if who in known else "screening"
        said.append(Saying("specimens.collected", {
            "specimen": new_id(now), "tube": tube, "person": who, "place": here,
            "purpose": purpose, "urgent": purpose in URGENT}))
    if not errors and not said:
        errors["scan"] = _("Scan a person, then the tube.")
    if errors:
        return False
    return door.is_good(door.say(request, "sampling", said))


@open_to(*COLLECT)
def bag(request: HttpRequest) -> HttpResponse:
    """Seal the ticked tubes into a bag and offer it to a courier, both at once."""
    here = people.place_of(request)
    now = door.moment(request)
    label, taker = request.POST.get("bag", "").strip().upper(), request.POST.get("taker", "")
    ticked = request.POST.getlist("specimen")
    held = custody.whereabouts([UUID(s) for s in ticked if len(s) == 36])
    held = {s: h for s, h in held.items() if h.account == here}
    refused = rules.check_bag(label, "") if label else None
    if not held or not here:
        door.complain(request, _("Tick the tubes that go into the bag."))
    elif not label or refused:
        door.complain(request, _("Scan the bag's label."))
    else:
        said = [Saying("specimens.bagged", {"bag": label, "place": here, "specimens": list(held)})]
        if taker:
            said.append(offer_saying(here, taker, [(s, h.holds_by) for s, h in held.items()], now,
                                     bag=label))
        door.say(request, "sampling", said)
    return redirect(reverse("sampling"))


@open_to(*COLLECT, "laboratory")
def labels(request: HttpRequest) -> HttpResponse:
    """Labels to print: of specimens by id, or new numbers for empty tubes."""
    made = []
    for tube in specimens.tubes(
            [UUID(i) for i in request.GET.getlist("id") if len(i) == 36]).values():
        made.append(label_maker.label_svg(tube.tube, urgent=tube.urgent, lines=(
            sentences.purpose(tube.purpose), times.moment(tube.collected_at))))
    count = request.GET.get("new", "")
    if count.isdigit() and 1 <= int(count) <= LABELS_MAX:
        first = label_maker.first_serial(new_id(door.moment(request)))
        urgent = "urgent" in request.GET
        made += [label_maker.label_svg(number, urgent=urgent)
                 for number in label_maker.tube_numbers(first, int(count))]
    return render(request, "desks/pages/labels.html", {
        "labels": [mark_safe(svg) for svg in made]})  # noqa: S308 - made by feeds.labels, escaped
