// @ts-check
/**
 * A passkey's answer, verified on the device itself, without a network. Pure: what the authenticator
 * answered, the challenge and the kept public key are passed in.
 */

import { bytesOf, Refused } from "./signed.js";

/**
 * @typedef {{id: string, spki: string, algorithm: number, count: number}} KeptPasskey
 *   id, spki: base64; algorithm: a COSE number; count: the authenticator's counter as last seen
 * @typedef {{authenticatorData: ArrayBuffer, clientDataJSON: ArrayBuffer, signature: ArrayBuffer}} Answer
 */

export const ALGORITHMS = { ES256: -7, RS256: -257 };
const KEYS = {
  [ALGORITHMS.ES256]: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  [ALGORITHMS.RS256]: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
};
const PRESENT_AND_VERIFIED = 0b101;
const FLAGS_AT = 32, COUNT_AT = 33, DATA_BYTES_MIN = 37;
const HALF_BYTES = 32;

/**
 * The authenticator's counter, where the answer is this person's, fresh and for this site.
 * Rejects with `passkey_wrong`; with `passkey_copied` where the counter ran back.
 * @param {Answer} answer
 * @param {{challenge: Uint8Array, origin: string, host: string, passkey: KeptPasskey}} asked
 * @param {SubtleCrypto} subtle
 * @returns {Promise<number>}
 */
export async function countOf(answer, { challenge, origin, host, passkey }, subtle) {
  const data = new Uint8Array(answer.authenticatorData);
  if (data.length < DATA_BYTES_MIN || !await isSigned(answer, data, passkey, subtle)) throw new Refused("passkey_wrong");
  const site = new Uint8Array(await subtle.digest("SHA-256", new TextEncoder().encode(host)));
  const said = parsed(answer.clientDataJSON);
  if (said.type !== "webauthn.get" || said.origin !== origin || said.challenge !== urlText(challenge)
    || !site.every((byte, at) => byte === data[at])
    || (data[FLAGS_AT] & PRESENT_AND_VERIFIED) !== PRESENT_AND_VERIFIED) throw new Refused("passkey_wrong");
  const count = new DataView(data.buffer, data.byteOffset).getUint32(COUNT_AT);
  // Many authenticators count nothing and say 0 for ever.
  if ((count || passkey.count) && count <= passkey.count) throw new Refused("passkey_copied");
  return count;
}

/** @param {Answer} answer @param {Uint8Array} data @param {KeptPasskey} passkey @param {SubtleCrypto} subtle */
async function isSigned(answer, data, passkey, subtle) {
  const how = KEYS[passkey.algorithm];
  if (!how) return false;
  try {
    const key = await subtle.importKey("spki", bytesOf(passkey.spki), how, false, ["verify"]);
    const digest = new Uint8Array(await subtle.digest("SHA-256", answer.clientDataJSON));
    const signed = new Uint8Array(data.length + digest.length);
    signed.set(data);
    signed.set(digest, data.length);
    const signature = new Uint8Array(answer.signature);
    return await subtle.verify(how, key,
      passkey.algorithm === ALGORITHMS.ES256 ? plainSignature(signature) : signature, signed);
  } catch {
    return false;  // what cannot be read is not signed
  }
}

/**
 * Authenticators write r and s as two DER numbers; the browser's own cryptography wants them as two
 * halves of 32 bytes.
 * @param {Uint8Array} der @returns {Uint8Array<ArrayBuffer>}
 */
export function plainSignature(der) {
  const plain = new Uint8Array(2 * HALF_BYTES);
  let at = 2;
  for (const end of [HALF_BYTES, 2 * HALF_BYTES]) {
    const length = der[at + 1];
    const number = der.slice(at + 2, at + 2 + length);
    const bare = number.slice(Math.max(0, length - HALF_BYTES));
    plain.set(bare, end - bare.length);
    at += 2 + length;
  }
  return plain;
}

/** @param {Uint8Array} bytes base64url, as client data has it */
function urlText(bytes) {
  let signs = "";
  for (const byte of bytes) signs += String.fromCharCode(byte);
  return btoa(signs).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {ArrayBuffer} json @returns {Record<string, any>} */
function parsed(json) {
  try {
    return JSON.parse(new TextDecoder().decode(json)) ?? {};
  } catch {
    return {};
  }
}
