"""The example county: from a data file to facts.

    county = read_county()             # pratique/feeds/data/xing_county.toml
    record(county.facts(), actor=Actor.system(), now=…, source="seed")

Every id follows from the name of what it stands for, so seeding twice gives duplicates, never
doubles. Nothing secret is in the file: passwords are drawn when they are printed, and device
tokens come from the county's keys.
"""

import base64
import hashlib
import hmac
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from pratique.journal.fact import Envelope
from pratique.kit.seal import CountyKeys
from pratique.registry.divisions import DATA as REGISTRY_DATA
from pratique.registry.divisions import read_table
from pratique.registry.passwords import token_hash

DATA = Path(__file__).parent / "data"
COMMAND_KIND = "office"
_ID_TAIL_BITS = 62
_encoder = msgspec.json.Encoder()


def seeded_id(name: str, at: datetime) -> UUID:
    """The id of a seeded thing: of a UUIDv7's shape, from a fixed moment and a name's hash."""
    ms = int(at.timestamp() * 1000)
    digest = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=10).digest(), "big")
    tail = digest & ((1 << _ID_TAIL_BITS) - 1)
    return UUID(int=(ms << 80) | (7 << 76) | ((digest >> 68) << 64) | (2 << 62) | tail)


@dataclass(frozen=True, slots=True)
class Account:
    """A sign-in account of the example, one a duty role."""

    staff: UUID
    username: str
    role: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class ExampleDevice:
    """A device of the example. `name` is the unit's code and the device's own name there."""

    device: UUID
    name: str
    unit: str
    roles: tuple[str, ...]
    label: str


def device_token(keys: CountyKeys, device: ExampleDevice) -> str:
    """An example device's bearer token: drawn from the county's keys, so it is kept nowhere."""
    drawn = hmac.digest(keys.index, b"example-device\0" + device.name.encode(), "sha256")
    return base64.urlsafe_b64encode(drawn).rstrip(b"=").decode()


@lru_cache
def read_county(file: Path = DATA / "xing_county.toml") -> "County":
    """The county described in `file`. Raises OSError, tomllib.TOMLDecodeError."""
    points = read_table(file.with_name("xing_sampling_points.csv"))
    towns = {
        row["code"]: row["name"]
        for row in read_table(REGISTRY_DATA / "divisions" / "xing_county.csv")
    }
    return County(tomllib.loads(file.read_text(encoding="utf-8")), points, towns)


class County:
    """A county's data file, expanded: its units, rooms, staff, devices, and what is in force."""

    def __init__(
        self, data: dict[str, Any], points: list[dict[str, str]], towns: dict[str, str]
    ) -> None:
        self.data = data
        self.opened_at: datetime = data["county"]["opened_at"]
        self._points = points
        self._towns = towns
        self._units = list(self._all_units())

    # ── units ─────────────────────────────────────────────────────────────────────────────────
    def units(self) -> list[dict[str, Any]]:
        """Bodies of `registry.unit_opened`, parents first."""
        return self._units

    def _all_units(self) -> Iterator[dict[str, Any]]:
        data = self.data
        yield self._unit(data["outside"], "outside", parent=None)
        yield self._unit(data["command"], COMMAND_KIND, parent=None)
        for code, name in data["townships"].items():
            yield self._unit(
                {"code": f"town-{code}", "name_zh": self._towns[code], "name_en": name,
                 "division": code}, "community")
        for post in data["post"]:
            yield self._unit(post, "checkpoint", keep=("type", "towards", "lanes"))
        for point in self._points:
            yield self._unit({**point, "invented": True}, "sampling_point",
                             parent=f"town-{point['township']}")
        for laboratory in data["laboratory"]:
            yield self._unit(laboratory, "laboratory", keep=("cyclers", "plates_a_day"))
        for site in data["site"]:
            beds = sum(room["beds"] for room in rooms_of(site))
            yield self._unit({**site, "capacity": beds}, "isolation_site", keep=(
                "building_valid_until", "fire_valid_until", "licence_valid_until"))
        yield from self._vehicles()

    def _vehicles(self) -> Iterator[dict[str, Any]]:
        for number, coach in enumerate(self.data["coach"], 1):
            yield self._unit(
                {**coach, "name_zh": f"转运客车{number}", "name_en": f"Coach {number}",
                 "capacity": coach["seats"]}, "crew")
        couriers = self.data["couriers"]
        for number in range(1, couriers["count"] + 1):
            yield self._unit(
                {**couriers, "code": f"courier-{number}", "name_zh": couriers["name_zh"] % number,
                 "name_en": couriers["name_en"] % number}, "courier")

    def _unit(
        self, given: dict[str, Any], kind: str, *, parent: str | None = "command",
        keep: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        attributes = {name: given[name] for name in keep if name in given}
        if shifts := self.data["shifts"].get(kind):
            attributes["shifts"] = shifts
        return {
            "code": given["code"], "kind": kind, "name_zh": given["name_zh"],
            "name_en": given["name_en"], "parent": parent,
            "division": given.get("division") or None, "capacity": given.get("capacity"),
            "plate": given.get("plate"), "invented": given.get("invented", False),
            "attributes": attributes,
        }

    def _codes(self, kind: str) -> list[str]:
        return [unit["code"] for unit in self._units if unit["kind"] == kind]

    # ── staff ─────────────────────────────────────────────────────────────────────────────────
    def staff(self) -> Iterator[tuple[dict[str, Any], dict[str, str], str | None]]:
        """Bodies of `registry.staff_enrolled`, the sealed part, and the example's role or None."""
        names = cycle(
            surname + given
            for given in self.data["names"]["given"] for surname in self.data["names"]["surnames"])
        for group in self.data["staff"]:
            examples = [group.get("example"), group.get("example_second")]
            for username, unit in self._usernames(group):
                example = examples.pop(0) if examples else None
                staff = seeded_id(f"staff/{username}", self.opened_at)
                body = {
                    "staff": staff, "username": example or username, "office": group["office"],
                    "duties": [{"role": group["role"], "unit": unit}],
                }
                yield body, {"name": next(names)}, group["role"] if example else None

    def _usernames(self, group: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
        kind, many = group["unit_kind"], group["count"] > 1
        for number, code in enumerate(self._codes(kind), 1):
            first = group["username"]
            if kind != COMMAND_KIND:
                first = f"{first}-{number:02}"
            for turn in range(group["count"]):
                username = f"{first}-{'abcdefgh'[turn]}" if many else first
                yield username, None if kind == COMMAND_KIND else code

    def accounts(self) -> list[Account]:
        """The accounts by which a newcomer tries each role."""
        return [
            Account(body["staff"], body["username"], role, body["duties"][0]["unit"])
            for body, __, role in self.staff() if role is not None
        ]

    # ── devices ───────────────────────────────────────────────────────────────────────────────
    def devices(self) -> list[ExampleDevice]:
        return [
            ExampleDevice(
                seeded_id(f"device/{code}/{name}", self.opened_at), f"{code}/{name}", code,
                tuple(group["roles"]), group["label"])
            for group in self.data["device"]
            for code in self._codes(group["unit_kind"])
            for name in group["names"]
        ]

    # ── facts ─────────────────────────────────────────────────────────────────────────────────
    def facts(self, keys: CountyKeys) -> list[Envelope]:
        """Everything as facts, in an order in which nothing has to wait."""
        return [*self._unit_facts(), *self._people_facts(keys), *self._rule_facts()]

    def _unit_facts(self) -> Iterator[Envelope]:
        for unit in self._units:
            yield self._fact("registry.unit_opened", unit["code"], unit)
        for site in self.data["site"]:
            body = {"site": site["code"], "rooms": rooms_of(site)}
            yield self._fact("registry.rooms_opened", site["code"], body)

    def _people_facts(self, keys: CountyKeys) -> Iterator[Envelope]:
        for body, sealed, __ in self.staff():
            yield self._fact("registry.staff_enrolled", str(body["staff"]), body,
                             sealed={body["staff"]: sealed})
        for device in self.devices():
            body = {
                "device": device.device, "unit": device.unit, "roles": device.roles,
                "label": device.label, "token_sha256": token_hash(device_token(keys, device)),
            }
            yield self._fact("registry.device_enrolled", device.name, body)

    def _rule_facts(self) -> Iterator[Envelope]:
        for pack in self.data["pack"]:
            yield self._fact("pathway.pack_adopted", pack["pack"], pack, at=pack["in_force_from"])
        for order in self.data["order"]:
            body = {name: order[name] for name in (
                "pack", "area", "authority", "legal_basis", "since", "until")}
            body["order"] = seeded_id(f"order/{order['name']}", order["since"])
            at = order.get("issued", order["since"])
            yield self._fact("pathway.order_issued", order["name"], body, at=at)

    def _fact(
        self, kind: str, name: str, body: dict[str, Any], *, at: datetime | None = None,
        sealed: dict[UUID, dict[str, Any]] | None = None,
    ) -> Envelope:
        at = at or self.opened_at
        return Envelope(
            id=seeded_id(f"{kind}/{name}", at), kind=kind, at=at,
            body=msgspec.Raw(_encoder.encode(body)), sealed=sealed)


def rooms_of(site: dict[str, Any]) -> list[dict[str, Any]]:
    """A site's rooms, floor by floor: single ones but for the last few, some accessible."""
    rooms = []
    for floor in site["floors"]:
        for number in range(1, site["rooms_a_floor"] + 1):
            is_family = number > site["rooms_a_floor"] - site["family"]
            features = ["family"] if is_family else ["single"]
            if number <= site["accessible"]:
                features.append("accessible")
            rooms.append({
                "room": f"{floor}{number:02}", "floor": str(floor), "features": features,
                "beds": site["beds_family"] if is_family else 1,
            })
    return rooms
