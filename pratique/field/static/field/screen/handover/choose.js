// @ts-check
/** What goes, and to whom. */

import * as handing from "../../core/handing.js";
import { readLabel } from "../../core/labels.js";
import { allOf, withCode } from "../../store/things.js";
import { el, mark, one } from "../dom.js";
import { say, sayCount } from "../words.js";

const DRAFT = "handover";
const ROWS_MAX = 200;

/** @typedef {import("../../store/things.js").Thing} Thing */

export class Choosing {
  /** @param {import("../shell.js").App} app @param {HTMLElement} root */
  constructor(app, root) {
    this.app = app;
    this.root = root;
    /** @type {{chosen: string[], taker: string}} */
    this.state = { chosen: [], taker: "" };
    /** @type {Thing[]} */
    this.things = [];
    /** Scans come faster than the disk: one after the other. @type {Promise<any>} */
    this.turn = Promise.resolve();
    this.isClosed = false;
    this.redraw = () => { this.turn = this.turn.then(() => this.draw()).catch((error) => app.refuse(error)); };
  }

  get account() { return this.app.unit?.code ?? ""; }

  /** @param {string[]} rest */
  async begin([way, name] = []) {
    const { app, root } = this;
    this.state = { ...this.state, ...await app.store.draft(DRAFT) };
    await this.read();
    if (way) this.state.chosen = this.free().filter((thing) => isOf(thing, way, name)).map(({ id }) => id).slice(0, handing.LINES_MAX);
    one(root, "#handover-taker").addEventListener("change", (/** @type {any} */ { target }) => {
      this.state.taker = target.value;
      this.inTurn(() => this.keep());
    });
    app.wire(one(root, "#handover-offer"), () => this.inTurn(() => this.offer(), true));
    app.wire(one(root, "#handover-none"), () => this.inTurn(() => { this.state.chosen = []; return this.keep(); }));
    await this.draw();
    app.watchers.add(this.redraw);
  }

  close() {
    this.isClosed = true;
    this.app.watchers.delete(this.redraw);
  }

  async read() {
    const { store } = this.app;
    this.things = (await Promise.all([allOf(store, "person"), allOf(store, "specimen"), allOf(store, "vehicle")])).flat();
    const free = new Set(this.free().map(({ id }) => id));
    this.state.chosen = this.state.chosen.filter((id) => free.has(id));
  }

  free() { return this.things.filter((thing) => !handing.checkChoice(thing, this.account, "")); }

  chosen() { return this.things.filter(({ id }) => this.state.chosen.includes(id)); }

  /** @param {() => Promise<any>} work @param {boolean} [isLoud] whether the caller says what was refused */
  inTurn(work, isLoud = false) {
    this.app.quiet();
    const done = this.turn.then(work);
    this.turn = done.catch((error) => { if (!isLoud) this.app.refuse(error); });
    return isLoud ? done : this.turn;
  }

  /** A slip, a document, a plate, a tube or a bag adds what it means. @param {import("../../core/scans.js").Scan} scan */
  scan(scan) { this.inTurn(() => this.add(scan)); }

  /** @param {import("../../core/scans.js").Scan} scan */
  async add(scan) {
    if (scan.type === "frame") { this.app.go("receive"); throw { code: "handover_frame_here" }; }
    const found = await this.meant(scan);
    const free = found.filter((thing) => !handing.checkChoice(thing, this.account, scan.text));
    const no = free.length ? null : handing.checkChoice(found[0], this.account, scan.text);
    if (no) throw no;
    const added = free.filter(({ id }) => !this.state.chosen.includes(id));
    if (this.state.chosen.length + added.length > handing.LINES_MAX) throw { code: "handover_full", params: { most: handing.LINES_MAX } };
    this.state.chosen = [...this.state.chosen, ...added.map(({ id }) => id)];
    this.app.feedback(true);
    await this.keep();
  }

  /** @param {import("../../core/scans.js").Scan} scan @returns {Promise<Thing[]>} */
  async meant(scan) {
    if (scan.type === "person" || scan.type === "document") return withCode(this.app.store, scan.code);
    const label = readLabel(scan.text);
    const inBag = this.things.filter((thing) => handing.bagOf(thing) === label);
    if (inBag.length) return inBag;
    const found = await withCode(this.app.store, scan.type === "plate" ? scan.code : `tube:${label}`);
    const [vehicle] = found;
    const people = vehicle?.type === "vehicle" ? this.things.filter(({ told }) => told?.vehicle === vehicle.id) : [];
    return people.length ? people : found;
  }

  /** @param {string[]} ids */
  async toggle(ids) {
    const { chosen } = this.state, areIn = ids.every((id) => chosen.includes(id));
    const others = chosen.filter((id) => !ids.includes(id));
    if (!areIn && others.length + ids.length > handing.LINES_MAX) throw { code: "handover_full", params: { most: handing.LINES_MAX } };
    this.state.chosen = areIn ? others : [...others, ...ids];
    await this.keep();
  }

  async keep() {
    await this.app.store.keepDraft(DRAFT, this.state);
    await this.draw();
  }

  async offer() {
    const { app, account } = this, things = this.chosen(), taker = one(this.root, "#handover-taker").value;
    if (!things.length) throw { code: "handover_empty" };
    if (!taker) throw { code: "handover_no_taker" };
    const id = app.id(), now = app.now();
    const body = handing.offered({ giver: account, taker, things, now, trip: this.trip(taker, things) });
    await app.say([{ id, kind: "custody.offered", body }], { at: now, draft: DRAFT,
      things: ([kept]) => handing.afterOffer(things, kept) });
    app.feedback(true);
    app.go(`handover/offer/${id}`);
  }

  /** The planned trip of that crew which these people are on; null: none, or more than one. @param {string} taker @param {Thing[]} things */
  trip(taker, things) {
    const ids = new Set(things.map(({ id }) => id));
    const trips = (this.app.rolls?.roll?.trips ?? []).filter((trip) => trip.vehicle === taker && trip.state === "planned"
      && trip.passengers.some(({ person }) => ids.has(person)));
    return trips.length === 1 ? trips[0].id : null;
  }

  async draw() {
    await this.read();
    if (this.isClosed) return;
    const { root, app } = this, chosen = this.chosen(), free = this.free();
    one(root, "#headline").textContent = countWords(chosen) || say("handover_nothing");
    one(root, "#handover-offer").disabled = !chosen.length;
    one(root, "#handover-none").hidden = !chosen.length;
    one(root, "#handover-empty").hidden = free.length > 0;
    this.drawTakers(chosen);
    drawRows(this, groupsOf(free, (vehicle) => this.things.find(({ id }) => id === vehicle)?.label ?? ""));
    const offers = handing.openOffers(this.things, this.account);
    one(root, "#handover-open").hidden = !offers.length;
    one(root, "#handover-open-list").replaceChildren(...offers.map(({ id, things }) => el("li", {},
      el("a", { class: "tile", href: `#/handover/offer/${id}` }, el("b", { text: countWords(things) }),
        el("span", { class: "soft small", text: things.slice(0, 4).map(({ label }) => label).join(" · ") })))));
  }

  /** @param {Thing[]} chosen */
  drawTakers(chosen) {
    const { app, root, state } = this, select = one(root, "#handover-taker");
    const takers = handing.takersFor(chosen, app.knowledge.accounts, app.unit?.kind ?? "");
    const known = takers.some(({ unit }) => unit.code === state.taker);
    const value = known ? state.taker : takers.find(({ isSuggested }) => isSuggested)?.unit.code ?? "";
    select.replaceChildren(el("option", { value: "", text: say("handover_choose_taker") }),
      ...takers.map(({ unit, isSuggested }) => el("option", { value: unit.code,
        text: isSuggested ? say("handover_suggested", { unit: app.unitName(unit.code) }) : app.unitName(unit.code) })));
    select.value = value;
  }
}

/** @param {Thing} thing @param {string} way @param {string} name */
function isOf(thing, way, name) {
  if (way === "vehicle") return thing.type === "person" && thing.told?.vehicle === name;
  if (way === "to") return thing.type === "person" && thing.told?.destination === name;
  return way === "bag" ? handing.bagOf(thing) === name : way === "thing" && thing.id === name;
}

/** "4 people · 10 tubes"; empty for nothing. @param {{type: Thing["type"]|null}[]} things */
export function countWords(things) {
  const { people, tubes, vehicles } = handing.countsOf(things);
  return [people && sayCount("handover_people", people), tubes && sayCount("handover_tubes", tubes),
    vehicles && sayCount("handover_vehicles", vehicles)].filter(Boolean).join(" · ");
}

/**
 * Bags and vehicles as one row each, with what is in them below.
 * @param {Thing[]} free @param {(vehicle: string) => string} plateOf
 * @returns {{title: string, things: Thing[]}[]}
 */
function groupsOf(free, plateOf) {
  /** @type {Map<string, {title: string, things: Thing[]}>} */
  const groups = new Map();
  for (const thing of free) {
    const bag = thing.type === "specimen" ? handing.bagOf(thing) : null;
    const vehicle = thing.type === "person" ? thing.told?.vehicle : null;
    const title = bag ? say("handover_bag", { bag }) : vehicle ? say("handover_vehicle", { plate: thing.told?.plate ?? plateOf(vehicle) })
      : say(`handover_other_${thing.type}`);
    const group = groups.get(`${bag}|${vehicle}|${title}`) ?? { title, things: [] };
    group.things.push(thing);
    groups.set(`${bag}|${vehicle}|${title}`, group);
  }
  return [...groups.values()];
}

/** @param {Choosing} screen @param {ReturnType<typeof groupsOf>} groups */
function drawRows(screen, groups) {
  const { root, state, app } = screen;
  let room = ROWS_MAX;
  const list = one(root, "#handover-list"), focused = document.activeElement;
  const kept = focused instanceof HTMLElement && list.contains(focused) ? focused.dataset.key : null;
  const row = (/** @type {string} */ key, /** @type {string[]} */ ids, /** @type {string} */ text, /** @type {string} */ beside) => {
    const isIn = ids.every((id) => state.chosen.includes(id));
    const made = el("button", { type: "button", class: "row", "aria-pressed": String(isIn), "data-key": key },
      el("b", { text }), beside ? el("span", { class: "soft small", text: beside }) : null,
      mark(isIn ? "go" : "none", say(isIn ? "handover_goes" : "handover_stays")));
    app.wire(made, () => screen.inTurn(() => screen.toggle(ids)));
    return made;
  };
  list.replaceChildren(...groups.map(({ title, things }) => {
    const shown = things.slice(0, Math.max(0, room));
    room -= shown.length;
    const whole = row(title, things.map(({ id }) => id), title, countWords(things));
    const single = things.length > 1 ? el("details", { open: things.some(({ id }) => state.chosen.includes(id))
      && !things.every(({ id }) => state.chosen.includes(id)) }, el("summary", { text: say("handover_single") }),
      ...shown.map(({ id, label }) => row(id, [id], label || say("receive_no_name"), ""))) : null;
    return el("li", {}, whole, single);
  }));
  if (kept) list.querySelector(`[data-key="${CSS.escape(kept)}"]`)?.focus();
}
