"""Names in a pack that lead nowhere, and numbers that cannot be meant.

`load_pack` refuses a pack with one of these; the checker reports them all. Each problem is
(code, file, where, sentence).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pratique.protocol.feel import literals
from pratique.protocol.history import ACCOUNT_KINDS
from pratique.protocol.schedule import ANCHORS, COUNTS
from pratique.protocol.spec import (
    DEVICE_HOURS_MAX,
    DUTY_KINDS,
    HOLD,
    HOLD_KINDS,
    INPUT_SOURCES,
    MEASURE_DAYS_MAX,
    NO_MEASURE,
    OWNERS,
    SCHEDULED_DUTIES,
    SHAPES,
    TIERS,
    UNKNOWN,
    InputSpec,
    MeasureSpec,
    PackSpec,
)
from pratique.protocol.table import HIT_POLICIES, Row

Found = tuple[str, str, str, str]
_ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
PACK = "pack.toml"


def broken_references(spec: PackSpec, rows: Sequence[Row]) -> Iterator[Found]:
    """Every broken reference and impossible number of a pack whose files could be read."""
    yield from _head(spec)
    for name, said in spec.inputs.items():
        yield from _input(name, said)
    for name, measure in spec.measures.items():
        yield from _measure(spec, name, measure)
    yield from _duties(spec)
    yield from _hold(spec)
    yield from _rounds(spec)
    yield from _devices(spec)
    for row in rows:
        yield from _row(spec, row)


def zone_exists(name: str) -> bool:
    """Is this a zone of the IANA time zone database?"""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _head(spec: PackSpec) -> Iterator[Found]:
    if not _ID.fullmatch(spec.id):
        yield ("bad_id", PACK, "id", f"{spec.id!r} is not lower-case words joined by - or _")
    if not zone_exists(spec.zone):
        yield ("unknown_zone", PACK, "zone", f"there is no time zone {spec.zone!r}")
    if spec.table.hit_policy not in HIT_POLICIES:
        said = f"{spec.table.hit_policy!r} is none of {', '.join(HIT_POLICIES)}"
        yield ("unknown_hit_policy", PACK, "table.hit_policy", said)
    if spec.table.hit_policy == "C":
        yield ("collects", PACK, "table.hit_policy", "C gives several rows; a person needs one")
    if spec.table.hit_policy == "P" and not spec.table.priority:
        yield ("no_priority", PACK, "table.priority", "P needs the order of the output values")
    if not spec.areas:
        yield ("no_area", PACK, "areas", 'no area is named; ["*"] means everywhere')
    for name, colour in spec.colours.items():
        if colour.shape not in SHAPES:
            said = f"no shape {colour.shape!r}; there are {', '.join(SHAPES)}"
            yield ("unknown_shape", PACK, f"colours.{name}.shape", said)
    for name in (NO_MEASURE, UNKNOWN):
        if name not in spec.colours:
            yield ("missing_colour", PACK, f"colours.{name}", f"the pack has no colour {name}")
    if NO_MEASURE in spec.measures and spec.measures[NO_MEASURE].days:
        yield ("none_with_days", PACK, "measures.none.days", "no measure cannot last days")
    if spec.clear_code_days < 1 or spec.late_result_hours < 0:
        yield ("bad_number", PACK, "release", "a time limit is zero or below")


def _input(name: str, said: InputSpec) -> Iterator[Found]:
    place = f"inputs.{name}"
    source = said.source.split(":")[0]
    if source not in INPUT_SOURCES:
        yield ("unknown_source", PACK, place, f"no input comes from {said.source!r}")
    elif INPUT_SOURCES[source] == "text" and not said.values:
        yield ("no_values", PACK, place, "the words that the input can take are not listed")
    elif INPUT_SOURCES[source] == "number" and said.high <= said.low:
        yield ("impossible_range", PACK, place, "low and high leave no number between them")
    if source == "exposure" and said.values and said.values[-1] != NO_MEASURE:
        said_so = "the last value must be none: what a person without an exposure has"
        yield ("no_none", PACK, f"{place}.values", said_so)
    if source == "worst_tier":
        for word in set(said.values) - set(TIERS):
            yield ("unknown_word", PACK, place, f"there is no tier {word!r}")
        if said.lookback_days < 1:
            yield ("no_lookback", PACK, place, "lookback_days is missing")
    wrong = said.regrade_if_other_positive
    if wrong and wrong not in said.values:
        yield ("unknown_word", PACK, f"{place}.regrade_if_other_positive", f"no value {wrong!r}")


def _measure(spec: PackSpec, name: str, measure: MeasureSpec) -> Iterator[Found]:
    place = f"measures.{name}"
    if name in (HOLD, UNKNOWN):
        yield ("reserved", PACK, place, f"{name} is a word of the system, not of a pack")
    if measure.colour not in spec.colours:
        yield ("missing_colour", PACK, f"{place}.colour", f"no colour {measure.colour!r}")
    if measure.anchor not in ANCHORS:
        yield ("unknown_anchor", PACK, f"{place}.anchor", f"no anchor {measure.anchor!r}")
    if measure.anchor == "leaving_area" and not measure.anchor_tiers:
        yield ("no_anchor_tiers", PACK, place, "which tiers of area are left is not said")
    if measure.count not in COUNTS:
        yield ("unknown_count", PACK, f"{place}.count", f"no way of counting {measure.count!r}")
    if measure.anchor_day not in (0, 1):
        yield ("bad_anchor_day", PACK, f"{place}.anchor_day", "the anchor is day 0 or day 1")
    if measure.count == "exact_hours" and measure.anchor_day != 1:
        yield ("bad_anchor_day", PACK, f"{place}.anchor_day", "with exact hours it is day 1")
    if not 0 <= measure.days <= MEASURE_DAYS_MAX:
        yield ("impossible_range", PACK, f"{place}.days", f"0 to {MEASURE_DAYS_MAX} days")
    if measure.tests != sorted(set(measure.tests)):
        yield ("tests_order", PACK, f"{place}.tests", "test days are not in order, once each")
    for day in measure.tests:
        if not 1 <= day <= measure.days:
            said = f"day {day} is not a day of {measure.days} days"
            yield ("impossible_range", PACK, f"{place}.tests", said)
    for part in set(measure.rounds) - set(spec.rounds):
        yield ("unknown_round", PACK, f"{place}.rounds", f"no round {part!r}")
    for kind in set(measure.places) - set(ACCOUNT_KINDS):
        yield ("unknown_place", PACK, f"{place}.places", f"no kind of account {kind!r}")
    yield from _then(spec, name, measure)


def _then(spec: PackSpec, name: str, measure: MeasureSpec) -> Iterator[Found]:
    place = f"measures.{name}.then"
    seen, after = {name}, measure.then
    while after:
        if after not in spec.measures or not spec.measures[after].days:
            yield ("unknown_measure", PACK, place, f"no measure {after!r} with days")
            return
        if after in seen:
            yield ("endless", PACK, place, f"{after} comes round again")
            return
        seen.add(after)
        after = spec.measures[after].then
    if measure.then and set(measure.places) & set(spec.measures[measure.then].places):
        said = "the next measure must be elsewhere: only a hand-over tells that it began"
        yield ("same_place", PACK, place, said)


def _duties(spec: PackSpec) -> Iterator[Found]:
    for kind in DUTY_KINDS:
        if kind not in spec.duties:
            yield ("missing_duty", PACK, f"duties.{kind}", f"the pack says nothing of {kind}")
    for kind, duty in spec.duties.items():
        place = f"duties.{kind}"
        if kind not in DUTY_KINDS:
            yield ("unknown_word", PACK, place, f"there is no kind of duty {kind!r}")
        if duty.owner not in OWNERS:
            yield ("unknown_owner", PACK, f"{place}.owner", f"no owner {duty.owner!r}")
        if duty.chain not in spec.chains:
            yield ("missing_escalation", PACK, f"{place}.chain", f"no chain {duty.chain!r}")
        needs = kind not in SCHEDULED_DUTIES
        if needs and duty.deadline not in spec.deadlines_minutes:
            said = f"no deadline {duty.deadline!r} in deadlines_minutes"
            yield ("missing_deadline", PACK, f"{place}.deadline", said)
    for name, minutes in spec.deadlines_minutes.items():
        if minutes < 1:
            yield ("impossible_range", PACK, f"deadlines_minutes.{name}", "not one minute")
    for name, steps in spec.chains.items():
        if not steps:
            yield ("missing_escalation", PACK, f"chains.{name}", "the chain has no steps")
        if [after for after, _ in steps] != sorted({after for after, _ in steps}):
            yield ("chain_order", PACK, f"chains.{name}", "the minutes do not rise")


def _hold(spec: PackSpec) -> Iterator[Found]:
    if spec.hold.colour not in spec.colours:
        yield ("missing_colour", PACK, "hold.colour", f"no colour {spec.hold.colour!r}")
    if spec.hold.hours < 1:
        yield ("impossible_range", PACK, "hold.hours", "a hold has an end: at least one hour")
    for kind in HOLD_KINDS:
        if spec.hold.negatives.get(kind, -1) < 0:
            said = f"how many new negatives end a hold for {kind} is not said (0 = none does)"
            yield ("missing_hold", PACK, f"hold.negatives.{kind}", said)
    for kind in set(spec.hold.negatives) - set(HOLD_KINDS):
        yield ("unknown_word", PACK, "hold.negatives", f"no reason to hold {kind!r}")


def _rounds(spec: PackSpec) -> Iterator[Found]:
    for name, window in spec.rounds.items():
        try:
            opens, due = time.fromisoformat(window.opens), time.fromisoformat(window.due)
        except ValueError:
            yield ("bad_time", PACK, f"rounds.{name}", "local times are written HH:MM")
            continue
        if due <= opens:
            yield ("impossible_range", PACK, f"rounds.{name}", "it is due before it opens")


def _devices(spec: PackSpec) -> Iterator[Found]:
    said = spec.devices
    for name, hours in (("bundle_hours_max", said.bundle_hours_max),
                        ("silent_hours_max", said.silent_hours_max)):
        if not 1 <= hours <= DEVICE_HOURS_MAX:
            yield ("impossible_range", PACK, f"devices.{name}",
                   f"{hours} hours; it is between 1 and {DEVICE_HOURS_MAX}")


def _row(spec: PackSpec, row: Row) -> Iterator[Found]:
    place = f"line {row.line} ({row.name})"
    for name in ("measure", "landing_test", "transfer"):
        if name not in row.outputs:
            yield ("missing_column", "table.csv", f"out:{name}", f"there is no column out:{name}")
            return
    if row.outputs["measure"] not in spec.measures and row.outputs["measure"] != UNKNOWN:
        said = f"no measure {row.outputs['measure']!r} in pack.toml"
        yield ("unknown_measure", "table.csv", f"{place}, measure", said)
    if row.outputs["transfer"] not in spec.transfers and row.outputs["transfer"] != UNKNOWN:
        said = f"no transfer {row.outputs['transfer']!r} in pack.toml"
        yield ("unknown_transfer", "table.csv", f"{place}, transfer", said)
    if row.outputs["landing_test"] not in ("yes", "no"):
        yield ("unknown_word", "table.csv", f"{place}, landing_test", "write yes or no")
    for (name, said_input), test in zip(spec.inputs.items(), row.tests, strict=True):
        for word in sorted(literals(test) - set(said_input.values)):
            said = f"{word!r} is no value of {name}"
            yield ("unknown_word", "table.csv", f"{place}, {name}", said)
