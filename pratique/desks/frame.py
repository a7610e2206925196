"""What every page stands in: bar, desks' tabs, clock, drill banner."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from pratique.desks import door, face, people, times
from pratique.desks.names import Names
from pratique.journal import queries as journal

LANGUAGES = (("zh-hans", "中文"), ("en", "English"))
COLLECTORS = ("sampler", "gate_officer", "site_head", "township_clerk")
HOLDERS = (*COLLECTORS, "courier", "laboratory", "dispatcher", "crew")


@dataclass(frozen=True, slots=True)
class Desk:
    name: str
    title: Any
    roles: tuple[str, ...]


DESKS = (
    Desk("home", _("The loop"), people.ANYONE),
    Desk("board", _("Open loops"), people.ANYONE),
    Desk("gate", _("Gate"), ("gate_officer",)),
    Desk("sampling", _("Sampling"), COLLECTORS),
    Desk("handovers", _("Hand-overs"), HOLDERS),
    Desk("courier", _("Courier"), ("courier",)),
    Desk("laboratory", _("Laboratory"), ("laboratory",)),
    Desk("dispatch", _("Transfer"), ("dispatcher", "crew")),
    Desk("site", _("Isolation site"), ("site_head",)),
    Desk("township", _("Township"), ("township_clerk",)),
    Desk("registry", _("Registry"), ("registrar", "epidemiologist")),
    Desk("staff", _("Staff and devices"), ("registrar", "leader")),
    Desk("supervision", _("Supervision"), ("supervisor", "leader", "epidemiologist")),
)


def desk_roles(name: str) -> tuple[str, ...]:
    return next(desk.roles for desk in DESKS if desk.name == name)


def names_of(request: HttpRequest) -> Names:
    """One set of names a request."""
    if not hasattr(request, "pratique_names"):
        request.pratique_names = Names()  # type: ignore[attr-defined]
    return request.pratique_names  # type: ignore[attr-defined]


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor. Strangers get the mark, the language and the clock."""
    now = door.moment(request)
    language = get_language() or "zh-hans"
    names = names_of(request)
    standing = people.standing_of(request) if hasattr(request, "user") else None
    return {
        "now": now,
        "names": names,
        "zone_name": times.offset(now),
        "zone_key": str(times.zone()),
        "county": times.county(),
        "shift": times.shift(now),
        "drill": journal.drill(),
        "css": face.address("css"),
        "js": face.address("js"),
        "language": language,
        "other_languages": [(code, word) for code, word in LANGUAGES if code != language],
        "standing": standing,
        "posts": [(code, names.unit(code)) for code in standing.posts] if standing else [],
        "desks": [
            (desk, reverse(desk.name)) for desk in DESKS
            if standing and set(desk.roles) & standing.roles
        ],
        "here": getattr(request, "pratique_desk", ""),
    }
