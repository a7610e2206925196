// @ts-check
/** News of this device's own entries, as rolls bring them: kept, counted, read. Pure. */

/** @typedef {import("./roll.js").Fate} Fate @typedef {import("./roll.js").Finding} Finding */
/**
 * @typedef {{next: string|null, fates: Fate[], findings: Finding[], left_out: number, unread: string[]}} KeptNews
 *   next: up to where fates were heard; left_out: open findings that did not fit; unread: their keys
 */

export const FATES_KEPT_MAX = 200;

/** @type {KeptNews} */
export const NO_NEWS = { next: null, fates: [], findings: [], left_out: 0, unread: [] };

/**
 * What is kept after another roll has come. Fates are told once each, so they are added; findings
 * are told whole each time, so they replace.
 * @param {KeptNews} kept
 * @param {import("./roll.js").News} told
 * @returns {KeptNews}
 */
export function withNews(kept, told) {
  const known = new Set([...kept.fates.map(keyOf), ...kept.findings.map(keyOf)]);
  const before = kept.fates.filter((fate) => !told.fates.some((newer) => newer.fact === fate.fact));
  const fates = [...before, ...told.fates].slice(-FATES_KEPT_MAX);
  const { findings, findings_left_out: left_out, next } = told;
  const here = new Set([...fates, ...findings].map(keyOf));
  const fresh = [...told.fates, ...findings].map(keyOf).filter((key) => !known.has(key));
  const unread = [...new Set([...kept.unread, ...fresh])].filter((key) => here.has(key));
  return { next, fates, findings, left_out, unread };
}

/** @param {Fate|Finding} one its key among the unread; a fate that changed is unread again */
function keyOf(one) {
  return "id" in one ? one.id : `${one.fact}:${one.status}`;
}
