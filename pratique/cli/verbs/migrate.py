"""`pratique migrate`"""

import argparse

from pratique.cli import machine
from pratique.cli.show import say
from pratique.cli.words import _

help = _("bring the county's tables and the application's rights up to date")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help=_("name no single migration"))


def run(options: argparse.Namespace) -> int:
    from django.conf import settings

    machine.install_county(verbosity=0 if options.quiet else 1)
    say(_("The county “%(county)s” is up to date.") % {"county": settings.COUNTY})
    return 0
