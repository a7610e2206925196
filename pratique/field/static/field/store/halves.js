// @ts-check
/**
 * The other side's signed halves, on their way up: whichever device meets a network first hands up
 * both sides of a hand-over. Kept in the store's `meta`, each under its fact's id, until the county
 * has answered; and for a while after that, for a database that is restored from a backup.
 */

import { asked } from "./db.js";

const ADDRESS = "/api/v1/field/halves";
export const PREFIX = "half:";
const REFUSED = ["disputed", "quarantined"];
const HALVES_OF_A_CALL_MAX = 200;
const BYTES_OF_A_CALL_MAX = 512 * 1024;
const ANSWERED_KEPT_MAX = 2_000;
const CALL_MS_MAX = 90_000;

/**
 * @typedef {import("../core/handover.js").Half} Half
 * @typedef {Half & {id: string, order: number, epoch: string|null, receipt: any}} KeptHalf
 *   epoch: in which life of the database it was answered; null: not yet
 */

/**
 * Keeps a half that was read and believed. On the disk when the promise resolves; twice is once.
 * @param {import("./db.js").Store} store
 * @param {Half} half
 * @param {number} now milliseconds; for the order alone
 */
export async function keepHalf(store, half, now) {
  const { id } = JSON.parse(half.fact);
  await store.run(["meta"], "readwrite", async (transaction) => {
    const meta = transaction.objectStore("meta");
    if (await asked(meta.get(PREFIX + id))) return;
    meta.put({ ...half, id, order: now, epoch: null, receipt: null }, PREFIX + id);
  });
}

/** All halves that are kept, oldest first. @param {import("./db.js").Store} store @returns {Promise<KeptHalf[]>} */
export async function keptHalves(store) {
  const range = IDBKeyRange.bound(PREFIX, `${PREFIX}\uffff`);
  const found = await store.run(["meta"], "readonly", (transaction) =>
    asked(transaction.objectStore("meta").getAll(range)));
  return found.sort((one, other) => one.order - other.order);
}

/**
 * Halves that the county did not take, as the outbox shows what was refused.
 * @param {import("./db.js").Store} store
 * @returns {Promise<any[]>}
 */
export async function refusedHalves(store) {
  return (await keptHalves(store)).filter(({ receipt }) => REFUSED.includes(receipt?.status)).map(({ fact, receipt }) => {
    const { seq, kind, at, device } = JSON.parse(fact);
    return { ...receipt, seq, kind, at, device };
  });
}

/**
 * Hands up what this life of the database has not answered; as many calls as it takes.
 * @param {import("./db.js").Store} store
 * @param {{token: string, epoch: string|null, language?: string, address?: string, signal?: AbortSignal}} how
 *   epoch: as the facts' answers tell it
 * @returns {Promise<{answered: number, waiting: number}>} never throws for the network's sake
 */
export async function sendHalves(store, { token, epoch, language = "en", address = ADDRESS, signal }) {
  const kept = await keptHalves(store);
  let waiting = kept.filter((half) => half.epoch === null || epoch !== null && half.epoch !== epoch);
  let answered = 0;
  while (waiting.length) {
    const call = firstOf(waiting);
    const said = await handUp(call, { token, language, address, signal });
    if (!said) break;
    await settle(store, call, said, kept);
    answered += call.length;
    waiting = waiting.slice(call.length);
  }
  return { answered, waiting: waiting.length };
}

/** @param {KeptHalf[]} waiting as many as a call carries, but one at least */
function firstOf(waiting) {
  let bytes = 0;
  const over = waiting.findIndex((half, at) => {
    bytes += half.fact.length * 3;  // of a sign in UTF-8 at most
    return at > 0 && (at >= HALVES_OF_A_CALL_MAX || bytes > BYTES_OF_A_CALL_MAX);
  });
  return over === -1 ? waiting : waiting.slice(0, over);
}

/** @returns {Promise<{receipts: any[], epoch: string}|null>} null: nothing that answers every half */
async function handUp(call, { token, language, address, signal }) {
  const limit = AbortSignal.timeout(CALL_MS_MAX);
  try {
    const answer = await fetch(address, {
      method: "POST", cache: "no-store", credentials: "omit", redirect: "error",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}`, "Accept-Language": language },
      body: JSON.stringify(call.map(({ fact, device, signature }) => ({ fact, device, signature }))),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    const said = answer.ok ? await answer.json() : null;
    const isWhole = Array.isArray(said?.receipts) && said.receipts.length === call.length && typeof said.epoch === "string";
    return isWhole ? said : null;
  } catch {
    return null;
  }
}

async function settle(store, call, { receipts, epoch }, kept) {
  const done = kept.filter((half) => half.epoch === epoch);
  const old = done.slice(0, Math.max(0, done.length + call.length - ANSWERED_KEPT_MAX));
  await store.run(["meta"], "readwrite", (transaction) => {
    const meta = transaction.objectStore("meta");
    for (const [at, half] of call.entries()) meta.put({ ...half, epoch, receipt: receipts[at] }, PREFIX + half.id);
    for (const half of old) meta.delete(PREFIX + half.id);
  });
}
