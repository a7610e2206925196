// @ts-check
/** What a person may do, as word, shape and colour, with its reason as a sentence. */

import { decide, historyOf, readArrival } from "../core/decide.js";
import { owedBy } from "../core/sampling.js";
import { sentence, word } from "../core/words.js";
import { mark } from "./dom.js";
import { LANGUAGE, moment, say } from "./words.js";

const TONGUE = LANGUAGE.toLowerCase();
// A pack's shapes, as the app draws them.
const SHAPES = { disc: "go", triangle: "hold", square: "stop", diamond: "watch", ring: "none", dashed_ring: "unknown" };

/** @typedef {{decision: import("../core/decide.js").Decision, standing: import("../core/standing.js").Standing, pack: string}} Decided */

/** @typedef {{colour: string, word?: string, shape?: string, pack?: string}} Shown pack: whose words; left out: of the one in force */

/**
 * Decision and standing of somebody who has just arrived; null where no pack speaks for that time,
 * or where this app does not know a rule of it: then nothing is decided here, and nothing is green.
 * @param {import("./shell.js").App} app
 * @param {Record<string, any>} body of checkpoint.person_arrived
 * @param {number} at
 * @returns {Decided|null}
 */
export function decideHere(app, body, at) {
  const { knowledge } = app;
  const pack = knowledge.packAt(at);
  if (!pack) return null;
  try {
    const arrival = readArrival({ at: new Date(at).toISOString(), body });
    return { ...decide(pack, historyOf(knowledge.atlas, arrival), knowledge.orders), pack: pack.data.id };
  } catch (error) {
    console.warn("not decided", error);
    return null;
  }
}

/**
 * The mark of a decision: never green by data that are out of date.
 * @param {import("./shell.js").App} app @param {Decided|null} decided
 */
export function standingMark(app, decided) {
  if (!decided) return mark("unknown", say("standing_not_decided"));
  const { shape, word: said } = standingShape(app, { ...decided.standing, pack: decided.pack });
  return mark(shape, said);
}

/**
 * Shape and word of a standing, for `mark`: never green by data that are out of date.
 * @param {import("./shell.js").App} app @param {Shown|null|undefined} standing decided here, or the roll's
 * @returns {{shape: string, word: string}}
 */
export function standingShape(app, standing) {
  if (!standing) return { shape: "unknown", word: say("no_standing") };
  const { knowledge } = app;
  const pack = standing.pack ? knowledge.packs.packs.get(standing.pack) : knowledge.packAt(app.now());
  const said = word(pack?.data ?? { words: {} }, standing.word ?? `colour.${standing.colour}`, TONGUE);
  const shape = SHAPES[standing.shape ?? pack?.data.colours[standing.colour] ?? ""] ?? "unknown";
  return shape === "go" && knowledge.isOutOfDate(app.now())
    ? { shape: "hold", word: say("standing_old_data", { word: said }) } : { shape, word: said };
}

/**
 * The mark of somebody who is here: the server's word where the roll has brought it, else what this
 * device decided when they arrived.
 * @param {import("./shell.js").App} app @param {import("../store/things.js").Thing} person
 */
export function personMark(app, { told = {} }) {
  if (!told.standing) return standingMark(app, told.decided ?? null);
  const { shape, word: said } = standingShape(app, told.standing);
  return mark(shape, said);
}

/**
 * Why, and until when, for somebody who is here.
 * @param {import("./shell.js").App} app @param {import("../store/things.js").Thing} person
 * @returns {string[]}
 */
export function personWords(app, person) {
  const { standing, decided = null } = person.told ?? {};
  if (!standing) return standingWords(app, decided);
  const pack = app.knowledge.packs.packs.get(standing.pack);
  const isSaid = pack && Object.hasOwn(pack.data.words[TONGUE] ?? {}, standing.reason);
  const params = Object.entries(typeof standing.params === "string" ? JSON.parse(standing.params) : standing.params ?? {});
  return [isSaid ? reasonOf(app, pack.data, { reason: standing.reason, params }) : null,
    owedBy(person, app.now()) && say("step_swab"), standing.until && say("standing_until", { time: moment(standing.until) })].filter((each) => typeof each === "string");
}

/** @param {import("./shell.js").App} app @param {import("../core/words.js").Spoken} pack @param {{reason: string, params: [string, string][]}} standing */
function reasonOf(app, pack, { reason, params }) {
  return sentence(pack, reason, params.map(([name, value]) => (
    /** @type {[string, string]} */ ([name, name === "place" ? app.countyName(value) : value]))), TONGUE);
}

/**
 * Why, until when: sentences for under the mark.
 * @param {import("./shell.js").App} app @param {Decided|null} decided
 * @returns {string[]}
 */
export function standingWords(app, decided) {
  const pack = decided && app.knowledge.packs.packs.get(decided.pack);
  if (!decided || !pack) return [say("standing_not_decided_why")];
  const { standing, decision } = decided;
  const reason = reasonOf(app, pack.data, standing);
  const steps = [decision.landing_test && say("step_swab"),
    decision.transfer === "unknown" || decision.transfer === "none" ? null : say("step_transfer"),
    standing.until !== null && standing.restrictive && say("standing_until", { time: moment(standing.until) })];
  return [reason, ...steps.filter((step) => typeof step === "string")];
}
