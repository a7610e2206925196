// @ts-check
/** The morning or evening round: everybody by room, a temperature or no answer, what is missing. */

import { byRoom, feverFrom, hasSigns, isAnswered, NOTE_MAX, readTemperature, roundDone, roundSoFar, slotAt, SYMPTOMS } from "../core/rounds.js";
import { saidOf } from "../store/said.js";
import { allOf } from "../store/things.js";
import { copyOf, el, fill, one } from "./dom.js";
import { chips, TickList } from "./ticklist.js";
import { LANGUAGE, say, sayCount } from "./words.js";

const DRAFT = "round";
const KINDS = ["isolation.round_done"];
const degrees = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 1 });

/** @param {import("./shell.js").App} app @param {HTMLElement} root */
export async function open(app, root) {
  fill(root, "round");
  const round = new Round(app, root);
  await round.begin();
  const again = () => { round.read().catch((error) => app.refuse(error)); };
  app.watchers.add(again);
  return { scan: (scan) => round.list.scan(scan), keep: () => round.keep(),
    close: () => { round.isClosed = true; app.watchers.delete(again); } };
}

class Round {
  /** @param {import("./shell.js").App} app @param {HTMLElement} root */
  constructor(app, root) {
    this.app = app;
    this.root = root;
    this.isClosed = false;
    this.day = app.today();
    /** @type {import("../core/rounds.js").Slot} */
    this.slot = slotAt(hourHere(app));
    /** @type {Record<string, import("../core/rounds.js").Reading>} */
    this.entered = {};
    /** @type {Map<string, import("../core/rounds.js").Reading>} */
    this.known = new Map();
    /** @type {Set<string>} */
    this.heard = new Set();
    this.list = new TickList(app, one(root, "[data-list]"), { way: "opens",
      total: (n, all) => say("round_total", { n, all }), inside: (row) => this.inside(row) });
  }

  async begin() {
    const draft = await this.app.store.draft(DRAFT);
    // What was typed for a round stays with that round, past noon and past midnight.
    if (draft && Object.keys(draft.entered).length) Object.assign(this, draft);
    this.app.wire(one(this.root, "#round-save"), () => this.save());
    await this.read();
  }

  keep() {
    const { day, slot, entered } = this;
    return this.app.store.keepDraft(DRAFT, Object.keys(entered).length ? { day, slot, entered } : null);
  }

  async read() {
    const { app } = this;
    const [people, said] = await Promise.all([allOf(app.store, "person"), saidOf(app.store, app.device, KINDS)]);
    if (this.isClosed) return;
    this.people = people.filter(({ account }) => account === app.unit?.code);
    const { read, heard } = roundSoFar(app.rolls?.roll?.rounds ?? [], said, this.day, this.slot);
    this.known = read;
    this.heard = heard;
    this.draw();
  }

  draw() {
    const { root } = this;
    one(root, "#headline").textContent = say(`round_${this.slot}`, { day: this.day });
    chips(one(root, "#round-slots"), [{ value: "morning", text: say("round_slot_morning") },
      { value: "evening", text: say("round_slot_evening") }], this.slot, (slot) => this.choose(slot));
    this.list.set((this.people ?? []).map((person) => this.rowOf(person)).sort(byRoom));
    const n = Object.keys(this.entered).length;
    one(root, "#round-save").textContent = sayCount("round_save", n);
    one(root, "#round-save").disabled = n === 0;
    one(root, ".tick-foot").hidden = n === 0;  // it would only cover what is being typed
  }

  /** @param {string} slot */
  async choose(slot) {
    if (slot === this.slot) return;
    if (Object.keys(this.entered).length) {
      this.app.feedback(false);
      this.app.toast(say("round_save_first"), "hold");
      return;
    }
    this.slot = /** @type {any} */ (slot);
    this.day = this.app.today();
    this.list.openId = null;
    await this.read();
  }

  /** @param {import("../store/things.js").Thing} person @returns {import("./ticklist.js").Row} */
  rowOf({ id, label, told }) {
    const reading = this.entered[id] ?? this.known.get(id) ?? null;
    const isSaved = !this.entered[id];
    const base = { id, label, place: told?.room ?? "", sub: reading && !isSaved ? say("round_not_saved") : "" };
    if (!reading) {
      return this.heard.has(id) ? { ...base, shape: "go", word: say("round_read"), isDone: true }
        : { ...base, shape: "none", word: say("round_open"), isDone: false };
    }
    if (!isAnswered(reading)) return { ...base, shape: "hold", word: say("round_no_answer"), isDone: !isSaved ? true : this.heard.has(id) };
    const words = [reading.temperature_c === null ? "" : say("round_degrees", { value: degrees.format(reading.temperature_c) }),
      ...reading.symptoms.map((code) => say(`symptom.${code}`))].filter(Boolean);
    const what = words.join(" · "), fever = feverFrom(this.app.knowledge.packAt(this.app.now())?.data.signs);
    return hasSigns(reading, fever) ? { ...base, shape: "stop", word: say("round_signs", { what }), isDone: true }
      : { ...base, shape: "go", word: what, isDone: true };
  }

  /** @param {import("./ticklist.js").Row} row */
  inside({ id }) {
    const form = copyOf("round-inside");
    const before = this.entered[id] ?? this.known.get(id) ?? null;
    const field = one(form, "[data-temperature]"), error = one(form, "[data-said]"), note = one(form, "[data-note]");
    field.value = before?.temperature_c == null ? "" : before.temperature_c.toFixed(1);
    note.value = before?.note ?? "";
    note.maxLength = NOTE_MAX;
    error.id = `said-${id}`;
    field.setAttribute("aria-describedby", error.id);
    const boxes = SYMPTOMS.map((code) => /** @type {HTMLInputElement} */ (
      el("input", { type: "checkbox", "data-symptom": code, checked: before?.symptoms.includes(code) })));
    one(form, "[data-symptoms]").append(...boxes.map((box) => el("label", { class: "tick" }, box,
      el("span", { text: say(`symptom.${box.dataset.symptom}`) }))));
    const ticked = () => boxes.filter(({ checked }) => checked).map(({ dataset }) => dataset.symptom ?? "");
    const take = (/** @type {number|null} */ temperature_c) => this.take(id, { temperature_c, symptoms: ticked(), note: note.value });
    let asked = null;  // an unusual temperature that was asked about
    one(form, "form").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      const read = readTemperature(field.value);
      const wrong = "code" in read ? say(read.code, read.params)
        : read.isUnusual && asked !== read.value ? say("round_unusual", { value: degrees.format(read.value) }) : "";
      error.textContent = wrong;
      field.toggleAttribute("aria-invalid", Boolean(wrong));
      if (!wrong && "value" in read) return void take(read.value);
      if ("value" in read) asked = read.value;
      this.app.feedback(false);
      field.select();
    });
    one(form, "[data-silent]").addEventListener("click", () => take(null));
    return form;
  }

  /** @param {string} id @param {import("../core/rounds.js").Reading} reading */
  take(id, reading) {
    const next = this.list.nextOpen(id);
    this.entered[id] = reading;
    this.app.feedback(true);
    this.keep().catch((error) => this.app.refuse(error));
    this.list.openId = null;
    this.draw();
    if (next && next !== id) this.list.open(next);
    else one(this.root, "#round-save").focus();
  }

  async save() {
    const { app, day, slot, entered } = this;
    const account = app.unit?.code ?? "", n = Object.keys(entered).length;
    await app.say(roundDone({ account, day, slot, entered }), { draft: DRAFT });
    this.entered = {};
    this.list.openId = null;
    await this.read();
    app.feedback(true);
    const left = this.list.rows.filter(({ isDone }) => !isDone).length;
    app.toast(left ? sayCount("round_saved_left", left) : sayCount("round_saved", n));
  }
}

/** @param {import("./shell.js").App} app */
function hourHere(app) {
  const zone = document.documentElement.dataset.zone;
  return Number(new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", hourCycle: "h23" }).format(app.now()));
}
