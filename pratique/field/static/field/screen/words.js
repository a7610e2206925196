// @ts-check
/** The page's sentences: gettext's, written into the page by the server in its language. */

const ZONE = document.documentElement.dataset.zone;
export const LANGUAGE = document.documentElement.lang;
/** @type {Record<string, string>} */
const SENTENCES = JSON.parse(document.getElementById("words")?.textContent ?? "{}");
const plural = new Intl.PluralRules(LANGUAGE);
const moments = new Intl.DateTimeFormat(LANGUAGE, { timeZone: ZONE, hourCycle: "h23",
  weekday: "short", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
const counts = new Intl.NumberFormat(LANGUAGE);

/**
 * The sentence of a code with its {parameters}; the code itself where none is known.
 * @param {string} code
 * @param {Record<string, any>} [params]
 */
export function say(code, params = {}) {
  return (SENTENCES[code] ?? code).replace(/\{(\w+)\}/g, (whole, name) =>
    typeof params[name] === "number" ? counts.format(params[name]) : String(params[name] ?? whole));
}

/** @param {string} code @param {number} n */
export function sayCount(code, n) {
  const form = plural.select(n) === "one" ? "one" : "other";
  return say(`${code}_${form}`, { n });
}

/** A moment in the county's zone. @param {string|number} at */
export function moment(at) {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : moments.format(date);
}

/** Whether a code has a sentence. @param {string} code */
export function isKnown(code) {
  return Object.hasOwn(SENTENCES, code);
}
