// @ts-check
/** Door visits: people at home with their address, who is due first; found or not, and what they need. */

import { saidOf } from "../store/said.js";
import { allOf } from "../store/things.js";
import { copyOf, fill, one } from "./dom.js";
import { TickList } from "./ticklist.js";
import { moment, momentAndAge, say } from "./words.js";

const DRAFT = "visit";
const KINDS = ["isolation.home_visited"];
const DUE = ["round", "test", "accept_home", "release", "resample"];

/** @param {import("./shell.js").App} app @param {HTMLElement} root */
export async function open(app, root) {
  fill(root, "visit");
  const visits = new Visits(app, root);
  await visits.begin();
  const again = () => { visits.read().catch((error) => app.refuse(error)); };
  app.watchers.add(again);
  return { scan: (scan) => visits.list.scan(scan), keep: () => visits.keep(),
    close: () => { visits.isClosed = true; app.watchers.delete(again); } };
}

class Visits {
  /** @param {import("./shell.js").App} app @param {HTMLElement} root */
  constructor(app, root) {
    this.app = app;
    this.root = root;
    this.isClosed = false;
    /** What is being typed, by person. @type {Record<string, string>} */
    this.needs = {};
    /** @type {Map<string, import("../store/things.js").Thing>} */
    this.people = new Map();
    this.list = new TickList(app, one(root, "[data-list]"), { way: "opens",
      total: (n, all) => say("visit_total", { n, all }), inside: (row) => this.inside(row) });
  }

  async begin() {
    this.needs = await this.app.store.draft(DRAFT) ?? {};
    await this.read();
  }

  keep() {
    return this.app.store.keepDraft(DRAFT, Object.keys(this.needs).length ? this.needs : null);
  }

  async read() {
    const { app } = this;
    const [people, said] = await Promise.all([allOf(app.store, "person"), saidOf(app.store, app.device, KINDS)]);
    if (this.isClosed) return;
    const here = people.filter(({ account }) => account === app.unit?.code);
    this.people = new Map(here.map((person) => [person.id, person]));
    const today = app.today();
    this.last = new Map(said.map((fact) => [fact.body.person, fact]));
    const due = dueOf(app.rolls?.roll?.duties ?? []);
    const rows = here.map((person) => ({ ...this.rowOf(person, today, due.get(person.id) ?? null), due: due.get(person.id) ?? "9" }));
    this.list.set(rows.sort((a, b) => Number(a.isDone) - Number(b.isDone) || a.due.localeCompare(b.due) || a.label.localeCompare(b.label)));
  }

  /** @param {import("../store/things.js").Thing} person @param {string} today @param {string|null} due @returns {import("./ticklist.js").Row} */
  rowOf({ id, label, told }, today, due) {
    const visit = this.last?.get(id), { app } = this;
    const isToday = visit && dayOf(visit.at) === today;
    const base = { id, label, place: told?.room ?? "", sub: told?.roll?.address ?? "" };
    if (isToday) {
      return { ...base, isDone: true, shape: visit.body.found ? "go" : "stop",
        word: say(visit.body.found ? "visit_found" : "visit_not_found") };
    }
    if (!due) return { ...base, isDone: false, shape: "none", word: say("visit_open") };
    const isLate = Date.parse(due) < app.now();
    return { ...base, isDone: false, shape: "hold", word: say(isLate ? "visit_late" : "visit_due", { time: moment(due) }) };
  }

  /** @param {import("./ticklist.js").Row} row */
  inside({ id }) {
    const form = copyOf("visit-inside"), told = this.people.get(id)?.told?.roll ?? {};
    one(form, "[data-address]").textContent = told.address || say("visit_no_address");
    const phone = one(form, "[data-phone]");
    phone.hidden = !told.phone;
    phone.textContent = told.phone ? say("visit_call", { phone: told.phone }) : "";
    phone.href = told.phone ? `tel:${told.phone}` : "#";
    const last = this.last?.get(id), line = one(form, "[data-last]");
    line.hidden = !last;
    line.textContent = last ? say("visit_last", { time: momentAndAge(last.at, this.app.now()) }) : "";
    const needs = one(form, "[data-needs]");
    needs.value = this.needs[id] ?? "";
    needs.addEventListener("input", () => {
      if (needs.value.trim()) this.needs[id] = needs.value;
      else delete this.needs[id];
      this.keep().catch((error) => this.app.refuse(error));
    });
    this.app.wire(one(form, "[data-found]"), () => this.save(id, true));
    this.app.wire(one(form, "[data-not-found]"), () => this.save(id, false));
    return form;
  }

  /** @param {string} id @param {boolean} found */
  async save(id, found) {
    const { app } = this, next = this.list.nextOpen(id);
    const needs = (this.needs[id] ?? "").trim();
    await app.say([{ kind: "isolation.home_visited", body: { person: id, account: app.unit?.code, found, needs } }]);
    delete this.needs[id];
    await this.keep();
    this.list.openId = null;
    await this.read();
    app.feedback(true);
    app.toast(say("visit_saved", { name: this.people.get(id)?.label ?? "" }));
    if (next && next !== id) this.list.show(next);
  }
}

/** When each person's first work at the door is due. @param {{kind: string, due_at: string, person?: string}[]} duties */
function dueOf(duties) {
  const due = new Map();
  for (const { kind, due_at, person } of duties) {
    if (person && DUE.includes(kind) && !(due.get(person) <= due_at)) due.set(person, due_at);
  }
  return due;
}

/** @param {string} at */
function dayOf(at) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: document.documentElement.dataset.zone }).format(Date.parse(at));
}
