// @ts-check
/**
 * Days as a pack counts them. A moment is a number of milliseconds since 1970 (UTC); a day is a
 * number too: how many local days since 1 January 1970. The browser's own time-zone data answers,
 * through `Intl.DateTimeFormat`, which is slow: it is asked twice for each day of UTC.
 */

export const DAY_MS = 86_400_000;
const DAYS_KEPT_MAX = 4_096;
const SECOND_MS = 1_000;

/**
 * The offset of local clocks on one day of UTC; `from` is when `then` begins to hold.
 * @typedef {{first: number, then: number, from: number}} Offsets
 */

/** Local clocks of one place. */
export class Zone {
  /** @type {Map<number, Offsets>} */
  #days = new Map();
  /** @type {Map<number, number>} */
  #midnights = new Map();
  #format;

  /** @param {string} name as the tz database has it, `Asia/Shanghai` */
  constructor(name) {
    this.name = name;
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name, calendar: "gregory", numberingSystem: "latn", hourCycle: "h23",
      year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric",
      second: "numeric",
    });
  }

  /**
   * By how much local clocks are ahead of UTC at a moment, in milliseconds.
   * @param {number} at
   */
  offset(at) {
    const day = Math.floor(at / DAY_MS);
    let offsets = this.#days.get(day);
    if (offsets === undefined) {
      if (this.#days.size >= DAYS_KEPT_MAX) this.#days.clear();
      offsets = this.#read(day * DAY_MS);
      this.#days.set(day, offsets);
    }
    return at < offsets.from ? offsets.first : offsets.then;
  }

  /**
   * The local day that a moment belongs to.
   * @param {number} at
   */
  day(at) {
    return Math.floor((at + this.offset(at)) / DAY_MS);
  }

  /**
   * The moment at which a local day begins: where clocks jump over midnight, with the jump; where
   * they show it twice, the first time.
   * @param {number} day
   */
  midnight(day) {
    let moment = this.#midnights.get(day);
    if (moment === undefined) {
      if (this.#midnights.size >= DAYS_KEPT_MAX) this.#midnights.clear();
      const shown = day * DAY_MS;
      const [before, after] = [shown - DAY_MS, shown + DAY_MS].map((at) => this.offset(at));
      moment = shown - before;
      const isShownAfterAlone = this.offset(moment) !== before
        && this.offset(shown - after) === after;
      if (isShownAfterAlone) moment = shown - after;
      this.#midnights.set(day, moment);
    }
    return moment;
  }

  /** @param {number} begin @returns {Offsets} */
  #read(begin) {
    let [low, high] = [begin, begin + DAY_MS];
    const [first, then] = [this.#ask(low), this.#ask(high)];
    if (first === then) return {first, then, from: low};
    while (high - low > SECOND_MS) {
      const middle = Math.floor((low + high) / 2 / SECOND_MS) * SECOND_MS;
      if (this.#ask(middle) === first) low = middle;
      else high = middle;
    }
    return {first, then, from: high};
  }

  /** @param {number} at */
  #ask(at) {
    /** @type {Record<string, number>} */
    const shown = {};
    for (const {type, value} of this.#format.formatToParts(at)) shown[type] = Number(value);
    const local = Date.UTC(
      shown.year, shown.month - 1, shown.day, shown.hour, shown.minute, shown.second);
    return local - Math.floor(at / SECOND_MS) * SECOND_MS;
  }
}

/**
 * The moment at which day `number` begins, counted from the anchor.
 * @param {number} anchor
 * @param {number} number
 * @param {{count: string, anchor_day: number}} plan
 * @param {Zone} zone
 */
export function dayStart(anchor, number, plan, zone) {
  if (plan.count === "exact_hours") return anchor + (number - 1) * DAY_MS;
  if (plan.count !== "local_days") throw new Error(`no such way of counting: ${plan.count}`);
  return zone.midnight(zone.day(anchor) + number - plan.anchor_day);
}

/**
 * The moment from which a measure counts; null if what the device knows does not tell it: a gate
 * hears of no exposures, so a measure that counts from one waits for the server.
 * @param {{anchor: string, anchor_tiers: string[]}} plan
 * @param {{arrived_at: number, stays: {tier: string, until: number}[]}} history
 * @returns {number | null}
 */
export function anchorMoment(plan, history) {
  if (plan.anchor === "arrival") return history.arrived_at;
  if (plan.anchor !== "leaving_area") return null;
  const left = history.stays.filter((stay) => plan.anchor_tiers.includes(stay.tier));
  return left.length ? Math.max(...left.map((stay) => stay.until)) : null;
}
