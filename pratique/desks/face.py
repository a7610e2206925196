"""The style sheet and the script of all pages, each one file for the browser.

They are written as one small file per component and put together here once a process; the address
carries a digest of the content, so a browser may keep it for ever and never shows an old one.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from pratique.kit.access import open_to_all

FOLDER = Path(__file__).parent / "static" / "desks"
CONTENT_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
KEEP_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Bundle:
    content: bytes
    digest: str


@lru_cache
def bundle(kind: str) -> Bundle:
    """All files of `css` or `js` in the order of their names."""
    files = sorted((FOLDER / kind).glob(f"*.{kind}"))
    content = b"\n".join(file.read_bytes() for file in files)
    return Bundle(content, hashlib.blake2b(content, digest_size=6).hexdigest())


def address(kind: str) -> str:
    """Where the present bundle is found."""
    return reverse("face", args=[bundle(kind).digest, kind])


@open_to_all
@require_safe
def serve(request: HttpRequest, digest: str, kind: str) -> HttpResponse:
    """A bundle; an old digest gets the present one, without the promise that it will last."""
    if kind not in CONTENT_TYPES:
        raise Http404
    here = bundle(kind)
    response = HttpResponse(here.content, content_type=CONTENT_TYPES[kind])
    fresh = digest == here.digest
    response["Cache-Control"] = (
        f"public, max-age={KEEP_SECONDS}, immutable" if fresh else "no-cache"
    )
    return response
