"""In Chromium: silent and revoked devices, and a post's shifts, for everybody."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe

from pratique.desks.tests.conftest import NOON, Desk, fill_county
from pratique.desks.tests.test_browser import LANGUAGES, WIDTHS, hear_scripts, look, sign_in
from pratique.desks.tests.test_hearing_out import Lost, kept, record
from pratique.duties.queries import findings
from pratique.field.silent import find_silent
from pratique.field.tests.conftest import Tablet, invite, staff_named
from tests.support import Speaker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]


@pytest.fixture
def county(transactional_db, clock):
    fill_county()


def addresses() -> list[str]:
    """A silent device, a revoked one that handed facts up, a post with two shifts behind it."""
    tablet = Tablet()
    assert tablet.enrol(invite(label="平板 3")).status_code == 200
    find_silent(NOON + timedelta(hours=12))
    lost = Lost(leader := Desk("leader"))
    lost.send(*[lost.vehicle(f"晋J8K21{number}") for number in range(3)])
    record(leader, lost, kept(lost)[:1])
    gate, relief = staff_named("gate"), staff_named("sampler")
    post = Speaker("post-01", ["gate_officer"], now=NOON, staff=gate.pk)
    for said in ({"persons": 0, "vehicles": 2, "specimens": 0, "unsent": 14,
                  "note": "二号车道的灯坏了，已报修。"},
                 {"persons": 0, "vehicles": 1, "specimens": 0}):
        assert post.say("custody.post_handed_over", account="post-01", to=relief.pk,
                        **said).status == "applied"
    silent = findings(code="device_silent")[0]
    return ["/devices/", "/devices/?state=late", f"/device/{tablet.id}/", f"/device/{lost.id}/",
            "/unit/post-01/", f"/finding/{silent.id}/", "/findings/"]


def test_devices_and_shifts_read_well_for_everybody(county, live_server, page):
    made = addresses()
    sign_in(page, live_server, "leader")
    axe, complaints = Axe(), []
    hear_scripts(page, complaints)
    for address in made:
        for language, width in ((lan, w) for lan in LANGUAGES for w in WIDTHS):
            page.context.add_cookies([{"name": "django_language", "value": language,
                                       "url": live_server.url}])
            complaints += look(page, live_server.url + address, width, language, 200, axe)
    assert complaints == []
