"""POST /api/v1/facts: the one way in for devices. A plain view, measured at twice ninja's rate."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from pratique.api.answers import Refused, answer, refusal
from pratique.api.intake import raw_facts
from pratique.api.receive import receive
from pratique.journal.fact import Batch, Receipt
from pratique.journal.kinds import ROLES
from pratique.kit.access import open_to
from pratique.kit.doors import now
from pratique.kit.errors import Refusal
from pratique.kit.sql import reading

GAPS_SHOWN_MAX = 20

# What waits for the sealer is read by its batches, those of the last seconds, in their order, so
# that no plan reads the whole table for them; of these only those that can carry a fact of this
# device: its own, its unit's other devices', and those that name no device. (The journal's facts
# have no index by device, and need none for this.) More of them than this, and nothing is promised.
UNSEALED_BATCHES_MAX = 5_000
WATERMARK = """
WITH unsealed AS MATERIALIZED (
    SELECT id, first_number, last_number, device FROM journal_batch
    WHERE txid > (SELECT coalesce((SELECT through FROM journal_seal ORDER BY size DESC LIMIT 1),
                                  '0'::xid8))
    ORDER BY txid LIMIT %(batches)s
)
SELECT ranges.first, ranges.last, seal.size, encode(seal.root, 'hex'),
       (SELECT epoch FROM field_epoch), (SELECT count(*) FROM unsealed),
       (SELECT min(of_one.seq) FROM unsealed b CROSS JOIN LATERAL (
            SELECT min(f.seq) AS seq FROM journal_fact f
            WHERE f.number BETWEEN b.first_number AND b.last_number AND f.batch = b.id
              AND f.device = %(device)s) of_one
        WHERE b.device IS NULL OR b.device IN (
            SELECT o.device FROM registry_device d JOIN registry_device o ON o.unit = d.unit
            WHERE d.device = %(device)s))
FROM (SELECT 1) one
LEFT JOIN (SELECT size, root FROM journal_seal ORDER BY size DESC LIMIT 1) seal ON true
LEFT JOIN (SELECT lower(r) AS first, upper(r) - 1 AS last FROM journal_device, unnest(received) r
           WHERE device = %(device)s ORDER BY 1 LIMIT %(ranges)s) ranges ON true
ORDER BY ranges.first
"""


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
        received = receive(raw_facts(request), actor, now())
        mark = watermark(actor.device)
        return answer({
            "batch": received.batch,
            "counts": Batch(received.batch, received.receipts).counts(),
            "receipts": [as_json(receipt) for receipt in received.receipts],
            "watermark": mark.watermark,
            "epoch": mark.epoch,
            "durable_through": mark.durable_through,
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


@dataclass(frozen=True, slots=True)
class Mark:
    """What a device may forget, and when it may not.

    epoch: another one than before means that the database was restored from a backup, and whatever
    the device still has goes again. durable_through: every running number up to it is here, and
    none of them waits for its place in the log.
    """

    watermark: dict[str, Any]
    epoch: UUID
    durable_through: int


def watermark(device: UUID) -> Mark:
    """How far this device's facts are durably here, and the log's head.

    heard_through: every running number up to it is here (0: not even the first).
    missing: [first, last] of the holes above it. log_size, log_root: what has been sealed.
    """
    with reading() as cursor:
        cursor.execute(WATERMARK, {"device": device, "ranges": GAPS_SHOWN_MAX + 1,
                                   "batches": UNSEALED_BATCHES_MAX})
        rows = cursor.fetchall()
    ranges = [(first, last) for first, last, *__ in rows if first is not None]
    heard_through = ranges[0][1] if ranges and ranges[0][0] <= 1 else 0
    ends = [0, *(last for __, last in ranges)] if not heard_through else [
        last for __, last in ranges]
    starts = [first for first, __ in ranges][1 if heard_through else 0:]
    missing = [[end + 1, start - 1] for end, start in zip(ends, starts, strict=False)]
    __, __, size, root, epoch, batches, first_unsealed = rows[0]
    if batches >= UNSEALED_BATCHES_MAX:
        first_unsealed = 0
    durable_through = heard_through if first_unsealed is None else max(
        0, min(heard_through, first_unsealed - 1))
    return Mark(
        {"device": device, "heard_through": heard_through, "missing": missing,
         "log_size": size or 0, "log_root": root}, epoch, durable_through)
