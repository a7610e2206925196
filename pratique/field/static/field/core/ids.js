// @ts-check
/** Identifiers made where things happen: UUIDv7 (RFC 9562, section 5.7), as pratique/kit/ids.py. */

const MS_MAX = 2 ** 48 - 1;

/**
 * A UUIDv7 in lower case.
 * @param {number} nowMs the device's time; out of range (a clock gone mad) it is clamped
 * @param {Uint8Array} randomBytes ten of them
 * @returns {string}
 */
export function uuid7(nowMs, randomBytes) {
  if (randomBytes.length < 10) throw new RangeError("uuid7 wants ten random bytes");
  const ms = Math.min(Math.max(Math.floor(nowMs) || 0, 0), MS_MAX);
  const bytes = new Uint8Array(16);
  for (let at = 5, rest = ms; at >= 0; at -= 1, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  bytes.set(randomBytes.subarray(0, 10), 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
