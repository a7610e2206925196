// @ts-check
/** The two forms for outbox files: export, and taking over. */

import { exportOutbox, importOutbox } from "../store/parcel.js";
import { say } from "./words.js";

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

/** @param {HTMLFormElement} form @param {() => Promise<string[]>} work */
function wire(form, work) {
  const said = /** @type {HTMLElement} */ (form.querySelector(".said"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.className = "said";
    said.textContent = say("working");
    const [shape, words] = await work().catch((error) => ["stop", say(error.code ?? String(error), error.params)]);
    said.className = `said is-${shape}`;
    said.textContent = words;
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
