"""The board of open loops: every duty that is open, oldest first, and who answers for it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from pratique.custody import queries as custody
from pratique.desks import door, live, people, sentences, sheets, words
from pratique.desks.door import Saying
from pratique.desks.frame import names_of
from pratique.desks.paging import after_moment
from pratique.duties import queries as duties
from pratique.kit.access import open_to

PAGE_ROWS = 50
EXPORT_ROWS_MAX = 10_000


def _filters(request: HttpRequest) -> dict[str, Any]:
    asked = request.GET
    return {"unit": asked.get("unit") or None, "kind": asked.get("kind") or None,
            "overdue": asked.get("overdue") == "1"}


@open_to(*people.ANYONE)
def board(request: HttpRequest) -> HttpResponse:
    """Open loops by due time; the filters live in the address."""
    request.pratique_desk = "board"  # type: ignore[attr-defined]
    now = door.moment(request)
    filters = _filters(request)
    rows = duties.open_duties(now, **filters, after=after_moment(request.GET.get("after")),
                              limit=PAGE_ROWS + 1)
    page = rows[:PAGE_ROWS]
    names_of(request).want_people(duty.person for duty in page)
    last = page[-1] if len(rows) > PAGE_ROWS else None
    return live.render_live(request, "desks/pages/board.html", "desks/parts/board.html", {
        **_counts(request, now, filters), **filters, "rows": page, "paged": "after" in request.GET,
        "next": f"{last.due_at.isoformat()}~{last.id}" if last else None})


def _counts(request: HttpRequest, now: datetime, filters: dict[str, Any]) -> dict[str, Any]:
    counts = duties.counts(now)
    here = people.place_of(request)
    kinds: dict[str, list[int]] = {}
    for row in counts:
        if filters["unit"] in (None, row["unit"]):
            kind = kinds.setdefault(row["kind"], [0, 0])
            kind[0] += row["open"]
            kind[1] += row["overdue"]
    shown = [row for row in counts if filters["unit"] in (None, row["unit"])
             and filters["kind"] in (None, row["kind"])]
    return {
        "total": sum(row["open"] for row in shown), "late": sum(row["overdue"] for row in shown),
        "kinds": sorted((words.word(None, f"duty.{kind}"), kind, numbers[0], numbers[1])
                        for kind, numbers in kinds.items()),
        "units": sorted({row["unit"] for row in counts} | {filters["unit"] or ""} - {""}),
        "mine": here, "mine_open": sum(row["open"] for row in counts if row["unit"] == here)}


@open_to(*people.ANYONE)
def board_csv(request: HttpRequest) -> HttpResponse:
    """The list as it is filtered, as a file."""
    now = door.moment(request)
    names = names_of(request)
    rows = duties.open_duties(now, **_filters(request), limit=EXPORT_ROWS_MAX)
    names.want_people(duty.person for duty in rows)
    return sheets.csv_file("open-loops", [
        _("What"), _("Whom"), _("Who owes it"), _("Since"), _("Due"), _("Overdue"), _("Now with")],
        ([words.duty(d.pack, d.kind, d.key), names.person(d.person), names.unit(d.unit),
          d.opens_at.isoformat(), d.due_at.isoformat(), sentences.yes_no(d.overdue(now)),
          sentences.chain_role(d.climbed_to) if d.climbed_to else ""] for d in rows))


@open_to(*people.ANYONE)
def duty(request: HttpRequest, id_: UUID) -> HttpResponse:
    """One duty: whom it is about, who owes it, what to do; taking it on, explaining lateness."""
    now = door.moment(request)
    owed = duties.duty(id_, now)
    if owed is None:
        raise Http404
    if request.method == "POST":
        if request.POST.get("do") == "take":
            saying = Saying("duties.taken_on", {
                "duty": owed.id, "person": owed.person, "staff": request.user.pk})
        else:
            cause = request.POST.get("cause", "").strip()
            if not cause:
                door.complain(request, _("Say what made it late."))
                return HttpResponseRedirect(reverse("duty", args=[id_]))
            saying = Saying("duties.lateness_explained", {"duty": owed.id, "cause": cause})
        door.say(request, "board", [saying])
        return HttpResponseRedirect(reverse("duty", args=[id_]))
    where = custody.whereabouts([owed.person]).get(owed.person)
    return render(request, "desks/pages/duty.html", {
        "duty": owed, "where": where, "chain": _chain(owed)})


def _chain(owed: duties.Owed) -> list[tuple[str, datetime]]:
    """Whom this duty reaches when, if it stays open."""
    return [(sentences.chain_role(role), owed.due_at + timedelta(minutes=minutes))
            for minutes, role in words.pack(owed.pack).climb(owed.chain)]
