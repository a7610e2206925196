"""The documentation that is made from the code is current, and complete."""

import re

from pratique.cli.reference import facts_page
from pratique.cli.verbs.docs import FACTS
from pratique.journal.kinds import all_kinds


def test_the_reference_of_fact_kinds_is_current():
    assert FACTS.read_text(encoding="utf-8") == facts_page(), "write it with: pratique docs"


def test_every_kind_has_its_section_and_every_link_its_target():
    page = facts_page()
    sections = set(re.findall(r"^### `(.+)`$", page, re.MULTILINE))
    assert sections == {
        name for name, kind in all_kinds().items() if ".tests." not in kind.schema.__module__}
    targets = set(re.findall(r"\]\(#(.+?)\)", page))
    assert targets <= {head.lower() for head in re.findall(r"^### (\w+)$", page, re.MULTILINE)}
