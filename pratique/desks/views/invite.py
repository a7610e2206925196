"""Staff and devices: letting a device in by a code that its camera reads."""

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from pratique.desks import door, keeping, people
from pratique.desks.frame import desk_roles, names_of
from pratique.desks.people import COUNTY_WIDE
from pratique.field import enrolment
from pratique.kit.access import open_to
from pratique.registry.rights import OFFICE

LABEL_LENGTH_MAX = 60
MODULE_PIXELS = 6


@open_to(*desk_roles("staff"))
@never_cache
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invitation; its code is shown in the answer and never again."""
    request.pratique_desk = "staff"  # type: ignore[attr-defined]
    entered = {"label": request.POST.get("label", "").strip()[:LABEL_LENGTH_MAX],
               "unit": request.POST.get("unit", ""), "roles": request.POST.getlist("role")}
    if request.method == "POST" and _may(request, entered):
        return _shown(request, entered)
    return render(request, "desks/pages/device_invite.html", {
        "entered": entered, "minutes": enrolment.INVITATION_MINUTES, **keeping.choices(request),
    }, status=422 if request.method == "POST" else 200)


def _may(request: HttpRequest, entered: dict) -> bool:
    """Whether the reader may let a device in there; what is wrong is said."""
    if not (entered["label"] and entered["unit"] and entered["roles"]):
        door.complain(request, _("A name, a unit and at least one role are needed."))
        return False
    unit = names_of(request).units().get(entered["unit"])
    where = COUNTY_WIDE if unit is not None and unit.kind == OFFICE else entered["unit"]
    if unit is None or not keeping.may_change(
            request, [(role, where) for role in entered["roles"]]):
        door.complain(request, _("You may not let a device in with these roles at this unit."))
        return False
    return True


def _shown(request: HttpRequest, entered: dict) -> HttpResponse:
    leader = keeping.actor_of(request).staff
    assert leader is not None, "a desk is opened by people"
    code, until = enrolment.invite(
        unit=entered["unit"], roles=entered["roles"], label=entered["label"], made_by=leader,
        post=people.place_of(request), now=door.moment(request))
    address = f"{request.build_absolute_uri(reverse('field_enrol'))}#{code}"
    picture = segno.make(address, error="m").svg_inline(
        scale=MODULE_PIXELS, border=4, light="#fff", omitsize=True, svgid="invitation")
    return render(request, "desks/pages/device_invited.html", {
        "entered": entered, "address": address, "until": until,
        # Drawn by segno from our own address: no text of anybody's is in it.
        "picture": mark_safe(picture)})  # noqa: S308
