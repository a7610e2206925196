// @ts-check
/** A vehicle that stands at the post: its people with what each may do, and how they leave. */

import { mayPass, mayTurnBack } from "../../core/leaving.js";
import { owedBy } from "../../core/sampling.js";
import { allOf } from "../../store/things.js";
import { copyOf, el, fill, one } from "../dom.js";
import { personMark, personWords } from "../standing.js";
import { momentAndAge, say, sayCount } from "../words.js";


/** @param {import("../shell.js").App} app @param {HTMLElement} root @param {string} vehicle */
export async function openStop(app, root, vehicle) {
  const stop = new Stop(app, root, vehicle);
  await stop.draw();
  const again = () => stop.draw();
  app.watchers.add(again);
  return { close: () => { app.watchers.delete(again); stop.isClosed = true; } };
}

class Stop {
  /** @param {import("../shell.js").App} app @param {HTMLElement} root @param {string} id */
  constructor(app, root, id) {
    this.app = app;
    this.root = root;
    this.id = id;
    this.isClosed = false;
    this.drawn = "";
    /** @type {import("../../store/things.js").Thing|null} */
    this.vehicle = null;
    /** @type {import("../../store/things.js").Thing[]} */
    this.people = [];
  }

  async read() {
    const [vehicles, people] = await Promise.all([allOf(this.app.store, "vehicle"), allOf(this.app.store, "person")]);
    this.vehicle = vehicles.find(({ id }) => id === this.id) ?? null;
    this.people = people.filter(({ told }) => told?.vehicle === this.id);
  }

  async draw() {
    await this.read();
    const now = JSON.stringify([this.vehicle, this.people, this.app.knowledge.isOutOfDate(this.app.now())]);
    if (this.isClosed || now === this.drawn) return;
    this.drawn = now;
    fill(this.root, "gate-stop");
    const { root, vehicle, people } = this;
    one(root, "#headline").textContent = vehicle ? `${vehicle.label}: ${sayCount("gate_people", people.length)}` : say("gate_has_left");
    const at_now = this.app.now();
    const at = vehicle?.told?.at ?? vehicle?.told?.roll?.at ?? people[0]?.told?.at;
    one(root, "#stop-since").textContent = at ? momentAndAge(at, this.app.now()) : "";
    const { told } = vehicle ?? {};
    const counted = told?.occupants ?? told?.roll?.occupants ?? people.length;
    const lacks = counted - Math.max(told?.people?.length ?? 0, told?.roll?.persons?.length ?? 0, people.length);
    one(root, "#stop-lacks").hidden = lacks <= 0;
    one(root, "#stop-lacks span").textContent = lacks > 0 ? sayCount("gate_short", lacks) : "";
    one(root, "#stop-people").replaceChildren(...people.map((person) => this.personItem(person)));
    one(root, "#stop-more").href = `#/gate/${this.id}/more`;
    one(root, "#stop-swabs").href = `#/sample/${this.id}`;
    one(root, "#stop-swabs").hidden = !people.some((person) => owedBy(person, at_now));
    one(root, "#stop-slips").href = `#/labels/people/${this.id}`;
    one(root, "#stop-slips").hidden = !people.length;
    one(root, "#stop-handover").href = `#/handover/vehicle/${this.id}`;
    one(root, "#stop-handover").hidden = !people.length;
    one(root, "#stop-pass").hidden = !people.some((person) => mayPass(person, at_now));
    one(root, "#stop-leaves").hidden = !vehicle;
    this.app.wire(one(root, "#stop-pass"), () => this.pass(people.filter((person) => mayPass(person, this.app.now()))));
    this.app.wire(one(root, "#stop-clear"), () => this.clear());
  }

  personItem(person) {
    const item = copyOf("stop-person");
    one(item, "b").textContent = person.label;
    one(item, "[data-decision]").replaceChildren(personMark(this.app, person));
    one(item, "[data-reason]").replaceChildren(...personWords(this.app, person).map((text) => el("span", { text })));
    const said = [person.pending && say("gate_on_offer"), person.told?.sampled?.length && say("gate_sampled")].filter(Boolean);
    one(item, "[data-state]").textContent = said.join(" · ");
    this.wireTurningBack(person, item);
    return item;
  }

  wireTurningBack(person, item) {
    const pack = this.app.knowledge.packAt(this.app.now());
    one(item, "details").hidden = !mayTurnBack(person, pack?.data.may_turn_back ?? []);
    this.app.wire(one(item, "[data-turn-back]"), async () => {
      const reason = /** @type {HTMLSelectElement} */ (one(this.root, `[data-reason-of="${person.id}"]`)).selectedOptions[0].textContent ?? "";
      await this.app.say([{ kind: "checkpoint.person_turned_back", body: {
        person: person.id, post: this.app.unit?.code, holds_by: person.holds_by, reason } }], { gone: [person.id] });
    });
    one(item, "select").dataset.reasonOf = person.id;
  }

  /** @param {import("../../store/things.js").Thing[]} people for whom nothing is owed */
  async pass(people) {
    const post = this.app.unit?.code;
    await this.app.say(people.map((person) => ({ kind: "checkpoint.person_passed",
      body: { person: person.id, post, holds_by: person.holds_by } })), { gone: people.map(({ id }) => id) });
    this.app.feedback(true);
    this.app.toast(sayCount("gate_passed", people.length));
  }

  async clear() {
    const { vehicle } = this;
    if (!vehicle) return;
    const reason = /** @type {HTMLSelectElement} */ (one(this.root, "#stop-why")).value;
    await this.app.say([{ kind: "checkpoint.vehicle_cleared", body: {
      vehicle: vehicle.id, post: this.app.unit?.code, holds_by: vehicle.holds_by, reason } }], { gone: [vehicle.id] });
    this.app.feedback(true);
    this.app.toast(say("gate_cleared", { plate: vehicle.label }));
    this.app.go("gate");
  }
}
