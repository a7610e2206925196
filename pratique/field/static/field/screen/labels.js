// @ts-check
/** Labels for tubes and slips for people: chosen, looked at, printed where there is a printer. */

import { layout, STOCKS } from "../core/label_layout.js";
import { tubeNumber } from "../core/labels.js";
import { slipOf } from "../core/scans.js";
import { zplOf } from "../core/zpl.js";
import { numbersLeft, takeNumbers } from "../store/labels.js";
import { allOf, withCode } from "../store/things.js";
import { el, fill, one } from "./dom.js";
import { dotsOf, squaresOf, svgOf } from "./labels/picture.js";
import { handOut, printPages, sendToPrinter } from "./labels/printer.js";
import { fetchBlock } from "./labels/series.js";
import { lastSigns, nameOf } from "./sample/view.js";
import { say, sayCount } from "./words.js";

const DRAFT = "labels";
const STOCK = "labels:stock";
const CHOICES_MAX = 40;
const NEW_MAX = 60;
const times = new Intl.DateTimeFormat("en-GB", { timeZone: document.documentElement.dataset.zone, hourCycle: "h23",
  month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });

/** @typedef {import("../store/things.js").Thing} Thing */
/** @typedef {{key: string, name: string, code: string, text: string, isUrgent: boolean, at: string, last: string}} Item */

/** @param {import("./shell.js").App} app @param {HTMLElement} root @param {string[]} rest "tube", "person" or (of a vehicle) "people", id */
export async function open(app, root, rest) {
  fill(root, "labels");
  const screen = new Labels(app, root);
  await screen.begin(rest);
  return screen;
}

class Labels {
  /** @param {import("./shell.js").App} app @param {HTMLElement} root */
  constructor(app, root) {
    this.app = app;
    this.root = root;
    /** @type {Item[]} what is to be printed, in this order */
    this.items = [];
    /** @type {Item[]} what can be chosen */
    this.tubes = [];
    /** @type {Item[]} */
    this.people = [];
    this.stock = STOCKS["40x30"];
  }

  /** @param {string[]} rest */
  async begin([type, id]) {
    const { app, root } = this;
    this.stock = STOCKS[await app.store.get(STOCK)] ?? this.stock;
    this.items = await app.store.draft(DRAFT) ?? [];
    const [tubes, people] = await Promise.all([allOf(app.store, "specimen"), allOf(app.store, "person")]);
    this.tubes = tubes.reverse().map(tubeItem);
    this.people = people.reverse().map(slipItem);
    const aboard = new Set(people.filter(({ told }) => type === "people" && told?.vehicle === id).map((person) => `person:${person.id}`));
    const asked = [...this.tubes, ...this.people].filter(({ key }) => key === `${type}:${id}` || aboard.has(key));
    if (asked.length) this.items = asked;
    one(root, `#labels-stock [value="${this.stock.name}"]`).checked = true;
    one(root, "#labels-stock").addEventListener("change", async (/** @type {any} */ { target }) => {
      this.stock = STOCKS[target.value];
      await app.store.put(STOCK, this.stock.name);
      await this.draw();
    });
    app.wire(one(root, "#labels-new"), () => this.addNew());
    app.wire(one(root, "#labels-more"), async () => {
      await fetchBlock(app);
      await this.draw();
    });
    app.wire(one(root, "#labels-print"), () => this.print());
    app.wire(one(root, "#labels-usb"), () => this.toPrinter());
    app.wire(one(root, "#labels-file"), () => this.toFile());
    app.wire(one(root, "#labels-none"), () => this.take([]));
    await this.draw();
  }

  /** @param {import("../core/scans.js").Scan} scan */
  async scan(scan) {
    this.app.quiet();
    try {
      const [thing] = await withCode(this.app.store, scan.code);
      const item = thing && [...this.tubes, ...this.people].find(({ key }) => key.endsWith(`:${thing.id}`));
      if (!item) throw { code: "scan_unknown", params: { text: scan.text } };
      if (!this.has(item)) await this.take([...this.items, item]);
      this.app.feedback(true);
    } catch (error) {
      this.app.refuse(error);
    }
  }

  /** @param {Item} item */
  has(item) { return this.items.some(({ key }) => key === item.key); }

  /** @param {Item[]} items */
  async take(items) {
    this.items = items;
    await this.app.store.keepDraft(DRAFT, items);
    await this.draw();
  }

  /** New numbers for empty tubes: used up when they are put on the sheet, printed or not. */
  async addNew() {
    const field = one(this.root, "#labels-count"), many = Number(field.value);
    if (!Number.isInteger(many) || many < 1 || many > NEW_MAX) throw { code: "labels_count", params: { most: NEW_MAX } };
    if (await numbersLeft(this.app.store) < many) throw { code: "labels_short" };
    const isUrgent = one(this.root, "#labels-urgent").checked;
    const numbers = (await takeNumbers(this.app.store, many)).map(tubeNumber);
    await this.take([...this.items, ...numbers.map((number) => (
      { key: `new:${number}`, name: number, code: number, text: number, isUrgent, at: "", last: "" }))]);
  }

  /** The parts of every chosen label. */
  sheets() {
    if (!this.items.length) throw { code: "labels_nothing" };
    const pages = this.items.length;
    return this.items.map((item, number) => ({ item, parts: layout(
      { ...item, urgentWord: say("label_urgent"), page: number + 1, pages }, this.stock) }));
  }

  async print() {
    const sheets = this.sheets(), squares = await squaresOf(sheets.map(({ parts }) => parts));
    if (!squares) throw { code: "label_no_square" };
    printPages(sheets.map(({ item, parts }) => svgOf(parts, this.stock, squares, item.text)), this.stock);
  }

  forms() {
    return `${this.sheets().map(({ parts }) => zplOf(parts, this.stock, dotsOf)).join("\n")}\n`;
  }

  async toPrinter() {
    await sendToPrinter(/** @type {any} */ (navigator).usb, this.forms());
    this.app.toast(sayCount("labels_sent", this.items.length));
  }

  async toFile() {
    const how = await handOut(this.forms());
    if (how !== "left") this.app.toast(say(`labels_${how}`));
  }

  async draw() {
    const { app, root, items, stock } = this;
    const parts = items.length ? this.sheets().map((sheet) => sheet.parts) : [];
    const squares = await squaresOf(parts);
    one(root, "#headline").textContent = sayCount("labels_chosen", items.length);
    const left = await numbersLeft(app.store);
    one(root, "#labels-left").textContent = sayCount("labels_left", left);
    one(root, "#labels-usb").hidden = !("usb" in navigator);
    one(root, "#labels-nothing").hidden = items.length > 0;
    one(root, "#labels-none").hidden = items.length === 0;
    one(root, "#labels-preview").replaceChildren(...items.map((item, number) => el("li", {},
      svgOf(parts[number], stock, squares, item.name))));
    one(root, "#labels-square").hidden = squares !== null;
    this.choices("#labels-tubes", this.tubes);
    this.choices("#labels-people", this.people);
  }

  /** @param {string} list @param {Item[]} items */
  choices(list, items) {
    const group = one(this.root, list), legend = group.querySelector("legend");
    group.hidden = items.length === 0;
    const before = document.activeElement?.id;
    group.replaceChildren(legend, ...items.slice(0, CHOICES_MAX).map((item) => {
      const box = el("input", { type: "checkbox", id: `choose-${item.key}`, checked: this.has(item) });
      box.addEventListener("change", () => this.take(this.has(item)
        ? this.items.filter(({ key }) => key !== item.key) : [...this.items, item]));
      return el("label", {}, box, el("span", { text: item.name }));
    }));
    if (before?.startsWith("choose-")) document.getElementById(before)?.focus();
  }
}

/** @param {Thing} tube @returns {Item} */
function tubeItem({ id, label, told = {} }) {
  return { key: `tube:${id}`, name: [label, told.name].filter(Boolean).join(" · "), code: label, text: label,
    isUrgent: Boolean(told.urgent), at: shortTime(told.collected_at), last: told.last ?? "" };
}

/** A slip names nobody: it is found by its code, and told apart by the document's end. @param {Thing} person @returns {Item} */
function slipItem(person) {
  const last = lastSigns(person);
  return { key: `person:${person.id}`, name: [nameOf(person), last].filter(Boolean).join(" · "), code: slipOf(person.id),
    text: say("label_slip"), isUrgent: false, at: "", last };
}

/** Digits that every printer has: "08-20 12:07". @param {string|undefined} at */
function shortTime(at) {
  if (!at || Number.isNaN(Date.parse(at))) return "";
  const part = Object.fromEntries(times.formatToParts(Date.parse(at)).map(({ type, value }) => [type, value]));
  return `${part.month}-${part.day} ${part.hour}:${part.minute}`;
}
