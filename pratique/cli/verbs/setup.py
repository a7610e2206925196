"""`pratique setup`"""

import argparse

from pratique.cli import machine
from pratique.cli.main import call
from pratique.cli.show import say
from pratique.cli.words import _

help = _("make everything ready: keys, translations, database, tables, the example county")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-example", action="store_true", help=_("leave a new county empty")
    )


def run(options: argparse.Namespace) -> int:
    """Safe to repeat: a county in which anything was ever recorded is not filled again."""
    say(_("Tables…"))
    machine.install_county()
    if machine.county_is_empty() and not options.no_example:
        say(_("Example county…"))
        if code := call("seed"):
            return code
    return 0
