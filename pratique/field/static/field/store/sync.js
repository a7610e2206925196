// @ts-check
/**
 * Runs the outbox: one sender of all tabs, one machine a lane, their effects with fetch and timers.
 *
 * It goes on by its own timers. That the network is back is learnt by trying: browsers say so late
 * or never, and Background Sync is not everywhere.
 */

import { step, summary } from "../core/outbox.js";
import { sendFacts } from "./call.js";
import { clockHeader, reading } from "./clock.js";

const ADDRESS = "/api/v1/facts";
const TOKEN_MS_MAX = 30_000;

/**
 * @typedef {object} Options
 * @property {import("./db.js").Store} store
 * @property {string} device whose facts this device makes
 * @property {(isRefused: boolean) => Promise<string|null>} token the device's token; isRefused: the
 *   last one was refused, bring another
 * @property {string} [language] of the receipts' sentences
 * @property {string} [address]
 * @property {number} [callMsMax]
 * @property {import("./clock.js").DeviceClock|null} [clock] by which the entries are made; null: by
 *   the device's own, as it is
 * @property {(shown: Shown) => void} [onShow]
 */
/** @typedef {{isSender: boolean, lanes: import("../core/outbox.js").Summary[]}} Shown */

/** The runner of this tab. Call `start`; it sends as soon as no other tab does. */
export class Sync {
  /** @param {Options} options */
  constructor({ store, device, token, language = "en", address = ADDRESS, callMsMax, clock = null, onShow = () => {} }) {
    Object.assign(this, { store, device, token, language, address, callMsMax, clock, onShow });
    /** @type {Map<string, Lane>} */
    this.lanes = new Map();
    this.isSender = false;
    this.stopped = new AbortController();
    this.channel = null;
    /** @type {string|null} */
    this.shownToken = null;
  }

  /** Waits for its turn among the tabs, then sends until `stop`. Resolves when it is over. */
  async start() {
    this.channel = new BroadcastChannel(this.store.name);
    this.channel.onmessage = ({ data }) => this.hear(data);
    const { signal } = this.stopped;
    try {
      await navigator.locks.request(`${this.store.name}:sender`, { signal }, () => this.send());
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async send() {
    this.isSender = true;
    await this.openLane(this.device, true);
    for (const device of await this.store.carried()) await this.openLane(device, false);
    await new Promise((resolve) => {
      if (this.stopped.signal.aborted) resolve(undefined);
      this.stopped.signal.addEventListener("abort", resolve, { once: true });
    });
    await Promise.all([...this.lanes.values()].map((lane) => lane.quiet()));
    this.isSender = false;
  }

  /** Ends timers and calls, and gives the turn to another tab. */
  stop() {
    this.stopped.abort();
    this.channel?.close();
  }

  /** Somebody wants it now; in another tab's turn that one is asked. */
  sendNow() {
    if (this.isSender) this.each({ type: "asked" });
    else this.store.tell({ type: "asked" });
  }

  async openLane(device, isOwn) {
    if (this.lanes.has(device)) return;
    const lane = new Lane(this, await this.store.lane(device, isOwn));
    this.lanes.set(device, lane);
    await lane.dispatch({ type: "opened", ...await this.store.span(device) });
  }

  each(event) {
    for (const lane of this.lanes.values()) lane.dispatch(event);
  }

  async hear(message) {
    if (message.type === "shown" && !this.isSender) this.onShow({ isSender: false, lanes: message.lanes });
    if (!this.isSender) return;
    if (message.type === "asked") this.each({ type: "asked" });
    if (message.type !== "saved" || message.first === undefined) return;
    const lane = this.lanes.get(message.device);
    if (lane) lane.dispatch({ type: "saved", first: message.first, last: message.last });
    else await this.openLane(message.device, message.device === this.device);
  }

  show() {
    const lanes = [...this.lanes.values()].map((lane) => summary(lane.state));
    this.onShow({ isSender: this.isSender, lanes });
    if (!this.stopped.signal.aborted) this.store.tell({ type: "shown", lanes });
  }

  /** @param {boolean} isRefused */
  async freshToken(isRefused) {
    const late = new Promise((resolve) => setTimeout(resolve, TOKEN_MS_MAX, null));
    this.shownToken = await Promise.race([this.token(isRefused), late]).catch(() => null);
    return this.shownToken;
  }
}

/** One lane's machine and its effects; events are worked on one after another. */
class Lane {
  /**
   * @param {Sync} sync
   * @param {import("../core/outbox.js").State} state
   */
  constructor(sync, state) {
    this.sync = sync;
    this.state = state;
    this.timer = 0;
    this.queue = Promise.resolve();
  }

  /** @param {Record<string, any>} event */
  dispatch(event) {
    this.queue = this.queue.then(() => this.work(event)).catch((error) => {
      console.error("outbox", error);
    });
    return this.queue;
  }

  quiet() {
    clearTimeout(this.timer);
    return this.queue;
  }

  async work(event) {
    if (this.sync.stopped.signal.aborted) return;
    if (event.type === "tick") await this.catchUp();  // it may leave nothing for the tick to do
    const moment = { now: performance.now(), random: Math.random() };
    const { state, effects } = step(this.state, /** @type {any} */ ({ ...event, ...moment }));
    this.state = state;
    await this.keep(event, effects);
    for (const effect of effects) this.run(effect);
    if (event.type === "answered" && state.is_own) this.tellEpoch();
  }

  /** What another tab saved without being heard here. */
  async catchUp() {
    const { last } = await this.sync.store.span(this.state.device);
    if (last > this.state.last) await this.work({ type: "saved", first: this.state.last + 1, last });
  }

  /** A store that is full must not stop the sending: what is not kept is sent twice, no more. */
  async keep(event, effects) {
    const receipts = effects.flatMap((effect) => effect.type === "mark" ? effect.receipts : []);
    const through = Math.max(0, ...effects.map((effect) => effect.type === "drop" ? effect.through : 0));
    if (event.type !== "answered" && !receipts.length) return;
    try {
      await this.sync.store.settle(this.state, receipts, through);
    } catch (error) {
      console.warn("outbox: an answer could not be kept", error);
    }
  }

  run(effect) {
    if (effect.type === "wait") {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.dispatch({ type: "tick" }), effect.ms);
    } else if (effect.type === "send") {
      clearTimeout(this.timer);
      this.call(effect);
    } else if (effect.type === "get_token") {
      this.sync.freshToken(true).then((token) => this.dispatch({ type: "token", ok: token !== null }));
    } else if (effect.type === "show") {
      this.sync.show();
    }
  }

  async call({ number, from_seq: from, most, bytes }) {
    const { store, address, language, stopped, callMsMax, clock: own } = this.sync;
    const { device, is_own: isOwn } = this.state;
    try {
      const kept = most ? await store.batch(device, from, most, bytes) : [];
      const facts = own && isOwn ? own.together(kept) : kept;
      if (most && !facts.length) {
        this.dispatch({ type: "opened", ...await store.span(device), last: from - 1 });
        return;
      }
      const token = this.sync.shownToken ?? await this.sync.freshToken(false);
      const { first, last } = await store.span(device);
      const made = isOwn ? last : null, sent = reading();
      const clock = own?.header(isOwn ? facts[0]?.seq ?? last + 1 : Infinity, made)
        ?? clockHeader(sent.device_ms, sent.device_ms, made);
      const event = await sendFacts({ address, token, language, number, facts, clock, signal: stopped.signal, callMsMax });
      if (isOwn) await this.hearTime(event, sent, first);
      this.dispatch(event);
    } catch (error) {
      console.error("outbox", error);
      this.dispatch({ type: "failed", number, kind: "store", sent: [] });
    }
  }

  /** What was entered up to now goes by the time known before; a slow store costs no answer. */
  async hearTime(event, sent, first) {
    if (!this.sync.clock || event.type !== "answered" || event.heard_ms === null) return;
    const { last } = await this.sync.store.span(this.state.device);
    await this.sync.clock.hear({ sent, server_ms: event.heard_ms, first, last });
  }

  /** Carried lanes hear of a restore by the own lane: the watermark speaks of that one alone. */
  tellEpoch() {
    for (const lane of this.sync.lanes.values()) {
      if (lane !== this) lane.dispatch({ type: "heard_epoch", epoch: this.state.epoch });
    }
  }
}
