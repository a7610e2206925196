// @ts-check
/** What the store knows of hand-overs: this device's own offers and answers, and how an answer settles an offer. */

import { asked } from "./db.js";

/** @typedef {import("./db.js").Kept} Kept */
/** @typedef {import("./things.js").Thing} Thing */

const HALF = "half:";

/** The text of this device's fact; null: it has gone up and been dropped. @param {import("./db.js").Store} store @param {string} device @param {number} seq @returns {Promise<Kept|null>} */
export async function ownFact(store, device, seq) {
  return await store.run(["facts"], "readonly", (transaction) =>
    asked(transaction.objectStore("facts").get([device, seq]))) ?? null;
}

/**
 * The facts of a kind that are kept here, carried ones of other devices included, oldest first. A fact stays
 * for days after it is durable (README, outbox), an offer lives for hours.
 * @param {import("./db.js").Store} store @param {string} kind @returns {Promise<Kept[]>}
 */
export async function keptFacts(store, kind) {
  const all = await store.run(["facts"], "readonly", (transaction) => asked(transaction.objectStore("facts").getAll()));
  return all.filter((/** @type {Kept} */ fact) => fact.kind === kind);
}

/** The hand-overs that were answered on this device. @param {import("./db.js").Store} store @returns {Promise<Set<string>>} */
export async function answeredHere(store) {
  return new Set((await keptFacts(store, "custody.answered")).map((fact) => JSON.parse(fact.text).body.handover));
}

/**
 * The taker's answer was read and believed: it is kept for the way up, what was accepted leaves this account, what
 * was refused is in hand again; all of it or nothing.
 * @param {import("./db.js").Store} store
 * @param {import("../core/handover.js").Half} half @param {number} now for the order alone
 * @param {{gone: string[], things: Thing[]}} after
 */
export async function settleAnswer(store, half, now, { gone, things }) {
  const { id } = JSON.parse(half.fact);
  await store.run(["meta", "things"], "readwrite", async (transaction) => {
    const meta = transaction.objectStore("meta"), known = transaction.objectStore("things");
    if (await asked(meta.get(HALF + id))) return;
    meta.put({ ...half, id, order: now, epoch: null, receipt: null }, HALF + id);
    for (const thing of things) known.put(thing);
    for (const each of gone) known.delete(each);
  });
}

/** Things without a fact of this device: an offer's time is over. @param {import("./db.js").Store} store @param {Thing[]} things */
export function putThings(store, things) {
  return store.run(["things"], "readwrite", (transaction) => {
    for (const thing of things) transaction.objectStore("things").put(thing);
  });
}
