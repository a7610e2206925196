"""The rules of a checkpoint, pure: what a field may be, and what differs from what.

`check_…` answers the value as it is kept, or raises a Refusal; a desk calls them field by field,
the reducer through `verdict_of`. A new check at the gate is one more function here.

Nobody and nothing that stands at the post is turned away over a slip of the pen: an odd plate or an
unknown destination is kept and becomes a finding. Refused is only what cannot be kept at all.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from pratique.journal.fact import Quarantined
from pratique.kit.errors import Refusal
from pratique.kit.ids import unit_subject
from pratique.registry.plates import RAW_LENGTH_MAX, Plate, normalise_plate, read_plate

OCCUPANTS_MAX = 3_000  # a long train
LANE_VEHICLES_MAX = 10_000  # an hour of one lane carries a fifth of that
LANE_LENGTH_MAX = 20
STAYS_MAX = 60
REASON_LENGTH_MAX = 500
FIRST_YEAR, LAST_YEAR = 2000, 2100
# A stay may end after the arrival by this much: the clocks of gate and traveller differ.
STAY_AFTER_ARRIVAL_HOURS_MAX = 48
# A person may be registered this long before the vehicle that brought them: people are asked while
# the driver still queues, and devices' clocks differ.
PERSON_BEFORE_VEHICLE_HOURS_MAX = 2
DIVISION = re.compile(r"[1-9]\d{5}")
NO_AREA = "none"

# What an episode can be, and which fact leads on. Only `open` has a measure and duties.
EPISODE_STATES: dict[str, dict[str, str]] = {
    "open": {
        "person_passed": "passed",
        "person_turned_back": "turned_back",
        "released": "released",
        "arrived_again": "superseded",
    },
    "passed": {},
    "turned_back": {},
    "released": {},
    "superseded": {},
}


class AnyStay(Protocol):
    """A stay as the kinds of fact have it (facts.Stay)."""

    division: str
    area: str | None
    since: datetime
    until: datetime


def verdict_of(check: Callable[..., Any], *values: Any) -> Quarantined | None:
    """The check's refusal as a verdict; None when it passes."""
    try:
        check(*values)
    except Refusal as refusal:
        return Quarantined(refusal.code, refusal.sentence, refusal.rule, refusal.params)
    return None


# Subjects -----------------------------------------------------------------------------------------


def lane_subject(post: str, lane: str) -> UUID:
    """What stands for a lane: its counts are about it, and vehicles pass under its lock."""
    return unit_subject(f"{post}/{lane}")


def lane_hour_subject(post: str, lane: str, hour: datetime) -> UUID:
    """What stands for one hour of a lane: an explanation waits for it until it was counted."""
    return unit_subject(f"{post}/{lane}/{hour.timestamp():.0f}")


def plate_subject(plate: str) -> tuple[UUID, ...]:
    """What stands for a plate; nothing where it cannot be read."""
    text = plate_of(plate).text
    return (unit_subject(f"plate/{text}"),) if text else ()


@lru_cache(maxsize=4096)
def plate_of(text: str) -> Plate:
    """The plate as it is kept. What cannot be a plate at all is kept with an empty text."""
    try:
        return read_plate(text)
    except Refusal:
        return Plate("", "unreadable", ("plate_unreadable",))


# Vehicles -----------------------------------------------------------------------------------------


def check_plate(text: str) -> str:
    """The tractor's plate, normalised. Raises where it is none, or a trailer's.

    Drivers gave their trailers' numbers as plates, and cases were lost by it: they are asked apart.
    """
    plate = read_plate(text)
    if plate.kind == "trailer":
        raise Refusal("plate_is_a_trailers",
                      _("%(plate)s is a trailer's plate; the tractor's is asked here."),
                      "checkpoint.plate", plate=plate.text)
    return plate.text


def check_trailer_plate(text: str, plate: str = "") -> str | None:
    """The trailer's plate, normalised; None for an empty text."""
    if not text.strip():
        return None
    trailer = read_plate(text).text
    if plate and trailer == normalise_plate(plate):
        raise Refusal("trailer_is_the_tractor", _("The trailer has the same plate as the tractor."),
                      "checkpoint.plate")
    return trailer


def check_plate_kept(text: str, trailer: str | None) -> None:
    """What the reducer asks: only that it is short enough to be somebody's typing."""
    if len(text) > RAW_LENGTH_MAX or len(trailer or "") > RAW_LENGTH_MAX:
        raise Refusal("plate_too_long", _("A plate has at most %(most)s characters."),
                      "checkpoint.plate", most=RAW_LENGTH_MAX)


def check_lane(text: str) -> str:
    """A lane's name: short, and without the sign that parts a lane from its post."""
    lane = text.strip()
    if not lane or len(lane) > LANE_LENGTH_MAX or "/" in lane or lane != text:
        raise Refusal("lane_name", _("A lane has a name of at most %(most)s characters."),
                      "checkpoint.lane", most=LANE_LENGTH_MAX)
    return lane


def check_occupants(occupants: int, seats: int | None = None) -> int:
    """Persons aboard, driver included."""
    if not 0 <= occupants <= OCCUPANTS_MAX or not 0 <= (seats or 0) <= OCCUPANTS_MAX:
        raise Refusal("occupants_count", _("A vehicle has between 0 and %(most)s persons aboard."),
                      "checkpoint.occupants", most=OCCUPANTS_MAX)
    return occupants


def check_time(at: datetime) -> datetime:
    """A claimed time in UTC, of a year that a clock can show."""
    if at.tzinfo is None or not FIRST_YEAR < at.year < LAST_YEAR:
        raise Refusal("time_impossible", _("This time cannot be: its zone or its year is missing."),
                      "checkpoint.time")
    return at.astimezone(UTC)


# Persons ------------------------------------------------------------------------------------------


def check_stay(stay: AnyStay) -> None:
    """One stay: a six-digit county, from one time to a later one."""
    if not DIVISION.fullmatch(stay.division):
        raise Refusal("stay_division", _("A stay names its county by six digits, not “%(given)s”."),
                      "checkpoint.stays", given=stay.division[:20])
    if stay.area is not None and len(stay.area) > 300:
        raise Refusal("stay_area", _("The name of an area is too long."), "checkpoint.stays")
    since, until = check_time(stay.since), check_time(stay.until)
    if until < since:
        raise Refusal("stay_backwards", _("A stay cannot end before it began."),
                      "checkpoint.stays")


def check_stays(stays: Sequence[AnyStay], at: datetime | None = None) -> None:
    """All stays of one person; with `at`, none lies in the future of the arrival.

    No stay at all is allowed: the person could not say, and unknown never counts as none.
    """
    if len(stays) > STAYS_MAX:
        raise Refusal("stays_count", _("At most %(most)s stays are kept of one person."),
                      "checkpoint.stays", most=STAYS_MAX)
    for stay in stays:
        check_stay(stay)
        if at is not None and stay.until - at > timedelta(hours=STAY_AFTER_ARRIVAL_HOURS_MAX):
            raise Refusal("stay_in_future", _("A stay cannot end after the arrival."),
                          "checkpoint.stays")


def places_of(stays: Iterable[AnyStay]) -> list[str]:
    """Everything by which a new risk list can touch these stays, sorted: the counties, and the
    units in whose names areas were published (the part of an area's key before its slash)."""
    places = {stay.division for stay in stays}
    places |= {stay.area.partition("/")[0] for stay in stays
               if stay.area and stay.area != NO_AREA}
    return sorted(places)


def check_destination(code: str | None, accounts: dict[str, str]) -> str | None:
    """The community that will take the person over. `accounts`: {code: kind} of those there are."""
    if code is not None and accounts.get(code) != "community":
        raise Refusal("destination_unknown", _("There is no community “%(given)s” to go to."),
                      "checkpoint.destination", given=code[:40])
    return code


def check_reason(reason: str) -> str:
    """A decision that a person answers for says why, in words."""
    words = reason.strip()
    if not words or len(words) > REASON_LENGTH_MAX:
        raise Refusal("reason_missing",
                      _("Say why, in words of your own (at most %(most)s characters)."),
                      "checkpoint.reason", most=REASON_LENGTH_MAX)
    return words


# Lanes --------------------------------------------------------------------------------------------


def check_hour(hour: datetime) -> datetime:
    """The beginning of a whole hour, in UTC."""
    utc = check_time(hour)
    if utc != hour_of(utc):
        raise Refusal("hour_not_whole", _("A lane is counted by whole hours."), "checkpoint.lane")
    return utc


def hour_of(at: datetime) -> datetime:
    """The hour in which `at` lies, in UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def check_vehicles_counted(vehicles: int) -> int:
    if not 0 <= vehicles <= LANE_VEHICLES_MAX:
        raise Refusal("vehicles_count", _("Between 0 and %(most)s vehicles pass a lane in an "
                                          "hour."), "checkpoint.lane", most=LANE_VEHICLES_MAX)
    return vehicles


def lane_differs(counted: int, registered: int, *, explained: bool) -> bool:
    """Whether a vehicle may have been missed: the counter saw more than were registered.

    More registered than counted is a counter's fault; it is shown, and nobody was missed by it.
    """
    return registered < counted and not explained


def occupants_differ(
    occupants: int, registered: int, cleared_as: str, explained: int | None = None
) -> bool:
    """Whether a vehicle left with a question open: other persons registered than were counted.

    A vehicle that was turned back with everybody in it owes no registration. explained: the number
    registered for which somebody has said why it is another one.
    """
    if cleared_as == "turned_back" and registered == 0:
        return False
    return registered not in (occupants, explained)
