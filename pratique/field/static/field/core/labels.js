// @ts-check
/**
 * Labels of tubes, bags and seals: what they may be and how one of our own proves itself, as
 * `pratique/specimens/rules.py` (`check_digit`, `tube_number`, `check_tube`, `check_bag`).
 */

export const OWN_PREFIX = "PQ";
export const OWN_DIGITS = 9;
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$/;
const OWN = new RegExp(`^${OWN_PREFIX}\\d{${OWN_DIGITS + 1}}$`);
const OWN_NUMBER = new RegExp(`^${OWN_PREFIX}\\d+$`);
const OTHER_SERIES = new RegExp(`^${OWN_PREFIX}[^\\d]`);
const SHOWN_MAX = 40;

/** @typedef {{code: string, params: Record<string, any>}} No why a label is refused */

/**
 * ISO 7064 MOD 11,10: finds every wrong digit and nearly every pair that changed places.
 * @param {string} digits
 * @returns {string} one digit
 */
export function checkDigit(digits) {
  let product = 10;
  for (const digit of digits) {
    const total = (Number(digit) + product) % 10 || 10;
    product = total * 2 % 11;
  }
  return String((11 - product) % 10);
}

/**
 * The label number of a serial number: `PQ`, nine digits, check digit. RangeError beyond.
 * @param {number} serial
 */
export function tubeNumber(serial) {
  if (!Number.isInteger(serial) || serial < 0 || serial >= 10 ** OWN_DIGITS) {
    throw new RangeError(`a serial number has at most ${OWN_DIGITS} digits`);
  }
  const digits = String(serial).padStart(OWN_DIGITS, "0");
  return `${OWN_PREFIX}${digits}${checkDigit(digits)}`;
}

/** A label as it is kept: readers and thumbs do not agree on small letters. @param {string} text */
export function readLabel(text) {
  return text.normalize("NFKC").trim().toUpperCase();
}

/**
 * Why a label is none of a tube; null: it may be one. The same answer as the server's.
 * @param {string} tube
 * @returns {No|null}
 */
export function checkTube(tube) {
  if (!PLAIN.test(tube)) return { code: "label_not_plain", params: { tube: tube.slice(0, SHOWN_MAX) } };
  const isOwn = OWN_NUMBER.test(tube);
  if (isOwn && !(OWN.test(tube) && checkDigit(tube.slice(2, -1)) === tube.at(-1))) {
    return { code: "label_misread", params: { tube } };
  }
  return null;
}

/**
 * The same for the tube of one person: what begins like our own numbers and goes on with a letter is
 * another series (a slip, a part of a code), and no tube.
 * @param {string} tube
 * @returns {No|null}
 */
export function checkSingleTube(tube) {
  return checkTube(tube) ?? (OTHER_SERIES.test(tube) ? { code: "tube_other_series", params: { tube } } : null);
}

/** Whether this can only be a tube: one of our own numbers. @param {string} label */
export function isOwnTube(label) {
  return OWN_NUMBER.test(label);
}

/**
 * Why a bag's label or its seal is none; null: they may be. A seal may be blank.
 * @param {string} bag @param {string} seal
 * @returns {No|null}
 */
export function checkBag(bag, seal) {
  if (!PLAIN.test(bag)) return { code: "bag_not_plain", params: { bag: bag.slice(0, SHOWN_MAX) } };
  if (seal && !PLAIN.test(seal)) return { code: "bag_not_plain", params: { bag: seal.slice(0, SHOWN_MAX) } };
  return null;
}
