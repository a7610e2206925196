"""A county's room in the database: its schema, its tables, and what the application may do there.

Two roles: the owner migrates; `pratique_app` runs the application and has no rights but the ones
granted here. So "append-only" holds against the application itself, not only against its authors.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.core.management import call_command

APP_ROLE = "pratique_app"
# In `public`, before the first county: an extension that a migration creates would land in that
# county's schema and be missing from the next one's (scale.md rule 5).
EXTENSIONS = ("btree_gist", "pg_trgm")
READ_ONLY = ("django_migrations",)

_TABLES = """
SELECT c.relname, coalesce(root.relname, c.relname), c.relkind IN ('v', 'm')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class root ON c.relispartition AND root.oid = pg_partition_root(c.oid)
WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm')
"""


# Django's own tables number their rows by int4, which a worker of a sharded county cannot do.
_NARROW = """
SELECT c.oid::regclass::text, quote_ident(a.attname),
       pg_get_serial_sequence(c.oid::regclass::text, a.attname), a.attidentity <> ''
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p') AND a.atttypid = 'int4'::regtype
  AND (a.attidentity <> '' OR EXISTS (
    SELECT FROM pg_constraint f JOIN pg_class r ON r.oid = f.confrelid
    JOIN pg_attribute k ON k.attrelid = r.oid AND k.attnum = f.confkey[1]
    WHERE f.contype = 'f' AND f.conrelid = c.oid AND f.conkey = ARRAY[a.attnum]
      AND (k.attidentity <> '')))
"""


def prepare_database(connection) -> None:
    """Create what all counties of a database share: extensions and the application's role."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DO $$ BEGIN CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
        # An owner who is no superuser takes on the role only as its member.
        kind = "SET" if connection.pg_version >= 160000 else "MEMBER"
        cursor.execute(
            "SELECT rolsuper OR pg_has_role(%s, %s) FROM pg_roles WHERE rolname = current_user",
            [APP_ROLE, kind],
        )
        if not cursor.fetchone()[0]:
            cursor.execute(f"GRANT {APP_ROLE} TO CURRENT_USER")
        for extension in EXTENSIONS:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} SCHEMA public")
        cursor.execute("SELECT current_database()")
        name = connection.ops.quote_name(cursor.fetchone()[0])
        cursor.execute(f"REVOKE TEMPORARY, CREATE ON DATABASE {name} FROM PUBLIC")
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


@contextmanager
def within(connection, county: str) -> Iterator[None]:
    """Let `connection` (Django's) work in `county`'s schema, and in its former one afterwards."""
    options = connection.settings_dict["OPTIONS"]
    before = options.get("options", "")
    connection.close()
    options["options"] = f"-c search_path={county},public"
    try:
        yield
    finally:
        connection.close()
        options["options"] = before


def install(connection, county: str, *, verbosity: int = 0) -> None:
    """Make or bring up to date the county's schema: tables by migrations, then the grants.

    `connection` is Django's connection of the owner. Running it again changes nothing.
    """
    if not county.isidentifier():
        raise ValueError(f"{county!r} cannot name a schema")
    prepare_database(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {county}")
    with within(connection, county):
        _forget_content_types()
        call_command("migrate", database=connection.alias, verbosity=verbosity, interactive=False)
        widen(connection, county)
        grant(connection, county)
    _forget_content_types()


def widen(connection, county: str) -> None:
    """Make every int4 identity of the county, and the keys that point at it, a bigint."""
    with connection.cursor() as cursor:
        cursor.execute(_NARROW, [county])
        for table, column, sequence, is_identity in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE bigint")
            if is_identity:
                cursor.execute(f"ALTER SEQUENCE {sequence} AS bigint")


def grant(connection, county: str) -> None:
    """Give the application's role what it needs in `county`, and take everything else."""
    append_only, booked = tables_named("APPEND_ONLY"), tables_named("BOOKED")
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [county])
        rights: dict[str, list[str]] = {}
        for table, root, is_view in cursor.fetchall():
            if is_view or root in booked or root in READ_ONLY:
                right = "SELECT"
            elif root in append_only:
                right = "SELECT, INSERT"
            else:
                right = "SELECT, INSERT, UPDATE, DELETE"
            rights.setdefault(right, []).append(f"{county}.{quote(table)}")
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA {county} FROM PUBLIC, {APP_ROLE}")
        for right, tables in rights.items():
            cursor.execute(f"GRANT {right} ON {', '.join(tables)} TO {APP_ROLE}")
        cursor.execute(f"GRANT USAGE ON SCHEMA {county} TO {APP_ROLE}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {county} TO {APP_ROLE}")
        cursor.execute(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {county} TO {APP_ROLE}")


def tables_named(attribute: str) -> frozenset[str]:
    """The tables that rooms' models modules list under `attribute`, e.g. `APPEND_ONLY`."""
    return frozenset(table for listed in _lists(attribute) for table in listed)


def _lists(attribute: str) -> Iterator[Iterable[str]]:
    for config in apps.get_app_configs():
        if config.name.startswith("pratique.") and find_spec(f"{config.name}.models"):
            yield getattr(import_module(f"{config.name}.models"), attribute, ())


def _forget_content_types() -> None:
    """Content types are cached by process, but each county numbers its own."""
    apps.get_model("contenttypes", "ContentType").objects.clear_cache()
