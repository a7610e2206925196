"""How the code is kept: layers, one writer, no clock below the doors, sizes."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.code import (
    DOORS,
    PACKAGE,
    ROOT,
    calls,
    files,
    imported,
    none_of,
    place,
    python,
    room,
    spoken,
)

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
LINE_CHARACTERS_MAX = 100
TEXT_ONLY = ("django.utils.translation", "django.utils.functional")
WRITES_SQL = re.compile(
    r"\b(?:INSERT\s+INTO|DELETE\s+FROM|TRUNCATE|MERGE\s+INTO"
    r"|UPDATE(?=\s+\S+\s+(?:AS\s+)?(?:\w+\s+)?SET))\s+(\S+)"
)
CLOCKS = ("clock.py", "doors.py")  # where the doors get their clock from
SQL_CLOCK = re.compile(
    r"\b(now\(\)|current_timestamp|clock_timestamp|statement_timestamp|transaction_timestamp"
    r"|localtimestamp|current_date|current_time\b)", re.IGNORECASE,
)


def test_imports_go_down_only():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True,
        text=True, check=False,
    )
    assert done.returncode == 0, done.stdout


def test_rules_are_pure():
    found = [
        f"{place(path, node)} {module}"
        for path, tree in python(tests=False)
        if path.name == "rules.py" or room(path) == "protocol"
        for module, node in imported(tree)
        if module.split(".")[0] in ("django", "psycopg") and module not in TEXT_ONLY
        or module.endswith((".models", ".queries", ".reduce", "kit.sql"))
    ]
    none_of(found)


def test_protocol_is_importable_without_django():
    code = "import sys, pratique.protocol.evaluate as e; sys.exit('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0


def may_write(path: Path) -> bool:
    """Reducers (a large room's stand in several files), the ledger, the journal itself, kit.

    Evidence writes into counties of its own that it throws away, to compare us with plain rows.
    """
    reducer = path.name == "reduce.py" or path.name.startswith("reduce_")
    ledger = room(path) == "custody" and path.name == "ledger.py"
    return reducer or ledger or room(path) in ("journal", "kit", "evidence")


def test_only_reducers_write_through_the_orm():
    found = []
    for path, tree in python(tests=False, migrations=False):
        if may_write(path):
            continue
        for called, node in calls(tree):
            verb = called.rpartition(".")[2]
            on_rows = ".objects" in called or "filter(" in called or ".all()" in called
            if (
                verb in ("bulk_create", "bulk_update", "get_or_create", "update_or_create")
                or verb in ("create", "update", "delete") and on_rows
                or verb in ("save", "delete") and "." in called and not node.args
            ):
                found.append(f"{place(path, node)} {called}")
    none_of(found)


def test_only_reducers_write_in_sql():
    """A door may keep tables of its own (who looked, which sign-in failed): no domain's."""
    found = [
        f"{place(path, node)} {node.value.strip()[:50]!r}"
        for path, tree in python(tests=False, migrations=False)
        if path.is_relative_to(PACKAGE) and not may_write(path) and "bench" not in path.name
        for node in spoken(tree)
        for table in re.findall(WRITES_SQL, node.value)
        if not (room(path) in DOORS and table.startswith(f"{room(path)}_"))
    ]
    none_of(found)


def test_nothing_below_the_doors_asks_for_the_time():
    found = []
    for path, tree in python(tests=False):
        if not path.is_relative_to(PACKAGE) or room(path) in DOORS or path.name in CLOCKS:
            continue
        for called, node in calls(tree):
            if re.search(r"(^|\.)(now|utcnow|today|localtime|gmtime|time\.time)$", called):
                found.append(f"{place(path, node)} {called}")
        for node in spoken(tree):
            if SQL_CLOCK.search(node.value):
                found.append(f"{place(path, node)} {node.value.strip()[:50]!r}")
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
                found.append(f"{place(path, node.value)} {node.arg}")
    none_of(found)


def test_files_functions_and_lines_stay_small():
    found = []
    for path in files(".py", ".js", ".mjs", ".css", ".html"):
        lines = path.read_text(encoding="utf-8").splitlines()
        name = path.relative_to(ROOT)
        if len(lines) > FILE_LINES_MAX:
            found.append(f"{name}: {len(lines)} lines")
        if path.suffix == ".py" and "migrations" not in path.parts:
            found += [f"{name}:{number}: {len(line)} characters"
                      for number, line in enumerate(lines, start=1)
                      if len(line) > LINE_CHARACTERS_MAX]
    for path, tree in python():
        found += [
            f"{place(path, node)} {node.name}: {node.end_lineno - node.lineno + 1} lines"
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
        ]
    none_of(found)


def test_nothing_is_left_for_later():
    words = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files(".py", ".js", ".mjs", ".css", ".html", ".md", ".sh")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if words.search(line)
    ]
    none_of(found)


def state_tables():
    """(room, table) for every dict named `…_STATES` or `STATES` in a room's rules."""
    from importlib import import_module

    for rules in sorted(PACKAGE.glob("*/rules.py")):
        module = import_module(f"pratique.{rules.parent.name}.rules")
        for name, value in vars(module).items():
            if name.endswith("STATES") and isinstance(value, dict):
                yield f"{rules.parent.name}.{name}", value


@pytest.mark.parametrize(("name", "table"), [pytest.param(*each, id=each[0])
                                             for each in state_tables()])
def test_a_state_table_names_every_state_once_and_leads_nowhere_unknown(name, table):
    """STATES = {"offered": {"accept": "accepted", …}, "accepted": {}, …}"""
    reached = {target for ways in table.values() for target in
               (ways.values() if isinstance(ways, dict) else ways)}
    assert reached <= set(table), f"{name} leads to states that it does not describe"
    readme = (PACKAGE / name.split(".")[0] / "README.md").read_text(encoding="utf-8")
    assert [state for state in table if str(state) not in readme] == []
