// @ts-check
/** The little that screens need of the page: a copy of a template, an element, a status mark. */

/**
 * A screen's template, put into `root` in place of what was there.
 * @param {HTMLElement} root
 * @param {string} name of `<template id="screen-NAME">`
 */
export function fill(root, name) {
  root.replaceChildren(copyOf(`screen-${name}`));
}

/** A copy of a template by its id. @param {string} id @returns {DocumentFragment} */
export function copyOf(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  return /** @type {DocumentFragment} */ (template.content.cloneNode(true));
}

/**
 * The one element in `root` with `data-NAME`, or by a selector.
 * @param {ParentNode} root @param {string} selector @returns {any}
 */
export function one(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`no ${selector} here`);
  return found;
}

/**
 * An element with words, a class and attributes; true: an attribute without a value.
 * @param {string} tag
 * @param {{text?: string, class?: string, [attribute: string]: any}} [more]
 * @param {...(Node|string|null)} inside
 */
export function el(tag, { text, class: name, ...attributes } = {}, ...inside) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(attribute, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(attribute, String(value));
  }
  made.append(...inside.filter((part) => part !== null));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/** A shape of status: go, hold, stop, none, unknown. @param {string} shape */
export function shapeOf(shape) {
  const svg = document.createElementNS(SVG, "svg"), use = document.createElementNS(SVG, "use");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#shape-${shape}`);
  svg.append(use);
  return svg;
}

/** Status: shape, colour and word. @param {string} shape @param {string} text */
export function mark(shape, text) {
  return el("span", { class: `mark is-${shape}` }, shapeOf(shape), el("span", { text }));
}

/** A line that says "saved" names the facts that it speaks of: what it says can be held against the journal. @param {HTMLElement} line @param {{id: string}[]} kept */
export function nameSaved(line, kept) {
  line.dataset.saved = kept.map(({ id }) => id).join(" ");
}

/** Sets an existing line of status. @param {HTMLElement} line @param {string} shape @param {string} text */
export function setMark(line, shape, text) {
  line.classList.remove("is-go", "is-hold", "is-stop", "is-none", "is-unknown");
  line.classList.add(`is-${shape}`);
  line.querySelector("use")?.setAttribute("href", `#shape-${shape}`);
  const words = /** @type {HTMLElement} */ (line.querySelector("span"));
  if (words.textContent !== text) words.textContent = text;  // else it is read out at every tick
}
