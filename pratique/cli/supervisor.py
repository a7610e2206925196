"""Keeps the parts of a running Pratique alive, and stops them in order."""

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from pratique.cli import machine
from pratique.cli.machine import Trouble
from pratique.cli.show import say
from pratique.cli.words import _

STOP_SECONDS_MAX = 20
GONE_SECONDS_MAX = 5
READY_SECONDS_MAX = 60
WAIT_SECONDS_MAX = 30
STEADY_SECONDS = 20
EARLY_DEATHS_MAX = 4
POLL_SECONDS = 0.25
_PR_SET_PDEATHSIG = 1


@dataclass
class Part:
    """One child process: started, watched, started again when it dies.

    essential: give up, rather than try for ever, when it keeps dying soon after its start.
    log: a file for what it says; None = where its supervisor speaks.
    """

    name: str
    command: list[str]
    essential: bool = False
    process: subprocess.Popen | None = None
    started_at: float = 0.0
    early_deaths: int = 0
    next_start_at: float = 0.0
    environment: dict[str, str] = field(default_factory=machine.child_environment)
    log: Path | None = None

    def start(self) -> None:
        # In a session of its own: Ctrl+C reaches the supervisor alone, which orders the stop.
        with contextlib.ExitStack() as stack:
            output = stack.enter_context(self.log.open("ab")) if self.log else None
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
            )
        self.started_at = time.monotonic()

    def watch(self) -> None:
        """Start it again if it died. Raises Trouble when an essential part keeps dying."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.next_start_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self._kill_group(self.process.pid)  # what it started itself may have outlived it
        self.process = None
        steady = now - self.started_at > STEADY_SECONDS
        self.early_deaths = 0 if steady else self.early_deaths + 1
        if self.essential and self.early_deaths >= EARLY_DEATHS_MAX:
            raise Trouble(_("The part “%(part)s” does not stay up.") % {"part": self.name})
        wait = min(2**self.early_deaths - 1, WAIT_SECONDS_MAX)
        self.next_start_at = now + wait
        say(
            _("The part “%(part)s” stopped (code %(code)s); it starts again in %(seconds)s s.")
            % {"part": self.name, "code": code, "seconds": wait}
        )

    def stop(self) -> None:
        """Ask it to stop; kill what is left of it after a while."""
        process, self.process = self.process, None
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS_MAX)
        self._kill_group(process.pid)
        process.wait()
        self._outlive(process.pid)

    @staticmethod
    def _kill_group(leader: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGKILL)

    @staticmethod
    def _outlive(leader: int) -> None:
        """Wait until all that it started is gone: one that lingers still holds the database."""
        end = time.monotonic() + GONE_SECONDS_MAX
        with contextlib.suppress(ProcessLookupError):
            while time.monotonic() < end:
                os.killpg(leader, 0)
                time.sleep(POLL_SECONDS / 5)


def _die_with_parent() -> None:
    """Linux tells the child when its parent dies, however that happens."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def run_parts(parts: list[Part]) -> None:
    """Watch the parts until a signal or Ctrl+C; stop them, the last one first."""
    try:
        for part in parts:
            if part.process is None:
                part.start()
        while True:
            for part in parts:
                part.watch()
            time.sleep(POLL_SECONDS)
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl+C must not cut the stop short
        for part in reversed(parts):
            part.stop()


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[Path]:
    """Hold the place of the one server of this folder; yields the file that tells about it.

    The kernel frees the lock of a process that is killed. Raises Trouble when it is taken.
    """
    card = folder / "serve.json"
    handle = os.open(folder / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise Trouble(_already_runs(card)) from None
    card.unlink(missing_ok=True)  # of one that was killed
    try:
        yield card
    finally:
        card.unlink(missing_ok=True)
        os.close(handle)


def _already_runs(card: Path) -> str:
    try:
        told = json.loads(card.read_text())
    except (OSError, ValueError):
        return _("Pratique is being started here by another command just now.")
    return _(
        "Pratique runs here already, at %(url)s (process %(pid)s). Stop it with Ctrl+C where it "
        "was started, or with: kill %(pid)s"
    ) % told


def free_port(host: str, port: int) -> int:
    """`port` if it is free on `host` (0: any free one). Raises Trouble."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise Trouble(
                _("Port %(port)s is for the system. Take another: ./run --port 8010")
                % {"port": port}
            ) from error
        except (socket.gaierror, UnicodeError) as error:
            raise Trouble(_no_address(host)) from error
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise Trouble(_no_address(host)) from error
            raise Trouble(
                _("Port %(port)s of %(host)s cannot be used (%(why)s). Take another: "
                  "./run --port 8010")
                % {"port": port, "host": host, "why": error.strerror}
            ) from error
        return probe.getsockname()[1]


def _no_address(host: str) -> str:
    return _("“%(host)s” is no address of this machine. Leave --host out, or: "
             "./run --host 127.0.0.1") % {"host": host}


def wait_until_ready(url: str, part: Part) -> None:
    """Wait until the server answers anything at all. Raises Trouble when it does not."""
    end = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < end:
        part.watch()
        try:
            urlopen(url, timeout=5).close()  # noqa: S310
            return
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(POLL_SECONDS / 2)
    raise Trouble(_("The server does not answer at %(url)s.") % {"url": url})
