// @ts-check
/** Tubes into a bag: scanned one by one, the bag's label, its seal, and the count of a second person. */

import * as bags from "../core/bags.js";
import { checkBag, readLabel } from "../core/labels.js";
import { allOf, withIds } from "../store/things.js";
import { rememberTubes } from "../store/tubes.js";
import { drawBag } from "./bag/view.js";
import { fill, one } from "./dom.js";
import { moment, say } from "./words.js";

const DRAFT = "bag";

/** @typedef {import("../store/things.js").Thing} Thing */
/**
 * What is being put together. step: which scan comes next; seen: tubes of the second scan, null
 * before two counts differed; counted: as the second person typed it.
 * @typedef {{step: "tubes"|"bag"|"seal"|"count", chosen: string[], bag: string, seal: string, counted: string,
 *   seen: string[]|null}} Open
 */

/** @returns {Open} */
const empty = () => ({ step: "tubes", chosen: [], bag: "", seal: "", counted: "", seen: null });

/** @param {import("./shell.js").App} app @param {HTMLElement} root */
export async function open(app, root) {
  fill(root, "bag");
  const screen = new Bagging(app, root);
  await screen.begin();
  return screen;
}

export class Bagging {
  /** @param {import("./shell.js").App} app @param {HTMLElement} root */
  constructor(app, root) {
    this.app = app;
    this.root = root;
    this.state = empty();
    /** @type {Thing[]} all tubes that this device knows */
    this.tubes = [];
    /** Scans come faster than the disk: one after the other. @type {Promise<any>} */
    this.turn = Promise.resolve();
    this.redraw = () => { this.turn = this.turn.then(() => this.draw()).catch((error) => app.refuse(error)); };
  }

  get account() { return /** @type {any} */ (this.app.unit)?.code ?? ""; }

  async begin() {
    const { app, root } = this;
    this.state = { ...empty(), ...await app.store.draft(DRAFT) };
    await rememberTubes(app.store, await allOf(app.store, "specimen"));
    for (const [name, step] of [["close", "bag"], ["open", "tubes"], ["skip-seal", "count"], ["rescan", "count"]]) {
      app.wire(one(root, `#bag-${name}`), () => this.inTurn(() => this.go(/** @type {any} */ (step), name === "rescan")));
    }
    app.wire(one(root, "#bag-without"), () => this.inTurn(() => this.leaveOut()));
    this.form("#bag-type", "#bag-label", () => this.label(one(root, "#bag-label").value));
    this.form("#bag-count", "#bag-counted", () => this.count());
    one(root, "#bag-counted").addEventListener("input", (/** @type {any} */ { target }) => {
      this.state.counted = target.value;
      app.store.keepDraft(DRAFT, this.state);
    });
    one(root, "#bag-counted").value = this.state.counted;
    await this.draw();
    app.watchers.add(this.redraw);
  }

  close() { this.app.watchers.delete(this.redraw); }

  /** @param {string} form @param {string} field @param {() => Promise<any>} work */
  form(form, field, work) {
    one(this.root, form).addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      if (one(this.root, field).value.trim()) this.inTurn(work);
    });
  }

  /** @param {import("../core/scans.js").Scan} scan */
  scan(scan) { this.inTurn(() => this.label(scan.text)); }

  /** Does one thing after the other, and shows what was refused. @param {() => Promise<any>} work */
  inTurn(work) {
    this.app.quiet();
    this.turn = this.turn.then(work).catch((error) => this.app.refuse(error));
    return this.turn;
  }

  /** A label was scanned or typed: what it is depends on the step. @param {string} text */
  async label(text) {
    const label = readLabel(text), { step } = this.state;
    if (step === "tubes") await this.tube(label);
    else if (step === "bag") await this.bagLabel(label);
    else if (step === "seal") await this.sealLabel(label);
    else await this.seeAgain(label);
    this.app.feedback(true);
    one(this.root, "#bag-label").value = "";
    await this.keep();
  }

  /** @param {string} label @returns {Promise<Thing|null>} */
  async thing(label) {
    this.tubes = await allOf(this.app.store, "specimen");
    return this.tubes.find((tube) => tube.label === label) ?? null;
  }

  /** @param {string} label */
  async tube(label) {
    const { chosen } = this.state, tube = await this.thing(label);
    const no = bags.checkIntoBag({ label, tube, account: this.account, chosen });
    if (no) throw no;
    this.state.chosen = [...chosen, /** @type {Thing} */ (tube).id];
  }

  /** @param {string} label */
  async bagLabel(label) {
    await this.thing(label);
    const no = checkBag(label, "") ?? bags.checkBagLabel(label, this.tubes);
    if (no) throw no;
    this.state = { ...this.state, bag: label, step: /** @type {const} */ ("seal") };
  }

  /** @param {string} label */
  async sealLabel(label) {
    const no = checkBag(this.state.bag, label) ?? (await this.thing(label) || label === this.state.bag
      ? { code: "bag_seal_other", params: { seal: label } } : null);
    if (no) throw no;
    this.state = { ...this.state, seal: label, step: /** @type {const} */ ("count") };
  }

  /** The second scan names what is missing. @param {string} label */
  async seeAgain(label) {
    const { seen, chosen } = this.state, tube = await this.thing(label);
    if (!seen) throw { code: "bag_count_first" };
    if (!tube || !chosen.includes(tube.id)) throw { code: "bag_not_listed", params: { tube: label } };
    if (!seen.includes(tube.id)) this.state.seen = [...seen, tube.id];
  }

  /** @param {Open["step"]} step @param {boolean} [isRescan] */
  async go(step, isRescan = false) {
    if (step === "bag" && !this.state.chosen.length) throw { code: "bag_empty" };
    this.state = { ...this.state, step, seen: isRescan ? [] : step === "tubes" ? null : this.state.seen };
    await this.keep();
  }

  /** The count of the second person: agrees, and the bag is recorded; differs, and all are scanned again. */
  async count() {
    const counted = Number(this.state.counted);
    if (!Number.isInteger(counted) || counted < 0) throw { code: "bag_count_number" };
    const no = bags.checkCount(counted, this.state.chosen);
    if (no) {
      this.state.seen ??= [];
      await this.keep();
      throw no;
    }
    await this.seal();
  }

  async seal() {
    const { app } = this, { chosen, bag, seal } = this.state;
    const tubes = await withIds(app.store, chosen), at = app.now();
    const gone = tubes.find((tube) => bags.checkIntoBag({ label: tube.label, tube, account: this.account, chosen: [] }));
    if (gone || tubes.length !== chosen.length) throw { code: "bag_tube_moved", params: { tube: gone?.label ?? "" } };
    const body = bags.bagged({ bag, seal, place: this.account, specimens: chosen });
    await app.say([{ kind: "specimens.bagged", body }], { at, draft: DRAFT,
      things: ([{ seq }]) => bags.afterBag(tubes, bag, seq) });
    this.state = empty();
    one(this.root, "#bag-counted").value = "";
    app.feedback(true);
    app.toast(say("bag_saved", { bag, n: tubes.length, time: moment(at) }));
    await this.draw();
  }

  /** The missing tubes stay out of the bag; whoever holds them looks for them. */
  async leaveOut() {
    const seen = this.state.seen ?? [];
    if (!seen.length) throw { code: "bag_empty" };
    this.state = { ...this.state, chosen: this.state.chosen.filter((id) => seen.includes(id)), seen: null, counted: "" };
    one(this.root, "#bag-counted").value = "";
    await this.keep();
  }

  /** Takes a tube into the bag or out of it by thumb. @param {Thing} tube */
  async toggle(tube) {
    const { chosen } = this.state;
    if (!chosen.includes(tube.id)) await this.tube(tube.label);
    else this.state.chosen = chosen.filter((id) => id !== tube.id);
    await this.keep();
  }

  async keep() {
    await this.app.store.keepDraft(DRAFT, this.state);
    await this.draw();
  }

  async draw() {
    this.tubes = await allOf(this.app.store, "specimen");
    drawBag(this);
  }
}
