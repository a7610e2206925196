"""The roll: what a device's unit holds now, by the server's knowledge, signed by the county.

The bundle is for slow things and days; the roll is for who is here, what is offered, which trips
are meant, and what became of the device's own facts. It is asked for whenever there is a network.
A roll is made of a fixed number of statements, whatever the unit holds.

Its place in time is the log's: a device takes none that knows less of the journal than one before
it in the same life of the database. No table keeps rolls, and no clock decides which is newer.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from pratique.field import bundle as bundles
from pratique.field import enrolment, epoch, roll_rows, signing
from pratique.field.news import news
from pratique.field.roll_rows import DOORS, Rows
from pratique.field.roll_words import filled
from pratique.journal import queries as journal
from pratique.journal import vault
from pratique.kit.seal import blind_index, fact_digest
from pratique.kit.sql import reading
from pratique.registry import queries as registry

HEADING = b"pratique roll\n"
"""What the signature covers before the payload: a roll is never taken for a bundle."""
_canonical = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class Made:
    """A roll ready to be sent. tag: tells whether anything in it has changed."""

    tag: str
    payload: str
    key: str
    signature: str


def roll_for(device: UUID, since: str | None, known: str | None, now: datetime) -> Made | None:
    """The device's roll; None when the one that it knows (by its tag) still says what is so.

    since: up to where the device has heard its news. Opens the identities of those whom the
    device's roles need by name, and of nobody when nothing has changed.
    """
    with reading() as cursor:
        code, roles = bundles.unit_and_roles(cursor, device)
    size = journal.log_size()  # before everything else: a roll never claims to know more
    life, salt = epoch.current(), _salt(device)
    units = registry.units()
    unit = next(u for u in units if u.code == code)
    rows = roll_rows.rows_of(unit, roles, units, now)
    content = {
        "what": "roll", "county": enrolment.county(), "epoch": life, "device": device,
        "unit": enrolment.unit_words(unit), "roles": roles, "salt": salt,
        **rows.parts, "counts": rows.counts, "left_out": rows.left_out,
        "news": news(device, code, life, since, units),
    }
    tag = _tag(content, rows)
    if known == tag:
        return None
    key = signing.county_key()
    payload = _canonical.encode(
        content | _opened(rows, roles, unit, salt)
        | {"tag": tag, "made_at": now, "log_size": size})
    return Made(tag, payload.decode(), key.id, signing.sign(HEADING + payload))


def _salt(device: UUID) -> str:
    """Under which this device's rolls hash document numbers; the same for the device's life."""
    return base64.b64encode(
        blind_index(vault.county_keys(), "field.roll", str(device))).decode()


def _tag(content: Mapping[str, Any], rows: Rows) -> str:
    """Changes with the content, and with anybody's record, without opening one."""
    told_by = registry.facts_of_records(rows.people)
    canonical = _canonical.encode([content, sorted(told_by.items())])
    return fact_digest(vault.county_keys(), canonical).hex()[:32]


def _opened(
    rows: Rows, roles: list[str], unit: registry.Unit, salt: str
) -> dict[str, list[dict[str, Any]]]:
    """The parts with names in them. Opens identities: personal data."""
    identities = registry.identities(rows.people)
    at_doors = unit.kind == "community" and not DOORS.isdisjoint(roles)
    return filled(rows.parts, identities, base64.b64decode(salt), at_doors=at_doors)
