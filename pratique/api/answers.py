"""How the API answers: JSON by msgspec, refusals with a code, a sentence and the rule's name."""

from typing import Any

import msgspec
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from pratique.kit.errors import Refusal

JSON = "application/json"
RETRY_SECONDS = 2
_encoder = msgspec.json.Encoder()


class Refused(Exception):
    """Raised anywhere behind an API view: the call is refused with this HTTP status."""

    def __init__(self, status: int, refusal: Refusal, **headers: str) -> None:
        super().__init__(refusal.code)
        self.status = status
        self.refusal = refusal
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def answer(data: Any, status: int = 200) -> HttpResponse:
    """`data` as JSON: dicts, dataclasses, structs, UUIDs and moments as msgspec writes them."""
    return HttpResponse(_encoder.encode(data), status=status, content_type=JSON)


def refusal(refused: Refused) -> HttpResponse:
    """{"code", "sentence", "rule", "params"} in the asker's language."""
    said = refused.refusal
    response = answer(
        {"code": said.code, "sentence": str(said), "rule": said.rule, "params": said.params},
        refused.status)
    for name, value in refused.headers.items():
        response[name] = value
    return response


def unavailable() -> Refused:
    """The database does not answer, or stays busy: nothing was recorded, send it again later."""
    return Refused(503, Refusal(
        "try_again", _("Nothing was recorded; the database does not answer just now. Try again "
                       "in %(seconds)s seconds."), "api.try_again", seconds=RETRY_SECONDS),
        Retry_After=str(RETRY_SECONDS))
