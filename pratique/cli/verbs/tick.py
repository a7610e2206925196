"""`pratique tick`"""

import argparse
import signal
import threading

from pratique.cli import given
from pratique.cli.show import add_json, result, say
from pratique.cli.words import _

help = _("do everything that is due by now: expired offers, screening, sealing, lists handed in")

PAUSE_SECONDS = 5.0
PAUSES_SECONDS = (0.1, 3600.0)  # the shortest and the longest


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--loop", action="store_true",
                        help=_("go on until stopped, as the server's worker"))
    parser.add_argument("--pause-seconds", type=given.number(*PAUSES_SECONDS),
                        default=PAUSE_SECONDS,
                        help=_("seconds between two rounds of --loop"))
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    from pratique.kit.doors import now
    from pratique.pathway.tick import tick

    if not options.loop:
        done = tick(now())
        result(options, done, (f"{name}: {count}" for name, count in done.items()))
        return 0
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *__: stopped.set())
    while not stopped.is_set():
        done = _round(tick, now)
        stopped.wait(0 if done.get("imported") else options.pause_seconds)
    return 0


def _round(tick, now) -> dict[str, int]:
    """One round; a database that is away for a moment does not end the worker."""
    from django.db import connections
    from django.db.utils import DatabaseError
    from psycopg import Error

    try:
        return tick(now())
    except (DatabaseError, Error) as error:
        say(_("The worker could not finish this round (%(kind)s); it tries again.")
            % {"kind": type(error).__name__})
        connections.close_all()
        return {}
