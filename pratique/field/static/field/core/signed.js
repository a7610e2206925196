// @ts-check
/**
 * Verifying what the county signed. Pure: what came, the key and what was seen before are passed in.
 */

/**
 * @typedef {{payload: string, key: string, signature: string}} Signed
 * @typedef {{id: string, spki: string}} CountyKey
 * @typedef {{key: CountyKey, county: string, device: string, what?: "bundle" | "roll"}} Maker
 *   what is expected; a bundle where nothing is said. What is wrong is refused as `<what>_…`.
 * @typedef {Maker & {version?: number | null}} Trust
 *   version: the greatest version seen so far on this device; none yet: null or left out.
 */

/** A refusal by code; its sentence comes with the page (words.py), in the reader's language. */
export class Refused extends Error {
  /** @param {string} code @param {string} [sentence] @param {string} [rule] */
  constructor(code, sentence = "", rule = "") {
    super(code);
    this.code = code;
    this.sentence = sentence;
    this.rule = rule;
  }
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function bytesOf(text) {
  const signs = atob(text);
  const made = new Uint8Array(signs.length);
  for (let at = 0; at < signs.length; at += 1) made[at] = signs.charCodeAt(at);
  return made;
}

/** @param {ArrayBuffer | Uint8Array} data @returns {string} */
export function textOf(data) {
  let signs = "";
  for (const byte of new Uint8Array(data)) signs += String.fromCharCode(byte);
  return btoa(signs);
}

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
export const SIGNING = { name: "ECDSA", hash: "SHA-256" };
// A signature covers its kind's heading, too: nobody shows a roll where a bundle is expected.
const HEADINGS = { bundle: "", roll: "pratique roll\n" };

/**
 * The payload of a bundle that this county signed for this device, not older than one seen before.
 * @param {Signed} signed
 * @param {Trust} trust
 * @param {SubtleCrypto} subtle
 * @returns {Promise<Record<string, any>>}
 */
export async function verified(signed, trust, subtle) {
  const payload = await authentic(signed, trust, subtle);
  if (!Number.isSafeInteger(payload.version)) throw new Refused("bundle_malformed");
  if (trust.version != null && payload.version < trust.version) throw new Refused("bundle_older");
  return payload;
}

/**
 * What this county signed for this device, whenever that was.
 * @param {Signed} signed
 * @param {Maker} maker
 * @param {SubtleCrypto} subtle
 * @returns {Promise<Record<string, any>>}
 */
export async function authentic(signed, maker, subtle) {
  const what = maker.what ?? "bundle";
  if (![signed?.payload, signed?.key, signed?.signature].every((part) => typeof part === "string")) {
    throw new Refused(`${what}_malformed`);
  }
  if (signed.key !== maker.key.id) throw new Refused(`${what}_key_unknown`);
  if (!(await isSigned(signed, HEADINGS[what], maker.key, subtle))) {
    throw new Refused(`${what}_forged`);
  }
  const payload = parsed(signed.payload, what);
  if (payload.county?.id !== maker.county) throw new Refused(`${what}_of_another_county`);
  if (payload.device !== maker.device) throw new Refused(`${what}_of_another_device`);
  return payload;
}

/**
 * @param {Signed} signed @param {string} heading @param {CountyKey} key
 * @param {SubtleCrypto} subtle
 */
async function isSigned(signed, heading, key, subtle) {
  let signature;
  try {
    signature = bytesOf(signed.signature);
  } catch {
    return false;
  }
  const known = await subtle.importKey("spki", bytesOf(key.spki), CURVE, false, ["verify"]);
  return subtle.verify(SIGNING, known, signature,
    new TextEncoder().encode(heading + signed.payload));
}

/** @param {string} text @param {string} what @returns {Record<string, any>} */
function parsed(text, what) {
  try {
    const payload = JSON.parse(text);
    if (payload !== null && typeof payload === "object") return payload;
  } catch {
    // What was signed and is no JSON is as useless as what was not.
  }
  throw new Refused(`${what}_malformed`);
}

/**
 * Whether a bundle's time is over: then the device shows "out of date", and never green. A clock
 * that stands before the bundle was made tells nothing, so that counts as over, too.
 * @param {{made_at: string, valid_hours: number}} payload
 * @param {number} now milliseconds
 * @returns {boolean}
 */
export function isOutOfDate(payload, now) {
  const age = now - Date.parse(payload.made_at);
  const slack = 10 * 60 * 1000; // clocks of tablets differ by minutes
  return !(age >= -slack && age <= payload.valid_hours * 3600 * 1000);
}
