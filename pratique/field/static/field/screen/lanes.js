// @ts-check
/** Lanes: a thumb counts vehicles hour by hour; an hour that is over is said, beside what was registered. */

import { EXPLAINERS, HOURS_MAX, hourOf, isOver, keyOf, laneCounted, laneExplained, ofKey, readLane, readVehicles, registeredIn } from "../core/lanes.js";
import { saidOf } from "../store/said.js";
import { copyOf, el, fill, mark, one } from "./dom.js";
import { chips } from "./ticklist.js";
import { moment, say, sayCount } from "./words.js";

const DRAFT = "lanes";
const KINDS = ["checkpoint.vehicle_arrived", "checkpoint.lane_counted", "checkpoint.lane_explained"];
const SAID_MAX = 24;
const TICK_MS = 15_000;

/** @param {import("./shell.js").App} app @param {HTMLElement} root */
export async function open(app, root) {
  fill(root, "lanes");
  const lanes = new Lanes(app, root);
  await lanes.begin();
  const again = () => { lanes.read().catch((error) => app.refuse(error)); };
  app.watchers.add(again);
  const timer = setInterval(again, TICK_MS);  // an hour ends by itself
  return { keep: () => lanes.keep(), close: () => { lanes.isClosed = true; clearInterval(timer); app.watchers.delete(again); } };
}

class Lanes {
  /** @param {import("./shell.js").App} app @param {HTMLElement} root */
  constructor(app, root) {
    this.app = app;
    this.root = root;
    this.isClosed = false;
    /** @type {import("../core/lanes.js").Entered} */
    this.entered = { lane: "1", lanes: ["1"], tally: {} };
    /** @type {import("../store/said.js").Said[]} */
    this.said = [];
    this.drawn = "";
  }

  async begin() {
    const { app, root } = this;
    this.entered = await app.store.draft(DRAFT) ?? this.entered;
    one(root, "#lane-more").addEventListener("click", () => this.press(1));
    one(root, "#lane-less").addEventListener("click", () => this.press(-1));
    one(root, "#lane-add").addEventListener("submit", (/** @type {Event} */ event) => { event.preventDefault(); this.addLane(); });
    one(root, "#lane-type").addEventListener("submit", (/** @type {Event} */ event) => { event.preventDefault(); this.type(); });
    await this.read();
  }

  get hour() { return hourOf(this.app.now()); }

  keep() {
    return this.app.store.keepDraft(DRAFT, this.entered);
  }

  async read() {
    this.said = await saidOf(this.app.store, this.app.device, KINDS);
    if (!this.isClosed) this.draw();
  }

  /** @param {number} step */
  press(step) {
    const { app, entered } = this, key = keyOf(entered.lane, this.hour);
    const count = entered.tally[key] ?? 0;
    if (count + step < 0 || readVehicles(String(count + step)) === null) return;
    if (!(key in entered.tally) && Object.keys(entered.tally).length >= HOURS_MAX) {
      app.feedback(false);
      app.toast(say("lanes_save_first"), "stop");
      return;
    }
    entered.tally[key] = count + step;
    navigator.vibrate?.(step > 0 ? 30 : [30, 50, 30]);
    this.changed();
  }

  /** A number that somebody counted otherwise, for this lane and hour. */
  type() {
    const { app, root, entered } = this, field = one(root, "#lane-typed");
    const count = readVehicles(field.value);
    one(root, "#lane-typed-said").textContent = count === null ? say("lanes_number") : "";
    field.toggleAttribute("aria-invalid", count === null);
    app.feedback(count !== null);
    if (count === null) return;
    entered.tally[keyOf(entered.lane, this.hour)] = count;
    field.value = "";
    this.changed();
  }

  addLane() {
    const { app, root, entered } = this, field = one(root, "#lane-name");
    const lane = readLane(field.value);
    one(root, "#lane-name-said").textContent = lane ? "" : say("lanes_name");
    field.toggleAttribute("aria-invalid", !lane);
    if (!lane) return app.feedback(false);
    if (!entered.lanes.includes(lane)) entered.lanes.push(lane);
    entered.lane = lane;
    field.value = "";
    return this.changed();
  }

  changed() {
    this.keep().catch((error) => this.app.refuse(error));
    this.draw();
  }

  draw() {
    const { app, root, entered, hour } = this, now = app.now();
    const arrivals = this.said.filter(({ kind }) => kind === "checkpoint.vehicle_arrived");
    const count = entered.tally[keyOf(entered.lane, hour)] ?? 0;
    const over = Object.keys(entered.tally).filter((key) => isOver(ofKey(key).hour, now)).sort();
    const counts = this.said.filter(({ kind }) => kind === "checkpoint.lane_counted").slice(-SAID_MAX).reverse();
    const drawn = JSON.stringify([entered, hour, over, arrivals.length, this.said.length]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    chips(one(root, "#lane-lanes"), entered.lanes.map((lane) => ({ value: lane, text: say("lanes_lane", { lane }) })), entered.lane,
      (lane) => { entered.lane = lane; this.changed(); });
    one(root, "#lane-hour").textContent = say("lanes_since", { lane: entered.lane, time: moment(hour) });
    one(root, "#lane-count").textContent = sayCount("lanes_vehicles", count);
    one(root, "#lane-registered").textContent = say("lanes_registered", { n: registeredIn(arrivals, entered.lane, hour) });
    one(root, "#lane-less").disabled = count === 0;
    one(root, "#lane-over-title").hidden = !over.length;
    one(root, "#lane-over").replaceChildren(...over.map((key) => this.overItem(key, arrivals)));
    one(root, "#lane-said-title").hidden = !counts.length;
    one(root, "#lane-said").replaceChildren(...counts.map((fact) => this.saidItem(fact, arrivals)));
  }

  /** An hour that is over and not said yet. @param {string} key @param {import("../store/said.js").Said[]} arrivals */
  overItem(key, arrivals) {
    const { lane, hour } = ofKey(key), vehicles = this.entered.tally[key];
    const button = el("button", { type: "button", class: "go", text: say("lanes_save") });
    this.app.wire(button, async () => {
      await this.app.say([laneCounted({ post: this.app.unit?.code ?? "", lane, hour, vehicles })]);
      delete this.entered.tally[key];
      await this.keep();
      await this.read();
      const isShort = registeredIn(arrivals, lane, hour) < vehicles;
      this.app.feedback(!isShort);
      this.app.toast(say(isShort ? "lanes_saved_short" : "lanes_saved"), isShort ? "hold" : "go");
    });
    return el("li", { class: "is-hold" }, el("p", { text: say("lanes_of_hour", { lane, time: moment(hour) }) }),
      el("b", { text: sayCount("lanes_vehicles", vehicles) }), button);
  }

  /** @param {import("../store/said.js").Said} fact @param {import("../store/said.js").Said[]} arrivals */
  saidItem({ body: { lane, hour, vehicles } }, arrivals) {
    const registered = registeredIn(arrivals, lane, hour), isShort = registered < vehicles;
    const why = this.said.findLast(({ kind, body }) => kind === "checkpoint.lane_explained" && body.lane === lane && body.hour === hour);
    const item = el("li", { class: isShort && !why ? "is-hold" : "is-go" }, el("p", { text: say("lanes_of_hour", { lane, time: moment(hour) }) }),
      mark(isShort && !why ? "hold" : "go", say("lanes_both", { counted: vehicles, registered })));
    if (why) item.append(el("p", { class: "small", text: say("lanes_why", { reason: why.body.reason }) }));
    else if (isShort && EXPLAINERS.some((role) => this.app.roles.includes(role))) item.append(this.explainForm(lane, hour));
    return item;
  }

  /** @param {string} lane @param {string} hour */
  explainForm(lane, hour) {
    const form = copyOf("lane-explain"), field = one(form, "input"), said = one(form, "[data-said]");
    this.app.wire(one(form, "button"), async () => {
      said.textContent = field.value.trim() ? "" : say("count_reason");
      if (!field.value.trim()) {
        this.app.feedback(false);
        return field.focus();
      }
      await this.app.say([laneExplained({ post: this.app.unit?.code ?? "", lane, hour, reason: field.value })]);
      await this.read();
      this.app.feedback(true);
      return this.app.toast(say("count_explained"));
    });
    return form;
  }
}
