"""The picture in the README: the first page after the bus of 38, as command sees it.

To take it anew, delete docs/pictures/first-page.png and run this test.
"""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from pratique.desks.ledger import note_password
from pratique.kit.doors import now
from tests import tutorial
from tests.house.code import ROOT

PICTURE = ROOT / "docs" / "pictures" / "first-page.png"


@pytest.fixture
def signed_in(live_server, page):
    """A browser page, signed in as the county's leader, in English."""
    leader = get_user_model().objects.get(username="leader")
    note_password(leader.pk, now())
    client = Client()
    client.force_login(leader)
    page.set_extra_http_headers({"Accept-Language": "en"})
    page.context.add_cookies([
        {"name": name, "value": cookie.value, "url": live_server.url}
        for name, cookie in client.cookies.items()])
    return page


@pytest.fixture
def bus_is_boarding(live_server, tmp_path, monkeypatch):
    """The county of the tutorial when 37 of 38 are aboard and one stayed at the gate."""
    tutorial.seed_example()
    tutorial.write_tokens(tmp_path)
    with monkeypatch.context() as there:
        there.chdir(tmp_path)
        tutorial.run(live_server.url, until="time.sleep")


@pytest.mark.browser
@pytest.mark.committed
def test_the_readme_shows_the_first_page(live_server, bus_is_boarding, signed_in, tmp_path):
    signed_in.set_viewport_size({"width": 1280, "height": 860})
    signed_in.goto(live_server.url)
    heading = signed_in.locator("h1").inner_text()
    assert heading.startswith("38 people in the loop"), heading
    picture = tmp_path / "first-page.png" if PICTURE.exists() else PICTURE
    picture.parent.mkdir(parents=True, exist_ok=True)
    signed_in.screenshot(path=picture)
    assert picture.stat().st_size > 10_000
    assert f"({PICTURE.relative_to(ROOT)})" in (ROOT / "README.md").read_text(encoding="utf-8")
