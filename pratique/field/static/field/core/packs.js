// @ts-check
/** Which pack speaks for a moment, of those that the bundle brought. */

import {readPack} from "./decide.js";

/** @typedef {{since: number, pack: string, version: string}} Adopted */
/**
 * As `packs.packs_in_force` writes it.
 * @typedef {{adopted: Adopted[], packs: Record<string, import("./decide.js").PackData>,
 *   orders: import("./decide.js").Order[]}} PacksData
 */
/** @typedef {{data: PacksData, packs: Map<string, import("./decide.js").Pack>}} Packs */

/**
 * All packs of a bundle, each ready for `decide`.
 * @param {PacksData} data
 * @returns {Packs}
 */
export function readPacks(data) {
  const packs = Object.entries(data.packs).map(([id, pack]) => (
    /** @type {[string, import("./decide.js").Pack]} */ ([id, readPack(pack)])));
  return {data, packs: new Map(packs)};
}

/**
 * The pack in force at a moment; null before the first was adopted, or when it did not come along:
 * then nothing is decided on the device.
 * @param {Packs} packs
 * @param {number} at
 * @returns {import("./decide.js").Pack | null}
 */
export function packAt(packs, at) {
  const adopted = packs.data.adopted.findLast(({since}) => since <= at);
  return adopted === undefined ? null : packs.packs.get(adopted.pack) ?? null;
}
