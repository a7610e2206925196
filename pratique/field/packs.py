"""Packs and risk lists as plain data for a device, which decides by them without a network.

What a pack is compiled to here (`protocol.pack`) is written out as rows of unary tests, not as the
look-up of all combinations: shipped tables are small either way, but a pack with a number among its
inputs may have 200,000 combinations and only a dozen rows. `static/field/core/` reads it all; a
test asks both languages for every combination that the shipped packs have.

Moments are whole milliseconds since 1970, spans of time milliseconds: JavaScript's own numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from pratique.field.paper_words import paper_words
from pratique.pathway.histories import ask_frame
from pratique.protocol.feel import AnyOf, Anything, Between, Compares, Equals, Not, Test
from pratique.protocol.history import Order
from pratique.protocol.pack import Pack, shipped
from pratique.protocol.plan import Plan, Stage
from pratique.protocol.table import Input, Row, Table
from pratique.registry.atlas import Atlas, Listed
from pratique.registry.risk_lists import TIER_RANK
from pratique.registry.stays import atlas

Data = dict[str, Any]
# The words that a decision at the gate may need; those of duties, rounds and holds stay behind.
WORDS_NEEDED = ("colour.", "condition.", "input.", "label.", "measure.", "reason.", "tier.",
                "transfer.")
WORDS_LEFT = ("reason.hold.",)
_written: tuple[tuple, Data] | None = None
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def packs_in_force(cursor: psycopg.Cursor) -> Data:
    """Every adopted pack with its time, the packs' data by id, and the orders.

    Late entries are decided by the pack of their time, so the earlier ones come along. One that
    this server does not have is named without data, and nothing is decided for its time.
    """
    shared = ask_frame(cursor)()
    named = {pack for __, pack, __ in shared.packs}
    return {
        "adopted": [{"since": moment(since), "pack": pack, "version": version}
                    for since, pack, version in shared.packs],
        "packs": {pack: pack_data(shipped()[pack]) for pack in sorted(named & set(shipped()))},
        "orders": [order_data(order) for order in shared.orders],
    }


def risk_lists(cursor: psycopg.Cursor) -> Data:
    """All lists of risk areas, as a map of units with dated areas; written out once a version."""
    global _written  # noqa: PLW0603 (a cache of one, keyed by the map's version)
    now_known = atlas(cursor)
    if _written is None or _written[0] != now_known.version:
        _written = now_known.version, atlas_data(now_known)
    return _written[1]


def moment(at: datetime) -> int | float:
    """A moment as JavaScript counts it."""
    return milliseconds(at - _EPOCH)


def milliseconds(span: timedelta) -> int | float:
    """A span in milliseconds, whole where it is."""
    count = span / _MILLISECOND
    return int(count) if count.is_integer() else count


def order_data(order: Order) -> Data:
    """An order, as far as it says whether it is in force."""
    return {
        "order": str(order.order), "pack": order.pack, "area": order.area,
        "since": moment(order.since),
        "until": None if order.until is None else moment(order.until),
    }


# Packs --------------------------------------------------------------------------------------------


def pack_data(pack: Pack) -> Data:
    """All of a pack that the decision of a fresh arrival needs, its words in both languages."""
    return {
        "id": pack.id,
        "version": pack.version,
        "titles": {"zh-hans": pack.title_zh, "en": pack.title_en},
        "zone": pack.zone.key,
        "areas": list(pack.areas),
        "landing_exempt": sorted(pack.landing_exempt),
        "conditions": {word: f"condition.{said}"
                       for word, said in pack.special_conditions.items()},
        "clear_colour": pack.clear_colour,
        "clear_code_ms": milliseconds(pack.clear_code),
        "late_result_ms": milliseconds(pack.late_result),
        "swab_ms": milliseconds(pack.duties["swab"].within),
        "table": _pack_table(pack),
        "plans": {name: _plan(plan) for name, plan in pack.plans.items()},
        "may_turn_back": [name for name in pack.measures if pack.may_turn_back(name)],
        "colours": {name: colour.shape for name, colour in pack.colours.items()},
        # What a round on the device marks at once; holds themselves are the pathway's.
        "signs": {"temperature_c": pack.hold.temperature_c, "symptoms": pack.hold.symptoms},
        "words": _words(pack),
    }


def _pack_table(pack: Pack) -> Data:
    """The table with the source of each input, which the table itself knows nothing of."""
    data = table_data(pack.table)
    for column in data["inputs"]:
        said = pack.inputs[column["name"]]
        column["source"] = said.source
        column["lookback_days"] = said.lookback_days
        column["gap_ms_max"] = milliseconds(timedelta(hours=said.gap_hours_max))
    return data


def table_data(table: Table) -> Data:
    """A decision table as `core/table.js` reads it."""
    return {
        "inputs": [_input(*pair) for pair in zip(table.inputs, table.cuts, strict=True)],
        "rows": [_row(row) for row in table.rows],
        "hit_policy": table.hit_policy,
        "priority": {name: list(order) for name, order in table.priority.items()},
    }


def _input(column: Input, cuts: tuple[float, ...]) -> Data:
    return {
        "name": column.name, "kind": column.kind, "values": list(column.values),
        "ordered": column.ordered, "low": column.low, "high": column.high, "cuts": list(cuts),
    }


def _row(row: Row) -> Data:
    return {"name": row.name, "tests": [unary_test(test) for test in row.tests],
            "outputs": dict(row.outputs)}


def unary_test(test: Test) -> Data | None:
    """One unary test; its form is told by its fields, so that no value is taken for a form."""
    match test:
        case Anything():
            return None
        case Equals(wanted):
            return {"is": wanted}
        case Compares(sign, bound):
            return {"sign": sign, "bound": bound}
        case Between(low, high, low_in, high_in):
            return {"low": low, "high": high, "low_in": low_in, "high_in": high_in}
        case AnyOf(tests):
            return {"any": [unary_test(inner) for inner in tests]}
        case Not(inner):
            return {"not": unary_test(inner)}
    raise TypeError(f"no such test: {test!r}")


def _plan(plan: Plan) -> Data:
    return {
        "landing_test": plan.landing_test, "transfer": plan.transfer,
        "stages": [_stage(stage) for stage in plan.stages],
        "anchor": plan.anchor, "anchor_tiers": list(plan.anchor_tiers),
        "anchor_day": plan.anchor_day, "count": plan.count,
        "spacing_ms": milliseconds(plan.spacing), "slack_ms": milliseconds(plan.slack),
        "reason": plan.reason, "restrictive": plan.restrictive,
        "params": [list(pair) for pair in plan.params],
    }


def _stage(stage: Stage) -> Data:
    return {
        "measure": stage.measure, "colour": stage.colour, "restrictive": stage.restrictive,
        "first_day": stage.first_day, "last_day": stage.last_day,
        "tests": list(stage.test_days), "waits_for_other": stage.other_negatives > 0,
    }


def _words(pack: Pack) -> dict[str, dict[str, str]]:
    papers = paper_words()
    return {language: {**_needed(words), **papers[language]}
            for language, words in pack.words.items()}


def _needed(words: Mapping[str, str]) -> dict[str, str]:
    return {key: said for key, said in words.items()
            if key.startswith(WORDS_NEEDED) and not key.startswith(WORDS_LEFT)}


# Risk lists ---------------------------------------------------------------------------------------


def atlas_data(risk: Atlas) -> Data:
    """The map of the lists: `stamps`, and for each unit its places, in the atlas's order.

    A place is [end of its key, text, tier's rank, is it the rest, number of the first list that has
    it, number of the first one after that has it not]; a text that is the end of the key is left
    out (null), and a seventh cell names the unit of the key where a person found another one for
    it. A place keeps its whole key on the device: the answer that a stay carries.
    """
    numbers = {stamp: number for number, stamp in enumerate(risk.stamps)}
    return {
        "stamps": [moment(stamp) for stamp in risk.stamps],
        "units": {unit: [_listed(unit, place, numbers) for place in places]
                  for unit, places in sorted(risk.places.items())},
    }


def _listed(unit: str, place: Listed, numbers: Mapping[datetime, int]) -> list[Any]:
    area = place.area
    home, __, tail = area.key.partition("/")
    row: list[Any] = [
        tail, None if area.text == tail else area.text, TIER_RANK[area.tier], int(area.is_rest),
        numbers[place.valid_from],
        None if place.valid_until is None else numbers[place.valid_until],
    ]
    return row if home == unit else [*row, home]
