"""Pages of a person, a vehicle, a tube, a trip: what holds now, and the whole story."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from pratique.checkpoint import queries as checkpoint
from pratique.custody import queries as custody
from pratique.desks import corrections, door, ledger, people, stations, story, words
from pratique.desks.frame import names_of
from pratique.duties import queries as duties
from pratique.kit.access import open_to
from pratique.pathway import queries as pathway
from pratique.registry import queries as registry
from pratique.specimens import queries as specimens
from pratique.standing import queries as standing
from pratique.transfer import queries as transfer


@open_to(*people.ANYONE)
def person(request: HttpRequest, id_: UUID) -> HttpResponse:
    """A person on one page: code and reason, what is owed, where, with whom; opening it is kept."""
    now = door.moment(request)
    root = registry.roots_of([id_]).get(id_)
    if root is None:
        raise Http404
    names = names_of(request)
    ledger.note_looks([root], staff=request.user.pk, unit=people.place_of(request),
                      page="person", at=now)
    code = standing.codes_of([root], now).get(root)
    decided = pathway.decisions_of([root]).get(root)
    outcome = pathway.outcomes_of([root], now).get(root)
    owed = duties.duties_of([root], now)
    episodes = checkpoint.all_episodes(root)
    return render(request, "desks/pages/person.html", {
        **_correcting(request, root, episodes),
        "earlier": [(one, words.measure(one)) for one in pathway.decision_story(root)[-2::-1]],
        "who": root, "identity": registry.identities([root]).get(root),
        "code": code, "reason": words.code_reason(code), "late": words.late_label(code, now),
        "decided": decided, "measure": words.measure(decided),
        "missing": words.missing(outcome.release.why, code.pack if code else None)
        if outcome else [],
        "release": outcome.release if outcome else None,
        "where": custody.whereabouts([root]).get(root),
        "open": [d for d in owed if d.closed_at is None and d.opens_at <= now],
        "planned": [d for d in owed if d.closed_at is None and d.opens_at > now],
        "done": [d for d in owed if d.closed_at is not None],
        "episodes": episodes, "specimens": specimens.of_person(root),
        "chain": custody.chain(root), "story": story.story_of(
            root, names, details=corrections.identity_changes(root)),
        "duplicates": registry.duplicate_candidates(person=root, limit=5),
        "findings": stations.findings_about(root, names)})


def _correcting(
    request: HttpRequest, root: UUID, episodes: list[checkpoint.Episode]
) -> dict[str, bool]:
    """Whether the reader may correct who the person is, and where they were."""
    kinds = corrections.kinds_for(request, root)
    is_open = bool(episodes) and episodes[-1].ended_at is None
    return {"may_identity": corrections.IDENTITY in kinds,
            "may_stays": is_open and corrections.STAYS in kinds}


@open_to(*people.ANYONE)
def vehicle(request: HttpRequest, id_: UUID) -> HttpResponse:
    """A vehicle: its stops and the people who came in it."""
    names = names_of(request)
    stops = checkpoint.vehicle_story(id_)
    if not stops:
        raise Http404
    names.want_people(person for stop in stops for person in stop.persons)
    now = door.moment(request)
    return render(request, "desks/pages/vehicle.html", {
        "id": id_, "stops": stops, "plate": stops[-1].plate,
        "where": custody.whereabouts([id_]).get(id_),
        "codes": standing.codes_of([p for stop in stops for p in stop.persons], now),
        "story": story.story_of(id_, names), "findings": stations.findings_about(id_, names)})


@open_to(*people.ANYONE)
def specimen(request: HttpRequest, id_: UUID) -> HttpResponse:
    """A tube: whose, where, its four times, its result."""
    found = specimens.tubes([id_]).get(id_)
    if found is None:
        raise Http404
    names = names_of(request)
    return render(request, "desks/pages/specimen.html", {
        "tube": found, "where": custody.whereabouts([id_]).get(id_),
        "chain": custody.chain(id_), "story": story.story_of(id_, names),
        "findings": stations.findings_about(id_, names)})


@open_to(*people.ANYONE)
def trip(request: HttpRequest, id_: UUID) -> HttpResponse:
    """A trip: vehicle, crew, list; who boarded, who was taken over."""
    found = transfer.trip(id_)
    if found is None:
        raise Http404
    now = door.moment(request)
    names = names_of(request)
    lines = transfer.trip_balance(id_)
    names.want_people(line.person for line in lines)
    names.want_staff(found.crew)
    return render(request, "desks/pages/trip.html", {
        "trip": found, "lines": lines, "codes": standing.codes_of([p.person for p in lines], now),
        "boarded": sum(line.boarded_at is not None for line in lines),
        "with_crew": sum(line.with_crew for line in lines),
        "story": story.story_of(id_, names), "findings": stations.findings_about(id_, names)})


@open_to(*people.ANYONE)
def looks(request: HttpRequest, id_: UUID) -> HttpResponse:
    """Who opened this person's record."""
    names = names_of(request)
    rows = ledger.looks(id_)
    names.want_staff(look.staff for look in rows)
    return render(request, "desks/pages/looks.html", {"who": id_, "rows": rows})
