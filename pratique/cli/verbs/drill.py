"""`pratique drill`: the county played through the public API, with things that go wrong."""

import argparse
import contextlib
import http.client
import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pratique.cli import browser, given, machine, watching
from pratique.cli.machine import Trouble
from pratique.cli.show import add_json, progress, result, say, write
from pratique.cli.words import _

help = _("play the county through the public API, faults included, and check the books")
NEEDS = "nothing"  # it makes its own county, or talks to the one of --url
SEED_MAX = 2**63 - 1
VEHICLES = 200
VEHICLES_MAX = 10_000
DAYS = 3.0
DAYS_MAX = 366
STEP_MINUTES_MAX = 24 * 60
SERVED_VEHICLES = 60
SERVED_DAYS = 2.0
PORT = 8010  # beside `pratique serve`
NOT_PLAYED = 2


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=given.whole(0, SEED_MAX), default=1,
                        help=_("what is played follows from it"))
    parser.add_argument("--vehicles", type=given.whole(1, VEHICLES_MAX), default=None,
                        help=_("vehicles a day"))
    parser.add_argument("--days", type=given.number(0, DAYS_MAX), default=None,
                        help=_("how many days are played"))
    parser.add_argument("--step", type=given.whole(0, STEP_MINUTES_MAX), default=0,
                        metavar="MINUTES",
                        help=_("how far the clock goes at a time; chosen by itself when left out"))
    parser.add_argument("--html", type=given.file_to_write, default=None, metavar="FILE",
                        help=_("also a page with the flow drawn; beside the JSON when left out"))
    parser.add_argument("--url", default=None,
                        help=_("play against this server, which must be marked as a drill"))
    parser.add_argument("--credentials", type=Path, default=None, metavar="FILE",
                        help=_("the private file of device tokens that goes with --url"))
    parser.add_argument("--serve", action="store_true",
                        help=_("then serve the played county, to look around in; --days 0 serves "
                               "it unplayed, for --url"))
    parser.add_argument("--port", type=given.port, default=PORT,
                        help=_("port to listen on with --serve; 0 takes any free one"))
    parser.add_argument("--keep", action="store_true",
                        help=_("leave the drill's own county and say where it is"))
    parser.add_argument("--no-rebuild", action="store_true",
                        help=_("do not recompute the tables at the end"))
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """0: everything was accounted for, shown and released in time; 1: something was not; 2: it
    could not be played."""
    _fill_in(options)
    # Sentences of the report; no database is touched by this.
    machine.set_up_django()
    with _county(options) as (url, credentials, server):
        if options.days:
            held = _play_and_tell(options, url, credentials, server)
        else:
            held = True
        if options.serve:
            watching.serve(server, is_played=bool(options.days), is_kept=options.keep)
    return 0 if held else 1


def _fill_in(options: argparse.Namespace) -> None:
    """What was left out, and what does not go together. Raises Trouble."""
    if options.vehicles is None:
        options.vehicles = SERVED_VEHICLES if options.serve else VEHICLES
    if options.days is None:
        options.days = SERVED_DAYS if options.serve else DAYS
    if options.serve and options.url:
        raise Trouble(_("--url plays against a server that runs; --serve makes one. Leave one of "
                        "them out."), NOT_PLAYED)
    if options.url and options.credentials is None:
        raise Trouble(_("--url needs --credentials, the private file of device tokens."),
                      NOT_PLAYED)
    empty = options.serve and options.days == 0
    if not (options.days or empty):
        raise Trouble(_("A drill needs more than no time; --days 0 goes with --serve alone."),
                      NOT_PLAYED)


@contextlib.contextmanager
def _county(options: argparse.Namespace) -> Iterator[tuple[str, Path, Any]]:
    """The address to play against, its credentials, and its server where it is ours."""
    if options.url:
        yield options.url, options.credentials, None
        return
    from pratique.cli.drill_server import drill_server

    title = f"drill seed {options.seed}, {options.vehicles} vehicles a day"
    port = options.port if options.serve else 0
    with drill_server(title, keep=options.keep, port=port, passwords=options.serve) as server:
        yield server.url, server.credentials, server


def _play_and_tell(
    options: argparse.Namespace, url: str, credentials: Path, server: Any
) -> bool:
    """Play, report, and answer whether the drill held. Raises Trouble when it cannot be played."""
    from pratique.drill.app import Browser
    from pratique.drill.arriving import Unplayable
    from pratique.drill.play import Asked
    from pratique.drill.report import shortcomings
    from pratique.drill.wire import Refused

    began = time.monotonic()
    path = browser.find()
    chromium = Browser(path, browser.ARGUMENTS) if path else None
    asked = Asked(options.seed, options.vehicles, options.days, url, credentials, options.step,
                  chromium)
    try:
        data = _play(asked, options, server, began)
    except Unplayable as why:
        raise Trouble(str(why), NOT_PLAYED) from why
    except (Refused, OSError, http.client.HTTPException, ValueError) as error:
        if server is not None:  # our own county: whoever mends it wants to see where
            raise
        raise Trouble(
            _("The drill was broken off; what was recorded at %(url)s stays there: %(why)s")
            % {"url": url, "why": machine.first_line(error)}, NOT_PLAYED) from error
    wrong = shortcomings(data)
    data["held"] = not wrong
    data["shortcomings"] = dict(wrong)
    result(options, data, _words(data))
    _write_page(options, data)
    return not wrong


def _play(
    asked: Any, options: argparse.Namespace, server: Any, began: float
) -> dict[str, Any]:
    from pratique.drill.play import Play
    from pratique.drill.report import report

    play = Play(asked)
    try:
        say(_("The county is played: %(days)s days, %(vehicles)s vehicles a day, seed %(seed)s.")
            % {"days": asked.days, "vehicles": asked.vehicles, "seed": asked.seed})
        _live(play)
        say(_("The books are closed and compared…"))
        play.close()
        rebuilt = None
        if not options.no_rebuild:
            with play.world.timed("rebuild"):
                rebuilt = server.rebuild() if server is not None else play.rebuild()
        return json.loads(json.dumps(
            report(play, rebuilt, time.monotonic() - began), default=str))
    finally:
        play.leave()


def _live(play: Any) -> None:
    """The days, with a bar on a terminal and a line a day elsewhere."""
    from pratique.drill.moments import local

    with progress() as bar:
        steps = (play.world.end - play.world.now) / play.world.step
        task = bar.add_task("", total=round(steps))

        def tell(now: Any, its: Any) -> None:
            known = {"time": f"{local(now):%Y-%m-%d %H:%M}", "persons": len(its.world.cases),
                     "facts": its.world.counts["in"]}
            words = _("It is now %(time)s there: %(persons)s persons, %(facts)s facts.") % known
            bar.update(task, advance=1, description=words)
            if bar.disable and local(now).hour == local(now).minute == 0:
                say(words)

        play.run(tell)


def _write_page(options: argparse.Namespace, data: dict[str, Any]) -> None:
    from pratique.drill.page import page

    file = options.html
    if file is None and options.json not in (None, "-"):
        file = Path(options.json).with_suffix(".html")
    if file is not None:
        write(file, page(data))
        say(_("The page: %(file)s") % {"file": file})


def _moment(text: str | None) -> str:
    """A moment of the report as the county's clocks showed it."""
    from pratique.drill.moments import local

    return f"{local(datetime.fromisoformat(text)):%m-%d %H:%M}" if text else ""


def _words(data: dict[str, Any]) -> Iterator[str]:
    from pratique.drill.page import app_words

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
    yield app_words(data["app"])
    yield _("wall time: %(seconds)s s") % {"seconds": data["seconds"]["whole"]}
    for name, count in data["shortcomings"].items():
        yield f"✗ {name}: {count}"
    yield _("The drill held.") if data["held"] else _("The drill did NOT hold.")
