"""From a command line to a verb.

A verb is a file in `pratique/cli/verbs/`; `import_risk_areas.py` is `pratique import-risk-areas`.
It has

    help = _("one line")
    NEEDS = "database"                 # or "django", or "nothing"; "database" when left out
    def arguments(parser): ...         # argparse
    def run(options) -> int: ...       # the exit code: 0 done, 1 refused or found wanting

and imports what needs Django inside `run`. There is no list of verbs to edit.
"""

import argparse
import difflib
import importlib
import os
import pkgutil
import signal
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import NoReturn

from pratique.cli import machine
from pratique.cli.machine import Trouble
from pratique.cli.show import say
from pratique.cli.words import _

WRONG_USE = 2
FAILED = 1
INTERRUPTED = 130


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence and where to read more."""

    def error(self, message: str) -> NoReturn:
        say(f"{self.prog}: {message}")
        say(_("See: %(command)s --help") % {"command": self.prog})
        sys.exit(WRONG_USE)


def verb_names() -> list[str]:
    from pratique.cli import verbs

    found = [each.name for each in pkgutil.iter_modules(verbs.__path__)]
    return sorted(name.replace("_", "-") for name in found)


def verb_module(name: str) -> ModuleType:
    return importlib.import_module(f"pratique.cli.verbs.{name.replace('-', '_')}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; answer its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # A killed command must still leave the embedded server, which would outlive it.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))
    try:
        machine.prepare_files()
        if not words or words[0].startswith("--") and words[0] != "--help":
            words.insert(0, "serve")
        name = words.pop(0)
        if name in ("help", "--help", "-h"):
            return call(words[0], "--help") if words else overview()
        return call(name, *words)
    except Trouble as trouble:
        say(str(trouble))
        return trouble.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def call(name: str, *words: str) -> int:
    """Run the verb `name` as the command line would; verbs call each other through this."""
    if name not in verb_names():
        return unknown(name)
    verb = verb_module(name)
    parser = Parser(prog=f"pratique {name}", description=verb.help)
    verb.arguments(parser)
    options = parser.parse_args(list(words))
    needs = getattr(verb, "NEEDS", "database")
    if needs == "database":
        machine.ensure_database()
    if needs != "nothing":
        machine.set_up_django()
    return _run(verb, options)


def _run(verb: ModuleType, options: argparse.Namespace) -> int:
    """Turns refusals, and a county that was never migrated, into sentences."""
    import psycopg

    from pratique.kit.errors import Refusal

    try:
        return verb.run(options) or 0
    except Refusal as refusal:
        raise Trouble(f"{refusal} ({refusal.rule})") from refusal
    except Exception as error:
        cause = error.__cause__ or error
        if isinstance(cause, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
            raise Trouble(
                _("This county's tables are missing or old. First: pratique migrate")
            ) from error
        if isinstance(cause, psycopg.OperationalError):
            raise Trouble(
                _("The database does not do it: %(reason)s")
                % {"reason": machine.first_line(cause)}
            ) from error
        raise


def unknown(name: str) -> int:
    """A helpful sentence for a verb that does not exist."""
    say(_("There is no “%(name)s”.") % {"name": name})
    if near := difflib.get_close_matches(name, verb_names(), n=1):
        say(_("Did you mean “%(name)s”?") % {"name": near[0]})
    say(_("See: %(command)s") % {"command": "pratique help"})
    return WRONG_USE


def overview() -> int:
    """Every verb with its line."""
    print(_("Pratique: a county's closed loop for arrivals from places with an outbreak."))
    print()
    print(_("./run alone sets up and serves; ./run VERB and pratique VERB are the same."))
    print()
    width = max(len(name) for name in verb_names())
    for name in verb_names():
        print(f"  {name:<{width}}  {verb_module(name).help}")
    print()
    print(_("See: %(command)s") % {"command": "pratique VERB --help"})
    return 0
