"""The example county, devices that enrol as the app does, and Chromium."""

import base64
import json
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.contrib.auth import get_user_model
from django.test import Client

from pratique.desks.tests.conftest import NOON, Desk, clock, fill_county  # noqa: F401
from pratique.field import enrolment
from pratique.field.tests.app_page import enrolled_tablet
from tests.support import fresh_id

MADE_AT = "/api/v1/field/"


@pytest.fixture
def county(db, clock):  # noqa: F811
    fill_county()


@pytest.fixture
def filled_county(transactional_db, clock):  # noqa: F811
    """The same for a browser, which looks at what is committed."""
    fill_county()


@pytest.fixture
def desk(county):
    return Desk


def staff_named(username: str):
    return get_user_model().objects.get_by_natural_key(username)


def invite(unit="post-01", roles=("gate_officer",), label="tablet 9", by="leader", **more) -> str:
    """The code of an invitation that a leader of the whole county made."""
    return enrolment.invite(**{"unit": unit, "roles": roles, "label": label, "post": None,
                               "made_by": staff_named(by).pk, "now": NOON} | more)[0]


@dataclass
class Tablet:
    """A device with its own key, speaking HTTP as `enrol.js` does."""

    id: UUID = field(default_factory=lambda: fresh_id(NOON))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    client: Client = field(default_factory=Client)

    @property
    def spki(self) -> str:
        return base64.b64encode(self.key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

    def sign(self, text: str) -> str:
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(SHA256())))
        return base64.b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()

    def ask(self, name: str, language="en", **body):
        return self.client.post(MADE_AT + name, json.dumps(body), "application/json",
                                headers={"Accept-Language": language})

    def enrol(self, code: str, **more):
        return self.ask("enrolment", **{
            "code": code, "device": str(self.id), "public_key": self.spki,
            "signature": self.sign(f"pratique enrolment\n{code}\n{self.id}")} | more)

    def challenge(self) -> str:
        return self.ask("challenge", device=str(self.id)).json()["challenge"]

    def answer(self, challenge: str, county="beta", **more):
        from django.conf import settings

        county = settings.COUNTY if county == "beta" else county
        return self.ask("token", **{
            "device": str(self.id), "challenge": challenge,
            "signature": self.sign(f"pratique token\n{county}\n{challenge}")} | more)

    def token(self) -> str:
        told = self.answer(self.challenge())
        assert told.status_code == 200, told.content
        return told.json()["token"]

    def get(self, path: str, token: str, **headers):
        return self.client.get(path, headers={
            "Authorization": f"Bearer {token}", "Accept-Language": "en", **headers})

    def post_facts(self, token: str, *facts):
        import msgspec

        return self.client.post("/api/v1/facts", msgspec.json.encode(list(facts)),
                                "application/json", headers={
                                    "Authorization": f"Bearer {token}", "Accept-Language": "en"})


@pytest.fixture
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 1280, "height": 900}, "locale": "en"}


@pytest.fixture
def modules(live_server, page):
    """A page on which no app runs: modules are imported there by their addresses."""
    page.goto(f"{live_server.url}/static/field/core/ids.js")
    return page


@pytest.fixture
def gate_tablet(transactional_db):
    """A gate's device with a token, in a small county; the journal can be asked what it has."""
    return enrolled_tablet()


@pytest.fixture
def tablet(county) -> Tablet:
    """Enrolled at post-01."""
    made = Tablet()
    assert made.enrol(invite()).status_code == 200
    return made


def refused(answer) -> tuple[int, str]:
    """(status, code), and that a sentence and a rule go with it."""
    said = answer.json()
    assert said["sentence"] and said["rule"], said
    return answer.status_code, said["code"]
