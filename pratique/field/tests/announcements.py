"""Arrivals as lists announce them, by seed: shared plates and phones, papers announced twice, and
what the server answers to somebody who holds a number."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pratique.field.expected import DOCUMENT, PHONE, PLATE, Entry, phone_number
from pratique.field.tests.papers import PHONES, PLATES, SHAPES, damaged, resident_number
from pratique.registry.identity import normalise_number
from pratique.registry.plates import normalise_plate

NORMALISE = {DOCUMENT: normalise_number, PLATE: normalise_plate, PHONE: phone_number}
SEEDED_MS = 1_577_836_800_000  # ids of imported rows share their first bytes
FIRST = datetime(2022, 8, 19, 6, 0, 30, tzinfo=UTC)
NAMES = ("赵某", "钱一一", "欧阳某某", "Ana María O'Neil-Żółć", "=cmd|' /C calc'!A0", "𠮷田某")
Typed = dict[str, str]


def announced(count: int, chance: random.Random) -> list[tuple[Entry, Typed]]:
    """Entries, and for each what stands on its papers, as people write it."""
    made: list[tuple[Entry, Typed]] = []
    for number in range(count):
        typed = _typed(chance, made)
        numbers = {kind: NORMALISE[kind](text) for kind, text in typed.items()}
        made.append((Entry(
            id=_id(chance), person=_id(chance), name=f"{chance.choice(NAMES)}{number}",
            occupants=chance.choice((1, 2, 4, 52, 300)),
            destination=chance.choice((None, "town-141123100", "town-141123101", "site-1")),
            eta=chance.choice((None, FIRST + timedelta(seconds=chance.randrange(16 * 86_400)))),
            **numbers), typed))
    return made


def _typed(chance: random.Random, before: list[tuple[Entry, Typed]]) -> Typed:
    fresh = {
        DOCUMENT: chance.choice((resident_number(chance), resident_number(chance),
                                 chance.choice(SHAPES["other"]), "")),
        PLATE: chance.choice((f"晋J{chance.randrange(10**5):05d}", chance.choice(PLATES), "")),
        PHONE: chance.choice((f"139{chance.randrange(10**8):08d}", chance.choice(PHONES), "")),
    }
    if not before:
        return fresh
    last = before[-1][1]
    shares = {DOCUMENT: 0.03, PLATE: 0.6, PHONE: 0.3}
    return {kind: last[kind] if chance.random() < share else fresh[kind]
            for kind, share in shares.items()}


def _id(chance: random.Random) -> UUID:
    ms = chance.choice((SEEDED_MS, SEEDED_MS, SEEDED_MS + chance.randrange(10**11)))
    tail = (7 << 76) | (chance.getrandbits(12) << 64) | (2 << 62) | chance.getrandbits(62)
    return UUID(int=(ms << 80) | tail)


def asked(made: list[tuple[Entry, Typed]], count: int, chance: random.Random
          ) -> list[tuple[str, str, dict[str, Any]]]:
    """(kind, what somebody scans or types, what must be found)."""
    by: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry, typed in made:
        for kind in typed:
            by[kind, getattr(entry, kind)].append(entry)
    questions = []
    for __ in range(count):
        kind = chance.choice((DOCUMENT, PLATE, PHONE))
        text = chance.choice(made)[1][kind]
        text = damaged(chance, text) if chance.random() < 0.5 else text
        number = NORMALISE[kind](text)
        found = by.get((kind, number), []) if number else []
        questions.append((kind, text, {
            "announced": len(found),
            "arrivals": [] if kind == PHONE else in_order([answer(one) for one in found])}))
    return questions


def answer(entry: Entry) -> dict[str, Any]:
    """An entry as the device says it: times to the minute, occupants in one byte."""
    eta = entry.eta and entry.eta.replace(second=0).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"id": str(entry.id), "person": str(entry.person), "name": entry.name,
            "occupants": min(entry.occupants, 255), "destination": entry.destination,
            "expected_at": eta}


def in_order(arrivals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(arrivals, key=lambda one: one["id"])
