// @ts-check
/**
 * The best known time on a device whose own clock may lie. No clock here: readings are passed in.
 *
 * What is known: by how much the device's clock was ahead when a server last said the time; how much
 * of it has passed since by the browser's steady counter, which nobody can set; and the latest moment
 * that was ever given out, behind which time cannot be.
 *
 * An entry keeps the moment that it was given. When a server teaches a better time, what was entered
 * before is not written again: the clock remembers up to which running number entries are off, and by
 * how much (a turn), and says so with the call that sends them.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const CLOCK_LIMITS = Object.freeze({
  // As the server: a call on a bad line takes 90 s; more than this is the clock's fault.
  off_ms_max: 2 * MINUTE_MS,
  // The counter and the clock part by less than this in ordinary use.
  set_back_ms_least: 1_000,
  // The counter may stand still while a tablet sleeps, so the clock is believed forward up to this.
  sleep_ms_max: 96 * HOUR_MS,
  turn_ms_least: 10_000,
  turns_max: 200,
});

/** @typedef {{device_ms: number, mono_ms: number}} Reading the device's clock and its steady counter */
/** @typedef {{through: number, ahead_ms: number}} Turn entries up to this number are ahead by so much more */
/**
 * @typedef {object} Clock plain JSON, kept in the store
 * @property {number} ahead_ms how far the device's clock is ahead of the best known time
 * @property {boolean} is_known whether a server ever said the time
 * @property {number} told_ms the latest moment that was given out
 * @property {Turn[]} turns
 */

/** A clock that nobody has compared yet. @returns {Clock} */
export function freshClock() {
  return { ahead_ms: 0, is_known: false, told_ms: 0, turns: [] };
}

/**
 * The best known time of a reading, in milliseconds since 1970.
 * @param {Clock} clock
 * @param {Reading} reading
 */
export function timeOf(clock, reading) {
  return reading.device_ms - clock.ahead_ms;
}

/**
 * What a look at the clocks teaches: whether the device's own was set since the last look.
 * @param {Clock} clock
 * @param {Reading|null} last the look before, of the same page; null: the page has just been opened
 * @param {Reading} reading
 * @returns {Clock}
 */
export function look(clock, last, reading) {
  let { ahead_ms: ahead } = clock;
  if (last === null) {
    // Closed, and the clock set back meanwhile: no earlier than the last that was known.
    const behind = clock.told_ms - (reading.device_ms - ahead);
    if (behind > CLOCK_LIMITS.off_ms_max) ahead -= behind;
  } else {
    const set = (reading.device_ms - last.device_ms) - (reading.mono_ms - last.mono_ms);
    if (set < -CLOCK_LIMITS.set_back_ms_least || set > CLOCK_LIMITS.sleep_ms_max) ahead += set;
  }
  return { ...clock, ahead_ms: ahead, told_ms: Math.max(clock.told_ms, reading.device_ms - ahead) };
}

/**
 * Whether the clock may have been set since the last look without anybody being sure of it: the page
 * was closed, or clock and counter parted as they do when a tablet sleeps.
 * @param {Reading|null} last
 * @param {Reading} reading
 */
export function isBreak(last, reading) {
  if (last === null) return true;
  const set = (reading.device_ms - last.device_ms) - (reading.mono_ms - last.mono_ms);
  return set > CLOCK_LIMITS.turn_ms_least && set <= CLOCK_LIMITS.sleep_ms_max;
}

/**
 * A server said the time. The middle of the call is taken for it; what is less sure than what was
 * known changes nothing.
 * @param {Clock} clock
 * @param {{sent: Reading, got: Reading, server_ms: number, last: number}} heard last: the highest
 *   running number that was given by the time known before
 * @returns {Clock}
 */
export function heardTime(clock, { sent, got, server_ms, last }) {
  const half = Math.max(0, got.mono_ms - sent.mono_ms) / 2;
  const ahead = got.device_ms - half - server_ms;
  const step = ahead - clock.ahead_ms;
  if (clock.is_known && Math.abs(step) <= half) return clock;
  const isTurn = Math.abs(step) >= CLOCK_LIMITS.turn_ms_least && last > 0;
  const turns = isTurn ? [...clock.turns, { through: last, ahead_ms: step }] : clock.turns;
  // The latest moment that was given out may have been a wrong clock's: time begins anew here.
  return { ahead_ms: ahead, is_known: true, told_ms: got.device_ms - ahead,
    turns: turns.slice(-CLOCK_LIMITS.turns_max) };
}

/**
 * What the present moment would be by the time that was known when this entry was made.
 * @param {Clock} clock
 * @param {Reading} reading
 * @param {number} seq the entry's running number
 */
export function timeAsOf(clock, reading, seq) {
  const ahead = clock.turns.reduce((sum, turn) => turn.through >= seq ? sum + turn.ahead_ms : sum, 0);
  return timeOf(clock, reading) + ahead;
}

/**
 * Those of the entries that were made by the same time as the first; a call speaks of one time.
 * @template {{seq: number}} T
 * @param {Clock} clock
 * @param {T[]} entries in the order of their numbers
 * @returns {T[]}
 */
export function sameTime(clock, entries) {
  const first = entries[0]?.seq ?? 0;
  const end = Math.min(Infinity, ...clock.turns.map((turn) => turn.through).filter((seq) => seq >= first));
  return entries.filter((entry) => entry.seq <= end);
}

/**
 * The clock without the turns of entries that are no longer kept.
 * @param {Clock} clock
 * @param {number} first lowest running number kept
 * @returns {Clock}
 */
export function forgetTurns(clock, first) {
  const turns = clock.turns.filter((turn) => turn.through >= first);
  return turns.length === clock.turns.length ? clock : { ...clock, turns };
}

/**
 * What a screen says of a clock: nothing, or the code of a sentence with its count.
 * @param {Clock} clock
 * @returns {{code: string, n: number}|null} code without its plural's form, for `sayCount`
 */
export function bannerOf(clock) {
  const off = Math.abs(clock.ahead_ms);
  if (off <= CLOCK_LIMITS.off_ms_max) return null;
  const side = clock.ahead_ms > 0 ? "fast" : "slow";
  const [n, unit] = off < 2 * HOUR_MS ? [off / MINUTE_MS, "minutes"]
    : off < 48 * HOUR_MS ? [off / HOUR_MS, "hours"] : [off / (24 * HOUR_MS), "days"];
  return { code: `clock_${side}_${unit}`, n: Math.round(n) };
}

/**
 * All that a shell asks of a clock.
 * @param {Clock} clock
 * @param {Reading} reading
 */
export function clockOf(clock, reading) {
  return { now_ms: timeOf(clock, reading), off_ms: clock.ahead_ms, is_known: clock.is_known,
    banner: bannerOf(clock) };
}
