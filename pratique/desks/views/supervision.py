"""Supervision: reads everything, writes findings' outcomes; claims beside checks."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pratique.custody import queries as custody
from pratique.desks import door, finding_words, stations, times, words
from pratique.desks.door import Saying
from pratique.desks.frame import desk_roles, names_of
from pratique.duties import queries as duties
from pratique.journal import queries as journal
from pratique.kit.access import open_to
from pratique.pathway import queries as pathway
from pratique.specimens import queries as specimens
from pratique.specimens.rules import quantile
from pratique.standing import queries as standing
from pratique.transfer import queries as transfer

SUPERVISE = desk_roles("supervision")
LEGS = (("collected_at", "received_at"), ("received_at", "resulted_at"),
        ("resulted_at", "reported_at"), ("collected_at", "reported_at"))


@open_to(*SUPERVISE)
def supervision(request: HttpRequest) -> HttpResponse:
    """Where the promise and the check disagree, and how long things really take."""
    request.pratique_desk = "supervision"  # type: ignore[attr-defined]
    if request.method == "POST":
        _answer(request)
        return redirect("supervision")
    now = door.moment(request)
    since = times.day_start(now) - timedelta(days=2)
    objections = pathway.objections()
    names_of(request).want_people(o["person"] for o in objections)
    kept = duties.kept_in_time(since, now)
    return render(request, "desks/pages/supervision.html", {
        "aside": journal.kept_aside(), "totals": journal.totals(),
        "findings": [(owner, finding_words.title(code), code, n, oldest)
                     for owner, code, n, oldest in journal.open_finding_counts()],
        "counts": custody.counts_that_differ(limit=50), "lanes": stations.lane_differences(now),
        "gaps": journal.gaps(), "objections": objections,
        "kept": [(words.word(None, f"duty.{row['kind']}"), row) for row in kept],
        "legs": _legs(specimens.turnarounds(since, now)),
        "trips": transfer.uneven_trips(since, now + timedelta(days=1)),
        "codes": standing.public_counts(now)})


def _legs(tubes) -> list[tuple[str, int, timedelta | None, timedelta | None]]:
    """(which leg, how many, half of them within, nine of ten within) for urgent tubes."""
    titles = (_("collected → received"), _("received → result"), _("result → reported"),
              _("collected → reported"))
    found = []
    for title, (start, end) in zip(titles, LEGS, strict=True):
        spans = sorted(getattr(t, end) - getattr(t, start) for t in tubes
                       if t.urgent and getattr(t, end) and getattr(t, start))
        found.append((title, len(spans), quantile(spans, 0.5) if spans else None,
                      quantile(spans, 0.9) if spans else None))
    return found


def _answer(request: HttpRequest) -> None:
    """An objection is answered by a person, with a reason."""
    asked = request.POST
    reason = asked.get("reason", "").strip()
    if not reason or asked.get("do") not in ("uphold", "reject"):
        door.complain(request, _("An answer needs its reason."))
        return
    door.say(request, "supervision", [Saying("pathway.objection_answered", {
        "person": asked.get("person"), "episode": asked.get("episode"),
        "objection": asked.get("objection"), "upheld": asked["do"] == "uphold",
        "reason": reason})])
