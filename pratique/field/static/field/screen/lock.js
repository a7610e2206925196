// @ts-check
/**
 * The lock: a device that nobody uses covers its screen. What was typed stays as it is beneath, and
 * entries go on being sent.
 */

import { copyOf, one } from "./dom.js";
import { say } from "./words.js";

export const LOCK_MINUTES = 5;
const LOCK_MS = LOCK_MINUTES * 60_000;
const LOOK_MS = 5_000;
const NOTE_MS = 20_000;
const SIGNS_OF_LIFE = ["keydown", "pointerdown", "wheel", "touchstart"];

export class Lock {
  /** @param {import("./shell.js").App} app */
  constructor(app) {
    this.app = app;
    this.isLocked = false;
    this.last = performance.now();
    this.lastClock = Date.now();
    this.noted = 0;
    /** @type {import("./identify.js").Identify|null} */
    this.asking = null;
  }

  /** Watches from now on; locks at once where the app was away for too long. */
  async begin() {
    for (const sign of SIGNS_OF_LIFE) addEventListener(sign, () => this.alive(), { capture: true, passive: true });
    document.addEventListener("visibilitychange", () => this.look());
    setInterval(() => this.look(), LOOK_MS);
    const last = await this.app.staff?.activeAt() ?? null;
    const away = Date.now() - (last ?? 0);
    if (this.app.shift && !(away >= 0 && away < LOCK_MS)) await this.lock();
  }

  alive() {
    if (this.isLocked) return;
    if (this.isIdle()) { this.lock(); return; }  // it slept, and is woken by this very touch
    this.last = performance.now();
    this.lastClock = Date.now();
    if (this.last - this.noted < NOTE_MS || !this.app.shift) return;
    this.noted = this.last;
    this.app.staff?.keepActive(this.lastClock).catch(() => {});  // a full disk must not stop a touch
  }

  /** Some devices stop the one time source while they sleep; whichever says more counts. */
  isIdle() {
    return Boolean(this.app.shift) && Math.max(performance.now() - this.last, Date.now() - this.lastClock) >= LOCK_MS;
  }

  look() {
    if (!this.isLocked && this.isIdle()) this.lock();
  }

  /** Covers the screen; unlocked by the same person, or by who takes the post over. */
  async lock() {
    if (this.isLocked || !this.app.shift) return;
    this.isLocked = true;
    this.app.sight?.stop();
    this.cover(true);
    await this.app.keep();
    await this.app.staff?.keepActive(0);
    await this.ask(false);
  }

  /** @param {boolean} isOther somebody else than the one whose shift it is */
  async ask(isOther) {
    const { app } = this, shift = /** @type {import("../store/staff.js").Shift} */ (app.shift);
    const cover = this.root();
    one(cover, "#cover-title").textContent = say(isOther ? "lock_other" : "lock_title", { name: shift.name });
    one(cover, "[data-take-over]").hidden = isOther;
    one(cover, "[data-same]").hidden = !isOther;
    this.asking?.close();
    // Not needed at a start, and a start is when somebody waits.
    const { Identify } = await import("./identify.js");
    this.asking = new Identify(app, one(cover, "[data-identify]"), isOther
      ? { except: shift.staff, onDone: (who) => this.takenOver(who) }
      : { only: shift, onDone: () => this.unlock() });
    await this.asking.open();
  }

  async unlock() {
    this.asking?.close();
    this.asking = null;
    this.isLocked = false;
    this.last = performance.now();
    this.lastClock = Date.now();
    await this.app.staff?.keepActive(this.lastClock);
    this.cover(false);
    this.app.feedback(true);
    this.app.changed();
  }

  /** Who leaves is not there: who comes counts alone. @param {import("./identify.js").Who} who */
  async takenOver(who) {
    await this.app.beginShift(who);
    await this.unlock();
    this.app.go("relief/alone");
  }

  root() {
    const known = document.getElementById("cover");
    if (known) return known;
    document.body.append(copyOf("lock-cover"));
    const made = /** @type {HTMLElement} */ (document.getElementById("cover"));
    one(made, "[data-take-over]").addEventListener("click", () => this.ask(true));
    one(made, "[data-same]").addEventListener("click", () => this.ask(false));
    return made;
  }

  /** @param {boolean} isOn */
  cover(isOn) {
    this.root().hidden = !isOn;
    for (const part of document.querySelectorAll("body > main, body > nav, .field-post a, .field-mark, .skip")) {
      /** @type {HTMLElement} */ (part).inert = isOn;
    }
    /** @type {HTMLElement} */ (document.getElementById("main")).hidden = isOn;
    document.body.classList.toggle("is-locked", isOn);
    if (isOn) one(this.root(), "#cover-title").focus();
  }
}
