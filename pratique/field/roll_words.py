"""Names, documents and doors, written into a roll's rows when they are sent and not before."""

import base64
import hmac
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pratique.registry.identity import normalise_number
from pratique.registry.rules import Identity

LAST_CHARACTERS = 4
DOCUMENT = "document"
HASH_BYTES = 12  # of ten thousand, no two are mistaken for each other
Part = list[dict[str, Any]]


def filled(
    parts: Mapping[str, Part], identities: Mapping[UUID, Identity], salt: bytes, *, at_doors: bool
) -> dict[str, Part]:
    """The parts that speak of people, with their names; `at_doors`: with address and phone too."""
    return {
        "persons": [_person(row, identities.get(row["id"]), salt, at_doors)
                    for row in parts["persons"]],
        "offers": [row | {"lines": [_line(line, identities) for line in row["lines"]]}
                   for row in parts["offers"]],
        "awaited": [_awaited(row, identities.get(row["person"]), at_doors)
                    for row in parts["awaited"]],
        "trips": [row | {"passengers": [
            one | {"name": _name(identities, one["person"])} for one in row["passengers"]]}
            for row in parts["trips"]],
    }


def _person(
    row: dict[str, Any], who: Identity | None, salt: bytes, at_doors: bool
) -> dict[str, Any]:
    if who is None:  # erased since
        return row | {"name": None, "document": None}
    told = row | {"name": who.name or None, "document": document(who, salt)}
    return told | {"address": who.address, "phone": who.phone} if at_doors else told


def _awaited(row: dict[str, Any], who: Identity | None, at_doors: bool) -> dict[str, Any]:
    """Somebody who may come; whoever sees whether a home is fit has to find it."""
    told = row | {"name": who.name or None if who else None}
    return told | {"address": who.address, "phone": who.phone} if who and at_doors else told


def document(who: Identity, salt: bytes) -> dict[str, str] | None:
    """{"kind", "last", "key"}: enough to compare with a paper in hand, and not to copy one.

    key is found by whoever scans the number (core/roll.js, `documentKey`).
    """
    number = normalise_number(who.document)
    if not number:
        return None
    key = hmac.digest(salt, f"{DOCUMENT}\0{number}".encode(), "sha256")[:HASH_BYTES]
    return {"kind": who.document_kind, "last": number[-LAST_CHARACTERS:],
            "key": base64.b64encode(key).decode()}


def _line(line: dict[str, Any], identities: Mapping[UUID, Identity]) -> dict[str, Any]:
    if line["kind"] != "person":
        return line
    return line | {"label": _name(identities, line["subject"])}


def _name(identities: Mapping[UUID, Identity], person: UUID) -> str | None:
    who = identities.get(person)
    return who.name or None if who else None
