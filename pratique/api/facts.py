"""POST /api/v1/facts: the one way in for devices. A plain view, measured at twice ninja's rate."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from pratique.api.answers import Refused, answer, refusal
from pratique.api.clocks import said_by
from pratique.api.intake import raw_facts
from pratique.api.receive import receive
from pratique.journal.fact import Receipt, counts_of
from pratique.journal.kinds import ROLES
from pratique.kit.access import open_to
from pratique.kit.doors import now
from pratique.kit.errors import Refusal


@csrf_exempt  # a device shows its token; a browser's session is not taken here
@open_to(*ROLES)
def facts(request: HttpRequest) -> HttpResponse:
    """A JSON list of facts in, a receipt for each out."""
    try:
        if request.method != "POST":
            raise Refused(405, Refusal("method", _("Facts are sent with POST."), "api.method"),
                          Allow="POST")
        actor = request.actor  # type: ignore[attr-defined]
        if actor.device is None:
            raise Refused(403, Refusal("device_only", _("Facts are sent by a device, with its "
                                                        "token."), "api.device_only"))
        raw, heard_at = raw_facts(request), now()
        received = receive(raw, actor, heard_at, said_by(request, heard_at))
        mark = received.mark
        return answer({
            "batch": received.batch,
            "counts": counts_of(received.receipts),
            "receipts": [as_json(receipt) for receipt in received.receipts],
            "watermark": mark.watermark,
            "epoch": mark.epoch,
            "durable_through": mark.durable_through,
            "heard_at": heard_at,
        })
    except Refused as refused:
        return refusal(refused)


facts.hears_revoked_devices = True  # type: ignore[attr-defined]


def as_json(receipt: Receipt) -> dict[str, Any]:
    """A receipt as devices read it, the sentence in their language."""
    return {
        "id": receipt.id, "status": receipt.status, "code": receipt.code,
        "sentence": receipt.text(), "rule": receipt.rule,
        "params": {name: plain(value) for name, value in receipt.params.items()},
    }


def plain(value: Any) -> Any:
    """Lazy sentences and the like as text; what JSON has stays."""
    return value if isinstance(value, int | float | str | list | None.__class__) else str(value)
