// @ts-check
/**
 * A list of rows with a tick each: a scan jumps to its row, a thumb opens or ticks it, a total says
 * how far one is, and what is still open can be shown alone. Rounds, doors, boarding, places.
 */

import { withCode } from "../store/things.js";
import { copyOf, el, mark, one } from "./dom.js";
import { say } from "./words.js";

/** Beyond this a list is narrowed by its search; nobody scrolls through more. */
const ROWS_SHOWN_MAX = 500;

/**
 * @typedef {{id: string, label: string, place: string, sub?: string, shape: string, word: string,
 *   isDone: boolean}} Row place: room or number in front; shape and word: its status
 * @typedef {object} Ways
 * @property {"opens"|"ticks"} way what touching a row does: it opens what is inside it, or ticks it
 * @property {(done: number, all: number) => string} total
 * @property {(row: Row) => Node} [inside] what stands below an open row
 * @property {(row: Row) => void} [tick] what a touch or a scan does where rows are ticked
 * @property {(scan: import("../core/scans.js").Scan) => boolean} [stranger] a scan of nobody on the
 *   list; true where the screen has answered it
 */

export class TickList {
  /** @param {import("./shell.js").App} app @param {HTMLElement} root is filled with the list @param {Ways} ways */
  constructor(app, root, ways) {
    this.app = app;
    this.root = root;
    this.ways = ways;
    /** @type {Row[]} */
    this.rows = [];
    /** @type {string|null} */
    this.openId = null;
    this.isNarrow = false;
    this.find = "";
    /** @type {Map<string, {said: string, item: HTMLElement}>} */
    this.drawn = new Map();
    this.order = "";
    root.replaceChildren(copyOf("ticklist"));
    one(root, "[data-open-only]").addEventListener("click", () => this.narrow(!this.isNarrow));
    const find = one(root, "[data-find]");
    find.addEventListener("input", () => { this.find = find.value.trim().toLowerCase(); this.draw(); });
  }

  /** @param {Row[]} rows in the order in which they are shown */
  set(rows) {
    this.rows = rows;
    this.draw();
  }

  /** @param {boolean} isNarrow whether only what is still open is shown */
  narrow(isNarrow) {
    this.isNarrow = isNarrow;
    one(this.root, "[data-open-only]").setAttribute("aria-pressed", String(isNarrow));
    this.draw();
  }

  draw() {
    const { root } = this, done = this.rows.filter(({ isDone }) => isDone).length;
    const total = one(root, "[data-total]"), text = this.ways.total(done, this.rows.length);
    if (total.textContent !== text) total.textContent = text;
    // The row that is open stays, though it is done by now: nothing vanishes under a thumb.
    const shown = this.rows.filter((row) => (!this.isNarrow || !row.isDone || row.id === this.openId)
      && (!this.find || `${row.place} ${row.label} ${row.sub ?? ""}`.toLowerCase().includes(this.find)));
    const items = shown.slice(0, ROWS_SHOWN_MAX).map((row) => this.itemOf(row));
    const order = shown.map(({ id }) => id).join();
    const list = one(root, "[data-rows]");
    if (order !== this.order || items.some((item) => item.parentNode !== list)) list.replaceChildren(...items);
    this.order = order;
    const nobody = one(root, "[data-nobody]"), beyond = shown.length - items.length;
    nobody.hidden = items.length > 0 && !beyond;
    nobody.textContent = beyond ? say("list_more", { n: beyond }) : say(this.rows.length ? "list_none_open" : "list_empty");
  }

  /** A row's item; the one that is drawn already where it says the same. @param {Row} row */
  itemOf(row) {
    const isOpen = this.openId === row.id, said = JSON.stringify([row, isOpen]);
    const before = this.drawn.get(row.id);
    if (before?.said === said) return before.item;
    const item = before?.item ?? this.newItem(row);
    const line = one(item, "[data-line]"), ticks = this.ways.way === "ticks";
    line.setAttribute(ticks ? "aria-pressed" : "aria-expanded", String(ticks ? row.isDone : isOpen));
    one(item, "[data-place]").textContent = row.place;
    one(item, "[data-label]").textContent = row.label || say("list_no_name", { id: row.id.slice(-6) });
    one(item, "[data-sub]").textContent = row.sub ?? "";
    one(item, "[data-mark]").replaceChildren(mark(row.shape, row.word));
    item.classList.toggle("is-done", row.isDone);
    const inside = one(item, "[data-inside]");
    if (isOpen !== !inside.hidden) {
      inside.hidden = !isOpen;
      inside.replaceChildren(...isOpen && this.ways.inside ? [this.ways.inside(row)] : []);
    }
    this.drawn.set(row.id, { said, item });
    return item;
  }

  /** @param {Row} row @returns {HTMLElement} */
  newItem(row) {
    const item = one(copyOf("ticklist-row"), "li");
    item.dataset.id = row.id;
    one(item, "[data-line]").addEventListener("click", () => this.touch(row.id));
    return item;
  }

  /** @param {string} id */
  touch(id) {
    const row = this.rows.find((each) => each.id === id);
    if (!row) return;
    if (this.ways.way === "ticks") this.ways.tick?.(row);
    else this.open(this.openId === id ? null : id);
  }

  /** Opens one row and closes the others; its first field has the cursor. @param {string|null} id */
  open(id) {
    this.openId = id;
    this.draw();
    if (id) this.show(id);
  }

  /** @param {string} id */
  show(id) {
    const item = this.drawn.get(id)?.item;
    item?.scrollIntoView({ block: "nearest" });
    const first = item?.querySelector("[data-inside] [data-first]") ?? item?.querySelector("[data-line]");
    /** @type {HTMLElement|null|undefined} */ (first)?.focus();
  }

  /** The next row that is still open after one, in the order of the list; null: none is left. @param {string} id */
  nextOpen(id) {
    const at = this.rows.findIndex((row) => row.id === id);
    return [...this.rows.slice(at + 1), ...this.rows.slice(0, at)].find(({ isDone }) => !isDone)?.id ?? null;
  }

  /** A scan lands at its row. @param {import("../core/scans.js").Scan} scan */
  async scan(scan) {
    const { app } = this;
    const ids = new Set([scan.id, ...scan.code ? (await withCode(app.store, scan.code)).map(({ id }) => id) : []]);
    const row = this.rows.find(({ id }) => ids.has(id));
    if (!row) {
      if (this.ways.stranger?.(scan)) return;
      app.feedback(false);
      app.toast(say(scan.type === "unknown" ? "scan_no_use" : "list_stranger"), "stop");
      return;
    }
    app.quiet();
    app.feedback(true);
    if (this.find) { this.find = ""; one(this.root, "[data-find]").value = ""; }
    if (this.ways.way === "ticks") {
      if (!row.isDone) this.ways.tick?.(row);
      else app.toast(say("list_twice", { name: row.label }), "hold");
      this.draw();
      this.show(row.id);
    } else {
      this.open(row.id);
    }
  }
}

/** Buttons of which one is chosen. @param {HTMLElement} root @param {{value: string, text: string}[]} choices @param {string} chosen @param {(value: string) => void} choose */
export function chips(root, choices, chosen, choose) {
  const said = JSON.stringify([choices, chosen]);
  if (root.dataset.drawn === said) return;  // whoever stands on one keeps the cursor
  root.dataset.drawn = said;
  root.replaceChildren(...choices.map(({ value, text }) => {
    const button = el("button", { type: "button", text, "aria-pressed": String(value === chosen), "data-value": value });
    button.addEventListener("click", () => choose(value));
    return button;
  }));
}
