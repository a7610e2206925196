"""`pratique bench`"""

import argparse
import os

from pratique.cli.show import add_json, result, say
from pratique.cli.words import _

help = _("measure speeds, as ratios of two things done in turn in one run")
NEEDS = "nothing"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help=_("fewer rounds"))
    parser.add_argument("--growth", action="store_true",
                        help=_("also fill the journal to 5,000,000 facts (some minutes)"))
    parser.add_argument("--posts", action="store_true",
                        help=_("single facts by POST from many clients alone"))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    if options.inside:
        return _measure(options)
    from pratique.evidence.apart import run_apart

    os.environ["PRATIQUE_REQUESTS_A_MINUTE_MAX"] = "0"  # one device speaks as fast as it can
    words = ["bench", "--inside"]
    words += ["--quick"] * options.quick + ["--growth"] * options.growth
    words += ["--posts"] * options.posts
    code, data = run_apart(words)
    result(options, data, ())
    return code


def _measure(options: argparse.Namespace) -> int:
    from pratique.cli import machine

    machine.ensure_database()
    machine.set_up_django()
    machine.install_county()
    figures = []
    for figure in _figures(options):
        figures.append(figure)
        say(figure.line())
    result(options, {"figures": [f.row() for f in figures]}, ())
    return 0 if all(f.ok for f in figures) else 1


def _figures(options: argparse.Namespace):
    from pratique.evidence import growth, http_speed, record_speed

    if options.posts:
        yield from http_speed.figures()
        return
    rounds = {1: 40, 100: 8, 10_000: 3} if options.quick else None
    yield from record_speed.figures(rounds)
    yield from record_speed.against_the_orm()
    yield from http_speed.figures()
    if options.growth:
        yield from growth.figures(lambda done: say(f"{done:,}"))
