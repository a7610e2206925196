"""Accounts: every unit's balance, one unit's page, and the moves behind a figure."""

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from pratique.custody import queries as custody
from pratique.desks import door, finding_words, people, sentences, stations, times
from pratique.desks.frame import names_of
from pratique.duties import queries as duties
from pratique.journal import queries as journal
from pratique.kit.access import open_to
from pratique.standing import queries as standing

ROWS_MAX = 200
SHIFTS_SHOWN_MAX = 20
KINDS = ("checkpoint", "sampling_point", "crew", "courier", "laboratory", "isolation_site",
         "community")
# What a figure on the first page is made of: (giver's kind, taker's kind, subject, title).
MOVES = {
    "arrived": (("outside",), ("checkpoint",), "person", _("People who arrived today")),
    "vehicles": (("outside",), ("checkpoint",), "vehicle", _("Vehicles registered today")),
    "passed": (("checkpoint",), ("outside",), "person", _("People who went on today")),
    "released": (("isolation_site", "community", "crew"), ("outside",), "person",
                 _("People released today")),
}


@open_to(*people.ANYONE)
def accounts(request: HttpRequest) -> HttpResponse:
    """All accounts, or those of one kind: what they hold and owe, and today's balance."""
    request.pratique_desk = "home"  # type: ignore[attr-defined]
    now = door.moment(request)
    names = names_of(request)
    kind = request.GET.get("kind", "")
    today = times.day_start(now)
    day = {(row.account, row.kind): row
           for row in custody.balances(today, now + timedelta(minutes=1))}
    waiting: Counter[tuple[str, str]] = Counter()
    for account, what, __, pending in custody.on_hand():
        waiting[account, what] = pending
    owed: dict[str, Counter[str]] = defaultdict(Counter)
    for row in duties.counts(now):
        owed[row["unit"]].update(open=row["open"], overdue=row["overdue"])
    rows: list[dict[str, Any]] = []
    for unit in names.units_of(*([kind] if kind in KINDS else KINDS)):
        for what in ("person", "vehicle", "specimen"):
            balance = day.get((unit.code, what))
            if balance and (balance.on_hand or balance.came_in or balance.went_out) or (
                    what == "person" and kind):
                rows.append({"unit": unit, "what": what, "day": balance,
                             "offered": waiting[unit.code, what], "owed": owed[unit.code]})
    return render(request, "desks/pages/accounts.html", {
        "kind": kind, "kinds": [(k, sentences.unit_kind(k)) for k in KINDS], "rows": rows,
        "total": sum(r["day"].on_hand for r in rows if r["day"] and r["what"] == "person")})


@open_to(*people.ANYONE)
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """One unit: what it holds, owes, offers and awaits; its day by the hour."""
    now = door.moment(request)
    names = names_of(request)
    here = names.units().get(code)
    if here is None:
        raise Http404
    held = custody.holdings(code) if code != "outside" else []
    for kind in ("person", "vehicle", "specimen"):
        names.want(kind, [h.subject for h in held if h.kind == kind])
    codes = standing.codes_of([h.subject for h in held if h.kind == "person"], now)
    owed = duties.open_duties(now, unit=code, limit=30)
    names.want_people(duty.person for duty in owed)
    today = times.day_start(now)
    hours: dict = defaultdict(dict)
    for hour, kind, came, went in custody.balances_by_hour(code, today):
        hours[hour][kind] = (came, went)
    shifts = custody.shifts(code, SHIFTS_SHOWN_MAX)
    names.want_staff(who for one in shifts for who in (one.left_by, one.taken_by))
    offers = [*custody.pending(giver=code), *custody.pending(taker=code)]
    return render(request, "desks/pages/unit.html", {
        "unit": here, "held": [(h, codes.get(h.subject)) for h in held], "owed": owed,
        "balances": custody.balances(today, now + timedelta(minutes=1), code),
        "hours": sorted(hours.items()), "offers": offers,
        "shifts": shifts,
        "findings": [(f, finding_words.of(f, names.word))
                     for f in duties.findings(owner=code, limit=20)]})


@open_to(*people.ANYONE)
def moves(request: HttpRequest, which: str) -> HttpResponse:
    """The rows behind a figure of the first page: today's moves on one road."""
    if which not in MOVES:
        raise Http404
    now = door.moment(request)
    names = names_of(request)
    givers, takers, kind, title = MOVES[which]
    rows = custody.entries(times.day_start(now), now + timedelta(minutes=1), kind=kind,
                           giver_kinds=givers, taker_kinds=takers, limit=ROWS_MAX + 1)
    more = len(rows) > ROWS_MAX
    names.want(kind, [row.subject for row in rows[:ROWS_MAX]])
    return render(request, "desks/pages/moves.html", {
        "title": title, "rows": rows[:ROWS_MAX], "more": more, "kind": kind})


@open_to(*people.ANYONE)
def differences(request: HttpRequest) -> HttpResponse:
    """Head counts and lane counts that differ from the books, and that nobody explained."""
    now = door.moment(request)
    return render(request, "desks/pages/differences.html", {
        "counts": custody.counts_that_differ(), "lanes": stations.lane_differences(now)})


@open_to(*people.ANYONE)
def gaps(request: HttpRequest) -> HttpResponse:
    """Running numbers of devices that were never heard."""
    found = journal.gaps()
    return render(request, "desks/pages/gaps.html", {
        "gaps": found, "devices": stations.devices([gap.device for gap in found])})
