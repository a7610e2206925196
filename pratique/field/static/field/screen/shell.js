// @ts-check
/** The app around its screens: which one is shown, the bar that is always in sight, saving, scanning. */

import { readCounties } from "../core/counties.js";
import { uuid7 } from "../core/ids.js";
import { readScan } from "../core/scans.js";
import { sentence } from "../core/words.js";
import { StoreRefusal } from "../store/db.js";
import { setMark } from "./dom.js";
import { feedback, hearReader } from "./scanning.js";
import { screenNamed } from "./screens.js";
import { LANGUAGE, momentAndAge, say, sayCount } from "./words.js";

const COUNTIES = "/field/counties.json";
/** Scans with a check character or a form of their own. */
const PROVING = ["document", "person", "frame"];
const TOAST_MS = 6_000;
const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @typedef {import("../store/db.js").Entry} Entry */
/** @typedef {import("../store/things.js").Thing} Thing */
/** @typedef {{kind: string, body: object, sealed?: object, id?: string}} Said what a screen says; the rest is known */

/** What every screen is given. */
export class App {
  /**
   * @param {{store: import("../store/db.js").Store, world: import("../enrol.js").World|null,
   *   told: import("../enrol.js").Enrolment|null, knowledge: import("../knowledge.js").Knowledge}} parts
   */
  constructor({ store, world, told, knowledge }) {
    this.store = store;
    this.world = world;
    this.told = told;
    this.knowledge = knowledge;
    /** @type {import("../store/sync.js").Sync|null} */
    this.sync = null;
    /** Who works at the device now. @type {{staff: string, name: string}|null} */
    this.shift = null;
    /** @type {import("../store/sync.js").Shown|null} */
    this.shown = null;
    this.isPersisted = false;
    /** @type {import("./screens.js").Open} */
    this.current = {};
    this.turn = 0;
    /** @type {import("../core/counties.js").Counties|null} */
    this.countiesKnown = null;
    /** @type {Set<() => void>} */
    this.watchers = new Set();
  }

  get device() { return this.told?.device ?? null; }
  get unit() { return this.told?.unit ?? null; }
  get roles() { return this.told?.roles ?? []; }

  /** The best known time, in milliseconds. */
  now() { return Date.now(); }

  /** A new id, made where things happen. */
  id() { return uuid7(this.now(), crypto.getRandomValues(new Uint8Array(10))); }

  /** The county's day, for what a document says. */
  today() {
    const zone = document.documentElement.dataset.zone;
    return new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(this.now());
  }

  /**
   * Says facts: they are on the disk when this resolves. Names device, place, person and moment.
   * @param {Said[]} said
   * @param {{things?: (numbered: import("../store/db.js").Kept[]) => Thing[], gone?: string[],
   *   draft?: string, at?: number}} [more]
   */
  async say(said, { at = this.now(), ...more } = {}) {
    if (!this.device || !this.unit) throw new StoreRefusal("not_enrolled");
    const place = this.unit.code, by = this.shift?.staff ?? null;
    const entries = said.map(({ id = this.id(), kind, body, sealed }) => (
      { id, kind, at: new Date(at).toISOString(), by, place, body, sealed }));
    const kept = await this.store.save(this.device, entries, more);
    this.changed();
    return kept;
  }

  /** The counties that can be named; a file of the app. */
  async counties() {
    this.countiesKnown ??= readCounties(await (await fetch(COUNTIES)).json());
    return this.countiesKnown;
  }

  /** A county's name; its code before the file of counties was read. @param {string} code */
  countyName(code) { return this.countiesKnown?.byCode.get(code)?.label ?? code; }

  /** A risk tier as the pack in force calls it. @param {string} tier */
  tierWord(tier) { return this.packWord(`tier.${tier}`); }

  /** A word of the pack in force. @param {string} key @param {Record<string, any>} [params] */
  packWord(key, params = {}) {
    const pack = this.knowledge.packAt(this.now());
    const said = Object.entries(params).map(([name, value]) => /** @type {[string, string]} */ ([name, String(value)]));
    return pack ? sentence(pack.data, key, said, LANGUAGE.toLowerCase()) : key;
  }

  /** A refusal's sentence: a paper's is the pack's, the others are the app's. @param {string} code @param {Record<string, any>} [params] */
  sayRefusal(code, params) {
    return code.startsWith("refusal.") ? this.packWord(code, params) : say(code, params);
  }

  /** A unit's name in the reader's language; its code where it is not known. @param {string} code */
  unitName(code) {
    const unit = [this.unit, ...this.knowledge.accounts].find((each) => each?.code === code);
    return (LANGUAGE.startsWith("zh") ? unit?.name_zh : unit?.name_en) || code;
  }

  // ── screens ─────────────────────────────────────────────────────────────────────────────────────

  start() {
    addEventListener("hashchange", () => this.route());
    hearReader((text) => this.hear(text), (text) => PROVING.includes(readScan(text, this.today()).type));
    return this.route();
  }

  /** @param {string} path such as "gate" or "sample/<vehicle>" */
  go(path) {
    if (location.hash === `#/${path}`) return this.route();
    location.hash = `#/${path}`;
    return null;
  }

  async route() {
    if (location.hash && !location.hash.startsWith("#/")) return;  // "skip to the content"
    const [name = "", ...rest] = location.hash.slice(2).split("/").map(decodeURIComponent);
    const screen = screenNamed(name || "home") ?? screenNamed("home");
    const turn = this.turn += 1;
    const module = await /** @type {any} */ (screen).load();
    if (turn !== this.turn) return;
    this.current.close?.();
    this.current = {};
    const root = $("screen");
    document.body.dataset.screen = /** @type {any} */ (screen).name;
    try {
      const opened = await module.open(this, root, rest) ?? {};
      if (turn === this.turn) this.current = opened;
      else opened.close?.();
    } catch (error) {
      this.refuse(error);
      throw error;
    }
    scrollTo(0, 0);
  }

  /** What a reader typed, for the screen that is shown. @param {string} text */
  hear(text) {
    const scan = readScan(text, this.today());
    if (this.current.scan) this.current.scan(scan);
    else this.toast(say("scan_no_use"), "hold");
  }

  /** @param {boolean} isRight */
  feedback(isRight) { feedback(isRight); }

  // ── what is always in sight ─────────────────────────────────────────────────────────────────────

  /** Something is to be said that stays for some seconds. @param {string} text @param {"go"|"hold"|"stop"} shape */
  toast(text, shape = "go") {
    const line = $("toast");
    line.className = `toast is-${shape}`;
    line.textContent = text;
    line.hidden = false;
    clearTimeout(this.toastTimer);
    if (shape === "go") this.toastTimer = setTimeout(() => { line.hidden = true; }, TOAST_MS);
  }

  /** Shows what was refused, with its sentence. @param {any} error */
  refuse(error) {
    feedback(false);
    this.toast(error?.sentence || say(error?.code ?? String(error), error?.params), "stop");
  }

  quiet() { $("toast").hidden = true; }

  /** Something that the bar shows has changed. */
  changed() {
    this.drawBar();
    for (const watcher of this.watchers) watcher();
  }

  drawBar() {
    $("bar-states").hidden = this.device === null;
    if (this.unit) $("bar-unit").textContent = this.unitName(this.unit.code);
    const shift = $("bar-shift");
    shift.hidden = this.shift === null;
    shift.textContent = this.shift?.name ?? "";
    this.drawOutbox();
    this.drawBundle();
  }

  drawOutbox() {
    const lanes = this.shown?.lanes ?? [];
    const waiting = lanes.reduce((sum, lane) => sum + lane.waiting, 0);
    const isTroubled = Boolean(lanes[0]?.trouble);
    setMark($("chip-outbox"), waiting ? (isTroubled ? "hold" : "none") : "go",
      waiting ? sayCount("chip_waiting", waiting) : say("chip_sent"));
  }

  drawBundle() {
    const { bundle, refused } = this.knowledge;
    const now = this.now();
    const isOld = this.knowledge.isOutOfDate(now);
    const text = !bundle ? say("chip_no_bundle") : refused ? say("chip_bundle_refused")
      : `${say(isOld ? "chip_out_of_date" : "chip_data")} ${momentAndAge(bundle.made_at, now)}`;
    setMark($("chip-bundle"), isOld || refused ? "hold" : "go", text);
  }

  /** A button that does its work once at a time and shows what was refused. @param {HTMLElement} button @param {() => Promise<any>} work */
  wire(button, work) {
    button.addEventListener("click", async (event) => {
      event.preventDefault();
      if (button.hasAttribute("data-busy")) return;
      button.setAttribute("data-busy", "");
      this.quiet();
      try {
        await work();
      } catch (error) {
        this.refuse(error);
      } finally {
        button.removeAttribute("data-busy");
      }
    });
  }
}

