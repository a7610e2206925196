"""`pratique prove`"""

import argparse
from collections.abc import Iterator
from typing import Any

from pratique.cli.show import add_json, progress, result
from pratique.cli.words import _

help = _("check every law from row one")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    from pratique.journal import prove

    checked = []
    with progress() as bar:
        task = bar.add_task(_("checking laws"), total=1 + sum(1 for __ in prove.laws()))
        for one in prove.prove():
            checked.append(one)
            bar.advance(task)
    data = {
        "rows": prove.counts(),
        "laws": [{"name": c.law.name, "sentence": c.law.sentence, "violations": c.violations,
                  "examples": c.examples} for c in checked],
        "violations": sum(c.violations for c in checked),
    }
    result(options, data, _words(data))
    return 1 if data["violations"] else 0


def _words(data: dict[str, Any]) -> Iterator[str]:
    for law in data["laws"]:
        mark = "ok " if not law["violations"] else f"{law['violations']} ✗"
        yield f"{mark:>6}  {law['name']}: {law['sentence']}"
        for example in law["examples"]:
            yield f"        {example}"
    rows = ", ".join(f"{name} {count}" for name, count in data["rows"].items())
    yield _("checked: %(rows)s") % {"rows": rows}
    yield _("violations: %(count)s") % {"count": data["violations"]}
