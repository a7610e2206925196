"""`pratique test`: the checks and every test; what CI runs."""

import argparse
import os
import subprocess

from pratique.cli import browser, machine, packages
from pratique.cli.show import say
from pratique.cli.words import _

help = _("run the checks and all tests; words after -- go to pytest")
NEEDS = "nothing"
PROCESSES_MAX = 4


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-check", action="store_true", help=_("tests alone"))
    parser.add_argument("pytest", nargs="*", help=_("what pytest shall run, and its options"))


def run(options: argparse.Namespace) -> int:
    """The checks first; the tests run whatever they find, and pytest's line is the last."""
    if not browser.install():
        say(_("NO BROWSER: the tests of pages are skipped. They need Chromium and a Chinese font "
              "(on Debian and Ubuntu: apt-get install chromium fonts-noto-cjk fontconfig)."))
        if os.environ.get("CI") == "true" and os.geteuid() == 0:
            say(_("CI may not skip them."))
            return 1
    if not (packages.ensure() and packages.ensure_types()) and os.environ.get("CI") == "true":
        say(_("CI may not skip them."))
        return 1
    environment = machine.child_environment()
    checked = 0
    if not options.no_check:
        checked = subprocess.run(
            machine.module("pratique", "check"), cwd=machine.ROOT, env=environment, check=False
        ).returncode
    processes = min(os.cpu_count() or 1, PROCESSES_MAX)
    spread = [] if options.pytest else ["-n", str(processes), "--dist", "loadfile"]
    tested = subprocess.run(
        machine.module("pytest", *spread, *options.pytest),
        cwd=machine.ROOT, env=environment, check=False,
    ).returncode
    return tested or checked
