"""Short-lived tokens: a device signs the server's challenge with its key.

A challenge is kept nowhere: it says for which device and until when it is good, under the county's
keyed hash. The server's clock alone counts. One that was answered is remembered with the token
that it gave, for longer than it lives; so the same answer gives nothing a second time.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from pratique.api.answers import Refused
from pratique.field import epoch, hearing, signing
from pratique.journal import vault
from pratique.kit.errors import Refusal
from pratique.kit.seal import INDEX_BYTES, blind_index
from pratique.kit.sql import in_transaction, reading
from pratique.registry.passwords import device_token, token_hash

CHALLENGE_MINUTES = 5
TOKEN_HOURS = 8
NONCE_BYTES = 16
TIME_BYTES = 8
CHALLENGE_BYTES = NONCE_BYTES + TIME_BYTES + INDEX_BYTES
_FIELD = "field.challenge"


def challenge(device: UUID, now: datetime) -> tuple[str, datetime]:
    """(what this device is to sign, until when). Who asks for an unknown device learns nothing."""
    until = now + timedelta(minutes=CHALLENGE_MINUTES)
    open_part = secrets.token_bytes(NONCE_BYTES) + int(until.timestamp()).to_bytes(TIME_BYTES)
    return base64.urlsafe_b64encode(open_part + _mark(open_part, device)).decode(), until


def _mark(open_part: bytes, device: UUID) -> bytes:
    return blind_index(vault.county_keys(), _FIELD, f"{open_part.hex()} {device}")


def signed_text(given: str) -> bytes:
    """What a device signs. The county's name is in it: an answer cannot be carried to another."""
    return f"pratique token\n{settings.COUNTY}\n{given}".encode()


def _no(status: int, code: str, sentence, rule: str) -> Refused:
    return Refused(status, Refusal(code, sentence, rule))


def _check_challenge(given: str, device: UUID, now: datetime) -> bytes:
    """The challenge's bytes, if it was made here, for this device, and is still good."""
    try:
        raw = base64.b64decode(given, altchars=b"-_", validate=True)
    except ValueError:
        raw = b""
    open_part, mark = raw[:-INDEX_BYTES], raw[-INDEX_BYTES:]
    if len(raw) != CHALLENGE_BYTES or not hmac.compare_digest(mark, _mark(open_part, device)):
        raise _no(422, "challenge_forged",
                  _("This challenge was not made here for this device. Ask for a new one."),
                  "field.challenge")
    until = datetime.fromtimestamp(int.from_bytes(open_part[NONCE_BYTES:]), UTC)
    if until <= now:
        raise _no(422, "challenge_expired",
                  _("This challenge's time is over. Ask for a new one."),
                  "field.challenge_minutes")
    return raw


def issue(device: UUID, given: str, signature: str, now: datetime) -> dict[str, object]:
    """A token for who signed the challenge with this device's key. Raises Refused.

    A revoked device gets one too, so that it can hand up what it still holds: it is told that it is
    revoked, what it sends is kept aside, and nothing else opens to it.
    """
    raw = _check_challenge(given, device, now)
    with reading() as cursor:
        row = cursor.execute("SELECT public_key, revoked_at FROM registry_device "
                             "WHERE device = %s AND public_key IS NOT NULL", (device,)).fetchone()
    if row is None:
        raise _no(422, "device_unknown",
                  _("This device is not enrolled here with a key. Ask a leader for an invitation."),
                  "field.device_known")
    if not signing.is_signed(row[0], signed_text(given), signature):
        raise _no(422, "signature_wrong",
                  _("The signature is not this device's. Ask for a new challenge and try again."),
                  "field.challenge_signed")
    token, until = device_token(), now + timedelta(hours=TOKEN_HOURS)
    _keep(token, raw, device, now, until)
    hearing.note(device, now)
    return {"token": token, "expires_at": until, "now": now, "revoked": row[1] is not None,
            "epoch": epoch.current()}


def _keep(token: str, raw: bytes, device: UUID, now: datetime, until: datetime) -> None:
    try:
        with in_transaction() as cursor:
            cursor.execute("DELETE FROM field_token WHERE device = %s AND expires_at <= %s",
                           (device, now))
            cursor.execute(
                "INSERT INTO field_token (token_sha256, challenge, device, issued_at, expires_at) "
                "VALUES (%s, %b, %s, %s, %s)",
                (token_hash(token), hashlib.sha256(raw).digest(), device, now, until))
    except (psycopg.errors.UniqueViolation, IntegrityError) as error:
        raise _no(409, "challenge_used",
                  _("This challenge has been answered already. Ask for a new one."),
                  "field.challenge_once") from error
