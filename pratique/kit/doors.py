"""What every door needs: the time. Nothing below the doors asks a clock.

In a drill, and only there, the clock is the drill's own: the one row of the journal's drill table
(read by name, because kit knows nothing above it).
"""

from datetime import datetime

from pratique.kit.clock import SystemClock
from pratique.kit.sql import reading

_system = SystemClock()


def now() -> datetime:
    """The present moment for whoever stands at a door, aware, in UTC."""
    with reading() as cursor:
        cursor.execute("SELECT now FROM journal_drill")
        driven = cursor.fetchone()
    return driven[0] if driven else _system.now()
