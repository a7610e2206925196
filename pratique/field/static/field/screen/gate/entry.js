// @ts-check
/**
 * Entering a vehicle and its people. Everything typed or scanned is kept as a draft at once; a scan
 * of a document adds a person wherever the cursor is; each person's decision stands there at once.
 */

import { blankArrival, blankPerson, factsOf, lookbackOf, personBody, plateTyped, problemsOf } from "../../core/arrival.js";
import { thingsAfter } from "../../core/arrived.js";
import { unitAt } from "../../core/atlas.js";
import { searchCounties } from "../../core/counties.js";
import { find } from "../../core/expected.js";
import { DAY_MS, Zone } from "../../core/schedule.js";
import { allOf } from "../../store/things.js";
import { el, fill, one } from "../dom.js";
import { decideHere } from "../standing.js";
import { moment, say, sayCount } from "../words.js";
import { drawLast, drawPeople } from "./people.js";
import { drawStays } from "./stays.js";

const DRAFT = "gate";
const LAST = "gate:last";
const KEEP_MS = 250;
const HOME = document.documentElement.dataset.province ?? "";
const ZONE = document.documentElement.dataset.zone ?? "UTC";
const VEHICLE_FIELDS = ["plate", "trailer_plate", "lane", "conveyance", "destination"];
const NUMBER_FIELDS = ["occupants", "seats"];

/**
 * @param {import("../shell.js").App} app @param {HTMLElement} root
 * @param {string|null} vehicle one that stands here already: more people of it are entered
 */
export async function openEntry(app, root, vehicle) {
  const entry = new Entry(app, root, vehicle);
  await entry.open();
  return { named: () => entry.named(), scan: (/** @type {any} */ scan) => entry.scan(scan), keep: () => entry.keepNow(), close: () => entry.keepNow() };
}

export class Entry {
  /** @param {import("../shell.js").App} app @param {HTMLElement} root @param {string|null} vehicle */
  constructor(app, root, vehicle) {
    this.app = app;
    this.root = root;
    this.vehicle = vehicle;
    this.draft = vehicle ? `${DRAFT}:${vehicle}` : DRAFT;
    this.zone = new Zone(ZONE);
    this.timer = 0;
    this.isDone = false;
    /** @type {import("../../core/arrival.js").Problem[]} */
    this.problems = [];
    this.towns = new Set(app.knowledge.accounts.filter(({ kind }) => kind === "community").map(({ code }) => code));
  }

  async open() {
    fill(this.root, "gate");
    one(this.root, "#stays-title").textContent = sayCount("gate_where", this.lookbackDays);
    const [kept, last, vehicles] = await Promise.all(
      [this.app.store.draft(this.draft), this.app.store.draft(LAST), allOf(this.app.store, "vehicle")]);
    this.entered = kept ?? await this.blank(last);
    /** Counties said before: one touch. @type {import("../../core/arrival.js").StayEntered[]} */
    this.recent = last?.stays ?? [];
    this.fillFields();
    this.wire();
    one(this.root, "#gate-here").replaceChildren(...vehicles.map((thing) => el("li", {},
      el("a", { class: "tile", href: `#/gate/${thing.id}` }, el("b", { text: thing.label }),
        el("span", { class: "soft small", text: sayCount("gate_people", thing.told?.people?.length ?? 0) })))));
    one(this.root, "#gate-here-title").hidden = !vehicles.length;
    this.draw();
    drawStays(this, one(this.root, "#gate-stays"), this.entered.stays, "stay");
    one(this.root, this.entered.is_stopped || this.entered.plate ? "#gate-scan" : "#plate").focus();
  }

  /** @param {any} last */
  async blank(last) {
    const today = this.app.today();
    const since = new Date(Date.parse(today) - this.lookbackDays * DAY_MS).toISOString().slice(0, 10);
    const made = blankArrival({ vehicle: this.vehicle ?? this.app.id(), since, until: today, province: HOME, last });
    const [stopped] = this.vehicle ? (await allOf(this.app.store, "vehicle")).filter(({ id }) => id === this.vehicle) : [];
    if (!this.vehicle) return made;
    // Registered here, or on another tablet: then the roll tells of it.
    const { told = {} } = stopped ?? {}, { roll = {} } = told;
    return { ...made, is_stopped: true, plate: stopped?.label ?? "",
      here: Math.max(told.people?.length ?? 0, roll.persons?.length ?? 0),
      occupants: told.occupants ?? roll.occupants ?? null, conveyance: told.conveyance ?? roll.conveyance ?? "car" };
  }

  // ── fields ──────────────────────────────────────────────────────────────────────────────────────

  fillFields() {
    const towns = this.app.knowledge.accounts.filter(({ kind }) => kind === "community");
    one(this.root, "#destination").append(...towns.map(({ code }) => el("option", { value: code, text: this.app.unitName(code) })));
    for (const name of [...VEHICLE_FIELDS, ...NUMBER_FIELDS]) this.field(name).value = this.entered[name] ?? "";
    this.field("boot_checked").checked = this.entered.boot_checked;
    one(this.root, "#gate-vehicle").hidden = this.entered.is_stopped;
    this.drawCounts();
  }

  /** How far back the rules in force look: stays of so many days are asked for. */
  get lookbackDays() { return lookbackOf(this.app.knowledge.packAt(this.app.now())?.data.table.inputs ?? []); }

  /** @param {string} name @returns {any} */
  field(name) { return one(this.root, `#${name}`); }

  wire() {
    for (const name of VEHICLE_FIELDS) this.field(name).addEventListener("input", () => this.typed(name));
    for (const name of NUMBER_FIELDS) this.field(name).addEventListener("input", () => this.typed(name));
    this.field("plate").addEventListener("blur", () => this.plateDone());
    this.field("boot_checked").addEventListener("input", () => { this.entered.boot_checked = this.field("boot_checked").checked; this.keep(); });
    for (const button of this.root.querySelectorAll("[data-occupants]")) {
      button.addEventListener("click", () => this.setOccupants(Number(/** @type {HTMLElement} */ (button).dataset.occupants)));
    }
    this.root.addEventListener("keydown", (event) => this.onEnter(/** @type {KeyboardEvent} */ (event)));
    one(this.root, "#add-by-hand").addEventListener("click", () => this.add(blankPerson({ id: this.app.id() })));
    this.app.wire(one(this.root, "#gate-register"), () => this.register(false));
    this.app.wire(one(this.root, "#gate-register-short"), () => this.register(true));
  }

  /** @param {string} name */
  typed(name) {
    const { value } = this.field(name);
    this.entered[name] = NUMBER_FIELDS.includes(name) ? (value === "" ? null : Number(value)) : value;
    this.keep();
    if (name === "occupants") this.drawCounts();
    this.clear(name);
    if (name === "destination" || name === "conveyance") this.draw();
  }

  plateDone() {
    this.entered.plate = plateTyped(this.entered.plate, HOME);
    this.field("plate").value = this.entered.plate;
    this.findByPlate();
  }

  /** @param {number} count */
  setOccupants(count) {
    this.entered.occupants = count;
    this.field("occupants").value = String(count);
    this.clear("occupants");
    this.drawCounts();
    this.keep();
  }

  /** Enter goes on to the next field that is empty, and at the end registers. @param {KeyboardEvent} event */
  onEnter(event) {
    const field = /** @type {HTMLElement} */ (event.target);
    if (event.key !== "Enter" || event.defaultPrevented || field.tagName !== "INPUT") return;
    event.preventDefault();
    if (field.id === "plate") this.plateDone();
    if (field.id === "gate-scan") this.takeTyped(/** @type {HTMLInputElement} */ (field));
    else this.goOn();
  }

  /** What was typed by hand into the field for scans. @param {HTMLInputElement} field */
  takeTyped(field) {
    const { value } = field;
    if (!value.trim()) { this.goOn(); return; }
    field.value = "";
    this.app.hear(value);
  }

  /** The cursor to what is still missing. */
  goOn() {
    this.check();
    const next = this.problems.find(({ field }) => field !== "scan");
    const lacks = !this.entered.people.length || this.missing() > 0;
    const target = next && next.field !== "destination" ? this.target(next.field) : null;
    (target ?? (lacks ? one(this.root, "#gate-scan") : next ? this.target(next.field) : one(this.root, "#gate-register")))?.focus();
  }

  /** The element of a problem's field. @param {string} field @returns {HTMLElement|null} */
  target(field) {
    return this.root.querySelector(`[data-field="${field}"]`) ?? this.root.querySelector(`#${CSS.escape(field)}`);
  }

  missing() {
    return Math.max(0, (this.entered.occupants ?? 1) - this.entered.people.length - this.here);
  }

  /** People of this vehicle who were registered before. */
  get here() { return this.entered.here; }

  // ── people ──────────────────────────────────────────────────────────────────────────────────────

  /** @param {import("../../core/scans.js").Scan} scan */
  async scan(scan) {
    this.app.quiet();
    if (scan.type === "plate" && !this.entered.is_stopped) {
      this.entered.plate = scan.text;
      this.field("plate").value = scan.text;
      this.app.feedback(true);
      this.keep();
      this.findByPlate();
    } else if (scan.type === "document") {
      await this.scanDocument(scan);
    } else {
      this.app.feedback(false);
      this.app.toast(say("scan_unknown", { text: scan.text.slice(0, 40) }), "hold");
    }
  }

  /** @param {import("../../core/scans.js").Scan} scan */
  async scanDocument(scan) {
    const same = this.entered.people.find((person) => person.document === scan.number);
    if (same) {
      this.app.feedback(false);
      this.app.toast(say("gate_twice", { name: same.name || scan.number }), "hold");
      return;
    }
    const person = blankPerson({ id: this.app.id(), document_kind: scan.kind, document: scan.number, name: scan.name ?? "" });
    this.add(await this.expected(person, "document", scan.number ?? ""));
    this.app.feedback(true);
  }

  /** Somebody announced is the person of the announcement. @param {import("../../core/arrival.js").PersonEntered} person */
  async expected(person, /** @type {any} */ kind, /** @type {string} */ number) {
    const found = await this.find(kind, number);
    const [arrival] = found.arrivals;
    if (!arrival) return person;
    if (arrival.destination && !this.entered.destination) {
      this.entered.destination = arrival.destination;
      this.field("destination").value = arrival.destination;
    }
    const other = arrival.destination && arrival.destination !== this.entered.destination ? arrival.destination : null;
    return { ...person, id: arrival.person, expected: arrival.id, name: person.name || arrival.name, destination: other };
  }

  /** @param {any} kind @param {string} number */
  async find(kind, number) {
    return find(this.app.knowledge.expected, kind, number, crypto.subtle);
  }

  async findByPlate() {
    const { arrivals } = this.entered.plate ? await this.find("plate", this.entered.plate) : { arrivals: [] };
    const line = one(this.root, "#gate-announced");
    line.hidden = !arrivals.length;
    const names = arrivals.map(({ name }) => name).sort((one, other) => one.localeCompare(other));
    if (names.length) line.textContent = `${sayCount("gate_announced", names.length)} ${names.join("、")}`;
  }

  /** @param {import("../../core/arrival.js").PersonEntered} person */
  add(person) {
    this.entered.people.push(person);
    this.keep();
    drawLast(this, one(this.root, "#gate-people"));
    this.drawCounts();
    if (!person.name) this.target(`person:${person.id}:name`)?.focus();
  }

  /** @param {string} id */
  remove(id) {
    this.entered.people = this.entered.people.filter((person) => person.id !== id);
    this.keep();
    this.draw();
  }

  /** Decision of one person by what is entered now. @param {import("../../core/arrival.js").PersonEntered} person */
  decide(person) {
    const now = this.app.now();
    return decideHere(this.app, personBody(this.entered, person, this.known(now)), now);
  }

  /** @param {number} now */
  known(now) {
    return { post: this.app.unit?.code ?? "", now, zone: this.zone, province: HOME, today: this.app.today(),
      id: () => this.app.id() };
  }

  /** What the list in force says of a county. @param {string} code */
  listed(code) {
    return code ? unitAt(this.app.knowledge.atlas, code, this.app.now()) : null;
  }

  /** Counties by a typed beginning; none before their file is read. @param {string} text */
  search(text) {
    const { countiesKnown } = this.app;
    return countiesKnown ? searchCounties(countiesKnown, text) : [];
  }

  /** The counties can be named now: reasons say their names. */
  named() {
    if (this.entered.people.length && !this.isDone) drawPeople(this, one(this.root, "#gate-people"));
  }

  // ── drawing and keeping ─────────────────────────────────────────────────────────────────────────

  draw() {
    drawPeople(this, one(this.root, "#gate-people"));
    this.drawCounts();
  }

  drawCounts() {
    const { people, occupants, seats } = this.entered;
    const all = people.length + this.here;
    one(this.root, "#headline").textContent = this.entered.is_stopped ? say("gate_more", { plate: this.entered.plate })
      : occupants ? say("gate_counted", { n: all, all: occupants }) : say("screen_gate");
    const line = one(this.root, "#gate-count");
    const isMore = occupants !== null && all > occupants, isFull = seats !== null && (occupants ?? 0) > seats;
    line.hidden = !(isMore || isFull);
    line.textContent = isMore ? say("gate_more_than_counted", { n: all, all: occupants })
      : isFull ? say("gate_more_than_seats", { n: occupants, seats }) : "";
    for (const button of this.root.querySelectorAll("[data-occupants]")) {
      button.setAttribute("aria-pressed", String(Number(/** @type {HTMLElement} */ (button).dataset.occupants) === occupants));
    }
    one(this.root, "#gate-register").textContent = sayCount("gate_register", people.length);
  }

  /** Stays or destination of all aboard have changed. */
  changed() {
    this.keep();
    this.draw();
  }

  keep() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keepNow(), KEEP_MS);
  }

  keepNow() {
    clearTimeout(this.timer);
    return this.isDone ? Promise.resolve() : this.app.store.keepDraft(this.draft, this.entered);
  }

  check() {
    this.problems = problemsOf(this.entered, { today: this.app.today(), towns: this.towns,
      isListed: (stay) => this.listed(stay.code) !== null });
    return this.problems;
  }

  /** @param {string} field */
  clear(field) {
    const line = this.root.querySelector(`[data-error="${field}"]`);
    if (line) line.textContent = "";
    this.target(field)?.removeAttribute("aria-invalid");
  }

  showProblems() {
    for (const line of this.root.querySelectorAll("[data-error]")) line.textContent = "";
    for (const field of this.root.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    for (const { field, code, params } of this.problems) {
      const line = this.root.querySelector(`[data-error="${field}"]`);
      if (line && !line.textContent) line.textContent = this.app.sayRefusal(code, params);
      this.target(field)?.setAttribute("aria-invalid", "true");
    }
    this.target(this.problems[0].field)?.focus();
  }

  /** @param {boolean} isShort that fewer people are registered than were counted has been read */
  async register(isShort) {
    if (this.check().length) {
      this.app.feedback(false);
      this.showProblems();
      return;
    }
    if (this.missing() > 0 && !isShort) {
      one(this.root, "#gate-short").hidden = false;
      one(this.root, "#gate-short-words").textContent = sayCount("gate_short", this.missing());
      one(this.root, "#gate-register-short").focus();
      return;
    }
    await this.save();
  }

  /** No draft is kept from here on: one that came after the facts would be registered again. @template T @param {() => Promise<T>} say */
  async put(say) {
    this.isDone = true;
    clearTimeout(this.timer);
    try {
      return await say();
    } catch (error) {
      this.isDone = false;
      this.keep();
      throw error;
    }
  }

  async save() {
    const now = this.app.now();
    const said = factsOf(this.entered, this.known(now));
    const decided = new Map(this.entered.people.map((person) => [person.id, this.decide(person)]));
    const account = this.app.unit?.code ?? "";
    const before = this.entered.is_stopped ? (await allOf(this.app.store, "vehicle")).find(({ id }) => id === this.entered.vehicle) : null;
    const kept = await this.put(() => this.app.say(said, { at: now, draft: this.draft,
      things: (numbered) => thingsAfter(this.entered, numbered, decided, account, before) }));
    await this.app.store.keepDraft(LAST, { destination: this.entered.destination, lane: this.entered.lane, stays: this.entered.stays });
    this.app.feedback(true);
    this.app.toast(say("saved_here", { time: moment(now) }), "go", kept);
    this.app.go(`gate/${this.entered.vehicle}`);
  }
}
