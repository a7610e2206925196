"""Who may give and end duty roles, pure: nobody hands on a right that they do not have.

The registrar and the leader keep the working roles at the units they answer for. A role that
directs or oversees is kept by who holds it; the leader, who answers for all of a unit, keeps the
supervisor's and the epidemiologist's as well. Nobody but a registrar makes a registrar, nobody but
a leader makes a leader.
"""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from pratique.journal.fact import Actor, Quarantined
from pratique.journal.kinds import ROLES
from pratique.registry.rules import bad

SYSTEM = "system"
REGISTRAR, LEADER = "registrar", "leader"
OFFICE = "office"  # whoever speaks for an office speaks for the whole county
KEEPERS: Mapping[str, frozenset[str]] = {
    role: frozenset([REGISTRAR, LEADER]) for role in ROLES if role != SYSTEM
} | {
    REGISTRAR: frozenset([REGISTRAR]),
    LEADER: frozenset([LEADER]),
    "supervisor": frozenset(["supervisor", LEADER]),
    "epidemiologist": frozenset(["epidemiologist", LEADER]),
}
"""Of each duty role: which roles give and end it, each at the units over which it is held."""

Right = tuple[str, str]
"""A role and the unit where it is held; "" for the whole county."""


def kept_by(roles: Iterable[str]) -> list[str]:
    """The duty roles that somebody with `roles` gives and ends, in the order of `ROLES`."""
    held = frozenset(roles)
    return [role for role in ROLES if held & KEEPERS.get(role, frozenset())]


def reaches(actor: Actor, unit: str, above: Mapping[str, frozenset[str]]) -> bool:
    """Whether `unit` ("": the county) is the actor's to answer for: itself, or below theirs."""
    if actor.units is None:
        return True
    return bool(unit) and bool(actor.units & (above.get(unit, frozenset()) | {unit}))


def check_rights(
    actor: Actor, rights: Iterable[Right], above: Mapping[str, frozenset[str]]
) -> Quarantined | None:
    """Whether the actor may give and end these rights. above: the units above each unit."""
    if SYSTEM in actor.roles:
        return None
    for role, unit in rights:
        keepers = KEEPERS.get(role, frozenset())
        if not keepers & actor.roles or not reaches(actor, unit, above):
            return bad(
                "right_not_yours",
                _("The role “%(role)s” at “%(unit)s” is given and ended by whoever is "
                  "%(keepers)s there; you are not."), "registry.rights",
                role=role, unit=unit or "*", keepers=", ".join(sorted(keepers)) or "-")
    return None


LAST_REGISTRAR = bad(
    "last_registrar",
    _("This would leave the county without a registrar who can sign in. Give somebody else the "
      "role for the whole county first."), "registry.last_registrar")
