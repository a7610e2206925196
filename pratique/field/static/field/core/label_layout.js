// @ts-check
/**
 * What stands where on a label, in millimetres: once, for the browser's print and for the printer's
 * own language. Black on white; no full name, for a tube is bound to its person by the scan.
 */

import { barsOf, QUIET_MODULES } from "./code128.js";

/** @typedef {{name: string, width: number, height: number}} Stock a label stock, in millimetres */
/**
 * @typedef {{code: string, text: string, isUrgent: boolean, urgentWord: string, at: string, last: string,
 *   page: number, pages: number}} Label
 *   code: what a reader reads; text: the same for the eye; at: a short time; last: the document's last signs
 */
/**
 * @typedef {{type: "band", x: number, y: number, width: number, height: number}} Band black
 * @typedef {{type: "text", x: number, y: number, size: number, width: number, text: string,
 *   align: "left"|"middle"|"right", isWhite?: boolean}} Text y: its upper edge; width: it gets narrower beyond
 * @typedef {{type: "bars", x: number, y: number, width: number, height: number, text: string}} Bars
 * @typedef {{type: "square", x: number, y: number, side: number, text: string}} Square a QR code, its quiet zone inside
 * @typedef {Band|Text|Bars|Square} Part
 */

/** @type {Record<string, Stock>} */
export const STOCKS = {
  "40x30": { name: "40x30", width: 40, height: 30 },
  "50x30": { name: "50x30", width: 50, height: 30 },
};
/** Printers of 203 dpi: eight dots a millimetre. */
export const DOTS_A_MM = 8;
const MODULE_DOTS = 2;  // narrower bars run together on thermal paper
const MARGIN = 1;
const BAND_HEIGHT = 6.5;
const SQUARE = 20;
const TEXT_MAX = 40;

/** How wide a text's bars are with their quiet zones, in millimetres. @param {string} text */
export function barsWidth(text) {
  return (barsOf(text).modules + 2 * QUIET_MODULES) * MODULE_DOTS / DOTS_A_MM;
}

/** @param {string} text @param {Stock} stock */
export function fitsAsBars(text, stock) {
  return barsWidth(text) <= stock.width;
}

/**
 * The parts of one label.
 * @param {Label} label
 * @param {Stock} stock
 * @returns {Part[]}
 */
export function layout(label, stock) {
  const whole = stock.width - 2 * MARGIN;
  const asBars = fitsAsBars(label.code, stock);
  const code = asBars ? bars(label, stock) : square(label);
  const left = asBars ? MARGIN : MARGIN + SQUARE + MARGIN;
  const width = stock.width - MARGIN - left;
  /** @type {Part[]} */
  const parts = [...code];
  if (label.isUrgent) {
    parts.push({ type: "band", x: MARGIN, y: MARGIN, width: whole, height: BAND_HEIGHT });
    parts.push(text(label.urgentWord, stock.width / 2, MARGIN + 0.8, 5, whole - 2, "middle", true));
  }
  const number = asBars ? 20 : 9.5;
  parts.push(asBars ? text(label.text, stock.width / 2, number, 4, whole, "middle")
    : text(label.text, left, number, 3.5, width, "left"));
  const foot = stock.height - MARGIN - 3;
  const pages = `${label.page}/${label.pages}`;
  if (asBars) {
    parts.push(text(label.at, MARGIN, foot, 3, whole * 0.5, "left"));
    if (label.last) parts.push(text(`*${label.last}`, MARGIN + whole * 0.66, foot, 3, whole * 0.3, "middle"));
    parts.push(text(pages, stock.width - MARGIN, foot, 3, whole * 0.2, "right"));
  } else {
    parts.push(text(label.at, left, 14.5, 3, width, "left"));
    if (label.last) parts.push(text(`*${label.last}`, left, 19, 4, width, "left"));
    parts.push(text(pages, stock.width - MARGIN, foot, 3, width, "right"));
  }
  return parts;
}

/** @param {Label} label @param {Stock} stock @returns {Part[]} */
function bars(label, stock) {
  const width = barsOf(label.code).modules * MODULE_DOTS / DOTS_A_MM;
  const top = label.isUrgent ? MARGIN + BAND_HEIGHT + 1 : 2.5;
  // On whole dots: a printer has no halves.
  const x = Math.round((stock.width - width) / 2 * DOTS_A_MM) / DOTS_A_MM;
  return [{ type: "bars", x, y: top, width, height: 19 - top, text: label.code }];
}

/** @param {Label} label @returns {Part[]} */
function square(label) {
  return [{ type: "square", x: MARGIN, y: label.isUrgent ? 8.5 : 5, side: SQUARE, text: label.code }];
}

/** @returns {Text} */
function text(words, x, y, size, width, align, isWhite = false) {
  return { type: "text", x, y, size, width, text: printable(words), align, isWhite };
}

/** What can stand on a label: no signs that turn, hide or end a line. @param {string} words */
function printable(words) {
  return words.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, "").slice(0, TEXT_MAX);
}
