"""What all reads share: who may read which unit, and pages by key."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Schema
from pydantic import create_model

from pratique.api.answers import Refused
from pratique.kit.errors import Refusal

PAGE_ROWS = 100
PAGE_ROWS_MAX = 500
CODE = r"^[a-z0-9][a-z0-9-]{0,39}$"
WORD = r"^[a-z0-9_.-]{1,80}$"
KEY_LENGTH_MAX = 100


def limits() -> Any:
    """The query parameter `limit`: rows a page."""
    return Query(PAGE_ROWS, ge=1, le=PAGE_ROWS_MAX, description="rows a page")


def code(said: str = "a unit's code") -> Any:
    """A query parameter that is a unit's code, or absent."""
    return Query(None, pattern=CODE, description=said)


def unit_key() -> Any:
    """A query parameter that is a six-digit division or the key of a zone ("name:…")."""
    return Query(None, pattern=r"^[^\x00]{1,200}$", description="six-digit code, or a zone's key")


def word(said: str) -> Any:
    return Query(None, pattern=WORD, description=said)


def after_key() -> Any:
    return Query(None, max_length=KEY_LENGTH_MAX, description="`next` of the page before")


def page_of(item: type) -> type[Schema]:
    """The schema of a page of `item`s: {"items": […], "next": text or null}."""
    items = list[item]  # type: ignore[valid-type]
    return create_model(
        f"{item.__name__}Page", __base__=Schema, items=(items, ...), next=(str | None, None))


def page(rows: Sequence[Any], limit: int, key: Callable[[Any], Any]) -> dict[str, Any]:
    """`rows` were read with limit + 1, so that the last page is known to be the last."""
    shown = list(rows[:limit])
    more = len(rows) > limit
    return {"items": shown, "next": _key_text(key(shown[-1])) if more else None}


def _key_text(key: Any) -> str:
    if isinstance(key, tuple):
        at, last = key
        return f"{at.isoformat()}~{last}"
    return str(key)


def moment_and_id(after: str | None) -> tuple[datetime, UUID] | None:
    """A page's key of a moment and an id. Raises Refused."""
    if after is None:
        return None
    at, _tilde, last = after.replace(" ", "+").partition("~")
    try:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("no zone")
        return moment, UUID(last)
    except ValueError:
        raise _bad_key() from None


def just_id(after: str | None) -> UUID | None:
    """A page's key of an id. Raises Refused."""
    try:
        return UUID(after) if after is not None else None
    except ValueError:
        raise _bad_key() from None


def _bad_key() -> Refused:
    return Refused(400, Refusal("bad_page_key", _("“after” is not the “next” of a page of this "
                                                  "list."), "api.page_key"))


def unit_of(request: HttpRequest, asked: str | None) -> str | None:
    """The unit whose rows are read; None = all of the county. Raises Refused (403).

    Who speaks for one unit reads that unit's rows without having to name it.
    """
    units = request.actor.units  # type: ignore[attr-defined]
    if units is None or asked in units:
        return asked
    if asked is None and len(units) == 1:
        return next(iter(units))
    raise not_your_unit(asked)


def not_your_unit(unit: str | None) -> Refused:
    return Refused(403, Refusal(
        "not_your_unit", _("You are not on duty at “%(unit)s”."), "api.own_unit",
        unit=unit or ""))


def not_found(what: Any) -> Refused:
    return Refused(404, Refusal("not_found", _("There is no such thing here: %(what)s."),
                                "api.not_found", what=str(what)))


def day_span(day: date) -> tuple[datetime, datetime]:
    """[from, until) of a local day of the county."""
    begin = datetime.combine(day, time(), ZoneInfo(settings.COUNTY_ZONE))
    return begin, begin + timedelta(days=1)


def local_day(now: datetime) -> date:
    return now.astimezone(ZoneInfo(settings.COUNTY_ZONE)).date()
