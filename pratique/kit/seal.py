"""Sealing of personal data: AES-256-GCM with one data key per subject, wrapped by a county key.

Beside it the key with which the county signs what devices carry (ECDSA P-256).

The county's keys live outside the database (a file of mode 0600, or the environment), so that
neither a dump nor a stolen backup opens anything. Destroying a subject's data key erases the
person; the ciphertext that the log's leaves commit to stays, so the log's proofs still verify.
"""

import base64
import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

NONCE_BYTES = 12
KEY_BYTES = 32
INDEX_BYTES = 16


@dataclass(frozen=True, slots=True, repr=False)
class CountyKeys:
    """wrap: wraps data keys. index: blind indexes. digest: recognises a resent fact.

    sign: the private key (PKCS 8, DER) that signs for the county; empty in a key file that was
    made before there was one and may not be written.
    """

    wrap: bytes
    index: bytes
    digest: bytes
    sign: bytes = b""


def _new_signing_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


_MADE: dict[str, Callable[[], bytes]] = {
    **dict.fromkeys(("wrap", "index", "digest"), lambda: os.urandom(KEY_BYTES)),
    "sign": _new_signing_key,
}


def make_keys(path: Path) -> None:
    """Write a new set of county keys to `path` unless one is there. Never prints them.

    A set that was made before the county signed anything gets the key for it; the others in it
    stay as they are, and so does a file that may not be written.
    """
    if path.exists() and not _lacking(path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _alone(path.parent):
            there = json.loads(path.read_text()) if path.exists() else {}
            # Of a set that is there only the signing key may be missing: a fresh key in another's
            # place would open nothing that was sealed before.
            names = ("sign",) if there else tuple(_MADE)
            made = {n: base64.b64encode(_MADE[n]()).decode() for n in names if n not in there}
            if made:
                _write(path, there | made)
    except PermissionError:
        if not path.exists():
            raise


def _lacking(path: Path) -> bool:
    return "sign" not in json.loads(path.read_text())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Of two processes that start at once, one makes the keys and the other finds them."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(path: Path, keys: dict[str, str]) -> None:
    """Written whole and then given its name, so that nobody reads half a set."""
    draft = path.with_name(f"{path.name}.{uuid4()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(keys, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


@lru_cache
def load_keys(path: Path) -> CountyKeys:
    """The county's keys from `path`. Raises FileNotFoundError when setup has not made them."""
    return CountyKeys(**{n: base64.b64decode(v) for n, v in json.loads(path.read_text()).items()})


def new_data_keys(count: int) -> list[bytes]:
    """`count` fresh data keys, drawn from the system in one go (measured: 1.4 x faster)."""
    pool = os.urandom(KEY_BYTES * count)
    return [pool[i : i + KEY_BYTES] for i in range(0, len(pool), KEY_BYTES)]


@lru_cache(maxsize=4)
def _wrapping(key: bytes) -> AESGCM:
    """The cipher of a county's wrapping key: making it costs more than using it."""
    return AESGCM(key)


def wrap_key(keys: CountyKeys, subject: UUID, data_key: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _wrapping(keys.wrap).encrypt(nonce, data_key, b"key:" + subject.bytes)


def unwrap_key(keys: CountyKeys, subject: UUID, wrapped: bytes) -> bytes:
    return _wrapping(keys.wrap).decrypt(
        wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], b"key:" + subject.bytes
    )


def seal(data_key: bytes, fact: UUID, subject: UUID, plain: bytes) -> bytes:
    """Seal `plain` so that it opens only as the part of `fact` about `subject`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(data_key).encrypt(nonce, plain, fact.bytes + subject.bytes)


def unseal(data_key: bytes, fact: UUID, subject: UUID, box: bytes) -> bytes:
    return AESGCM(data_key).decrypt(
        box[:NONCE_BYTES], box[NONCE_BYTES:], fact.bytes + subject.bytes
    )


def blind_index(keys: CountyKeys, field: str, value: str) -> bytes:
    """A keyed, truncated HMAC-SHA256 by which an equal value is found and none is read."""
    message = field.encode() + b"\0" + value.encode()
    return hmac.digest(keys.index, message, "sha256")[:INDEX_BYTES]


def fact_digest(keys: CountyKeys, canonical: bytes) -> bytes:
    """Tells a resent fact from another one under the same id, without being a plain hash of it."""
    return hashlib.blake2b(canonical, key=keys.digest, digest_size=INDEX_BYTES).digest()
