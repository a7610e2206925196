// @ts-check
/** The page of enrolment: which unit it is for, consent to store, and what came of it. */

import { enrol, enrolment, freshBundle, here, invitation, token } from "./enrol.js";
import { Refused } from "./core/signed.js";

/** @typedef {import("./enrol.js").Invitation} Invitation @typedef {import("./enrol.js").World} World */

const refusals = JSON.parse(element("refusals").textContent ?? "{}");
const chinese = document.documentElement.lang.startsWith("zh");

/** @param {string} id @returns {HTMLElement} */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

/** @param {string} name one of the page's steps; the others are hidden */
function show(name) {
  for (const step of document.querySelectorAll("[data-step]")) {
    step.toggleAttribute("hidden", step.getAttribute("data-step") !== name);
  }
  const heading = document.querySelector(`[data-step="${name}"] [tabindex="-1"]`);
  if (heading instanceof HTMLElement) heading.focus();
}

/** @param {{name_zh: string, name_en: string}} thing */
function named(thing) {
  return chinese ? thing.name_zh : thing.name_en;
}

/** @param {unknown} error */
function refuse(error) {
  const code = error instanceof Refused ? error.code : "no_key_store";
  const known = refusals[code] ?? { sentence: "", rule: "" };
  const told = error instanceof Refused ? error : null;
  element("refused-sentence").textContent = told?.sentence || known.sentence;
  element("refused-rule").textContent = told?.rule || known.rule;
  element("again").toggleAttribute("hidden", code !== "no_network");
  document.body.dataset.refused = code;
  show("refused");
}

/** The app itself comes while somebody reads what was done: then nothing of it is fetched twice. */
function fetchApp() {
  navigator.serviceWorker?.register("/field/sw.js", { scope: "/field/", updateViaCache: "none" })
    .catch((/** @type {unknown} */ error) => console.warn("the app asks for itself later", error));
}

/** @param {World} world @param {string} code */
async function begin(world, code) {
  const invited = await invitation(world, code);
  for (const place of document.querySelectorAll("[data-unit]")) {
    place.textContent = named(invited.unit);
  }
  element("county").textContent = named(invited.county);
  element("label").textContent = invited.label;
  element("roles").textContent = invited.role_words.join(chinese ? "、" : ", ");
  const until = new Date(invited.expires_at);
  element("until").textContent = until.toLocaleTimeString(chinese ? "zh-Hans" : "en-GB",
    { hour: "2-digit", minute: "2-digit", timeZone: document.documentElement.dataset.zone });
  element("enrol").addEventListener("click", () => run(() => finish(world, code)), { once: true });
  show("invited");
}

/** @param {World} world @param {string} code */
async function finish(world, code) {
  show("working");
  // Asked for before anything is stored, in the very moment of consent: some browsers want both.
  const persistent = await navigator.storage?.persist?.().catch(() => false) ?? false;
  await enrol(world, code);
  history.replaceState(null, "", location.pathname);
  await token(world, { fresh: true });
  const carried = await freshBundle(world);
  fetchApp();
  element(persistent ? "stored" : "not-stored").hidden = false;
  element("device").textContent = carried.device;
  element("version").textContent = String(carried.version);
  document.body.dataset.device = carried.device;
  show("done");
}

/** @param {World} world */
async function already(world) {
  const told = await enrolment(world);
  if (!told) {
    show("no-code");
    return;
  }
  element("already-unit").textContent = named(told.unit);
  show("already");
}

/** @param {() => Promise<void>} work */
async function run(work) {
  try {
    await work();
  } catch (error) {
    refuse(error);
  }
}

function start() {
  const code = location.hash.slice(1);
  show("working");
  void run(async () => {
    const world = await here();
    await (code ? begin(world, code) : already(world));
  });
}

for (const link of document.querySelectorAll("a[data-keep-hash]")) {
  // The invitation is behind the #, which a link of another language would leave behind.
  link.addEventListener("click", () => {
    if (link instanceof HTMLAnchorElement) link.hash = location.hash;
  });
}
element("again").addEventListener("click", start);
addEventListener("hashchange", start);
start();
