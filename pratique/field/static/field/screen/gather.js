// @ts-check
/**
 * Gathers a run of codes from another device's screen: by the camera, and by a scanner that types.
 * Says how many have come and which are missing; a code that does not belong stops nothing.
 */

import { Collector } from "../core/frames.js";
import { scan } from "./camera.js";
import { el, mark } from "./dom.js";
import { say } from "./words.js";

const MISSING_SHOWN_MAX = 12;

export class Gather {
  /**
   * @param {HTMLElement} root what was in it goes
   * @param {string} kind one of `KIND` of core/frames.js
   * @param {{onWhole: (bytes: Uint8Array<ArrayBuffer>, gathered: Collector) => void,
   *   onFrame?: (isRight: boolean) => void}} hears onFrame: for the tone and the touch
   */
  constructor(root, kind, { onWhole, onFrame = () => {} }) {
    this.root = root;
    this.kind = kind;
    this.onWhole = onWhole;
    this.onFrame = onFrame;
    this.collector = new Collector(kind);
    /** @type {import("./camera.js").Stop|null} */
    this.camera = null;
    this.isOver = false;
    this.video = /** @type {HTMLVideoElement} */ (el("video", { class: "camera", "aria-hidden": "true" }));
    this.told = el("div", { class: "run-heard", role: "status" });
    this.light = el("button", { type: "button", text: say("camera_torch"), "aria-pressed": "false", hidden: true });
    this.light.addEventListener("click", () => this.switchLight());
  }

  /** Opens the camera. Without one the scanner still works: why there is none is said. */
  async start() {
    this.root.replaceChildren(el("div", { class: "run" }, this.video, this.told, this.light));
    this.show();
    try {
      const camera = await scan(this.video, (text) => { this.take(text); }, (error) => this.refuse(error));
      if (this.isOver) { camera(); return; }
      this.camera = camera;
      this.light.hidden = camera.torch === null;
    } catch (error) {
      this.video.hidden = true;
      this.refuse(error);
    }
  }

  /** What the camera saw or a scanner typed. @param {string} text */
  async take(text) {
    if (this.isOver) return;
    try {
      const said = this.collector.take(text);
      if (said === "known") return;
      this.onFrame(true);
      this.show();
      if (said === "whole") await this.finish();
    } catch (error) {
      this.onFrame(false);
      this.refuse(error);
    }
  }

  async finish() {
    try {
      const bytes = await this.collector.bytes({ DecompressionStream });
      this.stop();
      this.onWhole(bytes, this.collector);
    } catch (error) {
      this.collector = new Collector(this.kind);  // begin again: nothing of it can be trusted
      throw error;
    }
  }

  /** Ends the camera. */
  stop() {
    this.isOver = true;
    this.camera?.();
    this.camera = null;
    this.video.hidden = this.light.hidden = true;
  }

  show() {
    const { count, parts, missing } = this.collector;
    if (!count) { this.told.replaceChildren(); return; }
    if (!missing.length) { this.told.replaceChildren(mark("go", say("run_whole"))); return; }
    const numbers = missing.slice(0, MISSING_SHOWN_MAX).join(" ") + (missing.length > MISSING_SHOWN_MAX ? " …" : "");
    this.told.replaceChildren(mark("hold", say("run_read", { have: parts.size, count })),
      el("p", { class: "small", text: say("run_missing", { numbers }) }));
  }

  /** Said above what has been gathered; that stays. @param {any} error */
  refuse(error) {
    this.show();
    this.told.prepend(mark("stop", error.sentence || say(error.code ?? String(error))));
  }

  async switchLight() {
    const isOn = this.light.getAttribute("aria-pressed") !== "true";
    await this.camera?.torch?.(isOn).catch(() => {});
    this.light.setAttribute("aria-pressed", String(isOn));
  }
}
