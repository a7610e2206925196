"""The drill's figures, from its own books and from what the API answered."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pratique.drill.books import by_kind
from pratique.drill.calculator import Tally, Way, release_due
from pratique.drill.moments import DAY, local_day
from pratique.drill.planting import FAULT_KINDS
from pratique.drill.play import Play
from pratique.drill.world import STATUSES, Case, Swab

EXAMPLES_MAX = 20
HOLD_SPACING = DAY
RESAMPLES_NEEDED = 2


def way_of(case: Case, measure: str) -> Way:
    """What the person's release hangs on, from the tubes that the drill has taken."""
    usable = [t for t in case.tests if not t.gone]
    landing = next((t for t in usable if t.purpose == "landing"), None)
    arrived_at = case.came_at if measure == "none" else case.arrived_at
    way = Way(measure, arrived_at, _negative_at(landing, usable))
    for test in usable:
        kind, _, day = test.purpose.partition("-")
        if kind == "day" and int(day) not in way.tests:
            way.tests[int(day)] = _negative_at(test, usable)
    way.holds = [_cleared_at(t, usable) for t in usable if t.result == "positive"]
    if way.holds:
        _fill_days(way, case, usable)
    return way


def _negative_at(test: Swab | None, tests: list[Swab]) -> datetime | None:
    """When a negative result was there for what this tube was to answer."""
    while test is not None and test.result == "positive":
        known, taken = test.resulted_at, test.collected_at
        test = next((t for t in tests if t.collected_at > taken
                     and known is not None and t.collected_at >= known), None)
    return test.resulted_at if test is not None and test.result == "negative" else None


def _cleared_at(positive: Swab, tests: list[Swab]) -> datetime | None:
    """When two new tubes, a day apart, had both read negative."""
    found: list[Swab] = []
    for test in tests:
        after = positive.resulted_at is not None and test.collected_at >= positive.resulted_at
        spaced = not found or test.collected_at >= found[-1].collected_at + HOLD_SPACING
        if after and spaced and test.result == "negative":
            found.append(test)
    if len(found) < RESAMPLES_NEEDED:
        return None
    return max(t.resulted_at for t in found[:RESAMPLES_NEEDED] if t.resulted_at is not None)


def _fill_days(way: Way, case: Case, tests: list[Swab]) -> None:
    """A tube taken for the hold answers the test of its day as well."""
    arrival = local_day(case.arrived_at)
    for test in tests:
        day = (local_day(test.collected_at) - arrival).days
        if test.purpose == "resample" and day not in way.tests:
            way.tests[day] = _negative_at(test, tests)


def releases(play: Play) -> dict[str, Any]:
    """On time, late, early: by the drill's own calculator, measure by measure."""
    world = play.world
    whole = Tally()
    by_measure: dict[str, Tally] = {}
    odd: list[dict[str, Any]] = []
    for case in world.cases.values():
        measure = play.care.truth(case)
        due = release_due(way_of(case, measure))
        tally = by_measure.setdefault(measure, Tally())
        before = (tally.late, tally.early)
        for one in (whole, tally):
            one.add(due, case.released_at, world.end)
        if (tally.late, tally.early) != before and len(odd) < EXAMPLES_MAX:
            odd.append({"person": case.person, "measure": measure, "due": due,
                        "released_at": case.released_at, "account": world.holder(case.person)})
    return {**asdict(whole), "by_measure": {m: asdict(t) for m, t in sorted(by_measure.items())},
            "examples": odd}


def facts(play: Play) -> dict[str, Any]:
    """The receipts of all devices, added up, beside the server's own totals of the same time."""
    told = {name: play.world.counts[name] for name in ("in", *STATUSES)}
    before, after = play.closing.facts_before, play.closing.proof["facts"]
    server = {name: after[name] - before[name] for name in told}
    # What the system itself says (an offer expired, two records look like one person) is in its
    # totals and not in the devices'.
    own = {name: server[name] - told[name] for name in told}
    adds_up = all(one["in"] == sum(one[name] for name in STATUSES) for one in (told, server))
    return {**told, "server": server, "by_the_system": own,
            "adds_up": adds_up and min(own.values()) >= 0}


def by_app(play: Play) -> dict[str, Any]:
    """What went by the field app's own code. why_not: a code where no gate played so."""
    app = play.world.app
    if app is None:
        return {"why_not": play.without_app, "gates": [], "lost": 0, "doubled": 0}
    traffic = app.traffic
    return {"why_not": "", "gates": app.gates, "devices": len(app.devices),
            "facts": traffic.saved, "calls": traffic.calls, "resent": traffic.resent,
            "answers_lost": traffic.answers_lost, "rounds_away": traffic.rounds_away,
            "lost": app.lost, "doubled": traffic.doubled}


def _faults(play: Play) -> list[dict[str, Any]]:
    """Every planted fault; one of a kind that found no moment to be planted was not shown."""
    rows = [fault.row() for fault in play.watch.faults]
    planted = {fault.kind for fault in play.watch.faults}
    never = {"planted_at": None, "shown_at": None, "where": "", "about": "never planted"}
    return rows + [{"kind": kind, **never} for kind in FAULT_KINDS if kind not in planted]


def report(play: Play, rebuilt: Mapping[str, Any] | None, seconds: float) -> dict[str, Any]:
    """Everything that the JSON holds. rebuilt: `pratique rebuild`'s answer, None = not asked."""
    world, closing, asked = play.world, play.closing, play.asked
    traffic = world.wire.traffic
    decided = Counter(case.measure or "on_paper" for case in world.cases.values())
    return {
        "asked": {"seed": asked.seed, "vehicles": asked.vehicles, "days": asked.days,
                  "step_minutes": asked.step.total_seconds() / 60},
        "arrived": {"persons": world.books.count("person"),
                    "vehicles": world.books.count("vehicle")},
        "specimens": world.books.count("specimen"),
        "facts": facts(play),
        "unaccounted": dict(by_kind(closing.astray)),
        "astray": [asdict(one) for one in closing.astray[:EXAMPLES_MAX]],
        "faults": _faults(play),
        "released": releases(play),
        "decided": dict(sorted(decided.items())),
        "prove": {"violations": closing.proof["violations"],
                  "laws": [law for law in closing.proof["laws"] if law["violations"]],
                  "checked": len(closing.proof["laws"])},
        "rebuild": rebuilt if rebuilt is not None else {"differences": None},
        "parked_left": len(closing.parked),
        "parked_examples": closing.parked[:EXAMPLES_MAX],
        "surprises": {"count": world.surprise_count, "examples": world.surprises},
        "balances": closing.balances,
        "flows": [{"giver": giver, "taker": taker, "kind": kind, "count": count}
                  for (giver, taker, kind), count in sorted(world.books.flows.items())],
        "trips": len(play.roads.trips),
        "app": by_app(play),
        "http": {"server_errors": traffic.server_errors, "tried_again": traffic.tried_again,
                 "errors": traffic.errors[:EXAMPLES_MAX], "calls": dict(traffic.calls),
                 "seconds": {k: round(v, 1) for k, v in traffic.seconds.items()}},
        "seconds": {"whole": round(seconds, 1),
                    **{k: round(v, 1) for k, v in world.seconds.items()}},
    }


def shortcomings(data: Mapping[str, Any]) -> list[tuple[str, int]]:
    """What keeps a drill from having held: (what, how many). Empty: it held."""
    released = data["released"]
    wrong = {
        "persons_unaccounted": data["unaccounted"]["persons"],
        "vehicles_unaccounted": data["unaccounted"]["vehicles"],
        "specimens_unaccounted": data["unaccounted"]["specimens"],
        "faults_not_shown": sum(f["shown_at"] is None for f in data["faults"]),
        "released_late": released["late"], "released_early": released["early"],
        "laws_broken": data["prove"]["violations"],
        "rebuild_differences": data["rebuild"]["differences"] or 0,
        "accounts_out_of_balance": sum(not row["balances"] for row in data["balances"]),
        "facts_do_not_add_up": int(not data["facts"]["adds_up"]),
        "unexpected_answers": data["surprises"]["count"],
        "facts_left_waiting": data["parked_left"],
        "server_errors": data["http"]["server_errors"],
        "app_facts_lost": data["app"]["lost"], "app_facts_doubled": data["app"]["doubled"],
    }
    return [(name, count) for name, count in wrong.items() if count]
