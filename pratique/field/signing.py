"""The county's signature on what devices carry, and a device's own on what it asks for.

ECDSA P-256 with SHA-256, signatures as r||s in base64: what WebCrypto makes and reads. The county's
private key is in the key file beside the others (kit/seal.py), never in the database.
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)
from django.utils.translation import gettext_lazy as _

from pratique.api.answers import Refused
from pratique.journal import vault
from pratique.kit.errors import Refusal

NUMBER_BYTES = 32  # of r, and of s
KEY_ID_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class PublicKey:
    """id: the first sixteen hexadecimal digits of SHA-256 over the SubjectPublicKeyInfo.

    spki: that, in base64.
    """

    id: str
    spki: str


def county_key() -> PublicKey:
    """The key by which devices know what this county signed. Raises Refused without one."""
    return _of(_private())[1]


def sign(message: bytes) -> str:
    """The county's signature on a message, in base64. Raises Refused without a key."""
    der = _of(_private())[0].sign(message, ec.ECDSA(SHA256()))
    r, s = decode_dss_signature(der)
    return base64.b64encode(r.to_bytes(NUMBER_BYTES) + s.to_bytes(NUMBER_BYTES)).decode()


def is_signed(spki: str, message: bytes, signature: str) -> bool:
    """Whether the holder of this public key signed exactly this message."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key = load_der_public_key(base64.b64decode(spki, validate=True))
        if len(raw) != 2 * NUMBER_BYTES or not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        r, s = int.from_bytes(raw[:NUMBER_BYTES]), int.from_bytes(raw[NUMBER_BYTES:])
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except (ValueError, InvalidSignature):
        return False
    return True


def key_id(spki: bytes) -> str:
    return hashlib.sha256(spki).hexdigest()[:KEY_ID_CHARACTERS]


def _private() -> bytes:
    key = vault.county_keys().sign
    if not key:
        raise Refused(503, Refusal(
            "no_signing_key", _("The county's key file has no key for signing; those who look "
                                "after the server let “pratique setup” write it."),
            "field.signing_key"))
    return key


@lru_cache(maxsize=4)
def _of(der: bytes) -> tuple[ec.EllipticCurvePrivateKey, PublicKey]:
    private = load_der_private_key(der, password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return private, PublicKey(key_id(spki), base64.b64encode(spki).decode())
