"""The counties that a traveller may name, by characters and sound, as one file of the app.

The same for everybody, so it belongs to the app and not to a bundle. `core/counties.js`
searches it as `desks.counties.search` does.
"""

import json
from functools import lru_cache

from pratique.desks.counties import counties
from pratique.registry.divisions import divisions
from pratique.registry.names import pinyin_of

NO_CITY = ("市辖区", "县")


@lru_cache
def content() -> bytes:
    """{"above": {code: [name, sound]}, "counties": [[code, name, sound], …]}: a sound has a space
    between its syllables; codes of two digits are provinces, of four cities."""
    tables, above = divisions(), dict[str, list[str]]()
    for county in counties():
        for code in (county.code[:2], county.code[:4]):
            name = tables.names.get(code, "")
            if name and code not in above:
                above[code] = ["", ""] if name in NO_CITY else [name, _sound(name)]
    told = {"above": above, "counties": [
        [county.code, county.name, _sound(county.name)] for county in counties()]}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _sound(name: str) -> str:
    """Its first character is no surname, so it is read behind one."""
    return pinyin_of(f"王{name}").removeprefix("wang ")
