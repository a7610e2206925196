"""Two tablets of two units beside each other: what one shows, the other scans."""

from typing import Any
from uuid import UUID

from pratique.desks.tests.conftest import NOON
from pratique.field.tests.app_page import run, until
from pratique.field.tests.gate_page import enrolled_page, open_screen
from pratique.kit.sql import reading

HEAR_RUNS = """
    const { Run } = await at("screen/qr"), start = Run.prototype.start;
    Run.prototype.start = function () {
      globalThis.shownTexts = this.texts;
      return start.call(this);
    };"""
APP = "const app = await (await at('app')).ready;"


def beside(browser, live_server, unit: str, *roles: str, username: str = "gate"):
    """A page of its own browser, enrolled at the unit, with what its codes say heard."""
    page = browser.new_context(locale="en", viewport={"width": 390, "height": 844}).new_page()
    page.failed = []
    page.on("pageerror", lambda error: page.failed.append(str(error)))
    enrolled_page(page, live_server, at=NOON, unit=unit, roles=roles)
    run(page, HEAR_RUNS)
    return page


def fresh(*pages) -> None:
    """Each takes the newest bundle and roll, then all lose the network."""
    for page in pages:
        run(page, APP + "await app.knowledge.fetch(); await app.rolls.fetch();")
    for page in pages:
        page.context.set_offline(True)


def to(page, path: str) -> None:
    open_screen(page, path)
    until(lambda: run(page, APP + "return app.showing === argument && app.turn > 0 && "
                      "document.body.dataset.screen === argument && Boolean(app.current.scan);",
                      path.partition("/")[0]))
    page.wait_for_selector("#headline:not(:empty)")


def shown(page) -> list[str]:
    """The texts of the codes that the page shows."""
    page.wait_for_selector(".run-code svg")
    return run(page, "return globalThis.shownTexts;")


def scan_all(page, texts: list[str]) -> None:
    """What the shell gives a screen when a reader has typed: a thousand keys take a busy machine
    longer than a reader, and labels and slips are typed in these tests."""
    for text in texts:
        run(page, APP + "app.hear(argument);", text)


def offer_all(page, path: str, taker: str) -> list[str]:
    """Offers what the address means to the taker; the texts of the offer's codes."""
    to(page, path)
    page.select_option("#handover-taker", taker)
    page.click("#handover-offer")
    return shown(page)


def take_over(page, texts: list[str], *, refuse: str = "") -> list[str]:
    """Reads an offer, ticks all but who is refused, answers; the texts of the answer's codes."""
    to(page, "receive")
    scan_all(page, texts)
    page.wait_for_selector("#receive-lines li")
    if refuse:
        line = page.locator("#receive-lines li", has_text=refuse)
        line.locator("select").select_option("Is not here")
        line.locator(".mark.is-stop").wait_for()
    page.click("#receive-all")
    page.click("#receive-save:not([disabled])")
    return shown(page)


def online(page) -> None:
    """The network is back, and everything goes up."""
    page.context.set_offline(False)
    run(page, APP + "app.sync.sendNow();")


def toast(page) -> str:
    page.wait_for_selector("#toast.is-stop:visible")
    return page.inner_text("#toast")


def things(page, kind: str) -> list[dict[str, Any]]:
    return run(page, APP + "return (await at('store/things')).allOf(app.store, argument);", kind)


def holder(subject: UUID | str) -> str | None:
    with reading() as cursor:
        row = cursor.execute("SELECT account FROM custody_holding WHERE subject = %s",
                             (subject,)).fetchone()
    return row and row[0]


def resolved() -> dict[str, str]:
    with reading() as cursor:
        rows = cursor.execute("SELECT subject, outcome FROM custody_resolution").fetchall()
    return {str(subject): outcome for subject, outcome in rows}


def settled(page, seconds: float = 30) -> None:
    """Nothing waits on the device, the other side's halves included."""
    until(lambda: run(page, APP + """
        const halves = await (await at("store/halves")).keptHalves(app.store);
        return app.shown.lanes.every((lane) => !lane.waiting)
          && halves.every((half) => half.receipt);
        """), seconds)


def receipts(page) -> list[str]:
    """What the county said of the other side's halves."""
    return run(page, APP + """
        const halves = await (await at("store/halves")).keptHalves(app.store);
        return halves.map(({ receipt }) => receipt?.code || receipt?.status || "");""")


def again(page, texts: list[str], change: str) -> list[str]:
    """The codes of the same offer after a change to what they carry."""
    return run(page, APP + """
        const { Collector, framesOf } = await at("core/frames");
        const gathered = new Collector("O");
        argument.texts.forEach((text) => gathered.take(text));
        const bytes = await gathered.bytes({ DecompressionStream });
        const half = JSON.parse(new TextDecoder().decode(bytes));
        """ + change + """;
        const made = new TextEncoder().encode(JSON.stringify(half));
        return framesOf("O", made, { CompressionStream });""", {"texts": texts})


def attention(*pages) -> list:
    return [each for page in pages for each in run(page, APP + "return app.store.attention();")]


def offers() -> int:
    with reading() as cursor:
        return cursor.execute("SELECT count(*) FROM custody_handover").fetchone()[0]
