// @ts-check
/** What a person may do, as word, shape and colour, with its reason as a sentence. */

import { decide, historyOf, readArrival } from "../core/decide.js";
import { sentence, word } from "../core/words.js";
import { mark } from "./dom.js";
import { LANGUAGE, moment, say } from "./words.js";

const TONGUE = LANGUAGE.toLowerCase();
const SHAPES = { green: "go", yellow: "hold", red: "stop", blue: "watch", none: "none", unknown: "unknown" };

/** @typedef {{decision: import("../core/decide.js").Decision, standing: import("../core/standing.js").Standing, pack: string}} Decided */

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
  const pack = app.knowledge.packs.packs.get(decided.pack);
  const { colour, word: key } = decided.standing;
  const said = pack ? word(pack.data, key, TONGUE) : key;
  const shape = SHAPES[colour] ?? "unknown";
  if (shape === "go" && app.knowledge.isOutOfDate(app.now())) return mark("hold", say("standing_old_data", { word: said }));
  return mark(shape, said);
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
  const params = standing.params.map(([name, value]) => (
    /** @type {[string, string]} */ ([name, name === "place" ? app.countyName(value) : value])));
  const reason = sentence(pack.data, standing.reason, params, TONGUE);
  const steps = [decision.landing_test && say("step_swab"),
    decision.transfer === "unknown" || decision.transfer === "none" ? null : say("step_transfer"),
    standing.until !== null && standing.restrictive && say("standing_until", { time: moment(standing.until) })];
  return [reason, ...steps.filter((step) => typeof step === "string")];
}
