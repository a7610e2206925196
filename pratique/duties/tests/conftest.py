"""Of the cast of a transfer, whoever makes facts that wait."""

from tests.transfer_cast import coach, county, dispatcher, gate, site

__all__ = ["coach", "county", "dispatcher", "gate", "site"]
