// @ts-check
/** An offer on the screen: its square codes, who is on it, and the taker's answer when it comes. */

import { framesOf, KIND } from "../../core/frames.js";
import { isOver, backInHand, openOffers, wordsFor } from "../../core/handing.js";
import { makeOffer, readAnswer } from "../../core/handover.js";
import { ownFact, putThings, settleAnswer } from "../../store/handovers.js";
import { keptHalves } from "../../store/halves.js";
import { allOf } from "../../store/things.js";
import { el, mark, one, setMark } from "../dom.js";
import { Gather } from "../gather.js";
import { Run } from "../qr.js";
import { moment, say, sayCount } from "../words.js";
import { countWords } from "./choose.js";
import { signerOf, trustOf } from "./parties.js";

/** @typedef {import("../../store/things.js").Thing} Thing */

export class Showing {
  /** @param {import("../shell.js").App} app @param {HTMLElement} root @param {string} id of the offer */
  constructor(app, root, id) {
    this.app = app;
    this.root = root;
    this.id = id;
    /** @type {Thing[]} what nobody has answered */
    this.things = [];
    /** The offer, parsed; null: another device made it. @type {Record<string, any>|null} */
    this.fact = null;
    this.text = "";
    /** The taker's answer, parsed, once it is kept here. @type {Record<string, any>|null} */
    this.answer = null;
    /** @type {Run|null} */
    this.run = null;
    /** @type {Gather|null} */
    this.gather = null;
    /** What the answer refused, with its names. @type {Thing[]} */
    this.refused = [];
    this.isClosed = false;
    this.redraw = () => { this.draw().catch((error) => app.refuse(error)); };
  }

  async begin() {
    const { app, root } = this;
    app.wire(one(root, "#offer-read"), () => this.listen());
    app.wire(one(root, "#offer-back"), () => this.takeBack());
    await this.read();
    await this.draw();
    if (this.fact && this.things.length && !this.isOver()) await this.play().catch((error) => app.refuse(error));
    app.watchers.add(this.redraw);
  }

  close() {
    this.isClosed = true;
    this.app.watchers.delete(this.redraw);
    this.run?.stop();
    this.gather?.stop();
  }

  async read() {
    const { store, device, unit } = this.app;
    const things = (await Promise.all([allOf(store, "person"), allOf(store, "specimen"), allOf(store, "vehicle")])).flat();
    const offer = openOffers(things, unit?.code ?? "").find(({ id }) => id === this.id);
    this.things = offer?.things ?? [];
    const kept = this.fact || !offer?.seq || !device ? null : await ownFact(store, device, offer.seq);
    if (kept) {
      this.text = kept.text;
      this.fact = JSON.parse(kept.text);
    }
    const halves = await keptHalves(store);
    this.answer = halves.map((half) => JSON.parse(half.fact)).find(({ body }) => body?.handover === this.id) ?? null;
  }

  isOver() { return this.fact !== null && isOver(this.fact.body.expires_at, this.app.now()); }

  async play() {
    const { app } = this;
    const words = await wordsFor(this.id, this.things, crypto.subtle);
    const bytes = await makeOffer({ ...await signerOf(app), fact: this.text, words });
    const texts = await framesOf(KIND.offer, bytes, { CompressionStream });
    this.run = new Run(one(this.root, "#offer-codes"), texts, { name: countWords(this.things) });
    await this.run.start();
  }

  /** The taker's answer, by the camera or by a scanner. */
  async listen() {
    if (this.gather && !this.gather.isOver) return;
    this.run?.stop();
    one(this.root, "#offer-codes").replaceChildren();
    this.gather = new Gather(one(this.root, "#offer-gather"), KIND.answer, {
      onFrame: (isRight) => this.app.feedback(isRight),
      onWhole: (bytes) => { this.take(bytes).catch((error) => this.refuse(error)); } });
    await this.gather.start();
  }

  /** A scanner that types needs no button. @param {import("../../core/scans.js").Scan} scan */
  async scan(scan) {
    if (scan.type !== "frame") { this.app.refuse({ code: "handover_answer_waits" }); return; }
    this.app.quiet();
    this.listen();  // nobody waits for the camera who has a scanner
    await this.gather?.take(scan.text);
  }

  /** What did not hold is said where it was scanned; the offer stays open. @param {any} error */
  refuse(error) {
    this.app.refuse(error);
    one(this.root, "#offer-gather").replaceChildren(mark("stop", say(error.code ?? String(error), error.params)));
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  async take(bytes) {
    const { app } = this;
    const seen = new Set((await keptHalves(app.store)).map(({ id }) => id));
    const read = await readAnswer(bytes, { ...trustOf(app, seen), offers: new Map(this.fact ? [[this.id, this.fact]] : []) });
    const { accepted = [], refused = [] } = read.fact.body;
    const reasons = new Map(refused.map((/** @type {any} */ { subject, reason }) => [subject, reason]));
    const back = this.things.filter(({ id }) => reasons.has(id))
      .map((thing) => ({ ...thing, told: { ...thing.told, refused: reasons.get(thing.id) } }));
    await settleAnswer(app.store, read.half, app.now(), { gone: accepted, things: backInHand(back, this.id) });
    app.feedback(true);
    this.refused = back;
    await this.read();
    await this.draw();
    app.changed();
  }

  /** Nobody has answered: they are ours again. After the deadline the county ends the offer by itself. */
  async takeBack() {
    const { app, things } = this;
    await this.read();
    if (!this.things.length) throw { code: "handover_answered" };
    if (this.isOver()) await putThings(app.store, backInHand(this.things, this.id));
    else {
      const body = { handover: this.id, giver: app.unit?.code, subjects: this.things.map(({ id }) => id),
        reason: say("handover_back_reason") };
      await app.say([{ kind: "custody.withdrawn", body }], { things: ([kept]) => backInHand(this.things, this.id, kept.seq) });
    }
    app.toast(say("handover_back", { what: countWords(things) }));
    app.go("handover");
  }

  async draw() {
    await this.read();
    if (this.isClosed) return;
    const { root, app, fact, things, answer } = this;
    const taker = fact?.body.taker ?? answer?.body.taker;
    const isOpen = things.length > 0 && !answer;
    one(root, "#headline").textContent = answer ? say("handover_done", { n: answer.body.accepted?.length ?? 0,
      of: (answer.body.accepted?.length ?? 0) + (answer.body.refused?.length ?? 0) })
      : things.length ? countWords(things) : say("handover_gone");
    one(root, "#offer-to").textContent = taker ? say("handover_to", { unit: app.unitName(taker) }) : "";
    const [shape, words] = this.state(isOpen);
    setMark(one(root, "#offer-state"), shape, words);
    one(root, "#offer-read").hidden = !isOpen || !fact || this.isOver();
    one(root, "#offer-back").hidden = !isOpen;
    one(root, "#offer-codes").hidden = one(root, "#offer-gather").hidden = !isOpen;
    if (!isOpen) this.run?.stop();
    const refused = answer?.body.refused ?? [];
    const name = (/** @type {string} */ id) => this.refused.find((thing) => thing.id === id)?.label ?? "";
    one(root, "#offer-list").replaceChildren(...isOpen
      ? things.map(({ label }) => el("li", { class: "row" }, el("b", { text: label || say("receive_no_name") })))
      : refused.map((/** @type {any} */ { subject, reason }) => el("li", { class: "row" }, el("b", { text: name(subject) }),
        mark("stop", say("handover_refused", { reason })))));
  }

  /** @param {boolean} isOpen @returns {[string, string]} */
  state(isOpen) {
    const { answer, fact } = this;
    if (answer) {
      const n = answer.body.refused?.length ?? 0;
      return n ? ["hold", sayCount("handover_came_back", n)] : ["go", say("handover_all")];
    }
    if (!isOpen) return ["none", say("handover_over")];
    if (!fact) return ["hold", say("handover_elsewhere_made")];
    const time = moment(fact.body.expires_at);
    return this.isOver() ? ["stop", say("handover_late", { time })] : ["hold", say("handover_waits", { time })];
  }
}
