// @ts-check
/**
 * What the post has in its hands, as far as this device knows: people, vehicles, tubes. Each names
 * the fact by which the account holds it, because the next hand-over must say so.
 *
 * Changed in one transaction with the facts that change it (`Store.save`), and brought up to what
 * the server knows by the roll, which never overwrites what this device said and the server has not
 * heard yet.
 */

import { asked } from "./db.js";

/**
 * @typedef {object} Thing
 * @property {string} id
 * @property {"person"|"vehicle"|"specimen"} type
 * @property {string} account code of the unit that holds it
 * @property {string} holds_by the fact by which that unit holds it
 * @property {string|null} pending an offer that is not answered yet
 * @property {string|null} [after] an offer of it that came to nothing
 * @property {string} label name, plate or tube, for the screen
 * @property {string[]} codes what a scan of it says (`scanned` of core/scans.js)
 * @property {number} seq running number of this device's last fact about it; 0: from the roll
 * @property {Record<string, any>} [told] what a screen needs beside it (decision, room, tube's person …)
 */

/**
 * All things of a type, in the order in which they came (ids are times).
 * @param {import("./db.js").Store} store
 * @param {Thing["type"]} type
 * @returns {Promise<Thing[]>}
 */
export function allOf(store, type) {
  return store.run(["things"], "readonly", (transaction) =>
    asked(transaction.objectStore("things").index("type").getAll(type)));
}

/**
 * The things that a scanned code means.
 * @param {import("./db.js").Store} store
 * @param {string} code
 * @returns {Promise<Thing[]>}
 */
export function withCode(store, code) {
  return store.run(["things"], "readonly", (transaction) =>
    asked(transaction.objectStore("things").index("codes").getAll(code)));
}

/** @param {import("./db.js").Store} store @param {string[]} ids @returns {Promise<Thing[]>} */
export async function withIds(store, ids) {
  return store.run(["things"], "readonly", async (transaction) => {
    const known = transaction.objectStore("things");
    const found = await Promise.all(ids.map((id) => asked(known.get(id))));
    return found.filter(Boolean);
  });
}

/**
 * Takes the server's account of what the unit holds. A thing that this device spoke of after `heard`
 * (its highest number that the server had heard) stays as this device has it.
 * @param {import("./db.js").Store} store
 * @param {Thing[]} told
 * @param {number} heard
 */
export function takeRoll(store, told, heard) {
  return store.run(["things"], "readwrite", async (transaction) => {
    const known = transaction.objectStore("things");
    const before = new Map((await asked(known.getAll())).map((thing) => [thing.id, thing]));
    for (const thing of told) {
      const here = before.get(thing.id);
      before.delete(thing.id);
      if (here && here.seq > heard) continue;
      known.put({ ...thing, seq: 0, told: { ...here?.told, ...thing.told } });
    }
    for (const left of before.values()) if (left.seq <= heard) known.delete(left.id);
  });
}
