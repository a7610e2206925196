// @ts-check
/** What the bundle brought, ready for the screens; read when first asked for and then kept. */

import { readAtlas } from "./core/atlas.js";
import { packAt, readPacks } from "./core/packs.js";
import { isOutOfDate, Refused } from "./core/signed.js";
import { bundle, freshBundle, part } from "./enrol.js";

const RENEW_MS = 10 * 60_000;

/** The device's knowledge of its county; `null` parts before the first bundle. */
export class Knowledge {
  /**
   * @param {import("./enrol.js").World|null} world
   * @param {() => void} onChange
   */
  constructor(world, onChange) {
    this.world = world;
    this.onChange = onChange;
    /** @type {import("./enrol.js").Bundle|null} */
    this.bundle = null;
    /** @type {string|null} code of the last refusal of a bundle; null: the last one was taken */
    this.refused = null;
    /** @type {Record<string, any>} what was made of the parts, while it is needed */
    this.parts = {};
    /** @type {Promise<void>|null} */
    this.loading = null;
    this.timer = 0;
  }

  /** What is kept on the device, but its large parts. */
  async read() {
    if (this.world) this.take(await bundle(this.world));
  }

  /** The parts by which screens decide: asked for before a screen of somebody's work is shown. */
  load() {
    return this.loading ??= this.loadNow();
  }

  async loadNow() {
    const { world } = this;
    if (!world) return;
    const [packs, risk, expected] = await Promise.all(
      [part(world, "packs"), part(world, "risk"), part(world, "expected")]);
    this.parts = { told: { packs, risk, expected } };
  }

  /** Asks for a newer bundle now, and every few minutes from then on. */
  async keepFresh() {
    clearTimeout(this.timer);
    await this.fetch().catch((error) => console.error("bundle", error));
    this.timer = setTimeout(() => this.keepFresh(), RENEW_MS);
  }

  /** Asks now; answers with the code of what was refused, null when all is well. @returns {Promise<string|null>} */
  async fetch() {
    if (!this.world) return "not_enrolled";
    try {
      this.take(await freshBundle(this.world));
      if (this.loading) await (this.loading = this.loadNow());
      this.refused = null;
      return null;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.code !== "no_network") this.refused = error.code;
      return error.code;
    } finally {
      this.onChange();
    }
  }

  /** @param {import("./enrol.js").Bundle|null} taken */
  take(taken) {
    this.bundle = taken;
  }

  get atlas() {
    return this.parts.atlas ??= readAtlas(this.parts.told?.risk ?? { stamps: [], units: {} });
  }

  get packs() {
    return this.parts.packs ??= readPacks(this.parts.told?.packs ?? { adopted: [], packs: {}, orders: [] });
  }

  /** The pack that speaks for a moment; null: nothing is decided here. @param {number} at milliseconds */
  packAt(at) {
    return packAt(this.packs, at);
  }

  /** Announced arrivals, to be found by who has the number in hand. */
  get expected() {
    return this.parts.told?.expected ?? null;
  }

  get orders() {
    return this.parts.told?.packs?.orders ?? [];
  }

  /** Whom this post may hand over to. @returns {{code: string, kind: string, name_zh: string, name_en: string}[]} */
  get accounts() {
    return this.bundle?.accounts ?? [];
  }

  /** @param {number} now milliseconds */
  isOutOfDate(now) {
    return !this.bundle || isOutOfDate(/** @type {any} */ (this.bundle), now);
  }
}
