"""The drill's figures at full size, taken from the report that it writes."""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pratique.cli import machine
from pratique.evidence.apart import environment
from pratique.evidence.figures import Figure

SIZES = ((2_000, 3), (200, 10))  # vehicles a day, days
SEEDS = (1, 2, 3)


def play(seed: int, vehicles: int, days: int) -> dict:
    """The report of one drill, played by a process of its own; {} where it wrote none."""
    with tempfile.TemporaryDirectory(prefix="pratique-") as folder:
        told = Path(folder) / "drill.json"
        subprocess.run(  # noqa: S603  (our own interpreter, our own module)
            [*machine.module("pratique"), "drill", "--seed", str(seed), "--vehicles",
             str(vehicles), "--days", str(days), "--json", str(told)],
            env=environment(Path(folder) / "var"), check=False)
        return json.loads(told.read_text()) if told.exists() else {}


def figures(seed: int, vehicles: int, days: int) -> Iterator[Figure]:
    """What a drill must show: nothing unaccounted, every fault shown, released in time."""
    report = play(seed, vehicles, days)
    name = f"drill {days} days, {vehicles:,} a day, seed {seed}"
    if not report:
        yield Figure(f"{name}: report", 0, 1)
        return
    unaccounted, released = report["unaccounted"], report["released"]
    hidden = [f for f in report["faults"] if f["shown_at"] is None]
    facts = report["facts"]
    parts = sum(facts[k] for k in ("applied", "duplicate", "parked", "disputed", "quarantined"))
    arrived = report["arrived"]
    yield Figure(f"{name}: unaccounted", sum(unaccounted.values()), 0, "exactly",
                 f"of {arrived['persons']:,} persons, {arrived['vehicles']:,} vehicles")
    yield Figure(f"{name}: faults not shown", len(hidden), 0, "exactly",
                 f"of {len(report['faults'])} planted")
    yield Figure(f"{name}: facts in less their parts", facts["in"] - parts, 0, "exactly",
                 f"{facts['in']:,} in")
    yield Figure(f"{name}: released late", released["late"], 0, "exactly",
                 f"of {released['due']} due")
    yield Figure(f"{name}: released early", released["early"], 0, "exactly")
    yield Figure(f"{name}: prove, violations", report["prove"]["violations"], 0, "exactly")
    yield Figure(f"{name}: rebuild, differences", report["rebuild"]["differences"], 0, "exactly")
