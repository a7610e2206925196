"""Swabs and bags on the device: scanned by keys, refused on the spot, applied in the journal."""

import base64
import os
import re
from pathlib import Path

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe

from pratique.custody import queries as custody
from pratique.field import enrolment, epoch, signing
from pratique.field.tests.app_page import run, until
from pratique.field.tests.test_app import LANGUAGES, TARGET_PX_MIN, WIDTHS
from pratique.kit.sql import reading
from pratique.specimens import queries as specimens
from pratique.specimens.rules import check_tube, tube_number
from tests.support import fresh_id

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
NAMES = ["张一", "李二", "王三", "赵四"]
CAR = str(fresh_id())
TOLD = """
    const { ready } = await at("app"), { takeRoll } = await at("store/things");
    const { store } = await ready;
    await takeRoll(store, argument.map((one) => ({ type: "person", account: "post-01",
      holds_by: one.id, pending: null, seq: 0, ...one })), 0);"""


@pytest.fixture
def app(live_server, page, gate_tablet):
    """The gate's device with a car of four in its hands, at the sampling screen."""
    failed = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(f"{live_server.url}/field/en/#/outbox")
    run(page, "const world = await (await at('enrol')).here(); await world.store.put(argument);", {
        "enrolment": {"device": str(gate_tablet.device), "roles": ["gate_officer"], "unit": {
            "code": "post-01", "kind": "checkpoint", "name_zh": "一号卡口", "name_en": "Post 1"},
            "county": enrolment.county(), "epoch": str(epoch.current()),
            "key": {"id": signing.county_key().id, "spki": signing.county_key().spki}},
        "token": {"token": gate_tablet.token}})
    page.reload()
    until(lambda: run(page, "return Boolean(navigator.serviceWorker.controller)"))
    run(page, TOLD, [*people(), {"id": CAR, "type": "vehicle", "label": "晋A12345",
                                 "codes": ["plate:晋A12345"], "told": {}}])
    yield page
    assert failed == []


def people():
    return [{"id": id_of(n), "label": name, "codes": [f"person:{id_of(n)}"],
             "told": {"vehicle": CAR, "landing_test": True, "document": f"1401...{n}12X"}}
            for n, name in enumerate(NAMES)]


IDS = [str(fresh_id()) for __ in range(9)]


def id_of(number: int) -> str:
    return IDS[number]


def scan(page, text: str) -> None:
    """As a reader types: key after key without a pause, then Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def slip(number: int) -> str:
    return "PQP" + id_of(number).replace("-", "").upper()


def to(page, path: str) -> None:
    run(page, "location.hash = argument;", f"#/{path}")
    page.locator(f"body[data-screen='{path.partition('/')[0]}'] #headline:not(:empty)").wait_for()


def says(page, selector: str, words: str) -> None:
    until(lambda: words in page.inner_text(selector), 10)


def scan_until(page, text: str, selector: str, words: str) -> None:
    """A label without a check digit is told from fingers by its speed alone: a machine that is busy
    may miss it once, and it is scanned again."""
    for __ in range(5):
        scan(page, text)
        page.wait_for_timeout(800)
        if words in page.inner_text(selector):
            return
    raise AssertionError(page.inner_text(selector))


def swab(page, number: int, tube: str) -> None:
    scan(page, slip(number))
    says(page, "#sample-step", "scan the tube")
    scan(page, tube)
    says(page, "#sample-step", "Scan the person")


def tubes_of(tablet):
    held = custody.holdings(tablet.place, limit=200)
    mine = [h.subject for h in held if h.kind == "specimen"]
    return {t.tube: t for t in specimens.tubes(mine).values()}


WRITES = {"specimens.collected": "specimens_specimen", "specimens.voided": "specimens_ending",
          "specimens.bagged": "specimens_bagging"}


def facts(kind: str) -> int:
    """How many facts of a kind were applied: what only their reducer writes is there."""
    with reading() as cursor:
        cursor.execute(f"SELECT count(DISTINCT fact) FROM {WRITES[kind]}")
        return cursor.fetchone()[0]


def test_a_car_of_four_is_sampled_by_eight_scans_and_the_county_holds_four_tubes(app, gate_tablet):
    to(app, f"sample/{CAR}")
    says(app, "#headline", "0 of 4 sampled")
    app.context.set_offline(True)
    for number in range(4):
        swab(app, number, tube_number(number))
        says(app, "#headline", f"{number + 1} of 4 sampled")
        assert NAMES[number] in app.inner_text("#sample-said")
    app.reload()
    says(app, "#headline", "4 of 4 sampled")
    app.context.set_offline(False)
    to(app, "outbox")
    app.click("#send-now")
    until(lambda: facts("specimens.collected") == 4)
    held = tubes_of(gate_tablet)
    assert set(held) == {tube_number(n) for n in range(4)}
    assert {str(t.person) for t in held.values()} == set(IDS[:4])
    assert {(t.purpose, t.urgent, t.account) for t in held.values()} == {
        ("landing", True, "post-01")}


def test_what_may_not_be_is_refused_on_the_spot_and_the_person_stays_chosen(app):
    to(app, "sample")
    says(app, "#headline", "4 people to swab")
    scan(app, tube_number(1))
    says(app, "#toast", "Scan the person first")
    swab(app, 0, tube_number(1))
    scan(app, slip(1))
    says(app, "#sample-name", NAMES[1])
    wrong = [(tube_number(1), "holds another person's specimen"),
             ("PQ0000000019", "check digit"), ("PQX1234567", "tube for one person")]
    for text, words in wrong:
        scan(app, text)
        says(app, "#toast", words)
        assert app.get_attribute("#toast", "class") == "toast is-stop"
        assert app.inner_text("#sample-name") == NAMES[1]
    scan(app, tube_number(2))
    says(app, "#headline", "2 people to swab")
    scan(app, slip(0))
    says(app, "#toast", "was sampled at")
    app.click("#sample-again")
    says(app, "#sample-name", NAMES[0])
    scan(app, tube_number(1))
    says(app, "#toast", "has been used for this person already")
    scan(app, "PQP" + "F" * 32)
    says(app, "#sample-warning", "does not know that the person is at this post")
    assert facts("specimens.collected") <= 2


def test_a_tube_that_left_the_post_is_still_used_and_what_was_chosen_survives_a_reload(app):
    to(app, "sample")
    swab(app, 0, tube_number(7))
    until(lambda: facts("specimens.collected") == 1)
    run(app, """const { store } = await (await at("app")).ready;
        const [tube] = await (await at("store/things")).allOf(store, "specimen");
        await store.run(["things"], "readwrite", (work) => {
          work.objectStore("things").delete(tube.id);
        });""")
    scan(app, slip(1))
    says(app, "#sample-name", NAMES[1])
    app.reload()
    says(app, "#sample-name", NAMES[1])
    scan(app, tube_number(7))
    says(app, "#toast", "holds another person's specimen")


def test_a_swab_is_taken_back_by_a_fact_with_its_reason_and_is_owed_again(app, gate_tablet):
    to(app, f"sample/{CAR}")
    swab(app, 2, tube_number(5))
    app.click("#sample-undo")
    app.click("#sample-why label:nth-of-type(2)")
    app.click("#sample-why button.stop")
    says(app, "#toast", "is void")
    says(app, "#headline", "0 of 4 sampled")
    until(lambda: facts("specimens.voided") == 1)
    assert tubes_of(gate_tablet) == {}
    swab(app, 2, tube_number(6))
    until(lambda: set(tubes_of(gate_tablet)) == {tube_number(6)})


def test_two_counts_agree_before_a_bag_is_recorded_and_what_is_missing_is_named(app, gate_tablet):
    to(app, "sample")
    for number in range(3):
        swab(app, number, tube_number(20 + number))
    to(app, "bag")
    says(app, "#bag-free-title", "3 tubes in no bag")
    scan(app, tube_number(99))
    says(app, "#toast", "does not know tube")
    for number in range(3):
        scan(app, tube_number(20 + number))
        says(app, "#headline", f"{number + 1} tube")
    scan(app, tube_number(20))
    says(app, "#toast", "was not counted twice")
    app.click("#bag-close")
    scan(app, tube_number(21))
    says(app, "#toast", "a tube's label")
    scan_until(app, "BAG-0001", "#bag-step", "scan its seal")
    scan_until(app, "SEAL-77", "#headline", "Count the tubes")
    app.fill("#bag-counted", "2")
    app.click("#bag-count button")
    says(app, "#toast", "2 were counted, 3 were scanned")
    for number in (0, 2):
        scan(app, tube_number(20 + number))
    says(app, "#bag-missing-title", "1 tube not found")
    assert tube_number(21) in app.inner_text("#bag-missing-list")
    app.reload()
    says(app, "#bag-missing-title", "1 tube not found")
    app.click("#bag-without")
    app.fill("#bag-counted", "2")
    app.click("#bag-count button")
    says(app, "#toast", "Bag BAG-0001 with 2 tubes saved")
    says(app, "#bag-free-title", "1 tube in no bag")
    says(app, "#bag-sealed-list", "BAG-0001")
    until(lambda: facts("specimens.bagged") == 1)
    assert {t.tube: t.bag for t in tubes_of(gate_tablet).values()} == {
        tube_number(20): "BAG-0001", tube_number(21): None, tube_number(22): "BAG-0001"}


# ── labels ───────────────────────────────────────────────────────────────────────────────────────
POINTS_A_MM = 72 / 25.4
GREY = """const bytes = Uint8Array.from(atob(argument), (sign) => sign.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const pen = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    pen.drawImage(picture, 0, 0);
    const { data, width, height } = pen.getImageData(0, 0, picture.width, picture.height);
    const grey = Array.from({ length: width * height }, (_, at) => data[at * 4]);
    return { width, height, grey };"""


def codes_in(page, png: bytes) -> list[str]:
    """What zxing reads in a picture of the page."""
    told = run(page, GREY, base64.b64encode(png).decode())
    picture = memoryview(bytes(told["grey"])).cast("B", (told["height"], told["width"]))
    return [code.text for code in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize(("stock", "width_mm"), [("40x30", 40), ("50x30", 50)])
def test_labels_are_printed_one_a_page_of_the_stocks_size_and_a_reader_reads_them(
        app, stock, width_mm):
    to(app, "labels")
    app.click(f"#labels-stock label:has([value='{stock}'])")
    app.click("#labels-more")
    says(app, "#labels-left", "100 numbers")
    app.fill("#labels-count", "3")
    app.click("#labels-new")
    says(app, "#headline", "3 labels to print")
    says(app, "#labels-left", "97 numbers")
    app.evaluate("window.print = () => {}")
    app.click("#labels-print")
    app.locator("#label-sheet").wait_for(state="attached")
    pdf = app.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox ?\[ ?0 0 ([0-9.]+) ([0-9.]+) ?\]", pdf)
    assert len(boxes) == 3
    for wide, high in boxes:
        assert abs(float(wide) - width_mm * POINTS_A_MM) < 1, boxes
        assert abs(float(high) - 30 * POINTS_A_MM) < 1, boxes
    app.click("#labels-print")  # the sheet is put away when a print is over
    numbers = app.locator("#label-sheet svg").evaluate_all(
        "(all) => all.map((svg) => svg.getAttribute('aria-label'))")
    assert len(set(numbers)) == 3 and all(check_tube(number) is None for number in numbers)
    app.emulate_media(media="print")
    app.set_viewport_size({"width": 400, "height": 700})
    app.evaluate("document.getElementById('label-sheet').style.zoom = 2")
    until(lambda: sorted(codes_in(app, app.screenshot())) == sorted(numbers))


def test_a_printers_file_is_saved_where_no_printer_can_be_reached(app):
    to(app, "sample")
    swab(app, 0, tube_number(40))
    to(app, "labels")
    app.click("#labels-file")
    says(app, "#toast", "There is no label on the sheet")
    scan_until(app, tube_number(40), "#headline", "1 label to print")
    app.evaluate("navigator.canShare = undefined")
    with app.expect_download() as download:
        app.click("#labels-file")
    form = Path(download.value.path()).read_text()
    assert form.startswith("^XA") and form.endswith("^XZ\n") and tube_number(40) in form
    assert "^GFA," in form and NAMES[0] not in form


USB = """const { sendToPrinter } = await at("screen/labels/printer");
    const no = (name) => { throw new DOMException(name, name); };
    const out = { interfaceNumber: 0, alternate: { interfaceClass: 7,
      endpoints: [{ direction: "out", type: "bulk", endpointNumber: 2 }] } };
    const sent = [];
    const device = { configuration: { interfaces: [out] }, open: async () => {},
      close: async () => {}, claimInterface: async () => {}, releaseInterface: async () => {},
      transferOut: async (to, bytes) => { sent.push(to, bytes.length); return { status: "ok" }; } };
    const tried = async (usb) => {
      try { await sendToPrinter(usb, "^XA^XZ"); return "ok"; } catch ({ code }) { return code; } };
    const with_ = (more) => ({ requestDevice: async () => ({ ...device, ...more }) });
    return [await tried(undefined), await tried({ requestDevice: async () => no("NotFoundError") }),
      await tried(with_({ open: async () => no("SecurityError") })),
      await tried(with_({ claimInterface: async () => no("NetworkError") })),
      await tried(with_({ configuration: { interfaces: [] } })),
      await tried(with_({ transferOut: async () => ({ status: "stall" }) })),
      await tried(with_({})), ...sent];"""


def test_a_printer_that_fails_is_refused_by_its_own_code(app):
    """No printer is on this machine, so what the browser gives is stood in for, step by step."""
    assert run(app, USB) == ["printer_unsupported", "printer_none", "printer_denied",
                             "printer_denied", "printer_none", "printer_failed", "ok", 2, 6]


def looked_at(app, live_server, path: str, name: str, prepare=lambda page: None) -> list[str]:
    """What axe, the edge and the thumb find wrong, in both languages and widths, light and dark."""
    axe, found = Axe(), []
    for language in LANGUAGES:
        app.goto(f"{live_server.url}/field/{language}/#/{path}")
        app.locator("#headline:not(:empty)").wait_for()
        app.wait_for_timeout(200)
        prepare(app)
        for number, width in enumerate(WIDTHS):
            app.emulate_media(color_scheme="dark" if number else "light")
            app.set_viewport_size({"width": width, "height": 900})
            found += [f"{language} {width}: {problem['id']} {problem['nodes'][0]['html'][:90]}"
                      for problem in axe.run(app).response["violations"]]
            if app.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
                found.append(f"{language} {width}: over the edge")
            found += [f"{language} {width}: {what} px"
                      for what, high in app.evaluate(
                          "[...document.querySelectorAll('button, a:not(.skip), summary, label:has("
                          "input[type=radio], input[type=checkbox]), input:not([type=radio])"
                          ":not([type=checkbox])')].filter((e) => e.checkVisibility())"
                          ".map((e) => [e.outerHTML.slice(0, 60), "
                          "e.getBoundingClientRect().height])")
                      if high < TARGET_PX_MIN - 0.5]
            if folder := os.environ.get("PRATIQUE_PICTURES"):
                app.screenshot(path=Path(folder) / f"{name}-{language}-{width}.png", full_page=True)
    return found


def test_the_screens_are_for_everybody(app, live_server):
    to(app, "sample")
    swab(app, 0, tube_number(30))
    swab(app, 1, tube_number(31))
    scan(app, slip(3))
    says(app, "#sample-name", NAMES[3])
    found = looked_at(app, live_server, f"sample/{CAR}", "sample")
    to(app, "bag")
    scan(app, tube_number(30))
    found += looked_at(app, live_server, "bag", "bag")
    tubes = run(app, """const { store } = await (await at("app")).ready;
        return (await (await at("store/things")).allOf(store, "specimen")).map(({ id }) => id);""")
    found += looked_at(app, live_server, f"labels/tube/{tubes[0]}", "labels")
    assert found == []
