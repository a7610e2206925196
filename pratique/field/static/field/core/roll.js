// @ts-check
/**
 * Reading a roll: its things as the device stores them, and what a scan finds. Pure.
 */

import { compared } from "./papers.js";
import { bytesOf, textOf } from "./signed.js";

/**
 * @typedef {{subject: string, kind: "person" | "vehicle" | "specimen", holds_by: string,
 *   label: string | null}} OfferLine label null: not told to this device's roles, or erased
 * @typedef {{id: string, giver: string, taker: string, trip: string | null, bag: string | null,
 *   offered_at: string, expires_at: string, lines: OfferLine[]}} Offer
 * @typedef {{id: string, vehicle: string, plate: string | null, origin: string,
 *   destination: string, depart_at: string, arrive_at: string, departed_at: string | null,
 *   state: "planned" | "departed",
 *   passengers: {person: string, boarded: boolean, name: string | null}[],
 *   handovers: {id: string, giver: string, taker: string, expires_at: string, lines: number,
 *     waiting: number}[]}} Trip
 * @typedef {{fact: string, seq: number | null, kind: string,
 *   status: "applied" | "disputed" | "quarantined", at: string, code?: string, rule?: string,
 *   words?: Record<string, {title: string, sentence: string}>}} Fate
 * @typedef {{id: string, fact: string, own: boolean, seq: number | null, kind: string,
 *   code: string, rule: string, subject: string | null, opened_at: string,
 *   words: Record<string, {title: string, sentence: string}>}} Finding
 * @typedef {{fates: Fate[], more: boolean, next: string, findings: Finding[],
 *   findings_left_out: number}} News
 * @typedef {{person: string, name: string | null, at: string | null, due_at: string | null,
 *   room: string | null, place_at: string | null, address?: string, phone?: string}} Awaited who
 *   may come; place_at: when this unit confirmed a place, null: it is still asked for one
 * @typedef {{what: "roll", county: {id: string, name_zh: string, name_en: string}, epoch: string,
 *   device: string, unit: {code: string, kind: string, name_zh: string, name_en: string},
 *   roles: string[], made_at: string, log_size: number, tag: string, salt: string,
 *   counts: Record<string, number>, left_out: Record<string, number>,
 *   persons: Record<string, any>[], vehicles: Record<string, any>[],
 *   specimens: Record<string, any>[], offers: Offer[], trips: Trip[],
 *   rooms: {room: string, floor: string, beds: number, persons: string[]}[],
 *   rounds: {day: string, slot: "morning" | "evening", answered: string[]}[],
 *   duties: {id: string, kind: string, key: string, opens_at: string, due_at: string,
 *     person?: string}[], awaited: Awaited[], news: News}} Roll
 * @typedef {{id: string, type: "person" | "vehicle" | "specimen", account: string,
 *   holds_by: string, pending: string | null, label: string | null, code: string | null,
 *   slip?: string | null, episode?: string | null, vehicle?: string | null,
 *   document?: {kind: string, last: string, key: string} | null, room?: string | null,
 *   decision?: {measure: string | null, until: string | null},
 *   standing?: Record<string, any> | null, by_fact: string | null, seq: number,
 *   more: Record<string, any>}} Thing more: the roll's row as it came
 */

const HASH_BYTES = 12;

/**
 * What the unit holds, as the device stores it: `seq` 0, for no fact of the device said so.
 * @param {Roll} roll @returns {Thing[]}
 */
export function thingsOf(roll) {
  const account = roll.unit.code;
  /** @param {Thing["type"]} type @param {Record<string, any>} row */
  const held = (type, row) => ({
    id: row.id, type, account, holds_by: row.holds_by, pending: row.pending ?? null,
    by_fact: null, seq: 0, more: row,
  });
  return [
    ...roll.persons.map((row) => ({
      ...held("person", row), label: row.name, code: row.document?.key ?? null, slip: row.slip,
      episode: row.episode, vehicle: row.vehicle, document: row.document, room: row.room,
      decision: { measure: row.measure, until: row.until }, standing: row.standing,
    })),
    ...roll.vehicles.map((row) => ({
      ...held("vehicle", row), label: row.plate,
      code: row.plate ? compared("plate", row.plate) : null,
    })),
    ...roll.specimens.map((row) => ({
      ...held("specimen", row), label: row.tube, code: row.tube,
    })),
  ];
}

/**
 * What a scanned or typed text may be the code of: a tube, a plate, a document, a person's slip.
 * A thing is found by its `code` or its `slip` among these.
 * @param {string} salt of the roll @param {string} text @param {SubtleCrypto} subtle
 * @returns {Promise<string[]>}
 */
export async function codesOf(salt, text, subtle) {
  const plain = text.trim();
  if (!plain) return [];
  return [...new Set([plain, plain.toUpperCase(), compared("plate", plain),
    await documentKey(salt, plain, subtle), await slipKey(plain, subtle)])];
}

/**
 * The hash under which a roll names a document's number (pratique/field/roll_words.py).
 * @param {string} salt of the roll @param {string} number @param {SubtleCrypto} subtle
 * @returns {Promise<string>}
 */
export async function documentKey(salt, number, subtle) {
  const hash = { name: "HMAC", hash: "SHA-256" };
  const key = await subtle.importKey("raw", bytesOf(salt), hash, false, ["sign"]);
  const digest = await subtle.sign("HMAC", key, bytes(`document\0${compared("document", number)}`));
  return textOf(digest.slice(0, HASH_BYTES));
}

/**
 * The hash under which a roll names a slip: of the last part of the address in its square code.
 * @param {string} text @param {SubtleCrypto} subtle @returns {Promise<string>}
 */
export async function slipKey(text, subtle) {
  const last = text.split(/[?#]/u)[0].split("/").filter(Boolean).at(-1) ?? "";
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes(last)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
function bytes(text) {
  return new TextEncoder().encode(text);
}
