"""Kinds of fact: the catalogue of what can be said to Pratique.

Each room's `facts.py` declares its kinds here when the application starts; `reduce.py` says what
the room does with them. The journal itself knows no kind by name.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

# The duty roles that exist. A person holds a role at a unit (a post, a site, a township) or for
# the whole county; a title (museum director) is no role.
ROLES = (
    "gate_officer",
    "sampler",
    "courier",
    "laboratory",
    "dispatcher",
    "crew",
    "township_clerk",
    "site_head",
    "epidemiologist",
    "registrar",
    "supervisor",
    "leader",
    "system",
)


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a fact says beside its envelope. Open: it carries nothing personal (house.md)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fact.

    subjects: ids of everything that the fact is about; they are locked while it is applied, and
        the first one is whose story it belongs to.
    sealed: whether a personal part may ride along.
    """

    name: str
    schema: type[Body]
    roles: frozenset[str]
    subjects: Callable[[Any], Iterable[UUID]]
    sealed: bool
    decoder: msgspec.json.Decoder = field(repr=False, compare=False)


_kinds: dict[str, Kind] = {}
_reducers: dict[str, Callable] = {}


def declare(
    name: str,
    schema: type[Body],
    *,
    roles: Iterable[str],
    subjects: Callable[[Any], Iterable[UUID]],
    sealed: bool = False,
) -> Kind:
    """Add a kind to the catalogue. `name` is `room.what_happened`, past tense."""
    unknown = set(roles) - set(ROLES)
    if name in _kinds or unknown:
        raise ValueError(f"{name}: declared twice" if name in _kinds else f"{name}: {unknown}")
    kind = Kind(
        name, schema, frozenset(roles), subjects, sealed, msgspec.json.Decoder(schema)
    )
    _kinds[name] = kind
    return kind


def reduces(*names: str) -> Callable[[Callable], Callable]:
    """Marks a room's reducer for these kinds.

    The reducer is called with facts of one kind, no two of which share a subject, and a
    `Context`; it answers one verdict for each fact, in order (`None` = applied), and has written
    what the applied ones mean. It writes nothing for the others.
    """

    def mark(reducer: Callable) -> Callable:
        for name in names:
            if name in _reducers:
                raise ValueError(f"{name} has two reducers")
            _reducers[name] = reducer
        return reducer

    return mark


def kind_named(name: str) -> Kind | None:
    return _kinds.get(name)


def all_kinds() -> dict[str, Kind]:
    """Every declared kind by name, for documentation and for the test that walks them."""
    return dict(_kinds)


def reducer_of(name: str) -> Callable | None:
    return _reducers.get(name)
