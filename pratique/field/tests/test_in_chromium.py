"""Enrolment from the leader's screen to the journal, and what the device's modules refuse."""

import json
import os
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe

from pratique.desks.tests.conftest import clock, fill_county, resident_id  # noqa: F401
from pratique.desks.tests.test_browser import sign_in
from pratique.field import signing
from pratique.field.tests.conftest import Tablet, invite
from pratique.field.tests.test_bundle import announce, announced
from pratique.field.tests.test_enrolment import revoke
from pratique.field.tests.test_tokens import lane_count
from pratique.journal.queries import facts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
WIDTHS = (1280, 390)
LANGUAGES = ("zh-hans", "en")
ENROLLED = "body[data-device]"
REFUSED = "body[data-refused]"
# Runs one function of a module of ours; what it refuses comes back as {refused: code}.
CALL = """async ([module, name, ...given]) => {
  const world = await (await import("/static/field/enrol.js")).here();
  const found = (await import(`/static/field/${module}`))[name];
  try { return await found(...given.map((one) => one === "world" ? world
    : one === "subtle" ? crypto.subtle : one)) ?? null; }
  catch (error) { if (!error.code) throw error; return {refused: error.code}; }
}"""


@pytest.fixture
def county(transactional_db, clock):  # noqa: F811
    fill_county()


@pytest.fixture
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 1280, "height": 900}, "locale": "en"}


def keep_picture(page, name: str) -> None:
    """For people to look at, where PRATIQUE_PICTURES names a folder."""
    if folder := os.environ.get("PRATIQUE_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def call(page, *given):
    return page.evaluate(CALL, list(given))


@pytest.fixture
def enrolled(county, live_server, page):
    """A page on a device that is enrolled at post-01."""
    page.goto(f"{live_server.url}/field/enrol#{invite()}")
    page.click("#enrol")
    page.wait_for_selector(ENROLLED)
    return page


def test_from_the_leaders_screen_to_a_fact_in_the_journal(county, live_server, page, browser):
    announced(announce(1, plate="晋J8K213"), announce(2, plate="晋J8K213"))
    sign_in(page, live_server, "leader")
    page.goto(f"{live_server.url}/devices/")
    page.click("text=Invite a device")
    page.fill("#label", "spare tablet")
    page.select_option("#unit", "post-01")
    page.check("#role-gate_officer")
    with page.expect_navigation():
        page.click("[data-go]")
    assert page.locator(".code svg").is_visible()
    address = page.locator("details output").text_content()

    tablet = browser.new_context(locale="en").new_page()
    tablet.goto(address)
    tablet.wait_for_selector("#enrol:visible")
    assert tablet.inner_text("dd#label") == "spare tablet"
    tablet.click("#enrol")
    tablet.wait_for_selector(ENROLLED)
    assert "#" not in tablet.url
    assert tablet.locator("#stored:visible, #not-stored:visible").count() == 1
    device = tablet.get_attribute("body", "data-device")

    payload = call(tablet, "enrol.js", "bundle", "world")
    assert (payload["device"], payload["unit"]["code"]) == (device, "post-01")
    assert not payload.keys() & {"expected", "risk", "packs"}  # a start does not read them

    def found_by(kind, value):
        return tablet.evaluate("""async ([kind, value]) => {
          const enrol = await import("/static/field/enrol.js");
          const {find} = await import("/static/field/core/expected.js");
          return find(await enrol.part(await enrol.here(), "expected"), kind, value, crypto.subtle);
        }""", [kind, value])

    found = found_by("document", resident_id(1).lower())
    assert [one["name"] for one in found["arrivals"]] == ["赵某1"]
    assert found["arrivals"][0]["occupants"] == 2
    by_plate = found_by("plate", "晋J·8k213")
    assert {one["name"] for one in by_plate["arrivals"]} == {"赵某1", "赵某2"}
    by_phone = found_by("phone", "+86 139-0001-0002")
    assert by_phone == {"arrivals": [], "announced": 1}
    assert found_by("document", resident_id(3)) == {"arrivals": [], "announced": 0}
    assert call(tablet, "enrol.js", "part", "world", "packs")["orders"]
    assert call(tablet, "enrol.js", "part", "world", "risk")["stamps"]

    fact = said_by(device)
    told = tablet.evaluate("""async ([fact]) => {
      const enrol = await import("/static/field/enrol.js");
      const {token} = await enrol.token(await enrol.here());
      const answer = await fetch("/api/v1/facts", {method: "POST", body: JSON.stringify([fact]),
        headers: {Authorization: `Bearer ${token}`, "Content-Type": "application/json"}});
      return answer.json();
    }""", [fact])
    assert told["receipts"][0]["status"] == "applied", told
    assert told["epoch"] == payload["epoch"] and told["durable_through"] == 0
    assert facts([UUID(told["receipts"][0]["id"])])


def said_by(device: str) -> dict:
    """A lane count as this device would say it."""

    return json.loads(msgspec.json.encode(lane_count(Tablet(id=UUID(device)))))


def test_the_private_key_cannot_be_taken_out(enrolled):
    assert enrolled.evaluate("""async () => {
      const enrol = await import("/static/field/enrol.js");
      const own = await enrol.own(await enrol.here());
      if (own.private.extractable) return "extractable";
      return crypto.subtle.exportKey("pkcs8", own.private).then(() => "out", () => "stays");
    }""") == "stays"


def test_a_bundle_that_is_not_right_is_refused_by_name(enrolled, live_server):
    enrolment = call(enrolled, "enrol.js", "enrolment", "world")
    payload = call(enrolled, "enrol.js", "bundle", "world")
    trust = {"key": enrolment["key"], "county": enrolment["county"]["id"],
             "device": enrolment["device"], "version": payload["version"]}

    def signed(**changed):
        text = json.dumps(payload | changed, ensure_ascii=False)
        return {"payload": text, "key": signing.county_key().id,
                "signature": signing.sign(text.encode())}

    def verified(bundle, **trusted):
        return call(enrolled, "core/signed.js", "verified", bundle, trust | trusted, "subtle")

    good = signed()
    assert verified(good)["version"] == payload["version"]
    assert verified(good, version=None)["version"] == payload["version"]
    forged = {**good, "payload": good["payload"].replace("post-01", "post-02")}
    other = payload["county"] | {"id": "elsewhere"}
    for bundle, code in (
        (forged, "bundle_forged"), ({**good, "signature": "AAAA"}, "bundle_forged"),
        ({**good, "signature": "é"}, "bundle_forged"),
        ({**good, "key": "0" * 16}, "bundle_key_unknown"),
        (signed(county=other), "bundle_of_another_county"),
        (signed(device="0182bbfb-8800-7000-8000-000000000000"), "bundle_of_another_device"),
        (signed(version=payload["version"] - 1), "bundle_older"),
        (signed(version="1"), "bundle_malformed"), ({}, "bundle_malformed"),
        (None, "bundle_malformed"),
    ):
        assert verified(bundle) == {"refused": code}
    sentences = enrolled.evaluate("() => fetch('/field/refusals.json').then((a) => a.json())")
    assert all(sentences[code]["sentence"] and sentences[code]["rule"] for code in (
        "bundle_forged", "bundle_key_unknown", "bundle_of_another_county",
        "bundle_of_another_device", "bundle_older", "bundle_malformed"))


def test_a_bundle_is_out_of_date_by_its_age_and_by_an_impossible_clock(enrolled):
    payload = {"made_at": "2022-08-20T12:00:00Z", "valid_hours": 24}
    noon = 1_660_996_800_000
    hours = {0: False, 24: False, 25: True, -1: True, 24 * 365 * 10: True}
    for hour, is_out in hours.items():
        now = noon + hour * 3_600_000
        assert call(enrolled, "core/signed.js", "isOutOfDate", payload, now) is is_out, hour


def test_a_newer_bundle_is_taken_and_the_same_one_not_sent_again(enrolled):
    before = call(enrolled, "enrol.js", "bundle", "world")["version"]
    assert call(enrolled, "enrol.js", "freshBundle", "world")["version"] == before
    announced(announce(7))
    assert call(enrolled, "enrol.js", "freshBundle", "world")["version"] > before


def test_a_token_that_has_run_out_is_replaced_by_itself(enrolled, clock):  # noqa: F811
    clock.forward(hours=9)
    assert call(enrolled, "enrol.js", "freshBundle", "world")["device"]


def test_a_revoked_device_hears_it(enrolled):

    revoke(Tablet(id=UUID(enrolled.get_attribute("body", "data-device"))))
    assert call(enrolled, "enrol.js", "freshBundle", "world") == {"refused": "device_revoked"}
    assert call(enrolled, "enrol.js", "token", "world", {"fresh": True})["revoked"] is True


def test_used_expired_and_forged_invitations_are_refused_on_the_page(
        county, live_server, page, clock):  # noqa: F811
    used, expired = invite(), invite()
    assert Tablet().enrol(used).status_code == 200
    for code, why in ((used, "invitation_used"), ("x" * 22, "invitation_unknown"),
                      (expired, "invitation_expired")):
        if code == expired:
            clock.forward(minutes=20)
        page.goto("about:blank")
        page.goto(f"{live_server.url}/field/enrol?lang=zh-hans#{code}")
        page.wait_for_selector(REFUSED)
        assert page.get_attribute("body", "data-refused") == why
        assert "邀请" in page.inner_text("#refused-sentence")


def test_the_pages_of_enrolment_are_for_everybody(county, live_server, page):
    """axe finds nothing, nothing runs over the edge, targets are for gloves, in both languages."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    for language in LANGUAGES:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            look(page, live_server, language, width, complaints)
    assert complaints == []


def look(page, live_server, language: str, width: int, complaints: list[str]) -> None:
    steps = {"invited": "#enrol:visible", "done": ENROLLED, "already": "#already-unit:visible"}
    page.goto("about:blank")
    page.goto(f"{live_server.url}/field/enrol?lang={language}#{invite()}")
    for step, shown in steps.items():
        if step == "done":
            page.click("#enrol")
        if step == "already":
            page.reload()
        page.wait_for_selector(shown)
        judge(page, f"enrol-{step}-{language}-{width}", complaints)
    page.goto("about:blank")
    page.goto(f"{live_server.url}/field/enrol?lang={language}#wrong")
    page.wait_for_selector(REFUSED)
    judge(page, f"enrol-refused-{language}-{width}", complaints)


def judge(page, name: str, complaints: list[str]) -> None:
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    low = page.evaluate("""[...document.querySelectorAll("a, button")].filter((one) =>
      one.offsetParent && one.getBoundingClientRect().height < 56).map((one) => one.outerHTML)""")
    complaints += [f"{name}: {over} px over the edge"] if over > 0 else []
    complaints += [f"{name}: too low {one}" for one in low if "skip" not in one]
    complaints += [f"{name}: {problem['id']} {problem['nodes'][0]['html'][:80]}"
                   for problem in Axe().run(page).response["violations"]]
    keep_picture(page, name)


def test_the_leaders_pages_are_for_everybody(county, live_server, page):
    complaints: list[str] = []
    sign_in(page, live_server, "leader")
    for language in LANGUAGES:
        page.context.add_cookies([{"name": "django_language", "value": language,
                                   "url": live_server.url}])
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{live_server.url}/devices/invite/")
            examine(page, f"invite-{language}-{width}", complaints)
            page.fill("#label", "平板 9")
            page.select_option("#unit", "post-01")
            page.check("#role-gate_officer")
            with page.expect_navigation():
                page.click("[data-go]")
            examine(page, f"invited-{language}-{width}", complaints)
    assert complaints == []


def examine(page, name: str, complaints: list[str]) -> None:
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    complaints += [f"{name}: {over} px over the edge"] if over > 0 else []
    complaints += [f"{name}: {problem['id']} {problem['nodes'][0]['html'][:80]}"
                   for problem in Axe().run(page).response["violations"]]
    keep_picture(page, name)
