"""A day of vehicles as bars: trips by plan (outlined) and in fact (filled), the night hatched."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pratique.transfer.queries import Trip

HOURS = 24
HOUR_WIDTH = 40
LEFT = 150
ROW = 34


@dataclass(slots=True)
class Bar:
    trip: Trip
    x: int
    width: int
    css: str


@dataclass(slots=True)
class Row:
    vehicle: str
    y: int
    bars: list[Bar] = field(default_factory=list)


@dataclass(slots=True)
class Gantt:
    """What the template draws; `hours` are (x, hour) of the grid."""

    width: int
    height: int
    rows: list[Row]
    hours: list[tuple[int, int]]
    now_x: int


def draw(trips: Sequence[Trip], vehicles: Sequence[str], since: datetime, now: datetime) -> Gantt:
    """The 24 hours from `since` (a local midnight)."""
    rows = {code: Row(code, 26 + n * ROW) for n, code in enumerate(vehicles)}
    for trip in trips:
        row = rows.get(trip.vehicle)
        if row is None or trip.state == "cancelled":
            continue
        begin = _x(trip.departed_at or trip.depart_at, since)
        end = _x(trip.arrived_at or max(trip.arrive_at, trip.departed_at or trip.arrive_at), since)
        row.bars.append(Bar(trip, begin, max(end - begin, 6),
                            "bar2" if trip.state == "planned" else "bar1"))
    hours = [(LEFT + hour * HOUR_WIDTH, hour) for hour in range(0, HOURS, 2)]
    return Gantt(LEFT + HOURS * HOUR_WIDTH + 10, 34 + len(rows) * ROW, list(rows.values()), hours,
                 _x(now, since))


def _x(moment: datetime, since: datetime) -> int:
    hours = (moment - since) / timedelta(hours=1)
    return LEFT + int(min(max(hours, 0), HOURS) * HOUR_WIDTH)
