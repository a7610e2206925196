// @ts-check
/** What the bundle brought, ready for the screens; read when first asked for and then kept. */

import { readAtlas } from "./core/atlas.js";
import { packAt, readPacks } from "./core/packs.js";
import { isOutOfDate, Refused } from "./core/signed.js";
import { bundle, freshBundle } from "./enrol.js";

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
    this.parts = {};
  }

  /** What is kept on the device. */
  async read() {
    if (this.world) this.take(await bundle(this.world));
  }

  /** Asks for a newer bundle now, and every few minutes from then on. */
  async keepFresh() {
    if (!this.world) return;
    try {
      this.take(await freshBundle(this.world));
      this.refused = null;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.code !== "no_network") this.refused = error.code;
    } finally {
      this.onChange();
      setTimeout(() => this.keepFresh(), RENEW_MS);
    }
  }

  /** @param {import("./enrol.js").Bundle|null} taken */
  take(taken) {
    if (taken?.version === this.bundle?.version) return;
    this.bundle = taken;
    this.parts = {};
  }

  get atlas() {
    return this.parts.atlas ??= readAtlas(this.bundle?.risk ?? { stamps: [], units: {} });
  }

  get packs() {
    return this.parts.packs ??= readPacks(this.bundle?.packs ?? { adopted: [], packs: {}, orders: [] });
  }

  /** The pack that speaks for a moment; null: nothing is decided here. @param {number} at milliseconds */
  packAt(at) {
    return packAt(this.packs, at);
  }

  /** Announced arrivals, to be found by who has the number in hand. */
  get expected() {
    return this.bundle?.expected ?? null;
  }

  get orders() {
    return this.bundle?.packs.orders ?? [];
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
