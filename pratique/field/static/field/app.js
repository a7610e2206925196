// @ts-check
/** The app's beginning: opens the store, reads who the device is, starts the sender, shows a screen. */

import { summary } from "./core/outbox.js";
import { enrolment, here, token } from "./enrol.js";
import { Knowledge } from "./knowledge.js";
import { App } from "./screen/shell.js";
import { watchVersions } from "./screen/update.js";
import { LANGUAGE, say } from "./screen/words.js";
import { openStore } from "./store/db.js";
import { Sync } from "./store/sync.js";

const AGES_MS = 30_000;

/** Resolves with the running app. @type {Promise<App>} */
export const ready = begin();
ready.catch((error) => {
  const headline = document.getElementById("headline");
  if (headline) headline.textContent = say(error.code ?? String(error), error.params);
});

async function begin() {
  const store = await openStore({ onOutdated: () => location.reload() });
  // Without a secure connection there are no keys, so no device; what was kept is shown all the same.
  const world = await here().catch(() => null);
  const told = world && await enrolment(world);
  const knowledge = new Knowledge(world, () => app.changed());
  const app = new App({ store, world, told, knowledge });
  await knowledge.read();
  await first(app);
  keepLanguageLink();
  watchVersions(async () => app.current.keep?.());
  await app.start();
  // What may take its time comes after the first screen.
  app.isPersisted = await store.askToPersist();
  if (world && app.device) startSending(app, world);
  if (told?.unit) knowledge.keepFresh();
  setInterval(() => app.changed(), AGES_MS);
  return app;
}

/** What the store knows, before the sender of this tab or another has spoken. @param {App} app */
async function first(app) {
  const { store, device } = app;
  const lanes = [];
  for (const each of [device, ...await store.carried()]) {
    if (each === null) continue;
    const state = { ...await store.lane(each, each === device), ...await store.span(each) };
    lanes.push(summary({ ...state, phase: "idle", waits_for: null, trouble: null }));
  }
  app.shown = { isSender: false, lanes };
  app.drawBar();
}

/** @param {App} app @param {import("./enrol.js").World} world */
function startSending(app, world) {
  const shown = async (/** @type {boolean} */ isRefused) => (await token(world, { fresh: isRefused })).token;
  const sync = new Sync({ store: app.store, device: /** @type {string} */ (app.device), token: shown,
    language: LANGUAGE, onShow: (told) => { app.shown = told; app.changed(); } });
  app.sync = sync;
  sync.start();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) sync.sendNow(); });
}

/** Another language shows the same screen. */
function keepLanguageLink() {
  const link = /** @type {HTMLAnchorElement|null} */ (document.querySelector(".field-language"));
  link?.addEventListener("click", () => { link.hash = location.hash; });
}
