"""The cast of a transfer."""

from tests.transfer_cast import (
    coach,
    county,
    dispatcher,
    gate,
    other_coach,
    site,
    stranger,
    township,
)

__all__ = ["coach", "county", "dispatcher", "gate", "other_coach", "site", "stranger", "township"]
