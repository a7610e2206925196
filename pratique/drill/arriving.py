"""Before a drill begins: whether what answers at an address can be played against at all.

Nothing is sent but reads of the clock, so that a county in earnest hears nothing of a drill.
"""

import http.client
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from django.utils.translation import gettext as _

from pratique.drill.cast import Cast, read_cast
from pratique.drill.device import Device
from pratique.drill.moments import BEGIN, local
from pratique.drill.wire import Knocked, Wire

COMMAND, LEAD = "command", "lead"


class Unplayable(Exception):
    """Why no drill can be played there, for the person at the terminal."""


class _Clock(msgspec.Struct):
    """What `GET /clock` answers."""

    now: datetime
    drill: str | None


def check_url(url: str) -> str:
    """`url` without a slash at its end. Raises Unplayable."""
    try:
        at = urlsplit(url)
        known = at.scheme in ("http", "https") and at.hostname and (at.port is None or at.port)
    except ValueError:  # a port that is no number
        known = False
    if not known or at.path not in ("", "/") or at.query or at.fragment:
        raise Unplayable(_("--url must look like http://127.0.0.1:8000, with nothing behind it."))
    return url.rstrip("/")


def cast_of(file: Path, seed: int) -> Cast:
    """The cast of a credentials file. Raises Unplayable where it is no such file."""
    try:
        cast = read_cast(file, seed)
        cast.device(COMMAND, LEAD)
    except OSError as error:
        raise Unplayable(_("The credentials %(file)s cannot be read: %(why)s.") % {
            "file": file, "why": error.strerror or error}) from error
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        raise Unplayable(
            _("%(file)s is not the credentials file that a drill's county writes "
              "(lanes, staff and devices, with the device command/lead).")
            % {"file": file}) from error
    return cast


def check_county(url: str, cast: Cast) -> None:
    """Ask the clock with every device's token. Raises Unplayable, with what to do."""
    wire = Wire(check_url(url))
    try:
        clock = _clock(url, cast.device(COMMAND, LEAD), wire)
        if clock.drill is None:
            raise Unplayable(
                _("The county at %(url)s is no drill, and nothing was sent to it. A county to "
                  "play in is made and served by: pratique drill --serve --days 0")
                % {"url": url})
        if clock.now > BEGIN:
            raise Unplayable(
                _("The drill at %(url)s has been played until %(time)s. Every drill begins in a "
                  "fresh county: pratique drill --serve --days 0")
                % {"url": url, "time": f"{local(clock.now):%Y-%m-%d %H:%M}"})
        wire.each(lambda device: _clock(url, device, wire), cast.devices)
    finally:
        wire.close()


def _clock(url: str, device: Device, wire: Wire) -> _Clock:
    """What the county says to this device when it asks for the time. Raises Unplayable."""
    try:
        answered = wire.knock(device, "/clock")
    except (OSError, http.client.HTTPException) as error:
        raise Unplayable(_("Nothing at %(url)s answers a drill: %(why)s.") % {
            "url": url, "why": getattr(error, "strerror", None) or error}) from error
    if answered.status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN) and answered.is_json:
        raise Unplayable(
            _("The county at %(url)s does not know the token of %(device)s: the credentials are "
              "another county's, or the device was revoked.")
            % {"url": url, "device": device.name})
    return _read(url, answered)


def _read(url: str, answered: Knocked) -> _Clock:
    try:
        if answered.status == http.client.OK and answered.is_json:
            return msgspec.json.decode(answered.body, type=_Clock)
    except msgspec.MsgspecError:
        pass
    raise Unplayable(
        _("What answers at %(url)s is not Pratique's API (status %(status)s, %(type)s). "
          "Is the address right?")
        % {"url": url, "status": answered.status, "type": answered.content_type or "?"})
