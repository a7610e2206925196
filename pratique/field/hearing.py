"""When a device was heard last, though it had nothing to say.

Its facts tell it already (`journal_device`). A device at rest greets with an empty call, asks for a
token or its bundle: that is kept here, and no oftener than every few minutes, so that a greeting
costs a read and no commit.
"""

from datetime import datetime, timedelta
from uuid import UUID

from pratique.kit.sql import in_transaction

NOTED_MINUTES = 5
NOTE = """
INSERT INTO field_heard AS k (device, heard_at)
SELECT %(device)s, %(now)s WHERE NOT EXISTS (
    SELECT FROM field_heard WHERE device = %(device)s AND heard_at > %(lately)s)
ON CONFLICT (device) DO UPDATE SET heard_at = greatest(k.heard_at, excluded.heard_at)
"""


def note(device: UUID, now: datetime) -> None:
    """This device has been heard."""
    with in_transaction() as cursor:
        cursor.execute(NOTE, {"device": device, "now": now,
                              "lately": now - timedelta(minutes=NOTED_MINUTES)})
