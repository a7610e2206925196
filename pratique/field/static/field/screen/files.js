// @ts-check
/** The forms for outbox files and the same as square codes: export, and taking over. */

import { KIND } from "../core/frames.js";
import { exportOutbox, importFrames, importOutbox, outboxFrames } from "../store/parcel.js";
import { Gather } from "./gather.js";
import { Run } from "./qr.js";
import { say, sayCount } from "./words.js";

const $ = (id) => /** @type {any} */ (document.getElementById(id));
const NAME_LENGTH = 8;

/**
 * @param {import("../store/db.js").Store} store
 * @param {string|null} own
 */
export function wireFiles(store, own) {
  wire($("export"), async () => {
    if ($("export-pass").value !== $("export-again").value) return ["stop", say("passphrases_differ")];
    const { text, count } = await exportOutbox(store, $("export-pass").value, (bytes) => crypto.getRandomValues(bytes));
    offer(text, `outbox-${(own ?? "").slice(-NAME_LENGTH)}.pratique`);
    return ["go", say("exported", { n: count })];
  });
  wire($("import"), async () => {
    const text = await $("import-file").files[0].text();
    const { taken, known } = await importOutbox(store, own ?? "", text, $("import-pass").value);
    return ["go", say("taken", { taken, known })];
  });
}

/**
 * Square codes: shown under a passphrase; read by the camera or a scanner, then opened by it.
 * @param {import("./shell.js").App} app
 */
export function wireCodes(app) {
  /** @type {Run|null} */
  let run = null;
  /** @type {Gather|null} */
  let gather = null;
  /** @type {import("../core/frames.js").Collector|null} */
  let gathered = null;
  wire($("codes-out"), async () => {
    if ($("codes-out-pass").value !== $("codes-out-again").value) return ["stop", say("passphrases_differ")];
    const { texts, count } = await outboxFrames(app.store, $("codes-out-pass").value, (bytes) => crypto.getRandomValues(bytes));
    run?.stop();
    run = new Run($("codes-shown"), texts, { name: say("screen_outbox") });
    await run.start();
    return ["go", sayCount("codes_shown", count)];
  });
  const listen = async () => {
    if (gather && !gather.isOver) return;
    gathered = null;
    $("codes-in-part").open = true;
    gather = new Gather($("codes-gather"), KIND.parcel, { onFrame: (isRight) => app.feedback(isRight),
      onWhole: (_bytes, whole) => { gathered = whole; said($("codes-in"), "go", say("codes_whole")); $("codes-in-pass").focus(); } });
    await gather.start();
  };
  app.wire($("codes-read"), listen);
  wire($("codes-in"), async () => {
    if (!gathered) return ["stop", say("codes_first")];
    const { taken, known } = await importFrames(app.store, app.device ?? "", gathered, $("codes-in-pass").value);
    return ["go", say("taken", { taken, known })];
  });
  return {
    scan: async (/** @type {import("../core/scans.js").Scan} */ scan) => {
      if (scan.type !== "frame") { app.toast(say("scan_no_use"), "hold"); return; }
      listen();  // nobody waits for the camera who has a scanner
      await gather?.take(scan.text);
    },
    stop: () => { run?.stop(); gather?.stop(); },
  };
}

/** @param {HTMLFormElement} form @param {string} shape @param {string} words */
function said(form, shape, words) {
  const line = /** @type {HTMLElement} */ (form.querySelector(".said"));
  line.className = `said is-${shape}`;
  line.textContent = words;
}

/** @param {HTMLFormElement} form @param {() => Promise<string[]>} work */
function wire(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said(form, "none", say("working"));
    const [shape, words] = await work().catch((error) => ["stop", say(error.code ?? String(error), error.params)]);
    said(form, shape, words);
    if (shape === "go") form.reset();
  });
}

function offer(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
