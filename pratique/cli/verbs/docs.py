"""`pratique docs`"""

import argparse

from pratique.cli import machine
from pratique.cli.show import say
from pratique.cli.words import _

help = _("write the parts of the documentation that are made from the code")
NEEDS = "django"
FACTS = machine.ROOT / "docs" / "reference" / "facts.md"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help=_("write nothing; fail when a page is out of date")
    )


def run(options: argparse.Namespace) -> int:
    from pratique.cli.reference import facts_page

    page = facts_page()
    there = FACTS.read_text(encoding="utf-8") if FACTS.exists() else ""
    name = FACTS.relative_to(machine.ROOT)
    if page == there:
        return 0
    if options.check:
        say(_("%(page)s is out of date. Write it with: pratique docs") % {"page": name})
        return 1
    FACTS.parent.mkdir(parents=True, exist_ok=True)
    FACTS.write_text(page, encoding="utf-8")
    say(_("Written: %(page)s") % {"page": name})
    return 0
