"""The app's own page and its service worker. Neither carries data: the device brings its own."""

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pratique.field import counties_file, precache
from pratique.kit.access import open_to_all

SCRIPT = "text/javascript; charset=utf-8"
# The reader of square codes, where a browser has none of its own, is WebAssembly.
READS_CODES = {"script-src": ["'wasm-unsafe-eval'"]}


@open_to_all
@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """To the page in the reader's language; without a network the worker does the same."""
    language = get_language()
    return redirect(f"field_{language if language in precache.LANGUAGES else precache.FIRST}")


@open_to_all
@require_safe
@never_cache
@csp_update(READS_CODES)  # type: ignore[arg-type]
def outbox(request: HttpRequest, language: str) -> HttpResponse:
    """What the device has to send, and what became of it. The same bytes for everybody."""
    return HttpResponse(precache.page(language))


@open_to_all
@require_safe
def counties(request: HttpRequest) -> HttpResponse:
    """The counties that can be named at a gate; a file of the app like any other."""
    return HttpResponse(counties_file.content(), content_type="application/json")


@open_to_all
@require_safe
@never_cache
def packed(request: HttpRequest) -> HttpResponse:
    """The app's files in one answer, for the first visit of a device."""
    return HttpResponse(precache.packed(), content_type="application/json")


@open_to_all
@require_safe
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker with the list of what it keeps; its scope is /field/."""
    return HttpResponse(precache.worker(), content_type=SCRIPT)
