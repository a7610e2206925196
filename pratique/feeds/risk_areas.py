"""Published lists of risk areas: from a file to one fact.

The id follows from the stamp and the content, so the same list imported twice, under whatever
file name, is one list.
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from pratique.feeds.county import seeded_id
from pratique.journal.fact import Envelope
from pratique.registry.divisions import DATA
from pratique.registry.lists import list_body
from pratique.registry.risk_lists import RiskList, parse_list

KIND = "registry.risk_list_published"
PUBLISHER = "国家卫生健康委员会"
SHIPPED = DATA / "risk_areas"
_encoder = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class ReadList:
    """A file that was read: the list, and the fact that says it was published."""

    file: str
    risk_list: RiskList
    fact: Envelope

    def totals_agree(self) -> bool:
        """Whether the publisher's own totals are those of the places counted."""
        return self.risk_list.published == self.risk_list.counted


def read_list(file: Path, publisher: str = PUBLISHER) -> ReadList:
    """One published list. Raises OSError, and Refusal where it is not one."""
    risk_list = parse_list(file.read_bytes())
    body = _encoder.encode(list_body(risk_list, publisher))
    name = f"{KIND}/{body.decode()}"
    fact = Envelope(
        id=seeded_id(name, risk_list.stamp_at), kind=KIND, at=risk_list.stamp_at,
        body=msgspec.Raw(body))
    return ReadList(file.name, risk_list, fact)


def shipped_files() -> list[Path]:
    """The ten real lists of 12 to 21 August 2022, oldest first."""
    return sorted(SHIPPED.glob("*.json"))
