// @ts-check
/**
 * How somebody may leave a post: by what the server has decided, else by what this device decided
 * when they arrived. The server judges again (PASS_GUARDS, TURN_BACK_GUARDS of pratique/checkpoint).
 */

import { owedBy } from "./sampling.js";

/** @typedef {import("../store/things.js").Thing} Thing */

const NO_MEASURE = "none";

/** The measure that stands; null: none is known here. @param {Thing} person @returns {string|null} */
export function measureOf({ told = {} }) {
  return told.decision?.measure ?? told.decided?.decision.measure ?? null;
}

/** Nothing is decided against going on, and nothing is owed here. @param {Thing} person @param {number} now */
export function mayPass(person, now) {
  return !person.pending && measureOf(person) === NO_MEASURE && owedBy(person, now) === null;
}

/**
 * No measure has begun that keeps the person.
 * @param {Thing} person @param {string[]} measures those that the pack lets be turned back
 */
export function mayTurnBack(person, measures) {
  const measure = measureOf(person);
  return !person.pending && measure !== null && (measure === NO_MEASURE || measures.includes(measure));
}
