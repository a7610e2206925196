// @ts-check
/** The app's beginning: opens the store, reads who the device is, starts the sender, shows a screen. */

import { summary } from "./core/outbox.js";
import { enrolment, here, token } from "./enrol.js";
import { Knowledge } from "./knowledge.js";
import { Lock } from "./screen/lock.js";
import { prepareReader } from "./screen/reader.js";
import { watchRevocation } from "./screen/revoking.js";
import { App } from "./screen/shell.js";
import { watchVersions } from "./screen/update.js";
import { LANGUAGE, say } from "./screen/words.js";
import { openClock } from "./store/clock.js";
import { openStore } from "./store/db.js";
import { Rolls } from "./store/roll.js";
import { Staff } from "./store/staff.js";
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
  app.hurry();
  store.lastWords = () => app.keep();
  await knowledge.read();
  if (world) await beginWork(app, world);
  await first(app);
  keepLanguageLink();
  watchVersions(() => app.keep());
  // Whatever is wrong with a screen: what was entered goes up all the same.
  await app.start().catch((error) => console.error("screen", error));
  // What may take its time comes after the first screen.
  app.isPersisted = await store.askToPersist();
  if (world && app.device) startSending(app, world);
  if (told?.unit) knowledge.keepFresh();
  setInterval(() => app.changed(), AGES_MS);
  prepareReader().catch((error) => console.warn("no reader of codes", error));
  return app;
}

/** Whose shift it is, whether the screen is covered, what the last roll said. @param {App} app @param {import("./enrol.js").World} world */
async function beginWork(app, world) {
  const { store, device } = app;
  app.clock = await openClock(store, device);
  app.staff = new Staff(world, store);
  app.shift = await app.staff.shift();
  app.lock = new Lock(app);
  if (device === null) return;
  app.rolls = new Rolls({ store, world, device, onChange: () => app.changed(),
    onRefused: (code) => { if (code === "device_revoked") app.onRevoked?.(); } });
  await Promise.all([app.lock.begin(), app.rolls.begin(), watchRevocation(app, world)]);
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
  const shown = async (/** @type {boolean} */ isRefused) => {
    const given = await token(world, { fresh: isRefused });
    if (given.revoked) app.onRevoked?.();
    return given.token;
  };
  const sync = new Sync({ store: app.store, device: /** @type {string} */ (app.device), token: shown,
    language: LANGUAGE, clock: app.clock, onShow: (told) => { heard(app, told); } });
  app.sync = sync;
  sync.start();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) sync.sendNow(); });
}

/** The sender has spoken; what became of what was sent is in the next roll. @param {App} app @param {import("./store/sync.js").Shown} told */
function heard(app, told) {
  const before = app.shown?.lanes[0]?.heard_through ?? 0, now = told.lanes[0]?.heard_through ?? 0;
  app.shown = told;
  if (told.isSender && app.unit && !app.isRevoked && (now > before || !app.isAsking)) {
    app.isAsking = true;
    app.rolls?.soon();
  }
  app.changed();
}

/** Another language shows the same screen. */
function keepLanguageLink() {
  const link = /** @type {HTMLAnchorElement|null} */ (document.querySelector(".field-language"));
  link?.addEventListener("click", () => { link.hash = location.hash; });
}
