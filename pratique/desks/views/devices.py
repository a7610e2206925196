"""Staff and devices, second half: devices enrolled, listed, revoked."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from pratique.desks import door, hearing_out, keeping, ledger, people, roll, story
from pratique.desks.door import Saying
from pratique.desks.frame import desk_roles, names_of
from pratique.desks.views.staff import PAGE_ROWS, asked_of, filters
from pratique.kit.access import open_to
from pratique.kit.ids import new_id
from pratique.registry.passwords import device_token, token_hash

LABEL_LENGTH_MAX = 60


@open_to(*desk_roles("staff"))
def devices(request: HttpRequest) -> HttpResponse:
    """The devices by unit."""
    request.pratique_desk = "staff"  # type: ignore[attr-defined]
    asked = asked_of(request, ("revoked", "silent", "late"))
    if asked.after and not _is_id(asked.after):
        return redirect("devices")
    rows, total = roll.device_page(asked)
    return render(request, "desks/pages/devices.html", {
        "rows": rows[:PAGE_ROWS], "total": total, "asked": asked, **filters(request),
        "next": rows[PAGE_ROWS - 1].device if len(rows) > PAGE_ROWS else None})


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


@open_to(*desk_roles("staff"))
@never_cache
def enrol(request: HttpRequest) -> HttpResponse:
    """Enrol a device; its token is shown in the answer and never again."""
    request.pratique_desk = "staff"  # type: ignore[attr-defined]
    entered = {"label": request.POST.get("label", "").strip()[:LABEL_LENGTH_MAX],
               "unit": request.POST.get("unit", ""), "roles": request.POST.getlist("role")}
    if request.method == "POST":
        told = _enrolled(request, entered)
        if told is not None:
            return told
    now = door.moment(request)
    return render(request, "desks/pages/device_new.html", {
        "entered": entered, "fact": request.POST.get("fact") or new_id(now),
        "device": request.POST.get("device") or new_id(now), **keeping.choices(request),
    }, status=422 if request.method == "POST" else 200)


def _enrolled(request: HttpRequest, entered: dict) -> HttpResponse | None:
    if not (entered["label"] and entered["unit"] and entered["roles"]):
        door.complain(request, _("A name, a unit and at least one role are needed."))
        return None
    try:
        device, fact = UUID(request.POST.get("device", "")), UUID(request.POST.get("fact", ""))
    except ValueError:
        raise Http404 from None
    token = device_token()
    batch = door.say(request, "devices", [Saying("registry.device_enrolled", {
        "device": device, "unit": entered["unit"], "roles": entered["roles"],
        "label": entered["label"], "token_sha256": token_hash(token)}, id=fact)])
    if not door.is_good(batch):
        return None
    if batch.receipts[0].status == "duplicate":  # pressed twice: the token was shown already
        return redirect("device", id_=device)
    ledger.note_secret(device, "token", staff=request.user.pk, unit=people.place_of(request),
                       at=door.moment(request))
    return render(request, "desks/pages/shown_once.html", {
        "what": "token", "secret": token, "name": entered["label"], "id": device,
        "back": reverse("device", args=[device])})


@open_to(*desk_roles("staff"))
def device(request: HttpRequest, id_: UUID) -> HttpResponse:
    """One device: for whom it speaks, when it was heard; revoking it, and what it sent since."""
    request.pratique_desk = "staff"  # type: ignore[attr-defined]
    found = roll.device(id_)
    within = keeping.codes_kept(request)
    if found is None or (within is not None and found.unit not in within):
        raise Http404
    if request.method == "POST":
        if request.POST.get("do") == "record":
            hearing_out.record_chosen(request, id_)
        else:
            _revoke(request, id_)
        return redirect("device", id_=id_)
    names = names_of(request)
    kept = hearing_out.kept(id_)
    shown = ledger.secrets_shown(id_)
    names.want_staff(by for __, by, __what in shown)
    return render(request, "desks/pages/device.html", {
        "device": found, "shown": shown, "story": story.story_of(id_, names),
        "kept": kept, "heads": hearing_out.heads(kept),
        "to_record": any(row.fact and not row.is_recorded for row in kept)})


def _revoke(request: HttpRequest, device: UUID) -> None:
    reason = request.POST.get("reason", "").strip()
    if reason:
        door.say(request, "devices", [
            Saying("registry.device_revoked", {"device": device, "reason": reason})])
    else:
        door.complain(request, _("Say why: the next reader must understand it."))
