"""Announced arrivals on a device: to be found by who has the paper in hand, and not to be read.

One HMAC under the bundle's salt makes of a number both its *place*, by which a device finds it, and
the *secret* that opens what stands there: a document's secret opens its arrival, a plate's secret
opens the secrets of those aboard, a phone's place only tells that somebody is announced. Sealed
bytes do not shrink on the way, so there are few of them: columns of packed bytes, sorted for a
binary search, without tags of their own, because the bundle as a whole is signed.
`static/field/core/expected.js` looks up; the README has the columns.

What this keeps off is reading the list. Who takes a device apart and tries all numbers that there
can be will find those that are in it: numbers are few. So a bundle is for hours, and for one post.
"""

import base64
import hmac
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from pratique.checkpoint.queries import Awaited
from pratique.kit.errors import Refusal
from pratique.registry import queries as registry
from pratique.registry.identity import check_phone, normalise_number
from pratique.registry.plates import normalise_plate

SALT_BYTES = 32
SALTS_MAX = 8  # tried until no two numbers share a place; with ten thousand the first one does
DIGEST_BYTES = 32
PLACE_BYTES = 6  # a number that nobody announced hits one of ten thousand places once in 10^10
SECRET_BYTES = 10  # 80 bits: whoever guesses at all guesses the number, which has fewer than 50
KEY_BYTES = 16  # AES-128: the secret, filled up from the salt
HEAD_BYTES = 6  # of an id: the milliseconds in which it was made, alike in an imported list
NAME_BYTES_MAX = 200
ARRIVALS_MAX = 0xFFFF
OCCUPANTS_MAX = 0xFF
NONE = 0xFFFF  # no destination, no time
DOCUMENT, PLATE, PHONE = "document", "plate", "phone"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One arrival as the gate needs it, and the numbers by which it is found; "": none."""

    id: UUID
    person: UUID
    name: str
    occupants: int
    destination: str | None
    eta: datetime | None
    document: str = ""
    plate: str = ""
    phone: str = ""


def entries(arrivals: Sequence[Awaited]) -> list[Entry]:
    """What a device carries of these arrivals. Opens identities: personal data."""
    identities = registry.identities({a.person for a in arrivals})
    aboard = Counter(a.plate for a in arrivals if a.plate)
    found = []
    for one in arrivals:
        who = identities.get(one.person)
        if who is None:  # erased since, or announced without a record
            continue
        found.append(Entry(
            one.id, one.person, who.name, aboard[one.plate] if one.plate else 1,
            one.destination, one.eta, normalise_number(who.document),
            normalise_plate(one.plate or ""), phone_number(who.phone)))
    return found


def phone_number(text: str) -> str:
    """A phone as it is compared; one that is none stays as it was typed."""
    try:
        return check_phone(text) if text else ""
    except Refusal:
        return text.strip()


def sealed(
    found: Sequence[Entry], draw: Callable[[int], bytes] = os.urandom
) -> dict[str, Any]:
    """{"salt", "head", "from", "destinations", "counts", "block"}: salt, head, block in base64.

    from: whole minutes since 1970, from which the arrivals' times count. counts: arrivals, plates,
    people aboard them, phones. draw(n): n random bytes. The order is that of the places, which
    tells nothing of the list's.
    """
    assert len(found) <= ARRIVALS_MAX
    salt, digests = _digests(found, draw)
    # Who is announced without a number has a place and a secret by chance: a plate may open it.
    rows = sorted(((digests[DOCUMENT].get(e.document) or draw(DIGEST_BYTES), e) for e in found),
                  key=lambda row: row[0])
    packing = _Packing.of(found)
    boxes = [_crypt(_key(digest, salt), number, packing.packed(entry))
             for number, (digest, entry) in enumerate(rows)]
    plates = _plates(rows, digests[PLATE])
    phones = sorted(digests[PHONE][e.phone][:PLACE_BYTES] for e in found if e.phone)
    aboard = [line for __, lines in plates for line in lines]
    block = b"".join((
        *(digest[:PLACE_BYTES] for digest, __ in rows), bytes(map(len, boxes)),
        *(place for place, __ in plates), _shorts(accumulate(len(lines) for __, lines in plates)),
        _shorts(number for number, __ in aboard), *(wrapped for __, wrapped in aboard),
        *phones, *boxes))
    return {
        "salt": _text(salt), "head": _text(packing.head), "from": packing.first,
        "destinations": list(packing.destinations),
        "counts": [len(rows), len(plates), len(aboard), len(phones)], "block": _text(block)}


def _digests(
    found: Sequence[Entry], draw: Callable[[int], bytes]
) -> tuple[bytes, dict[str, dict[str, bytes]]]:
    """A salt under which no two numbers of a kind share a place, and what it makes of each."""
    numbers = {DOCUMENT: {e.document for e in found}, PLATE: {e.plate for e in found},
               PHONE: {e.phone for e in found}}
    for __ in range(SALTS_MAX):
        salt = draw(SALT_BYTES)
        digests = {kind: {one: digest(salt, kind, one) for one in some if one}
                   for kind, some in numbers.items()}
        if all(len({made[:PLACE_BYTES] for made in some.values()}) == len(some)
               for some in digests.values()):
            return salt, digests
    raise RuntimeError("no salt keeps these numbers apart")


def digest(salt: bytes, kind: str, number: str) -> bytes:
    """What the salt makes of a number: its place, then its secret."""
    return hmac.digest(salt, f"{kind}\0{number}".encode(), "sha256")


@dataclass(frozen=True, slots=True)
class _Packing:
    """What the arrivals of a bundle have in common, so that each says less."""

    head: bytes
    first: int
    destinations: dict[str, int]

    @classmethod
    def of(cls, found: Sequence[Entry]) -> "_Packing":
        heads = Counter(id_.bytes[:HEAD_BYTES] for e in found for id_ in (e.id, e.person))
        head = heads.most_common(1)[0][0] if heads else bytes(HEAD_BYTES)
        first = min((_minutes(e.eta) for e in found if e.eta), default=0)
        places = sorted({e.destination for e in found if e.destination})
        return cls(head, first, {place: number for number, place in enumerate(places)})

    def packed(self, entry: Entry) -> bytes:
        """flags | id | person | time | destination | occupants | name; an id that begins as most
        do is without its beginning, and its flag says so."""
        flags, ids = 0, b""
        for bit, whole in enumerate((entry.id.bytes, entry.person.bytes)):
            is_short = whole.startswith(self.head)
            flags |= is_short << bit
            ids += whole[HEAD_BYTES:] if is_short else whole
        time = NONE if entry.eta is None else min(_minutes(entry.eta) - self.first, NONE)
        place = self.destinations[entry.destination] if entry.destination else NONE
        name = entry.name.encode()[:NAME_BYTES_MAX].decode(errors="ignore").encode()
        return b"".join((
            bytes([flags]), ids, time.to_bytes(2), place.to_bytes(2),
            bytes([min(entry.occupants, OCCUPANTS_MAX)]), name))


def _plates(
    rows: Sequence[tuple[bytes, Entry]], digests: dict[str, bytes]
) -> list[tuple[bytes, list[tuple[int, bytes]]]]:
    """(place, [(number of an arrival aboard, its secret under the plate's), …]), by place."""
    aboard: dict[str, list[tuple[int, bytes]]] = {plate: [] for plate in digests}
    for number, (own, entry) in enumerate(rows):
        if entry.plate:
            # A pad for each arrival: who knows one of those aboard learns nothing of the others.
            pad = hmac.digest(_secret(digests[entry.plate]), number.to_bytes(4), "sha256")
            aboard[entry.plate].append((number, _xor(_secret(own), pad)))
    return sorted((digests[plate][:PLACE_BYTES], lines) for plate, lines in aboard.items())


def _secret(made: bytes) -> bytes:
    return made[PLACE_BYTES:PLACE_BYTES + SECRET_BYTES]


def _key(made: bytes, salt: bytes) -> bytes:
    return _secret(made) + salt[:KEY_BYTES - SECRET_BYTES]


def _crypt(key: bytes, number: int, data: bytes) -> bytes:
    """AES-CTR, counted from the arrival's number: one number announced twice has one key."""
    return Cipher(AES(key), CTR(number.to_bytes(4) + bytes(12))).encryptor().update(data)


def _xor(short: bytes, long: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(short, long, strict=False))


def _minutes(at: datetime) -> int:
    return (at - _EPOCH) // _MINUTE


def _shorts(numbers: Iterable[int]) -> bytes:
    """Two bytes each, the greater first."""
    return b"".join(number.to_bytes(2) for number in numbers)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
