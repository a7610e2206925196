"""The example county as `pratique seed` makes it, and the tutorial's code as a reader runs it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pratique.feeds import county, risk_areas
from pratique.journal import vault
from pratique.journal.fact import Actor
from pratique.journal.record import record
from pratique.kit.doors import now

PAGE = Path(__file__).parents[1] / "docs" / "tutorial" / "the-bus-of-38.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SERVER = "http://127.0.0.1:8000"


def seed_example() -> None:
    """Units, staff, devices, pack, order and the ten risk lists; commits."""
    lists = [risk_areas.read_list(file).fact for file in risk_areas.shipped_files()]
    for part in (county.read_county().facts(vault.county_keys()), *([one] for one in lists)):
        batch = record(part, actor=Actor.system(), now=now(), source="seed")
        unapplied = [r.text() for r in batch.receipts if r.status != "applied"]
        assert unapplied == []


def write_tokens(folder: Path) -> None:
    """var/devices.json in `folder`, as `seed --device-tokens --json` writes it."""
    keys = vault.county_keys()
    cards = [
        {"device": str(d.device), "name": d.name, "unit": d.unit, "roles": list(d.roles),
         "token": county.device_token(keys, d)} for d in county.read_county().devices()]
    (folder / "var").mkdir()
    (folder / "var" / "devices.json").write_text(json.dumps({"devices": cards}))


def blocks() -> Iterator[tuple[int, str]]:
    """(line of the page, code) of each block of Python."""
    text = PAGE.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, found[1]


def run(url: str, until: str = "") -> dict[str, Any]:
    """Run the blocks in order against the server at `url`; the session that they leave.

    until: stop before the block that contains this text. An AssertionError names the line.
    """
    session: dict[str, Any] = {}
    for line, code in blocks():
        if until and until in code:
            break
        try:
            exec(compile("\n" * line + code.replace(SERVER, url), str(PAGE), "exec"), session)
        except Exception as error:
            raise AssertionError(f"{PAGE.name}, the block at line {line}: {error!r}") from error
    return session
