"""Worked examples of a pack: a story told as facts, and what must come of it.

They live in the pack's `examples.toml`, are run by the checker and by the tests, and are the way
in which an epidemiologist says what she meant. Times are local, in the pack's zone; tubes have
names, and duty keys in an example use those names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec

from pratique.protocol.evaluate import evaluate
from pratique.protocol.history import (
    Exposure,
    History,
    Order,
    Other,
    Reading,
    SpecimenRecord,
    Stay,
)
from pratique.protocol.outcome import Outcome
from pratique.protocol.pack import Pack

EXAMPLES_MAX = 500


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of examples.toml."""


class StayTold(_Strict):
    """A stay; local times."""

    tier: str
    since: datetime
    until: datetime
    place: str = "somewhere"


class SpecimenTold(_Strict):
    """A tube by name; what has not happened is left out."""

    name: str
    collected: datetime
    purpose: str = "day"
    received: datetime | None = None
    resulted: datetime | None = None
    reported: datetime | None = None
    result: str | None = None
    voided: bool = False


class ReadingTold(_Strict):
    """A temperature with symptoms, by name."""

    name: str
    at: datetime
    temperature_c: float | None = None
    symptoms: list[str] = []


class ExposureTold(_Strict):
    """An exposure by kind."""

    kind: str
    first: datetime
    last: datetime


class OtherTold(_Strict):
    """The other person's tests."""

    negatives: int
    known: datetime
    positive: bool = False


class OrderTold(_Strict):
    """A legal order; without an area it is one of the pack's own."""

    since: datetime
    until: datetime | None = None
    area: str = ""
    pack: str = ""


class Expected(_Strict):
    """What must come of it. Only what is named is compared."""

    measure: str | None = None
    row: str | None = None
    tier: str | None = None
    transfer: str | None = None
    landing_test: bool | None = None
    unknown_inputs: list[str] | None = None
    conditions: list[str] | None = None
    counted_from: datetime | None = None
    ends: datetime | None = None
    tests_on: list[date] | None = None
    colour: str | None = None
    reason: str | None = None
    label: str | None = None
    restrictive: bool | None = None
    turn_back: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    duties: list[str] | None = None
    closed: list[str] | None = None
    absent: list[str] | None = None
    due: dict[str, datetime] | None = None
    rounds: int | None = None
    release_due: datetime | None = None
    allowed: bool | None = None
    missing: list[str] | None = None


class Example(_Strict):
    """One worked example."""

    name: str
    arrived: datetime
    expect: Expected
    resident: bool | None = True
    outside: bool | None = True
    tier: str = ""
    stays: list[StayTold] = []
    landing: bool = False
    negative_tests_on: list[date] = []
    specimens: list[SpecimenTold] = []
    readings: list[ReadingTold] = []
    exposures: list[ExposureTold] = []
    others: list[OtherTold] = []
    special: list[str] = []
    orders: list[OrderTold] | None = None
    account: str = "checkpoint"
    account_since: datetime | None = None
    home_confirmed: bool | None = None
    ended: datetime | None = None
    now: datetime | None = None


class ExamplesFile(_Strict):
    """The whole file."""

    example: list[Example]


def read_examples(folder: Path) -> list[Example]:
    """The examples of a pack. Raises OSError, msgspec.DecodeError or ValueError."""
    told = msgspec.toml.decode((folder / "examples.toml").read_bytes(), type=ExamplesFile)
    if len(told.example) > EXAMPLES_MAX:
        raise ValueError(f"more than {EXAMPLES_MAX} examples")
    return told.example


def an_id(name: str) -> UUID:
    """A stable id for a name in a story."""
    return uuid5(NAMESPACE_OID, name)


def history_of(pack: Pack, told: Example) -> History:
    """The history that an example tells."""

    def utc(at: datetime) -> datetime:
        return at.replace(tzinfo=at.tzinfo or pack.zone).astimezone(UTC)

    arrived = utc(told.arrived)
    stays = [
        Stay(one.tier, utc(one.since), utc(one.until), one.place, (an_id(f"stay {number}"),))
        for number, one in enumerate(told.stays)
    ]
    if told.tier:
        before = arrived - timedelta(days=7)
        left = arrived - timedelta(hours=4)
        stays.append(Stay(told.tier, before, left, "somewhere", (an_id("stay"),)))
    return History(
        person=an_id("person"),
        episode=an_id("episode"),
        arrived_at=arrived,
        arrived_account="first landing point",
        account="first landing point" if told.account == "checkpoint" else told.account,
        account_kind=told.account,
        account_since=utc(told.account_since) if told.account_since else arrived,
        resident=told.resident,
        from_outside_province=told.outside,
        destination="141123101",
        stays=tuple(stays),
        specimens=tuple(_specimens(pack, told)),
        readings=tuple(
            Reading(utc(one.at), one.temperature_c, tuple(one.symptoms), an_id(one.name))
            for one in told.readings
        ),
        exposures=tuple(
            Exposure(one.kind, utc(one.first), utc(one.last), an_id(f"exposure {number}"))
            for number, one in enumerate(told.exposures)
        ),
        special=frozenset(told.special),
        orders=tuple(_orders(pack, told)),
        home_confirmed=told.home_confirmed,
        ended_at=utc(told.ended) if told.ended else None,
        ended_evidence=an_id("end") if told.ended else None,
        others=tuple(
            Other("close_contact", an_id(f"other {number}"), one.negatives, one.positive,
                  utc(one.known), an_id(f"other's tests {number}"))
            for number, one in enumerate(told.others)
        ),
    )


def _orders(pack: Pack, told: Example) -> Iterator[Order]:
    area = pack.areas[0].replace("*", "141123")
    begin = told.arrived - timedelta(days=1)
    for one in told.orders if told.orders is not None else [OrderTold(since=begin)]:
        since = one.since.replace(tzinfo=pack.zone).astimezone(UTC)
        until = one.until and one.until.replace(tzinfo=pack.zone).astimezone(UTC)
        name = an_id(f"order {one.since}")
        yield Order(name, one.pack or pack.id, one.area or area, "told", since, until)


def _specimens(pack: Pack, told: Example) -> Iterator[SpecimenRecord]:
    every = list(told.specimens)
    if told.landing:
        at = told.arrived
        every.append(SpecimenTold(
            "landing", at + timedelta(minutes=10), "landing", at + timedelta(hours=2),
            at + timedelta(hours=6), at + timedelta(hours=6, minutes=5), "negative"))
    for day in told.negative_tests_on:
        nine = datetime.combine(day, time(9))
        every.append(SpecimenTold(
            f"day {day}", nine, "day", nine + timedelta(hours=1), nine + timedelta(hours=6),
            nine + timedelta(hours=6), "negative"))
    for one in every:
        times = [one.collected, one.received, one.resulted, one.reported]
        moments = [at and at.replace(tzinfo=pack.zone).astimezone(UTC) for at in times]
        steps = [step for step, at in zip("abcd", moments, strict=True) if at]
        assert moments[0] is not None
        yield SpecimenRecord(
            an_id(one.name), one.purpose, moments[0], moments[1], moments[2], moments[3],
            one.result, one.voided, tuple(an_id(f"{one.name} {step}") for step in steps))


def run_example(pack: Pack, told: Example) -> list[str]:
    """What differs between the example and what `evaluate` says, one sentence each."""
    now = (told.now or told.arrived).replace(tzinfo=pack.zone).astimezone(UTC)
    outcome = evaluate(pack, history_of(pack, told), now)
    named = [one.name for one in told.specimens] + [one.name for one in told.readings]
    names = {str(an_id(name)): name for name in named}
    names[str(an_id("landing"))] = "landing"
    names.update({str(an_id(f"day {day}")): f"day {day}" for day in told.negative_tests_on})
    found = _answers(pack, outcome, names)
    differences: list[str] = []
    for field in told.expect.__struct_fields__:
        wanted = getattr(told.expect, field)
        if wanted is None or field in ("duties", "closed", "absent", "due"):
            continue
        if found[field] != wanted:
            differences.append(f"{field} is {_show(found[field])}, not {_show(wanted)}")
    return differences + list(_duty_differences(pack, told.expect, outcome, names))


def _answers(pack: Pack, outcome: Outcome, names: dict[str, str]) -> dict[str, object]:
    def local(at: datetime | None) -> datetime | None:
        return at and at.astimezone(pack.zone).replace(tzinfo=None)

    decision, standing, release = outcome.decision, outcome.standing, outcome.release
    return {
        "measure": decision.measure,
        "row": decision.row,
        "tier": decision.tier,
        "transfer": decision.transfer,
        "landing_test": decision.landing_test,
        "unknown_inputs": list(decision.unknown_inputs),
        "conditions": list(decision.conditions),
        "counted_from": local(decision.counted_from),
        "ends": local(decision.ends_at),
        "tests_on": [at.astimezone(pack.zone).date() for at in decision.tests_on],
        "colour": standing.colour,
        "reason": standing.reason,
        "label": standing.label or "",
        "restrictive": standing.restrictive,
        "turn_back": pack.may_turn_back(decision.measure),
        "since": local(standing.since),
        "until": local(standing.until),
        "rounds": sum(duty.kind == "round" for duty in outcome.duties),
        "release_due": local(release.due_at),
        "allowed": release.allowed,
        "missing": list(release.missing),
    }


def _duty_differences(
    pack: Pack, expect: Expected, outcome: Outcome, names: dict[str, str]
) -> Iterator[str]:
    by_key = {_told_key(duty.key, names): duty for duty in outcome.duties}
    for key in [*(expect.duties or ()), *(expect.closed or ()), *(expect.due or ())]:
        if key not in by_key:
            yield f"there is no duty {key}; there are {', '.join(by_key)}"
    for key in expect.duties or ():
        if key in by_key and by_key[key].closed_at is not None:
            yield f"duty {key} is closed, not open"
    for key in expect.closed or ():
        if key in by_key and by_key[key].closed_at is None:
            yield f"duty {key} is open, not closed"
    for key in expect.absent or ():
        if key in by_key:
            yield f"there is a duty {key}"
    for key, wanted in (expect.due or {}).items():
        if key in by_key:
            due = by_key[key].due_at.astimezone(pack.zone).replace(tzinfo=None)
            if due != wanted:
                yield f"duty {key} is due {due}, not {wanted}"


def _told_key(key: str, names: dict[str, str]) -> str:
    """A duty key with the tube's name in place of its id."""
    head, mark, rest = key.partition(":")
    name, more, number = rest.partition(":")
    return f"{head}{mark}{names.get(name, name)}{more}{number}"


def _show(value: object) -> str:
    return str(value) if not isinstance(value, str) else repr(value)
