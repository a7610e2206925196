"""One box for everything: document, phone, plate, tube, name in characters or pinyin, unit."""

import re
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from pratique.custody import queries as custody
from pratique.desks import door, ledger, people, stations
from pratique.desks.frame import names_of
from pratique.desks.names import Names
from pratique.kit.access import open_to
from pratique.kit.errors import Refusal
from pratique.registry import queries as registry
from pratique.registry.identity import normalise_number
from pratique.registry.names import folded
from pratique.standing import queries as standing
from pratique.transfer import queries as transfer

TEXT_MAX = 200
DOCUMENT_KINDS = ("resident_id", "hk_macao_permit", "taiwan_permit", "passport",
                  "foreign_permanent_resident", "other")


@open_to(*people.ANYONE)
def find(request: HttpRequest) -> HttpResponse:
    """What a text may mean, by kind; one hit alone opens at once."""
    text = request.GET.get("q", "").strip()[:TEXT_MAX]
    now = door.moment(request)
    names = names_of(request)
    if address := _by_id(text):
        return HttpResponseRedirect(address)
    persons = _persons(text) if text else []
    vehicles = _vehicles(text) if text else []
    tubes = stations.tubes_like(text) if text else []
    units = _units(text, names) if text else []
    hits = ([reverse("person", args=[p]) for p in persons]
            + [reverse("vehicle", args=[v]) for v, __ in vehicles]
            + [reverse("specimen", args=[t]) for t in tubes]
            + [reverse("unit", args=[u.code]) for u in units])
    if len(hits) == 1:
        return HttpResponseRedirect(hits[0])
    names.want_people(persons)
    names.want_plates(v for v, __ in vehicles)
    names.want_tubes(tubes)
    if persons:
        ledger.note_looks(persons, staff=request.user.pk, unit=people.place_of(request),
                          page="search", at=now)
    return render(request, "desks/pages/find.html", {
        "found_for": text, "persons": persons, "vehicles": vehicles, "tubes": tubes,
        "units": units, "hits": len(hits), "where": custody.whereabouts(persons),
        "codes": standing.codes_of(persons, now),
        "identities": registry.identities(persons)})


def _by_id(text: str) -> str | None:
    """An id out of an address or a printed code opens what it names."""
    try:
        subject = UUID(text)
    except ValueError:
        return None
    held = custody.whereabouts([subject]).get(subject)
    if held:
        return reverse(held.kind, args=[subject])
    return reverse("trip", args=[subject]) if transfer.trip(subject) else None


def _persons(text: str) -> list[UUID]:
    found: list[UUID] = []
    word = normalise_number(text)
    if re.search(r"\d", word):
        for kind in DOCUMENT_KINDS:
            found += registry.persons_by_document(kind, text)
        found += registry.persons_by_phone(text)
    else:
        found += registry.persons_by_name(text)
        if text.isascii():  # pinyin as it is spoken, syllable by syllable
            found += registry.persons_by_name("".join(folded(text.lower()).split()))
    return list(dict.fromkeys(found))[:50]


def _vehicles(text: str) -> list[tuple[UUID, datetime]]:
    try:
        return registry.vehicles_by_plate(text)
    except Refusal:
        return []


def _units(text: str, names: Names) -> list[registry.Unit]:
    wanted = text.lower()
    return [unit for unit in names.units().values()
            if wanted == unit.code or len(wanted) > 1
            and (wanted in unit.name_zh or wanted in unit.name_en.lower())][:20]
