"""A scanner that types as scanners do, and how long the screen takes to answer it.

    slow_down(page)
    milliseconds = timed_scan(page, text, "[data-decision]")
"""

from playwright.sync_api import Page

THROTTLED = 6  # times slower: a cheap tablet beside the machine of a test

# From the end of a scan to the first picture of its answer: `data-of` names what was scanned.
WATCH = """([text, shown]) => new Promise((done) => {
  let began = 0;
  const heard = (event) => { if (event.key === "Enter") began = event.timeStamp; };
  addEventListener("keydown", heard, { capture: true });
  const watching = new MutationObserver(look);
  watching.observe(document, { subtree: true, childList: true, attributes: true });
  function look() {
    if (!began || !document.querySelector(`${shown}[data-of="${text}"]`)) return;
    watching.disconnect();
    removeEventListener("keydown", heard, { capture: true });
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(performance.now() - began);
    requestAnimationFrame(() => port2.postMessage(0));
  }
})"""

def slow_down(page: Page, times: float = THROTTLED) -> None:
    """The page's own thread so many times slower; workers and the network stay as they are."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": times})


def scan(page: Page, text: str) -> None:
    """What a keyboard wedge does: the keys of the text in a burst, then Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def timed_scan(page: Page, text: str, shown: str) -> float:
    """Milliseconds from the scan's last key to the first picture of its answer in one of `shown`:
    the element whose `data-of` is then the text."""
    # A handle of a promise: Playwright would wait for the promise itself.
    waiting = page.evaluate_handle(f"(given) => ({{ done: ({WATCH})(given) }})", [text, shown])
    scan(page, text)
    return waiting.evaluate("(one) => one.done")


def p95(spans: list[float]) -> float:
    return sorted(spans)[max(0, -(-len(spans) * 95 // 100) - 1)]
