// @ts-check
/**
 * The roll: who and what this device's unit holds by the server's knowledge, and news of the
 * device's own facts. Fetched and verified here; whoever asks keeps it (core/roll.js reads it).
 */

import { authentic, Refused } from "./core/signed.js";
import { ask, content, enrolment, own, token } from "./enrol.js";

/**
 * @typedef {import("./enrol.js").World} World
 * @typedef {import("./enrol.js").Token} Token
 * @typedef {import("./core/roll.js").Roll} Roll
 */

/**
 * The roll as it is now; null when the one that is kept still says what is so.
 * Rejects with `Refused`: `no_network`, `device_revoked`, `roll_forged`, `roll_older`, …
 * @param {World} world
 * @param {string | null} [since] `news.next` of the news that this device has stored; null: all
 * @param {Roll | null} [kept] the roll that is kept; null: none yet
 * @returns {Promise<Roll | null>}
 */
export async function freshRoll(world, since = null, kept = null) {
  const [told, device] = [await enrolment(world), await own(world)];
  if (!told) throw new Refused("not_enrolled");
  let given = await token(world);
  let answer = await askForRoll(world, given, since, kept);
  if (answer.status === 401) {
    given = await token(world, { fresh: true });
    answer = await askForRoll(world, given, since, kept);
  }
  if (answer.status === 304) return null;
  const payload = await authentic(await content(answer),
    { what: "roll", key: told.key, county: told.county.id, device: device.id }, world.subtle);
  const roll = whole(payload);
  await checkLife(world, roll, given);
  // In one life of the database the log only grows; after a restore another one begins.
  if (kept && kept.epoch === roll.epoch && roll.log_size < kept.log_size) {
    throw new Refused("roll_older");
  }
  return roll;
}

/**
 * @param {World} world @param {Token} given @param {string | null} since @param {Roll | null} kept
 */
function askForRoll(world, given, since, kept) {
  /** @type {Record<string, string>} */
  const headers = { Authorization: `Bearer ${given.token}` };
  if (kept) headers["If-None-Match"] = `"${kept.tag}"`;
  const asked = since ? `?since=${encodeURIComponent(since)}` : "";
  return ask(world, `roll${asked}`, { headers, cache: "no-store" });
}

/** @param {Record<string, any>} payload @returns {Roll} */
function whole(payload) {
  if (payload.what !== "roll" || !Number.isSafeInteger(payload.log_size)
    || typeof payload.epoch !== "string" || typeof payload.tag !== "string") {
    throw new Refused("roll_malformed");
  }
  return /** @type {Roll} */ (payload);
}

/** A roll of another life of the database than the one that answers. @param {World} world @param {Roll} roll @param {Token} given */
async function checkLife(world, roll, given) {
  if (!given.epoch || roll.epoch === given.epoch) return;
  if ((await token(world, { fresh: true })).epoch !== roll.epoch) {
    throw new Refused("roll_of_another_epoch");
  }
}
