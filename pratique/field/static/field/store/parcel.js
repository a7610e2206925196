// @ts-check
/**
 * The outbox as a file or as a run of square codes: what a dying device hands to another one. AES-GCM
 * under a passphrase (PBKDF2-SHA-256); the head is authenticated too, so whatever is changed shows.
 */

import { framesOf, KIND } from "../core/frames.js";
import { asked, StoreRefusal } from "./db.js";

const FORM = "pratique-outbox";
const FORM_VERSION = 2;
const FORM_PLAIN = 1;  // read, and no longer written: what is inside is not deflated
const INSIDE_BYTES_MAX = 256 * 1024 * 1024;
const ROUNDS = 600_000;
const ROUNDS_MAX = 5_000_000;
export const PASSPHRASE_CHARACTERS_MIN = 8;
const KEPT_MAX = 200_000;
const encoder = new TextEncoder();

/**
 * The facts that a device keeps, its own and carried ones, as the text of an encrypted file.
 * @param {import("./db.js").Store} store
 * @param {string} passphrase
 * @param {(bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>} random fills and answers
 * @returns {Promise<{text: string, count: number}>}
 */
export async function exportOutbox(store, passphrase, random) {
  if (passphrase.length < PASSPHRASE_CHARACTERS_MIN) {
    throw new StoreRefusal("passphrase_short", { least: PASSPHRASE_CHARACTERS_MIN });
  }
  const facts = await store.run(["facts"], "readonly", (transaction) =>
    asked(transaction.objectStore("facts").getAll()));
  const head = { form: FORM, version: FORM_VERSION, rounds: ROUNDS,
    salt: base64(random(new Uint8Array(16))), iv: base64(random(new Uint8Array(12))) };
  const key = await keyOf(passphrase, head, "encrypt");
  const data = await crypto.subtle.encrypt(way(head), key,
    await deflated(JSON.stringify(facts.map((fact) => fact.text))));
  return { text: JSON.stringify({ ...head, data: base64(new Uint8Array(data)) }), count: facts.length };
}

/**
 * The same as a run of square codes, for `Run` of screen/qr.js. Throws `frames_too_many` where a
 * file is the better way.
 * @param {import("./db.js").Store} store
 * @param {string} passphrase
 * @param {(bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>} random
 * @returns {Promise<{texts: string[], count: number}>}
 */
export async function outboxFrames(store, passphrase, random) {
  const { text, count } = await exportOutbox(store, passphrase, random);
  return { texts: await framesOf(KIND.parcel, encoder.encode(text), { CompressionStream }), count };
}

/**
 * Takes over what was gathered from a run of square codes (`new Collector(KIND.parcel)`).
 * @param {import("./db.js").Store} store
 * @param {string} own
 * @param {import("../core/frames.js").Collector} gathered
 * @param {string} passphrase
 * @returns {Promise<{taken: number, known: number, devices: string[]}>}
 */
export async function importFrames(store, own, gathered, passphrase) {
  const bytes = await gathered.bytes({ DecompressionStream });
  return importOutbox(store, own, new TextDecoder().decode(bytes), passphrase);
}

/**
 * Takes another device's outbox over; a second time changes nothing.
 * @param {import("./db.js").Store} store
 * @param {string} own this device
 * @param {string} text of the file
 * @param {string} passphrase
 * @returns {Promise<{taken: number, known: number, devices: string[]}>}
 */
export async function importOutbox(store, own, text, passphrase) {
  const kept = (await opened(text, passphrase)).map(asKept);
  const devices = [...new Set(kept.map((fact) => fact.device))];
  const taken = await store.run(["facts", "receipts", "meta"], "readwrite", (transaction) =>
    take(transaction, own, kept, devices));
  for (const [device, { first, last }] of taken.spans) store.tell({ type: "saved", device, first, last });
  return { taken: taken.count, known: kept.length - taken.count, devices };
}

async function take(transaction, own, kept, devices) {
  const facts = transaction.objectStore("facts"), meta = transaction.objectStore("meta");
  const receipts = transaction.objectStore("receipts");
  /** @type {Map<string, {first: number, last: number}>} */
  const spans = new Map();
  let count = 0;
  for (const fact of kept) {
    const key = [fact.device, fact.seq];
    const [before, heard] = await Promise.all([asked(facts.get(key)), asked(receipts.get(key))]);
    const id = before?.id ?? heard?.id;
    if (id && id !== fact.id) throw new StoreRefusal("number_taken", { seq: fact.seq });
    if (before || heard && heard.status !== "set_aside") continue;
    facts.add(fact);
    count += 1;
    const span = spans.get(fact.device) ?? { first: fact.seq, last: fact.seq };
    spans.set(fact.device, { first: Math.min(span.first, fact.seq), last: Math.max(span.last, fact.seq) });
  }
  for (const [device, { last }] of spans) {
    meta.put(Math.max(last, await asked(meta.get(`last:${device}`)) ?? 0), `last:${device}`);
  }
  const carried = await asked(meta.get("carried")) ?? [];
  meta.put([...new Set([...carried, ...devices.filter((device) => device !== own)])], "carried");
  return { count, spans };
}

async function opened(text, passphrase) {
  let head, data;
  try {
    ({ data, ...head } = JSON.parse(text));
  } catch {
    throw new StoreRefusal("outbox_file_unknown");
  }
  if (head.form !== FORM || typeof data !== "string") throw new StoreRefusal("outbox_file_unknown");
  if (head.version !== FORM_VERSION && head.version !== FORM_PLAIN) throw new StoreRefusal("outbox_file_newer");
  try {
    if (!(head.rounds > 0 && head.rounds <= ROUNDS_MAX)) throw new RangeError("rounds");
    const key = await keyOf(passphrase, head, "decrypt");
    const plain = await crypto.subtle.decrypt(way(head), key, bytesOf(data));
    return JSON.parse(head.version === FORM_PLAIN ? new TextDecoder().decode(plain) : await inflated(plain));
  } catch {
    throw new StoreRefusal("outbox_file_damaged");
  }
}

/** @param {string} text @returns {Promise<ArrayBuffer>} */
function deflated(text) {
  return new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"))).arrayBuffer();
}

/** @param {ArrayBuffer} bytes @returns {Promise<string>} */
async function inflated(bytes) {
  let size = 0;
  const counted = new TransformStream({ transform(part, controller) {
    size += part.length;
    if (size > INSIDE_BYTES_MAX) throw new RangeError("too much");
    controller.enqueue(part);
  } });
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))
    .pipeThrough(counted)).text();
}

/** @returns {import("./db.js").Kept} */
function asKept(text, at) {
  const fact = at < KEPT_MAX && typeof text === "string" ? JSON.parse(text) : null;
  const { id, kind, at: when, device, seq } = fact ?? {};
  if (!(typeof id === "string" && typeof device === "string" && Number.isSafeInteger(seq) && seq > 0)) {
    throw new StoreRefusal("outbox_file_damaged");
  }
  return { device, seq, id, kind, at: when, bytes: encoder.encode(text).length, text };
}

async function keyOf(passphrase, head, use) {
  const secret = await crypto.subtle.importKey("raw", encoder.encode(passphrase.normalize("NFC")), "PBKDF2",
    false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(head.salt), iterations: head.rounds },
    secret, { name: "AES-GCM", length: 256 }, false, [use]);
}

function way(head) {
  const { form, version, rounds, salt, iv } = head;
  return { name: "AES-GCM", iv: bytesOf(iv),
    additionalData: encoder.encode(JSON.stringify([form, version, rounds, salt, iv])) };
}

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

function bytesOf(text) {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}
