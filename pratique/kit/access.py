"""Who may open which route.

Each view says so beside itself, with `@open_to("gate_officer", …)` or `@open_to_all`. The
middleware refuses everybody else, and also whoever knocks at a view that says nothing: a route
forgotten is a route closed. A test walks all routes.

Who is asking comes from the function that `settings.ACTOR_OF_REQUEST` names: request -> an object
with `roles` (a set of duty roles), or None for a stranger. It is kept as `request.actor`.
"""

import inspect
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from pratique.kit.errors import Refusal

EVERYONE = frozenset({"*"})
SIGN_IN = Refusal("sign_in_first", _("Sign in first."), "kit.known_people_only")
NOT_YOURS = Refusal(
    "not_your_duty", _("Your duty role does not open this page."), "kit.routes_by_duty_role"
)

View = TypeVar("View", bound=Callable[..., Any])


def open_to(*roles: str) -> Callable[[View], View]:
    """Marks a view (or an operation of the API) as open to people on duty in these roles."""
    if not roles or "*" in roles:
        raise ValueError("name the duty roles, or say open_to_all")

    def mark(view: View) -> View:
        view.roles = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return mark


def open_to_all(view: View) -> View:
    """Marks a view that strangers may open: the sign-in page, a slip's unguessable link."""
    view.roles = EVERYONE  # type: ignore[attr-defined]
    return view


def roles_of(view: Callable[..., Any], method: str | None = None) -> frozenset[str] | None:
    """The roles that a route's view declares, `EVERYONE`, or None when it declares nothing.

    An API route holds one operation a method; without `method` the answer is for all of them
    together, and None as soon as one of them declares nothing.
    """
    operations = _operations(view)
    if operations is None:
        return getattr(view, "roles", None)
    declared = [
        getattr(operation.view_func, "roles", None)
        for operation in operations
        if method is None or method in operation.methods
    ]
    if not declared:
        return EVERYONE  # the API itself answers 405
    if None in declared:
        return None
    return frozenset[str]().union(*(roles for roles in declared if roles is not None))


@lru_cache(maxsize=1024)
def _operations(view: Callable[..., Any]) -> Iterable[Any] | None:
    """The operations behind a django-ninja route (it closes over its PathView); else None."""
    if not inspect.isfunction(view) or not view.__module__.startswith("ninja."):
        return None
    return getattr(inspect.getclosurevars(view).nonlocals.get("self"), "operations", None)


class AccessMiddleware:
    """Puts the actor on the request and refuses views that are not open to it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        named = getattr(settings, "ACTOR_OF_REQUEST", None)
        self.actor_of = import_string(named) if named else lambda request: None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        actor = request.actor = self.actor_of(request)  # type: ignore[attr-defined]
        roles = roles_of(view, request.method)
        if roles == EVERYONE:
            return None
        if actor is None:
            return refuse(request, SIGN_IN, status=401)
        if roles is None or not roles & actor.roles:
            return refuse(request, NOT_YOURS, status=403)
        return None


def refuse(request: HttpRequest, refusal: Refusal, *, status: int) -> HttpResponse:
    """The refusal in the form that the asker reads: JSON for programs, a page for people."""
    if request.path.startswith("/api/") or not _reads_pages(request):
        return JsonResponse(
            {"code": refusal.code, "sentence": str(refusal), "rule": refusal.rule}, status=status
        )
    if status == 401:
        back = quote(request.get_full_path())
        return HttpResponseRedirect(f"{settings.LOGIN_URL}?next={back}")
    try:
        page = render_to_string("403.html", {"refusal": refusal}, request)
    except TemplateDoesNotExist:
        page = format_html("<!doctype html><title>403</title><h1>{}</h1>", str(refusal))
    return HttpResponse(page, status=status)


def _reads_pages(request: HttpRequest) -> bool:
    accept = request.headers.get("Accept", "*/*")
    return "text/html" in accept or "*/*" in accept
