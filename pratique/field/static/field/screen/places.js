// @ts-check
/** Places: a room or a fit home confirmed before anybody leaves for it, and the room on arrival. */

import { freeRooms, placeConfirmed, promisedRooms, roomGiven } from "../core/places.js";
import { saidOf } from "../store/said.js";
import { allOf } from "../store/things.js";
import { copyOf, el, fill, one } from "./dom.js";
import { TickList } from "./ticklist.js";
import { moment, say } from "./words.js";

const KINDS = ["transfer.place_confirmed"];
const DRAFT = "places";

/** @param {import("./shell.js").App} app @param {HTMLElement} root */
export async function open(app, root) {
  fill(root, "places");
  const places = new Places(app, root);
  places.notes = await app.store.draft(DRAFT) ?? {};
  await places.read();
  const again = () => { places.read().catch((error) => app.refuse(error)); };
  app.watchers.add(again);
  return { scan: (scan) => places.list.scan(scan),
    close: () => { places.isClosed = true; app.watchers.delete(again); } };
}

class Places {
  /** @param {import("./shell.js").App} app @param {HTMLElement} root */
  constructor(app, root) {
    this.app = app;
    this.root = root;
    this.isClosed = false;
    this.isSite = app.unit?.kind === "isolation_site";
    /** @type {Record<string, string>} */
    this.notes = {};
    /** Whose slip was scanned here, known to no roll of this device. @type {Set<string>} */
    this.scanned = new Set();
    /** @type {import("../store/things.js").Thing[]} */
    this.here = [];
    /** @type {import("../core/places.js").Free[]} */
    this.rooms = [];
    one(root, "#headline").textContent = say(this.isSite ? "places_site" : "places_home");
    one(root, "#places-lede").textContent = say(this.isSite ? "places_site_why" : "places_home_why");
    this.list = new TickList(app, one(root, "[data-list]"), { way: "opens", inside: (row) => this.inside(row),
      total: (n, all) => say("places_total", { n, all }), stranger: (scan) => this.stranger(scan) });
  }

  async read() {
    const { app } = this;
    const [people, said] = await Promise.all([allOf(app.store, "person"), saidOf(app.store, app.device, KINDS)]);
    if (this.isClosed) return;
    const awaited = app.rolls?.roll?.awaited ?? [];
    this.here = people.filter(({ account }) => account === app.unit?.code);
    const here = new Map(this.here.map((person) => [person.id, person]));
    this.said = new Map(said.map((fact) => [fact.body.person, fact.body]));
    this.awaited = new Map(awaited.map((one) => [one.person, one]));
    this.promised = promisedRooms(awaited.filter(({ person }) => !here.has(person)), said.filter(({ body }) => !here.has(body.person)));
    this.rooms = freeRooms(app.rolls?.roll?.rooms ?? [], this.here, this.promised);
    const coming = [...new Set([...awaited.map(({ person }) => person), ...this.scanned])].filter((id) => !here.has(id));
    const roomless = this.isSite ? this.here.filter(({ told }) => !told?.room) : [];
    this.list.set([...roomless.map((person) => this.arrivedRow(person)), ...coming.map((id) => this.comingRow(id)),
      ...this.isSite ? this.here.filter(({ told }) => told?.room).map((person) => this.arrivedRow(person)) : []]);
    one(this.root, "#places-free").textContent = this.isSite ? this.freeWords() : "";
  }

  freeWords() {
    const sum = (/** @type {"free"|"beds"|"promised"} */ key) => this.rooms.reduce((n, room) => n + room[key], 0);
    return this.rooms.length ? say("places_free", { free: sum("free"), all: sum("beds"), promised: sum("promised") }) : say("places_no_rooms");
  }

  /** Somebody who is here. @param {import("../store/things.js").Thing} person @returns {import("./ticklist.js").Row} */
  arrivedRow({ id, label, told }) {
    const room = told?.room ?? null, promised = this.placeOf(id)?.room;
    return room ? { id, label, place: room, shape: "go", word: say("places_has_room"), isDone: true }
      : { id, label, place: "", sub: promised ? say("places_was_promised", { room: promised }) : "", shape: "hold", word: say("places_give_room"), isDone: false };
  }

  /** Somebody who may come. @param {string} id @returns {import("./ticklist.js").Row} */
  comingRow(id) {
    const who = this.awaited?.get(id), place = this.placeOf(id);
    const where = who?.at ? say("places_now_at", { unit: this.app.unitName(who.at) }) : "";
    const base = { id, label: who?.name ?? "", place: place?.room ?? "", sub: [where, who?.address].filter(Boolean).join(" · ") };
    if (place && place.home_fit === false) return { ...base, shape: "stop", word: say("places_unfit"), isDone: true };
    if (place) return { ...base, shape: "go", word: say(this.isSite ? "places_promised" : "places_fit"), isDone: true };
    return { ...base, shape: "hold", word: who?.due_at ? say("places_due", { time: moment(who.due_at) }) : say("places_asked"), isDone: false };
  }

  /** The place that this unit has said for somebody: by this device, else by the roll. @param {string} id */
  placeOf(id) {
    const who = this.awaited?.get(id);
    return this.said?.get(id) ?? (who?.place_at ? { room: who.room, home_fit: null } : null);
  }

  /** @param {import("./ticklist.js").Row} row */
  inside({ id }) {
    return this.isSite ? this.insideSite(id) : this.insideHome(id);
  }

  /** @param {string} id */
  insideSite(id) {
    const isHere = this.here.some((person) => person.id === id);
    const root = el("div", { role: "group", "aria-label": say("places_choose") });
    const own = this.placeOf(id)?.room ?? null;
    const open = this.rooms.filter(({ room, free, promised }) => free > 0 && (isHere || free > promised || room === own));
    // A site has more rooms than a screen: floor by floor, the promised room's or the first one open.
    const first = open.find(({ room }) => room === own)?.floor ?? open[0]?.floor;
    for (const floor of new Set(open.map((room) => room.floor))) {
      const rooms = open.filter((room) => room.floor === floor);
      root.append(el("details", { open: floor === first }, el("summary", { text: say("places_floor", { floor, n: rooms.length }) }),
        el("div", { class: "rooms" }, ...rooms.map((room) => this.roomButton(id, room, isHere)))));
    }
    if (!open.length) root.append(el("p", { class: "said is-stop", text: say(this.rooms.length ? "places_full" : "places_no_rooms") }));
    (root.querySelector(`[data-room="${CSS.escape(own ?? "")}"]`) ?? root.querySelector("summary"))?.setAttribute("data-first", "");
    return root;
  }

  /** @param {string} id @param {import("../core/places.js").Free} room @param {boolean} isHere */
  roomButton(id, { room, free, beds, promised }, isHere) {
    const button = el("button", { type: "button", "data-room": room }, el("b", { text: room }),
      el("span", { text: say("places_beds", { free, beds }) }),
      promised ? el("span", { text: say("places_beds_promised", { n: promised }) }) : null);
    this.app.wire(button, () => isHere ? this.give(id, room) : this.confirm(id, { room }));
    return button;
  }

  /** @param {string} id */
  insideHome(id) {
    const form = copyOf("places-home"), who = this.awaited?.get(id);
    one(form, "[data-address]").textContent = who?.address || say("visit_no_address");
    const note = one(form, "[data-note]");
    note.value = this.notes[id] ?? "";
    note.addEventListener("input", () => {
      this.notes[id] = note.value;
      this.app.store.keepDraft(DRAFT, this.notes).catch((error) => this.app.refuse(error));
    });
    const refused = one(form, "[data-said]");
    this.app.wire(one(form, "[data-fit]"), () => this.confirm(id, { fit: true, note: note.value }));
    this.app.wire(one(form, "[data-unfit]"), async () => {
      refused.textContent = note.value.trim() ? "" : say("places_say_why");
      if (note.value.trim()) return this.confirm(id, { fit: false, note: note.value });
      this.app.feedback(false);
      note.focus();
      return null;
    });
    return form;
  }

  /** @param {string} id @param {{room?: string, fit?: boolean, note?: string}} place */
  async confirm(id, place) {
    const { app } = this, next = this.list.nextOpen(id);
    await app.say([placeConfirmed({ person: id, account: app.unit?.code ?? "", ...place })]);
    delete this.notes[id];
    await app.store.keepDraft(DRAFT, Object.keys(this.notes).length ? this.notes : null);
    await this.done(id, next, say(place.fit === false ? "places_unfit_saved" : "places_saved"));
  }

  /** @param {string} id @param {string} room */
  async give(id, room) {
    const { app } = this, next = this.list.nextOpen(id);
    const person = /** @type {import("../store/things.js").Thing} */ (this.here.find((each) => each.id === id));
    await app.say([roomGiven({ person: id, site: app.unit?.code ?? "", room })], {
      things: ([kept]) => [{ ...person, seq: kept.seq, told: { ...person.told, room } }] });
    await this.done(id, next, say("places_given", { name: person.label, room }));
  }

  /** @param {string} id @param {string|null} next @param {string} text */
  async done(id, next, text) {
    this.list.openId = null;
    await this.read();
    this.app.feedback(true);
    this.app.toast(text);
    this.list.show(next ?? id);
  }

  /** A slip tells who it is, though no roll has named them here. @param {import("../core/scans.js").Scan} scan */
  stranger(scan) {
    if (scan.type !== "person" || !scan.id) return false;
    this.scanned.add(scan.id);
    this.app.feedback(true);
    this.read().then(() => this.list.open(scan.id ?? null)).catch((error) => this.app.refuse(error));
    return true;
  }
}
