// @ts-check
/** Square codes on the screen: one, and a run of them that plays until the other side has it all. */

import { Refused } from "../core/signed.js";
import { el } from "./dom.js";
import { say } from "./words.js";

const ENCODER = new URL("../vendor/uqr/uqr.js", import.meta.url).href;
const SVG = "http://www.w3.org/2000/svg";
const QUIET_MODULES = 4;  // ISO/IEC 18004, 9.1
/** Seconds a code; never more than three a second, which nobody's eyes may be asked to bear. */
const PACES = [0.4, 0.6, 1, 1.5, 2.5];

/**
 * @typedef {{size: number, data: boolean[][], version: number}} Grid
 * @typedef {{encode(data: string | number[], how: {ecc: "L"|"M"|"Q"|"H", border: number, boostEcc: boolean}): Grid}} Encoder
 */

/** @type {Promise<Encoder>|undefined} */
let encoder;

/**
 * The code of a text, sharp at any size, black on white in every theme, with its quiet zone.
 * Throws Refused `codes_not_here`.
 * @param {string} text capital letters, digits and $%*+-./: are packed most densely
 * @param {{name?: string, level?: "L"|"M"|"Q"|"H"}} [how] name: what it is, for who cannot see it;
 *   level: of what may be damaged; M for paper, L for a screen
 * @returns {Promise<SVGSVGElement>}
 */
export async function draw(text, { name = "", level = "L" } = {}) {
  encoder ??= import(ENCODER);
  const { encode } = await encoder.catch(() => {
    encoder = undefined;  // it may be there after the next update
    throw new Refused("codes_not_here");
  });
  return drawn(encode(text, { ecc: level, border: 0, boostEcc: true }), say("code_named", { what: name }));
}

/** @param {Grid} grid @param {string} name @returns {SVGSVGElement} */
function drawn({ size, data }, name) {
  const side = size + 2 * QUIET_MODULES;
  const svg = shape("svg", { viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": name,
    class: "code", "shape-rendering": "crispEdges" });
  svg.append(shape("rect", { width: side, height: side, fill: "#fff" }),
    shape("path", { d: data.map(row).join(""), fill: "#000" }));
  return /** @type {SVGSVGElement} */ (svg);
}

/** @param {boolean[]} modules @param {number} y */
function row(modules, y) {
  let path = "";
  for (let x = 0; x < modules.length; x += 1) {
    if (!modules[x]) continue;
    const from = x;
    while (modules[x + 1]) x += 1;
    const width = x - from + 1;
    path += `M${from + QUIET_MODULES} ${y + QUIET_MODULES}h${width}v1h-${width}z`;
  }
  return path;
}

/** @param {string} name @param {Record<string, string|number>} attributes @returns {SVGElement} */
function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, String(value));
  return made;
}

/**
 * A run of codes in a place of the page: it plays round and round, can be stopped, stepped and
 * slowed, and says which one is shown. One code alone just stands there.
 */
export class Run {
  /**
   * @param {HTMLElement} root what was in it goes
   * @param {string[]} texts from core/frames.js
   * @param {{name?: string}} [how]
   */
  constructor(root, texts, { name = "" } = {}) {
    this.root = root;
    this.texts = texts;
    this.name = name;
    this.at = 0;
    this.pace = 1;
    this.isPlaying = texts.length > 1;
    this.timer = 0;
    /** @type {WakeLockSentinel|null} */
    this.awake = null;
    /** @type {(SVGSVGElement|undefined)[]} */
    this.codes = [];
    this.place = el("div", { class: "run-code" });
    this.told = el("p", { class: "run-told" });
    this.buttons = this.controls();
  }

  /** Draws the first code and begins to play. Throws Refused `codes_not_here`. */
  async start() {
    await this.show();
    this.root.replaceChildren(el("div", { class: "run" }, this.place, this.told,
      this.texts.length > 1 ? this.buttons : null));
    this.next();
    // A screen that goes dark in the middle costs a round; where it cannot be held, nothing is lost.
    this.awake = await navigator.wakeLock?.request("screen").catch(() => null) ?? null;
  }

  /** Ends it: timers, and the hold on the screen. */
  stop() {
    clearTimeout(this.timer);
    this.isPlaying = false;
    this.awake?.release().catch(() => {});
    this.awake = null;
  }

  /** @param {boolean} isPlaying */
  play(isPlaying) {
    this.isPlaying = isPlaying;
    this.say();
    this.next();
  }

  /** Shows another code and stops there. @param {number} by */
  async step(by) {
    this.at = (this.at + by + this.texts.length) % this.texts.length;
    this.play(false);
    await this.show();
  }

  next() {
    clearTimeout(this.timer);
    if (!this.isPlaying) return;
    this.timer = setTimeout(async () => {
      if (!this.root.isConnected) { this.stop(); return; }  // the screen has been left
      this.at = (this.at + 1) % this.texts.length;
      await this.show();
      this.next();
    }, PACES[this.pace] * 1000);
  }

  async show() {
    const { at, texts } = this;
    const name = texts.length > 1 ? `${this.name} ${say("run_code", { n: at + 1, count: texts.length })}` : this.name;
    const code = this.codes[at] ??= await draw(texts[at], { name });
    if (at !== this.at) return;
    this.place.replaceChildren(code);
    this.say();
  }

  say() {
    const { at, texts, isPlaying } = this;
    this.told.textContent = texts.length > 1
      ? `${say("run_code", { n: at + 1, count: texts.length })} · ${say("run_seconds", { seconds: PACES[this.pace] })}` : "";
    // Read out when it stands still; a voice that counts along helps nobody.
    this.told.setAttribute("aria-live", isPlaying ? "off" : "polite");
    const play = /** @type {HTMLElement} */ (this.buttons.querySelector("[data-play]"));
    play.textContent = say(isPlaying ? "run_pause" : "run_play");
  }

  controls() {
    const button = (/** @type {string} */ code, /** @type {() => void} */ work, more = {}) => {
      const made = el("button", { type: "button", text: say(code), ...more });
      made.addEventListener("click", work);
      return made;
    };
    const slower = (/** @type {number} */ by) => {
      this.pace = Math.min(PACES.length - 1, Math.max(0, this.pace + by));
      this.say();
    };
    return el("div", { class: "run-buttons" },
      button("run_pause", () => this.play(!this.isPlaying), { "data-play": true }),
      button("run_back", () => { this.step(-1); }), button("run_next", () => { this.step(1); }),
      button("run_slower", () => slower(1)), button("run_faster", () => slower(-1)));
  }
}
