// @ts-check
/**
 * The page's side of `field_backlog.py`: many devices in one page, each with the field app's own
 * store and outbox. One expression, evaluated in a page of the server; what it answers is called.
 *
 * Every device has a host name of its own, so that each has connections of its own, as in the field:
 * a browser opens but six to one name.
 */
async (/** @type {{callMsMax: number}} */ setup) => {
  const at = (/** @type {string} */ name) => import(`/static/field/${name}.js`);
  const [{ openStore }, { Sync }] = await Promise.all([at("store/db"), at("store/sync")]);
  const devices = new Map();
  const told = { calls: 0, busy: 0, unavailable: 0, failed: 0, too_early: 0, wait_seconds_max: 0 };
  let began = 0;

  // Looks on from outside of the app: when a device called, and whether it was told to wait.
  const plain = globalThis.fetch;
  globalThis.fetch = async (address, options) => {
    const device = devices.get(String(/** @type {any} */ (options)?.headers?.Authorization));
    if (!device) return plain(address, options);
    told.calls += 1;
    told.too_early += Number(performance.now() < device.not_before);
    try {
      const answer = await plain(address, options);
      const wait = Number(answer.headers.get("Retry-After") ?? 0);
      device.not_before = performance.now() + wait * 1000;
      told.wait_seconds_max = Math.max(told.wait_seconds_max, wait);
      if (answer.status === 429) told.busy += 1;
      else if (answer.status === 503) told.unavailable += 1;
      else if (answer.status !== 200) told.failed += 1;
      return answer;
    } catch (error) {
      told.failed += 1;
      throw error;
    }
  };

  return {
    /** A device with what it has recorded. @param {{id: string, token: string, address: string, entries: object[]}} one */
    fill: async ({ id, token, address, entries }) => {
      const store = await openStore({ name: `backlog-${id}` });
      const kept = await store.save(id, entries);
      const sync = new Sync({ store, device: id, token: async () => token, address, callMsMax: setup.callMsMax });
      devices.set(`Bearer ${token}`, { id, store, sync, last: kept.at(-1).seq, not_before: 0, done_at: 0 });
    },

    /** All of them come back, evenly spread by chance. @param {number} withinMs */
    comeBack: (withinMs) => {
      began = performance.now();
      for (const device of devices.values()) {
        device.sync.onShow = ({ lanes }) => {
          const isDone = lanes[0]?.waiting === 0 && lanes[0].last === device.last;
          if (isDone && !device.done_at) device.done_at = performance.now() - began;
        };
        setTimeout(() => device.sync.start(), Math.random() * withinMs);
      }
    },

    told: () => {
      const done = [...devices.values()].map((device) => device.done_at).filter((ms) => ms > 0);
      return { ...told, done: done.length, seconds: Math.max(0, ...done) / 1000 };
    },

    /** What was refused, disputed or set aside, by kind and code. @returns {Promise<string[]>} */
    refused: async () => {
      const each = await Promise.all([...devices.values()].map((device) => device.store.attention()));
      return each.flat().map(({ kind, code }) => `${kind} ${code}`);
    },
  };
}
