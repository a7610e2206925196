// @ts-check
/**
 * Bytes as a run of square codes, and back: from a screen to a camera or to a scanner that types.
 *
 *     PQ1:<kind><transfer><number>/<count>:<Base45 of CRC-32 and a part>.
 *
 * kind: one letter. transfer: eight hexadecimal digits, the CRC-32 of everything that is carried, so
 * that the same bytes shown again are the same transfer and two cannot be mixed. The full stop ends
 * a frame, so that a scanner that cuts spaces off cuts nothing off. Every sign is one of those that
 * a square code packs densely; a frame fits version 20 at level L (1249 signs).
 */

import { decode, encode } from "./base45.js";
import { Refused } from "./signed.js";

export const PART_BYTES_MAX = 814;  // 22 signs of frame and 1227 for 818 bytes
export const FRAMES_MAX = 999;
export const BYTES_MAX = 4 * 1024 * 1024;  // unpacked
const SUM_BYTES = 4;
const PLAIN = 0;
const DEFLATED = 1;
const FRAME = /^PQ1:([A-Z])([0-9A-F]{8})(\d{1,3})\/(\d{1,3}):(.+)\.$/;

/** What a run carries. */
export const KIND = { offer: "O", answer: "A", parcel: "P" };

/**
 * @typedef {new (format: "deflate-raw") => {readable: ReadableStream, writable: WritableStream}} Squeezer
 *   CompressionStream or DecompressionStream, passed in
 * @typedef {{kind: string, transfer: string, number: number, count: number, part: Uint8Array<ArrayBuffer>}} Frame
 */

/**
 * The texts of the codes, to be shown again and again in any order.
 * @param {string} kind one of `KIND`
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {{CompressionStream?: Squeezer, partBytes?: number}} [how] partBytes: smaller codes for a poor camera
 * @returns {Promise<string[]>}
 */
export async function framesOf(kind, bytes, { CompressionStream, partBytes = PART_BYTES_MAX } = {}) {
  const packed = await squeezed(bytes, CompressionStream);
  const count = Math.max(1, Math.ceil(packed.length / Math.min(partBytes, PART_BYTES_MAX)));
  if (count > FRAMES_MAX || bytes.length > BYTES_MAX) throw new Refused("frames_too_many");
  const transfer = hex(crc32(packed));
  const size = Math.ceil(packed.length / count);  // parts of one size, so codes of one size
  return Array.from({ length: count }, (_, at) => {
    const part = packed.subarray(at * size, (at + 1) * size);
    return `PQ1:${kind}${transfer}${at + 1}/${count}:${encode(joined(sumOf(part), part))}.`;
  });
}

/** Whether a text that was scanned claims to be one of ours. @param {string} text */
export function isFrame(text) {
  return text.trimStart().startsWith("PQ1:");
}

/**
 * One frame as it was scanned.
 * @param {string} text
 * @returns {Frame}
 */
export function readFrame(text) {
  // A Chinese input method may have made wide signs of what a scanner typed.
  const found = FRAME.exec(text.normalize("NFKC").trim());
  if (!found) throw new Refused(isFrame(text) ? "frame_damaged" : "frame_unknown");
  const [, kind, transfer, number, count, data] = found;
  const frame = { kind, transfer, number: Number(number), count: Number(count) };
  const bytes = decode(data);
  if (!bytes || bytes.length < SUM_BYTES || frame.number < 1 || frame.number > frame.count) {
    throw new Refused("frame_damaged");
  }
  const part = bytes.subarray(SUM_BYTES);
  if (hex(crc32(part)) !== hexOf(bytes.subarray(0, SUM_BYTES))) throw new Refused("frame_damaged");
  return { ...frame, part };
}

/** Gathers one transfer's frames, in any order, each as often as it likes to come. */
export class Collector {
  /** @param {string} kind the one that is waited for */
  constructor(kind) {
    this.kind = kind;
    /** @type {string|null} */
    this.transfer = null;
    /** How many frames there are; 0: none has come yet. */
    this.count = 0;
    /** @type {Map<number, Uint8Array<ArrayBuffer>>} */
    this.parts = new Map();
  }

  /**
   * Takes what was scanned. Throws Refused `frame_unknown`, `frame_damaged`, `frame_of_another_kind`,
   * `frame_of_another`; what has been gathered stays.
   * @param {string} text
   * @returns {"new" | "known" | "whole"} whole: nothing is missing now
   */
  take(text) {
    const { kind, transfer, number, count, part } = readFrame(text);
    if (kind !== this.kind) throw new Refused("frame_of_another_kind");
    if (this.transfer !== null && (transfer !== this.transfer || count !== this.count)) {
      throw new Refused("frame_of_another");
    }
    this.transfer = transfer;
    this.count = count;
    const isKnown = this.parts.has(number);
    this.parts.set(number, part);
    return this.missing.length === 0 ? "whole" : isKnown ? "known" : "new";
  }

  /** The numbers of the frames that have not come. */
  get missing() {
    return Array.from({ length: this.count }, (_, at) => at + 1).filter((number) => !this.parts.has(number));
  }

  /** @returns {boolean} */
  get isWhole() {
    return this.count > 0 && this.parts.size === this.count;
  }

  /**
   * What was carried. Throws Refused `frames_missing`, `frames_damaged`.
   * @param {{DecompressionStream?: Squeezer}} [how]
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  async bytes({ DecompressionStream } = {}) {
    if (!this.isWhole) throw new Refused("frames_missing");
    const packed = joined(...[...this.parts].sort(([one], [other]) => one - other).map(([, part]) => part));
    if (hex(crc32(packed)) !== this.transfer) throw new Refused("frames_damaged");
    return expanded(packed, DecompressionStream);
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes @param {Squeezer} [Stream] */
async function squeezed(bytes, Stream) {
  if (Stream) {
    const small = await through(new Stream("deflate-raw"), bytes, Infinity);
    if (small.length < bytes.length) return joined(Uint8Array.of(DEFLATED), small);
  }
  return joined(Uint8Array.of(PLAIN), bytes);
}

/** @param {Uint8Array<ArrayBuffer>} packed @param {Squeezer} [Stream] */
async function expanded(packed, Stream) {
  const rest = packed.subarray(1);
  if (packed[0] === PLAIN) return rest;
  if (packed[0] !== DEFLATED || !Stream) throw new Refused("frames_damaged");
  try {
    return await through(new Stream("deflate-raw"), rest, BYTES_MAX);
  } catch {
    throw new Refused("frames_damaged");
  }
}

/**
 * @param {{readable: ReadableStream, writable: WritableStream}} stream
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} most more than that is an error: a few bytes may unfold to more than a device has
 */
async function through({ readable, writable }, bytes, most) {
  const writer = writable.getWriter();
  const written = writer.write(bytes).then(() => writer.close());
  written.catch(() => {});  // the reader says it
  const parts = [];
  let size = 0;
  const reader = readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      reader.cancel().catch(() => {});
      throw new RangeError("too much");
    }
    parts.push(value);
  }
  await written;
  return joined(...parts);
}

/** @param {Uint8Array[]} parts @returns {Uint8Array<ArrayBuffer>} */
function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** CRC-32 as in ISO 3309, ZIP and PNG. @param {Uint8Array} bytes @returns {number} */
export function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** @param {Uint8Array} part */
function sumOf(part) {
  const sum = crc32(part);
  return Uint8Array.of(sum >>> 24, sum >>> 16, sum >>> 8, sum);
}

/** @param {number} sum */
function hex(sum) {
  return sum.toString(16).toUpperCase().padStart(8, "0");
}

/** @param {Uint8Array} bytes */
function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join("");
}
