"""Who is signed in, and for which unit they speak now.

A person may hold roles at several units; in a session they stand at one post at a time, chosen in
the top bar, and speak for that one alone. County-wide duties go along to every post.
"""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from pratique.desks import ledger
from pratique.journal.fact import Actor
from pratique.journal.kinds import ROLES
from pratique.registry import queries as registry

ANYONE = tuple(role for role in ROLES if role != "system")
POST = "post"  # the session's key for the unit where one stands
_OWN = "own_password"
COUNTY_WIDE = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the reader stands: the units to choose from and the one chosen ("" = the county)."""

    posts: tuple[str, ...]
    post: str
    roles: frozenset[str]


def standing_of(request: HttpRequest) -> Standing | None:
    """None for strangers, for people without duties, and until they chose their own password."""
    user = request.user
    if not user.is_authenticated or not user.is_active:
        return None
    if hasattr(request, "pratique_standing"):
        return request.pratique_standing
    standing = None
    if has_own_password(request):
        standing = _standing(user.pk, request.session.get(POST))
    request.pratique_standing = standing  # type: ignore[attr-defined]
    return standing


def _standing(staff: UUID, wanted: str | None) -> Standing | None:
    duties = registry.duties_of(staff)
    posts = tuple(sorted({unit or COUNTY_WIDE for __, unit in duties}))
    if not posts:
        return None
    post = wanted if wanted in posts else posts[0]
    roles = frozenset(role for role, unit in duties if unit is None or unit == post)
    return Standing(posts, post, roles)


def has_own_password(request: HttpRequest) -> bool:
    """Asked once a session: the answer "yes" does not change."""
    if request.session.get(_OWN):
        return True
    own = request.user.pk is not None and ledger.chose_password(request.user.pk)
    if own:
        request.session[_OWN] = True
    return own


def actor_of(request: HttpRequest) -> Actor | None:
    """The voice of whoever is signed in; `settings.ACTOR_OF_REQUEST` may name it."""
    standing = standing_of(request)
    if standing is None:
        return None
    units = frozenset([standing.post]) if standing.post else None
    return Actor(standing.roles, units, None, request.user.pk)


def place_of(request: HttpRequest) -> str | None:
    """The unit that a fact said at this desk comes from; None for a county-wide duty."""
    standing = standing_of(request)
    return standing.post or None if standing else None
