// @ts-check
/** A head count that knows nothing of the books until it is over, and what differs by name. Pure. */

/** Who may say why a count and the books differ (pratique/custody/facts.py). */
export const EXPLAINERS = ["gate_officer", "site_head", "township_clerk", "laboratory", "leader", "supervisor"];
export const COUNT_MAX = 100_000;
/** How many are scanned one by one at most; more are counted and typed. */
export const SCANNED_MAX = 5_000;
const SOURCES = { person: "roll_call", vehicle: "roll_call", specimen: "rack_scan" };

/** @typedef {import("./relief.js").Type} Type */
/** @typedef {{code: string, id: string|null, label: string}} Scanned id: null where the device knows nothing of it */
/** @typedef {{type: Type, typed: string, scanned: Scanned[], plain: number}} Entered plain: counted without a code */

/** @param {Type} type @returns {Entered} */
export function nothingCounted(type) {
  return { type, typed: "", scanned: [], plain: 0 };
}

/** How many were counted one by one. @param {Entered} entered */
export function oneByOne({ scanned, plain }) {
  return scanned.length + plain;
}

/**
 * Which of the known were not met, and who was met and is not known. With a number alone nobody can
 * be named missing: then all who are known are named, to be looked for.
 * @template {{id: string, type: string, label: string}} T
 * @param {T[]} things @param {Entered} entered @param {number} counted
 * @returns {{known: number, differs: boolean, missing: T[], strangers: Scanned[], isNamed: boolean}}
 */
export function comparedCount(things, entered, counted) {
  const known = things.filter(({ type }) => type === entered.type);
  const met = new Set(entered.scanned.map(({ id }) => id));
  const isNamed = entered.scanned.length > 0;
  const strangers = entered.scanned.filter(({ id }) => id === null);
  return { known: known.length, differs: known.length !== counted || strangers.length > 0, strangers,
    missing: isNamed ? known.filter(({ id }) => !met.has(id)) : known, isNamed };
}

/**
 * @param {{account: string, unitKind: string, entered: Entered, counted: number}} count
 * @returns {{kind: string, body: Record<string, any>}}
 */
export function headCounted({ account, unitKind, entered, counted }) {
  const { type } = entered;
  const source = type === "person" && unitKind === "isolation_site" ? "room_round" : SOURCES[type];
  return { kind: "custody.head_counted", body: { account, subject_kind: type, counted, source } };
}

/** @param {{account: string, type: Type, count: string, reason: string}} why @returns {{kind: string, body: Record<string, any>}} */
export function differenceExplained({ account, type, count, reason }) {
  return { kind: "custody.difference_explained", body: { account, subject_kind: type, count, reason: reason.trim() } };
}
