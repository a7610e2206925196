// @ts-check
/**
 * Receiving: offers that wait for this unit (by the roll), an offer read from square codes, its lines
 * ticked or refused one by one, the answer, and the answer's own square codes (`#/receive/answer/<seq>`).
 */

import { KIND } from "../core/frames.js";
import * as handing from "../core/handing.js";
import { readOffer } from "../core/handover.js";
import { keepHalf } from "../store/halves.js";
import { answeredHere } from "../store/handovers.js";
import { withIds } from "../store/things.js";
import { fill, mark, one } from "./dom.js";
import { Gather } from "./gather.js";
import { trustOf } from "./handover/parties.js";
import { Answer } from "./receive/answer.js";
import { drawReceive } from "./receive/view.js";
import { say } from "./words.js";

const DRAFT = "receive";

/** @typedef {handing.Choice & {offer: handing.Offer|null, counted: string}} Open what is being answered */

/** @returns {Open} */
const empty = () => ({ offer: null, accepted: [], refused: {}, counted: "" });

/** @param {import("./shell.js").App} app @param {HTMLElement} root @param {string[]} rest */
export async function open(app, root, [way, seq]) {
  const isAnswer = way === "answer" && Boolean(seq);
  fill(root, isAnswer ? "receive-answer" : "receive");
  const screen = isAnswer ? new Answer(app, root, Number(seq)) : new Receiving(app, root);
  await screen.begin();
  return screen;
}

export class Receiving {
  /** @param {import("./shell.js").App} app @param {HTMLElement} root */
  constructor(app, root) {
    this.app = app;
    this.root = root;
    this.state = empty();
    /** @type {Set<string>} hand-overs that were answered here */
    this.done = new Set();
    /** @type {Gather|null} */
    this.gather = null;
    this.isClosed = false;
    /** Scans come faster than the disk: one after the other. @type {Promise<any>} */
    this.turn = Promise.resolve();
    this.redraw = () => { this.turn = this.turn.then(() => this.draw()).catch((error) => app.refuse(error)); };
  }

  get account() { return this.app.unit?.code ?? ""; }

  async begin() {
    const { app, root } = this;
    this.state = { ...empty(), ...await app.store.draft(DRAFT) };
    app.wire(one(root, "#receive-read"), () => this.listen());
    app.wire(one(root, "#receive-all"), () => this.inTurn(() => this.tickAll()));
    app.wire(one(root, "#receive-later"), () => this.inTurn(() => this.set(empty())));
    app.wire(one(root, "#receive-save"), () => this.inTurn(() => this.answer(), true));
    one(root, "#receive-counted").addEventListener("input", (/** @type {any} */ { target }) => {
      this.state.counted = target.value;
      app.store.keepDraft(DRAFT, this.state);
    });
    await this.draw();
    one(root, "#receive-counted").value = this.state.counted;
    app.watchers.add(this.redraw);
  }

  close() {
    this.isClosed = true;
    this.app.watchers.delete(this.redraw);
    this.gather?.stop();
  }

  /** @param {() => Promise<any>} work @param {boolean} [isLoud] whether the caller says what was refused */
  inTurn(work, isLoud = false) {
    this.app.quiet();
    const done = this.turn.then(work);
    this.turn = done.catch((error) => { if (!isLoud) this.app.refuse(error); });
    return isLoud ? done : this.turn;
  }

  /** @param {import("../core/scans.js").Scan} scan */
  scan(scan) {
    if (scan.type === "frame") this.frame(scan.text);
    else this.inTurn(() => this.tick(scan));
  }

  /** @param {string} text */
  async frame(text) {
    this.app.quiet();
    this.listen();  // nobody waits for the camera who has a scanner
    await this.gather?.take(text);
  }

  /** The giver's codes, by the camera or by a scanner that types. */
  async listen() {
    if (this.gather && !this.gather.isOver) return;
    this.gather = new Gather(one(this.root, "#receive-gather"), KIND.offer, {
      onFrame: (isRight) => this.app.feedback(isRight),
      onWhole: (bytes) => { this.inTurn(() => this.take(bytes), true).catch((error) => this.refuse(error)); } });
    await this.gather.start();
  }

  /** What does not hold is said where it was scanned; nothing was taken over. @param {any} error */
  refuse(error) {
    this.app.refuse(error);
    one(this.root, "#receive-gather").replaceChildren(mark("stop", say(error.code ?? String(error), error.params)));
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  async take(bytes) {
    const { app } = this;
    const read = await readOffer(bytes, { ...trustOf(app, await answeredHere(app.store)),
      unit: this.account, now: app.now() });
    const offer = handing.offerRead(read);
    await this.checkHeld(offer);
    // Kept before it is answered: whoever meets a network first hands up both sides.
    await keepHalf(app.store, read.half, app.now());
    await this.begun(offer);
  }

  /** Another device of this unit took it over already, as the roll has told. @param {handing.Offer} offer */
  async checkHeld({ lines }) {
    const held = (await withIds(this.app.store, lines.map(({ subject }) => subject)))
      .filter(({ account }) => account === this.account);
    if (held.length) throw { code: "receive_held", params: { what: held[0].label } };
  }

  /** @param {handing.Offer} offer */
  async begun(offer) {
    one(this.root, "#receive-gather").replaceChildren();
    await this.set(this.state.offer?.id === offer.id ? this.state : { ...empty(), offer });
  }

  /** @param {Open} state */
  async set(state) {
    this.state = state;
    await this.app.store.keepDraft(DRAFT, state.offer ? state : null);
    await this.draw();
  }

  /** @param {import("../core/scans.js").Scan} scan */
  async tick(scan) {
    const { offer } = this.state;
    if (!offer) throw { code: "receive_nothing_open" };
    const meant = await handing.linesMeant(offer, scan, crypto.subtle);
    if (!meant.length) throw { code: "receive_not_on_it", params: { what: scan.text } };
    if (meant.every(({ subject }) => this.state.accepted.includes(subject))) {
      throw { code: "receive_twice", params: { what: meant[0].label } };
    }
    await this.accept(meant);
    this.app.feedback(true);
  }

  tickAll() {
    const { offer, refused } = this.state;
    return this.accept((offer?.lines ?? []).filter(({ subject }) => !refused[subject]));
  }

  /** @param {handing.Line[]} lines */
  accept(lines) {
    const ids = lines.map(({ subject }) => subject);
    const refused = Object.fromEntries(Object.entries(this.state.refused).filter(([id]) => !ids.includes(id)));
    return this.set({ ...this.state, refused, accepted: [...new Set([...this.state.accepted, ...ids])] });
  }

  /** By thumb. @param {handing.Line} line */
  toggle(line) {
    const { accepted } = this.state;
    if (!accepted.includes(line.subject)) return this.accept([line]);
    return this.set({ ...this.state, accepted: accepted.filter((id) => id !== line.subject) });
  }

  /** A reason refuses the line; none takes that back. @param {handing.Line} line @param {string} reason */
  refuseLine({ subject }, reason) {
    const { [subject]: _, ...others } = this.state.refused;
    return this.set({ ...this.state, refused: reason ? { ...others, [subject]: reason } : others,
      accepted: this.state.accepted.filter((id) => id !== subject) });
  }

  async answer() {
    const { app, account, state } = this, { offer, counted } = state;
    if (!offer) throw { code: "receive_nothing_open" };
    const open = handing.undecided(offer, state);
    if (open.length) throw { code: "receive_undecided", params: { n: open.length, what: open[0].label } };
    if ((await answeredHere(app.store)).has(offer.id)) throw { code: "handover_seen" };
    if (handing.isOver(offer.expires_at, app.now())) throw { code: "handover_expired" };
    const said = [{ kind: "custody.answered", body: handing.answered(offer, account, state) }];
    const heads = counted.trim() && offer.trip ? [{ kind: "custody.head_counted",
      body: { account, subject_kind: "person", counted: headsOf(counted), source: "passenger_list" } }] : [];
    const [kept] = await app.say([...said, ...heads], { draft: DRAFT,
      things: ([first]) => handing.afterAnswer(offer, state.accepted, account, first) });
    this.state = empty();
    app.feedback(true);
    app.go(`receive/answer/${kept.seq}`);
  }

  async draw() {
    this.done = await answeredHere(this.app.store);
    if (!this.isClosed) drawReceive(this);
  }
}

/** @param {string} text */
function headsOf(text) {
  const counted = Number(text);
  if (!Number.isInteger(counted) || counted < 0) throw { code: "receive_count_number" };
  return counted;
}
