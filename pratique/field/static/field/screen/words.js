// @ts-check
/** The page's sentences: gettext's, written into the page by the server in its language. */

const ZONE = document.documentElement.dataset.zone;
export const LANGUAGE = document.documentElement.lang;
/** @type {Record<string, string>} */
const SENTENCES = JSON.parse(document.getElementById("words")?.textContent ?? "{}");
const plural = new Intl.PluralRules(LANGUAGE);
const moments = new Intl.DateTimeFormat(LANGUAGE, { timeZone: ZONE, hourCycle: "h23",
  weekday: "short", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
const ages = new Intl.RelativeTimeFormat(LANGUAGE);
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

/**
 * A moment and how long ago it was; no age where the device's clock has run back behind it.
 * @param {string} at
 * @param {number} now
 */
export function momentAndAge(at, now) {
  const minutes = Math.floor((now - Date.parse(at)) / 60_000);
  if (!(minutes >= 0)) return moment(at);
  const [count, unit] = minutes < 60 ? [minutes, "minute"] : minutes < 2880 ? [Math.floor(minutes / 60), "hour"]
    : [Math.floor(minutes / 1440), "day"];
  return `${moment(at)} · ${ages.format(-count, /** @type {Intl.RelativeTimeFormatUnit} */ (unit))}`;
}

/**
 * The rule by which something was refused: the server's, the module's, else the code's own.
 * @param {{code?: string, rule?: string}} error
 */
export function ruleOf({ code = "", rule = "" }) {
  return rule || (isKnown(`rule.${code}`) ? say(`rule.${code}`) : `field.${code}`);
}

/** Whether a code has a sentence. @param {string} code */
export function isKnown(code) {
  return Object.hasOwn(SENTENCES, code);
}
