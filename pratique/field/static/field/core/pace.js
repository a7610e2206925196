// @ts-check
/** How much at once, how long between: the outbox's limits, each with its unit. */

const MINUTE_MS = 60_000;

export const LIMITS = Object.freeze({
  // The server takes 5,000 facts or 5 MiB; on a bad line a small call that arrives is worth more,
  // and proxies commonly stop at 1 MiB.
  facts_of_a_send: 500,
  bytes_of_a_send: 512 * 1024,
  bytes_of_a_send_least: 16 * 1024,
  back_off_first_ms: 2_000,
  back_off_most_ms: 5 * MINUTE_MS,
  retry_after_most_ms: 60 * MINUTE_MS,
  // A restored server is noticed by a device that has nothing to say, too.
  hello_ms: 5 * MINUTE_MS,
  failures_before_halving: 2,
  failures_before_doubt: 5,
  // A proxy's limit is not known; trying the larger call again at once would cost every other call.
  good_before_widening: 8,
  // A fact stays on the device so long after it is durable: whoever restores last night's backup
  // (or that of the night before a holiday) gets it again.
  keep_durable_ms: 72 * 60 * MINUTE_MS,
  rung_ms: 60 * MINUTE_MS,
  // Between two answers no more than this is counted, whatever the server's clock jumped by.
  counted_between_answers_most_ms: 60 * MINUTE_MS,
});

/**
 * How long to wait after so many failures: doubling, bounded, between half of it and all of it.
 * @param {number} failures from 1
 * @param {number} random from 0 up to 1
 */
export function backOff(failures, random) {
  const whole = LIMITS.back_off_first_ms * 2 ** Math.min(failures - 1, 20);
  return Math.round(Math.min(whole, LIMITS.back_off_most_ms) * (0.5 + random / 2));
}

/**
 * A little more than `ms`, never less: five hundred devices that were told the same come apart.
 * @param {number} ms
 * @param {number} random from 0 up to 1
 */
export function jittered(ms, random) {
  return Math.round(ms * (1 + random / 4));
}

/**
 * Half of what was sent, from now on.
 * @param {import("./outbox.js").State} state changed in place
 * @param {number} count facts of the call that failed
 */
export function narrow(state, count) {
  state.most = Math.max(1, Math.floor(count / 2));
  state.bytes = Math.max(LIMITS.bytes_of_a_send_least, Math.floor(state.bytes / 2));
  state.good = 0;
}

/**
 * Twice as much, after so many calls that went well.
 * @param {import("./outbox.js").State} state changed in place
 */
export function widen(state) {
  state.good += 1;
  if (state.good < LIMITS.good_before_widening) return;
  state.good = 0;
  state.most = Math.min(state.most * 2, LIMITS.facts_of_a_send);
  state.bytes = Math.min(state.bytes * 2, LIMITS.bytes_of_a_send);
}
