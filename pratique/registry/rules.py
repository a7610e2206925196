"""The registry's rules, pure: what a unit, a staff entry, a device and a person's record must be.

Limits are here by name, so that every one of them can be found and changed in one place.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from pratique.journal.fact import Quarantined
from pratique.kit.errors import Refusal
from pratique.registry.identity import (
    DOCUMENT_KINDS,
    NUMBER_LENGTH_MAX,
    PHONE_LENGTH_MAX,
    check_phone,
    normalise_number,
    read_document,
)
from pratique.registry.likeness import STRONG_MIN, Traits
from pratique.registry.names import NAME_LENGTH_MAX, normalise_name

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
# SubjectPublicKeyInfo of an uncompressed point on P-256 (RFC 5480): this, then x and y.
P256_SPKI_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
P256_SPKI_BYTES = len(P256_SPKI_HEAD) + 64
TOKEN_SHA256 = re.compile(r"[0-9a-f]{64}")
UNIT_NAME_LENGTH_MAX = 80
CAPACITY_MAX = 100_000
ROOMS_OF_A_FACT_MAX = 2_000
BEDS_MAX = 20
DUTIES_MAX = 40
CLOCK_OFF_SECONDS_MAX = 120  # a call on a bad line takes 90 s; more is the clock's fault
REASON_LENGTH_MAX = 500
ADDRESS_LENGTH_MAX = 300
BIRTH_DATE_LENGTH = 10
PLACES_OF_A_LIST_MAX = 100_000
TEXT_LIMITS = {
    "name": NAME_LENGTH_MAX, "document_kind": 40, "document": NUMBER_LENGTH_MAX,
    "phone": PHONE_LENGTH_MAX, "address": ADDRESS_LENGTH_MAX, "birth_date": BIRTH_DATE_LENGTH,
    "sex": 10, "nationality": 10,
}
DOCUMENT_INDEX = "document"
"""The field name under which documents are hashed for the blind index."""
SEXES = ("female", "male")


def bad(code: str, sentence: Any, rule: str, /, **params: Any) -> Quarantined:
    """A verdict on something malformed or not allowed."""
    return Quarantined(code, sentence, rule, params)


TOO_MANY_DUTIES = bad(
    "duties_count", _("Nobody has more than %(most)s duties."), "registry.duties", most=DUTIES_MAX)


def check_code(code: str) -> Quarantined | None:
    """A unit's code: small letters, digits and dashes."""
    if CODE.fullmatch(code):
        return None
    return bad("unit_code", _("“%(code)s” cannot be a unit's code: small letters, digits and "
                              "dashes, at most 40."), "registry.unit_code", code=code[:60])


def check_unit(body: Any) -> Quarantined | None:
    """Everything about a new unit that can be said without the database."""
    refused = check_code(body.code)
    if refused:
        return refused
    for name in (body.name_zh, body.name_en):
        if not 0 < len(name.strip()) <= UNIT_NAME_LENGTH_MAX:
            return bad("unit_name", _("A unit has a name of at most %(most)s characters in both "
                                      "languages."), "registry.unit_name",
                       most=UNIT_NAME_LENGTH_MAX)
    if body.capacity is not None and not 0 <= body.capacity <= CAPACITY_MAX:
        return bad("unit_capacity", _("A unit's capacity is between 0 and %(most)s."),
                   "registry.unit_capacity", most=CAPACITY_MAX)
    if body.parent == body.code:
        return bad("unit_parent", _("A unit cannot be its own parent."), "registry.unit_parent")
    return None


def check_rooms(body: Any) -> Quarantined | None:
    """The rooms of one fact: named once each, with a bed or more."""
    names = [room.room for room in body.rooms]
    if not 0 < len(names) <= ROOMS_OF_A_FACT_MAX or len(set(names)) != len(names):
        return bad("rooms_count", _("Between 1 and %(most)s rooms, each named once, are opened at "
                                    "a time."), "registry.rooms", most=ROOMS_OF_A_FACT_MAX)
    for room in body.rooms:
        if not room.room.strip() or len(room.room) > 40 or not 1 <= room.beds <= BEDS_MAX:
            return bad("room_shape", _("A room has a name and between 1 and %(most)s beds."),
                       "registry.rooms", most=BEDS_MAX)
    return None


def check_staff(body: Any) -> Quarantined | None:
    if not USERNAME.fullmatch(body.username):
        return bad("username", _("A user name has 2 to 32 small letters, digits, dots, dashes or "
                                 "underscores."), "registry.username")
    return TOO_MANY_DUTIES if len(body.duties) > DUTIES_MAX else None


def check_device(body: Any) -> Quarantined | None:
    if (body.token_sha256 is None) == (body.public_key is None):
        return bad("device_known_by", _("A device is known by its token or by its public key: one "
                                        "of the two."), "registry.device_known_by")
    if body.public_key is not None and not _is_p256(body.public_key):
        return bad("device_key", _("A device's public key is an ECDSA P-256 key, base64 of its "
                                   "SubjectPublicKeyInfo."), "registry.device_key")
    if body.token_sha256 is not None and not TOKEN_SHA256.fullmatch(body.token_sha256):
        return bad("device_token", _("A device is known by the SHA-256 of its token, in 64 "
                                     "hexadecimal digits."), "registry.device_token")
    if not body.roles:
        return bad("device_roles", _("A device speaks for at least one duty role."),
                   "registry.device_roles")
    return None


def _is_p256(text: str) -> bool:
    """Whether this is the header of such a key and 65 bytes: one way of writing each key."""
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return (len(key) == P256_SPKI_BYTES and key.startswith(P256_SPKI_HEAD)
            and base64.b64encode(key).decode() == text)


def check_reason(reason: str) -> Quarantined | None:
    """A decision of a person carries its reason in words."""
    if 0 < len(reason.strip()) <= REASON_LENGTH_MAX:
        return None
    return bad("reason_missing", _("A reason in words is needed (at most %(most)s characters)."),
               "registry.reason", most=REASON_LENGTH_MAX)


# A person's record --------------------------------------------------------------------------------


def check_identity(part: Mapping[str, Any] | None) -> Quarantined | None:
    """Whether a sealed part can be a person's record at all: known fields, texts of their length.

    A number whose check character is wrong is not refused here: the person stands at the post, so
    the record is kept and a finding asks for the paper again (`document_of`).
    """
    for field, value in (part or {}).items():
        most = TEXT_LIMITS.get(field)
        if most is None or (value is not None and not isinstance(value, str)):
            return bad("identity_field", _("A person's record has no such field: %(field)s."),
                       "registry.identity.fields", field=str(field)[:40])
        if value is not None and (len(value) > most or "\0" in value):
            return bad("identity_length", _("%(field)s is too long or has a forbidden character."),
                       "registry.identity.fields", field=field)
    kind = (part or {}).get("document_kind")
    if kind and kind not in DOCUMENT_KINDS:
        return bad("document_kind_unknown", _("“%(kind)s” is not a kind of identity document."),
                   "registry.identity.kind", kind=kind)
    if (part or {}).get("document") and not kind:
        return bad("document_without_kind", _("A document's number needs the document's kind."),
                   "registry.identity.kind")
    return None


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """A document as it is indexed. `refusal`: its code when the number is not right."""

    kind: str
    number: str
    refusal: str = ""

    @property
    def index_text(self) -> str:
        return f"{self.kind}:{self.number}"


def document_of(part: Mapping[str, Any], on: date | None = None) -> DocumentRead | None:
    """The document in a sealed part that passed `check_identity`; None where it has none.

    A number that breaks its rule is indexed as it was typed, so that the same wrong number is
    found again, and never mistaken for a right one. `on`: the day, for birth dates to come.
    """
    if not part.get("document"):
        return None
    kind, number = part["document_kind"], part["document"]
    try:
        paper = read_document(kind, number)
    except Refusal as refusal:
        return DocumentRead(kind, "?" + normalise_number(number), refusal.code)
    unborn = on is not None and paper.birth_date is not None and paper.birth_date > on
    return DocumentRead(kind, paper.number, f"{kind}_birth_date" if unborn else "")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a person is, opened: the fields of all sealed parts, the later over the earlier."""

    name: str = ""
    document_kind: str = ""
    document: str = ""
    phone: str = ""
    address: str = ""
    birth_date: date | None = None
    sex: str | None = None
    nationality: str = ""

    def traits(self) -> Traits:
        """What screening for duplicates compares."""
        return Traits(self.name, self.birth_date, self.sex, self.phone, self.document_kind,
                      self.document)


def identity_of_parts(parts: Sequence[Mapping[str, Any]]) -> Identity:
    """One identity from sealed parts in the order of their facts.

    Birth date and sex come from a right resident's number when the record does not say them.
    """
    fields: dict[str, Any] = {}
    for part in parts:
        fields.update({name: value for name, value in part.items() if value})
    kind, number = fields.get("document_kind", ""), fields.get("document", "")
    born, sex = _date(fields.get("birth_date")), fields.get("sex")
    if number:
        try:
            paper = read_document(kind, number)
            number, born, sex = paper.number, born or paper.birth_date, sex or paper.sex
        except Refusal:
            number = normalise_number(number)
    return Identity(
        normalise_name(fields.get("name", "")), kind, number, _phone(fields.get("phone", "")),
        fields.get("address", ""), born, sex if sex in SEXES else None,
        fields.get("nationality", ""),
    )


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _phone(text: str) -> str:
    """The normalised phone, or what was typed when it is none (it can still be read out)."""
    try:
        return check_phone(text) if text else ""
    except Refusal:
        return text.strip()


def is_strong(body: Any) -> bool:
    """Whether a found duplicate is shown first and opens a finding."""
    return body.score >= STRONG_MIN or "same_document" in body.reasons
