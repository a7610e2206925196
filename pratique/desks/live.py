"""Boards that update by themselves: a page, and the part of it that is fetched again.

The part carries an ETag, so that a board on the wall costs nothing while nothing changes. The page
shows how old the part is and says so when it has become stale; without a script it is a page.
"""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.template.loader import render_to_string


def render_live(
    request: HttpRequest, page: str, part: str, context: dict[str, Any]
) -> HttpResponse:
    """The page with its part, or the part alone when asked with `?part=1`."""
    inside = render_to_string(part, context, request)
    if "part" not in request.GET:
        here = request.GET.copy()
        here["part"] = "1"
        context = {**context, "live_part": inside, "live_address": f"?{here.urlencode()}"}
        return render(request, page, context)
    tag = f'"{hashlib.blake2b(inside.encode(), digest_size=12).hexdigest()}"'
    if request.headers.get("If-None-Match") == tag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(inside)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Cookie, Accept-Language"
    return response
