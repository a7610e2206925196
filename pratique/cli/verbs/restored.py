"""`pratique restored`"""

import argparse

from pratique.cli.show import add_json, result
from pratique.cli.words import _

help = _("say that the database was restored from a backup, so that devices send again")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    from pratique.field import epoch
    from pratique.kit.doors import now

    begun = epoch.renew(now())
    result(options, {"epoch": str(begun)}, [
        _("A new epoch has begun: %(epoch)s.") % {"epoch": begun},
        _("Devices send again what they still hold. Revocations, enrolments and passwords made "
          "after the backup are gone: look them over.")])
    return 0
