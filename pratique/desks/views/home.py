"""The loop: where everybody is, what is late, what does not balance. Everything opens to rows."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from pratique.custody import queries as custody
from pratique.desks import door, live, loop, people, stations, times
from pratique.desks.frame import names_of
from pratique.duties import queries as duties
from pratique.journal import queries as journal
from pratique.kit.access import open_to
from pratique.registry import queries as registry

NEEDS_ROWS = 8


@open_to(*people.ANYONE)
def home(request: HttpRequest) -> HttpResponse:
    """The first page; `?part` gives the part that changes, for the page to fetch by itself."""
    request.pratique_desk = "home"  # type: ignore[attr-defined]
    return live.render_live(request, "desks/pages/home.html", "desks/parts/home.html",
                            _figures(request))


def _figures(request: HttpRequest) -> dict[str, Any]:
    now = door.moment(request)
    names = names_of(request)
    today = times.day_start(now)
    roads = loop.roads_today(custody.flows(today, now + timedelta(minutes=1)),
                             custody.offered_between(now))
    kinds = {code: unit.kind for code, unit in names.units().items()}
    held: Counter[str] = Counter()
    offered: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for account, kind, count, waiting in custody.on_hand():
        inside[kind] += count
        if kind == "person":
            held[kinds.get(account, "")] += count
            offered[kinds.get(account, "")] += waiting
    owed = duties.counts(now)
    late = [row for row in owed if row["overdue"]]
    overdue: Counter[str] = Counter()
    for row in late:
        overdue[kinds.get(row["unit"], "")] += row["overdue"]
    units = Counter(unit.kind for unit in names.units().values() if unit.is_open)
    boxes = loop.boxes(held, offered, units, roads, overdue)
    called = {box.key: box.name for box in boxes}
    needs = duties.open_duties(now, limit=NEEDS_ROWS)
    names.want_people(duty.person for duty in needs)
    return {
        "empty": not inside["person"] and not registry.anybody(),
        "inside": inside, "overdue": sum(row["overdue"] for row in late),
        "oldest": min((row["oldest_due_at"] for row in late), default=None),
        "wide": loop.draw(boxes, roads, narrow=False),
        "tall": loop.draw(boxes, roads, narrow=True),
        "roads": loop.table(roads, called), "boxes": boxes,
        "differ": _what_differs(now), "lanes": stations.lanes_today(today, now),
        "needs": needs, "aside": journal.kept_aside(), "gaps": len(journal.gaps()),
        "balance": _balance(today, now, inside["person"]),
    }


def _what_differs(now) -> int:
    """Head counts and lane counts that differ and that nobody has explained."""
    return len(custody.counts_that_differ()) + len(stations.lane_differences(now))


def _balance(today, now, inside: int) -> dict[str, int | bool]:
    """Opening + arrived - left = inside, over all accounts but `outside`."""
    opening = came = went = 0
    for row in custody.balances(today, now + timedelta(minutes=1), "outside"):
        if row.kind == "person":
            opening, came, went = -row.opening, row.went_out, row.came_in
    return {"opening": opening, "came": came, "went": went, "inside": inside,
            "balanced": opening + came - went == inside}


def title(inside: int, overdue: int) -> str:
    """The one sentence that matters."""
    return _("%(inside)s people in the loop, %(overdue)s overdue") % {
        "inside": inside, "overdue": overdue}
