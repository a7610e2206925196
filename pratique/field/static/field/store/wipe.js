// @ts-check
/**
 * Taking a device's contents away after it was revoked: when everything that it had was answered, and
 * never before.
 */

import { asked } from "./db.js";
import { PREFIX as HALVES } from "./halves.js";

const CACHES = "pratique-";
const KEYS = "pratique-device";

/**
 * How many entries of this device and of those that it carries have no answer yet.
 * @param {IDBTransaction} transaction over "facts" and "meta"
 * @param {string} device
 * @returns {Promise<{waiting: number, made: number}>} made: how many there were ever, of all of them
 */
async function unanswered(transaction, device) {
  const meta = transaction.objectStore("meta"), facts = transaction.objectStore("facts");
  const lanes = [device, ...await asked(meta.get("carried")) ?? []];
  // The other sides' halves have to be handed up, too.
  const halves = await asked(meta.getAll(IDBKeyRange.bound(HALVES, `${HALVES}\uffff`)));
  let waiting = halves.filter((half) => half.epoch === null).length, made = 0;
  for (const lane of lanes) {
    const state = await asked(meta.get(`outbox:${lane}`));
    const above = IDBKeyRange.bound([lane, (state?.answered_through ?? 0) + 1], [lane, Infinity]);
    waiting += await asked(facts.count(above)) + (state?.set_aside?.length ?? 0);
    made += lane === device ? await asked(meta.get(`last:${lane}`)) ?? 0
      : await asked(facts.count(IDBKeyRange.bound([lane, 0], [lane, Infinity])));
  }
  return { waiting, made };
}

/** @param {import("./db.js").Store} store @param {string} device @returns {Promise<{waiting: number, made: number}>} */
export function stillToHandUp(store, device) {
  return store.run(["facts", "meta"], "readonly", (transaction) => unanswered(transaction, device));
}

/**
 * Empties the store in the same transaction in which it is seen that nothing waits: no tab can save
 * in between, because the browser closes all others first. Then the keys, the app's files and its worker.
 * @param {import("./db.js").Store} store
 * @param {string} device
 * @returns {Promise<number|null>} how many entries were handed up; null: something waits, nothing was touched
 */
export async function wipe(store, device) {
  if (!store.database) await store.connect();
  const version = /** @type {IDBDatabase} */ (store.database).version;
  store.close();
  store.isOutdated = true;  // so that nothing here opens it, and makes an empty one, meanwhile
  const made = await emptied(store.name, version + 1, device);
  if (made === null) {
    store.isOutdated = false;
    return null;
  }
  await Promise.all([deleted(store.name), deleted(KEYS)]);
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(CACHES)).map((name) => caches.delete(name)));
  const workers = await navigator.serviceWorker?.getRegistrations() ?? [];
  await Promise.all(workers.map((worker) => worker.unregister()));
  return made;
}

/** @param {string} name @param {number} version @param {string} device @returns {Promise<number|null>} */
function emptied(name, version, device) {
  return new Promise((resolve, reject) => {
    let made = /** @type {number|null} */ (null);
    const opening = indexedDB.open(name, version);
    opening.onupgradeneeded = async () => {
      const transaction = /** @type {IDBTransaction} */ (opening.transaction);
      const found = await unanswered(transaction, device);
      if (found.waiting) {
        transaction.abort();  // as if nothing had been asked: the version stays, too
        return;
      }
      for (const each of [...opening.result.objectStoreNames]) opening.result.deleteObjectStore(each);
      made = found.made;
    };
    opening.onsuccess = () => { opening.result.close(); resolve(made); };
    opening.onerror = () => (opening.error?.name === "AbortError" ? resolve(null) : reject(opening.error));
  });
}

/** @param {string} name */
function deleted(name) {
  return new Promise((resolve) => {
    const deleting = indexedDB.deleteDatabase(name);
    deleting.onsuccess = resolve;
    deleting.onerror = resolve;    // it is empty already
    deleting.onblocked = resolve;  // it goes as soon as the last page that has it open is closed
  });
}
