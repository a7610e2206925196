// @ts-check
/**
 * What a hand-over on the device says and changes: what may be chosen, who is suggested to take it,
 * the offer, the answer, what each side holds afterwards. Pure; the server judges again.
 */

import { textOf } from "./signed.js";

/** How long an offer made without a network waits; the server allows 48. */
export const OFFER_HOURS = 4;
/** More lines would be more codes than anybody holds a camera to. */
export const LINES_MAX = 200;
/** As clocks of tablets differ: until then the taker may still have answered in time. */
export const LATE_MINUTES = 10;
const MARK_BYTES = 6;
/** Who takes what, first the likeliest, by what is handed over and by whom. */
const TAKERS = {
  person: { crew: ["isolation_site", "community", "checkpoint"], "": ["crew", "community", "isolation_site"] },
  specimen: { courier: ["laboratory"], laboratory: ["laboratory"], "": ["courier", "laboratory"] },
  vehicle: { "": ["crew", "checkpoint"] },
};

/**
 * @typedef {import("../store/things.js").Thing} Thing
 * @typedef {{subject: string, type: Thing["type"]|null, label: string, mark: string|null, told: Record<string, any>}} Line
 *   one line as the taker sees it; mark: tells a scanned document, where the giver knew its number
 * @typedef {{id: string, giver: string, expires_at: string, trip: string|null, bag: string|null, lines: Line[]}} Offer
 * @typedef {{code: string, params?: Record<string, any>}} No
 */

/** The bag that a tube is in; null: none. @param {Thing} tube @returns {string|null} */
export function bagOf({ told }) {
  return told?.bag ?? told?.roll?.bag ?? null;
}

/**
 * Why a thing may not be offered now; null: it may.
 * @param {Thing|undefined} thing @param {string} account @param {string} scanned how it was named
 * @returns {No|null}
 */
export function checkChoice(thing, account, scanned) {
  if (!thing) return { code: "handover_unknown", params: { what: scanned } };
  if (thing.account !== account) return { code: "handover_elsewhere", params: { what: thing.label } };
  return thing.pending ? { code: "handover_on_offer", params: { what: thing.label } } : null;
}

/**
 * The accounts that may take these things, the likeliest first, then as the bundle names them.
 * @template {{code: string, kind: string}} Unit
 * @param {Thing[]} things @param {Unit[]} accounts @param {string} ownKind of the giving unit
 * @returns {{unit: Unit, isSuggested: boolean}[]}
 */
export function takersFor(things, accounts, ownKind) {
  /** @type {Record<string, string[]>} */
  const ways = TAKERS[things[0]?.type ?? "person"];
  const order = ways[ownKind] ?? ways[""];
  const rank = (/** @type {Unit} */ { kind }) => (order.includes(kind) ? order.indexOf(kind) : order.length);
  return accounts.map((unit) => ({ unit, isSuggested: rank(unit) === 0 }))
    .sort((one, other) => rank(one.unit) - rank(other.unit));
}

/** How many of each. @param {{type: Thing["type"]|null}[]} things */
export function countsOf(things) {
  const count = (/** @type {string} */ type) => things.filter((each) => each.type === type).length;
  return { people: count("person"), tubes: count("specimen"), vehicles: count("vehicle") };
}

/**
 * The offer as the fact's body.
 * @param {{giver: string, taker: string, things: Thing[], now: number, trip: string|null}} asked
 */
export function offered({ giver, taker, things, now, trip }) {
  const bags = new Set(things.map(bagOf));
  const [bag] = bags;
  return {
    giver, taker,
    lines: things.map(({ id, holds_by, after }) => ({ subject: id, holds_by, ...after ? { after } : {} })),
    expires_at: new Date(now + OFFER_HOURS * 3_600_000).toISOString(),
    ...trip ? { trip } : {}, ...bags.size === 1 && bag ? { bag } : {},
  };
}

/** The things while the offer waits. @param {Thing[]} things @param {{id: string, seq: number}} kept */
export function afterOffer(things, { id, seq }) {
  return things.map((thing) => ({ ...thing, pending: id, seq, told: { ...thing.told, offer: { id, seq } } }));
}

/**
 * Things whose offer came to nothing: in hand again, and the next offer names it.
 * @param {Thing[]} things @param {string} offer @param {number} [seq] of this device's fact about it
 * @returns {Thing[]}
 */
export function backInHand(things, offer, seq) {
  return things.map((thing) => ({ ...thing, pending: null, after: offer, seq: seq ?? thing.seq }));
}

/**
 * The account's offers that nobody has answered, as the things tell. seq: number of this device's
 * fact; null: another device made the offer.
 * @param {Thing[]} things @param {string} account
 * @returns {{id: string, seq: number|null, things: Thing[]}[]}
 */
export function openOffers(things, account) {
  /** @type {Map<string, {id: string, seq: number|null, things: Thing[]}>} */
  const found = new Map();
  for (const thing of things) {
    if (thing.account !== account || !thing.pending) continue;
    const { id, seq } = thing.told?.offer ?? {};
    const one = found.get(thing.pending) ?? { id: thing.pending, seq: null, things: [] };
    if (id === thing.pending) one.seq = seq;
    one.things.push(thing);
    found.set(one.id, one);
  }
  return [...found.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** Whether nobody can answer any more. @param {string} expires @param {number} now */
export function isOver(expires, now) {
  return now > Date.parse(expires) + LATE_MINUTES * 60_000;
}

/**
 * What the taker reads beside each line, by the subject's id. A document's number does not go along:
 * only a mark by which the taker's scan of it is recognised, in this one hand-over.
 * @param {string} offer its id @param {Thing[]} things @param {SubtleCrypto} subtle
 * @returns {Promise<Record<string, string>>}
 */
export async function wordsFor(offer, things, subtle) {
  return Object.fromEntries(await Promise.all(things.map(async ({ id, type, label, codes, told = {} }) => {
    const document = codes.find((code) => code.startsWith("document:"));
    const mark = document ? await documentMark(offer, document, subtle) : null;
    const { vehicle, urgent, purpose, collected_at } = told;
    const beside = Object.entries({ vehicle, urgent, purpose, collected_at }).filter(([, value]) => value);
    return [id, JSON.stringify([type, label, mark, Object.fromEntries(beside)])];
  })));
}

/** @param {string} offer @param {string} code "document:…" @param {SubtleCrypto} subtle */
export async function documentMark(offer, code, subtle) {
  const digest = await subtle.digest("SHA-256", new TextEncoder().encode(`${offer}\0${code}`));
  return textOf(digest.slice(0, MARK_BYTES));
}

/** An offer that was read from codes (core/handover.js). @param {import("./handover.js").Read} read @returns {Offer} */
export function offerRead({ fact: { id, body }, words }) {
  const { giver, expires_at, trip = null, bag = null, lines } = body;
  return { id, giver, expires_at, trip, bag,
    lines: lines.map((/** @type {{subject: string}} */ { subject }) => lineOf(subject, words[subject], bag)) };
}

/** @param {string} subject @param {string|undefined} word @param {string|null} bag @returns {Line} */
function lineOf(subject, word, bag) {
  const [type, label, mark, told] = listed(word);
  return { subject, type: Object.hasOwn(TAKERS, type) ? type : null, label: typeof label === "string" ? label : "",
    mark: typeof mark === "string" ? mark : null, told: { ...told, ...bag && type === "specimen" ? { bag } : {} } };
}

/** @param {string|undefined} word @returns {any[]} */
function listed(word) {
  try {
    const told = JSON.parse(word ?? "[]");
    return Array.isArray(told) ? told : [];
  } catch {
    return [];
  }
}

/** An offer that the roll told. @param {import("./roll.js").Offer} told @returns {Offer} */
export function offerTold({ id, giver, expires_at, trip, bag, lines }) {
  return { id, giver, expires_at, trip, bag, lines: lines.map(({ subject, kind, label }) =>
    ({ subject, type: kind, label: label ?? "", mark: null, told: bag && kind === "specimen" ? { bag } : {} })) };
}

/**
 * The lines that a scan means: one, all of a bag, or none.
 * @param {Offer} offer @param {import("./scans.js").Scan} scan @param {SubtleCrypto} subtle
 * @returns {Promise<Line[]>}
 */
export async function linesMeant({ id, bag, lines }, scan, subtle) {
  const text = scan.text.toUpperCase();
  if (scan.type === "person") return lines.filter((line) => line.subject === scan.id);
  if (scan.type === "document") {
    const mark = await documentMark(id, scan.code, subtle);
    return lines.filter((line) => line.mark === mark);
  }
  if (bag && bag.toUpperCase() === text) return lines.filter((line) => line.type === "specimen");
  return lines.filter((line) => line.type !== "person" && line.label && line.label.toUpperCase() === text);
}

/** Every line decided: ticked, or refused with a reason. @typedef {{accepted: string[], refused: Record<string, string>}} Choice */

/** Lines that are neither ticked nor refused. @param {Offer} offer @param {Choice} choice */
export function undecided({ lines }, { accepted, refused }) {
  return lines.filter(({ subject }) => !accepted.includes(subject) && !refused[subject]);
}

/** The answer as the fact's body. @param {Offer} offer @param {string} taker @param {Choice} choice */
export function answered({ id, lines }, taker, { accepted, refused }) {
  return { handover: id, taker,
    accepted: lines.filter((line) => accepted.includes(line.subject)).map((line) => line.subject),
    refused: lines.filter((line) => refused[line.subject]).map(({ subject }) => ({ subject, reason: refused[subject] })) };
}

/**
 * What the taker holds by its answer.
 * @param {Offer} offer @param {string[]} accepted @param {string} taker @param {{id: string, seq: number}} kept
 * @returns {Thing[]}
 */
export function afterAnswer({ lines }, accepted, taker, { id, seq }) {
  const CODE = { person: "person", vehicle: "plate", specimen: "tube" };
  return lines.filter((line) => line.type && accepted.includes(line.subject)).map(({ subject, type, label, told }) => {
    const kind = /** @type {Thing["type"]} */ (type);
    return { id: subject, type: kind, account: taker, holds_by: id, pending: null, label, seq, told,
      codes: [`${CODE[kind]}:${kind === "person" ? subject : label}`] };
  });
}
