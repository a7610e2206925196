// @ts-check
/**
 * What the post has in its hands, as far as this device knows: people, vehicles, tubes. Each names
 * the fact by which the account holds it, because the next hand-over must say so.
 *
 * Changed in one transaction with the facts that change it (`Store.save`), and brought up to what
 * the server knows by the roll, which never overwrites what this device said and the server has not
 * heard yet.
 */

import { aliasesOf } from "../core/roll_things.js";
import { asked } from "./db.js";

const UUIDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

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
export async function withCode(store, code) {
  const salt = await store.get("roll:salt") ?? null;
  const codes = await aliasesOf(code, salt, crypto.subtle);
  return store.run(["things"], "readonly", async (transaction) => {
    const index = transaction.objectStore("things").index("codes");
    const found = (await Promise.all(codes.map((each) => asked(index.getAll(each))))).flat();
    return [...new Map(found.map((thing) => [thing.id, thing])).values()];
  });
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
 * Takes the server's account of what the unit holds, and what came with it, in one transaction. What
 * entries speak of that the server has not heard stays as this device has it, gone things included.
 * @param {import("./db.js").Store} store
 * @param {Thing[]} told
 * @param {number} heard the highest number of this device that the server had heard when it was asked
 * @param {{device?: string, meta?: Record<string, any>}} [more] device: whose entries may not be
 *   heard yet; meta: what is kept beside, by key
 */
export function takeRoll(store, told, heard, { device = "", meta = {} } = {}) {
  return store.run(["things", "facts", "meta"], "readwrite", async (transaction) => {
    const known = transaction.objectStore("things"), beside = transaction.objectStore("meta");
    const unheard = device ? IDBKeyRange.bound([device, heard + 1], [device, Infinity]) : null;
    const [things, facts] = await Promise.all(
      [asked(known.getAll()), unheard ? asked(transaction.objectStore("facts").getAll(unheard)) : []]);
    const own = new Set(facts.flatMap((fact) => fact.text.match(UUIDS) ?? []));
    const before = new Map(things.map((thing) => [thing.id, thing]));
    const isOwn = (id) => own.has(id) || (before.get(id)?.seq ?? 0) > heard;
    for (const thing of told) {
      const here = before.get(thing.id);
      if (isOwn(thing.id)) continue;
      // A role that the roll tells no names keeps what it wrote down itself.
      const label = thing.label || (here?.label ?? "");
      known.put({ ...thing, label, seq: 0, told: { ...here?.told, ...thing.told } });
    }
    const listed = new Set(told.map((thing) => thing.id));
    for (const { id } of things) if (!listed.has(id) && !isOwn(id)) known.delete(id);
    for (const [key, value] of Object.entries(meta)) beside.put(value, key);
  });
}
