// @ts-check
/** Swabs: scan the person, scan the tube, the next person; nothing is tapped in between. */

import * as swabs from "../core/sampling.js";
import { readLabel } from "../core/labels.js";
import { allOf, withCode, withIds } from "../store/things.js";
import { rememberTube, rememberTubes, useOf } from "../store/tubes.js";
import { fill, one } from "./dom.js";
import { Done } from "./sample/done.js";
import { drawList, drawPerson, lastSigns, nameOf } from "./sample/view.js";
import { moment, say, sayCount } from "./words.js";

const DRAFT = "sample";

/** @typedef {import("../store/things.js").Thing} Thing */
/**
 * Whom the next tube is for. thing: null where this device does not hold the person.
 * @typedef {{id: string, thing: Thing|null, purpose: string, isOwed: boolean}} Chosen
 */

/** @param {import("./shell.js").App} app @param {HTMLElement} root @param {string[]} rest a vehicle's id */
export async function open(app, root, rest) {
  fill(root, "sample");
  const screen = new Sampling(app, root, rest[0] || null);
  await screen.begin();
  return screen;
}

class Sampling {
  /** @param {import("./shell.js").App} app @param {HTMLElement} root @param {string|null} vehicle */
  constructor(app, root, vehicle) {
    this.app = app;
    this.root = root;
    this.vehicle = vehicle;
    /** @type {Chosen|null} */
    this.chosen = null;
    /** @type {Thing|null} who was sampled just now and is asked for again */
    this.again = null;
    /** Scans come faster than the disk: one after the other. @type {Promise<any>} */
    this.turn = Promise.resolve();
    this.done = new Done(this);
    this.redraw = () => { this.turn = this.turn.then(() => this.drawRows()).catch((error) => app.refuse(error)); };
  }

  async begin() {
    const { app, root } = this;
    await rememberTubes(app.store, await allOf(app.store, "specimen"));
    const form = one(root, "#sample-type"), field = one(root, "#sample-tube");
    form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      if (field.value.trim()) this.inTurn(() => this.tube(field.value));
    });
    field.addEventListener("input", () => this.keep());
    app.wire(one(root, "#sample-cancel"), async () => this.choose(null));
    app.wire(one(root, "#sample-again"), async () => this.again && this.choose(this.again));
    one(root, "#sample-choose").addEventListener("change", (/** @type {any} */ { target }) => {
      if (this.chosen) this.chosen.purpose = target.value;
      this.keep();
    });
    const draft = await app.store.draft(DRAFT);
    if (draft?.id) {
      const [thing = null] = await withIds(app.store, [draft.id]);
      await this.choose(thing ?? draft.id, draft.purpose);
      field.value = draft.tube ?? "";
    }
    await this.draw();
    app.watchers.add(this.redraw);
  }

  close() { this.app.watchers.delete(this.redraw); }

  /** @param {import("../core/scans.js").Scan} scan */
  scan(scan) {
    this.inTurn(() => this.heard(scan));
  }

  /** Does one thing after the other, and shows what was refused. @param {() => Promise<any>} work */
  inTurn(work) {
    this.app.quiet();
    this.turn = this.turn.then(work).catch((error) => this.app.refuse(error));
    return this.turn;
  }

  /** @param {import("../core/scans.js").Scan} scan */
  async heard(scan) {
    if (scan.type === "tube") return this.tube(scan.text);
    if (scan.type === "person" || scan.type === "document") return this.person(scan);
    if (scan.type === "plate") {
      const [vehicle] = await withCode(this.app.store, scan.code);
      if (vehicle) return this.app.go(`sample/${vehicle.id}`);
    }
    throw { code: "scan_unknown", params: { text: scan.text } };
  }

  /** @param {import("../core/scans.js").Scan} scan */
  async person(scan) {
    const found = (await withCode(this.app.store, scan.code)).filter(({ type }) => type === "person");
    if (found.length > 1) throw { code: "sample_person_several" };
    if (!found.length && !scan.id) throw { code: "sample_person_unknown" };
    const thing = found[0] ?? null;
    if (thing && swabs.isJustSampled(thing, this.app.now()) && !swabs.owedBy(thing, this.app.now())) {
      await this.choose(null);
      this.again = thing;
      one(this.root, "#sample-again").hidden = false;
      throw { code: "sample_just_now", params: { name: nameOf(thing), at: moment(swabs.sampledAt(thing) ?? 0) } };
    }
    await this.choose(thing ?? /** @type {string} */ (scan.id));
    this.app.feedback(true);
  }

  /**
   * The person for the next tube; null: nobody.
   * @param {Thing|string|null} who a thing, or the id of somebody whom this device does not hold
   * @param {string} [purpose]
   */
  async choose(who, purpose) {
    this.again = null;
    if (who === null) this.chosen = null;
    else {
      const thing = typeof who === "string" ? null : who;
      const owed = thing && swabs.owedBy(thing, this.app.now());
      this.chosen = { id: thing?.id ?? /** @type {string} */ (who), thing, isOwed: Boolean(owed),
        purpose: purpose ?? owed?.purpose ?? this.usual() };
    }
    one(this.root, "#sample-tube").value = "";
    await this.keep();
    drawPerson(this);
  }

  /** What a swab is for where nobody knows: at a gate a person just arrived. */
  usual() {
    return this.app.unit?.kind === "checkpoint" ? "landing" : "screening";
  }

  /** What would be lost by a dying browser. */
  keep() {
    const { chosen } = this;
    return this.app.store.keepDraft(DRAFT, chosen && {
      id: chosen.id, purpose: chosen.purpose, tube: one(this.root, "#sample-tube").value });
  }

  /** A tube was scanned or typed. @param {string} text */
  async tube(text) {
    const { app, chosen } = this, tube = readLabel(text);
    if (!chosen) throw { code: "sample_person_first" };
    const tubes = await allOf(app.store, "specimen");
    const bags = new Set(tubes.map(({ told }) => told?.bag).filter(Boolean));
    const no = swabs.checkUse({ tube, person: chosen.id, use: await useOf(app.store, tube), bags });
    if (no) throw no;
    const at = app.now(), specimen = app.id();
    const [thing = chosen.thing] = await withIds(app.store, [chosen.id]);
    const body = swabs.collected({ specimen, tube, person: chosen.id, purpose: chosen.purpose,
      place: /** @type {any} */ (app.unit).code });
    const name = nameOf(thing), last = lastSigns(thing);
    const kept = await app.say([{ kind: "specimens.collected", body }], { at, draft: DRAFT,
      things: ([kept]) => swabs.afterSwab({ body, person: thing, name, last, at }, kept) });
    await rememberTube(app.store, tube, { person: chosen.id, at });
    this.chosen = null;
    one(this.root, "#sample-tube").value = "";
    app.feedback(true);
    this.done.show(specimen, say("sample_saved", { name, tube, time: moment(at) }), kept);
    await this.draw();
  }

  async draw() {
    drawPerson(this);
    await this.drawRows();
  }

  /** The counts and the list. */
  async drawRows() {
    const { app, root, vehicle } = this;
    const people = (await allOf(app.store, "person")).filter(({ told }) => !vehicle || told?.vehicle === vehicle);
    const rows = swabs.rowsOf(people, app.now());
    const owing = rows.filter(({ owed }) => owed);
    one(root, "#headline").textContent = vehicle
      ? say("sample_count", { n: rows.length - owing.length, m: rows.length }) : sayCount("sample_owed", owing.length);
    if (vehicle) await this.drawCar(vehicle);
    drawList(this, vehicle ? rows : owing);
  }

  /** @param {string} vehicle */
  async drawCar(vehicle) {
    const [car] = await withIds(this.app.store, [vehicle]);
    const line = one(this.root, "#sample-car");
    line.hidden = false;
    one(line, "span").textContent = car ? say("sample_car", { plate: car.label }) : "";
  }
}
