"""From bytes to facts: decode, check the schema, check who may say it.

Nothing here touches the database. What cannot be read becomes a `Quarantined` verdict beside the
bytes as they came, so that nothing is lost.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _

from pratique.journal.fact import Actor, Envelope, Fact, Quarantined
from pratique.journal.kinds import Kind, all_kinds, batch_decoder, kind_named
from pratique.kit.seal import INDEX_BYTES, CountyKeys, fact_digest

SUBJECTS_OF_A_FACT_MAX = 1_000
FACT_BYTES_MAX = 512 * 1024
SEQ_MAX = 2**53
UUID_VERSION = 7
NUL = b"\\u0000"

_envelopes = msgspec.json.Decoder(Envelope)
_encoder = msgspec.json.Encoder(order="sorted")
_plain = msgspec.json.Encoder()  # as a sender would: any key may be an id
_loose = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not become a fact, as it came, and why."""

    id: UUID | None
    kind: str
    raw: bytes
    verdict: Quarantined
    place: str | None = None
    device: UUID | None = None
    seq: int | None = None
    digest: bytes | None = None

    def digest_with(self, keys: CountyKeys) -> bytes:
        """What tells the same content from another under one id: as a fact's where it was read."""
        return self.digest or fact_digest(keys, self.raw)


LEAF = b"\0"  # RFC 9162, 2.1.1: leaves and nodes are hashed apart
COUNTED = b"\0counted "
TOGETHER_MIN = 4


def canonical(envelope: Sequence[Any], text: bytes) -> bytes:
    """The bytes that a fact's digest and leaf are made of: sorted keys, no spaces."""
    return _encoder.encode(envelope)[:-1] + b"," + text + b"]"


def leaf_hash(head: bytes, box: bytes | None, counted_at: datetime | None = None) -> bytes:
    """A fact's leaf: its open part, the moment that counts where that is another one, and the hash
    of its sealed part; 32 bytes (RFC 9162, 2.1.1)."""
    counted = b"" if counted_at is None else COUNTED + _encoder.encode(counted_at)
    return sha256(LEAF + head + counted + (sha256(box).digest() if box else b"")).digest()


def count_from(fact: Fact, moment: datetime) -> Fact:
    """The same fact, said as it was said, with another moment that counts (docs/adr/0016).

    A duplicate is still one: what a fact is told by (`digest`) speaks of what was said.
    """
    fact.said_at, fact.at = fact.at, moment
    if fact.text and fact.sealed is None:
        fact.leaf = leaf_hash(fact.head, None, moment)
    return fact


class Reading:
    """The facts of one call on their way in: ids and subjects at once, the facts when asked for.

    So the server can be at work on the opening while the rest is made.
    """

    def __init__(self, heard: Sequence["Fact | Unread | Heard"]) -> None:
        self.heard = heard
        self._facts: list[Fact | Unread] | None = None

    @property
    def named(self) -> list[UUID]:
        """The ids of the facts that have a readable one."""
        ids = [h[0].id if isinstance(h, tuple) else h.id for h in self.heard]
        return [id_ for id_ in ids if id_ is not None]

    def subjects(self) -> tuple[list[UUID], set[UUID], int]:
        """(Subjects in order, those with a sealed part, how often subjects are named)."""
        by_int: dict[int, UUID] = {}  # a UUID's integer is hashed in C
        sealed: set[UUID] = set()
        count = 0
        for each in self.heard:
            if isinstance(each, tuple):
                told, __, about = each
                parts = told.sealed
            elif isinstance(each, Fact):
                about, parts = each.subjects, each.sealed
            else:
                continue
            count += len(about)
            for subject in about:
                by_int[subject.int] = subject
            if parts:
                sealed.update(parts)
        return [by_int[number] for number in sorted(by_int)], sealed, count

    def facts(self) -> list[Fact | Unread]:
        """All of them, in the order given."""
        if self._facts is None:
            self.heard = self._facts = [
                _fact(*h) if isinstance(h, tuple) else h for h in self.heard]
        return self._facts


Heard = tuple[Any, Kind, tuple[UUID, ...]]  # what was told, its kind, its subjects


def read_all(raws: Sequence[Any], actor: Actor, keys: CountyKeys) -> Reading:
    """`read` for many: in one pass as long as all are right, else one by one."""
    if len(raws) >= TOGETHER_MIN and all(type(raw) is bytes for raw in raws):
        heard = _hear_all(raws, actor)
        if heard is not None:
            return Reading(heard)
    return Reading([read(raw, actor, keys) for raw in raws])


def _hear_all(raws: Sequence[bytes], actor: Actor) -> list[Heard] | None:
    """All facts decoded and found sound; None where one of them has to be looked at alone."""
    joined = b",".join(raws)
    if NUL in joined or max(map(len, raws)) > FACT_BYTES_MAX:
        return None
    try:
        told = batch_decoder().decode(b"[" + joined + b"]")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if len(told) != len(raws):
        return None
    kinds = all_kinds()
    heard = []
    for each in told:
        kind = kinds[each.__struct_config__.tag]
        subjects = tuple(kind.subjects(each.body))
        if not _is_sound(each, subjects, each.sealed or None, kind, actor):
            return None
        heard.append((each, kind, subjects))
    return heard


def read(raw: Any, actor: Actor, keys: CountyKeys) -> Fact | Unread:
    """One fact as it came (bytes of JSON, a dict or an Envelope), read or refused."""
    try:
        if isinstance(raw, Envelope):
            envelope = raw
        elif isinstance(raw, bytes | msgspec.Raw):
            envelope = _envelopes.decode(raw)
        else:
            envelope = _envelopes.decode(_plain.encode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError, RecursionError) as error:
        return _unreadable(raw, error)
    return read_envelope(envelope, actor, keys)


def read_envelope(envelope: Envelope, actor: Actor | None, keys: CountyKeys) -> Fact | Unread:
    """`actor` None: the fact was allowed when it was first heard (rebuild)."""
    kind = kind_named(envelope.kind)
    if kind is None:
        return _refused(envelope, Quarantined(
            "unknown_kind", _("There is no kind of fact called “%(kind)s”."), "journal.kind",
            {"kind": envelope.kind[:80]}))
    try:
        body = kind.decoder.decode(envelope.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _refused(envelope, _malformed(error))
    return _checked(envelope, kind, body, actor, keys)


def _checked(
    envelope: Envelope, kind: Kind, body: Any, actor: Actor | None, keys: CountyKeys
) -> Fact | Unread:
    subjects = tuple(kind.subjects(body))
    text = _encoder.encode(body)
    if actor is not None:
        refusal = _check_envelope(envelope, subjects, text)
        if refusal is not None:
            return _refused(envelope, refusal)
        refusal = _check_actor(envelope, kind, actor)
        if refusal is not None:
            # Well said by the wrong person: the same words are the same fact whoever sends them
            # again.
            as_said = read_envelope(envelope, None, keys)
            digest = as_said.digest if isinstance(as_said, Fact) else None
            return replace(_refused(envelope, refusal), digest=digest)
    fact = _fact(envelope, kind, subjects, body)
    weigh([fact], keys)
    return fact


def _fact(told: Any, kind: Kind, subjects: tuple[UUID, ...], body: Any = None) -> Fact:
    """`told`: an Envelope with its body beside it, or a batch decoder's struct."""
    at = told.at
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)  # as the table gives it back: the leaf is made of this
    return Fact(told.id, kind.name, at, told.by, told.place, told.device, told.seq,
                told.body if body is None else body, told.sealed or None, subjects)


def weigh(facts: Iterable[Fact], keys: CountyKeys) -> None:
    """Make the text, head, digest and leaf of facts that have none yet."""
    for f in facts:
        if f.text:
            continue
        f.text = text = _encoder.encode(f.body)
        said = f.at if f.said_at is None else f.said_at
        f.head = head = canonical((f.id, f.kind, said, f.by, f.place, f.device, f.seq), text)
        if f.sealed is None:
            f.leaf = sha256(LEAF + head).digest()
            f.digest = f.leaf[:INDEX_BYTES]
            if f.said_at is not None:
                f.leaf = leaf_hash(head, None, f.at)
        else:
            f.digest = fact_digest(keys, b"".join([head, *(
                s.int.to_bytes(16) + _encoder.encode(f.sealed[s]) for s in sorted(f.sealed))]))


def _is_sound(
    told: Any, subjects: tuple[UUID, ...], sealed: dict | None, kind: Kind, actor: Actor,
) -> bool:
    """What `_check_envelope` and `_check_actor` ask, at once: nearly every fact is sound.

    The size and the NUL character were looked for in the bytes.
    """
    seq, device, place = told.seq, told.device, told.place
    count = len(subjects)
    return bool(
        told.id.int >> 76 & 15 == UUID_VERSION
        and told.at.tzinfo is not None
        and (device is None if seq is None else device is not None and 0 <= seq < SEQ_MAX)
        and (count == 1 or (1 < count <= SUBJECTS_OF_A_FACT_MAX and len(set(subjects)) == count))
        and (sealed is None or (kind.sealed and sealed.keys() <= set(subjects)))
        and not kind.roles.isdisjoint(actor.roles)
        and (actor.units is None or place in actor.units)
        and (actor.staff is None or told.by == actor.staff))


def _check_envelope(
    envelope: Envelope, subjects: tuple[UUID, ...], text: bytes
) -> Quarantined | None:
    if envelope.id.version != UUID_VERSION:
        return Quarantined(
            "id_not_v7", _("A fact's id must be a UUIDv7, made when it was entered."),
            "journal.id")
    if envelope.at.tzinfo is None:
        return Quarantined("time_without_zone", _("The time of a fact must name its zone."),
                           "journal.time")
    if (envelope.seq is None) != (envelope.device is None) or (
        envelope.seq is not None and not 0 <= envelope.seq < SEQ_MAX
    ):
        return Quarantined("running_number", _("A device's facts carry its running number, "
                           "a whole number from 0."), "journal.running_number")
    if not 1 <= len(subjects) <= SUBJECTS_OF_A_FACT_MAX:
        return Quarantined("subjects_count", _("A fact is about at least 1 and at most %(most)s "
                           "subjects; this one is about %(count)s."), "journal.subjects",
                           {"most": SUBJECTS_OF_A_FACT_MAX, "count": len(subjects)})
    if len(subjects) > 1 and len(set(subjects)) != len(subjects):
        return Quarantined("subject_twice", _("The same subject is named twice in one fact."),
                           "journal.subjects")
    if len(text) > FACT_BYTES_MAX:
        return Quarantined("fact_too_large", _("A fact has at most %(most)s bytes."),
                           "journal.size", {"most": FACT_BYTES_MAX})
    if NUL in text or "\0" in (envelope.place or ""):
        return Quarantined("nul_character", _("A fact cannot carry the NUL character."),
                           "journal.text")
    if envelope.sealed and not set(envelope.sealed) <= set(subjects):
        return Quarantined("sealed_stranger", _("The sealed part speaks of somebody whom the fact "
                           "is not about."), "journal.sealed")
    return None


def _check_actor(envelope: Envelope, kind, actor: Actor) -> Quarantined | None:
    if not kind.roles & actor.roles:
        return Quarantined(
            "not_your_role", _("This may be recorded by: %(roles)s."), "access.role",
            {"roles": ", ".join(sorted(kind.roles))})
    if actor.units is not None and envelope.place not in actor.units:
        return Quarantined(
            "not_your_place", _("You are not on duty at “%(place)s”."), "access.place",
            {"place": envelope.place or ""})
    if actor.staff is not None and envelope.by != actor.staff:
        return Quarantined(
            "not_your_name", _("Whoever is signed in speaks in their own name."), "access.name")
    if envelope.sealed and not kind.sealed:
        return Quarantined("sealed_not_allowed", _("This kind of fact has no sealed part."),
                           "journal.sealed")
    return None


def _malformed(error: Exception) -> Quarantined:
    return Quarantined("malformed", _("The fact does not fit the form of its kind: %(why)s."),
                       "journal.schema", {"why": str(error)[:200]})


def _refused(envelope: Envelope, verdict: Quarantined) -> Unread:
    seq = envelope.seq if envelope.seq is not None and 0 <= envelope.seq < SEQ_MAX else None
    place = envelope.place.replace("\0", "")[:80] if envelope.place else None
    return Unread(envelope.id, envelope.kind[:80].replace("\0", ""), _plain.encode(envelope),
                  verdict, place, envelope.device, seq)


def _unreadable(raw: Any, error: Exception) -> Unread:
    data = bytes(raw) if isinstance(raw, bytes | msgspec.Raw) else repr(raw).encode()
    fact_id = None
    try:
        loose = _loose.decode(data)
        fact_id = UUID(str(loose["id"]))
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, KeyError, TypeError,
            RecursionError):
        pass
    return Unread(fact_id, "", data[:FACT_BYTES_MAX], _malformed(error))
