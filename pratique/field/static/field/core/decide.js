// @ts-check
/**
 * What a fresh arrival gets, decided on the device as the server will decide it: the same table,
 * the same days, the same standing (`pratique/protocol/evaluate.py`). Fresh means: at the post,
 * with no specimen and no reading yet. Which facts were looked at is left to the server.
 */

import {grade} from "./atlas.js";
import {readInputs} from "./inputs.js";
import {Zone, anchorMoment, dayStart} from "./schedule.js";
import {freshStanding, undecidedStanding} from "./standing.js";
import {decideTable, readTable} from "./table.js";

/** @typedef {import("./atlas.js").Atlas} Atlas */
/** @typedef {import("./inputs.js").History} History */
/** @typedef {import("./table.js").Hit} Hit */
/** @typedef {import("./standing.js").Standing} Standing */
/**
 * @typedef {{order: string, pack: string, area: string, since: number,
 *   until: number | null}} Order
 */
/**
 * @typedef {{measure: string, colour: string, restrictive: boolean, last_day: number,
 *   first_day: number, tests: number[], waits_for_other: boolean}} Stage
 */
/**
 * @typedef {{landing_test: boolean, transfer: string, stages: Stage[], anchor: string,
 *   anchor_tiers: string[], anchor_day: number, count: string, spacing_ms: number,
 *   slack_ms: number, reason: string, restrictive: boolean, params: [string, string][]}} Plan
 */
/**
 * A pack as `packs.pack_data` writes it.
 * @typedef {{id: string, version: number, titles: Record<string, string>, zone: string,
 *   areas: string[], landing_exempt: string[], conditions: Record<string, string>,
 *   clear_colour: string, clear_code_ms: number, late_result_ms: number, swab_ms: number,
 *   table: import("./table.js").TableData, plans: Record<string, Plan>, may_turn_back: string[],
 *   colours: Record<string, string>, words: Record<string, Record<string, string>>,
 *   signs?: {temperature_c: number, symptoms: string[]}}} PackData signs: what a round looks for; a
 *   bundle of before has none
 */
/** @typedef {{data: PackData, table: import("./table.js").Table, zone: Zone}} Pack */
/**
 * @typedef {{measure: string, row: string, tier: string, landing_test: boolean, transfer: string,
 *   counted_from: number | null, ends_at: number | null, tests_on: number[],
 *   unknown_inputs: string[], possible: string[], conditions: string[]}} Decision
 */
/** @typedef {{division: string, area: string | null, since: number, until: number}} StayTold */
/**
 * @typedef {{arrived_at: number, resident: boolean | null, from_outside_province: boolean | null,
 *   special: string[], stays: StayTold[]}} Arrival
 */
/** @typedef {{order: Order | null, since: number, until: number | null}} InForce */
/**
 * What decision and standing share; `tests` are owed, with the number of their stage.
 * @typedef {{pack: Pack, history: History, plan: Plan, row: string, tier: string, ends: number[],
 *   ends_at: number, cut: boolean, force: InForce, owes_landing_test: boolean,
 *   tests: OwedTest[]}} Case
 */
/** @typedef {{opens_at: number, due_at: number, stage: number}} OwedTest */

const UNKNOWN = "unknown";
const NO_MEASURE = "none";

/**
 * A pack ready for `decide`.
 * @param {PackData} data
 * @returns {Pack}
 */
export function readPack(data) {
  return {data, table: readTable(data.table), zone: new Zone(data.zone)};
}

/**
 * The arrival that a fact `checkpoint.person_arrived` says, as it lies in the outbox.
 * @param {{at: string, body: any}} fact
 * @returns {Arrival}
 */
export function readArrival({at, body}) {
  const {resident, from_outside_province, special = [], stays} = body;
  return {
    arrived_at: Date.parse(at), resident, from_outside_province, special,
    stays: stays.map((/** @type {any} */ {division, area = null, since, until}) => (
      {division, area, since: Date.parse(since), until: Date.parse(until)})),
  };
}

/**
 * An arrival with its stays graded by the lists on this device.
 * @param {Atlas} atlas
 * @param {Arrival} arrival
 * @returns {History}
 */
export function historyOf(atlas, arrival) {
  const stays = arrival.stays.map(({division, area, since, until}) => {
    const tier = grade(atlas, division, area, since, arrival.arrived_at);
    return {tier, since, until, place: division};
  });
  return {...arrival, stays};
}

/**
 * Decision and standing of a fresh arrival. Missing inputs never throw: they give the measure
 * "unknown" with `unknown_inputs`, and no colour.
 * @param {Pack} pack
 * @param {History} history
 * @param {Order[]} orders
 * @returns {{decision: Decision, standing: Standing}}
 */
export function decide(pack, history, orders) {
  const {inputs} = pack.data.table;
  const values = readInputs(inputs, history, pack.zone);
  const worst = inputs.findLastIndex((input) => input.source === "worst_tier");
  const word = values[worst];
  const tier = worst < 0 ? "" : typeof word === "string" && !word.endsWith("?") ? word : UNKNOWN;
  const hit = decideTable(pack.table, values);
  if (hit.row === null) return undecided(pack, history, tier, hit);
  const {row} = hit;
  if (row.outputs.measure === UNKNOWN) {
    return undecided(pack, history, tier, {...hit, possible: [row], missing: ["source"]});
  }
  const plan = pack.data.plans[row.name];
  const anchor = anchorMoment(plan, history);
  if (anchor === null) {
    return undecided(pack, history, tier, {...hit, possible: [row], missing: [plan.anchor]});
  }
  const one = caseOf(pack, history, plan, row.name, tier, anchor, orders);
  const standing = freshStanding(one);
  const isMeasured = plan.stages.length > 0;
  return {
    decision: {
      measure: isMeasured ? plan.stages[standing.stage].measure : NO_MEASURE,
      row: row.name, tier, landing_test: one.owes_landing_test, transfer: plan.transfer,
      counted_from: isMeasured ? anchor : null, ends_at: isMeasured ? one.ends_at : null,
      tests_on: one.tests.map((test) => test.opens_at), unknown_inputs: [], possible: [],
      conditions: conditions(pack, history.special),
    },
    standing: standing.standing,
  };
}

/**
 * May a person under this measure be sent out of the county again at the first post? Whoever may
 * be infected is not sent to infect others: no measure that restricts allows it, nor an unknown.
 * @param {Pack} pack
 * @param {string} measure
 */
export function mayTurnBack(pack, measure) {
  return pack.data.may_turn_back.includes(measure);
}

/**
 * @param {Pack} pack @param {History} history @param {Plan} plan @param {string} row
 * @param {string} tier @param {number} anchor @param {Order[]} orders
 * @returns {Case}
 */
function caseOf(pack, history, plan, row, tier, anchor, orders) {
  const arrived = history.arrived_at;
  const ends = plan.stages.map((stage) => dayStart(anchor, stage.last_day + 1, plan, pack.zone));
  const ownEnd = ends.length ? Math.max(ends[ends.length - 1], arrived) : arrived;
  const force = plan.restrictive
    ? orderInForce(pack, orders, arrived, ownEnd) : {order: null, since: arrived, until: null};
  const cut = force.until !== null && force.until < ownEnd;
  const endsAt = cut && force.until !== null ? force.until : ownEnd;
  const owed = owedTests(pack, plan, anchor, arrived);
  const tests = owed.filter((test) => !cut || test.planned_at < endsAt);
  return {
    pack, history, plan, row, tier, ends, ends_at: endsAt, cut, force,
    owes_landing_test: plan.landing_test && !isExempt(pack, history), tests,
  };
}

/** @param {Pack} pack @param {History} history */
function isExempt(pack, history) {
  return history.special.some((word) => pack.data.landing_exempt.includes(word));
}

/**
 * The owed tests in order. With a spacing each opens no earlier than that long after the one
 * before, the first that long after the arrival, and may be taken until the slack is over.
 * @param {Pack} pack @param {Plan} plan @param {number} anchor @param {number} arrived
 */
function owedTests(pack, plan, anchor, arrived) {
  /** @type {(OwedTest & {planned_at: number})[]} */
  const owed = [];
  let before = arrived;
  plan.stages.forEach((stage, index) => stage.tests.forEach((day) => {
    const number = stage.first_day + day - 1;
    const planned = dayStart(anchor, number, plan, pack.zone);
    const due = dayStart(anchor, number + 1, plan, pack.zone);
    if (due <= arrived) return; // what lies wholly before the arrival is not owed
    const opens = plan.spacing_ms ? Math.max(planned, before + plan.spacing_ms) : planned;
    before = opens;
    owed.push({
      opens_at: Math.max(opens, arrived), stage: index, planned_at: planned,
      due_at: plan.spacing_ms ? Math.max(due, opens + plan.slack_ms) : due,
    });
  }));
  return owed;
}

/**
 * The order that carries a restriction from `begins` to `ends`, and from when until when. One that
 * takes over before the one before it ends renews it.
 * @param {Pack} pack @param {Order[]} orders @param {number} begins @param {number} ends
 * @returns {InForce}
 */
function orderInForce(pack, orders, begins, ends) {
  const found = orders.filter((order) => order.pack === pack.data.id
    && pack.data.areas.some((own) => own === "*" || order.area.startsWith(own))
    && (order.until === null || order.until > begins)
    && (order.since < ends || order.since <= begins));
  if (!found.length) return {order: null, since: begins, until: null};
  found.sort((one, other) => one.since - other.since || (one.order < other.order ? -1 : 1));
  let carrier = found[0];
  for (const order of found.slice(1)) {
    if (carrier.until === null || order.since > carrier.until) break;
    if (order.until === null || order.until > carrier.until) carrier = order;
  }
  return {order: carrier, since: Math.max(begins, found[0].since), until: carrier.until};
}

/** @param {Pack} pack @param {string[]} special */
function conditions(pack, special) {
  const known = pack.data.conditions;
  const minded = special.filter((word) => Object.hasOwn(known, word)).map((word) => known[word]);
  return [...new Set(minded)].sort();
}

/**
 * Unknown as an outcome of its own: what all possible rows agree on still holds.
 * @param {Pack} pack @param {History} history @param {string} tier @param {Hit} hit
 */
function undecided(pack, history, tier, hit) {
  const said = (/** @type {string} */ name) => (
    new Set(hit.possible.map((row) => row.outputs[name])));
  const [landing, transfer] = [said("landing_test"), said("transfer")];
  const missing = hit.missing.length ? hit.missing : [`table:${hit.reason}`];
  return {
    decision: {
      measure: UNKNOWN, row: "", tier,
      landing_test: landing.size === 1 && landing.has("yes") && !isExempt(pack, history),
      transfer: transfer.size === 1 ? [...transfer][0] : UNKNOWN,
      counted_from: null, ends_at: null, tests_on: [], unknown_inputs: missing,
      possible: hit.possible.map((row) => row.name),
      conditions: conditions(pack, history.special),
    },
    standing: undecidedStanding(pack, history, missing),
  };
}
