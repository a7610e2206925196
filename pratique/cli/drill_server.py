"""A county of its own for a drill: a server and a database in a temporary folder, and the tokens
of its devices in a private file."""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pratique.cli import machine, supervisor
from pratique.cli.machine import Trouble
from pratique.cli.show import say
from pratique.cli.supervisor import Part
from pratique.cli.words import _
from pratique.kit import embedded

BEGIN = "2022-08-20T06:00:00+08:00"
CREDENTIALS = "devices.json"


@dataclass(frozen=True, slots=True)
class DrillServer:
    """A running drill county. environment: for `pratique` commands in the same county.

    accounts: who may sign in with which one-time password, where passwords were drawn.
    """

    url: str
    credentials: Path
    environment: dict[str, str]
    part: Part
    accounts: list[dict[str, Any]]

    def rebuild(self) -> dict[str, Any]:
        """`pratique rebuild --check --json` in this county."""
        return verb_in(self.environment, "rebuild", "--check", "--json", codes=(0, 1))


def verb_in(environment: dict[str, str], *words: str, codes: tuple[int, ...] = (0,)) -> Any:
    """Run a verb in the drill's county and read its JSON. Raises Trouble."""
    done = subprocess.run(
        machine.module("pratique", *words), env=environment, capture_output=True, text=True,
        check=False, stdin=subprocess.DEVNULL)
    if done.returncode not in codes:
        last = "\n".join(done.stderr.strip().splitlines()[-8:])
        raise Trouble(_("“%(verb)s” failed in the drill's county:\n%(why)s")
                      % {"verb": words[0], "why": last})
    return json.loads(done.stdout) if "--json" in words else None


@contextlib.contextmanager
def drill_server(
    title: str, *, keep: bool = False, port: int = 0, passwords: bool = False
) -> Iterator[DrillServer]:
    """A drill county, served until the block ends. keep: leave its folder and say where it is.

    port: 0 takes any free one. passwords: draw one-time passwords, for people to look around.
    """
    port = supervisor.free_port("127.0.0.1", port)
    folder = Path(tempfile.mkdtemp(prefix="pratique-drill-"))
    folder.chmod(0o711)  # the database's user passes through, nobody lists it
    part: Part | None = None
    try:
        environment = environment_in(folder)
        url = embedded.start(folder / "pg")
        environment |= {"PRATIQUE_EMBEDDED": "1", "DATABASE_URL": url,
                        "APP_DATABASE_URL": embedded.with_user(url, machine.APP_ROLE)}
        say(_("Tables of the drill's county…"))
        verb_in(environment, "migrate")
        _begin(url, title)
        seeded = verb_in(environment, "seed", *([] if passwords else ["--no-passwords"]),
                       "--device-tokens", "--lists-until", BEGIN, "--json")
        credentials = _write_credentials(folder / CREDENTIALS, seeded["devices"])
        part = _web(port, environment, folder / "web.log")
        part.start()
        at = f"http://127.0.0.1:{port}"
        supervisor.wait_until_ready(f"{at}/", part)
        accounts = [each for each in seeded["accounts"] if each["password"]]
        yield DrillServer(at, credentials, environment, part, accounts)
    finally:
        if part is not None:
            part.stop()
        embedded.leave(folder / "pg")
        if keep:
            say(_("The drill's county stays in %(folder)s") % {"folder": folder})
            say(_("It is served again by: PRATIQUE_VAR=%(folder)s ./run") % {"folder": folder})
        else:
            shutil.rmtree(folder, ignore_errors=True)


def environment_in(folder: Path) -> dict[str, str]:
    """A child's environment with nothing of this machine's own county in it."""
    foreign = ("DATABASE_", "APP_DATABASE_", "PRATIQUE_")
    ours = {name: value for name, value in machine.child_environment().items()
            if name == "PRATIQUE_DEBUG" or not name.startswith(foreign)}
    return {**ours, "PRATIQUE_VAR": str(folder), "PRATIQUE_SECRET": secrets.token_urlsafe(48),
            "PRATIQUE_HOSTS": "127.0.0.1,localhost", "PRATIQUE_LANGUAGE": "en"}


def _begin(url: str, title: str) -> None:
    """Mark the database as a drill: from now on, and here alone, its clock can be driven."""
    import psycopg

    from pratique.journal.drill import begin_drill

    with psycopg.connect(url, options="-c search_path=xing,public") as connection:
        begin_drill(connection, title, datetime.fromisoformat(BEGIN))


def _write_credentials(file: Path, devices: list[dict[str, Any]]) -> Path:
    """The private file by which the drill knows its county's devices and staff."""
    from pratique.feeds.county import read_county

    county = read_county()
    lanes = {unit["code"]: unit["attributes"].get("lanes", ["1"])
             for unit in county.units() if unit["kind"] == "checkpoint"}
    staff = [{"staff": str(body["staff"]), "role": duty["role"], "unit": duty["unit"]}
             for body, _sealed, _example in county.staff() for duty in body["duties"]]
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        json.dump({"lanes": lanes, "staff": staff, "devices": devices}, opened)
    return file


def _web(port: int, environment: dict[str, str], log: Path) -> Part:
    return Part("web", machine.web_server("127.0.0.1", port), essential=True,
                environment=environment, log=log)
