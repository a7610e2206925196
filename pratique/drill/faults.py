"""What goes wrong on purpose, and how each is looked for until the system shows it.

A fault is planted in the played world, never in the system. It counts as shown when a read of the
public API names it: a finding, a duty, something parked or kept aside, a hole in running numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pratique.drill.world import World

Seen = Callable[[dict[str, Any]], bool]


@dataclass(slots=True)
class Fault:
    """seen: for each read, what in its rows shows the fault. where: the read and the code."""

    kind: str
    planted_at: datetime
    seen: dict[str, Seen]
    about: str
    shown_at: datetime | None = None
    where: str = ""

    def row(self) -> dict[str, Any]:
        return {"kind": self.kind, "planted_at": self.planted_at, "shown_at": self.shown_at,
                "where": self.where, "about": self.about}


class Watch:
    """Reads the county's boards at the end of each step, as command does, and ticks faults off."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults: list[Fault] = []
        self._after: dict[str, str | None] = {}
        self.devices: dict[UUID, list[Fault]] = {}

    def plant(self, kind: str, about: object, at: datetime, **seen: Seen) -> Fault:
        """seen: findings=…, quarantine=…, parked=…, gaps=…, duties=…"""
        fault = Fault(kind, at, {f"/{name}": look for name, look in seen.items()}, str(about))
        self.faults.append(fault)
        return fault

    def watch_device(self, device: UUID, fault: Fault) -> None:
        self.devices.setdefault(device, []).append(fault)

    def look(self) -> None:
        """Everything that came up since the last look."""
        waiting = [f for f in self.faults if f.shown_at is None]
        if not waiting:
            return
        for path in ("/findings", "/quarantine"):
            if any(path in f.seen for f in waiting):
                self._look_at(path, self._fresh(path), waiting)
        if any("/parked" in f.seen for f in waiting):
            rows = self.world.wire.pages(self.world.command, "/parked")
            self._look_at("/parked", rows, waiting)
        if any("/duties" in f.seen for f in waiting):
            rows = self.world.wire.pages(self.world.command, "/duties", kind="hold")
            self._look_at("/duties", rows, waiting)
        self._look_at_gaps()

    def _fresh(self, path: str) -> list[dict[str, Any]]:
        """Rows since the last look. The page key is kept from the last row: (moment, id)."""
        query = {"state": "all"} if path == "/findings" else {}
        rows = self.world.wire.pages(self.world.command, path, after=self._after.get(path), **query)
        if rows:
            last = rows[-1]
            moment = last.get("opened_at") or last.get("recorded_at")
            # All rows of the last moment again: others of that moment may still become visible.
            self._after[path] = f"{moment}~{UUID(int=0)}"
        return rows

    def _look_at(self, path: str, rows: list[dict[str, Any]], waiting: list[Fault]) -> None:
        for fault in waiting:
            look = fault.seen.get(path)
            if look is None or fault.shown_at is not None:
                continue
            row = next((row for row in rows if look(row)), None)
            if row is not None:
                self.show(fault, f"GET /api/v1{path}", row)

    def _look_at_gaps(self) -> None:
        for device, faults in self.devices.items():
            left = [f for f in faults if f.shown_at is None]
            if not left:
                continue
            told = self.world.wire.get(self.world.command, f"/devices/{device}/gaps")
            if told["missing"]:
                for fault in left:
                    self.show(fault, f"GET /api/v1/devices/{device}/gaps", {})

    def show(self, fault: Fault, where: str, row: dict[str, Any]) -> None:
        """shown_at: the system's own time where it has one, else the moment of this look."""
        moment = (row.get("opened_at") or row.get("recorded_at") or row.get("since")
                  or row.get("opens_at"))
        fault.shown_at = datetime.fromisoformat(moment) if moment else self.world.now
        code = row.get("code") or row.get("kind") or ""
        fault.where = f"{where} {code}".strip()


def mentions(*ids: object) -> Seen:
    """Rows that name all of these ids somewhere."""
    wanted = [str(each) for each in ids]
    return lambda row: all(each in str(row) for each in wanted)


def of_code(*codes: str) -> Callable[[Seen], Seen]:
    """Narrows a look to rows with one of these codes."""
    return lambda look: lambda row: row.get("code") in codes and look(row)
