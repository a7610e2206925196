// @ts-check
/**
 * The page's side of `app.py`: gates' devices that keep and send their facts by the field app's own
 * store and outbox. One expression, evaluated in a page of the drill's server; what it answers is
 * called by rounds.
 *
 * @typedef {{id: string, token: string}} Named
 * @typedef {{device: string, lots: object[][], from: number, waits: boolean}} Work lots: saved one
 *   after another; from: lowest running number without a receipt; waits: until all have one
 * @typedef {{device: string, last: number, receipts: object[], heard_through: number}} Told
 */
async (/** @type {{devices: Named[], callMsMax: number}} */ setup) => {
  const at = (/** @type {string} */ name) => import(`/static/field/${name}.js`);
  const [{ asked, openStore }, { Sync }] = await Promise.all([at("store/db"), at("store/sync")]);
  const LOOK_MS = 250;  // how often an officer looks at what has not gone up
  const gates = new Map();

  for (const { id, token } of setup.devices) {
    const gate = { id, store: await openStore({ name: `drill-${id}` }), sync: null, shown: () => {} };
    gate.sync = new Sync({ store: gate.store, device: id, token: async () => token,
      callMsMax: setup.callMsMax, onShow: () => gate.shown() });
    gate.sync.start().catch((/** @type {any} */ error) => console.error("drill", error));
    gates.set(id, gate);
  }

  function receipts(gate, from, last) {
    const range = IDBKeyRange.bound([gate.id, from], [gate.id, last]);
    return gate.store.run(["receipts"], "readonly", (transaction) =>
      asked(transaction.objectStore("receipts").getAll(range)));
  }

  /** Until all have a receipt, or time is over; whoever looks presses “send now”. */
  async function answered(gate, from, last, end) {
    for (;;) {
      const shown = new Promise((resolve) => { gate.shown = resolve; });
      const found = await receipts(gate, from, last);
      const isDone = found.length === last - from + 1 && found.every((each) => each.status !== "set_aside");
      if (isDone || performance.now() > end) return found;
      await Promise.race([shown, new Promise((resolve) => setTimeout(resolve, LOOK_MS))]);
      const lane = gate.sync.lanes.get(gate.id);
      if (lane?.state.phase === "waiting") gate.sync.sendNow();
    }
  }

  /** @param {Work} work @param {number} end @returns {Promise<Told>} */
  async function gateRound({ device, lots, from, waits }, end) {
    const gate = gates.get(device);
    for (const entries of lots) await gate.store.save(device, entries);
    const { last } = await gate.store.span(device);
    const found = waits ? await answered(gate, from, last, end) : [];
    const heard = gate.sync.lanes.get(device)?.state.heard_through ?? 0;
    return { device, last, receipts: found, heard_through: heard };
  }

  return {
    /** @param {{work: Work[], msMax: number}} round @returns {Promise<Told[]>} */
    round: ({ work, msMax }) => {
      const end = performance.now() + msMax;
      return Promise.all(work.map((each) => gateRound(each, end)));
    },
  };
}
