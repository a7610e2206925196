"""Numbers for tube labels that a device prints by itself, given out by the block when online."""

from typing import Any

import msgspec
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from pratique.api.answers import Refused
from pratique.feeds.labels import first_serial
from pratique.field.views.asking import answers, read_form
from pratique.kit.access import open_to
from pratique.kit.doors import now
from pratique.kit.errors import Refusal
from pratique.kit.ids import new_id

BLOCK_LABELS_MAX = 200
"""Three days of one sampler's labels; what a lost tablet takes along is no loss."""


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    count: int


@csrf_exempt  # numbers are given out and nothing is written: no session is at stake
@open_to("sampler", "gate_officer", "site_head", "township_clerk", "laboratory")
@answers
def block(request: HttpRequest) -> Any:
    """`{"count"}` → `{"first", "count"}`: serial numbers from `first` on that no other block has.

    The device makes the label numbers of them (core/labels.js, `tubeNumber`).
    """
    count = read_form(request, Wanted).count
    if not 1 <= count <= BLOCK_LABELS_MAX:
        raise Refused(422, Refusal(
            "labels_count", _("1 to %(most)s label numbers are given out at once."),
            "field.labels_of_a_block", most=BLOCK_LABELS_MAX))
    return {"first": first_serial(new_id(now())), "count": count}
