// @ts-check
/**
 * Fetches the roll now and then, and keeps what it says: things, offers, trips, news.
 *
 * One tab does it, the one that sends. Without a network the last roll stays, with its age.
 */

import { NO_NEWS, withNews } from "../core/news.js";
import { keptThings } from "../core/roll_things.js";
import { Refused } from "../core/signed.js";
import { freshRoll } from "../roll.js";
import { takeRoll } from "./things.js";

const ROLL_MS = 2 * 60_000;
const AFTER_SENDING_MS = 2_000;
const PAGES_MAX = 20;
const ROLL = "roll", NEWS = "news";
const SALT = "roll:salt";  // apart: each scan of a document asks for it

/** What is kept of a roll; its things lie among the things. @typedef {Omit<import("../core/roll.js").Roll, "persons"|"vehicles"|"specimens"|"news">} KeptRoll */

export class Rolls {
  /**
   * @param {{store: import("./db.js").Store, world: import("../enrol.js").World, device: string,
   *   onChange: () => void, onRefused: (code: string) => void}} parts
   */
  constructor({ store, world, device, onChange, onRefused }) {
    this.store = store;
    this.world = world;
    this.device = device;
    this.onChange = onChange;
    this.onRefused = onRefused;
    /** @type {KeptRoll|null} */
    this.roll = null;
    /** @type {import("../core/news.js").KeptNews} */
    this.news = NO_NEWS;
    /** @type {string|null} code of the last refusal but "no network"; null: the last roll was taken */
    this.refused = null;
    this.timer = 0;
    this.asking = false;
  }

  /** What is kept, and what other tabs take from now on. */
  async begin() {
    await this.read();
    this.channel = new BroadcastChannel(this.store.name);
    this.channel.onmessage = ({ data }) => { if (data.type === "roll") this.read().then(this.onChange); };
  }

  async read() {
    this.roll = await this.store.get(ROLL) ?? null;
    this.news = await this.store.get(NEWS) ?? NO_NEWS;
  }

  /** Asks now, and every few minutes from then on. */
  async keepFresh() {
    clearTimeout(this.timer);
    await this.fetch();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keepFresh(), ROLL_MS);
  }

  /** Something was sent: what became of it is known soon. */
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keepFresh(), AFTER_SENDING_MS);
  }

  stop() {
    clearTimeout(this.timer);
    this.channel?.close();
  }

  async fetch() {
    if (this.asking) return;
    this.asking = true;
    try {
      for (let page = 0; page < PAGES_MAX && await this.page(); page += 1);
      this.refused = null;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.code === "no_network") return;
      this.refused = error.code;
      this.onRefused(error.code);
    } finally {
      this.asking = false;
      this.onChange();
    }
  }

  /** @returns {Promise<boolean>} whether there is more news to ask for */
  async page() {
    const heard = (await this.store.lane(this.device, true)).heard_through;
    const told = await freshRoll(this.world, this.news.next, /** @type {any} */ (this.roll));
    if (!told) return false;
    const { persons: _p, vehicles: _v, specimens: _s, news, ...kept } = told;
    const meta = { [ROLL]: kept, [SALT]: kept.salt, [NEWS]: withNews(this.news, news) };
    await takeRoll(this.store, keptThings(told), heard, { device: this.device, meta });
    await this.read();
    this.store.tell({ type: "roll" });
    return news.more;
  }

  /** The news were read. */
  async markRead() {
    if (!this.news.unread.length) return;
    this.news = { ...this.news, unread: [] };
    await this.store.put(NEWS, this.news);
    this.store.tell({ type: "roll" });
    this.onChange();
  }
}
