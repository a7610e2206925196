// @ts-check
/**
 * Which tubes this device has seen used. A tube that was handed over is no thing of the post any
 * more, and is used all the same.
 */

import { asked } from "./db.js";

const PREFIX = "tube:";
const ALL = () => IDBKeyRange.bound(PREFIX, `${PREFIX}\uffff`);
/** What is remembered; the oldest are forgotten first, and the server still knows them. */
export const TUBES_REMEMBERED_MAX = 20_000;

/** @typedef {import("../core/sampling.js").Use} Use */

/**
 * Remembers the tubes that are here; called when a screen opens, so that a browser that died between
 * saving and remembering forgets none.
 * @param {import("./db.js").Store} store
 * @param {import("./things.js").Thing[]} tubes
 */
export function rememberTubes(store, tubes) {
  return store.run(["meta"], "readwrite", async (transaction) => {
    const meta = transaction.objectStore("meta");
    const known = new Set(await asked(meta.getAllKeys(ALL())));
    for (const { id, label, told } of tubes) {
      const key = `${PREFIX}${label}`;
      if (label && !known.has(key)) meta.put({ person: told?.person ?? "", at: timeOf(id) }, key);
    }
    if (known.size > TUBES_REMEMBERED_MAX) await forgetOldest(meta, [...known].map(String));
  });
}

/**
 * Remembers one tube.
 * @param {import("./db.js").Store} store @param {string} tube @param {Use} use
 */
export function rememberTube(store, tube, use) {
  return store.put(`${PREFIX}${tube}`, use);
}

/**
 * What a tube was used for; null: it is new to this device.
 * @param {import("./db.js").Store} store @param {string} tube
 * @returns {Promise<Use|null>}
 */
export async function useOf(store, tube) {
  const known = await store.run(["things"], "readonly", (transaction) =>
    asked(transaction.objectStore("things").index("codes").getAll(`${PREFIX}${tube}`)));
  const thing = known.find((/** @type {any} */ each) => each.type === "specimen");
  if (thing) return { person: thing.told?.person ?? "", at: timeOf(thing.id) };
  return await store.get(`${PREFIX}${tube}`) ?? null;
}

/** @param {IDBObjectStore} meta @param {string[]} keys in the order of `getAllKeys` */
async function forgetOldest(meta, keys) {
  const uses = await asked(meta.getAll(ALL()));
  const ages = keys.map((key, number) => ({ key, at: uses[number]?.at ?? 0 })).sort((one, other) => one.at - other.at);
  for (const { key } of ages.slice(0, keys.length - TUBES_REMEMBERED_MAX)) meta.delete(key);
}

/** Ids are times. @param {string} id */
function timeOf(id) {
  return parseInt(id.replaceAll("-", "").slice(0, 12), 16);
}
