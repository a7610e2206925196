"""Which life of the county's database this is: devices hand up again what a restore may have lost.

A device keeps what it sent until it is durable in the epoch that it sees. When the epoch changes,
what was durable before counts for nothing, and everything that the device still has goes again.
"""

from datetime import datetime
from uuid import UUID, uuid4

from pratique.kit.sql import in_transaction, one_row, reading


def current() -> UUID:
    """The epoch of this county's database."""
    with reading() as cursor:
        return one_row(cursor.execute("SELECT epoch FROM field_epoch"))[0]


def renew(now: datetime) -> UUID:
    """Begin another epoch: the database was restored from a backup."""
    epoch = uuid4()
    with in_transaction() as cursor:
        cursor.execute("UPDATE field_epoch SET epoch = %s, since = %s", (epoch, now))
    return epoch
