"""The registry's desk: duplicates, names of areas, risk lists, staff, devices."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pratique.desks import counties, door, ledger, people, queries
from pratique.desks.door import Saying
from pratique.desks.frame import desk_roles, names_of
from pratique.kit.access import open_to
from pratique.registry import queries as registry
from pratique.registry import stays

PAIRS_MAX = 30


@open_to(*desk_roles("registry"))
def desk(request: HttpRequest) -> HttpResponse:
    """What a person has to settle: pairs that may be one, names that are no division."""
    request.pratique_desk = "registry"  # type: ignore[attr-defined]
    if request.method == "POST":
        _act(request)
        return redirect("registry")
    now = door.moment(request)
    pairs = registry.duplicate_candidates(limit=PAIRS_MAX)
    shown = {p for pair in pairs for p in (pair.first, pair.second)}
    names = names_of(request)
    names.want_people(shown)
    if shown:
        ledger.note_looks(shown, staff=request.user.pk, unit=people.place_of(request),
                          page="duplicates", at=now)
    merges = queries.merges_standing()
    names.want_people(p for merge in merges for p in (merge.kept, merge.merged))
    lists = stays.published_lists()
    return render(request, "desks/pages/registry.html", {
        "pairs": pairs, "identities": registry.identities(shown), "merges": merges,
        "zones": stays.zones(only_open=True), "lists": lists,
        "totals": stays.totals_at(now), "devices": queries.devices(),
        "staff": queries.staff_roll(), "tiers": ("high", "medium", "low")})


def _act(request: HttpRequest) -> None:
    asked = request.POST
    reason = asked.get("reason", "").strip()
    first, second = asked.get("first"), asked.get("second")
    if not reason:
        door.complain(request, _("Say why: the next reader must understand it."))
        return
    match asked.get("do"):
        case "merge":
            saying = Saying("registry.persons_merged", {
                "kept": first, "merged": second, "reason": reason})
        case "different":
            saying = Saying("registry.not_duplicate", {
                "first": first, "second": second, "reason": reason})
        case "undo":
            saying = Saying("registry.merge_undone", {
                "kept": first, "merged": second, "merge": UUID(asked["merge"]), "reason": reason})
        case "map":
            county = counties.county_named(asked.get("county", ""))
            if asked.get("county", "").strip() and county is None:
                door.complain(request, _("Choose a county from the suggestions, or leave it empty "
                                         "for “belongs to none”."))
                return
            saying = Saying("registry.area_mapped", {
                "place": asked.get("place"), "division": county.code if county else None,
                "reason": reason})
        case _:
            return
    door.say(request, "registry", [saying])
