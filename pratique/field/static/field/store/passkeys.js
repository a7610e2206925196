// @ts-check
/** The browser's side of a passkey: made and asked on this device, with no server. */

import { ALGORITHMS, countOf } from "../core/passkey.js";
import { bytesOf, textOf } from "../core/signed.js";
import { StoreRefusal } from "./open.js";

const CHALLENGE_BYTES = 32;
const ASK_MS_MAX = 60_000;

/** Whether this device has an authenticator of its own that knows people apart. @returns {Promise<boolean>} */
export async function hasAuthenticator() {
  // Passkeys belong to a name; an address in numbers can have none.
  if (/^[\d.]+$|:/.test(location.hostname)) return false;
  const { PublicKeyCredential: known } = globalThis;
  return await known?.isUserVerifyingPlatformAuthenticatorAvailable?.().catch(() => false) ?? false;
}

/**
 * @param {{staff: string, name: string}} who
 * @param {{random(count: number): Uint8Array}} world
 * @returns {Promise<import("../core/passkey.js").KeptPasskey>}
 */
export async function makePasskey(who, world) {
  const made = await asked(() => navigator.credentials.create({ publicKey: {
    challenge: /** @type {any} */ (world.random(CHALLENGE_BYTES)), timeout: ASK_MS_MAX, attestation: "none",
    rp: { name: "Pratique" },
    user: { id: new TextEncoder().encode(who.staff), name: who.name, displayName: who.name },
    pubKeyCredParams: Object.values(ALGORITHMS).map((alg) => ({ type: /** @type {const} */ ("public-key"), alg })),
    authenticatorSelection: { authenticatorAttachment: "platform", userVerification: "required", residentKey: "discouraged" },
  } }));
  const response = /** @type {AuthenticatorAttestationResponse} */ (made.response);
  const spki = response.getPublicKey();
  if (!spki) throw new StoreRefusal("passkey_kind");
  return { id: textOf(made.rawId), spki: textOf(spki), algorithm: response.getPublicKeyAlgorithm(), count: 0 };
}

/**
 * The authenticator's counter after it has answered for this passkey.
 * @param {import("../core/passkey.js").KeptPasskey} passkey
 * @param {{subtle: SubtleCrypto, random(count: number): Uint8Array}} world
 * @returns {Promise<number>}
 */
export async function askPasskey(passkey, world) {
  const challenge = world.random(CHALLENGE_BYTES);
  const given = await asked(() => navigator.credentials.get({ publicKey: {
    challenge: /** @type {any} */ (challenge), timeout: ASK_MS_MAX, userVerification: "required",
    allowCredentials: [{ type: "public-key", id: bytesOf(passkey.id), transports: ["internal"] }],
  } }));
  const answer = /** @type {AuthenticatorAssertionResponse} */ (given.response);
  return countOf(answer, { challenge, origin: location.origin, host: location.hostname, passkey }, world.subtle);
}

/** @param {() => Promise<Credential|null>} ask @returns {Promise<PublicKeyCredential>} */
async function asked(ask) {
  try {
    const given = await ask();
    if (given) return /** @type {PublicKeyCredential} */ (given);
  } catch (error) {
    if (error?.name !== "NotAllowedError" && error?.name !== "AbortError") throw new StoreRefusal("passkey_failed", { why: String(error?.name) });
  }
  throw new StoreRefusal("passkey_not_given");
}
