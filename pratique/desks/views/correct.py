"""Correcting who a person is and where they were: the old value stays in the story."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratique.checkpoint import queries as checkpoint
from pratique.checkpoint.queries import Episode
from pratique.desks import corrections, door, gate_form, ledger, people
from pratique.desks.door import Saying
from pratique.kit.access import open_to, refuse
from pratique.kit.errors import Refusal
from pratique.kit.ids import new_id
from pratique.pathway import queries as pathway
from pratique.registry import queries as registry
from pratique.standing import queries as standing

NOT_CONCERNED = Refusal(
    "not_your_person",
    gettext_lazy("Who holds this person, met them or awaits them corrects the record; or who "
                 "answers for the whole county."), "registry.concern")


def _open(request: HttpRequest, id_: UUID) -> tuple[UUID, Episode | None]:
    """The person's root and latest episode; opening the record is kept."""
    root = registry.roots_of([id_]).get(id_)
    if root is None:
        raise Http404
    ledger.note_looks([root], staff=request.user.pk, unit=people.place_of(request),
                      page="correction", at=door.moment(request))
    return root, checkpoint.episodes([root]).get(root)


@open_to(*corrections.roles_for(corrections.IDENTITY))
def identity(request: HttpRequest, id_: UUID) -> HttpResponse:
    """Name, document, phone, address; only what differs is said."""
    root, __ = _open(request, id_)
    if corrections.IDENTITY not in corrections.kinds_for(request, root):
        return refuse(request, NOT_CONCERNED, status=403)
    now = door.moment(request)
    known = registry.identities([root]).get(root)
    form = gate_form.read(request.POST, now) if request.POST else gate_form.of_identity(known)
    if request.method == "POST":
        gate_form.check_identity(form, now)
        for name in [name for name in form.errors if not form.values.get(name)]:
            del form.errors[name]  # what is left empty keeps its value
        _check_reason(request, form)
        part = corrections.changed(form, known)
        if not form.errors and not part:
            form.errors["name"] = _("Nothing here differs from the record.")
        if not form.errors and _decided(request, root, lambda: Saying(
                corrections.IDENTITY, {"person": root, "reason": _reason(request)},
                sealed={root: part}, id=_fact(request))):
            return redirect("person", id_=root)
    return render(request, "desks/pages/correct_identity.html", {
        "who": root, "form": form, "kinds": gate_form.DOCUMENT_KINDS, "reason": _reason(request),
        "fact": request.POST.get("fact") or new_id(now)}, status=422 if form.errors else 200)


@open_to(*corrections.roles_for(corrections.STAYS))
def stays(request: HttpRequest, id_: UUID) -> HttpResponse:
    """Where the person was and came from; the open episode is graded anew at once."""
    root, last = _open(request, id_)
    if last is None or last.ended_at is not None:
        raise Http404
    if corrections.STAYS not in corrections.kinds_for(request, root):
        return refuse(request, NOT_CONCERNED, status=403)
    now = door.moment(request)
    form = gate_form.read(request.POST, now) if request.POST else gate_form.of_episode(last, now)
    if form.outside is None:
        form.outside = last.from_outside_province
    do = request.POST.get("do")
    if do == "more":
        gate_form.another_stay(form, now)
    gate_form.offer_places(form, now)
    if do == "record":
        gate_form.check_stays(form, now)
        _check_reason(request, form)
        if gate_form.is_right(form) and _decided(request, root, lambda: Saying(
                corrections.STAYS, {
                    "person": root, "episode": last.id, "reason": _reason(request),
                    "stays": gate_form.stays_said(form, now),
                    **corrections.changed_from_outside(form, last)}, id=_fact(request))):
            return redirect("person", id_=root)
    wrong = do == "record" and not gate_form.is_right(form)
    return render(request, "desks/pages/correct_stays.html", {
        "who": root, "form": form, "episode": last, "reason": _reason(request),
        "outside_by_stays": gate_form.from_outside(form),
        "fact": request.POST.get("fact") or new_id(now)}, status=422 if wrong else 200)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()


def _fact(request: HttpRequest) -> UUID | None:
    """The id made when the form was opened, so that pressing twice says it once."""
    try:
        return UUID(request.POST.get("fact", ""))
    except ValueError:
        return None


def _check_reason(request: HttpRequest, form: gate_form.PersonForm) -> None:
    if not _reason(request):
        form.errors["reason"] = _("Say why: the next reader must understand it.")


def _decided(request: HttpRequest, root: UUID, saying: Callable[[], Saying]) -> bool:
    """Say it, and show what the rules make of it now; whether it was recorded."""
    before = pathway.decisions_of([root]).get(root)
    if not door.is_good(door.say(request, "corrections", [saying()])):
        return False
    after = pathway.decisions_of([root]).get(root)
    code = standing.codes_of([root], door.moment(request)).get(root)
    messages.add_message(request, messages.INFO, corrections.what_follows(before, after, code),
                         extra_tags="applied")
    return True
