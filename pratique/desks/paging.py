"""Pages of long lists: the address carries the last row of the page before."""

from datetime import datetime
from uuid import UUID


def after_moment(text: str | None) -> tuple[datetime, UUID] | None:
    """(moment, id) of the last row of the page before; None for the first page."""
    try:
        moment, last = (text or "").split("~")
        return datetime.fromisoformat(moment), UUID(last)
    except ValueError:
        return None
