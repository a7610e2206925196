// @ts-check
/** The device's clock, kept in the store under `clock`; all tabs go by the same one. */

import { clockOf, forgetTurns, freshClock, heardTime, isBreak, look, sameTime, timeAsOf, timeOf } from "../core/clock.js";

const KEY = "clock";
const KEEP_EVERY_MS = 30_000;

/** @returns {import("../core/clock.js").Reading} */
export function reading() {
  return { device_ms: Date.now(), mono_ms: performance.now() };
}

/**
 * Opens the device's clock.
 * @param {import("./db.js").Store} store
 * @param {string|null} device whose entries are made by it
 * @returns {Promise<DeviceClock>}
 */
export async function openClock(store, device) {
  const clock = new DeviceClock(store, device, await store.get(KEY) ?? freshClock());
  clock.now();
  return clock;
}

/** The best known time, for entries and screens, and what a call says of it. */
export class DeviceClock {
  /**
   * @param {import("./db.js").Store} store
   * @param {string|null} device
   * @param {import("../core/clock.js").Clock} clock
   */
  constructor(store, device, clock) {
    this.store = store;
    this.device = device;
    /** Entries from this number on were made without a break in the time. */
    this.steadyFrom = Infinity;
    this.clock = clock;
    /** @type {import("../core/clock.js").Reading|null} */
    this.last = null;
    this.kept_ms = clock.told_ms;
    this.channel = new BroadcastChannel(`${store.name}:clock`);
    // Another tab has seen more: its clock is taken as it is, and looked at from here on.
    this.channel.onmessage = ({ data }) => { this.clock = data; this.last = reading(); };
  }

  /** Milliseconds since 1970; every entry's `at` is made of it. */
  now() {
    return timeOf(this.clock, this.look());
  }

  look() {
    const seen = reading();
    const next = look(this.clock, this.last, seen);
    const isSet = next.ahead_ms !== this.clock.ahead_ms;
    if (isBreak(this.last, seen)) this.begin();
    this.last = seen;
    this.clock = next;
    if (isSet || next.told_ms - this.kept_ms > KEEP_EVERY_MS) this.keep();
    return seen;
  }

  /** The clock may have been set while nobody looked: what was entered before may go by another time. */
  async begin() {
    this.steadyFrom = Infinity;
    if (this.device !== null) this.steadyFrom = (await this.store.span(this.device)).last + 1;
  }

  /** What a shell shows. */
  state() {
    return clockOf(this.clock, this.look());
  }

  /** @template {{seq: number}} T @param {T[]} entries @returns {T[]} */
  together(entries) {
    return sameTime(this.clock, entries);
  }

  /**
   * What a call says of the device's time (pratique/api/clocks.py).
   * @param {number} seq running number of the first entry that it sends
   * @param {number|null} made the highest number given so far; null: not said
   */
  header(seq, made) {
    const seen = this.look();
    return clockHeader(timeAsOf(this.clock, seen, seq), seen.device_ms, made, this.steadyFrom);
  }

  /**
   * A server said the time.
   * @param {{sent: import("../core/clock.js").Reading, server_ms: number, first: number, last: number}} heard
   *   first, last: the running numbers that are kept
   */
  async hear({ sent, server_ms, first, last }) {
    const got = this.look();
    const next = forgetTurns(heardTime(this.clock, { sent, got, server_ms, last }), first);
    if (next === this.clock) return;
    this.clock = next;
    await this.keep();
  }

  /** Not kept, it is learnt again: a store that is full must not stop an entry. */
  async keep() {
    this.kept_ms = this.clock.told_ms;
    this.channel.postMessage(this.clock);
    try {
      await this.store.put(KEY, this.clock);
    } catch (error) {
      console.warn("clock: not kept", error);
    }
  }
}

/**
 * @param {number} timeMs
 * @param {number} deviceMs
 * @param {number|null} made
 * @param {number} [steady]
 */
export function clockHeader(timeMs, deviceMs, made, steady = Infinity) {
  const parts = [`time=${Math.round(timeMs)}`, `clock=${Math.round(deviceMs)}`];
  if (made !== null) parts.push(`made=${made}`);
  if (steady !== Infinity) parts.push(`steady=${steady}`);
  return parts.join(", ");
}
