// @ts-check
/** Counties by name, sound or initials, found while one types (as `pratique/desks/counties.py`). */

/** @typedef {{above: Record<string, [string, string]>, counties: [string, string, string][]}} CountiesData */
/** @typedef {{code: string, name: string, label: string, plain: string, bare: string, sounds: string[], initials: string[]}} County */
/** @typedef {{list: County[], byCode: Map<string, County>}} Counties */

const FOUND_MAX = 12;
const LEVELS = /[省市区县旗]/gu;

/** @param {CountiesData} data @returns {Counties} */
export function readCounties({ above, counties }) {
  const list = counties.map(([code, name, sound]) => {
    const [city, citySound] = above[code.slice(0, 4)] ?? ["", ""];
    const label = [above[code.slice(0, 2)]?.[0], city, name].filter(Boolean).join(" ");
    const words = [sound, [citySound, sound].filter(Boolean).join(" ")];
    const plain = label.replaceAll(" ", "");
    return { code, name, label, plain, bare: plain.replace(LEVELS, ""),
      sounds: words.map((word) => word.replaceAll(" ", "")),
      initials: words.map((word) => word.split(" ").map((part) => part[0] ?? "").join("")) };
  });
  return { list, byCode: new Map(list.map((county) => [county.code, county])) };
}

/**
 * Counties that a typed beginning may mean, the best first: characters, sound or initials.
 * @param {Counties} counties @param {string} typed @returns {County[]}
 */
export function searchCounties(counties, typed) {
  const text = typed.replace(/\s+/gu, "").toLowerCase();
  if (!text) return [];
  if (/^\d{6}$/.test(text)) return [counties.byCode.get(text)].filter((each) => each !== undefined);
  const bare = text.replace(LEVELS, "");
  /** @type {[number, number, County][]} */
  const ranked = [];
  for (const county of counties.list) {
    const rank = rankOf(county, text, bare);
    if (rank !== null) ranked.push([rank, [...county.plain].length, county]);
  }
  ranked.sort(([a, b, one], [c, d, other]) => a - c || b - d || (one.code < other.code ? -1 : 1));
  return ranked.slice(0, FOUND_MAX).map(([, , county]) => county);
}

/** @param {County} county @param {string} text @param {string} bare */
function rankOf(county, text, bare) {
  if (county.name.startsWith(text)) return 0;
  if (county.sounds.some((sound) => sound.startsWith(text))) return 1;
  if (county.plain.includes(text) || bare && county.bare.includes(bare)) return 2;
  return county.initials.some((first) => first.startsWith(text)) ? 3 : null;
}
