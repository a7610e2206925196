"""Lists of announced arrivals: handed in, followed while they are recorded, looked up later."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_safe

from pratique.desks import door, frame, live, people
from pratique.desks.frame import names_of
from pratique.desks.paging import after_moment
from pratique.desks.uploads import InMemory
from pratique.feeds import arrival_files, import_queries, sheets
from pratique.feeds.import_queries import Import
from pratique.feeds.imports import KEPT, hand_in
from pratique.kit.access import open_to, refuse
from pratique.kit.errors import Refusal
from pratique.kit.ids import new_id

BRING = ("gate_officer", "registrar", "township_clerk")
READ = (*BRING, "supervisor", "leader")
SEE_ALL = frozenset({"registrar", "supervisor", "leader"})
PAGE_ROWS = 20
REJECTED_SHOWN_MAX = 50
LANGUAGES = dict(frame.LANGUAGES)
KINDS = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
         "csv": "text/csv; charset=utf-8"}
NOT_YOURS = Refusal(
    "not_your_list", _("Rejected rows name people. Only who handed the list in, or a registrar, "
                       "can download them."), "desks.rejected_rows_for_whom_they_concern")


def _stand(request: HttpRequest) -> None:
    """Under the reader's own desk: this page belongs to several."""
    roles = request.actor.roles  # type: ignore[attr-defined]
    request.pratique_desk = next(  # type: ignore[attr-defined]
        (name for name in ("gate", "registry", "township", "supervision")
         if set(frame.desk_roles(name)) & roles), "")


def _may_open(request: HttpRequest, one: Import) -> bool:
    """Whether the reader may see what the list says, and not its figures alone."""
    return (one.staff == request.user.pk
            or "registrar" in request.actor.roles)  # type: ignore[attr-defined]


@open_to(*READ)
@require_safe
def imports(request: HttpRequest) -> HttpResponse:
    """Lists that were handed in, the latest first, and the form for the next one."""
    return _page(request)


@open_to(*BRING)
@csrf_exempt  # checked below, once it is said where the file goes: the check reads the form
def bring(request: HttpRequest) -> HttpResponse:
    """Hand a list in; where it cannot be taken, the page says why."""
    request.upload_handlers = [InMemory(sheets.FILE_BYTES_MAX)]
    return _bring(request)


@csrf_protect
def _bring(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("imports")
    handed = _hand_in(request)
    return redirect("import", handed) if isinstance(handed, UUID) else _page(request, handed)


def _page(request: HttpRequest, trouble: Refusal | None = None) -> HttpResponse:
    _stand(request)
    return render(request, "desks/pages/imports.html", {
        **_earlier(request), "trouble": trouble,
        "may_bring": bool(request.actor.roles & set(BRING)),  # type: ignore[attr-defined]
        "new_import": new_id(door.moment(request)), "languages": LANGUAGES.items(),
        "mib_max": sheets.FILE_BYTES_MAX >> 20, "rows_max": sheets.ROWS_MAX},
        status=422 if trouble else 200)


def _hand_in(request: HttpRequest) -> UUID | Refusal:
    """The import that the form made, or had made already; or why there is none."""
    try:
        id_ = UUID(request.POST.get("import", ""))
    except ValueError:
        return Refusal("form_incomplete", _("This form did not come whole. Choose the file "
                                            "again."), "desks.import")
    known = import_queries.import_named(id_)
    if known is not None:  # sent again by a double click or a reload: it was heard
        return id_ if known.staff == request.user.pk else Refusal(
            "form_incomplete", _("This form did not come whole. Choose the file again."),
            "desks.import")
    file = request.FILES.get("file")
    if file is None:
        return Refusal("file_missing", _("Choose the file of the list."), "desks.import")
    try:
        hand_in(file.name or "", file.read(), id=id_,
                actor=request.actor,  # type: ignore[attr-defined]
                unit=people.place_of(request), now=door.moment(request))
    except Refusal as refusal:
        return refusal
    return id_


def _earlier(request: HttpRequest) -> dict[str, Any]:
    now = door.moment(request)
    sees_all = bool(request.actor.roles & SEE_ALL)  # type: ignore[attr-defined]
    rows = import_queries.imports(
        staff=None if sees_all else request.user.pk, unit=people.place_of(request),
        after=after_moment(request.GET.get("after")), limit=PAGE_ROWS + 1)
    page = rows[:PAGE_ROWS]
    names_of(request).want_staff(one.staff for one in page)
    cards = {one.id: import_queries.card_of(one, now) for one in page if _may_open(request, one)}
    last = page[-1] if len(rows) > PAGE_ROWS else None
    return {
        "rows": page, "files": {id_: card.file for id_, card in cards.items() if card},
        "paged": "after" in request.GET, "sees_all": sees_all,
        "next": f"{last.handed_in_at.isoformat()}~{last.id}" if last else None}


def _visible(request: HttpRequest, id_: UUID) -> Import:
    """The import, if the reader may know of it; else nobody is told that there is one."""
    one = import_queries.import_named(id_)
    if one is None:
        raise Http404
    roles = request.actor.roles  # type: ignore[attr-defined]
    here = people.place_of(request)
    if not (roles & SEE_ALL or _may_open(request, one) or here and one.unit == here):
        raise Http404
    return one


@open_to(*READ)
@require_safe
def import_(request: HttpRequest, id_: UUID) -> HttpResponse:
    """One list: how far it is, what became of its rows, and those that were not taken."""
    return _show(request, _visible(request, id_))


def _show(request: HttpRequest, one: Import, status: int = 200) -> HttpResponse:
    _stand(request)
    now = door.moment(request)
    may_open = _may_open(request, one)
    card = import_queries.card_of(one, now) if may_open else None
    rejected = (import_queries.rejected_of(one, now, REJECTED_SHOWN_MAX)
                if card and one.finished_at else [])
    names_of(request).want_staff([one.staff])
    answer = live.render_live(request, "desks/pages/import.html", "desks/parts/import.html", {
        "one": one, "card": card, "may_open": may_open, "is_open": one.opens(now),
        "waits": now - one.handed_in_at if not one.done and not one.finished_at else None,
        "rejected": [(r.number, _columns(r), "; ".join(p.sentence for p in r.problems))
                     for r in rejected],
        "not_used": [str(x) for x in (*card.ignored_columns, *card.ignored_sheets)] if card
        else [], "kept_days": KEPT.days})
    answer.status_code = status if status != 200 else answer.status_code
    return answer


def _columns(row: Any) -> str:
    words = dict.fromkeys(arrival_files.called(p.column) for p in row.problems)
    return ", ".join(word for word in words if word)


@open_to(*READ)
@require_safe
def rejected(request: HttpRequest, id_: UUID, kind: str) -> HttpResponse:
    """The rows that were not taken, as a file, with their reasons in the reader's language."""
    one = _visible(request, id_)
    if kind not in KINDS:
        raise Http404
    if not _may_open(request, one):
        return refuse(request, NOT_YOURS, status=403)
    now = door.moment(request)
    card = import_queries.card_of(one, now)
    if card is None:
        return _show(request, one, status=410)
    make = {"xlsx": arrival_files.rejected_xlsx, "csv": arrival_files.rejected_csv}[kind]
    return _download("rejected-rows", kind,
                     make(card.heading, import_queries.rejected_of(one, now)))


@open_to(*READ)
@require_safe
def template(request: HttpRequest, language: str, kind: str) -> HttpResponse:
    """An empty list to fill in, in either language whatever the reader's is."""
    if kind not in KINDS or language not in LANGUAGES:
        raise Http404
    make = {"xlsx": arrival_files.template_xlsx, "csv": arrival_files.template_csv}[kind]
    with override(language):
        return _download(f"arrivals-{language}", kind, make())


def _download(name: str, kind: str, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["Cache-Control"] = "private, no-store"
    return response
