// @ts-check
/**
 * What the device keeps: facts with their running numbers, receipts, the outbox's state, drafts.
 *
 * A promise of `save` that has resolved means: on the disk, with its number, whatever happens next.
 * Number and fact are stored in one transaction, so that a kill leaves neither a hole nor a fact
 * without a number. Every fact is kept as the text that is sent: the same bytes each time.
 */

import { fresh } from "../core/outbox.js";
import { NAME, openDatabase, refusalOf, StoreRefusal } from "./open.js";

export { StoreRefusal } from "./open.js";

const FACT_BYTES_MAX = 512 * 1024;
const READ_AT_ONCE = 50;
const ATTEMPTS_MAX = 4;
const PAUSE_MS = 150;
// How a browser says that it gave a transaction up, or could not open its files.
const UNWELL = ["AbortError", "UnknownError", "InvalidStateError", "null"];
const REFUSED = ["disputed", "quarantined", "set_aside"];
const encoder = new TextEncoder();

/** @typedef {{id: string, kind: string, at: string, by: string|null, place: string|null, body: object, sealed?: object}} Entry */
/** @typedef {{device: string, seq: number, id: string, kind: string, at: string, bytes: number, text: string}} Kept */
/** @typedef {import("./things.js").Thing} Thing */

/**
 * Opens the device's store.
 * @param {{name?: string, onOutdated?: () => void}} [options]
 * @returns {Promise<Store>}
 */
export async function openStore({ name = NAME, onOutdated = () => {} } = {}) {
  const store = new Store(name, onOutdated);
  await store.connect();
  return store;
}

/** The device's store; all of it goes through `run`. */
export class Store {
  /**
   * @param {string} name
   * @param {() => void} onOutdated
   */
  constructor(name, onOutdated) {
    this.name = name;
    this.onOutdated = onOutdated;
    /** What is to be kept before another version of the app takes the database over. */
    this.lastWords = async () => {};
    this.isOutdated = false;
    /** @type {IDBDatabase|null} */
    this.database = null;
  }

  async connect() {
    this.database = await openDatabase(this.name, () => {
      this.isOutdated = true;
      this.database = null;
      this.onOutdated();
    }, () => this.lastWords());
    // Some systems close databases under memory pressure; the next use opens it again.
    this.database.onclose = () => { this.database = null; };
  }

  close() {
    this.database?.close();
    this.database = null;
  }

  /**
   * One transaction: resolves with `work`'s value once it is complete. Nothing else may be awaited
   * inside than what `asked` wraps. A browser that was killed may find its storage unwell for a
   * moment: what was aborted has stored nothing, so it is tried again with a new connection.
   * @template T
   * @param {string[]} stores
   * @param {"readonly"|"readwrite"} mode
   * @param {(transaction: IDBTransaction) => Promise<T>|T} work
   * @returns {Promise<T>}
   */
  async run(stores, mode, work) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once(stores, mode, work);
      } catch (error) {
        if (!UNWELL.includes(error.params?.why) || attempt === ATTEMPTS_MAX) throw error;
        this.close();
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
      }
    }
  }

  /**
   * @template T
   * @param {string[]} stores
   * @param {"readonly"|"readwrite"} mode
   * @param {(transaction: IDBTransaction) => Promise<T>|T} work
   * @returns {Promise<T>}
   */
  async once(stores, mode, work) {
    let transaction;
    try {
      transaction = await this.begin(stores, mode);
    } catch (error) {
      throw refusalOf(error);
    }
    const over = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(undefined);
      transaction.onabort = () => reject(refusalOf(transaction.error));
    });
    over.catch(() => {});
    try {
      const value = await work(transaction);
      await over;
      return value;
    } catch (error) {
      try { transaction.abort(); } catch { /* it is over already */ }
      throw refusalOf(error);
    }
  }

  /** @returns {Promise<IDBTransaction>} */
  async begin(stores, mode) {
    if (this.isOutdated) throw new StoreRefusal("storage_outdated");
    if (!this.database) await this.connect();
    const options = /** @type {any} */ ({ durability: "strict" });
    try {
      return /** @type {IDBDatabase} */ (this.database).transaction(stores, mode, options);
    } catch (error) {
      if (error?.name !== "InvalidStateError" || this.isOutdated) throw error;
      await this.connect();  // it was closing under our hands
      return /** @type {IDBDatabase} */ (this.database).transaction(stores, mode, options);
    }
  }

  /**
   * Stores entries as facts of this device, numbered in this order, with what they change of the
   * things on the device, and puts away the draft that they came from; all of it or nothing.
   * @param {string} device
   * @param {Entry[]} entries
   * @param {{things?: (numbered: Kept[]) => Thing[], gone?: string[], draft?: string}} [more]
   *   things: as they are after these facts; gone: ids of those that left the unit's account
   * @returns {Promise<Kept[]>}
   */
  async save(device, entries, { things = () => [], gone = [], draft = "" } = {}) {
    const stores = ["facts", "meta", "things", "drafts"];
    const kept = await this.run(stores, "readwrite", async (transaction) => {
      const meta = transaction.objectStore("meta"), facts = transaction.objectStore("facts");
      const last = await asked(meta.get(`last:${device}`)) ?? 0;
      const numbered = entries.map((entry, at) => keep(device, last + at + 1, entry));
      for (const fact of numbered) facts.add(fact);
      meta.put(last + numbered.length, `last:${device}`);
      const known = transaction.objectStore("things");
      for (const thing of things(numbered)) known.put(thing);
      for (const id of gone) known.delete(id);
      if (draft) transaction.objectStore("drafts").delete(draft);
      return numbered;
    });
    this.tell({ type: "saved", device, first: kept[0]?.seq, last: kept.at(-1)?.seq });
    return kept;
  }

  /** Tells the other tabs and this one's sender. @param {object} message */
  tell(message) {
    const channel = new BroadcastChannel(this.name);
    channel.postMessage(message);
    channel.close();
  }

  /**
   * The oldest facts from a number on, at most so many and so many bytes, but one at least.
   * @param {string} device
   * @param {number} from
   * @param {number} most
   * @param {number} bytes
   * @returns {Promise<Kept[]>}
   */
  async batch(device, from, most, bytes) {
    return this.run(["facts"], "readonly", async (transaction) => {
      /** @type {Kept[]} */
      const taken = [];
      let size = 0, next = from;
      while (taken.length < most) {
        const range = IDBKeyRange.bound([device, next], [device, Infinity]);
        const count = Math.min(READ_AT_ONCE, most - taken.length);
        const found = await asked(transaction.objectStore("facts").getAll(range, count));
        for (const fact of found) {
          size += fact.bytes + 1;
          if (taken.length && size > bytes) return taken;
          taken.push(fact);
        }
        if (found.length < count) break;
        next = found.at(-1).seq + 1;
      }
      return taken;
    });
  }

  /**
   * Lowest and highest number kept; first = last + 1 where nothing is kept.
   * @param {string} device
   * @returns {Promise<{first: number, last: number}>}
   */
  async span(device) {
    return this.run(["facts", "meta"], "readonly", async (transaction) => {
      const range = IDBKeyRange.bound([device, 0], [device, Infinity]);
      const facts = transaction.objectStore("facts");
      const [lowest] = await asked(facts.getAllKeys(range, 1));
      const last = await asked(transaction.objectStore("meta").get(`last:${device}`)) ?? 0;
      return { first: lowest ? lowest[1] : last + 1, last };
    });
  }

  /**
   * The oldest fact of a lane from a number on, for its age.
   * @param {string} device
   * @param {number} from
   * @returns {Promise<Kept|null>}
   */
  async oldest(device, from) {
    return (await this.batch(device, from, 1, 0))[0] ?? null;
  }

  /**
   * A lane's state as last stored, brought up to what is kept.
   * @param {string} device
   * @param {boolean} isOwn
   */
  async lane(device, isOwn) {
    return await this.get(`outbox:${device}`) ?? fresh(device, isOwn);
  }

  /** The devices whose outbox was handed to this one. @returns {Promise<string[]>} */
  async carried() {
    return await this.get("carried") ?? [];
  }

  /**
   * Stores what an answer taught: receipts, what may be forgotten and the lane's state, together.
   * @param {import("../core/outbox.js").State} state
   * @param {import("../core/outbox.js").Mark[]} receipts
   * @param {number} through drop all up to it; 0: nothing
   */
  async settle(state, receipts, through) {
    const { device } = state;
    return this.run(["facts", "receipts", "meta"], "readwrite", async (transaction) => {
      const store = transaction.objectStore("receipts"), facts = transaction.objectStore("facts");
      for (const receipt of receipts) {
        const [before, fact] = await Promise.all(
          [asked(store.get([device, receipt.seq])), asked(facts.get([device, receipt.seq]))]);
        const next = merged(before, receipt);
        store.put({ ...next, device, id: fact?.id ?? before?.id ?? receipt.id, kind: fact?.kind ?? before?.kind ?? "", at: fact?.at ?? before?.at ?? "" });
      }
      if (through > 0) {
        const range = IDBKeyRange.bound([device, 0], [device, through]);
        facts.delete(range);
        await forgetReceipts(store, range);
      }
      transaction.objectStore("meta").put(state, `outbox:${device}`);
    });
  }

  /** What was refused, disputed or set aside, in order. @returns {Promise<any[]>} */
  async attention() {
    return this.run(["receipts"], "readonly", (transaction) =>
      asked(transaction.objectStore("receipts").index("attention").getAll()));
  }

  /** @param {string} key @returns {Promise<any>} */
  get(key) {
    return this.run(["meta"], "readonly", (transaction) => asked(transaction.objectStore("meta").get(key)));
  }

  /** @param {string} key @param {any} value */
  put(key, value) {
    return this.run(["meta"], "readwrite", (transaction) => {
      transaction.objectStore("meta").put(value, key);
    });
  }

  /** What was being typed in a form when the app went away. @param {string} form @returns {Promise<any>} */
  draft(form) {
    return this.run(["drafts"], "readonly", (transaction) => asked(transaction.objectStore("drafts").get(form)));
  }

  /** Keeps what is being typed; null: the form is done. @param {string} form @param {any} value */
  keepDraft(form, value) {
    return this.run(["drafts"], "readwrite", (transaction) => {
      const drafts = transaction.objectStore("drafts");
      if (value === null) drafts.delete(form);
      else drafts.put(value, form);
    });
  }

  /**
   * Asks the browser not to clear this store, and keeps its answer.
   * @returns {Promise<boolean>}
   */
  async askToPersist() {
    const isKept = await navigator.storage?.persist?.() ?? false;
    await this.put("persisted", isKept);
    return isKept;
  }
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @returns {Kept} */
function keep(device, seq, entry) {
  const { id, kind, at, by, place, body, sealed } = entry;
  const text = JSON.stringify({ id, kind, at, by, place, device, seq, body, ...(sealed ? { sealed } : {}) });
  const bytes = encoder.encode(text).length;
  if (bytes > FACT_BYTES_MAX) throw new StoreRefusal("fact_too_large", { most: FACT_BYTES_MAX, bytes });
  return { device, seq, id, kind, at, bytes, text };
}

/** The first answer stays: “known already” says less than what was said when it was first heard. */
function merged(before, receipt) {
  const isHeard = before && before.status !== "set_aside";
  const said = receipt.status === "duplicate" && isHeard ? before : receipt;
  const { attention: _, ...plain } = said;
  const isRefused = REFUSED.includes(said.status) || said.status === "duplicate" && said.code;
  return { ...plain, seq: receipt.seq,  ...(isRefused ? { attention: 1 } : {}) };
}

/** What was refused stays on the screen after its fact has gone. */
async function forgetReceipts(store, range) {
  const [keys, values] = await Promise.all([asked(store.getAllKeys(range)), asked(store.getAll(range))]);
  for (const [at, value] of values.entries()) if (!value.attention) store.delete(keys[at]);
}
