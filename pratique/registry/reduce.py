"""What the registry does with its facts; the only writers of its tables are the modules below.

Stations import `register_persons` and `register_vehicles` from here and call them in their own
reducers; the pathway asks `regraded_units` at the end of a batch; each tick calls `screen`.
"""

from pratique.registry import reduce_clocks, reduce_devices  # noqa: F401  (they register)
from pratique.registry.reduce_lists import area_id, regraded_units
from pratique.registry.reduce_persons import (
    PersonRecord,
    VehicleRecord,
    register_persons,
    register_vehicles,
)
from pratique.registry.reduce_screening import screen
from pratique.registry.reduce_staff import set_password

__all__ = [
    "PersonRecord",
    "VehicleRecord",
    "area_id",
    "register_persons",
    "register_vehicles",
    "regraded_units",
    "screen",
    "set_password",
]
