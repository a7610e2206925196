"""Letting a device in: a leader's invitation, good once and for minutes, and the device's own key.

The enrolment is a fact, said by the leader who invited, with the rights that the leader has when
the device comes. An answer that got lost is asked for again by the same device with the same key:
the invitation names both, and the fact has one id and one moment, so it is said once.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from pratique.api.answers import Refused
from pratique.desks import times
from pratique.field import epoch, signing
from pratique.journal.fact import Envelope
from pratique.journal.record import record
from pratique.kit.errors import Refusal
from pratique.kit.ids import new_id
from pratique.kit.sql import in_transaction, reading
from pratique.registry import queries as registry

CODE_BYTES = 16  # 128 random bits
INVITATION_MINUTES = 15
KEPT_DAYS = 7  # an old invitation can still say that it was used, or that its time was over
UUID_VERSION = 7


def _no(status: int, code: str, sentence, rule: str) -> Refused:
    return Refused(status, Refusal(code, sentence, rule))


def _unknown() -> Refused:
    return _no(404, "invitation_unknown",
               _("This invitation is not one of this county's. Scan the code again from the "
                 "leader's screen."), "field.invitation")


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invitation says. used_by: the device that has used it."""

    id: UUID
    unit: str
    roles: list[str]
    label: str
    fact: UUID
    made_by: UUID
    post: str | None
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    used_by: UUID | None
    public_key: str | None
    is_locked: bool


_INVITATION = """
SELECT i.id, i.unit, i.roles, i.label, i.fact, i.made_by, i.post, i.made_at, i.expires_at,
       i.used_at, i.device, i.public_key,
       EXISTS (SELECT FROM registry_enrolment e WHERE e.staff = i.made_by
               AND e.locked_at IS NOT NULL)
FROM field_invitation i
"""


def invite(
    *, unit: str, roles: Sequence[str], label: str, made_by: UUID, post: str | None, now: datetime
) -> tuple[str, datetime]:
    """(the code, until when it is good). The caller has asked whether its reader may."""
    code = secrets.token_urlsafe(CODE_BYTES)
    until = now + timedelta(minutes=INVITATION_MINUTES)
    with in_transaction() as cursor:
        cursor.execute("DELETE FROM field_invitation WHERE expires_at < %s",
                       (now - timedelta(days=KEPT_DAYS),))
        cursor.execute(
            "INSERT INTO field_invitation (id, code_sha256, unit, roles, label, fact, made_by, "
            "post, made_at, expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (new_id(now), _hash(code), unit, list(roles), label, new_id(now), made_by, post, now,
             until))
    return code, until


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def look(code: str, now: datetime) -> Invitation:
    """The invitation behind a code that is still good. Raises Refused with the reason."""
    with reading() as cursor:
        row = cursor.execute(f"{_INVITATION} WHERE i.code_sha256 = %s", (_hash(code),)).fetchone()
    if row is None:
        raise _unknown()
    found = Invitation(*row)
    if found.used_at is not None:
        raise _no(409, "invitation_used",
                  _("This invitation has let another device in already. Ask the leader for a new "
                    "one."), "field.invitation_once")
    if found.expires_at <= now:
        raise _no(410, "invitation_expired",
                  _("This invitation's time is over. Ask the leader for a new one."),
                  "field.invitation_minutes")
    if found.is_locked:
        raise _no(409, "invitation_withdrawn",
                  _("Whoever made this invitation may no longer give it. Ask another leader."),
                  "field.invitation_of_leader")
    return found


def signed_text(code: str, device: UUID) -> bytes:
    """What a device signs to show that it has the private half of the key that it brings."""
    return f"pratique enrolment\n{code}\n{device}".encode()


@dataclass(frozen=True, slots=True)
class Enrolling:
    """What a device brings. public_key: base64 of its SubjectPublicKeyInfo."""

    code: str
    device: UUID
    public_key: str
    signature: str


def enrol(asked: Enrolling, now: datetime) -> dict[str, object]:
    """Let a device in; what it has to know. Raises Refused with the reason."""
    if asked.device.version != UUID_VERSION:
        raise _no(422, "device_id", _("A device's id is a UUID of version 7, made on it."),
                  "field.device_id")
    if not signing.is_signed(asked.public_key, signed_text(asked.code, asked.device),
                             asked.signature):
        raise _no(422, "key_not_shown", _("The signature is not one of the key that came with it."),
                  "field.key_shown")
    invitation = _claim(asked, now)
    _say(invitation, asked)
    key = signing.county_key()
    unit = registry.units(codes=[invitation.unit])[0]
    return {
        "device": asked.device, "unit": unit_words(unit), "roles": invitation.roles,
        "label": invitation.label, "county": county(),
        "key": {"id": key.id, "spki": key.spki}, "epoch": epoch.current(),
    }


def _claim(asked: Enrolling, now: datetime) -> Invitation:
    """Give the invitation to this device, or find that it has it already."""
    with in_transaction() as cursor:
        cursor.execute(
            "UPDATE field_invitation i SET used_at = %s, device = %s, public_key = %s "
            "WHERE code_sha256 = %s AND used_at IS NULL AND expires_at > %s AND NOT EXISTS "
            "(SELECT FROM registry_enrolment e WHERE e.staff = i.made_by "
            "AND e.locked_at IS NOT NULL)",
            (now, asked.device, asked.public_key, _hash(asked.code), now))
        cursor.execute(
            f"{_INVITATION} WHERE i.code_sha256 = %s AND i.device = %s AND i.public_key = %s",
            (_hash(asked.code), asked.device, asked.public_key))
        row = cursor.fetchone()
    if row is None:
        look(asked.code, now)  # says why not
        raise _unknown()
    return Invitation(*row)


def _say(invitation: Invitation, asked: Enrolling) -> None:
    """Record the enrolment as the leader's word. Raises Refused when it is not taken."""
    voice = registry.actor_of_staff(invitation.made_by, invitation.post)
    assert invitation.used_at is not None
    if voice is None:
        raise _no(409, "invitation_withdrawn",
                  _("Whoever made this invitation may no longer give it. Ask another leader."),
                  "field.invitation_of_leader")
    body = {"device": asked.device, "unit": invitation.unit, "roles": invitation.roles,
            "label": invitation.label, "public_key": asked.public_key}
    said = Envelope(id=invitation.fact, kind="registry.device_enrolled", at=invitation.used_at,
                    by=invitation.made_by, place=invitation.post,
                    body=msgspec.Raw(msgspec.json.encode(body)))
    receipt = record([said], actor=voice, now=invitation.used_at, source="field").receipts[0]
    if receipt.status not in ("applied", "duplicate") or receipt.is_refused:
        raise Refused(409, Refusal(receipt.code, receipt.text(), receipt.rule))


def county() -> dict[str, str]:
    """The county's schema and its names."""
    names = {}
    for field, language in (("name_zh", "zh-hans"), ("name_en", "en")):
        with override(language):
            names[field] = str(times.county())
    return {"id": settings.COUNTY, **names}


def unit_words(unit: registry.Unit) -> dict[str, str]:
    return {"code": unit.code, "kind": unit.kind, "name_zh": unit.name_zh,
            "name_en": unit.name_en}
