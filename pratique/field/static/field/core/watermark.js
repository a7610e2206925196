// @ts-check
/**
 * What the server's answer says of the journal: its epoch, what it has heard, what is durable, and
 * so what has to be sent again and what the device may forget.
 *
 * Time is counted by the server's answers alone. The device's clock may be ten years off; the
 * server's may jump, and then one jump counts for an hour at most.
 */

import { LIMITS } from "./pace.js";

/**
 * @param {import("./outbox.js").State} state changed in place
 * @param {Record<string, any>} event `answered`
 * @param {import("./outbox.js").Flight} flight
 * @param {number} through highest number of this flight, 0 for none
 * @param {import("./outbox.js").Effect[]} effects
 */
export function learn(state, event, flight, through, effects) {
  if (!state.is_own) return;
  const epoch = event.epoch ?? null;
  const heard = event.watermark.heard_through;
  const durable = event.durable_through ?? 0;
  // A restore about which nobody told the database still shows: it has heard less than before.
  if (epoch !== state.epoch || heard < state.heard_through || durable < state.durable_through) {
    state.epoch = epoch;
    rewind(state, Math.min(durable, heard));
    const follows = flight.kind === "facts" && flight.from <= state.answered_through + 1;
    if (follows) state.answered_through = Math.max(state.answered_through, through);
  }
  count(state, event.server_ms ?? null);
  state.heard_through = heard;
  state.durable_through = durable;
  climb(state);
  forget(state, effects);
}

/**
 * Everything that is not known durable is to be sent again; duplicates are harmless.
 * @param {import("./outbox.js").State} state changed in place
 * @param {number} durable
 */
export function rewind(state, durable) {
  // A durable number without a receipt here may be another fact's: that of a store since wiped.
  state.answered_through = Math.max(Math.min(durable, state.answered_through), state.first - 1);
  state.set_aside = state.set_aside.filter((seq) => seq <= state.answered_through);
  state.heard_through = 0;
  state.durable_through = 0;
  state.counted_ms = 0;
  state.server_ms = null;
  state.ladder = [];
  state.probing = null;
}

function count(state, serverMs) {
  if (serverMs === null) return;
  if (state.server_ms !== null && serverMs > state.server_ms) {
    state.counted_ms += Math.min(serverMs - state.server_ms, LIMITS.counted_between_answers_most_ms);
  }
  state.server_ms = serverMs;
}

/** One rung an hour at most, dated by the hour's end, so that the ladder stays short. */
function climb(state) {
  const top = state.ladder.at(-1);
  if (state.durable_through <= (top?.through ?? state.first - 1)) return;
  const at = Math.ceil(state.counted_ms / LIMITS.rung_ms) * LIMITS.rung_ms;
  if (top && top.at === at) state.ladder.pop();
  state.ladder.push({ through: state.durable_through, at });
}

function forget(state, effects) {
  let through = 0;
  while (state.ladder.length && state.counted_ms >= state.ladder[0].at + LIMITS.keep_durable_ms) {
    through = state.ladder.shift().through;
  }
  through = Math.min(through, state.answered_through, ...state.set_aside.map((seq) => seq - 1));
  if (through < state.first) return;
  state.first = through + 1;
  effects.push({ type: "drop", through });
}
