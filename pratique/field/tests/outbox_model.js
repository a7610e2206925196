// A small server, a device that is killed now and then, and a network that loses, doubles and
// reorders; played by seed against the outbox's machine. Answers what was wrong, seed by seed.
async ([seeds, steps, plant]) => {
  const { step, fresh } = await import("/static/field/core/outbox.js");
  const { LIMITS } = await import("/static/field/core/pace.js");
  const HOUR = 3_600_000, BACKUP_HOURS_MAX = 60, SERVER_JUMPS_MAX = 2;

  const generator = (seed) => () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };

  class Server {
    constructor(random) {
      this.random = random; this.epoch = "epoch-1"; this.epochs = 1; this.jumped = 0;
      this.now = Date.UTC(2022, 7, 20); this.began = this.now;
      this.have = new Map(); this.heard = 0; this.sealed = 0; this.doubled = []; this.largest = 0; this.sealedAt = [];
      this.poison = new Set(); this.most = Infinity; this.backups = [];
    }
    time() { return this.now + this.jumped; }
    heardThrough() { while (this.have.has(this.heard + 1)) this.heard += 1; return this.heard; }
    seal() {
      const heard = this.heardThrough();
      while (this.sealed < heard) { this.sealed += 1; this.sealedAt[this.sealed] = this.now; }
    }
    backUp() { this.backups.push({ at: this.now, have: new Map(this.have), sealed: this.sealed }); }
    restore(isTold) {
      const young = this.backups.filter((b) => this.now - b.at < BACKUP_HOURS_MAX * HOUR);
      const chosen = young[Math.floor(this.random() * young.length)];
      if (!chosen) return;
      this.have = new Map(chosen.have); this.heard = 0; this.sealed = chosen.sealed;
      this.sealedAt = this.sealedAt.map(() => this.now);
      this.backups = this.backups.filter((b) => b.at <= chosen.at);
      if (isTold) this.epoch = `epoch-${this.epochs += 1}`;
    }
    take(facts) {
      this.largest = Math.max(this.largest, facts.length);
      if (facts.length > this.most) return { kind: "refused" };
      if (facts.some((fact) => this.poison.has(fact.seq))) return { kind: "server" };
      const receipts = facts.map((fact) => {
        const known = this.have.get(fact.seq) === fact.id;
        if (known && plant === "no_dedupe") this.doubled.push(fact.id);
        this.have.set(fact.seq, fact.id);
        const status = known ? "duplicate" : ["applied", "parked", "disputed", "quarantined"][Math.floor(this.random() * 4)];
        return { id: fact.id, status, code: "", sentence: "", rule: "", params: {} };
      });
      return { receipts, epoch: this.epoch, durable_through: this.sealed, server_ms: this.time(),
        watermark: { heard_through: this.heardThrough(), missing: [] } };
    }
  }

  class Device {
    constructor(random, server, wrong) {
      this.random = random; this.server = server; this.wrong = wrong;
      this.facts = new Map(); this.saved = []; this.last = 0; this.now = 0;
      this.stored = fresh("d"); this.state = this.stored; this.flight = null; this.late = [];
      this.marked = new Set(); this.wantsToken = false;
      this.open();
    }
    first() { return this.facts.keys().next().value ?? this.last + 1; }
    open() { this.state = structuredClone(this.stored); this.flight = null; this.wantsToken = false;
      this.late = [];  // an answer to a call of a page that is gone reaches nobody
      this.event({ type: "opened", first: this.first(), last: this.last }); }
    save(count) {
      const first = this.last + 1;
      for (let n = 0; n < count; n += 1) { this.last += 1; this.facts.set(this.last, `f${this.last}`); this.saved.push(this.last); }
      this.event({ type: "saved", first, last: this.last });
    }
    event(event) {
      const isLooked = this.server.random() < 0.05;
      const before = isLooked && JSON.stringify(this.state);
      const done = step(this.state, { now: this.now, random: this.random(), ...event });
      if (isLooked && JSON.stringify(this.state) !== before) this.wrong.push("step changed the state that it was given");
      this.state = done.state;
      const effects = [...done.effects];
      if (plant === "deletes_early" && event.type === "answered") effects.push({ type: "drop", through: this.state.answered_through });
      for (const effect of effects) this[`on_${effect.type}`](effect);
      if (event.type === "answered" || effects.some((e) => e.type === "mark")) this.stored = structuredClone(this.state);
      // Told by the state, not by an effect: a machine that neither sends nor waits has gone to sleep.
      const { phase, set_aside: aside } = this.state;
      if (phase === "idle" && aside.length + this.last - this.state.answered_through > 0) this.wrong.push("idle with facts to send");
      if (phase === "sending" && !this.flight) this.wrong.push("sending, and nothing was sent");
    }
    on_show() {}
    on_wait(effect) { if (!(effect.ms > 0)) this.wrong.push(`waits ${effect.ms} ms`); }
    on_get_token() { this.wantsToken = true; }
    on_mark(effect) { for (const receipt of effect.receipts) this.marked.add(receipt.seq); }
    on_drop({ through }) {
      for (const seq of this.facts.keys()) {
        if (seq > through) break;  // they were put in by their numbers
        const since = this.server.sealedAt[seq] ?? Infinity;
        const least = LIMITS.keep_durable_ms - SERVER_JUMPS_MAX * HOUR;
        if (seq > this.server.sealed || this.server.now - since < least) this.wrong.push(`dropped ${seq} too early`);
        if (!this.marked.has(seq)) this.wrong.push(`dropped ${seq} without a receipt`);
        this.facts.delete(seq);
      }
    }
    on_send({ number, from_seq: from, most }) {
      if (this.flight) this.wrong.push("two calls at once");
      const skip = plant === "skips" && this.random() < 0.1 ? 1 : 0;
      const limit = plant === "too_many" ? most + 100 : most;
      const facts = [];
      for (let seq = from + skip; most && seq <= this.last && facts.length < limit; seq += 1) {
        if (this.facts.has(seq)) facts.push({ seq, id: this.facts.get(seq) });
      }
      this.flight = { number, facts };
    }
    // One call's fate: taken or not, answered or not; what was answered may come again later.
    arrive({ isTaken, isAnswered, failure }) {
      const { number, facts } = this.flight;
      this.flight = null;
      const sent = facts.map(({ seq, id }) => ({ seq, id }));
      const answer = isTaken ? this.server.take(facts) : null;
      if (plant === "deaf_to_epoch" && answer?.receipts) { answer.epoch = "epoch-1"; answer.durable_through = 0; answer.watermark.heard_through = Math.max(answer.watermark.heard_through, this.state.heard_through); }
      const event = !answer ? { type: "failed", number, sent, kind: failure, retry_after: 30 * this.random() }
        : answer.kind ? { type: "failed", number, sent, kind: answer.kind }
          : { type: "answered", number, sent, ...answer };
      if (this.random() < 0.2) this.late.push(event);
      this.event(isAnswered || !answer ? event : { type: "failed", number, sent, kind: "network" });
    }
    pass(ms) { this.now += ms; this.server.now += ms; }
  }

  const FATES = [
    [{ isTaken: true, isAnswered: true }, 60], [{ isTaken: true, isAnswered: false }, 12],
    [{ isTaken: false, failure: "network" }, 12], [{ isTaken: false, failure: "busy" }, 5],
    [{ isTaken: false, failure: "server" }, 5], [{ isTaken: false, failure: "unauthorised" }, 6],
  ];
  const drawn = (random, choices) => {
    let at = random() * choices.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [value, weight] of choices) if ((at -= weight) < 0) return value;
    return choices[0][0];
  };

  const play = (seed) => {
    const random = generator(seed), wrong = [];
    const server = new Server(random), device = new Device(random, server, wrong);
    let jumps = 0;
    if (random() < 0.3) server.most = 1 + Math.floor(random() * 60);
    const moves = [
      [() => device.save(1 + Math.floor(random() ** 3 * 700)), 14],
      [() => device.flight && device.arrive(drawn(random, FATES)), 60],
      [() => { device.pass(random() ** 4 * 12 * HOUR); device.event({ type: "tick" }); }, 30],
      [() => device.wantsToken && (device.wantsToken = false, device.event({ type: "token", ok: random() < 0.8 })), 20],
      [() => device.late.length && device.event(device.late.splice(Math.floor(random() * device.late.length), 1)[0]), 6],
      [() => device.open(), 4], [() => device.event({ type: "asked" }), 4], [() => server.seal(), 10],
      [() => server.backUp(), 3], [() => server.restore(random() < 0.7), 1],
      [() => { device.now += (random() - 0.5) * 20 * 24 * HOUR; }, 2],
      [() => { if (jumps < SERVER_JUMPS_MAX) { jumps += 1; server.jumped += (random() - 0.3) * 3650 * 24 * HOUR; } }, 1],
      [() => device.last && server.poison.size < 2 && server.poison.add(1 + Math.floor(random() * device.last)), 1],
      [() => device.event({ type: "nobody knows this" }), 1],
    ];
    for (let n = 0; n < steps; n += 1) drawn(random, moves)();
    const marked = device.state.set_aside.length;
    server.poison.clear();
    settle(device, server, wrong);
    const lost = device.saved.filter((seq) => server.have.get(seq) !== `f${seq}`);
    if (lost.length) wrong.push(`${lost.length} facts lost: ${lost.slice(0, 5)}`);
    if (server.doubled.length) wrong.push(`${server.doubled.length} facts recorded twice`);
    if (server.largest > LIMITS.facts_of_a_send) wrong.push(`a call of ${server.largest} facts`);
    return { seed, wrong: [...new Set(wrong)].slice(0, 5), saved: device.saved.length, marked };
  };

  // Everything works again: it must come to rest with nothing waiting.
  const settle = (device, server, wrong) => {
    const { summary } = stepModule;
    for (let n = 0; n < 20_000; n += 1) {
      server.seal();
      if (device.flight) device.arrive({ isTaken: true, isAnswered: true });
      else if (device.wantsToken) { device.wantsToken = false; device.event({ type: "token", ok: true }); }
      else if (device.state.waits_for === "rest" && !summary(device.state).waiting && n > 50) return;
      else { device.pass(device.state.wait_ms || 1000); device.event({ type: "tick" }); }
    }
    wrong.push(`no rest: ${JSON.stringify(summary(device.state))}`);
  };
  const stepModule = await import("/static/field/core/outbox.js");
  return seeds.map(play);
}
