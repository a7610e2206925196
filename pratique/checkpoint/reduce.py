"""What the checkpoint does with its facts; the only writers of its tables are these modules.

The pathway fills `PASS_GUARDS` and `TURN_BACK_GUARDS` when it starts, and ends episodes by
`end_episodes` when it releases somebody.
"""

from pratique.checkpoint import reduce_explained
from pratique.checkpoint.reduce_lanes import settle_lanes
from pratique.checkpoint.reduce_persons import (
    PASS_GUARDS,
    TURN_BACK_GUARDS,
    Guard,
    end_episodes,
)
from pratique.checkpoint.reduce_vehicles import settle_occupants

__all__ = [
    "PASS_GUARDS",
    "TURN_BACK_GUARDS",
    "Guard",
    "end_episodes",
    "reduce_explained",
    "settle_lanes",
    "settle_occupants",
]
