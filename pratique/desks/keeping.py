"""What the reader may give and end: which roles, at which units. The journal asks the same."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from pratique.desks.frame import names_of
from pratique.journal.fact import Actor
from pratique.registry import rights
from pratique.registry.queries import Unit
from pratique.registry.rights import Right

UNIT_KINDS = ("office", "checkpoint", "community", "sampling_point", "laboratory",
              "isolation_site", "courier", "crew")


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def above(units: dict[str, Unit]) -> dict[str, frozenset[str]]:
    """The units above each unit."""
    found: dict[str, frozenset[str]] = {}
    for code, unit in units.items():
        over, next_ = set[str](), unit.parent
        while next_ and next_ not in over:
            over.add(next_)
            next_ = units[next_].parent if next_ in units else None
        found[code] = frozenset(over)
    return found


def units_kept(request: HttpRequest) -> list[Unit]:
    """The open units that the reader answers for."""
    units = names_of(request).units()
    over, actor = above(units), actor_of(request)
    return [unit for code, unit in units.items() if unit.is_open and unit.kind in UNIT_KINDS
            and rights.reaches(actor, code, over)]


def codes_kept(request: HttpRequest) -> list[str] | None:
    """The codes of those units; None for who answers for the whole county."""
    if actor_of(request).units is None:
        return None
    return [unit.code for unit in units_kept(request)]


def groups(units: Iterable[Unit]) -> list[tuple[str, list[Unit]]]:
    """Units by kind, for a list to choose from."""
    held: dict[str, list[Unit]] = {kind: [] for kind in UNIT_KINDS}
    for unit in units:
        held[unit.kind].append(unit)
    return [(kind, its) for kind, its in held.items() if its]


def may_change(request: HttpRequest, changed: Iterable[Right]) -> bool:
    """Whether the reader may give and end these rights."""
    over = above(names_of(request).units())
    return rights.check_rights(actor_of(request), changed, over) is None


def choices(request: HttpRequest) -> dict[str, Any]:
    """What a form offers: the roles that the reader gives, and the units where."""
    return {"roles": rights.kept_by(actor_of(request).roles),
            "groups": groups(units_kept(request)),
            "keeps_county": actor_of(request).units is None}
