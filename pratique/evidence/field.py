"""Topic `field`: what the app for people without a network must show.

The tests of the room at full size, each in a process of its own; what they count comes back in a
file, so that a figure is a count and not a tick.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from pratique.evidence import field_backlog, suites
from pratique.evidence.figures import Figure
from pratique.evidence.suites import Suite

KILLS = 20
FACTS = 1_000  # arrivals begun; those whose promise did not resolve before a kill promise nothing
SCHEDULES = 20_000
ARRIVALS = 10_000
SCANS = 200
WIRE_BYTES_MAX = 1024 * 1024
SCAN_MS_MAX = 150
START_MS_MAX = 2_000
MAKE_SECONDS_MAX = 1.5
MISSING = 10**9  # a run that broke off is short in every figure
CLOCKS = 30
CLOCK_SCHEDULES = 2_000
CLOCK_TESTS = 47
TESTS = "pratique/field/tests"

SHORT = {
    "store": Suite("field: store and app in a browser",
                   (f"{TESTS}/test_store.py", f"{TESTS}/test_app.py"), 13),
    "outbox": Suite(f"field: the outbox under {SCHEDULES:,} seeded schedules",
                    (f"{TESTS}/test_outbox.py",), 9,
                    (("PRATIQUE_FIELD_SCHEDULES", str(SCHEDULES)),)),
}


def kills() -> Iterator[Figure]:
    """Nothing saved is lost or doubled while browser, server and network fail."""
    suite = Suite("field: kills", ("tests/field/test_kills.py",), 1, (
        ("PRATIQUE_FIELD_KILLS", str(KILLS)), ("PRATIQUE_FIELD_FACTS", str(FACTS))))
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "kills.json"
        __, failed = suites.run(suite, {"PRATIQUE_FIELD_REPORT": str(told)})
        data = json.loads(told.read_text()) if told.exists() else {}
    name = f"field: {KILLS} kills, {FACTS:,} facts begun, server stopped, network cut"
    note = (f"of {data.get('saved', 0):,} saved; {data.get('cuts', 0):,} of "
            f"{data.get('connections', 0):,} connections cut")
    yield Figure(f"{name}: browser killed", data.get("kills", 0), KILLS)
    yield Figure(f"{name}: lost", data.get("lost", -1), 0, "exactly", note)
    yield Figure(f"{name}: doubled", data.get("doubled", -1), 0, "exactly", note)
    yield Figure(f"{name}: tests failed", failed, 0, "exactly")


def speed() -> Iterator[Figure]:
    """A gate that expects ten thousand: what travels to it, how soon it decides and starts."""
    suite = Suite("field: speed", ("tests/field/test_speed.py",), 1, (
        ("PRATIQUE_FIELD_ARRIVALS", str(ARRIVALS)), ("PRATIQUE_FIELD_SCANS", str(SCANS))))
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "speed.json"
        suites.run(suite, {"PRATIQUE_FIELD_REPORT": str(told)})
        data = json.loads(told.read_text()) if told.exists() else {}
    name = f"field: {ARRIVALS:,} announced, ten lists"
    yield Figure(f"{name}: bytes over the wire, app and bundle", data.get("wire_bytes", MISSING),
                 WIRE_BYTES_MAX, "at most", f"of these the bundle {data.get('bundle_bytes', 0):,}")
    yield Figure(f"{name}: scan to decision, CPU / 6, p95 ms", data.get("scan_p95_ms", MISSING),
                 SCAN_MS_MAX, "at most", f"{data.get('scans', 0)} scans, median "
                 f"{data.get('scan_median_ms', 0)} ms, first {data.get('scan_first_ms', 0)} ms")
    yield Figure(f"{name}: start offline, CPU / 6, median ms",
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


PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    **{name: lambda s=suite: suites.figures(s) for name, suite in SHORT.items()},
    "kills": kills,
    "speed": speed,
    "clocks": clocks,
    "backlog": field_backlog.figures,
}
