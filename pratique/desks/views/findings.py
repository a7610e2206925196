"""What was kept without effect, and what a person has to look into."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from pratique.custody import queries as custody
from pratique.desks import door, explaining, finding_words, people
from pratique.desks.door import Saying
from pratique.desks.frame import desk_roles, names_of
from pratique.desks.paging import after_moment
from pratique.duties import queries as duties
from pratique.duties.reduce_silent import SILENT
from pratique.journal import queries as journal
from pratique.kit.access import open_to

PAGE_ROWS = 50


@open_to(*people.ANYONE)
def findings(request: HttpRequest) -> HttpResponse:
    """Findings that nobody has closed, oldest first."""
    request.pratique_desk = "board"  # type: ignore[attr-defined]
    code = request.GET.get("code") or None
    owner = request.GET.get("unit") or None
    rows = duties.findings(code=code, owner=owner, after=after_moment(request.GET.get("after")),
                           limit=PAGE_ROWS + 1)
    page = rows[:PAGE_ROWS]
    subjects = custody.whereabouts([f.subject for f in page if f.subject])
    names = names_of(request)
    for kind in ("person", "vehicle", "specimen"):
        names.want(kind, [s for s, held in subjects.items() if held.kind == kind])
    counts: dict[str, int] = {}
    for __, found, count, __oldest in journal.open_finding_counts():
        counts[found] = counts.get(found, 0) + count
    last = page[-1] if len(rows) > PAGE_ROWS else None
    return render(request, "desks/pages/findings.html", {
        "rows": [(f, finding_words.of(f, names.word), f.subject and subjects.get(f.subject))
                 for f in page],
        "codes": [(key, finding_words.title(key), n) for key, n in sorted(counts.items())],
        "code": code, "total": sum(counts.values()),
        "next": f"{last.opened_at.isoformat()}~{last.id}" if last else None})


@open_to(*people.ANYONE)
def finding(request: HttpRequest, id_: UUID) -> HttpResponse:
    """One finding with the fact that opened it; whoever looked into it says what came of it."""
    found = journal.finding(id_)
    if found is None:
        raise Http404
    explanation = explaining.of(request, found)
    if request.method == "POST":
        outcome = request.POST.get("outcome", "").strip()
        if not outcome:
            door.complain(request, _("Say what came of it."))
        elif explanation is not None:
            door.say(request, "findings", [explanation.saying(outcome)])
        else:
            door.say(request, "findings", [
                Saying("duties.finding_closed", {"finding": id_, "outcome": outcome})])
        return HttpResponseRedirect(reverse("finding", args=[id_]))
    facts = journal.facts([f for f in (found["fact"], found["closed_by"]) if f])
    fact, closing = facts.get(found["fact"]), facts.get(found["closed_by"])
    held = custody.whereabouts([found["subject"]]) if found["subject"] else {}
    return render(request, "desks/pages/finding.html", {
        "found": found, "sentence": finding_words.sentence(
            found["code"], found["params"], names_of(request).word),
        "fact": fact, "held": held.get(found["subject"]), "explanation": explanation,
        "closing": closing, "reason": _reason(closing), "device": _device(request, found)})


def _device(request: HttpRequest, found: dict[str, Any]) -> UUID | None:
    """The device that a finding is about, for who may open its page."""
    may = request.actor.roles & set(desk_roles("staff"))  # type: ignore[attr-defined]
    return found["subject"] if found["code"] == SILENT and may else None


def _reason(closing: journal.Said | None) -> str:
    """What was said when the finding was closed by a fact that gives its reason."""
    if closing is None or closing.kind not in explaining.REASONED:
        return ""
    return msgspec.json.decode(closing.body)["reason"]


@open_to(*people.ANYONE)
def parked(request: HttpRequest) -> HttpResponse:
    """Facts that wait for another one, oldest first."""
    return render(request, "desks/pages/parked.html", {
        "rows": journal.waiting(), "total": journal.kept_aside()["parked"]})


@open_to(*people.ANYONE)
def quarantine(request: HttpRequest) -> HttpResponse:
    """What was malformed or not allowed: kept whole, without effect."""
    offset = _number(request.GET.get("from"))
    rows = journal.quarantined(code=request.GET.get("code") or None, offset=offset,
                               limit=PAGE_ROWS + 1)
    return render(request, "desks/pages/quarantine.html", {
        "rows": rows[:PAGE_ROWS], "total": journal.kept_aside()["quarantined"],
        "next": offset + PAGE_ROWS if len(rows) > PAGE_ROWS else None, "first": offset})


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
