"""docs/reference/laws.md names every law: each trigger, constraint and query that holds one."""

import re

import pytest
from django.db import connection

from pratique.journal.prove import laws
from tests.house import laws_page
from tests.house.code import none_of

# Tables of Django's own, whose few keys are no laws of the house.
NOT_OURS = ("django_", "auth_")

CONSTRAINTS = """
SELECT t.relname, c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
WHERE c.connamespace = current_schema()::regnamespace AND c.contype IN ('c', 'x', 'f')
"""
UNIQUE = """
SELECT t.relname, i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class t ON t.oid = x.indrelid WHERE x.indisunique AND NOT x.indisprimary
AND t.relnamespace = current_schema()::regnamespace
"""
TRIGGERS = """
SELECT t.relname, g.tgname FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
WHERE NOT g.tgisinternal AND t.relnamespace = current_schema()::regnamespace
"""


def names(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return sorted(name for table, name in cursor.fetchall() if not table.startswith(NOT_OURS))


@pytest.fixture(scope="module")
def text() -> str:
    return laws_page.PAGE.read_text(encoding="utf-8")


@pytest.mark.django_db
@pytest.mark.parametrize("sql", [CONSTRAINTS, UNIQUE, TRIGGERS],
                         ids=["constraints", "unique", "triggers"])
def test_what_the_database_holds_is_told_in_words(text, sql):
    found = names(sql)
    assert found
    none_of([f"`{name}`: say in docs/reference/laws.md what it says"
             for name in found if f"`{name}`" not in text])


def test_every_law_of_prove_is_told_in_its_own_words(text):
    missing = [law.name for law in laws() if laws_page.row(law) not in text]
    assert missing == [], "run: python -m tests.house.laws_page"


@pytest.mark.django_db
def test_the_page_tells_of_nothing_that_is_gone(text):
    told = re.findall(r"^(?:\| |\*\*)`(\w+(?:\.\w+)?)`", text, re.MULTILINE)
    known = {law.name for law in laws()}
    for sql in (CONSTRAINTS, UNIQUE, TRIGGERS):
        known |= set(names(sql))
    none_of(sorted(set(told) - known))
