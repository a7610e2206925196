// @ts-check
/**
 * Signed halves of a hand-over: what a giver shows to a taker, and the taker to the giver, while
 * neither has a network. Pure: keys, peers, the moment and what was seen are passed in.
 *
 * A half is the text of a fact, byte for byte as it will go to the county, with the signature of the
 * device that made it. So either side can hand up both halves, and the county believes the
 * signature, not the carrier. What is to be read on the screen (names beside the lines) is signed
 * apart: it stays between the two devices.
 */

import { bytesOf, Refused, SIGNING, textOf } from "./signed.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const FORM = "pratique-half";
const FORM_VERSION = 1;
export const OFFERED = "custody.offered";
export const ANSWERED = "custody.answered";
export const HALF_BYTES_MAX = 600 * 1024;
const CLOCK_SLACK_MS = 10 * 60 * 1000;  // clocks of tablets differ by minutes
const encoder = new TextEncoder();

/**
 * @typedef {{device: string, unit: string, roles?: string[], spki: string}} Peer a device of another
 *   unit, from the bundle; spki: its public key in base64
 * @typedef {{fact: string, device: string, signature: string}} Half what goes up to the county, too
 * @typedef {{county: string, device: string, privateKey: CryptoKey, subtle: SubtleCrypto}} Signer
 * @typedef {{has(id: string): boolean}} Seen
 * @typedef {{county: string, peers: Peer[], revoked: string[], seen: Seen, subtle: SubtleCrypto}} Trust
 *   seen: ids of facts that were read and dealt with here before
 * @typedef {{fact: Record<string, any>, half: Half, words: Record<string, string>, peer: Peer}} Read
 *   fact: parsed; half: to be kept for the way up (store/halves.js); words: by the subject's id
 */

/**
 * What the giver shows. words: what the taker reads beside each line, by the subject's id.
 * @param {Signer & {fact: string, words: Record<string, string>}} given fact: the text of the stored
 *   `custody.offered`, as `Kept.text`
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export function makeOffer(given) {
  return made(given);
}

/**
 * What the taker shows when it has answered.
 * @param {Signer & {fact: string, words?: Record<string, string>}} given fact: the text of the stored
 *   `custody.answered`
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export function makeAnswer(given) {
  return made(given);
}

/**
 * An offer to this unit, or a refusal: `handover_malformed`, `handover_of_another_county`,
 * `handover_device_unknown`, `handover_device_revoked`, `handover_forged`, `handover_device_elsewhere`,
 * `handover_not_for_us`, `handover_seen`, `handover_expired`.
 * @param {Uint8Array} bytes
 * @param {Trust & {unit: string, now: number}} trust unit: this device's; now: milliseconds
 * @returns {Promise<Read>}
 */
export async function readOffer(bytes, trust) {
  const read = await opened(bytes, trust, OFFERED, isOffer);
  const { body, id } = read.fact;
  if (read.peer.unit !== body.giver) throw new Refused("handover_device_elsewhere");
  if (body.taker !== trust.unit) throw new Refused("handover_not_for_us");
  if (trust.seen.has(id)) throw new Refused("handover_seen");
  if (trust.now > Date.parse(body.expires_at) + CLOCK_SLACK_MS) throw new Refused("handover_expired");
  return read;
}

/**
 * The answer to an offer of ours, or a refusal: as above, and `handover_answers_another` (no such
 * offer is open here), `handover_lines_differ` (it names what was not offered, or something twice).
 * @param {Uint8Array} bytes
 * @param {Trust & {offers: Map<string, Record<string, any>>}} trust offers: our own, parsed, by id
 * @returns {Promise<Read>}
 */
export async function readAnswer(bytes, trust) {
  const read = await opened(bytes, trust, ANSWERED, isAnswer);
  const { body, id } = read.fact;
  const offer = trust.offers.get(body.handover);
  if (read.peer.unit !== body.taker) throw new Refused("handover_device_elsewhere");
  if (!offer || offer.body.taker !== body.taker) throw new Refused("handover_answers_another");
  if (trust.seen.has(id)) throw new Refused("handover_seen");
  const named = [...body.accepted ?? [], ...(body.refused ?? []).map((line) => line.subject)];
  const offered = new Set(offer.body.lines.map((line) => line.subject));
  if (!named.length || new Set(named).size !== named.length || !named.every((one) => offered.has(one))) {
    throw new Refused("handover_lines_differ");
  }
  return read;
}

/** @param {Signer & {fact: string, words?: Record<string, string>}} given */
async function made({ fact, words = {}, county, device, privateKey, subtle }) {
  const sign = async (text) => textOf(await subtle.sign(SIGNING, privateKey, encoder.encode(text)));
  const told = JSON.stringify(words);
  return encoder.encode(JSON.stringify({
    form: FORM, version: FORM_VERSION, county, device, fact, signature: await sign(halfText(county, device, fact)),
    words: told, seal: await sign(wordsText(county, device, fact, told)),
  }));
}

/**
 * What a half's signature is over; pratique/field/halves.py says the same.
 * @param {string} county @param {string} device @param {string} fact
 */
export function halfText(county, device, fact) {
  return `pratique half\n${county}\n${device}\n${fact}`;
}

/** @param {string} county @param {string} device @param {string} fact @param {string} words */
function wordsText(county, device, fact, words) {
  return `pratique words\n${county}\n${device}\n${fact.length}\n${fact}\n${words}`;
}

/**
 * @param {Uint8Array} bytes
 * @param {Trust} trust
 * @param {string} kind
 * @param {(body: any) => boolean} fits
 * @returns {Promise<Read>}
 */
async function opened(bytes, trust, kind, fits) {
  const { county, device, fact: text, signature, words, seal } = envelope(bytes);
  if (county !== trust.county) throw new Refused("handover_of_another_county");
  const peer = trust.peers.find((one) => one.device === device);
  if (trust.revoked.includes(device)) throw new Refused("handover_device_revoked");
  if (!peer) throw new Refused("handover_device_unknown");
  const isSigned = await verifier(peer.spki, trust.subtle);
  if (!(await isSigned(halfText(county, device, text), signature)
    && await isSigned(wordsText(county, device, text, words), seal))) throw new Refused("handover_forged");
  const fact = parsed(text), told = parsed(words);
  if (fact?.kind !== kind || fact.device !== device || typeof fact.id !== "string" || !fits(fact.body)
    || typeof told !== "object" || told === null) throw new Refused("handover_malformed");
  return { fact, half: { fact: text, device, signature }, words: told, peer };
}

/** @param {Uint8Array} bytes @returns {Record<string, any>} */
function envelope(bytes) {
  const half = bytes.length <= HALF_BYTES_MAX ? parsed(new TextDecoder().decode(bytes)) : null;
  const texts = [half?.county, half?.device, half?.fact, half?.signature, half?.words, half?.seal];
  if (half?.form !== FORM || half.version !== FORM_VERSION || !texts.every((each) => typeof each === "string")) {
    throw new Refused("handover_malformed");
  }
  return half;
}

/** @param {string} spki @param {SubtleCrypto} subtle */
async function verifier(spki, subtle) {
  const key = await subtle.importKey("spki", bytesOf(spki), CURVE, false, ["verify"]);
  return async (/** @type {string} */ text, /** @type {string} */ signature) => {
    try {
      return await subtle.verify(SIGNING, key, bytesOf(signature), encoder.encode(text));
    } catch {
      return false;  // no base64 at all
    }
  };
}

/** @param {string} text @returns {any} null: no JSON */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {any} body */
function isOffer(body) {
  return typeof body?.giver === "string" && typeof body.taker === "string"
    && !Number.isNaN(Date.parse(body.expires_at)) && Array.isArray(body.lines) && body.lines.length > 0
    && body.lines.every((/** @type {any} */ line) => typeof line?.subject === "string" && typeof line.holds_by === "string");
}

/** @param {any} body */
function isAnswer(body) {
  const [accepted, refused] = [body?.accepted ?? [], body?.refused ?? []];
  return typeof body?.handover === "string" && typeof body.taker === "string"
    && Array.isArray(accepted) && accepted.every((each) => typeof each === "string")
    && Array.isArray(refused) && refused.every((/** @type {any} */ line) => typeof line?.subject === "string");
}
