"""Gates by the field app: which, and what is said where none can."""

from datetime import timedelta
from random import Random

import pytest

from pratique.drill.app import App, Browser, NoApp, devices_by_app
from pratique.drill.cast import Cast
from pratique.drill.device import Device
from pratique.drill.moments import BEGIN
from pratique.drill.page import app_words
from pratique.drill.planting import ASIDE
from pratique.field.tests.app_page import enrolled_tablet, known_to_journal
from pratique.kit.ids import IdMaker

ids = IdMaker(randomness=Random(1).randbytes)


def device(unit, name="a", token="t"):
    return Device(ids.make(BEGIN), unit, f"{unit}/{name}", ("gate_officer",), token,
                  timedelta(0), Random(name))


def chromium_of(launch, *more):
    return Browser(launch["executable_path"], [*launch["args"], *more])


def cast(posts):
    names = [f"post-{n:02}" for n in range(1, posts + 1)]
    return Cast({post: [device(post, "a"), device(post, "b")] for post in names},
                {post: ["1"] for post in names})


@pytest.mark.parametrize(("posts", "by_app"), [(3, 1), (12, 3), (40, 10)])
def test_a_quarter_of_the_gates_play_so_and_one_at_least_with_all_their_devices(posts, by_app):
    chosen = devices_by_app(cast(posts), 1)
    assert len({each.unit for each in chosen}) == by_app
    assert len(chosen) == by_app * 2


def test_gates_at_which_a_device_misbehaves_never_play_so():
    units = {each.unit for seed in range(50) for each in devices_by_app(cast(12), seed)}
    assert len(units) == 10 and not units & {"post-01", "post-02"}


def test_without_a_browser_it_is_said_and_not_hidden():
    with pytest.raises(NoApp) as why:
        App("http://127.0.0.1:9", Browser("/nowhere/chromium"), [], 1)
    assert why.value.code == "no_browser"
    assert app_words({"why_not": "no_browser"}).startswith("no gate played by the field app")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_address_at_which_a_browser_stores_nothing_safely_is_said(
        live_server, browser_type_launch_args):
    url = live_server.url.replace("localhost", "county.test").replace("127.0.0.1", "county.test")
    chromium = chromium_of(browser_type_launch_args,
                           "--host-resolver-rules=MAP county.test 127.0.0.1")
    with pytest.raises(NoApp) as why:
        App(url, chromium, [], 1)
    assert why.value.code == "not_secure"
    assert "https" in app_words({"why_not": "not_secure"})


@pytest.mark.browser
def test_what_cannot_reach_the_server_stays_and_goes_up_when_the_network_is_back(
        live_server, transactional_db, browser_type_launch_args):
    enrolled = enrolled_tablet()
    tablet = Device(enrolled.device, "post-01", "post-01/a", ("gate_officer",), enrolled.token,
                    timedelta(0), Random(1))
    app = App(live_server.url, chromium_of(browser_type_launch_args), [tablet], 1)
    try:
        said = [tablet.say("checkpoint.vehicle_arrived", BEGIN, {
            "vehicle": ids.make(BEGIN), "post": "post-01", "plate": f"晋A{n:05}", "occupants": 1})
            for n in range(7)]
        refused = tablet.say("checkpoint.vehicle_arrived", BEGIN, {"post": "post-01"}, expect=ASIDE)
        tablet.offline = True
        app.begin()
        assert [one.receipts for one in app.finish()] == [[]]
        assert app.waits and app.lost == 8 and known_to_journal([str(one) for one in said]) == 0

        tablet.offline = False
        app.begin(calm=True)
        (answered,) = app.finish()
        assert [stored.id for stored in answered.call.facts] == [*said, refused]
        assert [r["status"] for r in answered.receipts] == ["applied"] * 7 + ["quarantined"]
        assert answered.counts["in"] == 8
        assert not app.waits and (app.lost, app.traffic.doubled) == (0, 0)
        assert known_to_journal([str(one) for one in said]) == 7
    finally:
        app.close()
