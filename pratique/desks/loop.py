"""The loop as a picture: accounts in groups, people flowing between them.

Width of a band = people who went that way today; the hatched part = people whose hand-over has
passed its deadline. The table beside it has the same figures.
"""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratique.custody.queries import Flow

BAND_MAX = 34.0
BAND_MIN = 2.5
BOX = (150, 92)

# Groups, where their boxes stand on a wide and on a narrow page (top left corners).
PLACES = {
    "outside": ((0, 124), (105, 0)),
    "checkpoint": ((235, 124), (105, 130)),
    "crew": ((490, 24), (0, 265)),
    "passed": ((490, 224), (210, 265)),
    "isolation_site": ((745, 24), (0, 400)),
    "community": ((745, 224), (210, 400)),
    "released": ((1000, 124), (105, 535)),
}
# (from, to, giver's kind, taker's kind)
ROADS = (
    ("outside", "checkpoint"), ("checkpoint", "crew"), ("checkpoint", "passed"),
    ("crew", "isolation_site"), ("crew", "community"), ("checkpoint", "community"),
    ("isolation_site", "released"), ("community", "released"), ("passed", "released"),
)


@dataclass(slots=True)
class Box:
    """One group of accounts with its number."""

    key: str
    name: str
    number: str
    line: str
    address: str
    alarm: str = ""


@dataclass(slots=True)
class Road:
    """People who went from one group to another today, and who should have arrived."""

    start: str
    end: str
    moved: int = 0
    overdue: int = 0
    offered: int = 0
    path: str = ""
    width: float = 0.0
    late_width: float = 0.0


@dataclass(slots=True)
class Picture:
    """What the template draws: boxes with corners, roads with paths."""

    width: int
    height: int
    boxes: list[tuple[Box, int, int]] = field(default_factory=list)
    roads: list[Road] = field(default_factory=list)


def roads_today(
    flows: list[Flow], offered: list[tuple[str, str, str, int, int]]
) -> dict[tuple[str, str], Road]:
    """People (not vehicles or tubes) on each road of the picture."""
    roads = {ends: Road(*ends) for ends in ROADS}
    for flow in flows:
        road = roads.get(_road_of(flow)) if flow.kind == "person" else None
        if road is not None:
            road.moved += flow.moved
    for giver, taker, kind, waiting, late in offered:
        road = roads.get((giver, taker)) if kind == "person" else None
        if road is not None:
            road.offered += waiting
            road.overdue += late
    return roads


def _road_of(flow: Flow) -> tuple[str, str]:
    if flow.taker == "outside":
        return (flow.giver, "passed" if flow.giver == "checkpoint" else "released")
    return (flow.giver, flow.taker)


def draw(boxes: list[Box], roads: dict[tuple[str, str], Road], *, narrow: bool) -> Picture:
    """Lay the picture out; the widest road today is BAND_MAX wide."""
    picture = Picture(360, 632) if narrow else Picture(1150, 342)
    corner = {key: places[narrow] for key, places in PLACES.items()}
    picture.boxes = [(box, *corner[box.key]) for box in boxes]
    most = max((road.moved + road.overdue for road in roads.values()), default=0) or 1
    for road in roads.values():
        whole = road.moved + road.overdue
        if (road.start, road.end) in (("checkpoint", "community"), ("passed", "released")) \
                and not whole:
            continue  # by-ways are drawn when somebody takes them
        width = max(BAND_MAX * whole / most, BAND_MIN) if whole else 0.0
        late = width * road.overdue / whole if whole else 0.0
        picture.roads.append(Road(
            road.start, road.end, road.moved, road.overdue, road.offered,
            _path(corner[road.start], corner[road.end], narrow), round(width, 1), round(late, 1)))
    return picture


def _path(start: tuple[int, int], end: tuple[int, int], narrow: bool) -> str:
    """A curve from the far side of one box to the near side of the other."""
    wide, high = BOX
    if narrow:
        x1, y1, x2, y2 = start[0] + wide // 2, start[1] + high, end[0] + wide // 2, end[1]
        middle = (y1 + y2) // 2
        return f"M{x1} {y1}C{x1} {middle} {x2} {middle} {x2} {y2}"
    x1, y1, x2, y2 = start[0] + wide, start[1] + high // 2, end[0], end[1] + high // 2
    middle = (x1 + x2) // 2
    return f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"


def boxes(
    held: dict[str, int], offered: dict[str, int], units: dict[str, int],
    roads: dict[tuple[str, str], Road], overdue: dict[str, int],
) -> list[Box]:
    """held, offered: people by kind of account. units: how many there are of a kind.
    overdue: duties past due by kind of account."""
    arrived = roads["outside", "checkpoint"].moved
    gone = roads["isolation_site", "released"].moved + roads["community", "released"].moved
    passed = roads["checkpoint", "passed"].moved
    made = [
        Box("outside", _("Outside"), f"+{arrived}", _("arrived today"), _moves("arrived")),
        Box("passed", _("Sample and go"), str(passed), _("went on today"), _moves("passed")),
        Box("released", _("Released"), f"−{gone}" if gone else "0", _("today"),
            _moves("released")),
    ]
    n = {kind: units.get(kind, 0) for kind in ("checkpoint", "crew", "isolation_site", "community")}
    titles = {
        "checkpoint": ngettext("%(count)s checkpoint", "%(count)s checkpoints", n["checkpoint"]),
        "crew": ngettext("%(count)s transfer crew", "%(count)s transfer crews", n["crew"]),
        "isolation_site": ngettext("%(count)s isolation site", "%(count)s isolation sites",
                                   n["isolation_site"]),
        "community": ngettext("%(count)s township", "%(count)s townships", n["community"]),
    }
    for kind, title in titles.items():
        late = overdue.get(kind, 0)
        made.append(Box(
            kind, title % {"count": units.get(kind, 0)}, str(held.get(kind, 0)),
            _("%(count)s on offer") % {"count": offered.get(kind, 0)},
            reverse("accounts") + f"?kind={kind}",
            _("%(count)s overdue") % {"count": late} if late else ""))
    return made


def _moves(which: str) -> str:
    return reverse("moves", args=[which])


def table(roads: dict[tuple[str, str], Road], names: dict[str, str]) -> list[dict[str, Any]]:
    """The same figures as rows."""
    return [
        {"start": names[road.start], "end": names[road.end], "moved": road.moved,
         "offered": road.offered, "overdue": road.overdue}
        for road in roads.values()
    ]
