"""The API itself: its name, how it writes JSON, and how it says no."""

from collections.abc import Callable
from typing import Any

import msgspec
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.renderers import BaseRenderer

from pratique.api import answers
from pratique.api.answers import Refused
from pratique.kit.access import open_to_all
from pratique.kit.errors import Refusal

DESCRIPTION = """
Devices send facts and read what their unit needs to know. Every call shows the device's token:
`Authorization: Bearer …`. Times are ISO 8601 with a zone. Lists come in pages: send `next` of one
page as `after` of the following one, until it is null. A refusal is
`{"code", "sentence", "rule", "params"}`; the sentence comes in the language of Accept-Language
(zh-hans or en). Nothing here opens anybody's name. A device that calls more often than the server
allows in a minute is answered 429 with Retry-After, and so is nobody in a drill. Reading one
person's way is kept: which device or member of staff, when, by which read; the person may ask.
"""


class Writer(BaseRenderer):
    """JSON by msgspec: moments with all their digits, UUIDs as text."""

    media_type = answers.JSON
    _encoder = msgspec.json.Encoder()

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return self._encoder.encode(data)


class Api(NinjaAPI):
    """Ninja's, with doors that are plain views added to its description: the facts door, and those
    of rooms beside this one, which say theirs by `also_describes`."""

    def get_openapi_schema(self, **options: Any) -> Any:
        from pratique.api.openapi import add_facts_door, add_waits

        schema = add_facts_door(super().get_openapi_schema(**options))
        for add in _described:
            schema = add(schema)
        return add_waits(schema)


_described: list[Callable[[dict[str, Any]], dict[str, Any]]] = []


def also_describes(add: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """`add(schema)` puts a room's own paths into the description of the API."""
    _described.append(add)


api = Api(
    title="Pratique", version="1", description=DESCRIPTION, urls_namespace="api",
    renderer=Writer(), docs_url="/docs", openapi_url="/openapi.json", docs_decorator=open_to_all,
)


@api.exception_handler(Refused)
def say_no(request: HttpRequest, refused: Refused) -> HttpResponse:
    return answers.refusal(refused)


@api.exception_handler(ValidationError)
def say_what_is_wrong(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Which parameter is wrong, without repeating what was sent."""
    names = sorted({str(each["loc"][-1]) for each in error.errors if each.get("loc")})
    return answers.refusal(Refused(422, Refusal(
        "malformed_query", _("These parameters are missing or wrong: %(names)s."),
        "api.malformed_query", names=", ".join(names))))


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def say_later(request: HttpRequest, error: DatabaseError) -> HttpResponse:
    return answers.refusal(answers.unavailable())
