"""Every route says who may open it, and the middleware keeps to that."""

import json
from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from ninja import NinjaAPI
from ninja.openapi.views import default_home

from pratique.journal.kinds import ROLES
from pratique.kit import access
from pratique.kit.access import EVERYONE, AccessMiddleware, open_to, open_to_all, roles_of


def routes(patterns, prefix=""):
    """Every (address, view) below `patterns`."""
    for each in patterns:
        address = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, address)
        elif isinstance(each, URLPattern) and not is_ninja_home(each.callback):
            yield address, each.callback


def is_ninja_home(view):
    """The API's bare root, which answers 404 by itself."""
    return getattr(view, "func", None) is default_home


def test_every_route_declares_duty_roles_that_exist():
    known = EVERYONE | set(ROLES)
    found = [(address, roles_of(view)) for address, view in routes(get_resolver().url_patterns)]
    undeclared = [address for address, roles in found if not roles]
    assert undeclared == [], "put @open_to(...) or @open_to_all on these views"
    assert [address for address, roles in found if not roles <= known] == []


@open_to("gate_officer", "supervisor")
def gate(request):
    return HttpResponse("gate")


@open_to_all
def front(request):
    return HttpResponse("front")


def forgotten(request):
    return HttpResponse("forgotten")


def ask(view, *roles, path="/desk/", accept="text/html"):
    request = RequestFactory().get(path, headers={"Accept": accept})
    middleware = AccessMiddleware(lambda request: HttpResponse())
    actor = SimpleNamespace(roles=frozenset(roles)) if roles else None
    middleware.actor_of = lambda request: actor
    return middleware.process_view(request, view, (), {})


def test_people_on_duty_pass_and_their_roles_ride_on_the_request():
    assert ask(gate, "gate_officer") is None
    assert ask(gate, "sampler", "supervisor") is None


def test_anybody_passes_where_all_may():
    assert ask(front) is None


def test_a_stranger_is_sent_to_sign_in_and_brought_back():
    answer = ask(gate, path="/desk/?day=2022-08-20")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=/desk/%3Fday%3D2022-08-20"


@pytest.mark.django_db  # the page of a refusal stands in the frame, with its clock and banner
def test_the_wrong_role_is_refused_with_a_sentence():
    answer = ask(gate, "courier")
    assert answer.status_code == 403
    assert "<h1>" in answer.content.decode()


@pytest.mark.parametrize(("roles", "status"), [((), 401), (("courier",), 403)])
def test_programs_are_refused_in_json(roles, status):
    answer = ask(gate, *roles, path="/api/v1/facts")
    assert answer.status_code == status
    assert json.loads(answer.content).keys() == {"code", "sentence", "rule"}


@pytest.mark.django_db
def test_a_view_that_declares_nothing_is_closed_even_to_leaders():
    assert ask(forgotten, *ROLES).status_code == 403


def test_roles_of_an_api_route_are_those_of_its_operations():
    api = NinjaAPI(urls_namespace="house")

    @api.get("/things")
    @open_to("sampler")
    def read(request):
        return []

    @api.post("/things")
    @open_to("registrar")
    def write(request):
        return []

    @api.get("/forgotten")
    def nothing(request):
        return []

    found = dict(routes(api.urls[0]))
    assert roles_of(found["things"]) == {"sampler", "registrar"}
    assert roles_of(found["things"], "POST") == {"registrar"}
    assert roles_of(found["forgotten"]) is None


def test_open_to_wants_names():
    for wrong in ((), ("*",)):
        with pytest.raises(ValueError, match="open_to_all"):
            access.open_to(*wrong)
