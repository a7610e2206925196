// @ts-check
/**
 * The outbox: which facts go up when, and what may be forgotten. No clock, no I/O, no chance but
 * what an event brings: `step(state, event)` answers the new state and what is to be done.
 *
 * One machine a lane. The own lane holds this device's facts; a carried lane holds those of a
 * device that handed its outbox over. Facts are known by their running number.
 *
 * A state is plain JSON. Whoever runs it stores it together with what `mark` and `drop` say, and
 * begins each session with `opened`; a step that was never stored costs a duplicate, no fact.
 */

import { backOff, jittered, LIMITS, narrow, widen } from "./pace.js";
import { learn, rewind } from "./watermark.js";

/** @typedef {{number: number, from: number, kind: "facts"|"aside"|"hello"}} Flight */
/** @typedef {{through: number, at: number}} Rung what became durable by when (counted time) */
/**
 * @typedef {object} State
 * @property {string} device whose facts these are
 * @property {boolean} is_own whether the server's watermark speaks of this lane
 * @property {number} first lowest running number kept
 * @property {number} last highest running number saved; first > last: nothing is kept
 * @property {number} answered_through all up to it have a receipt of this epoch, but `set_aside`
 * @property {number[]} set_aside facts that the server could not take, tried again now and then
 * @property {string|null} epoch
 * @property {number} heard_through
 * @property {number} durable_through
 * @property {number|null} server_ms the server's time when it last answered
 * @property {number} counted_ms how long this epoch has been heard, by the server's time
 * @property {Rung[]} ladder
 * @property {"idle"|"sending"|"token"|"waiting"} phase
 * @property {"rest"|"trouble"|"busy"|null} waits_for
 * @property {string|null} trouble the last failure's kind; null after an answer
 * @property {number} due when the wait is over (the runner's monotonic time)
 * @property {number} wait_ms
 * @property {Flight|null} flight
 * @property {number} number of the last flight
 * @property {number} most facts in the next call
 * @property {number} bytes in the next call
 * @property {number} good calls in a row since it got smaller
 * @property {number} failures one after another
 * @property {number|null} probing a fact stepped over, to learn whether it or the server is ill
 * @property {boolean} token_is_fresh got since the last answer
 */
/** @typedef {{seq: number, id: string|null, status: string, code: string, sentence: string, rule: string, params: object}} Mark */
/**
 * @typedef {{type: "send", number: number, from_seq: number, most: number, bytes: number}
 *   | {type: "get_token"} | {type: "wait", ms: number} | {type: "mark", receipts: Mark[]}
 *   | {type: "drop", through: number} | {type: "show", summary: Summary}} Effect
 */
/** @typedef {ReturnType<typeof summary>} Summary */
/** @typedef {{type: string, now: number, random: number} & Record<string, any>} Event */

/**
 * A lane in which nothing has happened yet.
 * @param {string} device
 * @param {boolean} [isOwn]
 * @returns {State}
 */
export function fresh(device, isOwn = true) {
  return {
    device, is_own: isOwn, first: 1, last: 0, answered_through: 0, set_aside: [], epoch: null,
    heard_through: 0, durable_through: 0, server_ms: null, counted_ms: 0, ladder: [],
    phase: "idle", waits_for: null, trouble: null, due: 0, wait_ms: 0, flight: null, number: 0,
    most: LIMITS.facts_of_a_send, bytes: LIMITS.bytes_of_a_send, good: 0, failures: 0,
    probing: null, token_is_fresh: false,
  };
}

/**
 * What a screen says of a lane.
 * @param {State} state
 */
export function summary(state) {
  const unanswered = state.last - Math.max(state.answered_through, state.first - 1);
  return {
    device: state.device, waiting: Math.max(0, unanswered) + state.set_aside.length,
    next: state.set_aside.length ? Math.min(...state.set_aside, state.answered_through + 1)
      : state.answered_through + 1,
    set_aside: state.set_aside.length, kept: Math.max(0, state.last - state.first + 1),
    last: state.last, heard_through: state.heard_through, durable_through: state.durable_through,
    epoch: state.epoch, phase: state.phase, waits_for: state.waits_for, trouble: state.trouble,
    wait_ms: state.phase === "waiting" ? state.wait_ms : 0, server_ms: state.server_ms,
  };
}

/**
 * One event: the new state and what is to be done, in this order. An unknown event changes nothing.
 * @param {State} state
 * @param {Event} event
 * @returns {{state: State, effects: Effect[]}}
 */
export function step(state, event) {
  const next = { ...state, set_aside: [...state.set_aside], ladder: [...state.ladder] };
  /** @type {Effect[]} */
  const effects = [];
  const handle = Object.hasOwn(HANDLERS, event.type) ? HANDLERS[event.type] : null;
  if (handle) handle(next, event, effects);
  effects.push({ type: "show", summary: summary(next) });
  return { state: next, effects };
}

/** @type {Record<string, (state: State, event: Event, effects: Effect[]) => void>} */
const HANDLERS = {
  opened(state, event, effects) {
    state.first = event.first;
    state.last = event.last;
    state.answered_through = clamp(state.answered_through, state.first - 1, state.last);
    state.set_aside = state.set_aside.filter((seq) => seq >= state.first && seq <= state.last);
    state.flight = null;
    state.probing = null;
    free(state);
    go(state, event, effects, { isEager: true });
  },

  saved(state, event, effects) {
    if (state.first > state.last) state.first = event.first;
    state.first = Math.min(state.first, event.first);
    state.last = Math.max(state.last, event.last);
    // An older export imported after a newer one: its numbers lie below what was answered.
    if (!state.is_own) state.answered_through = Math.min(state.answered_through, event.first - 1);
    // A save must not cut a back-off short: a busy gate would knock at a fallen server every second.
    if (state.phase === "idle" || state.waits_for === "rest") go(state, event, effects);
  },

  tick(state, event, effects) {
    if (state.phase !== "waiting") return;
    const left = state.due - event.now;
    // More left than was asked for: the time source began anew. Waiting on would be waiting for ever.
    if (left > 0 && left <= state.wait_ms) effects.push({ type: "wait", ms: left });
    else go(state, event, effects, { isEager: state.waits_for === "rest" });
  },

  asked(state, event, effects) {
    if (state.phase === "idle" || state.phase === "waiting" && state.waits_for !== "busy") {
      go(state, event, effects, { isEager: true });
    }
  },

  token(state, event, effects) {
    if (state.phase !== "token") return;
    if (event.ok) {
      state.token_is_fresh = true;
      go(state, event, effects, { isEager: true });
    } else {
      suffer(state, event, effects, "unauthorised");
    }
  },

  heard_epoch(state, event, effects) {
    if (state.is_own || event.epoch === state.epoch) return;
    const isFirst = state.epoch === null;
    state.epoch = event.epoch;
    if (isFirst) return;
    rewind(state, 0);
    if (state.phase === "idle" || state.waits_for === "rest") go(state, event, effects);
  },

  answered(state, event, effects) {
    const flight = state.flight;
    if (!flight || flight.number !== event.number) return;
    const receipts = paired(event.sent, event.receipts);
    if (!receipts || !event.watermark) {
      HANDLERS.failed(state, { ...event, type: "failed", kind: "server" }, effects);
      return;
    }
    settle(state, flight, receipts, effects);
    learn(state, event, flight, receipts.at(-1)?.seq ?? 0, effects);
    free(state);
    go(state, event, effects);
  },

  failed(state, event, effects) {
    const flight = state.flight;
    if (!flight || flight.number !== event.number) return;
    state.flight = null;
    if (event.kind === "unauthorised" && !state.token_is_fresh) {
      state.phase = "token";
      state.trouble = "unauthorised";
      effects.push({ type: "get_token" });
    } else if (event.kind === "busy") {
      state.trouble = "busy";
      const ms = Math.min(event.retry_after * 1000, LIMITS.retry_after_most_ms);
      wait(state, event, effects, "busy", jittered(Math.max(ms, LIMITS.back_off_first_ms), event.random));
    } else if (event.kind === "refused" && flight.kind === "facts" && event.sent.length) {
      narrow(state, event.sent.length);
      if (event.sent.length === 1) putAside(state, event.sent[0].seq, effects);
      free(state);
      go(state, event, effects);
    } else {
      doubt(state, flight, event);
      suffer(state, event, effects, event.kind);
    }
  },
};

/** Pairs what was sent with its receipts; null when the answer speaks of something else. */
function paired(sent, receipts) {
  if (!Array.isArray(receipts) || receipts.length !== sent.length) return null;
  /** @type {Mark[]} */
  const marks = [];
  for (const [at, { seq, id }] of sent.entries()) {
    const receipt = receipts[at];
    if (!receipt || receipt.id !== null && receipt.id !== id) return null;
    marks.push({ ...receipt, seq, id });
  }
  return marks;
}

function settle(state, flight, receipts, effects) {
  if (receipts.length) effects.push({ type: "mark", receipts });
  const through = receipts.at(-1)?.seq ?? 0;
  state.flight = null;
  state.failures = 0;
  state.trouble = null;
  state.token_is_fresh = false;
  if (flight.kind === "hello") return;
  if (flight.kind === "aside") {
    const got = new Set(receipts.map((receipt) => receipt.seq));
    state.set_aside = state.set_aside.filter((seq) => seq !== flight.from && !got.has(seq));
    return;
  }
  // The one after it went up: the server is well, and the fact stepped over is what it chokes on.
  if (state.probing !== null) putAside(state, state.probing, effects);
  state.probing = null;
  state.answered_through = Math.max(state.answered_through, through);
  widen(state);
}

function putAside(state, seq, effects) {
  if (!state.set_aside.includes(seq)) state.set_aside.push(seq);
  state.answered_through = Math.max(state.answered_through, seq);
  effects.push({ type: "mark", receipts: [
    { seq, id: null, status: "set_aside", code: "set_aside", sentence: "", rule: "field.set_aside", params: {} },
  ] });
}

/** A call that fails again and again gets smaller; a fact that fails alone comes under suspicion. */
function doubt(state, flight, event) {
  if (flight.kind === "aside") state.set_aside.push(state.set_aside.shift());
  if (flight.kind !== "facts") return;
  const count = event.sent.length;
  if (state.failures + 1 >= LIMITS.failures_before_halving && count > 1) narrow(state, count);
  if (event.kind !== "server" || count !== 1) return;
  const { seq } = event.sent[0];
  const isSuspect = state.failures + 1 >= LIMITS.failures_before_doubt && seq < state.last;
  state.probing = state.probing === null && isSuspect ? seq : null;
}

function suffer(state, event, effects, kind) {
  state.failures += 1;
  state.trouble = kind;
  state.token_is_fresh = false;
  wait(state, event, effects, "trouble", backOff(state.failures, event.random));
}

function free(state) {
  state.phase = "idle";
  state.waits_for = null;
}

function wait(state, event, effects, waitsFor, ms) {
  state.phase = "waiting";
  state.waits_for = waitsFor;
  state.wait_ms = ms;
  state.due = event.now + ms;
  effects.push({ type: "wait", ms });
}

/** The next call, if there is one; else rest. isEager: greet the server even with empty hands. */
function go(state, event, effects, { isEager = false } = {}) {
  free(state);
  let from = state.answered_through + 1;
  if (state.probing !== null && state.probing >= from) from = state.probing + 1;
  if (from <= state.last) depart(state, effects, "facts", from, state.most);
  else if (isEager && state.set_aside.length) depart(state, effects, "aside", state.set_aside[0], 1);
  else if (isEager && state.is_own) depart(state, effects, "hello", from, 0);
  else if (state.is_own || state.set_aside.length) {
    wait(state, event, effects, "rest", jittered(LIMITS.hello_ms, event.random));
  }
}

function depart(state, effects, kind, from, most) {
  state.number += 1;
  state.flight = { number: state.number, from, kind };
  state.phase = "sending";
  effects.push({ type: "send", number: state.number, from_seq: from, most, bytes: state.bytes });
}

function clamp(value, least, most) {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
