"""What a revoked device still handed up: its leader sees it, and records what is to count.

It was kept aside whole. The leader says that it is recorded as it was said, and why; then each fact
goes its ordinary way in the voice that the device had, under its own id and with its own time. So
one that came by another device meanwhile is known already, and nothing doubles.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from pratique.api.answers import Refused
from pratique.api.devices import voice_of
from pratique.api.receive import REVOKED, record_aside
from pratique.desks import door
from pratique.desks.door import Saying
from pratique.journal import queries as journal
from pratique.journal import vault
from pratique.kit.sql import reading

SHOWN_MAX = 500


class Head(msgspec.Struct, frozen=True):
    """When a fact was said, and its running number; the rest of it stays unread."""

    at: datetime | None = None
    seq: int | None = None


_heads = msgspec.json.Decoder(Head)


def kept(device: UUID) -> list[journal.Aside]:
    """What this device sent after its revocation, what is not recorded yet first."""
    return journal.aside_of(device, REVOKED.code, SHOWN_MAX)


def heads(rows: Iterable[journal.Aside]) -> dict[UUID, Head]:
    """By which the reader tells one from another, by its id in the quarantine."""
    with reading() as cursor:
        opened = vault.open_aside(cursor, [row.id for row in rows])
    return {id_: _head(raw) for id_, raw in opened.items()}


def record_chosen(request: HttpRequest, device: UUID) -> None:
    """Record the chosen facts as they were said, on the reader's responsibility."""
    reason = request.POST.get("reason", "").strip()
    chosen = set(request.POST.getlist("kept"))
    rows = [row for row in kept(device)
            if str(row.id) in chosen and row.fact is not None and not row.is_recorded]
    if not reason:
        door.complain(request, _("Say why: the next reader must understand it."))
        return
    voice = voice_of(device)
    if not rows or voice is None:
        door.complain(request, _("Choose what is to be recorded."))
        return
    batch = door.say(request, "devices", [Saying("registry.device_heard_out", {
        "device": device, "facts": [row.fact for row in rows], "reason": reason})])
    if not door.is_good(batch):
        return
    with reading() as cursor:
        opened = vault.open_aside(cursor, [row.id for row in rows])
    try:
        receipts = record_aside(_in_order(opened.values()), voice, door.moment(request))
    except Refused as refused:
        door.complain(request, refused.refusal)
        return
    counts = Counter(receipt.status for receipt in receipts)
    told = _("%(applied)s recorded, %(duplicate)s known before, %(parked)s waiting for another "
             "fact, %(disputed)s disputed, %(quarantined)s refused.")
    messages.add_message(request, messages.SUCCESS, told % {
        status: counts[status] for status in (
            "applied", "duplicate", "parked", "disputed", "quarantined")}, extra_tags="applied")


def _head(raw: bytes) -> Head:
    try:
        return _heads.decode(raw)
    except msgspec.MsgspecError:
        return Head()


def _in_order(raws: Iterable[bytes]) -> list[bytes]:
    """By the device's running number: as it was said."""
    return sorted(raws, key=lambda raw: _head(raw).seq or 0)
