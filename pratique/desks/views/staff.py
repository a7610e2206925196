"""Staff and devices, first half: who is on the roll, enrolling, roles given and ended, locking."""

from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from pratique.desks import door, keeping, ledger, people, roll, story
from pratique.desks.door import Saying
from pratique.desks.frame import desk_roles, names_of
from pratique.journal.kinds import ROLES
from pratique.kit.access import open_to
from pratique.kit.ids import new_id
from pratique.registry.passwords import one_time_password
from pratique.registry.reduce import set_password

PAGE_ROWS = 50
ROLE_ROWS = 3
COUNTY_CHOSEN = "*"  # what a form says for the county, so that leaving it out is not that
FIELDS = ("username", "office", "name", "phone")


def asked_of(request: HttpRequest, states: tuple[str, ...]) -> roll.Asked:
    """The filters of a list, from its address."""
    asked = request.GET
    state, role = asked.get("state"), asked.get("role")
    return roll.Asked(
        unit=asked.get("unit") or None, role=role if role in ROLES else None,
        state=state if state in states else None, within=keeping.codes_kept(request),
        after=asked.get("after") or None, limit=PAGE_ROWS + 1)


@open_to(*desk_roles("staff"))
def staff(request: HttpRequest) -> HttpResponse:
    """Who is on the roll, by user name."""
    request.pratique_desk = "staff"  # type: ignore[attr-defined]
    asked = asked_of(request, ("locked",))
    rows, total = roll.staff_page(asked)
    return render(request, "desks/pages/staff.html", {
        "rows": rows[:PAGE_ROWS], "total": total, "asked": asked, **filters(request),
        "next": rows[PAGE_ROWS - 1].username if len(rows) > PAGE_ROWS else None})


def filters(request: HttpRequest) -> dict[str, Any]:
    """What a list of this desk can be filtered by."""
    return {"all_roles": [role for role in ROLES if role != "system"],
            "groups": keeping.groups(keeping.units_kept(request))}


@open_to(*desk_roles("staff"))
@never_cache
def enrol(request: HttpRequest) -> HttpResponse:
    """Enrol somebody; the one-time password is shown in the answer and never again."""
    request.pratique_desk = "staff"  # type: ignore[attr-defined]
    entered = {field: request.POST.get(field, "").strip() for field in FIELDS}
    duties = _duties(request)
    if request.method == "POST":
        told = _enrolled(request, entered, duties)
        if told is not None:
            return told
    now = door.moment(request)
    rows = duties + [("", "")] * max(1, ROLE_ROWS - len(duties))
    return render(request, "desks/pages/staff_new.html", {
        "entered": entered, "duties": rows, "offices": roll.offices(),
        "fact": request.POST.get("fact") or new_id(now), "staff": request.POST.get("staff")
        or new_id(now), **keeping.choices(request),
    }, status=422 if request.method == "POST" else 200)


def _duties(request: HttpRequest) -> list[tuple[str, str]]:
    """(role, unit) of the rows that were filled in; COUNTY_CHOSEN = the county, "" = not said."""
    pairs = zip(request.POST.getlist("role"), request.POST.getlist("unit"), strict=False)
    return [(role, unit) for role, unit in pairs if role]


def _enrolled(
    request: HttpRequest, entered: dict[str, str], duties: list[tuple[str, str]]
) -> HttpResponse | None:
    """Say it and show the password; None when it was not recorded."""
    if not all(entered[field] for field in ("username", "office", "name")):
        door.complain(request, _("User name, office and name are needed."))
        return None
    if not all(unit for __, unit in duties):
        door.complain(request, _("Say for each role where it is held."))
        return None
    try:
        who, fact = UUID(request.POST.get("staff", "")), UUID(request.POST.get("fact", ""))
    except ValueError:
        raise Http404 from None
    body = {"staff": who, "username": entered["username"], "office": entered["office"],
            "duties": [_right(role, unit) for role, unit in duties]}
    sealed = {who: {name: entered[name] for name in ("name", "phone") if entered[name]}}
    batch = door.say(request, "staff", [
        Saying("registry.staff_enrolled", body, sealed=sealed, id=fact)])
    if not door.is_good(batch):
        return None
    if batch.receipts[0].status == "duplicate":  # pressed twice: the password was shown already
        return redirect("staff_member", id_=who)
    return _show_password(request, who, entered["username"])


def _show_password(request: HttpRequest, who: UUID, username: str) -> HttpResponse:
    """Draw a one-time password, keep that it was shown, and show it."""
    password = one_time_password()
    set_password(who, make_password(password))
    ledger.forget_passwords([who])
    ledger.note_secret(who, "password", staff=request.user.pk, unit=people.place_of(request),
                       at=door.moment(request))
    return render(request, "desks/pages/shown_once.html", {
        "what": "password", "secret": password, "name": username,
        "back": reverse("staff_member", args=[who])})


@open_to(*desk_roles("staff"))
@never_cache
def member(request: HttpRequest, id_: UUID) -> HttpResponse:
    """One member of staff: duties, and what may be changed, with its reason."""
    request.pratique_desk = "staff"  # type: ignore[attr-defined]
    found = roll.member(id_)
    if found is None or not _is_in_sight(request, found):
        raise Http404
    is_kept = keeping.may_change(request, found.duties) and id_ != request.user.pk
    if request.method == "POST":
        if request.POST.get("do") == "password" and is_kept:
            return _show_password(request, id_, found.username)
        _act(request, found)
        return redirect("staff_member", id_=id_)
    names = names_of(request)
    shown = ledger.secrets_shown(id_)
    names.want_staff(by for __, by, __what in shown)
    return render(request, "desks/pages/staff_member.html", {
        "who": found, "identity": roll.name_of_staff(id_), "is_kept": is_kept,
        "is_self": id_ == request.user.pk, "shown": shown, "story": story.story_of(id_, names),
        "duties": [(role, unit, keeping.may_change(request, [(role, unit)]))
                   for role, unit in found.duties], **keeping.choices(request)})


def _is_in_sight(request: HttpRequest, found: roll.Member) -> bool:
    """Whoever keeps some units sees the people who have a duty at one of them."""
    within = keeping.codes_kept(request)
    return within is None or any(unit in within for __, unit in found.duties)


def _act(request: HttpRequest, found: roll.Member) -> None:
    asked = request.POST
    reason = asked.get("reason", "").strip()
    if not reason:
        door.complain(request, _("Say why: the next reader must understand it."))
        return
    body: dict[str, Any] = {"staff": found.staff, "reason": reason}
    match asked.get("do"):
        case "give" if asked.get("role") and asked.get("unit"):
            kind, body = "role_given", body | _right(asked["role"], asked["unit"])
        case "end" if "~" in asked.get("right", ""):
            kind, body = "role_ended", body | _right(*asked["right"].split("~", 1))
        case "lock":
            kind = "staff_locked"
        case "unlock":
            kind = "staff_unlocked"
        case _:
            door.complain(request, _("Choose the role and where it is held."))
            return
    door.say(request, "staff", [Saying(f"registry.{kind}", body)])


def _right(role: str, unit: str) -> dict[str, str | None]:
    return {"role": role, "unit": None if unit == COUNTY_CHOSEN else unit}
