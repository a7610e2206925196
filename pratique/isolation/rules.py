"""The rules of rooms, rounds and home visits, pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from pratique.journal.fact import Quarantined

FEVER_C = 37.3
TEMPERATURE_C_MIN, TEMPERATURE_C_MAX = 30.0, 45.0
SYMPTOMS_OF_A_READING_MAX = 20
DAYS_BACK_MAX = 30
# A clock may run ahead of the county's by less than this (a round just before midnight).
CLOCK_AHEAD_HOURS_MAX = 2

# A stay in a room begins by `room_given`; it ends by another room or by leaving the site.
STAY_STATES = {"current": {"move": "ended", "leave": "ended"}, "ended": {}}

# When each round is made, local time: from, until (the packs of 2022 say the same).
SLOTS = {"morning": (time(6, 0), time(10, 0)), "evening": (time(16, 0), time(20, 0))}


# ── rounds ───────────────────────────────────────────────────────────────────────────────────────
def slot_window(day: date, slot: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until when a round is made, aware."""
    since, until = SLOTS[slot]
    return datetime.combine(day, since, zone), datetime.combine(day, until, zone)


def read_day(text: str) -> date | None:
    """YYYY-MM-DD as a date, None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if text == day.isoformat() else None


def has_signs(temperature_c: float | None, symptoms: Iterable[str]) -> bool:
    """A fever of 37.3 °C or more, or any symptom named."""
    return (temperature_c is not None and temperature_c >= FEVER_C) or any(symptoms)


def check_round(body: Any, at: datetime, zone: ZoneInfo) -> Quarantined | None:
    """Whether a round makes sense: a day that has come, temperatures that a living body can have.

    One wrong reading refuses the whole round, with the person named, so that its sender mends it.
    """
    day = read_day(body.day)
    if day is None:
        return Quarantined("day_malformed", _("“%(day)s” is no day; write YYYY-MM-DD."),
                           "isolation.round", {"day": body.day[:20]})
    today = (at + timedelta(hours=CLOCK_AHEAD_HOURS_MAX)).astimezone(zone).date()
    if not today - timedelta(days=DAYS_BACK_MAX) <= day <= today:
        return Quarantined("day_not_come", _("A round of %(day)s cannot be told on %(today)s."),
                           "isolation.round", {"day": body.day, "today": today.isoformat()})
    for reading in body.readings:
        warm = reading.temperature_c
        if warm is not None and not TEMPERATURE_C_MIN <= warm <= TEMPERATURE_C_MAX:
            return Quarantined(
                "temperature_impossible", _("%(temperature)s °C is not a body's temperature."),
                "isolation.round", {"temperature": str(warm), "person": str(reading.person)})
        if len(reading.symptoms) > SYMPTOMS_OF_A_READING_MAX or not all(
                s.strip() for s in reading.symptoms):
            return Quarantined(
                "symptoms_wrong", _("A reading names at most %(most)s symptoms, none of them "
                                    "empty."),
                "isolation.round", {"most": SYMPTOMS_OF_A_READING_MAX,
                                    "person": str(reading.person)})
    return None


# ── rooms ────────────────────────────────────────────────────────────────────────────────────────
@dataclass(slots=True)
class Beds:
    """A room's beds, numbered from 1, and who has which: bed -> until when it was last in use.

    taken: beds in use now.
    """

    beds: int
    taken: set[int]
    used_until: dict[int, datetime]

    def lowest_free(self) -> int | None:
        """The lowest bed that nobody has; None when the room is full."""
        return next((b for b in range(1, self.beds + 1) if b not in self.taken), None)

    def free_from(self, bed: int, at: datetime) -> datetime:
        """From when a stay in `bed` counts: two clocks must not put two people into one bed."""
        return max(at, self.used_until.get(bed, at))


def room_full(site: str, room: str, beds: int) -> Quarantined:
    return Quarantined("room_full", _("All %(beds)s beds of room “%(room)s” are taken."),
                       "isolation.one_bed", {"site": site, "room": room, "beds": beds})


def unknown_room(site: str, room: str) -> Quarantined:
    return Quarantined("unknown_room", _("“%(account)s” has no room “%(room)s”."),
                       "isolation.room", {"account": site, "room": room})
