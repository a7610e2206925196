// @ts-check
/** Code 128 (ISO/IEC 15417), subsets B and C: what every hand reader reads. */

// Widths of bars and spaces of the 107 symbols, in modules.
const WIDTHS = ("212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 "
  + "122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 "
  + "212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 "
  + "113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 "
  + "431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
  + "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 "
  + "131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112").split(" ");
const [TO_C, TO_B, START_B, START_C, STOP] = [99, 100, 104, 105, 106];
const DIGITS_AT_END_MIN = 4;
const DIGITS_INSIDE_MIN = 6;
export const QUIET_MODULES = 10;

/**
 * The symbol numbers of a text of printable ASCII, start, check and stop included. RangeError for
 * other signs.
 * @param {string} text
 * @returns {number[]}
 */
export function symbolsOf(text) {
  if (!/^[ -~]+$/.test(text)) throw new RangeError("Code 128 B has printable ASCII only");
  /** @type {number[]} */
  const symbols = [];
  let isC = false;
  for (let at = 0; at < text.length;) {
    const run = /^\d*/.exec(text.slice(at))?.[0].length ?? 0;
    const isEdge = at === 0 || at + run === text.length;
    // An odd digit goes before the pairs, so that they last to the end.
    if (!isC && run >= (isEdge ? DIGITS_AT_END_MIN : DIGITS_INSIDE_MIN) && run % 2 === 0) {
      symbols.push(symbols.length ? TO_C : START_C);
      isC = true;
    } else if (isC && run < 2) {
      symbols.push(TO_B);
      isC = false;
    } else if (!symbols.length) {
      symbols.push(START_B);
    } else if (isC) {
      symbols.push(Number(text.slice(at, at + 2)));
      at += 2;
    } else {
      symbols.push(text.charCodeAt(at) - 32);
      at += 1;
    }
  }
  const sum = symbols.reduce((total, symbol, at) => total + symbol * Math.max(at, 1), 0);
  return [...symbols, sum % 103, STOP];
}

/**
 * The bars of a text: [start, width] of the black ones, in modules, without the quiet zone.
 * @param {string} text
 * @returns {{bars: [number, number][], modules: number}}
 */
export function barsOf(text) {
  /** @type {[number, number][]} */
  const bars = [];
  let modules = 0;
  for (const symbol of symbolsOf(text)) {
    [...WIDTHS[symbol]].forEach((sign, at) => {
      const width = Number(sign);
      if (at % 2 === 0) bars.push([modules, width]);
      modules += width;
    });
  }
  return { bars, modules };
}
