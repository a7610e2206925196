"""Sealed personal parts: one data key per subject, kept wrapped in the subject's row."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
import psycopg
from django.conf import settings

from pratique.journal.fact import Fact
from pratique.kit import seal

_encoder = msgspec.json.Encoder(order="sorted")
_boxed = msgspec.json.Encoder().encode
_boxes = msgspec.json.Decoder(dict[UUID, bytes])
_parts = msgspec.json.Decoder(dict)

Personal = dict[str, str]


def county_keys() -> seal.CountyKeys:
    """The county's keys. Raises FileNotFoundError before `./run setup` has made them."""
    return seal.load_keys(settings.KEY_FILE)


def offer_keys(
    keys: seal.CountyKeys, subjects: list[UUID], sealed: set[UUID]
) -> tuple[dict[UUID, bytes], list[bytes | None]]:
    """A fresh data key for each subject with a sealed part: plain by subject, wrapped in order."""
    if not sealed:
        return {}, [None] * len(subjects)
    plain = dict(zip(sealed, seal.new_data_keys(len(sealed)), strict=True))
    wrapped = [
        seal.wrap_key(keys, subject, plain[subject]) if subject in plain else None
        for subject in subjects
    ]
    return plain, wrapped


def settle_keys(
    cursor: psycopg.Cursor,
    keys: seal.CountyKeys,
    plain: dict[UUID, bytes],
    known: dict[UUID, bytes | None],
) -> None:
    """Subjects that had a row keep their own key; those whose row had none get the fresh one."""
    missing = []
    for subject, wrapped in known.items():
        if subject not in plain:
            continue
        if wrapped is None:
            missing.append(subject)
        else:
            plain[subject] = seal.unwrap_key(keys, subject, wrapped)
    if missing:
        cursor.execute(
            "UPDATE journal_subject s SET wrapped_key = u.k "
            "FROM unnest(%b::uuid[], %b::bytea[]) u(id, k) WHERE s.id = u.id",
            (missing, [seal.wrap_key(keys, s, plain[s]) for s in missing]),
        )


def box_of(fact: Fact, plain: dict[UUID, bytes]) -> bytes | None:
    """The fact's personal parts, each sealed under its subject's key."""
    if not fact.sealed:
        return None
    return _boxed({
        subject: seal.seal(plain[subject], fact.id, subject, _encoder.encode(part))
        for subject, part in fact.sealed.items()
    })


def open_boxes(
    cursor: psycopg.Cursor, facts: Iterable[UUID], subjects: Iterable[UUID] | None = None
) -> dict[UUID, dict[UUID, Personal]]:
    """Personal parts by fact and subject. An erased person's parts are simply not there.

    subjects: only the parts about these (the others are not even opened).
    """
    cursor.execute("SELECT id, box FROM journal_fact WHERE id = ANY(%b) AND box IS NOT NULL",
                   (list(facts),))
    boxes = {fact: bytes(box) for fact, box in cursor.fetchall()}
    wanted = set(subjects) if subjects is not None else None
    about = subjects_in(boxes.values())
    cursor.execute(
        "SELECT id, wrapped_key FROM journal_subject WHERE id = ANY(%b) "
        "AND wrapped_key IS NOT NULL", (list(about if wanted is None else about & wanted),))
    return open_with(boxes, {s: bytes(w) for s, w in cursor.fetchall()})


def subjects_in(boxes: Iterable[bytes]) -> set[UUID]:
    """Of whom boxes speak."""
    return {subject for box in boxes for subject in _boxes.decode(box)}


def open_with(
    boxes: dict[UUID, bytes], wrapped: dict[UUID, bytes]
) -> dict[UUID, dict[UUID, Personal]]:
    """Open boxes by fact with wrapped keys by subject; parts without a key stay shut."""
    keys = county_keys()
    plain = {s: seal.unwrap_key(keys, s, w) for s, w in wrapped.items()}
    return {
        fact: {
            s: _parts.decode(seal.unseal(plain[s], fact, s, part))
            for s, part in _boxes.decode(box).items() if s in plain
        }
        for fact, box in boxes.items()
    }


def open_aside(cursor: psycopg.Cursor, ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """What was kept aside, whole, as it came; by its id in the quarantine. Personal data."""
    cursor.execute("SELECT id, box FROM journal_quarantine WHERE id = ANY(%b)", (list(ids),))
    wrap = county_keys().wrap
    return {id_: seal.unseal(wrap, id_, id_, bytes(box)) for id_, box in cursor.fetchall()}
