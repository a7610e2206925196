"""Risk areas read: the tier of stays at a moment, what a desk offers to tick, the work list.

Everything is set-wise: four statements for any number of stays.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import psycopg

from pratique.journal.prove import Law
from pratique.kit.arrays import texts, uuids
from pratique.kit.sql import reading
from pratique.registry.risk_lists import HIGH, LOW, MEDIUM, NONE, TIER_RANK, UNKNOWN, Area
from pratique.registry.risk_text import PLACE, REST_OF_UNIT
from pratique.registry.risk_tiers import (
    Grade,
    UnitTiers,
    compile_list,
    match_text,
    places_not_asked,
    tier_of,
)

# Over one stay the worst counts; unknown may be high, so it stands above what is less.
WORST = {HIGH: 4, UNKNOWN: 3, MEDIUM: 2, LOW: 1, NONE: 0}


@dataclass(frozen=True, slots=True)
class StayQuestion:
    """A stay as the traveller told it.

    unit: a six-digit division, or the key of a zone that is none. answer: the key of a listed
    place, "none", or None when they could not say. asked_at: when they were asked, and so which
    places they were shown.
    """

    unit: str
    answer: str | None
    since: datetime
    until: datetime
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class StayGrade:
    """The worst tier of a stay, and what gave it.

    why: a code of `risk_tiers.Grade`, or `no_list`. evidence: the fact of the list that gave it.
    not_asked: keys of places listed since, which the traveller was not shown (highest tier first).
    """

    tier: str
    why: str
    key: str | None
    text: str
    stamp: datetime | None
    evidence: UUID | None
    not_asked: tuple[str, ...]


# From the units to their areas to the areas' times in two steps, not one join, so that the way is
# the same before the first statistics of a young table as after.
_AREAS = """
SELECT area, tier, province, city, county, text, unit, key, division, rest
FROM registry_riskarea WHERE unit = ANY(%b)
"""
_TIMES = """
SELECT area, valid_from, valid_until FROM registry_riskvalidity
WHERE area = ANY(%b) AND valid_from <= %s AND (valid_until IS NULL OR valid_until > %s)
"""
_MAPPED = """
SELECT unit, division FROM registry_zone
WHERE division IS NOT NULL AND (division = ANY(%b) OR unit = ANY(%b))
"""


@dataclass(frozen=True, slots=True)
class _Span:
    """An area in one unit with the time in which it is in force."""

    since: datetime
    until: datetime | None
    area: Area

    def in_force(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


class Lists:
    """What the lists say about some units over some time; read once, then asked in memory."""

    def __init__(
        self, cursor: psycopg.Cursor, units: Iterable[str], since: datetime, until: datetime
    ) -> None:
        wanted = sorted(set(units))
        cursor.execute("SELECT stamp, fact FROM registry_risklist WHERE stamp <= %s "
                       "ORDER BY stamp", (until,))
        self.lists: list[tuple[datetime, UUID]] = cursor.fetchall()
        first = max((s for s, __ in self.lists if s <= since), default=since)
        cursor.execute(_MAPPED, (texts(wanted), texts(wanted)))
        mapped: dict[str, str] = dict(cursor.fetchall())
        cursor.execute(_AREAS, (texts({*wanted, *mapped}),))
        areas = {row[0]: _area(row) for row in cursor.fetchall()}
        cursor.execute(_TIMES, (uuids(areas), until, first))
        self.spans: dict[str, list[_Span]] = {unit: [] for unit in wanted}
        for area, valid_from, valid_until in cursor.fetchall():
            for span in _spans(areas[area], valid_from, valid_until, mapped):
                if span.area.unit in self.spans:
                    self.spans[span.area.unit].append(span)
        self._compiled: dict[tuple[str, datetime], UnitTiers | None] = {}

    def stamps(self, since: datetime, until: datetime) -> list[tuple[datetime, UUID]]:
        """The lists in force at some time of [since, until]: (stamp, fact)."""
        before = [one for one in self.lists if one[0] <= since][-1:]
        return before + [one for one in self.lists if since < one[0] <= until]

    def unit_at(self, unit: str, stamp: datetime) -> UnitTiers | None:
        """The unit in the list of `stamp`; None when that list does not name it."""
        asked = (unit, stamp)
        if asked not in self._compiled:
            areas = [s.area for s in self.spans.get(unit, ()) if s.in_force(stamp)]
            self._compiled[asked] = compile_list(areas).get(unit)
        return self._compiled[asked]


def _area(row: tuple) -> Area:
    __, tier, province, city, county, text, unit, key, division, rest = row
    return Area(tier, province, city, county, text, unit, key, division, None,
                REST_OF_UNIT if rest else PLACE, None)


def _spans(
    area: Area, since: datetime, until: datetime | None, mapped: dict[str, str]
) -> list[_Span]:
    """An area under its own unit and, where a person mapped its zone, in the division as well.

    There a zone's rest is a place to tick, not the rest of the division.
    """
    spans = [_Span(since, until, area)]
    if area.unit in mapped:
        division = mapped[area.unit]
        inside = replace(area, unit=division, division=division, reach=PLACE)
        spans.append(_Span(since, until, inside))
    return spans


def grade_stays(
    cursor: psycopg.Cursor, questions: Sequence[StayQuestion], *, at: datetime
) -> list[StayGrade]:
    """The tier of each stay, by the lists in force from its beginning until `at`, the worst first.

    A place that was high during the stay stays high history although it was lifted since; a place
    that a later list names counts too, because its case was there before its listing. `unknown`
    when no list is known for the time at all, or the traveller could not say and it mattered.
    Four statements, whatever the number of stays.
    """
    if not questions:
        return []
    since = min(min(q.since, q.asked_at) for q in questions)
    lists = Lists(cursor, {q.unit for q in questions}, since, at)
    known: dict[StayQuestion, StayGrade] = {}
    for question in questions:
        if question not in known:
            known[question] = _grade(lists, question, at)
    return [known[question] for question in questions]


def _grade(lists: Lists, question: StayQuestion, at: datetime) -> StayGrade:
    stamps = lists.stamps(question.since, at)
    if not stamps:
        return StayGrade(UNKNOWN, "no_list", None, "", None, None, ())
    grades = [
        (tier_of(lists.unit_at(question.unit, stamp), question.answer), stamp, fact)
        for stamp, fact in stamps
    ]
    # Of equal tiers the latest list speaks: it is the one that people can look up.
    worst, stamp, fact = max(grades, key=lambda one: (WORST[one[0].tier], one[1]))
    asked = lists.stamps(question.asked_at, question.asked_at)
    shown = lists.unit_at(question.unit, asked[-1][0]) if asked else None
    fresh = places_not_asked(shown, lists.unit_at(question.unit, stamps[-1][0]), question.answer)
    worse = [a.key for a in fresh if WORST[a.tier] > WORST[worst.tier]]
    return _answer(worst, stamp, fact, worse)


def _answer(grade: Grade, stamp: datetime, fact: UUID, worse: list[str]) -> StayGrade:
    area = grade.area
    return StayGrade(grade.tier, grade.why, area.key if area else None, area.text if area else "",
                     stamp, fact, tuple(worse))


def unit_at(unit: str, at: datetime) -> UnitTiers | None:
    """What the list in force at `at` says about a unit: the places that a desk offers to tick."""
    with reading() as cursor:
        lists = Lists(cursor, [unit], at, at)
        stamps = lists.stamps(at, at)
        return lists.unit_at(unit, stamps[-1][0]) if stamps else None


def places_like(unit: str, at: datetime, text: str) -> list[Area]:
    """Listed places of a unit that a free-text address may mean; for a person to choose."""
    tiers = unit_at(unit, at)
    return match_text(tiers, text) if tiers else []


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A published name that is no official division. Open while `decided_by` is None."""

    unit: str
    province: str
    city: str
    county: str
    rows: int
    areas: int
    first_stamp: datetime
    last_stamp: datetime
    division: str | None
    decided_by: UUID | None


def zones(*, only_open: bool = False) -> list[ZoneRow]:
    """The work list, those of the latest list first. rows and areas: in the latest list."""
    with reading() as cursor:
        cursor.execute(
            "SELECT unit, province, city, county, rows, areas, first_stamp, last_stamp, division, "
            "decided_by FROM registry_zone WHERE NOT %s OR decided_by IS NULL "
            "ORDER BY last_stamp DESC, unit", (only_open,))
        return [ZoneRow(*row) for row in cursor.fetchall()]


def zones_of_city(city: str) -> list[tuple[str, str]]:
    """(unit, name) of zones of a prefecture (its name), to offer beside its counties."""
    with reading() as cursor:
        cursor.execute("SELECT unit, county FROM registry_zone WHERE city = %s ORDER BY unit",
                       (city,))
        return cursor.fetchall()


def published_lists() -> list[tuple[datetime, UUID, str, dict, dict]]:
    """(stamp, fact, source, published totals, counted totals) of every list, newest first."""
    with reading() as cursor:
        cursor.execute("SELECT stamp, fact, source, published::text, counted::text "
                       "FROM registry_risklist ORDER BY stamp DESC")
        return [(s, f, source, json.loads(p), json.loads(c))
                for s, f, source, p, c in cursor.fetchall()]


def totals_at(at: datetime) -> dict[str, int]:
    """Areas in force at `at`, by tier."""
    with reading() as cursor:
        cursor.execute(
            "SELECT a.tier, count(*) FROM registry_riskvalidity v JOIN registry_riskarea a "
            "USING (area) WHERE v.valid_from <= %s "
            "AND (v.valid_until IS NULL OR v.valid_until > %s) GROUP BY 1", (at, at))
        return dict.fromkeys((t for t in TIER_RANK if t != NONE), 0) | dict(cursor.fetchall())


# A run of lists without a gap is one range: within it, list number minus running number is equal.
_RUNS = """
WITH lists AS (
    SELECT stamp, row_number() OVER (ORDER BY stamp) AS number FROM registry_risklist
), members AS (
    SELECT m.area, l.stamp, l.number,
           l.number - row_number() OVER (PARTITION BY m.area ORDER BY l.number) AS run
    FROM registry_riskmembership m JOIN lists l USING (stamp)
), runs AS (
    SELECT area, min(stamp) AS valid_from, max(number) AS last FROM members GROUP BY area, run
), ranges AS (
    SELECT r.area, a.key, r.valid_from, after.stamp AS valid_until
    FROM runs r JOIN registry_riskarea a USING (area)
    LEFT JOIN lists after ON after.number = r.last + 1
)
"""
_KEPT = "SELECT area, key, valid_from, valid_until FROM registry_riskvalidity"
RISK_LAWS = (
    Law("registry.risk_ranges", "An area is in force from one list's stamp until a list without "
        "it.",
        f"{_RUNS} ({_KEPT} EXCEPT TABLE ranges) UNION ALL (TABLE ranges EXCEPT {_KEPT})"),
    Law("registry.one_tier", "A place is in one tier at a time.",
        "SELECT a.key, a.valid_from FROM registry_riskvalidity a JOIN registry_riskvalidity b "
        "ON a.key = b.key AND a.area <> b.area "
        "AND tstzrange(a.valid_from, a.valid_until) && tstzrange(b.valid_from, b.valid_until)"),
    Law("registry.work_list", "Every area without an official division is on the work list.",
        "SELECT a.area FROM registry_riskarea a LEFT JOIN registry_zone z ON z.unit = a.unit "
        "WHERE a.division IS NULL AND z.unit IS NULL"),
)
