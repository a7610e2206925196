"""`pratique open-units FILE`: the posts, sites, crews and offices of a county of its own."""

import argparse
from pathlib import Path
from typing import Any

from pratique.cli.machine import Trouble
from pratique.cli.show import add_json, result
from pratique.cli.words import _

help = _("open the county's units (posts, sites, crews, offices) from a list (.xlsx, .csv)")
APART = "\n"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE",
                        help=_("the list, one unit a row; docs/how-a-county-begins.md tells its "
                               "columns"))
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """All units of the list or none; those that are there already, and alike, stay as they are."""
    from pratique.feeds.units import new_units, read_units

    try:
        rows = read_units(options.file)
    except OSError as error:
        raise Trouble(f"{options.file}: {error.strerror}") from error
    fresh = new_units(rows)
    if fresh:
        _record(fresh)
    data = {"opened": [row.body.code for row in fresh], "there": len(rows) - len(fresh)}
    result(options, data, [_("%(opened)s units opened, %(there)s were there already.") % {
        "opened": len(fresh), "there": data["there"]}])
    return 0


def _record(rows: list[Any]) -> None:
    """Record all of them or, when one is refused, none. Raises Trouble with each row's reason."""
    from pratique.feeds.units import facts_of
    from pratique.journal.fact import Actor
    from pratique.journal.record import record
    from pratique.kit.doors import now
    from pratique.kit.sql import in_transaction

    moment = now()
    facts = facts_of(rows, moment)
    with in_transaction():
        receipts = record(facts, actor=Actor.system(), now=moment, source="open-units").receipts
        refused = [
            _("row %(row)s: %(reasons)s") % {"row": row.number, "reasons": _reason(row, receipt)}
            for row, receipt in zip(rows, receipts, strict=True) if receipt.status != "applied"]
        if refused:
            raise Trouble(APART.join([*refused, _("No unit was opened.")]))


def _reason(row: Any, receipt: Any) -> str:
    if receipt.status == "parked":
        return _("there is no unit “%(code)s” to belong to") % {"code": row.body.parent}
    return f"{receipt.text()} ({receipt.rule})"
