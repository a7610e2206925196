"""A small county with devices, and how a device posts."""

import gzip
from dataclasses import dataclass, field
from uuid import uuid4

import msgspec
import pytest
from django.test import Client

from pratique.journal.drill import BEGIN
from pratique.journal.fact import Envelope
from pratique.kit.clock import DrivenClock
from pratique.kit.sql import in_transaction
from pratique.registry.passwords import token_hash
from tests.support import FIRST_MORNING, Speaker, county_speaker, fresh_id

UNITS = [
    ("outside", "outside"), ("command", "office"), ("post-01", "checkpoint"),
    ("post-02", "checkpoint"), ("coach-01", "crew"), ("site-1", "isolation_site"),
]


@dataclass
class Tablet(Speaker):
    """A device with a token, speaking HTTP."""

    token: str = ""
    client: Client = field(default_factory=Client)

    def headers(self, language: str = "en") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": language}

    def post(self, *facts, language="en"):
        """Send facts (Envelopes or raw JSON); the answer."""
        return self.post_body(msgspec.json.encode(list(facts)), language=language)

    def post_body(self, body: bytes, *, language="en", content_type="application/json", **headers):
        return self.client.post(
            "/api/v1/facts", body, content_type=content_type,
            headers={**self.headers(language), **headers})

    def post_zipped(self, body: bytes):
        return self.post_body(gzip.compress(body), **{"Content-Encoding": "gzip"})

    def get(self, path: str, language="en"):
        return self.client.get(f"/api/v1/{path}", headers=self.headers(language))

    def read(self, path: str):
        answer = self.get(path)
        assert answer.status_code == 200, answer.content
        return answer.json()


@pytest.fixture(autouse=True)
def first_morning(monkeypatch):
    """The machine's clock stands at 20 August 2022, 06:00 in the county."""
    monkeypatch.setattr("pratique.kit.doors._system", DrivenClock(FIRST_MORNING))


@pytest.fixture
def drill(db):
    """Marks the empty county as a drill whose clock stands at the first morning: named first."""
    with in_transaction() as cursor:
        cursor.execute(BEGIN, ("try", FIRST_MORNING))


@pytest.fixture
def county(db):
    """Six units; enrol(unit, *roles) gives a tablet there."""
    system = county_speaker()
    batch = system.send(*[
        Envelope(
            id=fresh_id(), kind="registry.unit_opened", at=FIRST_MORNING,
            body=msgspec.Raw(msgspec.json.encode(
                {"code": code, "kind": kind, "name_zh": code, "name_en": code})))
        for code, kind in UNITS])
    assert batch.counts()["applied"] == len(UNITS), [r.text() for r in batch.receipts]
    return County(system)


@dataclass
class County:
    system: Speaker

    def enrol(self, unit: str, *roles: str) -> Tablet:
        tablet = Tablet(unit, roles, token=f"token-{uuid4()}")
        receipt = self.system.say(
            "registry.device_enrolled", device=tablet.device, unit=unit, roles=roles,
            label="tablet", token_sha256=token_hash(tablet.token))
        assert receipt.status == "applied", receipt.text()
        return tablet

    def revoke(self, tablet: Tablet) -> None:
        receipt = self.system.say(
            "registry.device_revoked", device=tablet.device, reason="lost on the road")
        assert receipt.status == "applied", receipt.text()


@pytest.fixture
def gate(county) -> Tablet:
    return county.enrol("post-01", "gate_officer")
