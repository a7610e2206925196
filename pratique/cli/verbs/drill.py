"""`pratique drill`: the county played through the public API, with things that go wrong."""

import argparse
import contextlib
import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pratique.cli import machine
from pratique.cli.machine import Trouble
from pratique.cli.show import add_json, progress, result, say
from pratique.cli.words import _

help = _("play the county through the public API, faults included, and check the books")
NEEDS = "nothing"  # it makes its own county, or talks to the one of --url
VEHICLES = 200
DAYS = 3.0


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1, help=_("what is played follows from it"))
    parser.add_argument("--vehicles", type=int, default=VEHICLES, help=_("vehicles a day"))
    parser.add_argument("--days", type=float, default=DAYS, help=_("how many days are played"))
    parser.add_argument("--step", type=int, default=0, metavar="MINUTES",
                        help=_("how far the clock goes at a time; chosen by itself when left out"))
    parser.add_argument("--html", type=Path, default=None, metavar="FILE",
                        help=_("also a page with the flow drawn; beside the JSON when left out"))
    parser.add_argument("--url", default=None,
                        help=_("play against this server, which must be marked as a drill"))
    parser.add_argument("--credentials", type=Path, default=None, metavar="FILE",
                        help=_("the private file of device tokens that goes with --url"))
    parser.add_argument("--keep", action="store_true",
                        help=_("leave the drill's own county and say where it is"))
    parser.add_argument("--no-rebuild", action="store_true",
                        help=_("do not recompute the tables at the end"))
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """0: everything was accounted for, shown and released in time; 1: something was not."""
    if options.vehicles < 1 or options.days <= 0:
        raise Trouble(_("A drill needs at least one vehicle a day and more than no time."))
    # Sentences of the report; no database is touched by this.
    machine.set_up_django()
    from pratique.drill.play import Asked
    from pratique.drill.report import shortcomings

    began = time.monotonic()
    with _county(options) as (url, credentials, rebuild):
        asked = Asked(options.seed, options.vehicles, options.days, url, credentials, options.step)
        data = _play(asked, None if options.no_rebuild else rebuild, began)
    wrong = shortcomings(data)
    data["held"] = not wrong
    data["shortcomings"] = dict(wrong)
    result(options, data, _words(data))
    _write_page(options, data)
    return 1 if wrong else 0


@contextlib.contextmanager
def _county(options: argparse.Namespace) -> Iterator[tuple[str, Path, Any]]:
    """The address to play against, its credentials, and how to ask for a rebuild (or None)."""
    if options.url:
        if options.credentials is None:
            raise Trouble(_("--url needs --credentials, the private file of device tokens."))
        yield options.url, options.credentials, None
        return
    from pratique.cli.drill_server import drill_server

    title = f"drill seed {options.seed}, {options.vehicles} vehicles a day"
    with drill_server(title, keep=options.keep) as server:
        yield server.url, server.credentials, server.rebuild


def _play(asked: Any, rebuild: Any, began: float) -> dict[str, Any]:
    from pratique.drill.moments import local
    from pratique.drill.play import Play
    from pratique.drill.report import report

    say(_("The county is played: %(days)s days, %(vehicles)s vehicles a day, seed %(seed)s.")
        % {"days": asked.days, "vehicles": asked.vehicles, "seed": asked.seed})
    play = Play(asked)
    try:
        with progress() as bar:
            steps = (play.world.end - play.world.now) / play.world.step
            task = bar.add_task("", total=round(steps))

            def tell(now: Any, its: Play) -> None:
                known = {"time": f"{local(now):%Y-%m-%d %H:%M}", "persons": len(its.world.cases),
                         "facts": its.world.counts["in"]}
                words = _("It is now %(time)s there: %(persons)s persons, %(facts)s facts.") % known
                bar.update(task, advance=1, description=words)
                if bar.disable and local(now).hour == local(now).minute == 0:
                    say(words)

            play.run(tell)
        say(_("The books are closed and compared…"))
        play.close()
        rebuilt = None
        if rebuild is not None:
            with play.world.timed("rebuild"):
                rebuilt = rebuild()
        return json.loads(json.dumps(
            report(play, rebuilt, time.monotonic() - began), default=str))
    finally:
        play.wire.close()


def _write_page(options: argparse.Namespace, data: dict[str, Any]) -> None:
    from pratique.drill.page import page

    file = options.html
    if file is None and options.json not in (None, "-"):
        file = Path(options.json).with_suffix(".html")
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page(data), encoding="utf-8")
        say(_("The page: %(file)s") % {"file": file})


def _moment(text: str | None) -> str:
    """A moment of the report as the county's clocks showed it."""
    from pratique.drill.moments import local

    return f"{local(datetime.fromisoformat(text)):%m-%d %H:%M}" if text else ""


def _words(data: dict[str, Any]) -> Iterator[str]:
    facts, released = data["facts"], data["released"]
    yield _("arrived: %(persons)s persons, %(vehicles)s vehicles") % data["arrived"]
    yield _("facts: %(in)s in = %(applied)s applied + %(duplicate)s duplicate + %(parked)s parked "
            "+ %(disputed)s disputed + %(quarantined)s quarantined") % facts
    yield _("unaccounted: %(persons)s persons, %(vehicles)s vehicles, %(specimens)s specimens") % (
        data["unaccounted"])
    for fault in data["faults"]:
        planted, shown = _moment(fault["planted_at"]), _moment(fault["shown_at"])
        yield (f"  {fault['kind']:<28} {planted:<11}  {shown or _('NOT SHOWN'):<11}  "
               f"{fault['where']}")
    yield _("released: %(due)s due, %(on_time)s on time, %(late)s late, %(early)s early") % released
    yield _("laws broken: %(laws)s; differences of the rebuild: %(rebuild)s") % {
        "laws": data["prove"]["violations"], "rebuild": data["rebuild"]["differences"]}
    yield _("wall time: %(seconds)s s") % {"seconds": data["seconds"]["whole"]}
    for name, count in data["shortcomings"].items():
        yield f"✗ {name}: {count}"
    yield _("The drill held.") if data["held"] else _("The drill did NOT hold.")
