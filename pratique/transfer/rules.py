"""The safety rules of a trip and the rules of a confirmed place, pure (law 9 of the house).

A plan that breaks a rule is refused by that rule's own code; all that are broken are named, so
that the dispatcher plans again once. A departure has happened, whether it was right or not: there
the same rules make findings.

The limits come from the road rules of the day: no coach runs from 02:00 to 05:00 (the bus of
Guizhou, 18 September 2022, left at 00:10 and overturned at 02:40), and a driver rests 20 minutes
after at most 4 hours at the wheel.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from pratique.journal.fact import Quarantined

NIGHT_FROM, NIGHT_UNTIL = time(2, 0), time(5, 0)
DRIVING_MINUTES_MAX = 240
REST_MINUTES_MIN = 20
CREW_MAX = 6
# How long a trip may drive before the plan that allows it is heard. Then command asks: the plan
# was refused, or nobody made one.
TRIP_UNPLANNED_MINUTES_MAX = 30
TAKERS = frozenset({"isolation_site", "community"})  # who can confirm a place for a person
ORIGINS = frozenset({"checkpoint", "sampling_point", "isolation_site", "community"})
# Units that plan only their own trips; the county's dispatchers plan all.
PLANNERS = ORIGINS

TRIP_STATES = {
    "planned": {"depart": "departed", "cancel": "cancelled"},
    "departed": {"arrive": "arrived"},
    "arrived": {},
    "cancelled": {},
}


# ── the night ────────────────────────────────────────────────────────────────────────────────────
def overlaps_night(since: datetime, until: datetime, zone: ZoneInfo) -> bool:
    """Whether [since, until) touches 02:00-05:00 of any day in `zone`. Aware datetimes.

    A trip that ends at 02:00 sharp or begins at 05:00 sharp does not.
    """
    day = since.astimezone(zone).date() - timedelta(days=1)
    last = until.astimezone(zone).date()
    while day <= last:
        begins, ends = _local(day, NIGHT_FROM, zone), _local(day, NIGHT_UNTIL, zone)
        if since < ends and until > begins:
            return True
        day += timedelta(days=1)
    return False


def _local(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


# ── driving ──────────────────────────────────────────────────────────────────────────────────────
def minutes_between(since: datetime, until: datetime) -> int:
    """Whole minutes, begun ones counted."""
    return -(-int((until - since).total_seconds()) // 60)


def driving_minutes(
    since: datetime, until: datetime, others: Iterable[tuple[datetime, datetime]], before: int = 0
) -> int:
    """Minutes at the wheel without a rest of REST_MINUTES_MIN around a trip from since to until.

    others: (since, until) of the driver's other trips. before: minutes that the planner names
    right before this trip; what the known trips say counts where it is more.
    """
    earlier = sorted((o for o in others if o[1] <= since), key=lambda o: o[1], reverse=True)
    later = sorted(o for o in others if o[0] >= until)
    rest = timedelta(minutes=REST_MINUTES_MIN)
    known, start = 0, since
    for begin, end in earlier:
        if start - end >= rest:
            break
        known, start = known + minutes_between(begin, end), begin
    after, stop = 0, until
    for begin, end in later:
        if begin - stop >= rest:
            break
        after, stop = after + minutes_between(begin, end), end
    return max(before, known) + minutes_between(since, until) + after


def driven_span(
    depart_at: datetime, arrive_at: datetime, departed_at: datetime | None,
    arrived_at: datetime | None,
) -> tuple[datetime, datetime]:
    """From when until when a trip was, or will be, on the road: what happened, else the plan.

    A trip that left late takes its planned length; clocks that disagree make no negative one.
    """
    since = departed_at or depart_at
    until = arrived_at or since + (arrive_at - depart_at)
    return since, max(since, until)


# ── the plan ─────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Booked:
    """Another trip that is planned or under way."""

    trip: UUID
    vehicle: str
    driver: UUID
    depart_at: datetime
    arrive_at: datetime

    def overlaps(self, since: datetime, until: datetime) -> bool:
        return self.depart_at < until and since < self.arrive_at


@dataclass(frozen=True, slots=True)
class Known:
    """What is known when a plan is looked at.

    kinds: account code -> kind. seats: of the vehicle, None = not limited. booked: trips of this
    vehicle or driver. driven: the driver's trips, past ones too. used_until: when the vehicle's
    last trip with people ended (None: never drove; `under_way`: it has not ended). clean_since:
    its last disinfection. placed: passengers with a confirmed place at the destination. riding:
    passenger -> other open trip. roots: passenger -> id under which they go on, where merged.
    """

    kinds: Mapping[str, str]
    seats: int | None
    booked: Sequence[Booked]
    driven: Sequence[tuple[datetime, datetime]]
    under_way: bool
    used_until: datetime | None
    clean_since: datetime | None
    placed: frozenset[UUID]
    riding: Mapping[UUID, UUID]
    roots: Mapping[UUID, UUID] = field(default_factory=dict)


def is_clean(under_way: bool, used_until: datetime | None, clean_since: datetime | None) -> bool:
    """Disinfected since its last trip with people ended; a vehicle that never drove is clean."""
    if under_way:
        return False
    return used_until is None or (clean_since is not None and clean_since >= used_until)


def _broken(rule: str, code: str, sentence: Any, /, **params: Any) -> Quarantined:
    return Quarantined(code, sentence, f"transfer.{rule}", params)


def check_form(body: Any, kinds: Mapping[str, str], planner: str | None) -> Quarantined | None:
    """Whether the plan makes sense at all: units, times, lists."""
    for code in (body.vehicle, body.origin, body.destination):
        if code not in kinds:
            return _broken("units", "unknown_account", _("There is no account “%(code)s”."),
                           code=code)
    if kinds[body.vehicle] != "crew":
        return _broken("units", "not_a_crew", _("“%(code)s” is no vehicle crew."),
                       code=body.vehicle)
    if kinds[body.origin] not in ORIGINS or body.origin == body.destination:
        return _broken("units", "not_an_origin", _("No trip begins at “%(code)s”."),
                       code=body.origin)
    if kinds[body.destination] not in TAKERS:
        return _broken("units", "not_a_destination", _("No trip ends at “%(code)s”."),
                       code=body.destination)
    if kinds.get(planner or "") in PLANNERS and planner not in (body.origin, body.destination):
        return _broken("units", "not_your_trip", _("“%(place)s” is neither origin nor destination "
                       "of this trip."), place=planner)
    if body.depart_at.tzinfo is None or body.arrive_at.tzinfo is None:
        return _broken("times", "time_without_zone", _("The times of a trip must name their zone."))
    if body.arrive_at <= body.depart_at or body.driving_minutes_before < 0:
        return _broken("times", "times_wrong", _("A trip arrives after it departs."))
    if not 1 <= len(body.crew) <= CREW_MAX or len(set(body.crew)) != len(body.crew):
        return _broken("crew", "crew_wrong", _("A trip has 1 to %(most)s crew, each named once; "
                       "the first drives."), most=CREW_MAX)
    if not body.passengers or len(set(body.passengers)) != len(body.passengers):
        return _broken("list", "list_wrong", _("The passenger list names each person once and "
                       "is not empty."))
    return None


def check_plan(body: Any, known: Known, zone: ZoneInfo) -> list[Quarantined]:
    """Every safety rule that the plan breaks; an empty list is a plan that may drive."""
    since, until = body.depart_at, body.arrive_at
    return [
        rule for rule in (
            _night(since, until, zone), _driving(body, known), _seats(body, known),
            _clean(body, known), *_overlaps(body, known), _places(body, known),
            _riding(body, known), _twice(body, known),
        ) if rule is not None
    ]


def refusal(broken: Sequence[Quarantined]) -> Quarantined:
    """One refusal for all that is broken: the first rule's sentence, and the codes of all."""
    first = broken[0]
    codes = ", ".join(one.code for one in broken)
    return Quarantined(first.code, first.sentence, first.rule, {**first.params, "broken": codes})


def _night(since: datetime, until: datetime, zone: ZoneInfo) -> Quarantined | None:
    if not overlaps_night(since, until, zone):
        return None
    return _broken("no_night", "night", _("No trip may be on the road between %(since)s and "
                   "%(until)s."), since=f"{NIGHT_FROM:%H:%M}", until=f"{NIGHT_UNTIL:%H:%M}")


def _driving(body: Any, known: Known) -> Quarantined | None:
    minutes = driving_minutes(body.depart_at, body.arrive_at, known.driven,
                              body.driving_minutes_before)
    if minutes <= DRIVING_MINUTES_MAX:
        return None
    return _broken("driving_hours", "driving_too_long", _("The driver would be %(minutes)s minutes "
                   "at the wheel without %(rest)s minutes of rest; at most %(most)s are allowed."),
                   minutes=minutes, most=DRIVING_MINUTES_MAX, rest=REST_MINUTES_MIN)


def _seats(body: Any, known: Known) -> Quarantined | None:
    if known.seats is None or len(body.passengers) <= known.seats:
        return None
    return _broken("seats", "too_few_seats", _("%(passengers)s passengers, %(seats)s seats."),
                   passengers=len(body.passengers), seats=known.seats)


def _clean(body: Any, known: Known) -> Quarantined | None:
    if known.under_way:
        return _broken("clean_vehicle", "vehicle_under_way", _("“%(vehicle)s” is still on a trip "
                       "with people; it must be disinfected before the next one."),
                       vehicle=body.vehicle)
    if is_clean(known.under_way, known.used_until, known.clean_since):
        return None
    return _broken("clean_vehicle", "not_disinfected", _("“%(vehicle)s” has not been disinfected "
                   "since its last trip with people."), vehicle=body.vehicle)


def _overlaps(body: Any, known: Known) -> list[Quarantined]:
    found = []
    same = [b for b in known.booked if b.overlaps(body.depart_at, body.arrive_at)]
    if any(b.vehicle == body.vehicle for b in same):
        found.append(_broken("one_trip", "vehicle_on_other_trip", _("“%(vehicle)s” is on another "
                             "trip at that time."), vehicle=body.vehicle))
    if any(b.driver == body.crew[0] for b in same):
        found.append(_broken("one_trip", "driver_on_other_trip", _("The driver is on another trip "
                             "at that time.")))
    return found


def _places(body: Any, known: Known) -> Quarantined | None:
    without = [p for p in body.passengers if p not in known.placed]
    if not without:
        return None
    return _broken("confirmed_place", "no_confirmed_place", _("%(count)s passengers have no "
                   "confirmed place at “%(destination)s”."), count=len(without),
                   destination=body.destination, persons=_named(without))


def _riding(body: Any, known: Known) -> Quarantined | None:
    twice = [p for p in body.passengers if p in known.riding]
    if not twice:
        return None
    return _broken("one_trip", "passenger_on_other_trip", _("%(count)s passengers are on the list "
                   "of another trip that is not over."), count=len(twice), persons=_named(twice))


def _twice(body: Any, known: Known) -> Quarantined | None:
    """Two records of one human being are one passenger, and take one seat."""
    seen = Counter(known.roots.get(p, p) for p in body.passengers)
    twice = [root for root, n in seen.items() if n > 1]
    if not twice:
        return None
    return _broken("list", "passenger_twice", _("%(count)s passengers are on this list under two "
                   "records that were merged; name each once."), count=len(twice),
                   persons=_named(twice))


def _named(persons: Sequence[UUID]) -> str:
    return ", ".join(str(p) for p in persons[:20])


# ── a confirmed place ────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class PlaceSaid:
    """What an account said about a place for a person. home_fit False = not fit: no place."""

    fact: UUID
    account: str
    home_fit: bool | None
    at: datetime
    cancelled_at: datetime | None = None

    @property
    def order(self) -> tuple[datetime, UUID]:
        return self.at, self.fact


def standing_place(said: Iterable[PlaceSaid]) -> UUID | None:
    """The one confirmation that stands of all that was said about a person's place, or none.

    It is the latest by the time it was said, whatever the order it was heard in; an account's own
    later cancelling or "not fit" ends it, and nobody else's place comes back by that.
    """
    rows = list(said)
    places = [s for s in rows if s.home_fit is not False]
    if not places:
        return None
    last = max(places, key=lambda s: s.order)
    taken_back = any(
        (s.cancelled_at is not None and s.cancelled_at >= last.at)
        or (s.home_fit is False and s.order > last.order)
        for s in rows if s.account == last.account
    )
    return None if taken_back else last.fact
