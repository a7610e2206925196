// @ts-check
/**
 * Who this device is: its key pair, its enrolment, its tokens, its bundle.
 *
 * The private key is made here and cannot be taken out, not even by this page. What the modules need
 * of the machine is passed in as a `World`; `here()` is the browser's own.
 */

import { PARTS, given, taken } from "./core/carried.js";
import { uuid7 } from "./core/ids.js";
import { Refused, SIGNING, textOf, verified } from "./core/signed.js";

/**
 * @typedef {{get(name: string): Promise<any>, put(records: Record<string, any>): Promise<void>}} Store
 * @typedef {{fetch: typeof fetch, subtle: SubtleCrypto, random(count: number): Uint8Array,
 *   now(): number, store: Store}} World
 * @typedef {{id: string, spki: string, private: CryptoKey}} Own this device's id and keys
 * @typedef {{code: string, kind: string, name_zh: string, name_en: string}} Unit
 * @typedef {{unit: Unit, roles: string[], role_words: string[], label: string, expires_at: string,
 *   county: {id: string, name_zh: string, name_en: string}}} Invitation
 * @typedef {{device: string, unit: Unit, roles: string[], label: string, epoch: string,
 *   county: {id: string, name_zh: string, name_en: string},
 *   key: import("./core/signed.js").CountyKey}} Enrolment
 * @typedef {{token: string, expires_at: string, revoked: boolean, epoch: string}} Token
 * @typedef {Record<string, any>} Bundle what is small of it; the rest is asked for by `part`
 * @typedef {import("./core/carried.js").Part} Part
 * @typedef {{form: number, version: number, payload: Bundle}} Kept
 */

const API = "/api/v1/field/";
const DATABASE = "pratique-device";
const STORE = "own";
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SECONDS_FOR_AN_ANSWER = 30;
// How a bundle is kept. One of another form is asked for anew as soon as there is a network.
const FORM = 2;

/** The browser's own world. @returns {Promise<World>} */
export async function here() {
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) throw new Refused("not_secure");
  return {
    fetch: globalThis.fetch.bind(globalThis), subtle: crypto.subtle, now: () => Date.now(),
    random: (count) => crypto.getRandomValues(new Uint8Array(count)), store: await openStore(),
  };
}

/** @returns {Promise<Store>} */
async function openStore() {
  let database;
  try {
    database = await new Promise((done, failed) => {
      const opening = indexedDB.open(DATABASE, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
      opening.onsuccess = () => done(opening.result);
      opening.onerror = () => failed(opening.error);
    });
  } catch {
    throw new Refused("no_key_store");
  }
  // A page left open must not keep a newer one from its stores.
  database.onversionchange = () => database.close();
  return {
    get: (name) => new Promise((done, failed) => {
      const asked = database.transaction(STORE).objectStore(STORE).get(name);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    }),
    put: (records) => new Promise((done, failed) => {
      const work = database.transaction(STORE, "readwrite", { durability: "strict" });
      for (const [name, value] of Object.entries(records)) work.objectStore(STORE).put(value, name);
      work.oncomplete = () => done();
      work.onabort = () => failed(work.error);
    }),
  };
}

/**
 * This device's id and keys, made once and stored before they are used: a device whose answer got
 * lost asks again as the same device.
 * @param {World} world @returns {Promise<Own>}
 */
export async function own(world) {
  const kept = await world.store.get("device");
  if (kept) return kept;
  const pair = await world.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const spki = textOf(await world.subtle.exportKey("spki", pair.publicKey));
  const made = { id: uuid7(world.now(), world.random(10)), spki, private: pair.privateKey };
  await world.store.put({ device: made });
  return made;
}

/** What an invitation is for. @param {World} world @param {string} code @returns {Promise<Invitation>} */
export function invitation(world, code) {
  return post(world, "invitation", { code });
}

/**
 * Enrol this device with an invitation, and keep what it was told.
 * @param {World} world @param {string} code @returns {Promise<Enrolment>}
 */
export async function enrol(world, code) {
  const device = await own(world);
  const signature = await sign(world, device, `pratique enrolment\n${code}\n${device.id}`);
  const told = await post(world, "enrolment",
    { code, device: device.id, public_key: device.spki, signature });
  // A token and a bundle of an earlier enrolment speak of another unit.
  await world.store.put({ enrolment: told, token: null, bundle: null,
    ...Object.fromEntries(PARTS.map((name) => [placeOf(name), null])) });
  return told;
}

/** What this device was told when it was enrolled; null before. @param {World} world @returns {Promise<Enrolment | null>} */
export async function enrolment(world) {
  return (await world.store.get("enrolment")) ?? null;
}

/**
 * A token: the one at hand, or a fresh one (after a 401, or where there is none). The server alone
 * says when it has run out. A revoked device gets one, too: `revoked` says so.
 * @param {World} world @param {{fresh?: boolean}} [how] @returns {Promise<Token>}
 */
export async function token(world, { fresh = false } = {}) {
  const kept = fresh ? null : await world.store.get("token");
  if (kept) return kept;
  const told = await enrolment(world);
  if (!told) throw new Refused("not_enrolled");
  const device = await own(world);
  const { challenge } = await post(world, "challenge", { device: device.id });
  const signature = await sign(world, device, `pratique token\n${told.county.id}\n${challenge}`);
  const given = await post(world, "token", { device: device.id, challenge, signature });
  await world.store.put({ token: given });
  return given;
}

/**
 * The bundle as the county signed it, fetched anew where there is a newer one, without its parts.
 * What does not verify is refused and the one before it stays. The signature is verified as it
 * comes in, once.
 * @param {World} world @returns {Promise<Bundle>}
 */
export async function freshBundle(world) {
  const [told, device] = [await enrolment(world), await own(world)];
  if (!told) throw new Refused("not_enrolled");
  const kept = await keptBundle(world);
  let answer = await askForBundle(world, await token(world), kept);
  if (answer.status === 401) {
    answer = await askForBundle(world, await token(world, { fresh: true }), kept);
  }
  if (answer.status === 304 && kept) return kept.payload;
  const payload = await verified(await content(answer), {
    key: told.key, county: told.county.id, device: device.id,
    version: await world.store.get("seen_version"),
  }, world.subtle);
  return keep(world, payload);
}

/** The bundle at hand, without its parts; null before the first. @param {World} world @returns {Promise<Bundle | null>} */
export async function bundle(world) {
  return (await keptBundle(world))?.payload ?? null;
}

/**
 * A large part of the bundle at hand, read when it is asked for and at no other time: `expected`
 * for `find` (core/expected.js), `risk` for `readAtlas`, `packs` for `readPacks`. null: no bundle yet.
 * @param {World} world @param {Part} name @returns {Promise<any>}
 */
export async function part(world, name) {
  return given(await world.store.get(placeOf(name)));
}

/**
 * Keep a bundle and its parts, all or nothing.
 * @param {World} world @param {Record<string, any>} payload @returns {Promise<Bundle>}
 */
async function keep(world, payload) {
  const { small, parts } = taken(payload);
  await world.store.put({
    bundle: { form: FORM, version: payload.version, payload: small },
    seen_version: payload.version,
    ...Object.fromEntries(PARTS.map((name) => [placeOf(name), parts[name]])),
  });
  return small;
}

/** @param {Part} name */
function placeOf(name) {
  return `bundle.${name}`;
}

/** @param {World} world @returns {Promise<Kept | null>} */
async function keptBundle(world) {
  const kept = await world.store.get("bundle");
  return kept?.form === FORM ? kept : null;
}

/** @param {World} world @param {Token} given @param {Kept | null} kept */
function askForBundle(world, given, kept) {
  /** @type {Record<string, string>} */
  const headers = { Authorization: `Bearer ${given.token}` };
  if (kept) headers["If-None-Match"] = `"${kept.version}"`;
  return ask(world, "bundle", { headers, cache: "no-store" });
}

/** @param {World} world @param {Own} device @param {string} text */
async function sign(world, device, text) {
  return textOf(await world.subtle.sign(SIGNING, device.private, new TextEncoder().encode(text)));
}

/** @param {World} world @param {string} path @param {Record<string, string>} body @returns {Promise<any>} */
async function post(world, path, body) {
  return content(await ask(world, path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  }));
}

/**
 * One call to the server; refused as `no_network` where nothing comes back in time.
 * @param {World} world @param {string} path below /api/v1/field/ @param {RequestInit} how
 * @returns {Promise<Response>}
 */
export async function ask(world, path, how) {
  try {
    return await world.fetch(API + path,
      { ...how, signal: AbortSignal.timeout(SECONDS_FOR_AN_ANSWER * 1000) });
  } catch {
    throw new Refused("no_network");
  }
}

/** The answer's content, or its refusal. @param {Response} answer @returns {Promise<any>} */
export async function content(answer) {
  const said = await answer.json().catch(() => {
    throw new Refused("no_network");
  });
  if (!answer.ok) throw new Refused(said.code ?? "no_network", said.sentence ?? "", said.rule ?? "");
  return said;
}
