"""Dated lists of risk areas: reading one, comparing two, and the tier of a stay.

Counting rule (found on the ten real lists, all thirty totals agree): a total is the number of
entries in the `communitys` of all rows of that tier; a row is one county, not one area. A list
whose own totals disagree is still read, and the difference is a finding with both numbers.

A **unit** is what a stay names: a county-level division by its six-digit code, or, where a
published name is no official division, a key made of the three names. A unit's areas are compiled
into one `UnitTiers`, so that ten thousand stays are graded by dict look-ups.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from django.utils.translation import gettext_lazy as _

from pratique.kit.errors import Refusal
from pratique.registry import risk_text
from pratique.registry.divisions import Divisions, divisions, tidy

HIGH, MEDIUM, LOW, NONE, UNKNOWN = "high", "medium", "low", "none", "unknown"
TIER_RANK = {HIGH: 3, MEDIUM: 2, LOW: 1, NONE: 0}
TIERS = ((HIGH, "highlist", "hcount"), (MEDIUM, "middlelist", "mcount"), (LOW, "lowlist", "lcount"))
BEIJING = timezone(timedelta(hours=8), "Beijing")
LIST_BYTES_MAX = 8 * 1024 * 1024
ENTRIES_MAX = 100_000
TEXT_LENGTH_MAX = 4000
NAME_LENGTH_MAX = 60


@dataclass(frozen=True, slots=True)
class Area:
    """One published entry. `key` is its identity from list to list: unit and place together."""

    tier: str
    province: str
    city: str
    county: str
    text: str
    unit: str
    """six-digit code, or the name key of a unit without a division"""
    key: str
    division: str | None
    city_code: str | None
    reach: str
    """place | rest_of_part | rest_of_unit"""
    part: str | None

    @property
    def is_rest(self) -> bool:
        """The rest of the whole unit: applies to stays there at no listed place."""
        return self.reach == risk_text.REST_OF_UNIT

    @property
    def is_unmatched(self) -> bool:
        return self.division is None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a list that a person should look at; it never stops the import."""

    code: str
    text: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A published name without an official division. `rows` and `areas` say how often it came."""

    unit: str
    province: str
    city: str
    county: str
    city_code: str | None
    rows: int
    areas: int


@dataclass(frozen=True, slots=True)
class RiskList:
    """One list as published. `published` and `counted` are totals by tier."""

    stamp_at: datetime
    stamp: str
    areas: tuple[Area, ...]
    published: dict[str, int | None]
    counted: dict[str, int]
    findings: tuple[Finding, ...]
    work_list: tuple[WorkItem, ...]

    @property
    def unmatched_rows(self) -> int:
        """Rows as published (one county in one tier) whose county is no official division."""
        return sum(item.rows for item in self.work_list)


# Reading one list --------------------------------------------------------------------------------


def parse_list(source: bytes | str | Mapping[str, Any], table: Divisions | None = None) -> RiskList:
    """One published list. Raises Refusal when it is not one, or is beyond the limits.

    `source`: the file's bytes or text, or the decoded object, with or without the archive's
    `{"data": …}` around it. `table`: the divisions to resolve names by (the shipped ones).
    """
    data = _payload(source)
    table = table or divisions()
    stamp = str(data["end_update_time"])
    areas, findings, work = _read_rows(data, table)
    counted = {tier: 0 for tier, _list, _count in TIERS}
    for area in areas:
        counted[area.tier] += 1
    empty_rows = sum(1 for f in findings if f.code == "row_without_communities")
    published = {tier: _total(data.get(count)) for tier, _list, count in TIERS}
    findings += _total_findings(published, counted, findings)
    findings += _contradictions(areas)
    if len(areas) > ENTRIES_MAX + empty_rows:
        raise _not_a_list("risk_list_too_long")
    return RiskList(
        parse_stamp(stamp), stamp, tuple(areas), published, counted, tuple(findings), tuple(work)
    )


def parse_stamp(text: str) -> datetime:
    """The publisher's `2022-08-20 23时` (Beijing time) as UTC. Raises Refusal.

    24时 is the end of the day. Minutes (`23:30`) are read too.
    """
    plain = " ".join(str(text).replace("时", ":00").replace("：", ":").split())
    day, _space, clock = plain.partition(" ")
    hour, _colon, minute = clock.partition(":")
    try:
        start = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=BEIJING)
        hours, minutes = int(hour), int(minute[:2] or 0)
    except ValueError:
        raise _bad_stamp(text) from None
    if not (0 <= hours <= 24 and 0 <= minutes < 60) or (hours == 24 and minutes):
        raise _bad_stamp(text)
    return (start + timedelta(hours=hours, minutes=minutes)).astimezone(UTC)


def _payload(source: bytes | str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(source, bytes | str):
        if len(source) > LIST_BYTES_MAX:
            raise _not_a_list("risk_list_too_long")
        try:
            source = json.loads(source)
        except (ValueError, RecursionError):
            raise _not_a_list("risk_list_not_json") from None
    if isinstance(source, Mapping) and isinstance(source.get("data"), Mapping):
        source = source["data"]
    if not isinstance(source, Mapping) or "end_update_time" not in source:
        raise _not_a_list("risk_list_without_stamp")
    for _tier, name, _count in TIERS:
        if not isinstance(source.get(name), list):
            raise _not_a_list("risk_list_without_tier")
    return source


def _read_rows(
    data: Mapping[str, Any], table: Divisions
) -> tuple[list[Area], list[Finding], list[WorkItem]]:
    areas: list[Area] = []
    findings: list[Finding] = []
    unmatched: dict[str, list[tuple[Area, int]]] = {}
    for tier, list_name, _count in TIERS:
        for row in data[list_name]:
            found = _read_row(tier, row, table, findings)
            areas += found
            if len(areas) > ENTRIES_MAX:
                raise _not_a_list("risk_list_too_long")
            if found and found[0].is_unmatched:
                unmatched.setdefault(found[0].unit, []).append((found[0], len(found)))
    work = [_work_item(unit, rows) for unit, rows in sorted(unmatched.items())]
    return areas, findings, work


def _work_item(unit: str, rows: list[tuple[Area, int]]) -> WorkItem:
    first = rows[0][0]
    return WorkItem(
        unit, first.province, first.city, first.county, first.city_code,
        rows=len(rows), areas=sum(count for _area, count in rows),
    )


def _read_row(tier: str, row: Any, table: Divisions, findings: list[Finding]) -> list[Area]:
    names = _row_names(row)
    province, city, county = (tidy(name) for name in names)
    place = table.resolve(province, city, county)
    unit = place.division or name_key(province, city, county)
    texts = row["communitys"]
    if not texts:
        # A row that names no place can only mean the whole county; less would miss people.
        findings.append(Finding("row_without_communities", " ".join(names), {"tier": tier}))
        texts = [""]
    areas = []
    for text in texts:
        reading = risk_text.read_area(
            text, province=province, city=city, county=county, part=place.part
        )
        if text and not risk_text.normalise_text(text):
            findings.append(Finding("text_without_words", text, {"tier": tier, "unit": unit}))
        areas.append(
            Area(
                tier, names[0], names[1], names[2], text, unit, f"{unit}/{reading.key}",
                place.division, place.city, reading.reach, reading.part,
            )
        )
    return areas


def _row_names(row: Any) -> tuple[str, str, str]:
    """Province, city and county of a row, every cell checked. Raises Refusal."""
    if not isinstance(row, Mapping):
        raise _not_a_list("risk_list_row_shape")
    names = [n for n in map(row.get, ("province", "city", "county")) if isinstance(n, str)]
    texts = row.get("communitys")
    if len(names) != 3 or any(len(n) > NAME_LENGTH_MAX for n in names):
        raise _not_a_list("risk_list_row_shape")
    if not isinstance(texts, list) or not all(
        isinstance(t, str) and len(t) <= TEXT_LENGTH_MAX and "\0" not in t for t in texts
    ):
        raise _not_a_list("risk_list_row_shape")
    if not tidy(names[0]) or not tidy(names[1] + names[2]) or "\0" in "".join(names):
        raise _not_a_list("risk_list_row_shape")
    return names[0].strip(), names[1].strip(), names[2].strip()


def name_key(province: str, city: str, county: str) -> str:
    """The unit of a place that is no official division: its three names, each said once."""
    parts = dict.fromkeys(tidy(name) for name in (province, city, county))
    return "name:" + "|".join(parts)


def _total(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _total_findings(
    published: dict[str, int | None], counted: dict[str, int], rows: list[Finding]
) -> list[Finding]:
    """Where the publisher's own total is missing or another than ours (rows without places off)."""
    found = []
    empty = Counter(f.params["tier"] for f in rows if f.code == "row_without_communities")
    for tier, count in counted.items():
        entries = count - empty[tier]
        if published[tier] != entries:
            params = {"tier": tier, "published": published[tier], "counted": entries}
            found.append(Finding("total_differs", tier, params))
    return found


def _contradictions(areas: Iterable[Area]) -> list[Finding]:
    """Areas that one list names twice. In two tiers the higher counts: never the milder by luck."""
    tiers: dict[str, list[Area]] = {}
    for area in areas:
        tiers.setdefault(area.key, []).append(area)
    return [
        Finding(
            "area_in_two_tiers" if len({a.tier for a in same}) > 1 else "area_listed_twice",
            key,
            {"tiers": [a.tier for a in same], "texts": [a.text for a in same]},
        )
        for key, same in tiers.items()
        if len(same) > 1
    ]


def _bad_stamp(text: Any) -> Refusal:
    return Refusal(
        "risk_list_stamp",
        _("“%(stamp)s” is no time of a risk list; one like 2022-08-20 23时 is expected."),
        "registry.risk_lists.stamp",
        stamp=str(text)[:NAME_LENGTH_MAX],
    )


def _not_a_list(code: str) -> Refusal:
    return Refusal(
        code,
        _("This is not a published list of risk areas that can be read (%(what)s)."),
        "registry.risk_lists.shape",
        what=code,
    )


# Comparing two lists -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListChange:
    """What a later list changed. `changed`: (before, after) with another tier; `reworded`: the
    same area and tier in other words, which changes nobody's grade."""

    opened: tuple[Area, ...]
    closed: tuple[Area, ...]
    changed: tuple[tuple[Area, Area], ...]
    reworded: tuple[tuple[Area, Area], ...] = ()

    @property
    def units(self) -> frozenset[str]:
        """Units where somebody's grade may have changed: only stays there are looked at again."""
        areas = (*self.opened, *self.closed, *(after for _before, after in self.changed))
        return frozenset(area.unit for area in areas)


def in_force(areas: Iterable[Area]) -> dict[str, Area]:
    """One area a key: where a list names one twice, the higher tier, then the first."""
    best: dict[str, Area] = {}
    for area in areas:
        other = best.get(area.key)
        if other is None or TIER_RANK[area.tier] > TIER_RANK[other.tier]:
            best[area.key] = area
    return best


def diff(old: Iterable[Area], new: Iterable[Area]) -> ListChange:
    """What `new` changed against `old`, both as published. Order follows the lists."""
    before, after = in_force(old), in_force(new)
    both = [(before[key], area) for key, area in after.items() if key in before]
    return ListChange(
        opened=tuple(area for key, area in after.items() if key not in before),
        closed=tuple(area for key, area in before.items() if key not in after),
        changed=tuple(pair for pair in both if pair[0].tier != pair[1].tier),
        reworded=tuple(p for p in both if p[0].tier == p[1].tier and p[0] != p[1]),
    )


def apply_change(old: Iterable[Area], change: ListChange) -> dict[str, Area]:
    """`old` after `change`: equal to `in_force(new)`. The law that `diff` is tested by."""
    result = in_force(old)
    for area in change.closed:
        del result[area.key]
    for _before, after in (*change.changed, *change.reworded):
        result[after.key] = after
    result.update((area.key, area) for area in change.opened)
    return result


@dataclass(frozen=True, slots=True)
class Validity:
    """An area in one tier, in force from `valid_from` until before `valid_until` (None: still)."""

    area: Area
    valid_from: datetime
    valid_until: datetime | None


def validity(lists: Sequence[RiskList]) -> list[Validity]:
    """The ranges of all areas over `lists`, in any order of import.

    An area is valid from the stamp of the first list that has it in a tier until the stamp of the
    first later list that has it not, or in another tier. One that comes back opens a new range.
    """
    running: dict[str, tuple[Area, datetime]] = {}
    closed: list[Validity] = []
    for risk_list in sorted(lists, key=lambda one: one.stamp_at):
        now, at = in_force(risk_list.areas), risk_list.stamp_at
        for key, (area, since) in list(running.items()):
            if key not in now or now[key].tier != area.tier:
                closed.append(Validity(area, since, at))
                del running[key]
        for key, area in now.items():
            running.setdefault(key, (area, at))
    return closed + [Validity(area, since, None) for area, since in running.values()]
