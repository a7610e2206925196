"""Counties by name or by sound, for the field in which one types where the traveller was."""

import re
from dataclasses import dataclass
from functools import lru_cache

from pratique.registry.divisions import divisions
from pratique.registry.names import pinyin_of

FOUND_MAX = 12
_LEVELS = re.compile("[省市区县旗]")


@dataclass(frozen=True, slots=True)
class County:
    """code: six digits. label: "海南省 三亚市 崖州区", what the field shows and takes back."""

    code: str
    name: str
    label: str
    sounds: tuple[str, ...]
    initials: tuple[str, ...]


def _sound(name: str) -> str:
    """Its first character is no surname, so it is read behind one."""
    return pinyin_of(f"王{name}").removeprefix("wang ")


@lru_cache
def counties() -> tuple[County, ...]:
    """Every county-level division with the ways in which it may be typed."""
    tables = divisions()
    found = []
    for codes in tables.counties.values():
        for code in codes:
            name, city, province = (tables.name(code), tables.names.get(code[:4], ""),
                                    tables.names.get(code[:2], ""))
            plain_city = city if city not in ("市辖区", "县") else ""
            label = " ".join(part for part in (province, plain_city, name) if part)
            words = [_sound(part) for part in (name, f"{plain_city}{name}") if part]
            found.append(County(
                code, name, label, tuple(w.replace(" ", "") for w in words),
                tuple("".join(s[0] for s in w.split()) for w in words)))
    return tuple(sorted(found, key=lambda county: county.code))


@lru_cache
def _by_label() -> dict[str, County]:
    return {county.label: county for county in counties()}


def county_named(text: str) -> County | None:
    """The one county that a text names: its label, its code, or a name that only one has."""
    text = " ".join(text.split())
    if found := _by_label().get(text):
        return found
    if text.isdigit():
        return county_of(text)
    same = [county for county in counties() if text and text in (county.name, *county.sounds)]
    return same[0] if len(same) == 1 else None


@lru_cache
def _by_code() -> dict[str, County]:
    return {county.code: county for county in counties()}


def county_of(code: str) -> County | None:
    return _by_code().get(code)


def search(text: str) -> list[County]:
    """Counties that a typed beginning may mean, the best first: characters, pinyin or initials."""
    text = "".join(text.split()).lower()
    if not text:
        return []
    bare = _LEVELS.sub("", text)
    ranked = []
    for county in counties():
        plain = county.label.replace(" ", "")
        if county.name.startswith(text):
            rank = 0
        elif any(sound.startswith(text) for sound in county.sounds):
            rank = 1
        elif text in plain or bare and bare in _LEVELS.sub("", plain):
            rank = 2
        elif any(first.startswith(text) for first in county.initials):
            rank = 3
        else:
            continue
        ranked.append((rank, len(plain), county.code, county))
    return [county for *__, county in sorted(ranked)[:FOUND_MAX]]
