"""What all doors below /api/v1/field/ do alike: read a form, answer or refuse as JSON."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from pratique.api.answers import JSON, Refused, answer, refusal
from pratique.kit.errors import Refusal

BODY_BYTES_MAX = 4096
View = Callable[[HttpRequest], HttpResponse]
Form = TypeVar("Form")


def answers(view: Callable[[HttpRequest], Any]) -> View:
    """What the view says as JSON that nobody keeps, and its refusals in the reader's language."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        try:
            said = view(request)
            response = said if isinstance(said, HttpResponse) else answer(said)
        except Refused as refused:
            response = refusal(refused)
        response.setdefault("Cache-Control", "no-store")
        return response

    return answered


def read_form(
    request: HttpRequest, form: type[Form], bytes_max: int = BODY_BYTES_MAX
) -> Form:
    """The body as a form. Raises Refused; what was sent is not repeated."""
    if request.method != "POST":
        raise Refused(405, Refusal("method", _("This is asked for with POST."), "api.method"),
                      Allow="POST")
    # A page of another site can post text and forms, but no JSON without asking first.
    if request.content_type != JSON:
        raise Refused(415, Refusal("content_type", _("This is sent as application/json."),
                                   "api.content_type"))
    if int(request.headers.get("Content-Length") or 0) > bytes_max:
        raise Refused(413, Refusal("too_many_bytes", _("This has at most %(most)s bytes."),
                                   "field.size", most=bytes_max))
    try:
        return msgspec.json.decode(request.body, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Refused(400, Refusal("malformed_json", _("This is not what is asked for here."),
                                   "field.form")) from None
