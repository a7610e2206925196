"""`pratique setup`"""

import argparse

from pratique.cli import machine, packages
from pratique.cli.main import call
from pratique.cli.show import say
from pratique.cli.words import _

help = _("make everything ready: keys, translations, packages, database, tables, the example "
         "county")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-example", action="store_true", help=_("leave a new county empty")
    )


def run(options: argparse.Namespace) -> int:
    packages.ensure()
    code = fill(example=not options.no_example)
    if not code and options.no_example and machine.county_is_empty():
        say(_("The county is empty, and nobody can sign in here yet. First: ./run first-registrar"))
    elif not code:
        say(_("Pratique is ready. It is served by: ./run"))
    return code


def fill(*, example: bool) -> int:
    """Tables, and the example county where nothing was ever recorded. Safe to repeat."""
    say(_("Tables…"))
    machine.install_county()
    if example and machine.county_is_empty():
        say(_("Example county…"))
        return call("seed")
    return 0
