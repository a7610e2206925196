"""Figures that are tests: how many of a set were run, and how many of these failed."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from pratique.cli import machine
from pratique.evidence.figures import Figure

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Suite:
    """name: what holds. tests: paths, with pytest's -k and -m among them. least: tests to run."""

    name: str
    tests: tuple[str, ...]
    least: int
    environment: tuple[tuple[str, str], ...] = ()


def run(suite: Suite, environment: Mapping[str, str] | None = None) -> tuple[int, int]:
    """(tests that ran, tests that failed) of a suite, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        words: Sequence[str] = machine.module(
            "pytest", "-q", f"--junitxml={report}", *suite.tests)
        subprocess.run(  # noqa: S603  (our own interpreter, our own tests)
            words, cwd=ROOT, check=False, stdout=subprocess.DEVNULL,
            env={**os.environ, **dict(suite.environment), **(environment or {})})
        if not report.exists():
            return 0, 1
        found = ElementTree.parse(report).getroot()  # noqa: S314  (pytest has just written it)
        suites = found.iter("testsuite")
        ran = failed = 0
        for one in suites:
            skipped = int(one.get("skipped", 0))
            ran += int(one.get("tests", 0)) - skipped
            failed += int(one.get("failures", 0)) + int(one.get("errors", 0))
        return ran, failed


def figures(suite: Suite, environment: Mapping[str, str] | None = None) -> Iterator[Figure]:
    """How many were run, and that none failed."""
    ran, failed = run(suite, environment)
    yield Figure(suite.name, ran, suite.least, note="tests that ran")
    yield Figure(f"{suite.name}: failed", failed, 0, "exactly")
