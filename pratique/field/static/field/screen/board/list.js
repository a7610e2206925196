// @ts-check
/** One trip: scan or tick each who is aboard; it departs with all, or with the missing named. */

import { boarding, passengersOf, stateOf, takenOver, tripStep } from "../../core/boarding.js";
import { saidOf } from "../../store/said.js";
import { allOf } from "../../store/things.js";
import { fill, one, setMark } from "../dom.js";
import { listed } from "../identify.js";
import { TickList } from "../ticklist.js";
import { moment, momentAndAge, say } from "../words.js";

const KINDS = ["transfer.trip_departed", "transfer.trip_arrived"];
const NAMED_MAX = 60;

/** @typedef {import("../../core/boarding.js").Passenger} Passenger */

export class Boarding {
  /** @param {import("../shell.js").App} app @param {HTMLElement} root @param {string} id of the trip */
  constructor(app, root, id) {
    this.app = app;
    this.root = root;
    this.id = id;
    this.isClosed = false;
    /** @type {Set<string>} */
    this.ticked = new Set();
    /** @type {import("../../core/roll.js").Trip|null} */
    this.trip = null;
    /** @type {Passenger[]} */
    this.passengers = [];
    /** @type {ReturnType<typeof stateOf>} */
    this.state = { state: "planned", departed: null, arrived: null };
  }

  get draft() { return `board:${this.id}`; }

  async begin() {
    const { app, root } = this;
    fill(root, "board-trip");
    this.list = new TickList(app, one(root, "[data-list]"), { way: "ticks", tick: (row) => this.tick(row),
      total: (n, all) => say("board_total", { n, all }) });
    this.ticked = new Set(await app.store.draft(this.draft) ?? []);
    one(root, "#board-sure").addEventListener("change", () => this.draw());
    app.wire(one(root, "#board-depart"), () => this.depart());
    app.wire(one(root, "#board-arrive"), () => this.arrive());
    await this.read();
  }

  keep() {
    return this.app.store.keepDraft(this.draft, this.state.state === "planned" && this.ticked.size ? [...this.ticked] : null);
  }

  /** @param {import("../../core/scans.js").Scan} scan */
  scan(scan) { return this.list?.scan(scan); }

  async read() {
    const { app } = this;
    const [people, said] = await Promise.all([allOf(app.store, "person"), saidOf(app.store, app.device, KINDS)]);
    if (this.isClosed) return;
    const roll = app.rolls?.roll ?? null;
    this.trip = roll?.trips.find(({ id }) => id === this.id) ?? null;
    if (this.trip && roll) {
      this.passengers = passengersOf(this.trip, roll.offers, people, app.now());
      this.state = stateOf(this.trip, said);
    }
    this.people = new Map(people.map((person) => [person.id, person]));
    this.draw();
  }

  draw() {
    const { root, trip, passengers, ticked, app } = this;
    one(root, "#board-gone").hidden = trip !== null;
    one(root, "#board-work").hidden = trip === null;
    if (!trip) return;
    const { state, departed, arrived } = this.state;
    one(root, "#headline").textContent = say("board_way", { plate: trip.plate ?? app.unitName(trip.vehicle), to: app.unitName(trip.destination) });
    one(root, "#board-when").textContent = say("board_when", { time: moment(trip.depart_at), from: app.unitName(trip.origin) });
    setMark(one(root, "#board-state"), { planned: "none", departed: "watch", arrived: "go" }[state] ?? "none", say(`board_${state}`)
      + (departed || arrived ? `: ${momentAndAge(/** @type {string} */ (arrived ?? departed), app.now())}` : ""));
    const { missing, notHandedOver } = boarding(passengers, ticked);
    this.list?.set(passengers.map((one) => this.rowOf(one)));
    const isHere = state === "planned";
    show(one(root, "#board-missing"), isHere && missing.length > 0, say("board_missing", { names: named(missing) }));
    show(one(root, "#board-not-handed"), isHere && notHandedOver.length > 0, say("board_not_handed", { names: named(notHandedOver) }));
    one(root, "#board-sure-line").hidden = !isHere || !missing.length;
    one(root, "#board-depart").hidden = !isHere;
    one(root, "#board-depart").disabled = missing.length > 0 && !one(root, "#board-sure").checked;
    one(root, "#board-depart").textContent = missing.length ? say("board_depart_without", { n: missing.length }) : say("board_depart");
    one(root, "#board-arrive").hidden = state !== "departed";
    one(root, "#board-handover").hidden = state !== "arrived";
  }

  /** @param {Passenger} one @returns {import("../ticklist.js").Row} */
  rowOf(one) {
    const isAboard = one.isHeld || this.ticked.has(one.person);
    const base = { id: one.person, label: one.label, place: "", isDone: isAboard };
    if (!one.isListed) return { ...base, shape: "hold", word: say("board_not_listed") };
    if (one.isHeld) return { ...base, shape: "go", word: say("board_taken_over") };
    const sub = one.offer ? say("board_offered") : say("board_no_offer");
    return isAboard ? { ...base, sub, shape: "go", word: say("board_aboard") } : { ...base, sub, shape: "none", word: say("board_not_aboard") };
  }

  /** @param {import("../ticklist.js").Row} row */
  tick({ id }) {
    const { app } = this, one = this.passengers.find(({ person }) => person === id);
    if (this.state.state !== "planned" || one?.isHeld) {
      app.feedback(false);
      app.toast(say(one?.isHeld ? "board_is_taken_over" : "board_list_closed"), "hold");
      return;
    }
    if (!this.ticked.delete(id)) this.ticked.add(id);
    app.feedback(true);
    this.keep().catch((error) => app.refuse(error));
    this.draw();
  }

  async depart() {
    const { app, trip, passengers, ticked } = this;
    if (!trip) return;
    const { toTake, missing } = boarding(passengers, ticked);
    // Only the crew itself takes people over; a dispatcher only says that the vehicle left.
    const isCrew = app.unit?.code === trip.vehicle;
    const answers = isCrew ? takenOver(toTake, trip.vehicle).map((said) => ({ ...said, id: app.id() })) : [];
    await app.say([...answers, tripStep("departed", trip)], { draft: this.draft,
      things: (kept) => isCrew ? toTake.map((one) => this.aboard(one, answers, kept)) : [] });
    await this.read();
    app.feedback(true);
    app.toast(missing.length ? say("board_departed_without", { names: named(missing) }) : say("board_departed_saved"), missing.length ? "hold" : "go");
  }

  /** A passenger as the crew holds them from the answer on. @returns {import("../../store/things.js").Thing} */
  aboard(one, answers, kept) {
    const answer = answers.find(({ body }) => body.handover === one.offer);
    const before = this.people?.get(one.person);
    return { codes: [`person:${one.person}`], told: {}, ...before, id: one.person, type: "person", label: one.label,
      account: /** @type {import("../../core/roll.js").Trip} */ (this.trip).vehicle, holds_by: answer.id, pending: null,
      seq: kept.find(({ id }) => id === answer.id).seq };
  }

  async arrive() {
    const { app, trip } = this;
    if (!trip) return;
    await app.say([tripStep("arrived", trip)]);
    await this.read();
    app.feedback(true);
    app.toast(say("board_arrived_saved"));
  }
}

/** @param {HTMLElement} line @param {boolean} isShown @param {string} text */
function show(line, isShown, text) {
  line.hidden = !isShown;
  const words = /** @type {HTMLElement} */ (line.querySelector("span"));
  if (words.textContent !== text) words.textContent = text;
}

/** @param {Passenger[]} passengers */
function named(passengers) {
  const names = passengers.slice(0, NAMED_MAX).map(({ label, person }) => label || say("list_no_name", { id: person.slice(-6) }));
  const more = passengers.length - names.length;
  return more > 0 ? `${listed(names)} ${say("and_more", { n: more })}` : listed(names);
}
