"""The documentation hangs together: links lead somewhere, and every page can be found."""

import re
from pathlib import Path

from tests.house.code import ROOT, files, none_of

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`((?:docs|pratique|tests)/[\w./-]+\.(?:md|py|toml))`")


def pages() -> list[Path]:
    return list(files(".md"))


def links(page: Path) -> list[Path]:
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    return [(page.parent / target).resolve() for target in LINK.findall(text)]


def test_every_link_leads_somewhere():
    none_of([f"{page.relative_to(ROOT)}: {target}"
             for page in pages() for target in links(page) if not target.exists()])


def test_every_file_that_a_page_names_is_there():
    none_of([f"{page.relative_to(ROOT)}: {name}" for page in pages()
             for name in NAMED.findall(page.read_text(encoding="utf-8"))
             if not ((ROOT / name).exists() or (page.parent / name).exists())])


def test_every_page_of_the_documentation_is_in_its_index():
    linked = set(links(ROOT / "docs" / "index.md"))
    none_of([str(page.relative_to(ROOT)) for page in files(".md", below=ROOT / "docs")
             if page.name != "index.md" and page not in linked])


def test_every_room_says_what_it_is():
    rooms = [path.parent for path in (ROOT / "pratique").glob("*/apps.py")]
    none_of([f"pratique/{room.name}/README.md" for room in rooms
             if (room / "facts.py").exists() and not (room / "README.md").exists()])
