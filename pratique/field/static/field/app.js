// @ts-check
/** The app: opens the store, starts the sender, keeps the outbox's page true. */

import { summary } from "./core/outbox.js";
import { enrolment, here, token } from "./enrol.js";
import { wireFiles } from "./screen/files.js";
import { showAttention, showOutbox } from "./screen/outbox.js";
import { watchVersions } from "./screen/update.js";
import { LANGUAGE, say } from "./screen/words.js";
import { openStore } from "./store/db.js";
import { Sync } from "./store/sync.js";

const REDRAW_MS = 500;
const AGES_MS = 30_000;

/** Resolves with the running app. @type {Promise<{store: import("./store/db.js").Store, sync: Sync|null, device: string|null}>} */
export const ready = begin();
ready.catch((error) => {
  const headline = document.getElementById("headline");
  if (headline) headline.textContent = say(error.code ?? String(error), error.params);
});

async function begin() {
  const store = await openStore({ onOutdated: () => location.reload() });
  // Without a secure connection there are no keys, so no device; what was kept is shown all the same.
  const world = await here().catch(() => null);
  const device = world && (await enrolment(world))?.device || null;
  const isPersisted = await store.askToPersist();
  const screen = new Screen(store, device, isPersisted);
  wireFiles(store, device);
  watchVersions(async () => {});
  let sync = null;
  if (world && device) {
    const shown = async (/** @type {boolean} */ isRefused) => (await token(world, { fresh: isRefused })).token;
    sync = new Sync({ store, device, token: shown, language: LANGUAGE, onShow: (shown) => screen.hear(shown) });
    sync.start();
    document.getElementById("send-now")?.addEventListener("click", () => sync?.sendNow());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) sync?.sendNow(); });
  }
  await screen.first();
  setInterval(() => screen.hear(screen.shown), AGES_MS);
  return { store, sync, device };
}

/** Draws at most twice a second, whatever the outbox says in between. */
class Screen {
  constructor(store, device, isPersisted) {
    Object.assign(this, { store, device, isPersisted });
    /** @type {import("./store/sync.js").Shown|null} */
    this.shown = null;
    this.timer = 0;
  }

  /** What the store knows, before the sender of this tab or another has spoken. */
  async first() {
    if (this.shown) return;
    const lanes = [];
    for (const device of [this.device, ...await this.store.carried()].filter(Boolean)) {
      const state = { ...await this.store.lane(device, device === this.device), ...await this.store.span(device) };
      lanes.push(summary({ ...state, phase: "idle", waits_for: null, trouble: null }));
    }
    this.hear(this.shown ?? { isSender: false, lanes });
  }

  hear(shown) {
    this.shown = shown;
    this.timer ||= setTimeout(() => this.draw(), this.drawn ? REDRAW_MS : 0);
  }

  async draw() {
    this.timer = 0;
    this.drawn = true;
    try {
      const waiting = this.shown.lanes.filter((lane) => lane.waiting);
      const oldest = await Promise.all(waiting.map((lane) => this.store.oldest(lane.device, lane.next)));
      const at = oldest.filter(Boolean).map((fact) => fact.at).sort()[0] ?? null;
      showOutbox(this.shown, { isEnrolled: this.device !== null, oldest: at,
        isPersisted: this.isPersisted, now: Date.now() });
      showAttention(await this.store.attention(), this.device);
    } catch (error) {
      if (error.code !== "storage_outdated") throw error;  // the page is being loaded anew
    }
  }
}
