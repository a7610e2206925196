// @ts-check
/** A block of label numbers, asked of the county while there is a network. */

import { token } from "../../enrol.js";
import { keepBlock, numbersLeft, NUMBERS_KEPT_MAX } from "../../store/labels.js";
import { LANGUAGE } from "../words.js";

const ADDRESS = "/api/v1/field/labels";
const BLOCK = 100;
const ANSWER_MS_MAX = 30_000;

/**
 * Asks for a block and keeps it. Throws `{code, sentence?}`.
 * @param {import("../shell.js").App} app
 */
export async function fetchBlock(app) {
  if (!app.world) throw { code: "not_enrolled" };
  if (await numbersLeft(app.store) + BLOCK > NUMBERS_KEPT_MAX) throw { code: "labels_enough", params: { most: NUMBERS_KEPT_MAX } };
  let answer = await ask(app.world, false);
  if (answer.status === 401) answer = await ask(app.world, true);
  const said = await answer.json().catch(() => null);
  if (!answer.ok) throw { code: "labels_refused", sentence: said?.sentence };
  if (!Number.isInteger(said?.first) || !Number.isInteger(said?.count)) throw { code: "labels_refused" };
  await keepBlock(app.store, said);
}

/** @param {import("../../enrol.js").World} world @param {boolean} isFresh */
async function ask(world, isFresh) {
  try {
    const given = await token(world, { fresh: isFresh });
    return await world.fetch(ADDRESS, {
      method: "POST", body: JSON.stringify({ count: BLOCK }), cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS_MAX),
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${given.token}`, "Accept-Language": LANGUAGE },
    });
  } catch {
    throw { code: "labels_no_network" };
  }
}
