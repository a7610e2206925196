// @ts-check
/** What this device itself has said and still keeps: what was done here is known without a network. */

import { asked } from "./db.js";

/** @typedef {{id: string, kind: string, at: string, by: string|null, body: Record<string, any>}} Said */

/**
 * This device's own facts of some kinds, oldest first. What the server refused was never done.
 * @param {import("./db.js").Store} store
 * @param {string|null} device
 * @param {string[]} kinds
 * @returns {Promise<Said[]>}
 */
export async function saidOf(store, device, kinds) {
  if (device === null) return [];
  const own = IDBKeyRange.bound([device, 0], [device, Infinity]);
  return store.run(["facts", "receipts"], "readonly", async (transaction) => {
    const [facts, receipts] = await Promise.all(["facts", "receipts"].map((name) =>
      asked(transaction.objectStore(name).getAll(own))));
    const refused = new Set(receipts.filter(({ status }) => status === "quarantined").map(({ seq }) => seq));
    return facts.filter(({ kind, seq }) => kinds.includes(kind) && !refused.has(seq))
      .map(({ text }) => JSON.parse(text));
  });
}
