// @ts-check
/**
 * The standing of a fresh arrival: colour, word and shape as facts give them. Missing data gives no
 * colour; the clear one comes only from a row that asks for nothing or from days served.
 */

/** @typedef {import("./decide.js").Case} Case */
/** @typedef {import("./decide.js").Pack} Pack */
/**
 * `word`, `label` and `reason` are keys for the pack's words; the label shows from `label_from` on.
 * @typedef {{colour: string, word: string, shape: string, label: string | null, reason: string,
 *   params: [string, string][], row: string, since: number, until: number | null,
 *   order: string | null, restrictive: boolean, label_from: number | null}} Standing
 */

const NO_MEASURE = "none";
const UNKNOWN = "unknown";
const TEST_OVERDUE = "label.test_overdue";

/**
 * The standing, and the index of the stage that the person is in.
 * @param {Case} one
 * @returns {{standing: Standing, stage: number}}
 */
export function freshStanding(one) {
  const {plan, history, force} = one;
  const arrived = history.arrived_at;
  const isWithoutOrder = plan.restrictive && force.order === null;
  const completed = isWithoutOrder ? [] : completeAt(one);
  const stage = stageNow(one);
  const plain = (/** @type {Partial<Standing>} */ parts) => ({stage, standing: make(one, parts)});
  if (isWithoutOrder) return plain({reason: "reason.no_order"});
  const labelFrom = firstDue(one);
  const late = labelFrom === null ? {} : {label: TEST_OVERDUE, label_from: labelFrom};
  if (!plan.stages.length || one.ends[one.ends.length - 1] <= arrived) {
    const done = completed.at(-1) ?? null;
    if (done === null) return plain({reason: "reason.awaiting_result", ...late});
    const since = Math.max(arrived, done);
    return plain({
      colour: one.pack.data.clear_colour, since, until: since + one.pack.data.clear_code_ms,
      reason: plan.stages.length ? "reason.days_served" : plan.reason,
    });
  }
  const now = plan.stages[stage];
  return plain({
    colour: now.colour, reason: plan.reason, restrictive: now.restrictive, ...late,
    since: force.since,
    until: untilOf(one, stage, completed[stage] ?? null),
    order: now.restrictive && force.order !== null ? force.order.order : null,
  });
}

/**
 * Unknown: a dashed ring that says what is missing. It restricts nobody and clears nobody.
 * @param {Pack} pack
 * @param {import("./inputs.js").History} history
 * @param {string[]} missing
 * @returns {Standing}
 */
export function undecidedStanding(pack, history, missing) {
  return {
    colour: UNKNOWN, word: `colour.${UNKNOWN}`, shape: pack.data.colours[UNKNOWN], label: null,
    reason: "reason.unknown",
    params: missing.slice(0, 1).map((name) => ["input", `input.${name}`]),
    row: "", since: history.arrived_at, until: null, order: null, restrictive: false,
    label_from: null,
  };
}

/** @param {Case} one @param {Partial<Standing>} parts @returns {Standing} */
function make(one, parts) {
  const colour = parts.colour ?? NO_MEASURE;
  return {
    colour, word: `colour.${colour}`, shape: one.pack.data.colours[colour], label: null,
    reason: "", params: paramsOf(one), row: one.row, since: one.history.arrived_at, until: null,
    order: null, restrictive: false, label_from: null, ...parts,
  };
}

/**
 * What the reason's sentence may name: tier, the last place of that tier, days.
 * @param {Case} one
 * @returns {[string, string][]}
 */
function paramsOf(one) {
  const stays = one.history.stays.filter((stay) => stay.tier === one.tier);
  if (!stays.length) return one.plan.params;
  const last = stays.reduce((best, stay) => (
    stay.until > best.until || (stay.until === best.until && stay.place > best.place)
      ? stay : best));
  return [["tier", `tier.${last.tier}`], ["place", last.place], ...one.plan.params];
}

/**
 * For each stage the moment when its days are over and nothing is owed any more, else null. Where
 * the order ends before the plan does, the rest ends with it, tests or not.
 * @param {Case} one
 * @returns {(number | null)[]}
 */
function completeAt(one) {
  let isOwed = one.owes_landing_test;
  const arrived = one.history.arrived_at;
  if (!one.plan.stages.length) return [isOwed ? null : arrived];
  /** @type {(number | null)[]} */
  const completed = [];
  let last = arrived;
  for (const [index, stage] of one.plan.stages.entries()) {
    const end = one.ends[index];
    if (one.cut && one.ends_at <= end) {
      return [...completed, ...one.ends.slice(index).map(() => one.ends_at)];
    }
    last = Math.max(last, end);
    isOwed ||= stage.waits_for_other || one.tests.some((test) => test.stage === index);
    completed.push(isOwed ? null : last);
  }
  return completed;
}

/**
 * The stage that a fresh arrival is in: those whose days were over before it are credited. (The
 * other way on, a hand-over to the next stage's place, has not happened yet.)
 * @param {Case} one
 */
function stageNow(one) {
  const last = one.plan.stages.length - 1;
  let index = 0;
  while (index < last && one.ends[index] <= one.history.arrived_at) index += 1;
  return index;
}

/** @param {Case} one @param {number} stage @param {number | null} completed */
function untilOf(one, stage, completed) {
  const ends = Math.min(one.ends[stage], one.ends_at);
  const isCut = one.cut && ends === one.ends_at;
  const until = completed ?? (isCut ? ends : ends + one.pack.data.late_result_ms);
  return one.force.until === null ? until : Math.min(until, one.force.until);
}

/** From when a missed test is marked: the first one that is owed. @param {Case} one */
function firstDue(one) {
  const dues = one.tests.map((test) => test.due_at);
  if (one.owes_landing_test) dues.push(one.history.arrived_at + one.pack.data.swab_ms);
  return dues.length ? Math.min(...dues) : null;
}
