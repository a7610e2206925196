"""What is the same for everybody travels gzipped: static files, and the pages below some addresses.

Lines in the hills are thin. Files are compressed once, by content, into a folder beside the data;
a process that cannot write there serves them plain. Pages are compressed only where nothing on
them is a secret (BREACH): addresses that say so, without a session's cookie in the answer.
"""

import gzip
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

LEVEL = 9
BYTES_MIN = 400  # below, the head of the answer is longer than what is saved
SHARE_MAX = 0.95  # what hardly shrinks is left as it is: pictures, fonts
SAID_IN_TEXT = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
FOLDER = settings.VAR / "compressed"


class CompressedMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise, with compressed forms of all files wherever they lie, and of some pages."""

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> StaticFile:
        """As WhiteNoise's own; the compressed form lies apart: the code may be read-only."""
        small = compressed_form(Path(path))
        if small is None:
            return super().get_static_file(path, url, stat_cache)
        headers = Headers([])
        self.add_mime_headers(headers, path, url)
        self.add_cache_headers(headers, path, url)
        if self.allow_all_origins:
            headers["Access-Control-Allow-Origin"] = "*"
        return StaticFile(path, headers.items(), encodings={"gzip": str(small)})

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = super().__call__(request)
        if request.path_info.startswith(settings.COMPRESSED_BELOW) and _may_be(request, response):
            compress(response)
        return response


def compressed_form(file: Path) -> Path | None:
    """The file's compressed form, made where it is not there yet; None where that gains nothing."""
    content = file.read_bytes() if file.is_file() else b""
    if len(content) < BYTES_MIN:
        return None
    kept: Path = FOLDER / f"{hashlib.sha256(content).hexdigest()}.gz"
    if kept.exists():
        return kept
    small = gzip.compress(content, LEVEL, mtime=0)
    if len(small) > len(content) * SHARE_MAX:
        return None
    return kept if _written(kept, small) else None


def _written(kept: Path, content: bytes) -> bool:
    """Whole or not at all: several processes begin at once."""
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=kept.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, kept)
    except OSError:
        return False
    return True


def _may_be(request: HttpRequest, response: Any) -> bool:
    return (request.method == "GET" and response.status_code == 200
            and "gzip" in request.headers.get("Accept-Encoding", "")
            and not response.streaming and not response.has_header("Content-Encoding")
            and not response.cookies and len(response.content) >= BYTES_MIN
            and response.get("Content-Type", "").startswith(SAID_IN_TEXT))


def compress(response: Any) -> None:
    """Gzip an answer in place."""
    response.content = gzip.compress(response.content, LEVEL, mtime=0)
    response["Content-Encoding"] = "gzip"
    response["Content-Length"] = str(len(response.content))
    varies = {word.strip() for word in response.get("Vary", "").split(",") if word.strip()}
    response["Vary"] = ", ".join(sorted(varies | {"Accept-Encoding"}))
