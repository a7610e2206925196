// @ts-check
/**
 * What reads codes out of a picture: the browser itself where it can, else ZXing as WebAssembly.
 *
 * That is a third of the app's size, so it does not come with it: `prepareReader` fetches it once,
 * where there is a network and the browser needs it, into a cache of its own that updates of the
 * app leave alone. It is believed by its digest, which comes with the app (vendor/files.js).
 */

import { Refused } from "../core/signed.js";

const VENDOR = new URL("../vendor/", import.meta.url).href;
const WASM = `${VENDOR}zxing/reader.wasm`;
const CACHE = "pratique-reader";
const FETCH_MS_MAX = 120_000;
/** Tubes, slips and run of codes, delivery notes, ID cards of some makers; by both readers' names. */
const FORMATS = { qr_code: "QRCode", code_128: "Code128", data_matrix: "DataMatrix", ean_13: "EAN13", ean_8: "EAN8", pdf417: "PDF417" };

/** @typedef {(picture: ImageData) => Promise<string[]>} Reader the texts of the codes in a picture */

/** @type {Promise<Reader>|undefined} */
let reader;

/** The reader of this browser. Throws Refused `reader_not_here`, `codes_not_here`. @returns {Promise<Reader>} */
export function openReader() {
  reader ??= native().then((own) => own ?? zxing());
  reader.catch(() => { reader = undefined; });  // it may have come along by the next time
  return reader;
}

/**
 * Fetches what this browser will need to read codes without a network. To be called when the app
 * has been opened; costs nothing where it is at hand or not needed.
 * @returns {Promise<boolean>} whether codes can be read now, without a network
 */
export async function prepareReader() {
  if (await native()) return true;
  try {
    await wasm();
    return true;
  } catch {
    return false;
  }
}

/** The browser's own, where it knows all of our formats. @returns {Promise<Reader|null>} */
async function native() {
  const Detector = /** @type {any} */ (globalThis).BarcodeDetector;
  const known = await Detector?.getSupportedFormats?.().catch(() => []) ?? [];
  const formats = Object.keys(FORMATS);
  if (!formats.every((format) => known.includes(format))) return null;
  const detector = new Detector({ formats });
  return async (picture) => (await detector.detect(picture)).map((/** @type {{rawValue: string}} */ found) => found.rawValue);
}

/** @returns {Promise<Reader>} */
async function zxing() {
  const binary = await wasm();
  const module = await import(`${VENDOR}zxing/reader/index.js`).catch(() => { throw new Refused("codes_not_here"); });
  // Without both of these it would ask a server that is not ours.
  await module.prepareZXingModule({ fireImmediately: true,
    overrides: { wasmBinary: binary, locateFile: () => WASM } });
  const how = { formats: Object.values(FORMATS), maxNumberOfSymbols: 1, tryDenoise: false };
  return async (picture) => (await module.readBarcodes(picture, how))
    .filter((/** @type {{isValid: boolean}} */ found) => found.isValid)
    .map((/** @type {{text: string}} */ found) => found.text);
}

/** The reader's bytes: from the cache, else from the server. @returns {Promise<ArrayBuffer>} */
async function wasm() {
  const { READER } = await import(`${VENDOR}files.js`).catch(() => { throw new Refused("codes_not_here"); });
  const cache = await caches.open(CACHE);
  const kept = await (await cache.match(WASM))?.arrayBuffer();
  if (kept && await digestOf(kept) === READER.sha256) return kept;
  try {
    const answer = await fetch(WASM, { cache: "no-cache", credentials: "omit", signal: AbortSignal.timeout(FETCH_MS_MAX) });
    const bytes = await answer.arrayBuffer();
    if (!answer.ok || await digestOf(bytes) !== READER.sha256) throw new Error("another version");
    await cache.put(WASM, new Response(bytes, { headers: { "Content-Type": "application/wasm" } }));
    return bytes;
  } catch {
    throw new Refused("reader_not_here");
  }
}

/** @param {ArrayBuffer} bytes */
async function digestOf(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
