"""What a command needs of its machine: a folder for data, keys, a database, and Django."""

import os
import secrets
import sys
from pathlib import Path
from urllib.parse import urlsplit

from pratique.cli import locale, words
from pratique.cli.words import _
from pratique.kit import embedded, seal

ROOT = Path(__file__).resolve().parent.parent.parent
APP_ROLE = "pratique_app"
SECRET_BYTES = 48
WEB_WORKERS = 2
# A call that waits for others to be recorded with (pratique.api.together) waits in a thread.
WEB_THREADS = 32


class Trouble(Exception):
    """What a person at the terminal is told instead of a traceback. code: the exit code."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


def var() -> Path:
    """The folder of this machine's data: the embedded database, keys, locks, files."""
    return Path(os.environ.get("PRATIQUE_VAR") or ROOT / "var").resolve()


def prepare_files() -> None:
    """Make what is never committed: keys, the secret, compiled translations. Makes them once.

    Raises Trouble where this machine's folder cannot be one.
    """
    try:
        _prepare_files()
    except (NotADirectoryError, FileExistsError, PermissionError) as error:
        raise Trouble(
            _("“%(file)s” cannot be made (%(why)s). PRATIQUE_VAR and PRATIQUE_KEY_FILE say where "
              "this machine's data lies.") % {"file": error.filename, "why": error.strerror}
        ) from error


def _prepare_files() -> None:
    (var() / "static").mkdir(parents=True, exist_ok=True)
    seal.make_keys(Path(os.environ.get("PRATIQUE_KEY_FILE") or var() / "keys.json"))
    secret = var() / "secret"
    if not secret.exists():
        draft = secret.with_name(f".secret.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES))
        draft.replace(secret)
    locale.build()


def uses_embedded() -> bool:
    return os.environ.get("PRATIQUE_EMBEDDED") == "1" or not os.environ.get("DATABASE_URL")


def ensure_database() -> None:
    """Name the database in the environment, for this process and its children.

    Without DATABASE_URL that is the embedded server, started or joined. Raises Trouble when no
    database answers.
    """
    if uses_embedded():
        try:
            url = embedded.start(var() / "pg")
        except embedded.CannotStart as error:
            raise Trouble(str(error)) from error
        os.environ["PRATIQUE_EMBEDDED"] = "1"
        os.environ["DATABASE_URL"] = url
        os.environ["APP_DATABASE_URL"] = embedded.with_user(url, APP_ROLE)
    check_database(os.environ["DATABASE_URL"])


def check_database(url: str) -> None:
    """Raises Trouble, naming the server but never its password, when `url` does not answer."""
    import psycopg

    try:
        where = urlsplit(url)
    except ValueError:
        where = urlsplit("")
    if where.scheme not in ("postgresql", "postgres"):
        raise Trouble(
            _("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
        )
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        place = where.netloc.rpartition("@")[2] or where.query
        raise Trouble(
            _("The database at %(place)s does not answer: %(reason)s")
            % {"place": place, "reason": first_line(error)}
        ) from error


def first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def set_up_django() -> None:
    """Load the application, in the terminal's language."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pratique.settings")
    import django
    from django.utils import translation

    django.setup()
    translation.activate(words.language())


def install_county(*, verbosity: int = 0) -> None:
    """Bring this county's tables and grants up to date (Django must be set up). Raises Trouble."""
    from django.conf import settings
    from django.db import connections

    from pratique.kit import county

    if not settings.COUNTY.isidentifier():
        raise Trouble(_("“%(county)s” cannot name a county: PRATIQUE_COUNTY has letters, digits "
                        "and underscores alone.") % {"county": settings.COUNTY})
    county.install(connections["owner"], settings.COUNTY, verbosity=verbosity)
    connections["owner"].close()


def county_is_empty() -> bool:
    """Whether nothing was ever recorded here."""
    from pratique.kit.sql import reading

    with reading() as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT FROM journal_fact)")
        row = cursor.fetchone()
    return bool(row and row[0])


def child_environment() -> dict[str, str]:
    """For processes started by this one: they find the package wherever they are started."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}


def module(*arguments: str) -> list[str]:
    """The command that runs a Python module with this very interpreter."""
    return [sys.executable, "-m", *arguments]


def web_server(host: str, port: int, workers: int = WEB_WORKERS) -> list[str]:
    """The command that serves the pages and the API.

    No access log of Granian's: a path may hold a person's unguessable link. Requests are logged by
    route (pratique/kit/logs.py).
    """
    return module(
        "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", str(WEB_THREADS), "--no-ws",
        "--respawn-failed-workers", "--log-level", "error", "pratique.wsgi:application")
