"""Announced arrivals on a device: to be found by who has the paper in hand, and not to be read.

Each arrival is sealed under a key of its own. That key is given beside a keyed hash of the document
number, and of the plate, each time under what HKDF makes of that very number. A phone's hash tells
that somebody with it is announced, and opens nothing. `static/field/core/expected.js` looks up.

What this keeps off is reading the list. Who takes a device apart and tries all numbers that there
can be will find those that are in it: numbers are few. So a bundle is for hours, and for one post.
"""

import base64
import hashlib
import hmac
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pratique.checkpoint.queries import Awaited
from pratique.kit.errors import Refusal
from pratique.registry import queries as registry
from pratique.registry.identity import check_phone, normalise_number
from pratique.registry.plates import normalise_plate

SALT_BYTES = 32
HASH_BYTES = 12  # of ten thousand, no two are mistaken for each other
KEY_BYTES = 16
NONCE = bytes(12)  # a key seals one entry and is never used again
DOCUMENT, PLATE, PHONE = "document", "plate", "phone"
OPENING = (DOCUMENT, PLATE)
_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Entry:
    """One arrival as the gate needs it, and by what it is found."""

    content: bytes
    numbers: tuple[tuple[str, str], ...]


def entries(arrivals: Sequence[Awaited]) -> list[Entry]:
    """What a device carries of these arrivals. Opens identities: personal data."""
    identities = registry.identities({a.person for a in arrivals})
    aboard = Counter(a.plate for a in arrivals if a.plate)
    found = []
    for one in arrivals:
        who = identities.get(one.person)
        if who is None:  # erased since, or announced without a record
            continue
        told = {"name": who.name, "occupants": aboard[one.plate] if one.plate else 1,
                "destination": one.destination, "expected_at": one.eta}
        numbers = ((DOCUMENT, normalise_number(who.document)),
                   (PLATE, normalise_plate(one.plate or "")), (PHONE, phone_number(who.phone)))
        found.append(Entry(one.id.bytes + one.person.bytes + _json.encode(told),
                           tuple((kind, number) for kind, number in numbers if number)))
    return found


def phone_number(text: str) -> str:
    """A phone as it is compared; one that is none stays as it was typed."""
    try:
        return check_phone(text) if text else ""
    except Refusal:
        return text.strip()


def sealed(found: Iterable[Entry]) -> dict[str, Any]:
    """{"salt", "sealed": [box, …], "keys": {hash: [[entry, wrapped key], …]}}, all in base64.

    A phone's wrapped key is empty. The order of the arrivals is not the list's.
    """
    salt, boxes = os.urandom(SALT_BYTES), list[str]()
    keys: dict[str, list[list[Any]]] = {}
    for number, entry in enumerate(found):
        key = os.urandom(KEY_BYTES)
        boxes.append(_text(AESGCM(key).encrypt(NONCE, entry.content, str(number).encode())))
        for kind, value in entry.numbers:
            wrapped = ""
            if kind in OPENING:
                pad = _derive(salt, value, f"pratique expected {kind} {number}")
                wrapped = _text(bytes(a ^ b for a, b in zip(key, pad, strict=True)))
            place = _text(hmac.digest(salt, f"{kind}\0{value}".encode(), "sha256")[:HASH_BYTES])
            keys.setdefault(place, []).append([number, wrapped])
    return {"salt": _text(salt), "sealed": boxes, "keys": dict(sorted(keys.items()))}


def _derive(salt: bytes, number: str, info: str) -> bytes:
    """HKDF-SHA-256 (RFC 5869), one block: measured at a tenth of the library's time."""
    extracted = hmac.digest(salt, number.encode(), hashlib.sha256)
    return hmac.digest(extracted, info.encode() + b"\x01", hashlib.sha256)[:KEY_BYTES]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
