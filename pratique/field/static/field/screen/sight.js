// @ts-check
/**
 * The camera for every screen on which something is scanned: what it sees goes where a reader's keys
 * go. It is off until somebody wants it, and goes off with the screen, with the lock and by itself.
 */

import { one } from "./dom.js";
import { say } from "./words.js";

const IDLE_MS = 90_000;  // it eats the battery

export class Sight {
  /** @param {import("./shell.js").App} app */
  constructor(app) {
    this.app = app;
    /** @type {import("./camera.js").Stop|null} */
    this.camera = null;
    this.timer = 0;
    this.button = one(document, "#bar-camera");
    this.panel = one(document, "#camera-panel");
    app.wire(this.button, async () => (this.camera ? this.stop() : this.start()));
    one(this.panel, "#camera-light").addEventListener("click", () => this.light());
  }

  /** For screens that take scans, and have no camera of their own open. @param {boolean} isWanted */
  offer(isWanted) {
    if (!isWanted) this.stop();
    this.button.hidden = !isWanted;
  }

  async start() {
    const { scan } = await import("./camera.js");
    this.panel.hidden = false;
    try {
      this.camera = await scan(one(this.panel, "video"), (text) => this.heard(text), (error) => {
        this.stop();
        this.app.refuse(error);
      });
    } catch (error) {
      this.stop();
      throw error;
    }
    one(this.panel, "#camera-light").hidden = this.camera.torch === null;
    this.show(true);
    this.rest();
  }

  /** @param {string} text */
  heard(text) {
    this.rest();
    this.app.hear(text);
  }

  rest() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stop(), IDLE_MS);
  }

  stop() {
    clearTimeout(this.timer);
    this.camera?.();
    this.camera = null;
    this.panel.hidden = true;
    this.show(false);
  }

  /** @param {boolean} isOn */
  show(isOn) {
    this.button.setAttribute("aria-pressed", String(isOn));
    one(this.button, "span").textContent = say(isOn ? "camera_off" : "camera_on");
  }

  async light() {
    const button = one(this.panel, "#camera-light"), isOn = button.getAttribute("aria-pressed") !== "true";
    await this.camera?.torch?.(isOn).catch(() => {});
    button.setAttribute("aria-pressed", String(isOn));
  }
}
