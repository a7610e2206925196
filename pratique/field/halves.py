"""Signed halves of a hand-over that come through the other side's device.

Two devices without a network show each other what they recorded, signed. Whichever meets a network
first hands both up: the county believes the signature, not the carrier. The signer's own device
sends the same fact again later, and is told that it is known.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from pratique.api.devices import RevokedDevice, signers
from pratique.api.receive import Vouched, receive_vouched
from pratique.field import signing
from pratique.journal.fact import Actor, Envelope, Quarantined, Receipt

HALVES_OF_A_CALL_MAX = 200
KINDS = ("custody.offered", "custody.answered")
_envelopes = msgspec.json.Decoder(Envelope)

UNREADABLE = Quarantined(
    "half_malformed", _("This is no half of a hand-over: an offer or an answer, as its device "
                        "stored it."), "field.half")
ANOTHER_DEVICES = Quarantined(
    "half_of_another_device", _("This half names another device than the one that signed it."),
    "field.half_device")
UNKNOWN = Quarantined(
    "half_device_unknown", _("The device that signed this half is not enrolled here with a key."),
    "field.device_known")
REVOKED = Quarantined(
    "half_device_revoked", _("The device that signed this half has been revoked; the half is kept "
                             "aside and shown."), "api.device_revoked")
FORGED = Quarantined(
    "half_forged", _("This half was changed after it was signed, or another device signed it. It "
                     "is kept aside; tell the command office."), "field.half_signed")


class Half(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """fact: the text that was signed, byte for byte; device: whose signature it is."""

    fact: str
    device: UUID
    signature: str


def signed_text(device: UUID, fact: str) -> bytes:
    """What a half's signature is over. The county is in it: no half can be carried to another."""
    return f"pratique half\n{settings.COUNTY}\n{device}\n{fact}".encode()


def take(halves: Sequence[Half], now: datetime) -> tuple[UUID | None, Sequence[Receipt]]:
    """Record halves with the rights of those who signed them; (batch, a receipt for each).

    What does not verify is kept aside with its reason. Raises Refused when busy.
    """
    known = signers({half.device for half in halves})
    return receive_vouched(
        [Vouched(half.fact.encode(), _speaker(half, known)) for half in halves],
        now)


def _speaker(half: Half, known: Mapping[UUID, tuple[Actor, str]]) -> Actor | Quarantined:
    """Whose word it is. A device's clock is its own claim, so a revoked one cannot show that it
    signed before it was revoked: what it signed is looked at by a person."""
    if half.device not in known:
        return UNKNOWN
    actor, key = known[half.device]
    try:
        is_signed = signing.is_signed(key, signed_text(half.device, half.fact), half.signature)
        fact: Any = _envelopes.decode(half.fact)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return UNREADABLE
    if not is_signed:
        return FORGED
    if isinstance(actor, RevokedDevice):
        return REVOKED
    if fact.kind not in KINDS:
        return UNREADABLE
    return actor if fact.device == half.device else ANOTHER_DEVICES
