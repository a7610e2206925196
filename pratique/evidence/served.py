"""A county of its own, served as `pratique serve` serves one: web processes and worker."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from pratique.cli import machine, supervisor
from pratique.cli.drill_server import environment_in, verb_in
from pratique.cli.supervisor import Part
from pratique.kit import embedded

HOST = "127.0.0.1"
COUNTY = "xing"


@dataclass(frozen=True, slots=True)
class Served:
    """A running county. devices: the example's, as `seed --device-tokens` prints them."""

    port: int
    database: str
    devices: list[dict[str, Any]]
    parts: list[Part]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database has, asked past the application."""
        options = f"-c search_path={COUNTY},public"
        with psycopg.connect(self.database, options=options) as connection:
            return connection.execute(query, values).fetchall()

    def memory(self) -> dict[str, float]:
        """Of each process, the most memory that it ever held, in MiB: "web/1234" -> 180.5."""
        found = {}
        for part in self.parts:
            for process in _session(part):
                for line in _lines(process / "status"):
                    if line.startswith("VmHWM:"):
                        found[f"{part.name}/{process.name}"] = int(line.split()[1]) / 1024
        return found


def _session(part: Part) -> Iterator[Path]:
    """The processes that a part has started, itself included."""
    assert part.process is not None
    for process in Path("/proc").glob("[0-9]*"):
        told = "".join(_lines(process / "stat")).rpartition(")")[2].split()
        if told and int(told[3]) == part.process.pid:
            yield process


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except OSError:  # it has ended meanwhile
        return []


@contextmanager
def served(*hosts: str) -> Iterator[Served]:
    """The example county, durable, until the block ends. hosts: further names of the server."""
    port = supervisor.free_port(HOST, 0)
    folder = Path(tempfile.mkdtemp(prefix="pratique-"))
    folder.chmod(0o711)  # the database's user passes through, nobody lists it
    environment = environment_in(folder)
    parts = [Part("web", machine.web_server(HOST, port), environment=environment,
                  log=folder / "web.log"),
             Part("worker", machine.module("pratique", "tick", "--loop"), environment=environment,
                  log=folder / "worker.log")]
    try:
        database = embedded.start(folder / "pg")
        environment |= {
            "PRATIQUE_EMBEDDED": "1", "DATABASE_URL": database, "PRATIQUE_COUNTY": COUNTY,
            "APP_DATABASE_URL": embedded.with_user(database, machine.APP_ROLE),
            "PRATIQUE_HOSTS": ",".join([HOST, "localhost", *hosts])}
        verb_in(environment, "migrate")
        seeded = verb_in(environment, "seed", "--no-passwords", "--device-tokens", "--json")
        for part in parts:
            part.start()
        supervisor.wait_until_ready(f"http://{HOST}:{port}/", parts[0])
        yield Served(port, database, json.loads(json.dumps(seeded["devices"])), parts)
    finally:
        for part in reversed(parts):
            part.stop()
        embedded.leave(folder / "pg")
        shutil.rmtree(folder, ignore_errors=True)
