// @ts-check
/**
 * A PIN on a device: what is kept of it, how it is tried, how long one waits after wrong tries. Pure.
 *
 * What is kept is an HMAC, under a key that no script can take out of this browser, over a slow
 * digest of the PIN. So a copy of the kept records, made by a script or sent somewhere, tells no
 * PIN: there are only a million of them, and each try needs that key. (Who takes the disk apart may
 * find the key as well; then the slow digest is all that is left.)
 */

import { bytesOf, textOf } from "./signed.js";

export const PIN_DIGITS = 6;
export const PIN_ROUNDS = 600_000;
export const WRONG_TRIES_MAX = 5;
export const WAIT_FIRST_MS = 60_000;
export const WAIT_MS_MAX = 8 * 3_600_000;
const SALT_BYTES = 16;
const DIGEST_BITS = 256;
const MARK = { name: "HMAC", hash: "SHA-256" };

/** @typedef {{salt: string, rounds: number, mark: string}} KeptPin */
/** @typedef {{wrong: number, left_ms: number}} Tries wrong tries in a row; what is left of the wait */

/** @type {Tries} */
export const NO_TRIES = { wrong: 0, left_ms: 0 };

/** The device's key for its PINs; it cannot be taken out. @param {SubtleCrypto} subtle @returns {Promise<CryptoKey>} */
export async function newPinKey(subtle) {
  return /** @type {CryptoKey} */ (await subtle.generateKey({ ...MARK, length: DIGEST_BITS }, false, ["sign", "verify"]));
}

/** Six digits that are not all the same and no run. @param {string} pin @returns {string|null} code of what is wrong */
export function badPin(pin) {
  if (!new RegExp(`^\\d{${PIN_DIGITS}}$`).test(pin)) return "pin_digits";
  const steps = new Set([...pin].slice(1).map((digit, at) => Number(digit) - Number(pin[at])));
  return steps.size === 1 && [-1, 0, 1].includes([...steps][0]) ? "pin_weak" : null;
}

/**
 * What is kept of a PIN.
 * @param {string} pin
 * @param {CryptoKey} key
 * @param {{subtle: SubtleCrypto, random(count: number): Uint8Array}} world
 * @returns {Promise<KeptPin>}
 */
export async function keptPin(pin, key, { subtle, random }) {
  const salt = textOf(random(SALT_BYTES));
  const digest = await slowly(pin, salt, PIN_ROUNDS, subtle);
  return { salt, rounds: PIN_ROUNDS, mark: textOf(await subtle.sign("HMAC", key, digest)) };
}

/** @param {string} pin @param {KeptPin} kept @param {CryptoKey} key @param {SubtleCrypto} subtle @returns {Promise<boolean>} */
export async function isPin(pin, kept, key, subtle) {
  const digest = await slowly(pin, kept.salt, kept.rounds, subtle);
  return subtle.verify("HMAC", key, bytesOf(kept.mark), digest);
}

/** @param {string} pin @param {string} salt @param {number} rounds @param {SubtleCrypto} subtle */
async function slowly(pin, salt, rounds, subtle) {
  const material = await subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  return subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations: rounds },
    material, DIGEST_BITS);
}

/**
 * One try more. It is counted and kept before the PIN is looked at: who kills the app in between
 * has used it up.
 * @param {Tries} tries @returns {Tries}
 */
export function tried({ wrong }) {
  const now = wrong + 1;
  return { wrong: now, left_ms: now < WRONG_TRIES_MAX ? 0
    : Math.min(WAIT_FIRST_MS * 2 ** (now - WRONG_TRIES_MAX), WAIT_MS_MAX) };
}

/**
 * The wait after some time of the running app has passed. The device's clock is not asked: whoever
 * may set it could end the wait.
 * @param {Tries} tries @param {number} passed_ms @returns {Tries}
 */
export function waited({ wrong, left_ms }, passed_ms) {
  return { wrong, left_ms: Math.max(0, left_ms - Math.max(0, passed_ms)) };
}
