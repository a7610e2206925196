// @ts-check
/** A roll's people, vehicles and tubes, as this device keeps things and finds them by a scan. Pure. */

import { documentKey, thingsOf } from "./roll.js";

/** @typedef {import("../store/things.js").Thing} Thing */

const PLATE_OF = { vehicle: "plate", specimen: "tube" };

/**
 * @param {import("./roll.js").Roll} roll
 * @returns {Thing[]}
 */
export function keptThings(roll) {
  return thingsOf(roll).map(({ id, type, account, holds_by, pending, label, code, document, slip: _slip, seq,
    by_fact: _by, more, ...parts }) => ({
    id, type, account, holds_by, pending, label: label ?? "", seq,
    codes: type === "person" ? [`person:${id}`, ...document ? [`key:${document.key}`] : []]
      : code ? [`${PLATE_OF[type]}:${code}`] : [],
    told: { ...parts, ...document ? { document } : {}, ...type === "person" ? owing(more) : {}, roll: more },
  }));
}

/**
 * Which test is owed: where the server has spoken, the device's own decision of the arrival is past.
 * @param {Record<string, any>} row a person's, of the roll
 */
function owing({ owes = null }) {
  return { owes, landing_test: false };
}

/**
 * What a thing may be found by, when this was scanned. The roll tells no document number, so a
 * scanned one is compared by the hash under which the roll names it.
 * @param {string} code of a scan (core/scans.js)
 * @param {string|null} salt of the roll that is kept
 * @param {SubtleCrypto} subtle
 * @returns {Promise<string[]>}
 */
export async function aliasesOf(code, salt, subtle) {
  if (!salt || !code.startsWith("document:")) return [code];
  return [code, `key:${await documentKey(salt, code.slice("document:".length), subtle)}`];
}
