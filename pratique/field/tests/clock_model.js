/**
 * Plays one device by seed: entries, hours that pass, sleep, a clock that is set, pages that close,
 * and calls. Answers what each entry said, and what the call that sent it said, beside the truth.
 *
 * slack: what is not to be known before that call. A clock set back while the app was closed is seen,
 * but not by how much: the app goes on from the last moment that it gave. A clock set forward while
 * nobody looks is like a long sleep: once it is put right by the call, a second time it is not.
 */
async ([seeds, steps]) => {
  const core = await import("/static/field/core/clock.js");
  const HOUR = 3_600_000, YEAR = 8_766 * HOUR;
  const chance = (seed) => () => {  // mulberry32
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const play = (seed) => {
    const random = chance(seed);
    let truth = 1_900_000_000_000, off = 0, mono = 1_000, last = null, sealedAt = 0;
    let clock = core.freshClock(), made = 0, steady = Infinity, kept = [], slack = 0, unseen = 0;
    const sent = [];
    const reading = () => ({ device_ms: truth + off, mono_ms: mono });
    const setUnseen = (change, closed) => {
      if (change < 0) slack += closed;
      else if (change > 0) slack += (unseen += 1) > 1 ? change : 0;
    };
    const look = () => {
      const seen = reading();
      if (core.isBreak(last, seen)) steady = made + 1;
      clock = core.look(clock, last, seen);
      last = seen;
      return seen;
    };
    const call = () => {
      const begun = look();
      const facts = core.sameTime(clock, kept);
      const as = core.timeAsOf(clock, begun, facts[0]?.seq ?? made + 1);
      for (const fact of facts) {
        sent.push({ ...fact, time: as, heard: truth, steady: fact.seq >= steady, after: sealedAt, slack });
      }
      kept = kept.slice(facts.length);
      if (!kept.length) sealedAt = truth;
      truth += 300; mono += 300;
      const got = look();
      clock = core.heardTime(clock, { sent: begun, got, server_ms: truth - 150, last: made });
      if (!kept.length) slack = unseen = 0;
    };
    look();
    call();
    for (let n = 0; n < steps; n += 1) {
      const what = random();
      if (what < 0.45) {
        const at = core.timeOf(clock, look());
        kept.push({ seq: made += 1, truth, at });
      } else if (what < 0.65) {
        const span = random() * 6 * HOUR;
        truth += span; mono += span;
      } else if (what < 0.72) {
        truth += random() * 12 * HOUR;  // asleep: the counter stands
      } else if (what < 0.8) {
        look();
        const set = random() < 0.3 ? 0 : (random() * 2 - 1) * (random() < 0.5 ? 3 * 24 * HOUR : 10 * YEAR);
        if (set > off && set - off <= core.CLOCK_LIMITS.sleep_ms_max) setUnseen(set - off, 0);
        off = set;
        look();
      } else if (what < 0.88) {
        look();
        const closed = random() * 12 * HOUR;
        truth += closed; mono = 1_000; last = null;
        if (random() < 0.4) {
          const set = random() < 0.3 ? 0 : (random() * 2 - 1) * 10 * YEAR;
          setUnseen(set - off, closed);
          off = set;
        }
        look();
      } else call();
    }
    while (kept.length) call();
    return sent;
  };
  return seeds.flatMap((seed) => play(seed).map((each) => ({ seed, ...each })));
}
