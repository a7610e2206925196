"""`pratique import-arrivals FILES…`"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pratique.cli.given import file_to_write
from pratique.cli.show import add_json, progress, result, say
from pratique.cli.words import _

help = _("import lists of announced arrivals (.xlsx, .csv)")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=_("lists of people"))
    parser.add_argument(
        "--rejected", type=file_to_write, metavar="CSV", default=None,
        help=_("write the rejected rows with their reasons there (it holds personal data)"))
    parser.add_argument(
        "--place", metavar="UNIT", default=None, help=_("the unit that imports, e.g. command"))
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Each file by itself. Exit code 1 when a file or a row was refused."""
    if options.rejected and len(options.files) > 1:
        say(_("--rejected takes one file at a time."))
        return 1
    done = [_import(file, options) for file in options.files]
    data = {"files": done, **{
        name: sum(each.get(name, 0) for each in done)
        for name in ("rows", "accepted", "duplicate", "rejected")}}
    result(options, data, _words(data))
    return 1 if data["rejected"] or any("refused" in each for each in done) else 0


def _import(file: Path, options: argparse.Namespace) -> dict[str, Any]:
    from pratique.feeds.arrival_files import rejected_csv
    from pratique.feeds.arrivals import import_arrivals
    from pratique.journal.fact import Actor
    from pratique.kit.doors import now
    from pratique.kit.errors import Refusal

    actor = Actor(frozenset({"registrar"}))
    try:
        with progress() as bar:
            task = bar.add_task(file.name, total=None)
            report = import_arrivals(
                file.name, file.read_bytes(), actor=actor, now=now(), place=options.place,
                progress=lambda done, rows: bar.update(task, completed=done, total=rows))
    except Refusal as refusal:
        say(f"{file.name}: {refusal} ({refusal.rule})")
        return {"file": file.name, "refused": refusal.code, "sentence": str(refusal),
                "rule": refusal.rule}
    except OSError as error:
        say(f"{file}: {error.strerror}")
        return {"file": file.name, "refused": "unreadable", "sentence": error.strerror or "",
                "rule": "feeds.file"}
    if options.rejected:
        options.rejected.write_bytes(rejected_csv(report.heading, report.rejected))
    return report.as_json()


def _words(data: dict[str, Any]) -> Iterator[str]:
    for each in data["files"]:
        if "refused" in each:
            continue
        yield _("%(file)s: %(rows)s rows = %(accepted)s accepted + %(duplicate)s duplicate + "
                "%(rejected)s rejected") % each
        for row in each["rejected_rows"]:
            reasons = "; ".join(problem["sentence"] for problem in row["problems"])
            yield "  " + _("row %(row)s: %(reasons)s") % {"row": row["row"], "reasons": reasons}
        for name in ("ignored_columns", "ignored_sheets"):
            if each[name]:
                yield "  " + _("not used: %(names)s") % {"names": ", ".join(each[name])}
