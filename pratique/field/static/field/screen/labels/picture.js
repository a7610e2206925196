// @ts-check
/** A label as a picture: SVG for the browser's print, dots for signs that a printer has no font for. */

import { barsOf } from "../../core/code128.js";
import { draw } from "../qr.js";

const SVG = "http://www.w3.org/2000/svg";
const FONT = "'Noto Sans', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif";
const DARK = 128;
/** @typedef {Map<string, SVGElement>} Squares what a square code says -> its drawing */

/**
 * The square codes of these labels, drawn for paper; null where this machine has no encoder.
 * @param {import("../../core/label_layout.js").Part[][]} labels
 * @returns {Promise<Squares|null>}
 */
export async function squaresOf(labels) {
  const texts = labels.flat().flatMap((part) => (part.type === "square" ? [part.text] : []));
  try {
    return new Map(await Promise.all(texts.map(async (text) =>
      /** @type {[string, SVGElement]} */ ([text, await draw(text, { level: "M" })]))));
  } catch (error) {
    if (error?.code === "codes_not_here") return null;
    throw error;
  }
}

/**
 * One label in its true size.
 * @param {import("../../core/label_layout.js").Part[]} parts
 * @param {import("../../core/label_layout.js").Stock} stock
 * @param {Squares|null} squares
 * @param {string} name what a screen reader says of it
 */
export function svgOf(parts, stock, squares, name) {
  const svg = node("svg", { width: `${stock.width}mm`, height: `${stock.height}mm`,
    viewBox: `0 0 ${stock.width} ${stock.height}`, role: "img", "aria-label": name });
  svg.append(node("rect", { width: stock.width, height: stock.height, fill: "#fff" }));
  for (const part of parts) svg.append(...drawn(part, squares));
  return svg;
}

/** @param {import("../../core/label_layout.js").Part} part @param {Squares|null} squares */
function drawn(part, squares) {
  if (part.type === "band") return [node("rect", { x: part.x, y: part.y, width: part.width, height: part.height, fill: "#000" })];
  if (part.type === "text") return [words(part)];
  if (part.type === "bars") return [bars(part)];
  const square = squares?.get(part.text);
  if (!square) return [];
  const code = /** @type {SVGElement} */ (square.cloneNode(true));
  for (const [name, value] of Object.entries({ x: part.x, y: part.y, width: part.side, height: part.side })) {
    code.setAttribute(name, String(value));
  }
  return [code];
}

/** @param {import("../../core/label_layout.js").Bars} part */
function bars({ x, y, width, height, text }) {
  const { bars: black, modules } = barsOf(text);
  const path = black.map(([start, wide]) => `M${start} 0h${wide}v1h-${wide}z`).join("");
  return node("path", { d: path, fill: "#000", "shape-rendering": "crispEdges",
    transform: `translate(${x} ${y}) scale(${width / modules} ${height})` });
}

/** @param {import("../../core/label_layout.js").Text} part */
function words({ x, y, size, width, text, align, isWhite }) {
  const wide = [...text].reduce((sum, sign) => sum + size * (sign > "\u2e7f" ? 1 : 0.6), 0);
  const anchor = { left: "start", middle: "middle", right: "end" }[align];
  const line = node("text", { x, y: y + size * 0.86, "font-size": size, "font-family": FONT, "font-weight": 700,
    "text-anchor": anchor, fill: isWhite ? "#fff" : "#000",
    ...(wide > width ? { textLength: width, lengthAdjust: "spacingAndGlyphs" } : {}) });
  line.textContent = text;
  return line;
}

/** @returns {SVGElement} */
function node(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/**
 * Words as dots, as wide as they need and no wider than `most`.
 * @type {import("../../core/zpl.js").Drawn}
 */
export function dotsOf(text, height, most) {
  const canvas = document.createElement("canvas"), font = `700 ${Math.round(height * 0.9)}px ${FONT}`;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  pen.font = font;
  const width = Math.max(1, Math.min(most, Math.ceil(pen.measureText(text).width)));
  canvas.width = width;
  canvas.height = height;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = "#000";
  pen.font = font;  // a canvas forgets it with its size
  pen.textBaseline = "middle";
  pen.fillText(text, 0, height / 2, width);
  const { data } = pen.getImageData(0, 0, width, height), row = Math.ceil(width / 8);
  const bytes = new Uint8Array(row * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (data[(y * width + x) * 4] < DARK) bytes[y * row + (x >> 3)] |= 0x80 >> (x & 7);
    }
  }
  return { width, height, bytes };
}
