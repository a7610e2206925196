"""A played county served to look around in: who may sign in, and a clock that goes on."""

import json
import time
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen

from pratique.cli.drill_server import DrillServer
from pratique.cli.show import say
from pratique.cli.words import _

POLL_SECONDS = 0.5
CLOCK_SECONDS = 15
COMMAND = "command/lead"


def serve(server: DrillServer, *, is_played: bool, is_kept: bool) -> None:
    """Say where it is and who may sign in; return only by a signal or Ctrl+C.

    In a county that is played the clock goes on as fast as ours, so that what is due falls due;
    one that is not waits at the first morning for `pratique drill --url`.
    """
    _tell(server, is_played, is_kept)
    clock = _Clock(server) if is_played else None
    while True:
        server.part.watch()
        if clock is not None:
            clock.go_on()
        time.sleep(POLL_SECONDS)


def _tell(server: DrillServer, is_played: bool, is_kept: bool) -> None:
    say("")
    say(_("Sign in with one of these. Each password is good once; this is the only time that "
          "they are shown."))
    for account in server.accounts:
        where = f" @ {account['unit']}" if account["unit"] else ""
        say(f"  {account['username']:<15} {account['password']}   {account['role']}{where}")
    say("")
    say(_("The drill's county is at %(url)s") % {"url": f"{server.url}/"})
    if not is_played:
        say(_("Play it from another terminal: pratique drill --url %(url)s --credentials %(file)s")
            % {"url": server.url, "file": server.credentials})
    say(_("Ctrl+C stops it; the data stays.") if is_kept else
        _("Ctrl+C stops it and takes it away; with --keep it stays."))


class _Clock:
    """Drives the drill's clock by what has passed here, through the public API."""

    def __init__(self, server: DrillServer) -> None:
        self.url = f"{server.url}/api/v1/clock"
        devices = json.loads(server.credentials.read_text(encoding="utf-8"))["devices"]
        token = next(each["token"] for each in devices if each["name"] == COMMAND)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.began_at = datetime.fromisoformat(self._call(None)["now"])
        self.began = self.driven = time.monotonic()

    def go_on(self) -> None:
        """Drive the clock when it is some seconds behind. A busy server is asked next time."""
        passed = time.monotonic()
        if passed - self.driven < CLOCK_SECONDS:
            return
        self.driven = passed
        moment = self.began_at + timedelta(seconds=passed - self.began)
        with suppress(OSError):
            self._call({"now": moment.isoformat()})

    def _call(self, data: dict[str, Any] | None) -> Any:
        body = json.dumps(data).encode() if data is not None else None
        asked = Request(self.url, body, self.headers)  # noqa: S310 (our own server)
        with urlopen(asked, timeout=120) as answered:  # noqa: S310
            return json.load(answered)
