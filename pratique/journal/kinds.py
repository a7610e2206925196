"""Kinds of fact: the catalogue of what can be said to Pratique.

Each room's `facts.py` declares its kinds here when the application starts; `reduce.py` says what
the room does with them. The journal itself knows no kind by name.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Union
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
_ahead: dict[str, Callable] = {}
_batch: dict[str, Any] = {}


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


def reduces(*names: str, ahead: Callable | None = None) -> Callable[[Callable], Callable]:
    """Marks a room's reducer for these kinds.

    ahead: sends what the reducer will read (facts, context), by `context.ask`, before anything of
    the round is written: the server answers while the other kinds are looked at. Facts of one
    round share no subject, so what one kind writes is not what another one reads.

    The reducer is called with facts of one kind, no two of which share a subject, and a
    `Context`; it answers one verdict for each fact, in order (`None` = applied), and has written
    what the applied ones mean. It writes nothing for the others.
    """

    def mark(reducer: Callable) -> Callable:
        for name in names:
            if name in _reducers:
                raise ValueError(f"{name} has two reducers")
            _reducers[name] = reducer
            if ahead is not None:
                _ahead[name] = ahead
        return reducer

    return mark


def batch_decoder() -> msgspec.json.Decoder:
    """Decodes a JSON list of facts, each with its own kind's body, in one pass.

    Raises msgspec.DecodeError where any fact is not right; then they are read one by one.
    """
    if _batch.get("kinds") != len(_kinds):
        told = tuple(
            msgspec.defstruct(
                "Told",
                [("id", UUID), ("at", datetime), ("by", UUID | None, None),
                 ("place", str | None, None), ("device", UUID | None, None),
                 ("seq", int | None, None), ("body", kind.schema),
                 ("sealed", dict[UUID, dict[str, Any]] | None, None)],
                tag_field="kind", tag=kind.name, frozen=True, forbid_unknown_fields=True,
                kw_only=True, gc=False)
            for kind in _kinds.values()
        )
        any_of_them = Union[told]  # type: ignore[valid-type]  # noqa: UP007
        _batch.update(kinds=len(_kinds), decoder=msgspec.json.Decoder(list[any_of_them]))
    return _batch["decoder"]


def kind_named(name: str) -> Kind | None:
    return _kinds.get(name)


def all_kinds() -> dict[str, Kind]:
    """Every declared kind by name, for documentation and for the test that walks them."""
    return dict(_kinds)


def reducer_of(name: str) -> Callable | None:
    return _reducers.get(name)


def ahead_of(name: str) -> Callable | None:
    return _ahead.get(name)
