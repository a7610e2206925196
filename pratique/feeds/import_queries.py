"""Every read of imports: figures for those who supervise, rows for whom they concern."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pratique.feeds.arrivals import Rejected
from pratique.feeds.import_box import Card, DataKey
from pratique.kit.sql import reading

PAGE_ROWS_MAX = 200


@dataclass(frozen=True, slots=True)
class Import:
    """An import as its figures: rows = accepted + duplicate + rejected + left, always."""

    id: UUID
    staff: UUID
    unit: str | None
    handed_in_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    rows: int
    accepted: int
    duplicate: int
    rejected: int
    key: bytes | None = field(repr=False)
    card: bytes | None = field(repr=False)

    @property
    def done(self) -> int:
        return self.accepted + self.duplicate + self.rejected

    @property
    def left(self) -> int:
        return self.rows - self.done

    def opens(self, now: datetime) -> bool:
        """Whether its end has not come, however late the worker is with making it so."""
        return self.key is not None and (self.expires_at is None or self.expires_at > now)


_COLUMNS = ("id, staff, unit, handed_in_at, finished_at, expires_at, rows, accepted, duplicate, "
            "rejected, key, card")


def import_named(id_: UUID) -> Import | None:
    with reading() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM feeds_import WHERE id = %s", (id_,))
        row = cursor.fetchone()
    return Import(*row) if row else None


def imports(
    *, staff: UUID | None = None, unit: str | None = None,
    after: tuple[datetime, UUID] | None = None, limit: int = PAGE_ROWS_MAX,
) -> list[Import]:
    """Imports, the latest first: all, or those of this person and of this unit."""
    at, last = after or (None, None)
    with reading() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM feeds_import WHERE (%s::uuid IS NULL OR staff = %s "
            "OR unit = %s) AND (%s::timestamptz IS NULL OR (handed_in_at, id) < (%s, %s)) "
            "ORDER BY handed_in_at DESC, id DESC LIMIT %s",
            (staff, staff, unit, at, at, last, limit))
        return [Import(*row) for row in cursor.fetchall()]


def card_of(one: Import, now: datetime) -> Card | None:
    """The file's name and heading, opened; None after the end. For whom it concerns."""
    if not one.opens(now) or one.key is None or one.card is None:
        return None
    return DataKey(one.id, bytes(one.key)).open_card(bytes(one.card))


def rejected_of(one: Import, now: datetime, most: int | None = None) -> list[Rejected]:
    """The rejected rows, opened, in the order of the list; none after the end.

    most: as many at most. For whom it concerns.
    """
    if not one.opens(now) or one.key is None:
        return []
    with reading() as cursor:
        cursor.execute(
            "SELECT id, rejected FROM feeds_importpart WHERE part_of = %s "
            "AND rejected IS NOT NULL ORDER BY number LIMIT %s", (one.id, most))
        boxes = cursor.fetchall()
    key, found = DataKey(one.id, bytes(one.key)), []
    for part, box in boxes:
        found += key.open_rejected(part, bytes(box))
        if most is not None and len(found) >= most:
            return found[:most]
    return found
