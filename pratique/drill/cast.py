"""Who plays: the devices of a county with their tokens, its staff, its units.

They come from a private file that whoever sets the drill up writes (mode 0600):

    {"lanes": {"post-01": ["1", "2"]},
     "staff": [{"staff": uuid, "role": "gate_officer", "unit": "post-01" or null}],
     "devices": [{"device": uuid, "name": "post-01/a", "unit": "post-01", "roles": [...],
                  "token": "..."}]}
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from pratique.drill.device import Device

# How far clocks are off, at most, in seconds.
SKEW_SECONDS_MAX = {"post": 120, "coach": 60, "courier": 150, "lab": 120, "site": 150, "town": 200,
                    "point": 200, "command": 5}


@dataclass
class Cast:
    """by_unit: a unit's devices in the order of the file; lanes: of each post."""

    by_unit: dict[str, list[Device]]
    lanes: dict[str, list[str]]
    kinds: dict[str, str] = field(default_factory=dict)
    seats: dict[str, int] = field(default_factory=dict)
    points: dict[str, list[str]] = field(default_factory=dict)

    def device(self, unit: str, name: str = "a") -> Device:
        """A unit's device by its own name there."""
        return next(d for d in self.by_unit[unit] if d.name == f"{unit}/{name}")

    @property
    def devices(self) -> list[Device]:
        return [device for devices in self.by_unit.values() for device in devices]

    def units(self, kind: str) -> list[str]:
        return sorted(code for code, its in self.kinds.items() if its == kind)

    def learn(self, units: list[dict[str, Any]]) -> None:
        """Take on what `GET /units` answers."""
        for unit in units:
            if not unit["is_open"]:
                continue
            self.kinds[unit["code"]] = unit["kind"]
            if unit["capacity"]:
                self.seats[unit["code"]] = unit["capacity"]
            if unit["kind"] == "sampling_point":
                self.points.setdefault(unit["parent"], []).append(unit["code"])


def read_cast(file: Path, seed: int) -> Cast:
    """The cast of a credentials file; the errors of their clocks follow from the seed."""
    told = json.loads(file.read_text(encoding="utf-8"))
    staff: dict[tuple[str, str | None], list[UUID]] = defaultdict(list)
    for each in told["staff"]:
        staff[each["role"], each["unit"]].append(UUID(each["staff"]))
    by_unit: dict[str, list[Device]] = defaultdict(list)
    for each in told["devices"]:
        by_unit[each["unit"]].append(_device(each, staff, seed))
    return Cast(dict(by_unit), {post: list(lanes) for post, lanes in told["lanes"].items()})


def _device(
    told: dict[str, Any], staff: dict[tuple[str, str | None], list[UUID]], seed: int
) -> Device:
    random = Random(f"{seed}/{told['name']}")  # noqa: S311 (a played world, not a secret)
    most = SKEW_SECONDS_MAX.get(told["unit"].split("-")[0], 5)
    skew = timedelta(seconds=round(random.uniform(-most, most), 3))
    roles = tuple(told["roles"])
    holders = [s for role in roles for unit in (told["unit"], None)
               for s in staff.get((role, unit), ())]
    return Device(UUID(told["device"]), told["unit"], told["name"], roles, told["token"], skew,
                  random, holders)
