// @ts-check
/**
 * A decision table on the device: rows of unary tests and a hit policy, as
 * `pratique/field/packs.py` hands them over. Missing inputs are decided by completion: if every
 * value that a missing input could have leads to the same row, that row is the answer; if not, the
 * answer names the input.
 *
 * The server walks every combination when a pack is loaded; here a combination is worked out when
 * it is first asked for and kept. `tests/test_decisions.py` asks both for every combination.
 */

/** @typedef {string | number | boolean | null} Value */
/**
 * One unary test. Every form is told by the names of its fields, never by being a list or a scalar:
 * null holds for everything, a missing value included.
 * @typedef {null | {is: Value} | {sign: string, bound: number}
 *   | {low: number, high: number, low_in: boolean, high_in: boolean}
 *   | {any: Test[]} | {not: Test}} Test
 */
/**
 * @typedef {{name: string, kind: "text" | "number" | "boolean", source: string, values: string[],
 *   ordered: boolean, low: number, high: number, cuts: number[], lookback_days: number,
 *   gap_ms_max: number}} Input
 */
/** @typedef {{name: string, tests: Test[], outputs: Record<string, string>}} Row */
/**
 * @typedef {{inputs: Input[], rows: Row[], hit_policy: string,
 *   priority: Record<string, string[]>}} TableData
 */
/**
 * What the table says. `row` is null if it cannot say; `reason` is then missing, gap or overlap.
 * @typedef {{row: Row | null, possible: Row[], missing: string[], reason: string}} Hit
 */
/** @typedef {{data: TableData, known: Map<Value, Value>[], kept: Map<string, Hit>}} Table */

const OR_WORSE = "?"; // "medium?" means: medium or something worse, not known which
const HITS_KEPT_MAX = 20_000;

/** @type {Record<string, (value: any, bound: number) => boolean>} */
const COMPARISONS = {
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
  "=": (value, bound) => value === bound,
};

/**
 * Whether a test holds for a known value.
 * @param {Test} test
 * @param {any} value
 * @returns {boolean}
 */
export function holds(test, value) {
  if (test === null) return true;
  if ("is" in test) return value === test.is;
  if ("any" in test) return test.any.some((inner) => holds(inner, value));
  if ("not" in test) return !holds(test.not, value);
  if ("sign" in test) return COMPARISONS[test.sign](value, test.bound);
  if (!("low_in" in test)) throw new Error(`no such test: ${JSON.stringify(test)}`);
  const above = test.low_in ? value >= test.low : value > test.low;
  return above && (test.high_in ? value <= test.high : value < test.high);
}

/**
 * A table ready for `decideTable`.
 * @param {TableData} data
 * @returns {Table}
 */
export function readTable(data) {
  return {data, known: data.inputs.map(knownValues), kept: new Map()};
}

/**
 * What the table says for one value per input; null or "word?" where it is not known.
 * @param {Table} table
 * @param {Value[]} values
 * @returns {Hit}
 */
export function decideTable(table, values) {
  const key = values.map((value, index) => keyOf(table.data.inputs[index], value));
  return ask(table, key);
}

/**
 * @param {Table} table
 * @param {Value[]} key
 * @returns {Hit}
 */
function ask(table, key) {
  const name = JSON.stringify(key);
  let hit = table.kept.get(name);
  if (hit === undefined) {
    if (table.kept.size >= HITS_KEPT_MAX) table.kept.clear();
    hit = isKnown(key) ? pick(table, key) : complete(table, key);
    table.kept.set(name, hit);
  }
  return hit;
}

/** @param {Value[]} key */
function isKnown(key) {
  return key.every((value) => value !== null && !isOrWorse(value));
}

/** @param {Value} value @returns {value is string} */
function isOrWorse(value) {
  return typeof value === "string" && value.endsWith(OR_WORSE);
}

/**
 * The value by which a look-up is made; what lies outside of the input's domain counts as missing.
 * @param {Input} input
 * @param {Value} value
 * @returns {Value}
 */
function keyOf(input, value) {
  if (input.kind === "boolean") return typeof value === "boolean" ? value : null;
  if (input.kind === "number") {
    const inside = typeof value === "number" && value >= input.low && value <= input.high;
    return inside ? regionOf(value, input.cuts) : null;
  }
  if (typeof value !== "string") return null;
  const said = input.ordered && isOrWorse(value) ? value.slice(0, -1) : value;
  return input.values.includes(said) ? value : null;
}

/**
 * Number of the region of a number line cut at `cuts`: odd on a cut, even between two.
 * @param {number} value
 * @param {number[]} cuts
 */
function regionOf(value, cuts) {
  const below = cuts.filter((cut) => cut < value).length;
  return cuts[below] === value ? 2 * below + 1 : 2 * below;
}

/**
 * The known keys of an input, each with a value by which the rows are tested.
 * @param {Input} input
 * @returns {Map<Value, Value>}
 */
function knownValues(input) {
  if (input.kind === "boolean") return new Map([[true, true], [false, false]]);
  if (input.kind === "text") return new Map(input.values.map((word) => [word, word]));
  const edges = [...new Set([input.low, input.high, ...input.cuts])].sort((a, b) => a - b);
  const between = edges.slice(1).map((high, index) => (edges[index] + high) / 2);
  const inside = [...edges, ...between].sort((a, b) => a - b)
    .filter((number) => number >= input.low && number <= input.high);
  return new Map(inside.map((number) => [regionOf(number, input.cuts), number]));
}

/**
 * The rows that hold, by the table's hit policy. Collect has no single row and is an overlap.
 * @param {Table} table
 * @param {Value[]} key
 * @returns {Hit}
 */
function pick(table, key) {
  const {rows, hit_policy: policy} = table.data;
  const values = key.map((value, index) => /** @type {Value} */ (table.known[index].get(value)));
  const found = rows.filter((row) => row.tests.every((test, index) => holds(test, values[index])));
  if (!found.length) return {row: null, possible: [], missing: [], reason: "gap"};
  const one = (/** @type {Row} */ row) => ({row, possible: [row], missing: [], reason: ""});
  if (found.length === 1 || policy === "F") return one(found[0]);
  if (policy === "A" && found.every((row) => saysTheSame(row, found[0]))) return one(found[0]);
  if (policy === "P") {
    return one(found.reduce((best, row) => (isBefore(table, row, best) ? row : best)));
  }
  return {row: null, possible: found, missing: [], reason: "overlap"};
}

/** @param {Row} one @param {Row} other */
function saysTheSame(one, other) {
  return Object.entries(one.outputs).every(([name, said]) => other.outputs[name] === said);
}

/** @param {Table} table @param {Row} one @param {Row} other */
function isBefore(table, one, other) {
  for (const [name, order] of Object.entries(table.data.priority)) {
    const [a, b] = [one, other].map((row) => {
      const rank = order.indexOf(row.outputs[name]);
      return rank < 0 ? order.length : rank;
    });
    if (a !== b) return a < b;
  }
  return false;
}

/**
 * @param {Table} table
 * @param {Value[]} key
 * @returns {Hit}
 */
function complete(table, key) {
  const spread = key.map((value, index) => completions(table, index, value));
  const answers = product(spread).map((full) => ({full, hit: ask(table, full)}));
  const first = answers[0].hit;
  if (first.row !== null && answers.every(({hit}) => hit.row === first.row)) return first;
  const possible = new Set(answers.flatMap(({hit}) => hit.possible));
  const missing = table.data.inputs.map((input) => input.name)
    .filter((_, index) => spread[index].length > 1 && matters(answers, index));
  return {row: null, possible: [...possible], missing, reason: "missing"};
}

/**
 * The known keys that a key may stand for.
 * @param {Table} table
 * @param {number} index
 * @param {Value} value
 * @returns {Value[]}
 */
function completions(table, index, value) {
  if (value === null) return [...table.known[index].keys()];
  if (!isOrWorse(value)) return [value];
  const {values} = table.data.inputs[index];
  return values.slice(0, values.indexOf(value.slice(0, -1)) + 1);
}

/** @param {Value[][]} lists @returns {Value[][]} */
function product(lists) {
  return lists.reduce(
    (rows, list) => rows.flatMap((row) => list.map((value) => [...row, value])),
    /** @type {Value[][]} */ ([[]]));
}

/**
 * Does the answer change with this input while the others stay as they are?
 * @param {{full: Value[], hit: Hit}[]} answers
 * @param {number} index
 */
function matters(answers, index) {
  const seen = new Map();
  for (const {full, hit} of answers) {
    const rest = JSON.stringify(full.filter((_, at) => at !== index));
    if (!seen.has(rest)) seen.set(rest, hit.row);
    else if (seen.get(rest) !== hit.row) return true;
  }
  return false;
}
