"""`pratique serve`: database, tables, web server and worker, under one supervisor."""

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path

from pratique.cli import given, machine, packages, supervisor
from pratique.cli.main import verb_names
from pratique.cli.show import say
from pratique.cli.supervisor import Part
from pratique.cli.verbs.setup import fill
from pratique.cli.words import _

help = _("serve this county; what ./run does when no verb is named")
NEEDS = "nothing"  # the lock comes before the database
PORT = 8000
WORKERS_MAX = 64


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help=_("address to listen on"))
    parser.add_argument(
        "--port", type=given.port, default=PORT, help=_("port to listen on; 0 takes any free one")
    )
    parser.add_argument("--workers", type=given.whole(1, WORKERS_MAX), default=machine.WEB_WORKERS,
                        help=_("web processes"))
    parser.add_argument(
        "--no-example", action="store_true", help=_("leave a new county empty")
    )
    parser.add_argument(
        "--no-worker", action="store_true", help=_("without the process that does what is due")
    )


def run(options: argparse.Namespace) -> int:
    """Returns only by a signal (or Ctrl+C), after everything has been stopped in order."""
    folder = machine.var()
    with supervisor.only_one(folder) as card:
        port = supervisor.free_port(options.host, options.port)
        host = f"[{options.host}]" if ":" in options.host else options.host
        url = f"http://{host}:{port}/"
        os.environ.setdefault("PRATIQUE_HOSTS", f"127.0.0.1,localhost,[::1],{host}")
        machine.ensure_database()
        machine.set_up_django()
        packages.ensure(is_asked=False)
        if code := fill(example=not options.no_example):
            return code
        hints = list(_hints())
        _close_connections()
        parts = [_web(options, port)]
        if not options.no_worker and "tick" in verb_names():
            parts.append(Part("worker", machine.module("pratique", "tick", "--loop")))
        _serve(url, card, parts, hints)
    return 0


def _web(options: argparse.Namespace, port: int) -> Part:
    return Part("web", machine.web_server(options.host, port, options.workers), essential=True)


def _serve(url: str, card: Path, parts: list[Part], hints: list[str]) -> None:
    try:
        parts[0].start()
        supervisor.wait_until_ready(url, parts[0])
        card.write_text(json.dumps({"url": url, "pid": os.getpid()}))
        say("")
        say(_("Pratique is at %(url)s") % {"url": url})
        say(_("Ctrl+C stops it; the data stays."))
        for hint in hints:
            say(hint)
        say("")
        supervisor.run_parts(parts)
    finally:
        for part in reversed(parts):
            part.stop()
        say(_("Pratique has stopped."))


def _hints() -> Iterator[str]:
    """What to do next in a county that is at its beginning."""
    from pratique.registry.queries import anybody, held_for_county

    if not held_for_county("registrar"):
        yield _("Nobody can sign in here yet. First: ./run first-registrar")
    if not anybody():
        yield _("Nobody has arrived here yet. A county that has been played, to look around in, "
                "beside this one: ./run drill --serve")


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()
