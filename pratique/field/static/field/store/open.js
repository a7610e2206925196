// @ts-check
/**
 * The device's database: its stores, how it is opened, and what happens when another tab brings a
 * newer form of it. A later version adds stores and changes none: unsent facts outlive every update.
 */

export const NAME = "pratique-field";
const VERSION = 2;
const LAST_WORDS_MS_MAX = 2_000;

/** A named refusal of the device itself; the page has its sentence by the code. */
export class StoreRefusal extends Error {
  /**
   * @param {string} code
   * @param {Record<string, any>} [params]
   */
  constructor(code, params = {}) {
    super(code);
    this.name = "StoreRefusal";
    this.code = code;
    this.params = params;
  }
}

/**
 * @param {string} name
 * @param {() => void} onOutdated a newer version of the app wants the database, and has it now: reload
 * @param {() => Promise<void>} [lastWords] what is to be kept before that: the other one waits
 * @returns {Promise<IDBDatabase>}
 */
export function openDatabase(name, onOutdated, lastWords = async () => {}) {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, VERSION);
    asked.onupgradeneeded = () => addStores(asked.result);
    asked.onerror = () => reject(refusalOf(asked.error));
    asked.onsuccess = () => {
      const database = asked.result;
      database.onversionchange = async () => {
        const late = new Promise((go) => setTimeout(go, LAST_WORDS_MS_MAX));
        await Promise.race([lastWords().catch(() => {}), late]);
        database.close();
        onOutdated();
      };
      resolve(database);
    };
  });
}

/** @param {IDBDatabase} database */
function addStores(database) {
  const has = (name) => database.objectStoreNames.contains(name);
  if (!has("facts")) database.createObjectStore("facts", { keyPath: ["device", "seq"] });
  if (!has("receipts")) {
    const receipts = database.createObjectStore("receipts", { keyPath: ["device", "seq"] });
    receipts.createIndex("attention", "attention");
  }
  if (!has("meta")) database.createObjectStore("meta");
  if (!has("drafts")) database.createObjectStore("drafts");
  if (!has("things")) {
    const things = database.createObjectStore("things", { keyPath: "id" });
    things.createIndex("codes", "codes", { multiEntry: true });
    things.createIndex("type", "type");
  }
}

/**
 * What a failure of IndexedDB means, by name.
 * @param {any} error
 * @returns {Error}
 */
export function refusalOf(error) {
  if (error instanceof StoreRefusal) return error;
  const names = { QuotaExceededError: "storage_full", VersionError: "storage_newer",
    InvalidStateError: "storage_closed", AbortError: "storage_failed", UnknownError: "storage_failed" };
  return new StoreRefusal(names[error?.name] ?? "storage_failed", { why: String(error?.name ?? error) });
}
