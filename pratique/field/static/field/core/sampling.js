// @ts-check
/**
 * Swabs: which test is owed, why a tube is refused, what is said and what changes on the device. The
 * server judges again; what it would refuse for certain is refused here, by the same name.
 */

import { checkSingleTube } from "./labels.js";

/** @typedef {import("../store/things.js").Thing} Thing */
/** @typedef {{purpose: string, due_at: number|null}} Owed due_at: milliseconds */
/** @typedef {{person: string, at: number}} Use whose specimen a tube held, and since when */

/** A second swab so soon is nearly always a second scan. */
export const SAMPLED_AGAIN_MINUTES = 10;
export const PURPOSES = ["landing", "resample", "screening"];
const URGENT = ["landing", "resample"];

/** Tested first, as at the sampling desk. @param {string} purpose */
export function isUrgent(purpose) {
  return URGENT.includes(purpose);
}

/**
 * The test that a person owes now; null: none that this device knows of. What the roll says is owed
 * comes first; of a fresh arrival the device's own decision speaks.
 * @param {Thing} person
 * @param {number} now
 * @returns {Owed|null}
 */
export function owedBy({ told = {} }, now) {
  const { owes, landing_test, sampled = [] } = told;
  if (owes?.purpose && !(Date.parse(owes.opens_at) > now)) {
    return { purpose: owes.purpose, due_at: Date.parse(owes.due_at) || null };
  }
  return landing_test && !sampled.length ? { purpose: "landing", due_at: null } : null;
}

/**
 * When this device's account took the person's last swab; null: none known. Ids are times.
 * @param {Thing} person
 */
export function sampledAt({ told = {} }) {
  const last = told.sampled?.at(-1);
  return last ? parseInt(last.replaceAll("-", "").slice(0, 12), 16) : null;
}

/**
 * Whether the person was sampled just now.
 * @param {Thing} person
 * @param {number} now
 */
export function isJustSampled(person, now) {
  const at = sampledAt(person);
  return at !== null && now - at >= 0 && now - at < SAMPLED_AGAIN_MINUTES * 60_000;
}

/**
 * Why this tube may not be used for this person; null: it may.
 * @param {{tube: string, person: string, use: Use|null, bags: Set<string>}} asked
 *   use: what the tube held before; bags: labels of bags that this device knows
 * @returns {import("./labels.js").No|null}
 */
export function checkUse({ tube, person, use, bags }) {
  const wrong = checkSingleTube(tube);
  if (wrong) return wrong;
  if (bags.has(tube)) return { code: "tube_is_bag", params: { tube } };
  if (!use) return null;
  return { code: use.person === person ? "tube_used" : "tube_of_another", params: { tube } };
}

/**
 * One swab as the fact's body.
 * @param {{specimen: string, tube: string, person: string, place: string, purpose: string}} swab
 */
export function collected({ specimen, tube, person, place, purpose }) {
  return { specimen, tube, person, place, purpose, urgent: isUrgent(purpose), kind: "single", swab: "throat" };
}

/**
 * What the account holds after a swab: the tube, and the person with one test less.
 * @param {{body: ReturnType<typeof collected>, person: Thing|null, name: string, last: string, at: number}} swab
 *   person: null where this device does not hold the person
 * @param {{id: string, seq: number}} kept
 * @returns {Thing[]}
 */
export function afterSwab({ body, person, name, last, at }, { id, seq }) {
  const { specimen, tube, place, purpose, urgent } = body;
  /** @type {Thing} */
  const held = {
    id: specimen, type: "specimen", account: place, holds_by: id, pending: null, label: tube,
    codes: [`tube:${tube}`], seq,
    told: { person: body.person, name, last, purpose, urgent, bag: null, owed: person?.told?.owes ?? null,
      collected_at: new Date(at).toISOString() },
  };
  if (!person) return [held];
  const told = { ...person.told, owes: null, sampled: [...person.told?.sampled ?? [], specimen] };
  return [held, { ...person, seq, told }];
}

/**
 * Why a swab cannot be taken back here; null: it can.
 * @param {Thing|undefined} tube
 * @param {string} account
 */
export function checkUndo(tube, account) {
  if (!tube || tube.account !== account) return { code: "undo_gone", params: {} };
  return tube.pending ? { code: "undo_offered", params: { tube: tube.label } } : null;
}

/**
 * The voiding of a tube as the fact's body.
 * @param {Thing} tube @param {string} reason
 */
export function voided(tube, reason) {
  const { id, holds_by, account, after = null } = tube;
  return { specimen: id, holds_by, place: account, reason, after };
}

/**
 * The person after a swab was taken back: the test is owed again.
 * @param {Thing} person @param {Thing} tube @param {number} seq
 * @returns {Thing}
 */
export function afterVoid(person, tube, seq) {
  const sampled = (person.told?.sampled ?? []).filter((/** @type {string} */ id) => id !== tube.id);
  return { ...person, seq, told: { ...person.told, sampled, owes: person.told?.owes ?? tube.told?.owed ?? null } };
}

/**
 * The people of a list with what a screen shows: who owes first, by due time; then who was sampled.
 * @param {Thing[]} people
 * @param {number} now
 * @returns {{person: Thing, owed: Owed|null, isDone: boolean}[]}
 */
export function rowsOf(people, now) {
  const rows = people.map((person) => ({ person, owed: owedBy(person, now), isDone: sampledAt(person) !== null }))
    .filter(({ owed, isDone }) => owed || isDone);
  const due = (/** @type {{owed: Owed|null}} */ { owed }) => owed?.due_at ?? 0;
  return rows.sort((one, other) => Number(!one.owed) - Number(!other.owed) || due(one) - due(other)
    || (one.person.id < other.person.id ? -1 : 1));
}
