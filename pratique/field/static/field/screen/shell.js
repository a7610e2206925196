// @ts-check
/** The app around its screens: which one is shown, the bar that is always in sight, saving, scanning. */

import { readCounties } from "../core/counties.js";
import { checkTube, isOwnTube } from "../core/labels.js";
import { uuid7 } from "../core/ids.js";
import { readScan } from "../core/scans.js";
import { sentence } from "../core/words.js";
import { StoreRefusal } from "../store/db.js";
import { drawBar } from "./bar.js";
import { el, nameSaved } from "./dom.js";
import { feedback, hearReader } from "./scanning.js";
import { screenNamed } from "./screens.js";
import { Sight } from "./sight.js";
import { standingShape } from "./standing.js";
import { LANGUAGE, ruleOf, say } from "./words.js";

const COUNTIES = "/field/counties.json";
/** Scans with a check character or a form of their own. */
const PROVING = ["document", "person", "frame"];
const TOAST_MS = 6_000;
// What can be seen with nobody's shift begun; and on a device that was taken back.
const WITHOUT_SHIFT = ["shift", "device", "outbox"];
const TAKEN_BACK = ["revoked", "device", "outbox"];
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
    /** Who works at the device now. @type {import("../store/staff.js").Shift|null} */
    this.shift = null;
    /** @type {import("../store/staff.js").Staff|null} */
    this.staff = null;
    /** @type {import("../store/roll.js").Rolls|null} */
    this.rolls = null;
    /** @type {import("./lock.js").Lock|null} */
    this.lock = null;
    /** The best known time; null: the device's own. @type {import("../store/clock.js").DeviceClock|null} */
    this.clock = null;
    /** The county took this device back: it hands up what it has, and takes no more. */
    this.isRevoked = false;
    /** Looks into it, when something says so. @type {(() => void)|null} */
    this.onRevoked = null;
    /** Whether this tab asks for the roll. */
    this.isAsking = false;
    /** @type {import("../store/sync.js").Shown|null} */
    this.shown = null;
    this.isPersisted = false;
    /** @type {import("./screens.js").Open} */
    this.current = {};
    this.turn = 0;
    /** The camera for scans. @type {Sight|null} */
    this.sight = null;
    /** Scans that came while a screen was being opened. @type {import("../core/scans.js").Scan[]} */
    this.held = [];
    this.isOpening = false;
    /** The screens that the address names, and that is shown. */
    this.wanted = this.showing = "";
    /** @type {import("../core/counties.js").Counties|null} */
    this.countiesKnown = null;
    /** @type {Set<() => void>} */
    this.watchers = new Set();
  }

  get device() { return this.told?.device ?? null; }
  get unit() { return this.told?.unit ?? null; }
  get roles() { return this.told?.roles ?? []; }

  /** The best known time, in milliseconds. */
  now() { return this.clock?.now() ?? Date.now(); }

  /** The post's staff; null where no bundle names any. @returns {import("../core/voucher.js").Member[]|null} */
  get members() {
    const staff = this.knowledge.bundle?.staff;
    return staff?.length ? staff : null;
  }

  /** Whether somebody has to begin a shift before anything can be said. */
  get needsShift() { return this.unit !== null && this.members !== null && this.shift === null; }

  /** What decides who may work here, for `Staff.reason`. */
  postNow() {
    return { unit: this.unit?.code ?? "", members: this.members,
      told_at: Date.parse(this.knowledge.bundle?.made_at ?? ""), now: this.now() };
  }

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
    if (this.isRevoked) throw new StoreRefusal("device_taken_back");
    if (this.needsShift) throw new StoreRefusal("shift_first");
    const place = this.unit.code, by = this.shift?.staff ?? null;
    const entries = said.map(({ id = this.id(), kind, body, sealed }) => (
      { id, kind, at: new Date(at).toISOString(), by, place, body, sealed }));
    const kept = await this.store.save(this.device, entries, more);
    this.changed();
    return kept;
  }

  /** The counties that can be named; a file of the app. */
  async counties() {
    const read = async (/** @type {RequestCache} */ cache) => (await fetch(COUNTIES, { cache })).json();
    this.countiesKnown ??= readCounties(await read("default").catch(() => read("reload")));
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

  /**
   * How a standing is drawn. What would be green is not, by data that are out of date.
   * @param {import("./standing.js").Shown|null|undefined} standing decided here, or the roll's
   * @returns {{shape: string, word: string}}
   */
  standingShape(standing) { return standingShape(this, standing); }

  // ── who works here ──────────────────────────────────────────────────────────────────────────────

  /** @param {{staff: string, name: string}} who identified (screen/identify.js) */
  async beginShift({ staff, name }) {
    const shift = { staff, name, since: new Date(this.now()).toISOString() };
    await this.staff?.keepShift(shift);
    await this.staff?.keepActive(Date.now());
    this.shift = shift;
    this.changed();
  }

  /** Keeps what is being typed: before an update, a lock, another form of the database. */
  async keep() {
    try {
      await this.current.keep?.();
    } catch (error) {
      console.warn("a draft could not be kept", error);
    }
  }

  // ── screens ─────────────────────────────────────────────────────────────────────────────────────

  start() {
    this.sight = new Sight(this);
    addEventListener("hashchange", () => this.route());
    hearReader((text) => this.hear(text), (text) => this.provesItself(text));
    return this.route();
  }

  /** @param {string} path such as "gate" or "sample/<vehicle>" */
  go(path) {
    if (location.hash === `#/${path}`) return this.route();
    location.hash = `#/${path}`;
    return null;
  }

  /** What the first screen needs is fetched while the app begins. */
  hurry() {
    const screen = screenNamed(location.hash.slice(2).split("/")[0]);
    screen?.load().catch(() => {});  // it is asked for again, and then says why not
    if (screen?.roles) this.knowledge.load().catch(() => {});
  }

  async route() {
    if (location.hash && !location.hash.startsWith("#/")) return;  // "skip to the content"
    const [name = "", ...rest] = location.hash.slice(2).split("/").map(decodeURIComponent);
    this.wanted = (screenNamed(name) ?? screenNamed("home"))?.name ?? "";
    const screen = screenNamed(this.showing = this.allowed(this.wanted));
    const turn = this.turn += 1;
    this.isOpening = true;
    try {
      await this.open(/** @type {import("./screens.js").Screen} */ (screen), turn, rest);
    } finally {
      if (turn === this.turn) this.isOpening = false;
      for (const scan of this.isOpening ? [] : this.held.splice(0)) this.pass(scan);
    }
  }

  /** @param {import("./screens.js").Screen} screen @param {number} turn @param {string[]} rest */
  async open(screen, turn, rest) {
    if (screen.roles) await this.knowledge.load();
    const module = await screen.load();
    if (turn !== this.turn) return;
    this.current.close?.();
    this.current = {};
    this.sight?.offer(false);
    const root = $("screen");
    document.body.dataset.screen = screen.name;
    try {
      const opened = await module.open(this, root, this.showing === this.wanted ? rest : []) ?? {};
      if (turn === this.turn) this.current = opened;
      else opened.close?.();
      this.sight?.offer(Boolean(this.current.scan));
    } catch (error) {
      this.refuse(error);
      throw error;
    }
    scrollTo(0, 0);
  }

  /** The screen that is shown when this one is wanted; the address stays, to come back to. @param {string} wanted */
  allowed(wanted) {
    if (this.isRevoked) return TAKEN_BACK.includes(wanted) ? wanted : "revoked";
    return this.needsShift && !WITHOUT_SHIFT.includes(wanted) ? "shift" : wanted;
  }

  /** Whether a text has a check character or a form of its own, so that no finger typed it. @param {string} text */
  provesItself(text) {
    return PROVING.includes(readScan(text, this.today()).type) || isOwnTube(text) && checkTube(text) === null;
  }

  /** What a reader typed, for the screen that is shown. @param {string} text */
  hear(text) {
    if (this.lock?.isLocked) {
      this.lock.asking?.scan();
      return;
    }
    const scan = readScan(text, this.today());
    if (this.isOpening) this.held.push(scan);
    else this.pass(scan);
  }

  /** @param {import("../core/scans.js").Scan} scan */
  pass(scan) {
    if (this.current.scan) this.current.scan(scan);
    else this.toast(say("scan_no_use"), "hold");
  }

  /** @param {boolean} isRight */
  feedback(isRight) { feedback(isRight); }

  // ── what is always in sight ─────────────────────────────────────────────────────────────────────

  /** Something is to be said that stays for some seconds. @param {string} text @param {"go"|"hold"|"stop"} shape @param {{id: string}[]} [kept] the facts that it calls saved */
  toast(text, shape = "go", kept = []) {
    const line = $("toast");
    nameSaved(line, kept);
    line.className = `toast is-${shape}`;
    line.textContent = text;
    line.hidden = false;
    clearTimeout(this.toastTimer);
    if (shape === "go") this.toastTimer = setTimeout(() => { line.hidden = true; }, TOAST_MS);
  }

  /** Shows what was refused, with its sentence. @param {any} error */
  refuse(error) {
    feedback(false);
    this.toast(error?.sentence || this.sayRefusal(error?.code ?? String(error), error?.params), "stop");
    if (error?.code) $("toast").append(el("span", { class: "rule", text: say("rule", { rule: ruleOf(error) }) }));
  }

  quiet() { $("toast").hidden = true; }

  /** Something that the bar shows has changed. */
  changed() {
    this.drawBar();
    if (this.wanted && this.allowed(this.wanted) !== this.showing) this.keep().then(() => this.route());
    for (const watcher of this.watchers) watcher();
  }

  drawBar() { drawBar(this); }

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

