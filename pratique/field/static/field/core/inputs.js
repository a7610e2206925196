// @ts-check
/** From what is known of an arrival to the inputs of the decision table. */

import {Zone} from "./schedule.js";

/** @typedef {import("./table.js").Input} Input */
/** @typedef {import("./table.js").Value} Value */
/** @typedef {{tier: string, since: number, until: number, place: string}} Stay */
/**
 * @typedef {{arrived_at: number, resident: boolean | null, from_outside_province: boolean | null,
 *   special: string[], stays: Stay[]}} History
 */

/**
 * The value of each input, null where the history does not tell it.
 * @param {Input[]} inputs
 * @param {History} history
 * @param {Zone} zone
 * @returns {Value[]}
 */
export function readInputs(inputs, history, zone) {
  return inputs.map((input) => readInput(input, history, zone));
}

/**
 * @param {Input} input
 * @param {History} history
 * @param {Zone} zone
 * @returns {Value}
 */
function readInput(input, history, zone) {
  const {source} = input;
  if (source === "worst_tier") return worstTier(input, history, zone);
  if (source === "from_outside_province") return history.from_outside_province;
  if (source === "resident") return history.resident;
  // No fact of a gate says an exposure: as far as it knows there is none (the last of the values).
  if (source === "exposure") return input.values[input.values.length - 1];
  if (source.startsWith("special:")) return history.special.includes(source.slice(8));
  if (source === "days_since_last_exposure") return null;
  throw new Error(`no such source of an input: ${source}`);
}

/**
 * The worst tier among the stays that reach into the look-back; "medium?" is medium or worse. No
 * stay at all is missing data, not "none".
 * @param {Input} input
 * @param {History} history
 * @param {Zone} zone
 * @returns {Value}
 */
function worstTier(input, history, zone) {
  const begin = zone.midnight(zone.day(history.arrived_at) - input.lookback_days);
  const stays = history.stays.filter((stay) => stay.until >= begin);
  const ranks = stays.map((stay) => input.values.indexOf(stay.tier));
  const known = ranks.filter((rank) => rank >= 0);
  const isUnknown = !stays.length || known.length < ranks.length
    || (input.gap_ms_max > 0 && hasGap(input.gap_ms_max, history.arrived_at, begin, stays));
  const worst = known.length ? Math.min(...known) : input.values.length;
  if (!isUnknown || worst === 0) return input.values[worst];
  return worst === input.values.length ? null : `${input.values[worst]}?`;
}

/**
 * Is a part of the look-back, longer than the pack allows, covered by no stay?
 * @param {number} most
 * @param {number} arrived
 * @param {number} begin
 * @param {Stay[]} stays
 */
function hasGap(most, arrived, begin, stays) {
  let covered = begin;
  for (const stay of [...stays].sort((one, other) => one.since - other.since)) {
    if (stay.since - covered > most) return true;
    covered = Math.max(covered, stay.until);
  }
  return arrived - covered > most;
}

