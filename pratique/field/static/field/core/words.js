// @ts-check
/** Words and sentences of a pack, in its languages: no word for people stands in these modules. */

/** @typedef {[string, string][]} Params */
/** @typedef {{words: Record<string, Record<string, string>>}} Spoken */

const SPARE_LANGUAGE = "en";
const FIELD = /\{\{|\}\}|\{(\w+)\}/g;

/**
 * The words for a key in a language, else in English, else the key itself.
 * @param {Spoken} pack
 * @param {string} key
 * @param {string} language
 * @returns {string}
 */
export function word(pack, key, language) {
  return said(pack, key, language) || (said(pack, key, SPARE_LANGUAGE) ?? key);
}

/** @param {Spoken} pack @param {string} key @param {string} language */
function said(pack, key, language) {
  const words = pack.words[language] ?? {};
  return Object.hasOwn(words, key) ? words[key] : null;
}

/**
 * The words for a key with its parameters filled in; word keys among them translated. A parameter
 * that is not there leaves the words as they are.
 * @param {Spoken} pack
 * @param {string} key
 * @param {Params} params
 * @param {string} language
 * @returns {string}
 */
export function sentence(pack, key, params, language) {
  const filled = new Map(params.map(([name, value]) => [name, word(pack, value, language)]));
  const words = word(pack, key, language);
  const lacks = [...words.matchAll(FIELD)].some(([, name]) => name && !filled.has(name));
  if (lacks) return words;
  return words.replace(FIELD, (found, name) => (name ? filled.get(name) ?? "" : found[0]));
}
