// @ts-check
/**
 * Finding an announced arrival by what the officer holds: a document's number, a plate, a phone.
 * The list cannot be read: who has no number opens nothing (pratique/field/expected.py).
 */

import { bytesOf, textOf } from "./signed.js";

/**
 * @typedef {{salt: string, sealed: string[], keys: Record<string, [number, string][]>}} Expected
 * @typedef {"document" | "plate" | "phone"} Kind
 * @typedef {{id: string, person: string, name: string, occupants: number,
 *   destination: string | null, expected_at: string | null}} Arrival
 * @typedef {{arrivals: Arrival[], announced: number}} Found
 *   announced: how many there are; more than `arrivals` where the number does not open them.
 */

const HASH_BYTES = 12;
const KEY_BITS = 128;
const ID_BYTES = 16;
const NONCE = new Uint8Array(12);
const SEPARATORS = {
  document: /[\s.·•\-‐‑‒–—―_/]+/gu,
  plate: /[\s.·•∙⋅・‧。,\-‐‑‒–—―_]+/gu,
  phone: /[\s().\-‐‑‒–—―]+/gu,
};
const INVISIBLE = /[\u200B-\u200F\u202A\u202C\u202D\u2060\uFEFF]/gu;

/**
 * A number as the server compares it: capitals, plain characters, no separators.
 * @param {Kind} kind @param {string} text @returns {string}
 */
export function normalised(kind, text) {
  const plain = text.normalize("NFKC").replace(INVISIBLE, "").trim();
  if (kind !== "phone") return plain.toUpperCase().replace(SEPARATORS[kind], "");
  const digits = plain.replace(SEPARATORS.phone, "");
  const bare = digits.replace(/^\+/u, "").replace(/^00/u, "");
  const mobile = bare.length === 13 && bare.startsWith("86") ? bare.slice(2) : bare;
  return /^1[3-9]\d{9}$/u.test(mobile) ? mobile : digits;
}

/**
 * The arrivals that were announced with this number.
 * @param {Expected} expected @param {Kind} kind @param {string} text @param {SubtleCrypto} subtle
 * @returns {Promise<Found>}
 */
export async function lookUp(expected, kind, text, subtle) {
  const number = normalised(kind, text);
  if (!number) return { arrivals: [], announced: 0 };
  const salt = bytesOf(expected.salt);
  const lines = expected.keys[await place(salt, kind, number, subtle)] ?? [];
  const known = await subtle.importKey("raw", bytes(number), "HKDF", false, ["deriveBits"]);
  const opening = lines.filter(([, wrapped]) => wrapped);
  const arrivals = await Promise.all(opening.map(async ([entry, wrapped]) => {
    const info = bytes(`pratique expected ${kind} ${entry}`);
    const pad = new Uint8Array(
      await subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, known, KEY_BITS));
    const key = bytesOf(wrapped).map((byte, at) => byte ^ pad[at]);
    return opened(expected.sealed[entry], entry, key, subtle);
  }));
  return { arrivals, announced: lines.length };
}

/** @param {Uint8Array<ArrayBuffer>} salt @param {Kind} kind @param {string} number @param {SubtleCrypto} subtle */
async function place(salt, kind, number, subtle) {
  const hash = { name: "HMAC", hash: "SHA-256" };
  const key = await subtle.importKey("raw", salt, hash, false, ["sign"]);
  const digest = await subtle.sign("HMAC", key, bytes(`${kind}\0${number}`));
  return textOf(digest.slice(0, HASH_BYTES));
}

/**
 * @param {string} box @param {number} entry @param {Uint8Array<ArrayBuffer>} key
 * @param {SubtleCrypto} subtle @returns {Promise<Arrival>}
 */
async function opened(box, entry, key, subtle) {
  const cipher = await subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const plain = new Uint8Array(await subtle.decrypt(
    { name: "AES-GCM", iv: NONCE, additionalData: bytes(String(entry)) }, cipher, bytesOf(box)));
  return {
    id: uuid(plain.slice(0, ID_BYTES)), person: uuid(plain.slice(ID_BYTES, 2 * ID_BYTES)),
    ...JSON.parse(new TextDecoder().decode(plain.slice(2 * ID_BYTES))),
  };
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
function bytes(text) {
  return new TextEncoder().encode(text);
}

/** @param {Uint8Array} raw @returns {string} */
function uuid(raw) {
  const hex = Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, "$1-$2-$3-$4-$5");
}
