"""Codes that one device shows and another one's camera reads, in real Chromium on both sides.

The camera is Chromium's own stand-in: it plays a film that the test has made of the codes.
"""

import base64
import time

import pytest

from pratique.field.tests.app_page import run, until
from pratique.field.tests.test_in_chromium import judge

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
WIDTH, HEIGHT = 1280, 720
FPS = 10
FILM = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")

# Draws SVG elements as a camera would see them: grey values, row by row, in base64.
FILMED = """
    const seen = async (svg) => {
      svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
      svg.setAttribute("width", "640"); svg.setAttribute("height", "640");
      const image = new Image();
      image.src = "data:image/svg+xml," + encodeURIComponent(svg.outerHTML);
      await image.decode();
      const canvas = new OffscreenCanvas(1280, 720), context = canvas.getContext("2d");
      context.fillStyle = "#777"; context.fillRect(0, 0, 1280, 720);
      context.translate(640, 360); context.rotate(0.06);  // nobody holds it straight
      context.drawImage(image, -320, -320);
      const { data } = context.getImageData(0, 0, 1280, 720);
      const grey = new Uint8Array(1280 * 720).map((_, at) => data[at * 4]);
      return new Promise((done) => { const reader = new FileReader();
        reader.onload = () => done(reader.result.split(",")[1]);
        reader.readAsDataURL(new Blob([grey])); });
    };
"""
READ = """
    const { scan } = await at("screen/camera"), { Collector } = await at("core/frames");
    const video = document.createElement("video");
    video.className = "camera";
    document.getElementById("screen").replaceChildren(video);
    window.texts = []; window.begun = performance.now();
"""


def write_film(path, pictures: list[str], each: int) -> None:
    """A Y4M of grey pictures (base64), each shown so many times."""
    colour = bytes([128]) * (WIDTH * HEIGHT // 4)
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FPS}:1 Ip C420jpeg\n".encode())
        for picture in pictures:
            frame = b"FRAME\n" + base64.b64decode(picture) + colour + colour
            film.write(frame * each)


@pytest.fixture
def filmed(browser_type, browser_type_launch_args, live_server, tmp_path):
    """filmed(pictures) -> the app's page on a device whose camera sees them, over and over."""
    opened = []

    def open_page(pictures, each=5, flags=FILM):
        film = tmp_path / "film.y4m"
        if pictures:
            write_film(film, pictures, each)
            flags = (*flags, f"--use-file-for-fake-video-capture={film}")
        arguments = [*browser_type_launch_args.get("args", []), *flags]
        browser = browser_type.launch(**{**browser_type_launch_args, "args": arguments})
        opened.append(browser)
        page = browser.new_context(locale="en", viewport={"width": 390, "height": 844}).new_page()
        page.goto(f"{live_server.url}/field/en/")
        return page

    yield open_page
    for browser in opened:
        browser.close()


@pytest.fixture
def app(live_server, page):
    page.goto(f"{live_server.url}/field/en/")
    return page


def test_a_run_of_codes_is_read_back_byte_for_byte_by_the_camera(app, filmed):
    shown = run(app, FILMED + """
        const { framesOf, KIND } = await at("core/frames"), { draw } = await at("screen/qr");
        const bytes = crypto.getRandomValues(new Uint8Array(9_200));
        const frames = await framesOf(KIND.offer, bytes, { CompressionStream });
        const pictures = [];
        for (const frame of frames) pictures.push(await seen(await draw(frame)));
        return { pictures, bytes: [...bytes] };""")
    page = filmed(shown["pictures"], each=6)
    begun = time.monotonic()
    run(page, READ + """
        window.collector = new Collector("O");
        scan(video, (text) => { window.texts.push(text); window.collector.take(text);
          if (window.collector.isWhole) window.took ??= performance.now() - window.begun; })
          .then((stop) => { window.stopCamera = stop; },
            (error) => { window.refused = error.code; });
        """)
    until(lambda: page.evaluate("window.refused || window.collector.isWhole"), seconds=60)
    read = run(page, "return [...await window.collector.bytes({ DecompressionStream })];")
    took = page.evaluate("window.took")
    print(f"{len(shown['pictures'])} codes, 9,200 bytes: {took / 1000:.1f} s from the camera's "
          "opening, the reader's loading included "
          f"({time.monotonic() - begun:.1f} s with the page)")
    assert read == shown["bytes"]
    page.evaluate("window.stopCamera()")
    assert page.evaluate("document.querySelector('video').srcObject") is None


def test_the_reader_comes_once_and_works_without_a_network_then(app, filmed):
    shown = run(app, FILMED + """
        const { draw } = await at("screen/qr");
        return [await seen(await draw("PQ7K4F00000001", { level: "M" }))];""")
    page = filmed(shown)
    until(lambda: run(page, "return Boolean(navigator.serviceWorker.controller)"))
    # The app fetched it when it was opened; a device that has not is what is tried here.
    until(lambda: run(page, "return Boolean(await caches.match(argument));",
                      "/static/field/vendor/zxing/reader.wasm"))
    run(page, "await caches.delete('pratique-reader');")
    page.context.set_offline(True)
    assert run(page, "return (await at('screen/reader')).prepareReader();") is False
    assert run(page, """return (await at('screen/reader')).openReader()
        .then(() => null, (error) => error.code);""") == "reader_not_here"
    page.context.set_offline(False)
    assert run(page, "return (await at('screen/reader')).prepareReader();") is True
    page.context.set_offline(True)
    page.reload()
    run(page, READ + "window.stopCamera = await scan(video, (text) => window.texts.push(text));")
    until(lambda: page.evaluate("window.texts.length"))
    time.sleep(1)
    assert page.evaluate("window.texts") == ["PQ7K4F00000001"]  # in sight all the time: said once


def test_what_the_camera_sees_goes_to_the_screen_like_a_readers_keys(app, filmed):
    shown = run(app, FILMED + """
        const { draw } = await at("screen/qr"), { slipOf } = await at("core/scans");
        return [await seen(await draw(slipOf("01a2b3c4-0000-7000-8000-00000000000a"),
          { level: "M" }))];""")
    page = filmed(shown)
    run(page, """const app = await (await at("app")).ready;
        app.current = { scan: (scan) => { window.heard = scan.code; } };
        await app.sight.start();""")
    until(lambda: page.evaluate("window.heard"))
    assert page.evaluate("window.heard") == "person:01a2b3c4-0000-7000-8000-00000000000a"
    assert page.locator("#camera-panel video").is_visible()
    run(page, "(await (await at('app')).ready).sight.offer(false);")  # another screen is opened
    assert not page.locator("#camera-panel").is_visible()


EAN = """
    const odd = ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111",
      "0111011", "0110111", "0001011"];
    const flip = (bits) => bits.replace(/./g, (bit) => bit === "0" ? "1" : "0");
    const back = (bits) => [...bits].reverse().join("");
    const digits = [..."6901234567892"].map(Number);  // the first digit, 6: odd and even in turn
    const left = digits.slice(1, 7).map((digit, at) => "OEEEOO"[at] === "O" ? odd[digit]
      : back(flip(odd[digit])));
    const right = digits.slice(7).map((digit) => flip(odd[digit]));
    const bars = ["101", ...left, "01010", ...right, "101"].join("");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 119 119");
    svg.innerHTML = '<rect width="119" height="119" fill="#fff"/>' + [...bars].map((bit, x) =>
      bit === "1" ? `<rect x="${x + 12}" y="30" width="1" height="60"/>` : "").join("");
"""


def test_the_bars_on_a_box_are_read_too(app, filmed):
    page = filmed(run(app, FILMED + EAN + "return [await seen(svg)];"))
    run(page, READ + "window.stopCamera = await scan(video, (text) => window.texts.push(text));")
    until(lambda: page.evaluate("window.texts.length"))
    assert page.evaluate("window.texts[0]") == "6901234567892"


def test_a_camera_that_is_not_there_or_not_allowed_is_refused_by_name(app, filmed):
    refusal = READ + "return scan(video, () => {}).then(() => null, (error) => error.code);"
    assert run(app, refusal) == "camera_none"
    denied = filmed([], flags=("--use-fake-device-for-media-stream",
                               "--deny-permission-prompts"))
    assert run(denied, refusal) == "camera_refused"
    said = run(app, """
        const { scan } = await at("screen/camera");
        Object.defineProperty(window, "isSecureContext", { value: false });
        return scan(document.createElement("video"), () => {}).catch((error) => error.code);""")
    assert said == "camera_not_secure"


def test_only_the_apps_page_may_run_the_reader(app, client):
    assert "'wasm-unsafe-eval'" in client.get("/field/en/")["Content-Security-Policy"]
    assert "wasm" not in client.get("/sign-in/")["Content-Security-Policy"]


def test_the_reader_is_not_among_what_every_device_fetches(client):
    from pratique.field import precache

    names = precache.names()
    assert any(name.endswith("vendor/uqr/uqr.js") for name in names)
    assert not any("wasm" in name or "LICENSE" in name for name in names)
    answer = client.get("/static/field/vendor/zxing/reader.wasm",
                        headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip" and int(answer["Content-Length"]) < 420_000


SHOWN = """
    await (await at("app")).ready;
    const { framesOf, KIND } = await at("core/frames");
    const { Run } = await at("screen/qr"), { Gather } = await at("screen/gather");
    const root = document.getElementById("screen");
    const frames = await framesOf(KIND.offer, crypto.getRandomValues(new Uint8Array(4000)));
    root.replaceChildren(...["h1", "section", "section"].map((tag) => document.createElement(tag)));
    const [title, shown, heard] = root.children;
    title.textContent = "T1";
    window.run = new Run(shown, frames, { name: "T1" });
    await window.run.start();
    window.whole = null;
    window.gather = new Gather(heard, KIND.offer,
      { onWhole: (bytes) => { window.whole = bytes; } });
    await window.gather.start();
    for (const at of [0, 3]) await window.gather.take(frames[at]);
    await window.gather.take("a box of noodles");
    window.frames = frames;
"""


def test_showing_and_gathering_are_for_everybody(app, live_server):
    """axe finds nothing, nothing runs over the edge, targets are for gloves, in both languages."""
    complaints: list[str] = []
    app.on("pageerror", lambda error: complaints.append(str(error)))
    for language in ("zh-hans", "en"):
        app.goto(f"{live_server.url}/field/{language}/")
        run(app, SHOWN)
        for width in (1280, 390):
            app.set_viewport_size({"width": width, "height": 900})
            judge(app, f"codes-{language}-{width}", complaints)
    assert complaints == []


def test_a_run_stops_steps_and_says_where_it_is_and_a_gathering_ends_by_itself(app):
    run(app, SHOWN)
    told = app.locator(".run-told").first
    until(lambda: "Code 2 of 5" in told.inner_text())
    app.click("[data-play]")
    app.click("button:text-is('Next')")
    assert told.get_attribute("aria-live") == "polite"
    here = told.inner_text()
    assert app.get_attribute(".code", "aria-label").startswith("Square code: T1 Code ")
    time.sleep(1)
    assert told.inner_text() == here
    heard = app.locator(".run-heard")
    assert "2 of 5 codes read" in heard.inner_text()
    assert "Still missing: 2 3 5" in heard.inner_text()
    assert "none of those" in heard.inner_text()  # what did not belong took nothing away
    assert run(app, """
        for (const frame of window.frames) await window.gather.take(frame);
        return window.whole.length;""") == 4000
    assert heard.inner_text() == "All codes read"
