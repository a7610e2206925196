// @ts-check
/** Handing a post over to the next shift: what was counted beside what this device knows. Pure. */

/** @typedef {"person"|"vehicle"|"specimen"} Type */
/** @typedef {{id: string, type: string, label: string}} Known */
/** @typedef {Record<Type, number>} Counted */

/** @type {Type[]} */
export const TYPES = ["person", "vehicle", "specimen"];
const FIELDS = { person: "persons", vehicle: "vehicles", specimen: "specimens" };
const COUNT_MAX = 100_000;

/**
 * What somebody typed as a count; null where it is none.
 * @param {string} text
 * @returns {number|null}
 */
export function readCount(text) {
  const plain = text.normalize("NFKC").trim();
  return /^\d{1,6}$/.test(plain) && Number(plain) <= COUNT_MAX ? Number(plain) : null;
}

/**
 * Where the count and the device disagree, and which things the device knows of that type.
 * @param {Known[]} things
 * @param {Counted} counted
 * @returns {{type: Type, counted: number, known: number, things: Known[]}[]}
 */
export function differences(things, counted) {
  return TYPES.map((type) => {
    const known = things.filter((thing) => thing.type === type);
    return { type, counted: counted[type], known: known.length, things: known };
  }).filter((each) => each.counted !== each.known);
}

/**
 * The fact with which who leaves hands the post over.
 * @param {{account: string, to: string, counted: Counted, note: string, unsent: number}} said
 * @returns {{kind: string, body: object}}
 */
export function handedOver({ account, to, counted, note, unsent }) {
  const counts = Object.fromEntries(TYPES.map((type) => [FIELDS[type], counted[type]]));
  return { kind: "custody.post_handed_over", body: { account, to, ...counts, note: note.trim(), unsent } };
}

/**
 * Where who leaves is not there any more, who comes counts alone.
 * @param {{account: string, counted: Counted}} said
 * @returns {{kind: string, body: object}[]}
 */
export function countedAlone({ account, counted }) {
  return TYPES.map((type) => ({ kind: "custody.head_counted",
    body: { account, subject_kind: type, counted: counted[type], source: "roll_call" } }));
}
