"""What every door needs: the time, and who is asking. Nothing below the doors asks for either.

In a drill, and only there, the clock is the drill's own: the one row of the journal's drill table.
That table, and the functions that know devices and sessions, are named here and not imported,
because kit knows nothing above it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from asgiref.local import Local
from django.core.signals import request_finished, request_started
from django.http import HttpRequest
from django.utils.module_loading import import_string

from pratique.kit.clock import SystemClock
from pratique.kit.sql import in_transaction, reading

ACTOR_OF_DEVICE = "pratique.api.devices.actor_of_token"
ACTOR_OF_SESSION = "pratique.desks.people.actor_of"
TOKEN_LENGTH_MAX = 200

_system = SystemClock()
_request = Local()  # this request's reading of the drill's clock


def now() -> datetime:
    """The present moment for whoever stands at a door, aware, in UTC.

    Within one request a drill's clock is read once; the system's clock goes on.
    """
    if not getattr(_request, "open", False):
        return _driven() or _system.now()
    if not hasattr(_request, "driven"):
        _request.driven = _driven()
    return _request.driven or _system.now()


def heard_clock(driven: datetime | None) -> None:
    """A statement of this request has read the drill's clock (None: no drill) beside its own."""
    if getattr(_request, "open", False):
        _request.driven = driven


def _driven() -> datetime | None:
    with reading() as cursor:
        cursor.execute("SELECT now FROM journal_drill")
        row = cursor.fetchone()
    return row[0] if row else None


def drive(moment: datetime) -> bool:
    """Set a drill's clock, never backwards; False where the database is no drill."""
    with in_transaction() as cursor:
        cursor.execute("UPDATE journal_drill SET now = greatest(now, %s)", (moment,))
        is_drill = cursor.rowcount == 1
    _forget()
    return is_drill


def _forget() -> None:
    if hasattr(_request, "driven"):
        del _request.driven


def _request_begins(**_: Any) -> None:
    _forget()
    _request.open = True


def _request_ends(**_: Any) -> None:
    _forget()
    _request.open = False


request_started.connect(_request_begins, dispatch_uid="pratique.kit.doors.begins")
request_finished.connect(_request_ends, dispatch_uid="pratique.kit.doors.ends")


def actor_of_request(request: HttpRequest) -> Any:
    """The journal's `Actor` for a device's bearer token or a signed-in person; None: a stranger.

    A request that shows a token is the device's, even in a browser where somebody is signed in.
    A revoked device is a stranger, but to views marked `hears_revoked_devices`: what it still has
    to say is not lost.
    """
    shown = request.headers.get("Authorization", "")
    if shown:
        match = request.resolver_match
        hears_revoked = bool(match and getattr(match.func, "hears_revoked_devices", False))
        token = bearer_token(shown)
        return _named(ACTOR_OF_DEVICE)(token, hears_revoked) if token else None
    return _named(ACTOR_OF_SESSION)(request)


def bearer_token(header: str) -> str | None:
    """The token of an Authorization header; None when it is of another kind or impossible."""
    scheme, _space, token = header.partition(" ")
    token = token.strip()
    possible = 0 < len(token) <= TOKEN_LENGTH_MAX and token.isascii() and token.isprintable()
    return token if scheme.lower() == "bearer" and possible else None


def _named(name: str) -> Callable[..., Any]:
    return import_string(name)
