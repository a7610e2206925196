"""Writes the part of docs/reference/laws.md that is made from the code: what `prove` looks for.

    .venv/bin/python -m tests.house.laws_page
"""

import os
import re

from tests.house.code import ROOT

PAGE = ROOT / "docs" / "reference" / "laws.md"
MADE = re.compile(r"(<!-- made by: [^>]+ -->\n).*?(<!-- end -->)", re.DOTALL)


def row(law) -> str:
    return f"| `{law.name}` | {law.sentence} |"


def section(laws) -> str:
    return "\n".join(["| law | sentence |", "|---|---|", *map(row, laws)]) + "\n"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pratique.settings")
    import django

    django.setup()
    from pratique.journal.prove import laws

    text = PAGE.read_text(encoding="utf-8")
    made = section(laws())
    PAGE.write_text(MADE.sub(lambda m: m[1] + made + m[2], text), encoding="utf-8")


if __name__ == "__main__":
    main()
