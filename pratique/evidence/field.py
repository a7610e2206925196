"""Topic `field`: what the app for people without a network must show.

The tests of the room at full size, each in a process of its own; what they count comes back in a
file, so that a figure is a count and not a tick.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pratique.evidence import drills, field_backlog, suites
from pratique.evidence.apart import run_apart
from pratique.evidence.figures import Figure
from pratique.evidence.suites import Suite

KILLS = 20
VEHICLES = 200
PEOPLE = 500  # one to four in a vehicle, by turns
OFFICER_SECONDS_MAX = 60
SCHEDULES = 20_000
ARRIVALS = 10_000
SCANS = 200
WIRE_BYTES_MAX = 1024 * 1024
SCAN_MS_MAX = 150
START_MS_MAX = 2_000
MAKE_SECONDS_MAX = 1.5
MISSING = 10**9  # a run that broke off is short in every figure
DRILL_VEHICLES, DRILL_DAYS = 200, 3
CLOCKS = 30
CLOCK_SCHEDULES = 2_000
CLOCK_TESTS = 47
TESTS = "pratique/field/tests"
REFUSALS = (
    f"{TESTS}/test_in_chromium.py::test_a_bundle_that_is_not_right_is_refused_by_name",
    f"{TESTS}/test_in_chromium.py::"
    "test_used_expired_and_forged_invitations_are_refused_on_the_page",
    f"{TESTS}/test_parcel.py::"
    "test_what_was_changed_on_the_way_is_refused_by_name_and_nothing_taken",
    f"{TESTS}/test_app.py::"
    "test_a_dying_devices_file_is_taken_over_by_another_and_twice_does_no_harm",
    f"{TESTS}/test_handover.py::test_every_other_offer_is_refused_by_name",
    f"{TESTS}/test_handover.py::test_every_other_answer_is_refused_by_name",
    f"{TESTS}/test_handover.py::"
    "test_what_is_missing_is_told_and_what_does_not_belong_is_refused_by_name",
    f"{TESTS}/test_halves.py::test_what_was_changed_or_is_nobodys_is_kept_aside_by_name",
)

SHORT = {
    "store": Suite("field: store and app in a browser",
                   (f"{TESTS}/test_store.py", f"{TESTS}/test_app.py"), 13),
    "outbox": Suite(f"field: the outbox under {SCHEDULES:,} seeded schedules",
                    (f"{TESTS}/test_outbox.py",), 9,
                    (("PRATIQUE_FIELD_SCHEDULES", str(SCHEDULES)),)),
    "refusals": Suite("field: bundle forged, older, another county's; outbox file changed; "
                      "hand-over replayed", REFUSALS, len(REFUSALS)),
    "decisions": Suite("field: 20,000 arrivals decided on the device as by the server",
                       (f"{TESTS}/test_decisions.py", "--vectors=20000"), 8),
}


def kills() -> Iterator[Figure]:
    """Nothing that a screen called saved is lost or doubled, whatever fails meanwhile."""
    suite = Suite("field: kills", ("tests/field/test_kills.py",), 1, (
        ("PRATIQUE_FIELD_KILLS", str(KILLS)), ("PRATIQUE_FIELD_VEHICLES", str(VEHICLES))))
    data, failed = told_by(suite)
    name = f"field: {KILLS} kills at gate and swabs, server stopped, network cut"
    note = (f"of {data.get('saved', 0):,} facts that a screen called saved; "
            f"{data.get('cuts', 0):,} of {data.get('connections', 0):,} connections cut")
    yield Figure(f"{name}: browser killed", data.get("kills", 0), KILLS)
    yield Figure(f"{name}: vehicles in the journal", data.get("vehicles", -1), VEHICLES, "exactly")
    yield Figure(f"{name}: people in the journal", data.get("people", -1), PEOPLE, "exactly")
    yield Figure(f"{name}: swabs in the journal", data.get("swabs", -1), PEOPLE, "exactly")
    yield Figure(f"{name}: lost", data.get("lost", -1), 0, "exactly", note)
    yield Figure(f"{name}: doubled", data.get("doubled", -1), 0, "exactly", note)
    yield Figure(f"{name}: tests failed", failed, 0, "exactly")


def officer() -> Iterator[Figure]:
    """A car of four by an officer with a scanner, key by key, from the first to four decisions."""
    data, failed = told_by(Suite("field: officer", ("tests/field/test_officer.py",), 1))
    yield Figure("field: a car of four, first key to four decisions, seconds",
                 data.get("seconds", MISSING), OFFICER_SECONDS_MAX, "at most",
                 f"{data.get('keys', 0)} keys and {data.get('taps', 0)} taps of 0.2 s, "
                 f"{data.get('scans', 0)} scans of 0.3 s")
    yield Figure("field: a car of four: tests failed", failed, 0, "exactly")


def told_by(suite: Suite) -> tuple[dict[str, Any], int]:
    """What a suite counted, and how many of its tests failed."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        __, failed = suites.run(suite, {"PRATIQUE_FIELD_REPORT": str(told)})
        return json.loads(told.read_text()) if told.exists() else {}, failed


def speed() -> Iterator[Figure]:
    """A gate that expects ten thousand: what travels to it, how soon it decides and starts."""
    suite = Suite("field: speed", ("tests/field/test_speed.py",), 1, (
        ("PRATIQUE_FIELD_ARRIVALS", str(ARRIVALS)), ("PRATIQUE_FIELD_SCANS", str(SCANS))))
    data, __ = told_by(suite)
    name = f"field: {ARRIVALS:,} announced, ten lists"
    yield Figure(f"{name}: bytes over the wire, app and bundle", data.get("wire_bytes", MISSING),
                 WIRE_BYTES_MAX, "at most", f"of these the bundle {data.get('bundle_bytes', 0):,}")
    yield Figure(f"{name}: reader of codes, where a browser has none, bytes",
                 data.get("reader_bytes", MISSING))
    yield Figure(f"{name}: scan to decision at the gate, CPU / 6, p95 ms",
                 data.get("scan_p95_ms", MISSING), SCAN_MS_MAX, "at most",
                 f"{data.get('scans', 0)} scans, median "
                 f"{data.get('scan_median_ms', 0)} ms, first {data.get('scan_first_ms', 0)} ms")
    yield Figure(f"{name}: start offline to the gate, CPU / 6, median ms",
                 data.get("start_median_ms", MISSING), START_MS_MAX, "at most",
                 f"of {data.get('starts', 0)}, worst {data.get('start_worst_ms', 0)} ms")
    yield Figure(f"{name}: bundle made, seconds", data.get("make_seconds", MISSING),
                 MAKE_SECONDS_MAX, "at most")
    yield Figure(f"{name}: “you have it already”, seconds", data.get("same_seconds", MISSING))


def clocks() -> Iterator[Figure]:
    """What a false clock gains: nothing. Two gates in every order, and one device by seed."""
    suite = Suite("field: clocks", (
        "tests/field/test_two_gates.py", "pratique/api/tests/test_clocks.py",
        f"{TESTS}/test_clock.py"), 1, (
            ("PRATIQUE_FIELD_CLOCKS", str(CLOCKS)),
            ("PRATIQUE_FIELD_CLOCK_SCHEDULES", str(CLOCK_SCHEDULES))))
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "clocks.json"
        ran, failed = suites.run(suite, {"PRATIQUE_FIELD_REPORT": str(told)})
        data = json.loads(told.read_text()) if told.exists() else {}
    name = f"field: clocks wrong by up to 10 years, {CLOCKS} worlds, {CLOCK_SCHEDULES:,} schedules"
    yield Figure(f"{name}: tests", ran, CLOCK_TESTS, note="tests that ran")
    yield Figure(f"{name}: failed", failed, 0, "exactly", "a release or colour gained fails one")
    yield Figure("field: two gates, −3 days and +10 years: violations",
                 data.get("violations", -1), 0, "exactly")
    yield Figure("field: two gates, −3 days and +10 years: tables that rebuild otherwise",
                 data.get("differences", -1), 0, "exactly",
                 f"{data.get('corrected', 0)} facts count from a corrected moment")


def together() -> Iterator[Figure]:
    """Single facts of many devices at once, recorded together and each alone."""
    __, told = run_apart(["bench", "--inside", "--posts"], PRATIQUE_REQUESTS_A_MINUTE_MAX="0")
    rows = [row for row in told.get("figures", []) if row["goal"] is not None]
    for row in rows:
        yield Figure(f"field: {row['name']}", row["value"], row["goal"], row["sense"], row["note"])
    yield Figure("field: single facts by POST: goals measured", len(rows), 2, "exactly")


def drill() -> Iterator[Figure]:
    """A drill of which some gates play by this app's own store and outbox."""
    report = drills.play(1, DRILL_VEHICLES, DRILL_DAYS)
    app = report.get("app", {})
    name = f"field: drill {DRILL_DAYS} days, {DRILL_VEHICLES} a day"
    yield Figure(f"{name}: gates that play by the app", len(app.get("gates", [])), 1, "at least",
                 f"{app.get('facts', 0):,} facts, {app.get('resent', 0):,} sent again")
    yield Figure(f"{name}: of these lost", app.get("lost", MISSING), 0, "exactly")
    yield Figure(f"{name}: of these doubled", app.get("doubled", MISSING), 0, "exactly")
    yield Figure(f"{name}: unaccounted", sum(report["unaccounted"].values()) if report else MISSING,
                 0, "exactly")


PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    **{name: lambda s=suite: suites.figures(s) for name, suite in SHORT.items()},
    "kills": kills,
    "officer": officer,
    "speed": speed,
    "clocks": clocks,
    "backlog": field_backlog.figures,
    "together": together,
    "drill": drill,
}
