"""The rules that let a county move to its own server, and many counties spread over one cluster.

They hold in plain PostgreSQL from the first day (docs/adr/0001), so they are read from its
catalogue here.
"""

import re
from importlib import import_module

import psycopg
import pytest
from django.db import migrations

from tests.house.code import PACKAGE, ROOT, none_of, python, spoken

COUNTIES = ["alpha", "beta"]
# Alone on a worker a function sees no setting, no other session, and tables under other names.
UNKNOWN_TO_A_WORKER = re.compile(
    r"pg_notify|\bNOTIFY\b|\bLISTEN\b|current_setting|set_config|TG_TABLE_NAME|TG_RELNAME"
    r"|advisory|\bSET\s+LOCAL\b|current_schema|search_path", re.IGNORECASE,
)
OWN_TO_EXTENSIONS = """
NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = {}.oid AND d.deptype = 'e')
"""


@pytest.fixture
def ask(committed):
    owner = committed("owner")
    return lambda sql, *values: owner.execute(sql, values).fetchall()


def test_every_table_is_in_a_countys_schema(ask):
    found = ask(
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n "
        "ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN "
        "('r','p','v','m','S') AND " + OWN_TO_EXTENSIONS.format("c"))
    none_of(found)


def test_the_counties_are_alike(ask):
    tables = [set(ask("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'S', 'i') "
                      "AND relnamespace = %s::regnamespace", each)) for each in COUNTIES]
    assert tables[0] == tables[1]
    assert tables[0]


def test_functions_know_no_setting_no_channel_and_no_tables_name(ask):
    functions = ask(
        "SELECT p.oid::regprocedure::text, p.prosrc FROM pg_proc p JOIN pg_namespace n "
        "ON n.oid = p.pronamespace WHERE n.nspname = ANY(%s) AND " + OWN_TO_EXTENSIONS.format("p"),
        [*COUNTIES, "public"])
    assert [(name, UNKNOWN_TO_A_WORKER.findall(source)) for name, source in functions
            if UNKNOWN_TO_A_WORKER.search(source)] == []
    assert [name for name, source in functions if "public." in source] == []
    assert [name for name, _source in functions if name.startswith("public.")] == []


def test_a_countys_functions_name_its_own_tables_and_no_other_countys(ask):
    functions = ask(
        "SELECT n.nspname, p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n "
        "ON n.oid = p.pronamespace WHERE n.nspname = ANY(%s)", COUNTIES)
    others = {county: re.compile("|".join(rf"\b{o}\." for o in COUNTIES if o != county))
              for county in COUNTIES}
    assert [f"{county}.{name}" for county, name, source in functions
            if others[county].search(source) or "COUNTY." in source] == []


def test_no_key_reaches_into_another_schema(ask):
    assert ask(
        "SELECT f.conname, f.conrelid::regclass::text FROM pg_constraint f "
        "JOIN pg_class a ON a.oid = f.conrelid JOIN pg_class b ON b.oid = f.confrelid "
        "WHERE f.contype = 'f' AND a.relnamespace <> b.relnamespace") == []


def test_no_row_is_numbered_by_a_small_integer(ask):
    assert ask(
        "SELECT a.attrelid::regclass::text, a.attname FROM pg_attribute a "
        "JOIN pg_class c ON c.oid = a.attrelid "
        "WHERE c.relnamespace = ANY(%s::regnamespace[]) AND c.relkind IN ('r', 'p') "
        "AND a.atttypid IN ('int2'::regtype, 'int4'::regtype) AND (a.attidentity <> '' OR EXISTS "
        "(SELECT FROM pg_attrdef d WHERE d.adrelid = c.oid AND d.adnum = a.attnum "
        "AND pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval%%'))", COUNTIES) == []
    assert ask(
        "SELECT schemaname, sequencename FROM pg_sequences WHERE schemaname = ANY(%s) "
        "AND data_type <> 'bigint'::regtype", COUNTIES) == []


def triggered(ask):
    return [row[0] for row in ask(
        "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND c.relnamespace = 'beta'::regnamespace ORDER BY 1")]


def test_triggers_work_where_the_search_path_does_not_reach(ask, committed):
    """A row into every table with triggers, by its qualified name, from outside the county.

    It may be refused by a law; it may not miss a table. (In all tests trigger functions see
    `public` alone: conftest.blindfold_triggers.)
    """
    owner = committed("owner")
    owner.autocommit = True
    owner.execute("SET search_path = public")
    missed = {}
    for table in triggered(ask):
        columns = ask(
            "SELECT quote_ident(attname), atttypid::regtype::text FROM pg_attribute WHERE "
            "attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
            "AND attgenerated = '' AND attidentity = ''", f"beta.{table}")
        names = ", ".join(name for name, _type in columns)
        values = ", ".join(sample(type_) for _name, type_ in columns)
        try:
            owner.execute(f"INSERT INTO beta.{table} ({names}) VALUES ({values})")
        except psycopg.Error as error:
            if (error.sqlstate or "").startswith("42"):
                missed[table] = str(error)
    assert missed == {}


def sample(type_: str) -> str:
    """An SQL value of any type that our tables have."""
    if type_.endswith("[]"):
        return f"ARRAY[{sample(type_[:-2])}]::{type_}"
    if "range" in type_:
        return f"'{{}}'::{type_}" if "multi" in type_ else f"'empty'::{type_}"
    by_type = {
        "uuid": "'00000000-0000-7000-8000-000000000001'", "boolean": "true", "jsonb": "'{}'",
        "bytea": "'x'", "timestamp with time zone": "'2022-08-20T06:00Z'", "date": "'2022-08-20'",
        "xid8": "'1'", "interval": "'1 hour'", "time without time zone": "'06:00'",
    }
    return by_type.get(type_, "'1'") + f"::{type_}"


def test_trigger_functions_are_blindfolded(ask):
    functions = ask(
        "SELECT p.oid::regprocedure::text, p.proconfig FROM pg_proc p WHERE p.prorettype = "
        "'trigger'::regtype AND p.pronamespace = 'beta'::regnamespace")
    assert [name for name, config in functions if "search_path=public" not in config] == []


def our_migrations():
    for path in sorted(PACKAGE.glob("*/migrations/[0-9]*.py")):
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        yield path.relative_to(ROOT), module.Migration.operations


def statements(sql) -> list[str]:
    """The statements of a RunSQL, its parameters left out."""
    return [each if isinstance(each, str) else each[0] for each in sql]


def test_migrations_hand_sql_over_one_statement_at_a_time():
    found = []
    for path, operations in our_migrations():
        for operation in operations:
            if not isinstance(operation, migrations.RunSQL):
                continue
            for sql in (operation.sql, operation.reverse_sql):
                if isinstance(sql, str) and sql not in ("", migrations.RunSQL.noop):
                    found.append(f"{path}: a string, not a list: {sql[:50]!r}")
                elif not isinstance(sql, str) and sql is not None:
                    found += [f"{path}: several statements: {each[:50]!r}"
                              for each in statements(sql) if is_several(each)]
    none_of(found)


def is_several(sql: str) -> bool:
    bare = re.sub(r"(\$\w*\$).*?\1|'(?:[^']|'')*'|--[^\n]*", "", sql, flags=re.DOTALL)
    return ";" in bare.strip().rstrip(";")


def test_hand_written_sql_names_no_schema_and_defers_no_constraint():
    wrong = re.compile(r"DEFERRABLE|CREATE\s+EXTENSION|\bpublic\.", re.IGNORECASE)
    found = [
        f"{path}: {match[0]}"
        for path, operations in our_migrations()
        for operation in operations
        if isinstance(operation, migrations.RunSQL)
        for sql in statements(operation.sql)
        if (match := wrong.search(re.sub(r"NOT\s+DEFERRABLE", "", sql)))
    ]
    none_of(found)


def test_the_application_takes_no_advisory_lock_and_listens_to_no_channel():
    wrong = re.compile(r"pg_advisory|pg_try_advisory|pg_notify|^\s*(NOTIFY|LISTEN)\b")
    assert [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in python(tests=False)
        if path.is_relative_to(PACKAGE)
        for node in spoken(tree)
        if wrong.search(node.value)
    ] == []
