// @ts-check
/** An hour of a lane: tallied by a thumb, beside what was registered here. Pure. */

/** The server's own limits (pratique/checkpoint/rules.py); a test holds both equal. */
export const LANE_LENGTH_MAX = 20, LANE_VEHICLES_MAX = 10_000, REASON_LENGTH_MAX = 500;
/** Who may say why a lane's count differs (pratique/checkpoint/facts.py). */
export const EXPLAINERS = ["gate_officer", "leader"];
/** How many lane-hours are kept on the device before they are said. */
export const HOURS_MAX = 200;
const HOUR_MS = 3_600_000;

/** @typedef {{lane: string, lanes: string[], tally: Record<string, number>}} Entered tally: by `keyOf` */
/** @typedef {{at: string, body: Record<string, any>}} Said */

/** The beginning of the whole hour, by UTC. @param {number} ms @returns {string} */
export function hourOf(ms) {
  return new Date(Math.floor(ms / HOUR_MS) * HOUR_MS).toISOString();
}

/** @param {string} lane @param {string} hour */
export function keyOf(lane, hour) {
  return `${hour}/${lane}`;
}

/** @param {string} key @returns {{lane: string, hour: string}} */
export function ofKey(key) {
  const at = key.indexOf("/");
  return { hour: key.slice(0, at), lane: key.slice(at + 1) };
}

/** Whether an hour is over: only then is its count whole. @param {string} hour @param {number} now */
export function isOver(hour, now) {
  return Date.parse(hour) + HOUR_MS <= now;
}

/** A lane's name as it is kept; null where it is none. @param {string} text @returns {string|null} */
export function readLane(text) {
  const lane = text.normalize("NFKC").trim();
  return lane && lane.length <= LANE_LENGTH_MAX && !lane.includes("/") ? lane : null;
}

/** @param {string} text @returns {number|null} */
export function readVehicles(text) {
  const plain = text.normalize("NFKC").trim();
  return /^\d{1,5}$/.test(plain) && Number(plain) <= LANE_VEHICLES_MAX ? Number(plain) : null;
}

/** How many vehicles this device registered in a lane in an hour. @param {Said[]} arrivals @param {string} lane @param {string} hour */
export function registeredIn(arrivals, lane, hour) {
  return arrivals.filter(({ at, body }) => (body.lane ?? "1") === lane && hourOf(Date.parse(at)) === hour).length;
}

/** @param {{post: string, lane: string, hour: string, vehicles: number}} count @returns {{kind: string, body: Record<string, any>}} */
export function laneCounted({ post, lane, hour, vehicles }) {
  return { kind: "checkpoint.lane_counted", body: { post, lane, hour, vehicles, source: "tally" } };
}

/** @param {{post: string, lane: string, hour: string, reason: string}} why @returns {{kind: string, body: Record<string, any>}} */
export function laneExplained({ post, lane, hour, reason }) {
  return { kind: "checkpoint.lane_explained", body: { post, lane, hour, reason: reason.trim().slice(0, REASON_LENGTH_MAX) } };
}
