// @ts-check
/**
 * What a bundle brought, in the form in which a device keeps it: small things together, each large
 * part as a record of its own, so that a start reads and copies nothing that it does not need.
 */

import { bytesOf } from "./signed.js";

/** @typedef {"expected" | "risk" | "packs"} Part */

/** @type {Part[]} */
export const PARTS = ["expected", "risk", "packs"];

/**
 * Packs and lists are kept as text: reading that is quicker than cloning a hundred thousand cells.
 * @param {Record<string, any>} payload a verified bundle's
 * @returns {{small: Record<string, any>, parts: Record<Part, any>}}
 */
export function taken(payload) {
  const { expected, risk, packs, ...small } = payload;
  return { small, parts: {
    expected: received(expected), risk: JSON.stringify(risk), packs: JSON.stringify(packs) } };
}

/** A part as modules ask for it, of its record; null: no bundle yet. @param {any} kept @returns {any} */
export function given(kept) {
  return typeof kept === "string" ? JSON.parse(kept) : kept ?? null;
}

/**
 * The announced arrivals for `find` (expected.js).
 * @param {import("./expected.js").Told} told @returns {import("./expected.js").Expected}
 */
export function received(told) {
  return { ...told, salt: bytesOf(told.salt), head: bytesOf(told.head), block: bytesOf(told.block) };
}
