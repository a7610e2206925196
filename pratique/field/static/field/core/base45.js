// @ts-check
/** Base45 (RFC 9285): bytes in the 45 signs that a square code packs most densely. */

const SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const VALUES = new Map([...SIGNS].map((sign, value) => [sign, value]));

/** @param {Uint8Array} bytes @returns {string} three signs for two bytes, two for a last odd one */
export function encode(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const isPair = at + 1 < bytes.length;
    const number = isPair ? bytes[at] * 256 + bytes[at + 1] : bytes[at];
    text += SIGNS[number % 45] + SIGNS[Math.floor(number / 45) % 45];
    if (isPair) text += SIGNS[Math.floor(number / 2025)];
  }
  return text;
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer> | null} null: this is no Base45 */
export function decode(text) {
  if (text.length % 3 === 1) return null;
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 ? 1 : 0));
  for (let at = 0, to = 0; at < text.length; at += 3) {
    const [low, middle, high] = [text[at], text[at + 1], text[at + 2]].map((sign) => sign === undefined ? 0 : VALUES.get(sign));
    if (low === undefined || middle === undefined || high === undefined) return null;
    const number = low + middle * 45 + high * 2025;
    const isPair = at + 2 < text.length;
    if (number > (isPair ? 0xffff : 0xff)) return null;
    if (isPair) bytes[to++] = number >> 8;
    bytes[to++] = number & 0xff;
  }
  return bytes;
}
