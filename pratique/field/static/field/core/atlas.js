// @ts-check
/**
 * The risk lists as a map on the device: the tier of a stay over all lists that bear on it, and the
 * listed places of a unit to tick. The same rules as `pratique/registry/atlas.py`: the worst known
 * tier wins, and where the answer leaves a worse one possible, the tier is unknown.
 */

/**
 * A place while it was on the lists: key, text and tier; `from` and `until` are numbers of lists,
 * oldest first (`until` is the first list without it, null while it is on the newest).
 * @typedef {{key: string, text: string, tier: string, is_rest: boolean, from: number,
 *   until: number | null}} Listed
 */
/**
 * `stamps` of the lists in milliseconds, oldest first; `units` as `packs.risk_lists` writes them.
 * @typedef {{stamps: number[], units: Record<string, any[][]>}} AtlasData
 */
/** @typedef {{stamps: number[], data: AtlasData, units: Map<string, Listed[]>}} Atlas */
/** @typedef {{unit: string, places: Listed[], rest: Listed | null}} UnitTiers */

export const NONE_OF_THESE = "none";
const TIERS = ["none", "low", "medium", "high"];
const UNKNOWN = "unknown";

/**
 * The map, from the bundle's data. A unit's places are spelt out when it is first asked for.
 * @param {AtlasData} data
 * @returns {Atlas}
 */
export function readAtlas(data) {
  return {stamps: data.stamps, data, units: new Map()};
}

/**
 * @param {Atlas} atlas
 * @param {string} unit
 * @returns {Listed[]}
 */
function placesOf(atlas, unit) {
  let places = atlas.units.get(unit);
  if (places === undefined) {
    const rows = Object.hasOwn(atlas.data.units, unit) ? atlas.data.units[unit] : [];
    places = rows.map(([tail, text, tier, isRest, from, until, home]) => ({
      key: `${home ?? unit}/${tail}`, text: text ?? tail, tier: TIERS[tier],
      is_rest: isRest === 1, from, until,
    }));
    atlas.units.set(unit, places);
  }
  return places;
}

/** @param {Listed} place */
function rank(place) {
  return TIERS.indexOf(place.tier);
}

/**
 * How many lists were published up to a moment.
 * @param {Atlas} atlas
 * @param {number} at
 */
function listsUntil(atlas, at) {
  const later = atlas.stamps.findIndex((stamp) => stamp > at);
  return later < 0 ? atlas.stamps.length : later;
}

/**
 * What the list in force at `at` says about a unit; null when it does not name it. Listed twice:
 * the higher tier counts.
 * @param {Atlas} atlas
 * @param {string} unit
 * @param {number} at
 * @returns {UnitTiers | null}
 */
export function unitAt(atlas, unit, at) {
  const number = listsUntil(atlas, at) - 1;
  if (number < 0) return null;
  /** @type {Map<string, Listed>} */
  const best = new Map();
  for (const place of placesOf(atlas, unit)) {
    if (place.from > number || (place.until !== null && place.until <= number)) continue;
    const other = best.get(place.key);
    if (other === undefined || rank(place) > rank(other)) best.set(place.key, place);
  }
  if (!best.size) return null;
  const places = [...best.values()];
  return {
    unit, places: places.filter((place) => !place.is_rest),
    rest: places.filter((place) => place.is_rest).at(-1) ?? null,
  };
}

/**
 * The tier of a stay in `unit` from `since` on. `answer`: the key of the place, NONE_OF_THESE (of
 * those listed at `askedAt`), or null when the traveller could not say.
 * @param {Atlas} atlas
 * @param {string} unit
 * @param {string | null} answer
 * @param {number} since
 * @param {number} askedAt
 * @returns {string}
 */
export function grade(atlas, unit, answer, since, askedAt) {
  if (!atlas.stamps.length) return UNKNOWN;
  // From the list in force on the stay's first day to the newest.
  const begin = Math.max(listsUntil(atlas, since) - 1, 0);
  const bearing = placesOf(atlas, unit)
    .filter((place) => place.until === null || place.until > begin);
  if (!bearing.length) return TIERS[0];
  const [sure, possible] = split(bearing, answer, listsUntil(atlas, askedAt) - 1);
  const tier = Math.max(0, ...sure.map(rank));
  const open = Math.max(0, ...possible.map(rank));
  return open > tier ? UNKNOWN : TIERS[tier];
}

/**
 * Places where the traveller surely was, and those where the answer leaves it open.
 * @param {Listed[]} bearing
 * @param {string | null} answer
 * @param {number} shown the newest list of which the traveller was asked, -1 before the first
 * @returns {[Listed[], Listed[]]}
 */
function split(bearing, answer, shown) {
  const rest = bearing.filter((place) => place.is_rest);
  const named = bearing.filter((place) => !place.is_rest);
  if (answer === null) {
    const tiers = new Set(bearing.map((place) => place.tier));
    if (!rest.length) tiers.add(TIERS[0]);
    return tiers.size === 1 ? [bearing, []] : [rest, named];
  }
  if (answer === NONE_OF_THESE) return [rest, named.filter((place) => place.from > shown)];
  const here = named.filter((place) => place.key === answer);
  return [here.length ? here : rest, []];
}
