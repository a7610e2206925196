"""How far a device's facts are here, and durably so: what it may forget, and when it may not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pratique.kit.arrays import uuids
from pratique.kit.sql import reading

GAPS_SHOWN_MAX = 20
MARKS = """
SELECT u.device,
       ARRAY(SELECT ARRAY[lower(r), upper(r) - 1] FROM unnest(d.received) r ORDER BY r LIMIT %s),
       (SELECT upper(r) - 1 FROM unnest(d.sealed) r WHERE lower(r) <= 1 ORDER BY r LIMIT 1),
       seal.size, encode(seal.root, 'hex'), (SELECT epoch FROM field_epoch)
FROM unnest(%b::uuid[]) u(device)
LEFT JOIN journal_device d ON d.device = u.device
LEFT JOIN (SELECT size, root FROM journal_seal ORDER BY size DESC LIMIT 1) seal ON true
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a device may forget, and when it may not.

    epoch: another one than before means that the database was restored from a backup, and whatever
    the device still has goes again. durable_through: every running number up to it is here, and
    none of them waits for its place in the log.
    """

    watermark: dict[str, Any]
    epoch: UUID
    durable_through: int


def marks(devices: Iterable[UUID]) -> dict[UUID, Mark]:
    """How far these devices' facts are durably here, and the log's head; one statement.

    heard_through: every running number up to it is here (0: not even the first).
    missing: [first, last] of the holes above it. log_size, log_root: what has been sealed.
    """
    with reading() as cursor:
        cursor.execute(MARKS, (GAPS_SHOWN_MAX + 1, uuids(devices)))
        return {row[0]: _mark(*row) for row in cursor.fetchall()}


def _mark(
    device: UUID, heard: Sequence[Sequence[int]], sealed_through: int | None, size: int | None,
    root: str | None, epoch: UUID,
) -> Mark:
    heard_through = heard[0][1] if heard and heard[0][0] <= 1 else 0
    ends = [last for __, last in heard] if heard_through else [0, *(last for __, last in heard)]
    starts = [first for first, __ in heard][1 if heard_through else 0:]
    missing = [[end + 1, start - 1] for end, start in zip(ends, starts, strict=False)]
    return Mark(
        {"device": device, "heard_through": heard_through, "missing": missing,
         "log_size": size or 0, "log_root": root},
        epoch, min(heard_through, sealed_through or 0))
