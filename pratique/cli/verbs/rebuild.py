"""`pratique rebuild`"""

import argparse
from collections.abc import Iterator
from typing import Any

from pratique.cli.show import add_json, progress, result, say
from pratique.cli.words import _

help = _("recompute all derived tables from the journal and compare them with the live ones")

SCRATCH = "{county}_rebuild"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", default=True,
                        help=_("compare only; the live tables stay as they are (always so)"))
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    from django.conf import settings

    compared = rebuild_and_compare(settings.COUNTY)
    data = {
        "tables": [{"table": c.table, "rows": c.rows, "differences": c.differences,
                    "examples": c.examples} for c in compared],
        "differences": sum(c.differences for c in compared),
    }
    result(options, data, _words(data))
    return 1 if data["differences"] else 0


def rebuild_and_compare(live: str) -> list:
    """Replay into a scratch schema beside the live one, compare, and drop it again."""
    from django.db import connections

    from pratique.journal.rebuild import compare, replay
    from pratique.kit import county

    scratch = SCRATCH.format(county=live)
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {scratch} CASCADE")
    say(_("Making a scratch county beside the live one …"))
    county.install(owner, scratch)
    try:
        with progress() as bar, county.within(owner, scratch):
            task = bar.add_task(_("replaying batches"), total=None)
            replay(live, "owner", lambda done, total: bar.update(
                task, completed=done, total=total))
            return list(compare(live, scratch, "owner"))
    finally:
        with owner.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {scratch} CASCADE")


def _words(data: dict[str, Any]) -> Iterator[str]:
    for table in data["tables"]:
        mark = "ok " if not table["differences"] else f"{table['differences']} ✗"
        yield f"{mark:>6}  {table['table']}: {table['rows']}"
        for example in table["examples"]:
            yield f"        {example}"
    yield _("differences: %(count)s") % {"count": data["differences"]}
