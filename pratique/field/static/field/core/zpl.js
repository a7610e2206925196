// @ts-check
/** Labels in a label printer's own language (ZPL II): dots of 203 dpi, one label a form. */

import { DOTS_A_MM } from "./label_layout.js";

/** @typedef {import("./label_layout.js").Part} Part */
/** @typedef {{width: number, height: number, bytes: Uint8Array}} Bitmap rows of whole bytes, 1 is black; width in dots */
/** @typedef {(text: string, height: number, widthMax: number) => Bitmap} Drawn words as a picture, for signs that the printer has no font for */

const LETTER_WIDTH = 0.56;  // of the printer's own font 0, of its height
const MAGNIFICATION_MAX = 10;
const dots = (/** @type {number} */ mm) => Math.round(mm * DOTS_A_MM);

/**
 * One label's form, from ^XA to ^XZ, a command group a line.
 * @param {Part[]} parts
 * @param {import("./label_layout.js").Stock} stock
 * @param {Drawn} drawn
 */
export function zplOf(parts, stock, drawn) {
  const head = ["^XA", "^CI28", `^PW${dots(stock.width)}`, `^LL${dots(stock.height)}`, "^LH0,0"];
  // What is white on black comes after the black.
  return [...head, ...parts.map((part) => field(part, drawn)), "^PQ1", "^XZ"].join("\n");
}

/** @param {Part} part @param {Drawn} drawn */
function field(part, drawn) {
  switch (part.type) {
    case "band":
      return `${at(part.x, part.y)}^GB${dots(part.width)},${dots(part.height)},${dots(part.height)}^FS`;
    case "bars":
      return `${at(part.x, part.y)}^BY2^BCN,${dots(part.height)},N,N,N,A^FH^FD${plain(part.text)}^FS`;
    case "square":
      return `${at(part.x, part.y)}^BQN,2,${magnification(part)}^FH^FDMA,${plain(part.text)}^FS`;
    default:
      return words(part, drawn);
  }
}

/** @param {import("./label_layout.js").Text} part @param {Drawn} drawn */
function words({ x, y, size, width, text, align, isWhite }, drawn) {
  if (!text) return "";
  const height = dots(size), most = dots(width), white = isWhite ? "^FR" : "";
  const placed = (/** @type {number} */ wide) =>
    `^FO${Math.max(0, dots(x) - (align === "right" ? wide : align === "middle" ? Math.round(wide / 2) : 0))},${dots(y)}`;
  if (/^[ -~]*$/.test(text)) {
    const letter = Math.min(Math.round(height * 0.9), Math.floor(most / (text.length * LETTER_WIDTH)));
    const wide = Math.min(most, Math.round(text.length * letter * LETTER_WIDTH));
    return `${placed(wide)}${white}^A0N,${height},${letter}^FH^FD${plain(text)}^FS`;
  }
  const { width: wide, height: high, bytes } = drawn(text, height, most);
  const row = bytes.length / high;
  return `${placed(wide)}${white}^GFA,${bytes.length},${bytes.length},${row},${hex(bytes)}^FS`;
}

/** @param {number} x @param {number} y */
function at(x, y) {
  return `^FO${dots(x)},${dots(y)}`;
}

/**
 * Dots a module, so that code and quiet zone stay in their square.
 * @param {{text: string, side: number}} part
 */
function magnification({ text, side }) {
  const modules = sideOf(text) + 8;
  return Math.max(1, Math.min(MAGNIFICATION_MAX, Math.floor(dots(side) / modules)));
}

// Signs of a QR code of level M, by its version; a text of capitals, digits and few others takes less room.
const CAPITALS = [20, 38, 61, 90, 122, 154];
const BYTES = [14, 26, 42, 62, 84, 106];

/** Modules of a side. @param {string} text */
function sideOf(text) {
  const most = /^[0-9A-Z $%*+\-./:]*$/.test(text) ? CAPITALS : BYTES;
  const version = most.findIndex((signs) => text.length <= signs);
  return 21 + 4 * (version < 0 ? most.length : version);
}

/** Signs that are commands to the printer are told by their number (^FH). @param {string} text */
function plain(text) {
  return text.replace(/[\^~_\\]/g, (sign) => `_${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join("");
}
