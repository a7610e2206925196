"""The traveller's own page, by the unguessable link on the slip; and the slip."""

import io
from uuid import UUID

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from pratique.custody import queries as custody
from pratique.desks import door, ledger, people, words
from pratique.desks.door import Saying
from pratique.desks.frame import COLLECTORS, names_of
from pratique.duties import queries as duties
from pratique.journal.fact import Actor
from pratique.kit.access import open_to, open_to_all
from pratique.pathway import queries as pathway
from pratique.registry import queries as registry
from pratique.standing import queries as standing
from pratique.standing.reduce_links import link_of, replace_link

TEXT_MAX = 2000
OWN_TESTS = ("swab", "test", "resample", "round", "transfer", "release")


@open_to_all
@never_cache
def own_page(request: HttpRequest, token: str) -> HttpResponse:
    """What, why, until when, what next, what one may do, gets, whom to ask, how to object."""
    person = standing.person_of_link(token)
    if person is None:
        raise Http404
    now = door.moment(request)
    episode = next(iter(pathway.open_episodes(persons=[person])), None)
    if request.method == "POST":
        _object(request, person, episode)
        return redirect("own_page", token)
    root = registry.roots_of([person]).get(person, person)
    code = standing.codes_of([root], now).get(root)
    owed = [d for d in duties.duties_of([root], now)
            if d.closed_at is None and d.kind in OWN_TESTS]
    response = render(request, "desks/pages/own.html", {
        "code": code, "reason": words.code_reason(code), "late": words.late_label(code, now),
        "word": code.said(words.language()) if code else words.word(None, "colour.none"),
        "measure": words.measure(pathway.decisions_of([root]).get(root)),
        "next": owed[:3], "episode": episode,
        "holder": episode.account if episode else None,
        "looks": ledger.looks(root), "token": token,
        "objections": [o for o in pathway.objections(open_only=False) if o["person"] == person]})
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _object(request: HttpRequest, person: UUID, episode) -> None:
    """Record an objection in the person's own words; the words ride sealed."""
    text = request.POST.get("text", "").strip()[:TEXT_MAX]
    if episode is None or not text:
        door.complain(request, _("Say in a few words what is wrong."))
        return
    door.say(request, "own", [Saying("pathway.objected", {
        "person": person, "episode": episode.episode}, sealed={person: {"text": text}})],
        actor=Actor.system())


@open_to(*COLLECTORS, "registrar", "epidemiologist")
def slip(request: HttpRequest, id_: UUID) -> HttpResponse:
    """A paper with the code, the reason and a QR code to the person's own page."""
    now = door.moment(request)
    root = registry.roots_of([id_]).get(id_)
    if root is None:
        raise Http404
    if request.method == "POST":
        replace_link(root, now)
        return redirect("slip", id_)
    code = standing.codes_of([root], now).get(root)
    address = request.build_absolute_uri(reverse("own_page", args=[link_of(root, now)]))
    names_of(request).want_people([root])
    ledger.note_looks([root], staff=request.user.pk, unit=people.place_of(request), page="slip",
                      at=now)
    where = custody.whereabouts([root]).get(root)
    return render(request, "desks/pages/slip.html", {
        "who": root, "code": code, "reason": words.code_reason(code), "address": address,
        "qr": qr(address), "where": where})


def qr(text: str) -> str:
    """A QR code as an SVG without any style of its own."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="svg", xmldecl=False, svgns=True, scale=4,
                                        border=4, svgclass="qr", lineclass=None, omitsize=True)
    return mark_safe(out.getvalue().decode())  # noqa: S308 - segno draws a path and nothing else
