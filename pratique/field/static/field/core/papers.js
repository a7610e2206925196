// @ts-check
/**
 * Numbers of identity documents, telephones and plates, checked on the device by the rules of
 * `pratique/registry/identity.py`, `plates.py` and `pratique/checkpoint/rules.py`: the same codes.
 * The sentence of a refusal is the pack's word `refusal.<code>`; see `words.js`.
 */

/**
 * A number that has passed its rule; birth date and sex are there where the number says them.
 * @typedef {{kind: string, number: string, birth_date: string | null, sex: string | null,
 *   county: string | null, warnings: string[]}} Paper
 */
/** @typedef {{text: string, kind: string, warnings: string[]}} Plate */

const NUMBER_LENGTH_MAX = 40;
const PHONE_LENGTH_MAX = 40;
const BIRTH_YEAR_MIN = 1880;
const PLATE_LENGTH_MIN = 4;
const PLATE_LENGTH_MAX = 12;
const RAW_LENGTH_MAX = 30;
const CHECK_CHARACTERS = "10X98765432";
const RESIDENCE_PERMIT_COUNTIES = ["810000", "820000", "830000"];
const PROVINCE_PREFIX = /^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])/;
const PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新";
// Python's white space, which is not JavaScript's.
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f"
  + "\\u205f\\u3000";
const ENDS = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "gu");
const INVISIBLE = /[\u200b-\u200f\u202a\u202c\u202d\u2060\ufeff]/gu;
const NUMBER_SEPARATORS = new RegExp(`[${SPACE}.·•\\-‐‑‒–—―_/]+`, "gu");
const PLATE_SEPARATORS = new RegExp(`[${SPACE}.·•∙⋅・‧。,\\-‐‑‒–—―_]+`, "gu");
const PHONE_SEPARATORS = new RegExp(`[${SPACE}().\\-‐‑‒–—―]+`, "gu");
const HAN = /^\p{Unified_Ideograph}$/u;
// Ideographs by use, but of the block for compatibility: no plate has them.
const HAN_OF_COMPATIBILITY = /^[\ufa0e-\ufa29]$/u;
const SERIAL = "[A-HJ-NP-Z0-9]"; // neither I nor O, which look like 1 and 0
const HEAD = `[${PROVINCES}][A-HJ-NP-Z]`;
/** @type {[string, RegExp][]} */
const PLATES = [
  ["ordinary", `${HEAD}${SERIAL}{5}`],
  ["new_energy", `${HEAD}(?:[A-HJK]${SERIAL}\\d{4}|\\d{5}[A-HJK])`],
  ["trailer", `${HEAD}${SERIAL}{4}挂`],
  ["coach_school", `${HEAD}${SERIAL}{4}学`],
  ["police", `${HEAD}${SERIAL}{4}警`],
  ["border_hk_macao", `粤Z${SERIAL}{4}[港澳]`],
  ["embassy", "(?:\\d{6}使|使\\d{6})"],
  ["consulate", `${HEAD}\\d{4}领`],
  ["emergency", `[${PROVINCES}][A-HJ-NP-Z]?[A-Z]?\\d{4,5}应急`],
  ["oversize_test", `${HEAD}${SERIAL}{4}[超试]`],
].map(([kind, pattern]) => [kind, new RegExp(`^(?:${pattern})$`, "u")]);

/** What a rule says no with. */
export class PaperRefused extends Error {
  /** @param {string} code @param {Record<string, string | number>} [params] */
  constructor(code, params = {}) {
    super(code);
    this.code = code;
    /** @type {[string, string][]} */
    this.params = Object.entries(params).map(([name, value]) => [name, String(value)]);
  }
}

/** Full-width forms made plain, invisible marks dropped, ends trimmed. @param {string} text */
function plain(text) {
  return text.normalize("NFKC").replace(INVISIBLE, "").replace(ENDS, "");
}

/**
 * Capitals, plain characters and no separators; repeated until nothing changes any more.
 * @param {string} text @param {RegExp} separators
 */
function normalised(text, separators) {
  for (let before = text; ; before = text) {
    text = plain(before).toUpperCase().replace(separators, "");
    if (text === before) return text;
  }
}

/** Characters, not the units in which JavaScript counts. @param {string} text */
function lengthOf(text) {
  return [...text].length;
}

/**
 * The number of a paper of `kind`, and what it says about its holder. Throws PaperRefused. With
 * `today` ("2022-08-20") a birth date in the future is refused as well.
 * @param {string} kind @param {string} number @param {string | null} [today]
 * @returns {Paper}
 */
export function readDocument(kind, number, today = null) {
  const reader = Object.hasOwn(READERS, kind) ? READERS[kind] : null;
  if (reader === null) throw new PaperRefused("document_kind_unknown", {kind});
  if (lengthOf(number) > NUMBER_LENGTH_MAX) {
    throw new PaperRefused("document_number_too_long", {kind});
  }
  const word = normalised(number, NUMBER_SEPARATORS);
  if (!word) throw new PaperRefused("document_number_missing", {kind});
  const paper = {kind, birth_date: null, sex: null, county: null, warnings: [], ...reader(word)};
  if (today !== null && paper.birth_date !== null && paper.birth_date > today) {
    throw new PaperRefused(`${kind}_birth_date`, {digits: paper.birth_date.replaceAll("-", "")});
  }
  return paper;
}

/**
 * A paper with a warning where the county in its number is in no list of today's; holders of a
 * residence permit of Hong Kong, Macao and Taiwan have counties of their own.
 * @param {Paper} paper @param {{has: (county: string) => boolean}} known
 * @returns {Paper}
 */
export function withCountyWarning(paper, known) {
  const {county} = paper;
  if (county === null || RESIDENCE_PERMIT_COUNTIES.includes(county) || known.has(county)) {
    return paper;
  }
  return {...paper, warnings: [...paper.warnings, "county_unknown"]};
}

/** @type {Record<string, (word: string) => Partial<Paper> & {number: string}>} */
const READERS = {
  resident_id(word) {
    if (/^\d{15}$/.test(word)) throw new PaperRefused("resident_id_first_generation");
    if (!/^[1-8]\d{16}[\dX]$/.test(word)) {
      throw new PaperRefused("resident_id_shape", {length: lengthOf(word)});
    }
    const county = word.slice(0, 6);
    const warnings = PROVINCE_PREFIX.test(county) ? [] : ["province_unknown"];
    return {...checked(word, "resident_id"), county, warnings};
  },
  hk_macao_permit(word) {
    if (!/^[HM]\d{8}(\d{2})?$/.test(word)) wrongShape("hk_macao_permit");
    return {number: word.slice(0, 9)};
  },
  taiwan_permit(word) {
    if (!/^\d{8}(\d{2}[A-Z]?|[A-Z])?$/.test(word)) wrongShape("taiwan_permit");
    return {number: word.slice(0, 8)};
  },
  passport(word) {
    if (!/^(?=.*\d)[A-Z0-9]{5,12}$/.test(word)) wrongShape("passport");
    return {number: word, warnings: word.length > 9 ? ["passport_longer_than_nine"] : []};
  },
  foreign_permanent_resident(word) {
    if (/^9\d{16}[\dX]$/.test(word)) return checked(word, "foreign_permanent_resident");
    // Its birth year has two digits; which century stays open, so no date is claimed.
    if (/^[A-Z]{3}\d{12}$/.test(word)) return {number: word};
    throw new PaperRefused("permanent_resident_shape", {kind: "foreign_permanent_resident"});
  },
  other(word) {
    if (lengthOf(word) < 3 || !/^[\p{L}\p{N}()#,]+$/u.test(word)) {
      throw new PaperRefused("document_shape", {kind: "other"});
    }
    return {number: word};
  },
};

/** @param {string} kind @returns {never} */
function wrongShape(kind) {
  throw new PaperRefused(`${kind}_shape`, {kind});
}

/**
 * The ISO 7064 mod 11-2 check character of 17 digits.
 * @param {string} firstSeventeen
 */
export function checkCharacter(firstSeventeen) {
  const sum = [...firstSeventeen].reduce((so_far, digit) => (so_far + Number(digit)) * 2 % 11, 0);
  return CHECK_CHARACTERS[sum];
}

/** @param {string} word @param {string} kind */
function checked(word, kind) {
  if (checkCharacter(word.slice(0, 17)) !== word[17]) {
    throw new PaperRefused(`${kind}_check_character`);
  }
  const sex = Number(word[16]) % 2 ? "male" : "female";
  return {number: word, birth_date: birthDate(word.slice(6, 14), kind), sex};
}

/** @param {string} digits @param {string} kind */
function birthDate(digits, kind) {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)];
  const born = new Date(Date.UTC(2000, Number(month) - 1, Number(day)));
  born.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isDate = born.getUTCMonth() === Number(month) - 1 && born.getUTCDate() === Number(day);
  if (!isDate || Number(year) < BIRTH_YEAR_MIN) {
    throw new PaperRefused(`${kind}_birth_date`, {digits});
  }
  return `${year}-${month}-${day}`;
}

/**
 * A mainland mobile number as its 11 digits, or a foreign one written with +. Throws PaperRefused.
 * @param {string} text
 */
export function checkPhone(text) {
  const number = lengthOf(text) > PHONE_LENGTH_MAX ? "" : plain(text).replace(PHONE_SEPARATORS, "");
  let digits = number.replace(/^\+/, "").replace(/^00/, "");
  if (lengthOf(digits) === 13) digits = digits.replace(/^86/, "");
  if (/^1[3-9]\d{9}$/.test(digits)) return digits;
  if (/^\+(?!86)[1-9]\d{6,14}$/.test(number)) return number;
  throw new PaperRefused("mobile_shape");
}

/**
 * What stands on a paper, a plate or in a telephone book, as the server compares it: a document's
 * number and a plate without separators; a telephone that is none as it was typed.
 * @param {"document" | "plate" | "phone"} kind @param {string} text @returns {string}
 */
export function compared(kind, text) {
  if (kind === "document") return normalised(text, NUMBER_SEPARATORS);
  if (kind === "plate") return normalisedPlate(text);
  try {
    return checkPhone(text);
  } catch {
    return text.replace(ENDS, "");
  }
}

/** @param {string} text */
function normalisedPlate(text) {
  return normalised(text, PLATE_SEPARATORS);
}

/**
 * A plate with its kind; one of no known shape is `unrecognised`, with a warning: no vehicle may be
 * missed over its plate. Throws PaperRefused for what cannot be a plate at all.
 * @param {string} text
 * @returns {Plate}
 */
export function readPlate(text) {
  const plate = lengthOf(text) <= RAW_LENGTH_MAX ? normalisedPlate(text) : "";
  const signs = [...plate];
  const han = signs.filter((sign) => !/^[A-Za-z0-9]$/.test(sign));
  const isPlate = signs.length >= PLATE_LENGTH_MIN && signs.length <= PLATE_LENGTH_MAX
    && han.length < signs.length
    && han.every((sign) => HAN.test(sign) && !HAN_OF_COMPATIBILITY.test(sign));
  if (!isPlate) {
    throw new PaperRefused("plate_shape", {min: PLATE_LENGTH_MIN, max: PLATE_LENGTH_MAX});
  }
  const found = PLATES.find(([, pattern]) => pattern.test(plate));
  if (found !== undefined) return {text: plate, kind: found[0], warnings: []};
  const hints = signs.slice(2).some((sign) => sign === "I" || sign === "O");
  const warnings = ["plate_unrecognised", ...(hints ? ["plate_letter_i_or_o"] : [])];
  return {text: plate, kind: "unrecognised", warnings};
}

/**
 * The tractor's plate. Throws PaperRefused where it is none, or a trailer's: those are asked apart.
 * @param {string} text
 */
export function checkPlate(text) {
  const plate = readPlate(text);
  if (plate.kind === "trailer") throw new PaperRefused("plate_is_a_trailers", {plate: plate.text});
  return plate.text;
}

/**
 * The trailer's plate, null for an empty text. Throws PaperRefused.
 * @param {string} text @param {string} [plate] the tractor's
 */
export function checkTrailerPlate(text, plate = "") {
  if (!text.replace(ENDS, "")) return null;
  const trailer = readPlate(text).text;
  if (plate && trailer === normalisedPlate(plate)) throw new PaperRefused("trailer_is_the_tractor");
  return trailer;
}
