"""How tests get their database.

One embedded server in var/pg-test (or DATABASE_URL). Two counties, `alpha` and `beta`, are
migrated once into a template, named after the code that made it; every test process copies the
template and works in `beta` as the application's role, so that whatever only works in the first
county, or only for the owner, fails here.

    @pytest.mark.django_db       one connection; rolled back
    @pytest.mark.committed       commits for real (threads, several connections); wiped afterwards
    def test_x(committed):       the same, and committed() opens another connection as the
                                 application, committed("owner") one as the owner
"""

import contextlib
import hashlib
import os
import socket
from pathlib import Path

import django
import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase
from django.utils import translation
from django.utils.translation.reloader import translation_file_changed

from pratique.cli import browser, locale, machine, words
from pratique.kit import county, embedded

ROOT = Path(__file__).parent
COUNTIES = ("alpha", "beta")
TEMPLATES_KEPT = 4
BUILD_LOCK = 0x7072_6174
HOST = hashlib.blake2b(socket.gethostname().encode(), digest_size=3).hexdigest()
MINE = f"pratique_test_{HOST}_"


# Playwright's own loop runs in the thread of the test; Django would refuse to query beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_addoption(parser) -> None:
    parser.addoption(
        "--vectors", type=int, default=5_000,
        help="arrivals that server and device decide, compared field by field (5000)")


def pytest_configure() -> None:
    machine.prepare_files()
    forget_sentences()


def forget_sentences() -> None:
    """Let Django and the command line read the catalogue anew.

    pytest-django loads the application, and with it the catalogue, before this file is read and
    the catalogue is made. That another process made it meanwhile cannot be told, so always.
    """
    translation_file_changed(None, locale.TARGET / "django.mo")
    words._catalogue.cache_clear()


@pytest.fixture(scope="session")
def server() -> str:
    """The address of the server that tests use."""
    outside = os.environ.get("DATABASE_URL")
    return outside or embedded.start(ROOT / "var" / "pg-test", durable=False)


@pytest.fixture(scope="session")
def django_db_setup(server, django_db_blocker):
    """Gives this process a fresh database with both counties; drops it at the end."""
    name = f"{MINE}{os.getpid()}"
    with django_db_blocker.unblock(), psycopg.connect(server, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", [BUILD_LOCK])
        drop_leftovers(admin)
        template = ensure_template(admin, server)
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        admin.execute("SELECT pg_advisory_unlock(%s)", [BUILD_LOCK])
        use_database(server, name, COUNTIES[-1])
        county.prepare_database(connections["owner"])
        connections["owner"].close()
    Wiper.take_snapshot()
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def drop_leftovers(admin: psycopg.Connection) -> None:
    """Drop databases of test processes that died, and templates of code long gone."""
    rows = admin.execute("SELECT datname FROM pg_database ORDER BY oid DESC").fetchall()
    names = [row[0] for row in rows]
    dead = [n for n in names if n.startswith(MINE) and not is_alive(n.removeprefix(MINE))]
    old = [n for n in names if n.startswith("pratique_tpl_")][TEMPLATES_KEPT:]
    for name in [*dead, *old]:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError):
        return True
    return True


def ensure_template(admin: psycopg.Connection, server: str) -> str:
    """The template's name; both counties are migrated into it when it is not there yet."""
    name = f"pratique_tpl_{fingerprint()}"
    found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    if found:
        return name
    making = f"{name}_making"
    admin.execute(f"DROP DATABASE IF EXISTS {making} WITH (FORCE)")
    admin.execute(f"CREATE DATABASE {making}")
    use_database(server, making, COUNTIES[0])
    for each in COUNTIES:
        county.install(connections["owner"], each)
        blindfold_triggers(each)
    connections.close_all()
    admin.execute(f"ALTER DATABASE {making} RENAME TO {name}")
    return name


def blindfold_triggers(schema: str) -> None:
    """Let trigger functions see `public` alone, as they would on a worker of a sharded county.

    One that names a table without its county then fails in every test that fires it.
    """
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = "
            "%s::regnamespace AND p.prorettype = 'trigger'::regtype", [schema]
        )
        for (function,) in cursor.fetchall():
            qualified = function if "." in function else f"{schema}.{function}"
            cursor.execute(f"ALTER FUNCTION {qualified} SET search_path = public")


def fingerprint() -> str:
    """Changes with everything that a migrated county is made of."""
    package = ROOT / "pratique"
    files = [
        *package.glob("*/migrations/*.py"),
        *package.glob("*/models.py"),
        package / "settings.py",
        package / "kit" / "county.py",
        Path(__file__),
    ]
    seen = hashlib.blake2b(django.__version__.encode(), digest_size=8)
    for file in sorted(files):
        seen.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return seen.hexdigest()


def use_database(server: str, name: str, schema: str) -> None:
    """Point both of Django's aliases at database `name`, working in `schema`.

    The embedded server lets the application's role log in by itself; on a server named by
    DATABASE_URL the login stays and takes on the role.
    """
    url = embedded.with_database(server, name)
    outside = os.environ.get("APP_DATABASE_URL") or os.environ.get("DATABASE_URL")
    if os.environ.get("APP_DATABASE_URL"):
        app = embedded.django_database(
            embedded.with_database(os.environ["APP_DATABASE_URL"], name), schema=schema
        )
    elif outside:
        app = embedded.django_database(url, schema=schema, role=county.APP_ROLE)
    else:
        app = embedded.django_database(url, schema=schema, user=county.APP_ROLE)
    for alias, wanted in (
        ("default", app), ("owner", embedded.django_database(url, schema=schema))
    ):
        connections[alias].close()
        settings.DATABASES[alias].update(wanted)
        connections[alias].settings_dict.update(wanted)


def connect(who: str = "app") -> psycopg.Connection:
    """A plain psycopg connection to the test database, in the tests' county, not autocommit."""
    alias = "owner" if who == "owner" else "default"
    at = settings.DATABASES[alias]
    return psycopg.connect(
        dbname=at["NAME"], user=at["USER"] or None, password=at["PASSWORD"] or None,
        host=at["HOST"] or None, port=at["PORT"] or None, options=at["OPTIONS"]["options"],
    )


@pytest.fixture
def committed(transactional_db):
    """Opens further connections in a test that commits; all are closed before the wipe."""
    with contextlib.ExitStack() as stack:
        def opened(who: str = "app") -> psycopg.Connection:
            connection = connect(who)
            stack.callback(connection.close)
            return connection

        yield opened


class Wiper:
    """Puts every table and sequence of the tests' county back to what the migrations left."""

    rows: dict[str, bytes] = {}
    sequences: list[tuple[str, int, bool]] = []
    tables: list[str] = []

    @classmethod
    def take_snapshot(cls) -> None:
        with connect("owner") as owner:
            cls.tables = [row[0] for row in owner.execute(
                "SELECT format('%I', relname) FROM pg_class WHERE relkind IN ('r', 'p') "
                "AND NOT relispartition AND relnamespace = current_schema()::regnamespace "
                "AND relname <> 'django_migrations' ORDER BY relname"
            )]
            for table in cls._filled(owner):
                with owner.cursor().copy(f"COPY {table} TO STDOUT") as copy:
                    cls.rows[table] = b"".join(copy)
            names = [row[0] for row in owner.execute(
                "SELECT format('%I', sequencename) FROM pg_sequences "
                "WHERE schemaname = current_schema()"
            )]
            for name in names:
                row = owner.execute(f"SELECT last_value, is_called FROM {name}").fetchone()
                cls.sequences.append((name, *row))

    @classmethod
    def _filled(cls, owner: psycopg.Connection) -> list[str]:
        if not cls.tables:
            return []
        asked = " UNION ALL ".join(
            f"SELECT '{t}' WHERE EXISTS (SELECT FROM {t})" for t in cls.tables
        )
        return [row[0] for row in owner.execute(asked)]

    @classmethod
    def wipe(cls) -> None:
        """Fails after 20 s, naming nobody, when a test left a transaction open."""
        with connect("owner") as owner:
            owner.execute("SET lock_timeout = '20s'")
            # Append-only tables refuse TRUNCATE by trigger; a wipe between tests is no use of them.
            owner.execute("SET session_replication_role = replica")
            if filled := cls._filled(owner):
                owner.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
            for table, content in cls.rows.items():
                if owner.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is None:
                    with owner.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                        copy.write(content)
            for name, value, called in cls.sequences:
                owner.execute("SELECT setval(%s::regclass, %s, %s)", [name, value, called])


def wipe_after_commit(self) -> None:
    """Django would flush as the application's role, which may not truncate."""
    for alias in self.databases or ():
        with contextlib.suppress(Exception):
            connections[alias].rollback()
    Wiper.wipe()


TransactionTestCase._fixture_teardown = wipe_after_commit


@pytest.fixture(autouse=True)
def english():
    """Sentences in tests are the msgids; a test of Chinese says so itself."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The system's Chromium; the wheel of Playwright would fetch a build of its own."""
    return {
        **browser_type_launch_args,
        "executable_path": browser.find(),
        "args": browser.ARGUMENTS,
    }


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items) -> None:
    no_browser = pytest.mark.skip(reason="NO BROWSER: needs Chromium and a Chinese font")
    ready = browser.ready()
    for item in items:
        if item.get_closest_marker("browser") and not ready:
            item.add_marker(no_browser)
        if item.get_closest_marker("committed") or "committed" in getattr(
            item, "fixturenames", ()
        ):
            item.add_marker(
                pytest.mark.django_db(transaction=True, databases=["default", "owner"])
            )


@pytest.fixture(scope="session", autouse=True)
def county_keys(tmp_path_factory):
    """Keys of this test run's own: nothing that tests seal opens with the machine's keys."""
    from pratique.kit.seal import make_keys

    settings.KEY_FILE = tmp_path_factory.mktemp("keys") / "keys.json"
    make_keys(settings.KEY_FILE)
