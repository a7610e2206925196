// @ts-check
/**
 * A device that was taken back: shows it, takes nothing more, hands up what it has, and empties
 * itself when everything was answered. The county's word for it is a fresh token that says so.
 */

import { Refused } from "../core/signed.js";
import { token } from "../enrol.js";
import { stillToHandUp, wipe } from "../store/wipe.js";
import { copyOf, one } from "./dom.js";
import { sayCount } from "./words.js";

const LOOK_MS = 2_000;
const ASK_MS = 60_000;

/** @param {import("./shell.js").App} app @param {import("../enrol.js").World} world */
export async function watchRevocation(app, world) {
  const taking = new Taking(app, world);
  app.onRevoked = () => { taking.ask(); };
  const kept = await world.store.get("token");
  if (kept?.revoked) taking.begin();
}

class Taking {
  /** @param {import("./shell.js").App} app @param {import("../enrol.js").World} world */
  constructor(app, world) {
    this.app = app;
    this.world = world;
    this.asked = -ASK_MS;
    this.isOver = false;
    /** @type {ReturnType<typeof setInterval>|undefined} */
    this.timer = undefined;
  }

  /** Something says so: a fresh token tells. */
  async ask() {
    if (this.app.isRevoked || performance.now() - this.asked < ASK_MS) return;
    this.asked = performance.now();
    try {
      if ((await token(this.world, { fresh: true })).revoked) this.begin();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;  // no network: asked again at the next sign of it
      this.asked = -ASK_MS;
    }
  }

  begin() {
    this.app.isRevoked = true;
    this.app.changed();
    this.timer ??= setInterval(() => this.look().catch((error) => console.error("revoked", error)), LOOK_MS);
  }

  /** One tab empties the device: the one that sends. */
  async look() {
    const { app } = this;
    if (this.isOver || !app.sync?.isSender || !app.device) return;
    const { waiting } = await stillToHandUp(app.store, app.device);
    if (waiting || !await this.isStillRevoked()) return;
    this.isOver = true;
    clearInterval(this.timer);
    app.sync.stop();
    app.rolls?.stop();
    app.current.close?.();
    app.current = {};
    const made = await wipe(app.store, app.device);
    if (made === null) location.reload();
    else showTakenBack(made);
  }

  /** Asked once more, at the very end: it may have been let in again meanwhile. */
  async isStillRevoked() {
    const given = await token(this.world, { fresh: true }).catch(() => null);
    if (given && !given.revoked) location.reload();
    return given?.revoked === true;
  }
}

/** The last page: there is nothing behind it any more. @param {number} made */
function showTakenBack(made) {
  for (const part of document.querySelectorAll("nav, #cover, .field-post")) part.remove();
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  main.hidden = main.inert = false;
  main.replaceChildren(copyOf("taken-back"));
  one(main, "[data-count]").textContent = sayCount("handed_up", made);
  document.body.dataset.screen = "taken-back";
  /** @type {HTMLElement} */ (one(main, "h1")).focus();
}
