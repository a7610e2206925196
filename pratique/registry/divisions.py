"""Administrative divisions: what a published name of a county is, by code.

The table is the one shipped in `data/divisions` (GB/T 2260-style codes). `resolve` never guesses:
a name that is in no table has no division, and its area goes to the work list.
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pratique.registry.identity import plain_characters

DATA = Path(__file__).parent / "data"
MUNICIPALITIES = {"北京市": "11", "天津市": "12", "上海市": "31", "重庆市": "50"}
# What publishers write in the place of a prefecture for counties that have none.
DIRECT_PREFECTURES = {"省直辖县级行政单位", "省直辖县级行政区划", "自治区直辖县级行政区划",
                      "自治区直辖县级行政单位", "省直辖县级行政区域"}
WHOLE_CITY = {"市辖区", ""}


@dataclass(frozen=True, slots=True)
class Place:
    """What three published names turned out to be.

    `division` is the six-digit code or None. `city` is the four-digit code of the prefecture where
    that much is known. `part` is a name below the division, where the publisher put a street or a
    zone in the county's column (Beijing's districts, Dongguan).
    """

    division: str | None
    city: str | None
    part: str | None


@dataclass(frozen=True, slots=True)
class Divisions:
    """The division tables, in the shapes that look-ups need."""

    provinces: dict[str, str]
    """name → 2 digits"""
    cities: dict[tuple[str, str], str]
    """(province code, name) → 4 digits"""
    counties: dict[tuple[str, str], tuple[str, ...]]
    """(province code, name) → 6-digit codes, several where two prefectures share a name"""
    names: dict[str, str]
    """any code → name"""

    def resolve(self, province: str, city: str, county: str) -> Place:
        """The division that a publisher's three columns name. Never raises, never guesses."""
        code = self.provinces.get(province)
        if code is None:
            return Place(None, None, None)
        city_code = self.cities.get((code, city))
        found = self._county(code, city, city_code, county)
        if found:
            return Place(found, found[:4], None)
        holders = self.counties.get((code, city), ())
        if len(holders) == 1:
            # The city's column holds a county-level division, so the county's column is a part.
            part = None if county in WHOLE_CITY else county
            return Place(holders[0], holders[0][:4], part)
        return Place(None, city_code, None)

    def _county(self, province: str, city: str, city_code: str | None, county: str) -> str | None:
        codes = self.counties.get((province, county), ())
        if city in DIRECT_PREFECTURES or city in MUNICIPALITIES:
            return codes[0] if len(codes) == 1 else None
        inside = [c for c in codes if city_code is not None and c.startswith(city_code)]
        return inside[0] if len(inside) == 1 else None

    def name(self, code: str) -> str:
        """The published name of a division, or its code when the table has none."""
        return self.names.get(code, code)


@lru_cache
def divisions(folder: Path = DATA / "divisions") -> Divisions:
    """The tables of `folder`, read once. Raises OSError when they are not there."""
    provinces = {row["name"]: row["code"] for row in read_table(folder / "provinces.csv")}
    cities = {(r["provinceCode"], r["name"]): r["code"] for r in read_table(folder / "cities.csv")}
    counties: dict[tuple[str, str], tuple[str, ...]] = {}
    names = {code: name for name, code in provinces.items()}
    names |= {code: name for (_province, name), code in cities.items()}
    for row in read_table(folder / "areas.csv"):
        key = (row["provinceCode"], row["name"])
        counties[key] = (*counties.get(key, ()), row["code"])
        names[row["code"]] = row["name"]
    return Divisions(provinces, cities, counties, names)


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of one CSV file with a heading line, cells trimmed."""
    with path.open(encoding="utf-8", newline="") as file:
        return [{k: v.strip() for k, v in row.items()} for row in csv.DictReader(file)]


def tidy(name: str) -> str:
    """A division's name as it is compared: plain characters, no spaces."""
    return "".join(plain_characters(name).split())


LEVEL_OF_LENGTH = {2: "province", 4: "city", 6: "county", 9: "township", 12: "village"}


def division_rows(folder: Path = DATA / "divisions") -> list[tuple[str, str, str | None, str]]:
    """(code, name, parent, level) of all shipped divisions, for the reference table.

    A county's own townships and villages come from the files named `*_county.csv`.
    """
    rows: dict[str, tuple[str, str, str | None, str]] = {}

    def add(code: str, name: str, parent: str | None) -> None:
        rows.setdefault(code, (code, name, parent, LEVEL_OF_LENGTH[len(code)]))

    for row in read_table(folder / "provinces.csv"):
        add(row["code"], row["name"], None)
    for row in read_table(folder / "cities.csv"):
        add(row["code"], row["name"], row["provinceCode"])
    for row in read_table(folder / "areas.csv"):
        add(row["code"], row["name"], row["cityCode"])
    for path in sorted(folder.glob("*_county.csv")):
        for row in read_table(path):
            add(row["code"], row["name"], row["parent"])
    return list(rows.values())
