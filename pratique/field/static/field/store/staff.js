// @ts-check
/**
 * Who may work at this device, and who does: vouchers, PINs and passkeys by person, and the shift.
 *
 * Vouchers, PINs and passkeys lie beside the device's own keys; the shift lies beside the entries,
 * because it says whose they are.
 */

import { badPin, isPin, keptPin, newPinKey, NO_TRIES, tried, waited, WRONG_TRIES_MAX } from "../core/pin.js";
import { readVoucher, signInReason } from "../core/voucher.js";
import { ask, content, enrolment, token } from "../enrol.js";
import { StoreRefusal } from "./open.js";
import { askPasskey, makePasskey } from "./passkeys.js";

const SHIFT = "shift";
const ACTIVE = "active_at";
const PIN_KEY = "pin_key";
const WAIT_TICK_MS = 1_000;

/** @typedef {{staff: string, name: string, since: string}} Shift */
/**
 * @typedef {{voucher: import("../core/voucher.js").Voucher|null, pin: import("../core/pin.js").KeptPin|null,
 *   passkey: import("../core/passkey.js").KeptPasskey|null, tries: import("../core/pin.js").Tries}} Person
 */

/** @type {Person} */
const NOBODY = { voucher: null, pin: null, passkey: null, tries: NO_TRIES };

/** The people of the post at this device. */
export class Staff {
  /**
   * @param {import("../enrol.js").World} world
   * @param {import("./db.js").Store} store
   */
  constructor(world, store) {
    this.world = world;
    this.store = store;
  }

  // ── the shift ───────────────────────────────────────────────────────────────────────────────────

  /** @returns {Promise<Shift|null>} */
  async shift() {
    return await this.store.get(SHIFT) ?? null;
  }

  /** @param {Shift|null} shift null: nobody works here now */
  async keepShift(shift) {
    await this.store.put(SHIFT, shift);
    this.store.tell({ type: "shift" });
  }

  /** When the device was last used, by its own clock. @returns {Promise<number|null>} */
  async activeAt() {
    return await this.store.get(ACTIVE) ?? null;
  }

  /** @param {number} now milliseconds; 0: locked, whatever the clock says later */
  keepActive(now) {
    return this.store.put(ACTIVE, now);
  }

  // ── people ──────────────────────────────────────────────────────────────────────────────────────

  /** @param {string} staff @returns {Promise<Person>} */
  async person(staff) {
    return { ...NOBODY, ...await this.world.store.get(`staff:${staff}`) };
  }

  /** @param {string} staff @param {Partial<Person>} changed */
  async keep(staff, changed) {
    await this.world.store.put({ [`staff:${staff}`]: { ...await this.person(staff), ...changed } });
  }

  /**
   * Why this person has to sign in with a network first; null: PIN or passkey will do.
   * @param {string} staff
   * @param {{unit: string, members: import("../core/voucher.js").Member[]|null, told_at: number, now: number}} post
   */
  async reason(staff, post) {
    const person = await this.person(staff);
    const reason = signInReason(staff, person.voucher, post);
    return reason ?? (person.pin || person.passkey ? null : "no_pin_yet");
  }

  /**
   * Signs in with user name and password: once a voucher's life, with a network. Wrong tries of the
   * PIN are forgiven by it.
   * @param {string} username @param {string} password
   * @returns {Promise<import("../core/voucher.js").Voucher>}
   */
  async signIn(username, password) {
    const { world } = this;
    const told = await enrolment(world);
    if (!told) throw new StoreRefusal("not_enrolled");
    const send = async (/** @type {boolean} */ fresh) => ask(world, "staff", {
      method: "POST", cache: "no-store", body: JSON.stringify({ username, password }),
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${(await token(world, { fresh })).token}`,
        "Accept-Language": document.documentElement.lang },
    });
    let answer = await send(false);
    if (answer.status === 401) answer = await send(true);
    const voucher = await readVoucher(await content(answer),
      { key: told.key, county: told.county.id, device: told.device }, world.subtle);
    await this.keep(voucher.staff, { voucher, tries: NO_TRIES });
    return voucher;
  }

  // ── PIN ─────────────────────────────────────────────────────────────────────────────────────────

  /** @param {string} staff @param {string} pin */
  async setPin(staff, pin) {
    const bad = badPin(pin);
    if (bad) throw new StoreRefusal(bad);
    let key = await this.world.store.get(PIN_KEY);
    if (!key) {
      key = await newPinKey(this.world.subtle);
      await this.world.store.put({ [PIN_KEY]: key });
    }
    await this.keep(staff, { pin: await keptPin(pin, key, this.world), tries: NO_TRIES });
  }

  /** Resolves when the PIN is right; else refuses, with what is left. @param {string} staff @param {string} pin */
  async tryPin(staff, pin) {
    const { pin: kept, tries } = await this.person(staff);
    if (tries.left_ms > 0) throw new StoreRefusal("pin_wait", inMinutes(tries.left_ms));
    const key = await this.world.store.get(PIN_KEY);
    if (!kept || !key) throw new StoreRefusal("no_pin_yet");
    const counted = tried(tries);
    await this.keep(staff, { tries: counted });
    if (await isPin(pin, kept, key, this.world.subtle)) {
      await this.keep(staff, { tries: NO_TRIES });
      return;
    }
    if (counted.left_ms > 0) throw new StoreRefusal("pin_wait", inMinutes(counted.left_ms));
    throw new StoreRefusal("pin_wrong", { left: WRONG_TRIES_MAX - counted.wrong });
  }

  /**
   * Lets the wait of a person run down while the app runs; one tab counts, the others look on.
   * @param {string} staff
   * @param {(leftMs: number) => boolean} onLeft told every second; false ends it
   */
  async waitOut(staff, onLeft) {
    let goesOn = true;
    const look = async () => {
      const { tries } = await this.person(staff);
      goesOn = onLeft(tries.left_ms) && tries.left_ms > 0;
      return tries;
    };
    await look();
    while (goesOn) {
      const began = performance.now();
      await navigator.locks.request("pratique:pin-wait", { ifAvailable: true }, async (lock) => {
        await new Promise((resolve) => setTimeout(resolve, WAIT_TICK_MS));
        const { tries } = await this.person(staff);
        if (lock) await this.keep(staff, { tries: waited(tries, performance.now() - began) });
      });
      await look();
    }
  }

  // ── passkey ─────────────────────────────────────────────────────────────────────────────────────

  /** @param {{staff: string, name: string}} who */
  async setPasskey(who) {
    await this.keep(who.staff, { passkey: await makePasskey(who, this.world), tries: NO_TRIES });
  }

  /** Resolves when the authenticator has answered for this person. @param {string} staff */
  async tryPasskey(staff) {
    const { passkey } = await this.person(staff);
    if (!passkey) throw new StoreRefusal("passkey_none");
    const count = await askPasskey(passkey, this.world);
    await this.keep(staff, { passkey: { ...passkey, count }, tries: NO_TRIES });
  }
}

function inMinutes(ms) {
  return { minutes: Math.ceil(ms / 60_000) };
}
