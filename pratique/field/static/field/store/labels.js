// @ts-check
/** Numbers for labels that this device may give out: blocks of the county, used up one by one. */

import { asked } from "./db.js";

const KEY = "labels";
/** What a device hoards at most. */
export const NUMBERS_KEPT_MAX = 1_000;

/** @typedef {{next: number, end: number}} Block serial numbers from `next` to before `end` */

/** How many numbers are left. @param {import("./db.js").Store} store */
export async function numbersLeft(store) {
  return count(await store.get(KEY) ?? []);
}

/**
 * Keeps a block that the county gave.
 * @param {import("./db.js").Store} store @param {{first: number, count: number}} block
 */
export function keepBlock(store, { first, count: many }) {
  return store.run(["meta"], "readwrite", async (transaction) => {
    const meta = transaction.objectStore("meta"), blocks = await asked(meta.get(KEY)) ?? [];
    meta.put([...blocks, { next: first, end: first + many }], KEY);
  });
}

/**
 * Takes numbers for good, in one transaction: what two tabs print is not the same. Fewer than asked
 * where no more are left.
 * @param {import("./db.js").Store} store @param {number} many
 * @returns {Promise<number[]>} serial numbers
 */
export function takeNumbers(store, many) {
  return store.run(["meta"], "readwrite", async (transaction) => {
    const meta = transaction.objectStore("meta");
    /** @type {Block[]} */
    const blocks = await asked(meta.get(KEY)) ?? [];
    /** @type {number[]} */
    const taken = [];
    for (const block of blocks) while (block.next < block.end && taken.length < many) taken.push(block.next++);
    meta.put(blocks.filter(({ next, end }) => next < end), KEY);
    return taken;
  });
}

/** @param {Block[]} blocks */
function count(blocks) {
  return blocks.reduce((sum, { next, end }) => sum + end - next, 0);
}
