// @ts-check
/**
 * Finding an announced arrival by what the officer holds: a document's number, a plate, a phone.
 * The list cannot be read: who has no number opens nothing. `pratique/field/expected.py` writes it,
 * in columns of packed bytes; nothing of them is decoded but what was found.
 */

import { compared } from "./papers.js";

/**
 * As it comes in a bundle: salt, head and block in base64.
 * @typedef {{salt: string, head: string, from: number, destinations: string[],
 *   counts: [number, number, number, number], block: string, left_out: number}} Told
 * As it lies on the device (carried.js). counts: arrivals, plates, people aboard them, phones.
 * @typedef {{salt: Uint8Array<ArrayBuffer>, head: Uint8Array<ArrayBuffer>, from: number,
 *   destinations: string[], counts: [number, number, number, number],
 *   block: Uint8Array<ArrayBuffer>, left_out: number}} Expected
 * @typedef {"document" | "plate" | "phone"} Kind
 * expected_at: to the minute.
 * @typedef {{id: string, person: string, name: string, occupants: number,
 *   destination: string | null, expected_at: string | null}} Arrival
 * announced: how many there are; more than `arrivals` where a phone does not open them.
 * @typedef {{arrivals: Arrival[], announced: number}} Found
 */

const PLACE_BYTES = 6;
const SECRET_BYTES = 10;
const KEY_BYTES = 16;
const ID_BYTES = 16;
const HEAD_BYTES = 6;
const NUMBER_BYTES = 2;
const NONE = 0xffff;
const MINUTE_MS = 60_000;
const HMAC = { name: "HMAC", hash: "SHA-256" };
const COUNTER_BITS = 32;

/**
 * The arrivals that were announced with this number.
 * @param {Expected | null} expected null: no bundle yet
 * @param {Kind} kind @param {string} value as it was scanned or typed
 * @param {SubtleCrypto} subtle @returns {Promise<Found>}
 */
export async function find(expected, kind, value, subtle) {
  const number = compared(kind, value);
  if (!expected || !number) return { arrivals: [], announced: 0 };
  const table = columns(expected);
  const own = await hmac(expected.salt, bytes(`${kind}\0${number}`), subtle);
  const [first, end] = range(table[kind], own);
  if (kind === "phone") return { arrivals: [], announced: end - first };
  const secret = own.subarray(PLACE_BYTES, PLACE_BYTES + SECRET_BYTES);
  const lines = kind === "document" ? Array.from({ length: end - first }, (_, at) => ({
    entry: first + at, secret })) : await aboard(table, first, end, secret, subtle);
  const opened = await Promise.all(lines.map((line) => open(expected, table, line, subtle)));
  const arrivals = opened.filter((one) => one !== null);
  return { arrivals, announced: arrivals.length };
}

/** @typedef {ReturnType<typeof columns>} Columns */

/** Where each column of the block lies. @param {Expected} expected */
function columns({ block, counts: [arrivals, plates, people, phones] }) {
  let at = 0;
  const next = (/** @type {number} */ length) => block.subarray(at, at += length);
  return {
    document: next(arrivals * PLACE_BYTES), lengths: next(arrivals),
    plate: next(plates * PLACE_BYTES), ends: next(plates * NUMBER_BYTES),
    people: next(people * NUMBER_BYTES), wrapped: next(people * SECRET_BYTES),
    phone: next(phones * PLACE_BYTES), boxes: block.subarray(at),
  };
}

/**
 * The places that are this one: [first, end). One number that was announced twice stands there twice.
 * @param {Uint8Array} places sorted @param {Uint8Array} wanted @returns {[number, number]}
 */
function range(places, wanted) {
  let low = 0;
  let high = places.length / PLACE_BYTES;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order(places, middle, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while ((end + 1) * PLACE_BYTES <= places.length && order(places, end, wanted) === 0) end += 1;
  return [low, end];
}

/** @param {Uint8Array} places @param {number} at @param {Uint8Array} wanted */
function order(places, at, wanted) {
  for (let byte = 0; byte < PLACE_BYTES; byte += 1) {
    const difference = places[at * PLACE_BYTES + byte] - wanted[byte];
    if (difference) return difference;
  }
  return 0;
}

/**
 * Who is aboard, each with the secret that opens it.
 * @param {Columns} table @param {number} first @param {number} end
 * @param {Uint8Array<ArrayBuffer>} secret the plate's @param {SubtleCrypto} subtle
 */
async function aboard(table, first, end, secret, subtle) {
  if (first === end) return [];
  const begin = first ? short(table.ends, first - 1) : 0;
  const key = await subtle.importKey("raw", secret, HMAC, false, ["sign"]);
  return Promise.all(Array.from({ length: short(table.ends, end - 1) - begin }, async (_, nth) => {
    const entry = short(table.people, begin + nth);
    const pad = new Uint8Array(await subtle.sign("HMAC", key, counted(4, entry)));
    const from = (begin + nth) * SECRET_BYTES;
    const own = table.wrapped.slice(from, from + SECRET_BYTES).map((byte, at) => byte ^ pad[at]);
    return { entry, secret: own };
  }));
}

/**
 * One arrival; null for what this secret does not open.
 * @param {Expected} expected @param {Columns} table
 * @param {{entry: number, secret: Uint8Array<ArrayBuffer>}} line
 * @param {SubtleCrypto} subtle @returns {Promise<Arrival | null>}
 */
async function open(expected, table, { entry, secret }, subtle) {
  let from = 0;
  for (let before = 0; before < entry; before += 1) from += table.lengths[before];
  const raw = new Uint8Array(KEY_BYTES);
  raw.set(secret);
  raw.set(expected.salt.subarray(0, KEY_BYTES - SECRET_BYTES), SECRET_BYTES);
  const key = await subtle.importKey("raw", raw, "AES-CTR", false, ["decrypt"]);
  const box = table.boxes.slice(from, from + table.lengths[entry]);
  return unpacked(expected, new Uint8Array(await subtle.decrypt(
    { name: "AES-CTR", counter: counted(ID_BYTES, entry), length: COUNTER_BITS }, key, box)));
}

/**
 * flags | id | person | time | destination | occupants | name.
 * @param {Expected} expected @param {Uint8Array<ArrayBuffer>} plain @returns {Arrival | null}
 */
function unpacked(expected, plain) {
  let at = 1;
  const take = (/** @type {number} */ length) => plain.slice(at, at += length);
  const id = (/** @type {number} */ flag) => plain[0] & flag
    ? new Uint8Array([...expected.head, ...take(ID_BYTES - HEAD_BYTES)]) : take(ID_BYTES);
  const [announcement, person] = [id(1), id(2)];
  const [time, place] = [short(take(2), 0), short(take(2), 0)];
  const [occupants] = take(1);
  const name = text(plain.subarray(at));
  // Another key than the right one makes noise, which is none of this.
  const isRight = plain[0] < 4 && name !== null
    && (place === NONE || place < expected.destinations.length);
  return isRight ? {
    id: uuid(announcement), person: uuid(person), name, occupants,
    destination: place === NONE ? null : expected.destinations[place],
    expected_at: time === NONE ? null : new Date((expected.from + time) * MINUTE_MS).toISOString(),
  } : null;
}

/** @param {Uint8Array<ArrayBuffer>} secret @param {Uint8Array<ArrayBuffer>} data @param {SubtleCrypto} subtle */
async function hmac(secret, data, subtle) {
  const key = await subtle.importKey("raw", secret, HMAC, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", key, data));
}

/** A number in the first four of so many bytes. @param {number} length @param {number} number */
function counted(length, number) {
  const made = new Uint8Array(length);
  new DataView(made.buffer).setUint32(0, number);
  return made;
}

/** @param {Uint8Array} column @param {number} at */
function short(column, at) {
  return column[at * NUMBER_BYTES] << 8 | column[at * NUMBER_BYTES + 1];
}

/** @param {string} said @returns {Uint8Array<ArrayBuffer>} */
function bytes(said) {
  return new TextEncoder().encode(said);
}

/** The text; null for what is none. @param {Uint8Array} raw */
function text(raw) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(raw);
  } catch {
    return null;
  }
}

/** @param {Uint8Array} raw @returns {string} */
function uuid(raw) {
  const hex = Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, "$1-$2-$3-$4-$5");
}
