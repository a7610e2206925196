"""The page on which a device is enrolled, and the sentences of its modules."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pratique.api.answers import answer
from pratique.field.refusals import sentences
from pratique.kit.access import open_to_all


@open_to_all
@require_safe
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The invitation is behind the # of the address and never comes here.

    `?lang=` chooses the language, for this page and what it asks afterwards: a form would lose what
    is behind the #.
    """
    wanted = request.GET.get("lang", "")
    known = wanted in dict(settings.LANGUAGES)
    language = wanted if known else get_language() or settings.LANGUAGE_CODE
    with override(language):
        response = render(request, "field/enrol.html", {
            "language": language, "refused": sentences(),
            "other": next(pair for pair in settings.LANGUAGES if pair[0] != language)})
    if known:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax")
    return response


@open_to_all
@require_safe
def refusals(request: HttpRequest) -> HttpResponse:
    """What the device's modules say no with, in the reader's language."""
    response = answer(sentences())
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    return response
