"""A scanner that types as scanners do, and how long the screen takes to answer it.

    slow_down(page)
    milliseconds = timed_scan(page, text, "#decision")

`PROBE` puts a field and an answer of its own on a page of the app, with the app's modules behind
them. A real screen is measured by the same two functions with its own element.
"""

from typing import Any

from playwright.sync_api import Page

THROTTLED = 6  # times slower: a cheap tablet beside the machine of a test
FIELD, ANSWER = "#probe", "#probe-answer"

# From the end of a scan to the first picture of its answer: `data-of` names what was scanned.
WATCH = """([text, shown]) => new Promise((done) => {
  let began = 0;
  const heard = (event) => { if (event.key === "Enter") began = event.timeStamp; };
  addEventListener("keydown", heard, { capture: true });
  const watching = new MutationObserver(look);
  watching.observe(document, { subtree: true, childList: true, attributes: true });
  function look() {
    if (!began || document.querySelector(shown)?.getAttribute("data-of") !== text) return;
    watching.disconnect();
    removeEventListener("keydown", heard, { capture: true });
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(performance.now() - began);
    requestAnimationFrame(() => port2.postMessage(0));
  }
})"""

PROBE = """async ({ stays, field, answer }) => {
  const at = (name) => import(`/static/field/${name}.js`);
  const names = ["core/expected", "core/packs", "core/atlas", "core/decide", "core/words"];
  const { here, part, bundle } = await at("enrol");
  const [{ find }, { readPacks, packAt }, { readAtlas }, decide, { sentence }] =
    await Promise.all(names.map(at));
  const began = performance.now();
  const world = await here(), { made_at } = await bundle(world);
  const expected = await part(world, "expected");
  const packs = readPacks(await part(world, "packs")), atlas = readAtlas(await part(world, "risk"));
  const pack = packAt(packs, Date.parse(made_at));
  const read = performance.now() - began;
  const input = document.body.appendChild(document.createElement("input"));
  const output = document.body.appendChild(document.createElement("output"));
  Object.assign(input, { id: field.slice(1) });
  Object.assign(output, { id: answer.slice(1) });
  let scans = 0;
  input.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter") return;
    const text = input.value;
    input.value = "";
    const { arrivals: [person] } = await find(expected, "document", text, crypto.subtle);
    const stay = { ...stays[scans++ % stays.length], until: made_at };
    const arrival = decide.readArrival({ at: made_at, body: {
      resident: true, from_outside_province: true, stays: [stay] } });
    const { decision, standing } = decide.decide(
      pack, decide.historyOf(atlas, arrival), packs.data.orders);
    output.textContent = `${person?.name}: ${sentence(
      pack.data, standing.reason, standing.params, document.documentElement.lang)}`;
    Object.assign(output.dataset,
      { of: text, name: person?.name ?? "", measure: decision.measure });
  });
  input.focus();
  return read;
}"""


def slow_down(page: Page, times: float = THROTTLED) -> None:
    """The page's own thread so many times slower; workers and the network stay as they are."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": times})


def scan(page: Page, text: str) -> None:
    """What a keyboard wedge does: the keys of the text in a burst, then Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def timed_scan(page: Page, text: str, shown: str) -> float:
    """Milliseconds from the scan's last key to the first picture of its answer in `shown`, an
    element whose `data-of` is then the text."""
    # A handle of a promise: Playwright would wait for the promise itself.
    waiting = page.evaluate_handle(f"(given) => ({{ done: ({WATCH})(given) }})", [text, shown])
    scan(page, text)
    return waiting.evaluate("(one) => one.done")


def probe(page: Page, stays: list[dict[str, Any]]) -> float:
    """A field that decides by the app's modules; milliseconds that reading the bundle took."""
    return page.evaluate(PROBE, {"stays": stays, "field": FIELD, "answer": ANSWER})


def p95(spans: list[float]) -> float:
    return sorted(spans)[max(0, -(-len(spans) * 95 // 100) - 1)]
