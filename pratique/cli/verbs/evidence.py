"""`pratique evidence`"""

import argparse
import os
import platform
from datetime import UTC, datetime
from importlib import import_module

from pratique.cli.show import add_json, result
from pratique.cli.words import _

help = _("measure every figure that a topic promises, and say which is short")
NEEDS = "nothing"
TOPICS = ("loop", "field")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topic", nargs="?", choices=TOPICS, default="loop",
                        help=_("which promises (default: %(default)s)"))
    parser.add_argument("--only", action="append", metavar="PART",
                        help=_("only this part of the topic; may be given several times"))
    parser.add_argument("--list", action="store_true", help=_("name the topic's parts"))
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    parts = import_module(f"pratique.evidence.{options.topic}").PARTS
    if options.list:
        print("\n".join(parts))
        return 0
    wanted = options.only or list(parts)
    unknown = [name for name in wanted if name not in parts]
    if unknown:
        from pratique.cli.machine import Trouble

        raise Trouble(_("“%(topic)s” has no part “%(part)s”. Its parts: %(parts)s.") % {
            "topic": options.topic, "part": unknown[0], "parts": ", ".join(parts)})
    figures = []
    for name in wanted:
        for figure in parts[name]():
            figures.append(figure)
            print(figure.line(), flush=True)
    short = [f for f in figures if not f.ok]
    data = {
        "topic": options.topic, "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python "
                   f"{platform.python_version()}",
        "figures": [f.row() for f in figures], "short": len(short),
    }
    words = [_("%(count)s figures, %(short)s short") % {
        "count": len(figures), "short": len(short)}]
    result(options, data, words)
    return 1 if short else 0
