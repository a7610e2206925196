// @ts-check
/** Bags of tubes: which tube may go in, whether two counts agree, what is said. */

import { isOwnTube } from "./labels.js";

/** @typedef {import("../store/things.js").Thing} Thing */
/** @typedef {import("./labels.js").No} No */

/** A box takes no more, and a count by hand goes wrong beyond. */
export const BAG_TUBES_MAX = 200;

/**
 * Tubes of the account that no bag has and nobody was offered, oldest first.
 * @param {Thing[]} tubes
 * @param {string} account
 */
export function inNoBag(tubes, account) {
  return tubes.filter((tube) => tube.account === account && !tube.told?.bag && !tube.pending)
    .sort((one, other) => taken(one) - taken(other) || (one.id < other.id ? -1 : 1));
}

/** When a tube was filled, in milliseconds; its id's own time where it is not told. @param {Thing} tube */
export function taken({ id, told }) {
  return Date.parse(told?.collected_at ?? "") || parseInt(id.replaceAll("-", "").slice(0, 12), 16);
}

/**
 * Why a scanned label's tube may not go into the open bag; null: it may.
 * @param {{label: string, tube: Thing|null, account: string, chosen: string[]}} asked
 * @returns {No|null}
 */
export function checkIntoBag({ label, tube, account, chosen }) {
  if (!tube) return { code: isOwnTube(label) ? "bag_tube_unknown" : "bag_tube_or_label", params: { tube: label } };
  if (tube.account !== account) return { code: "bag_tube_elsewhere", params: { tube: label } };
  if (tube.pending) return { code: "bag_tube_offered", params: { tube: label } };
  if (tube.told?.bag) return { code: "bag_tube_in_bag", params: { tube: label, bag: tube.told.bag } };
  if (chosen.includes(tube.id)) return { code: "bag_tube_twice", params: { tube: label } };
  return chosen.length < BAG_TUBES_MAX ? null : { code: "bag_full", params: { most: BAG_TUBES_MAX } };
}

/**
 * Why a label cannot be this bag's; null: it can.
 * @param {string} label
 * @param {Thing[]} tubes all that this device knows of
 * @returns {No|null}
 */
export function checkBagLabel(label, tubes) {
  if (isOwnTube(label) || tubes.some((tube) => tube.label === label)) {
    return { code: "bag_label_is_tube", params: { tube: label } };
  }
  return tubes.some((tube) => tube.told?.bag === label) ? { code: "bag_used", params: { bag: label } } : null;
}

/**
 * The count of a second person against the tubes that were scanned; null: they agree.
 * @param {number} counted @param {string[]} chosen
 * @returns {No|null}
 */
export function checkCount(counted, chosen) {
  if (counted === chosen.length) return null;
  return { code: counted < chosen.length ? "bag_count_less" : "bag_count_more", params: { counted, listed: chosen.length } };
}

/** Tubes of the bag that a second scan did not find. @param {Thing[]} chosen @param {string[]} seen ids */
export function missing(chosen, seen) {
  return chosen.filter((tube) => !seen.includes(tube.id));
}

/** The sealed bag as the fact's body. @param {{bag: string, seal: string, place: string, specimens: string[]}} one */
export function bagged({ bag, seal, place, specimens }) {
  return { bag, place, specimens, seal };
}

/** The tubes as they are in their bag. @param {Thing[]} tubes @param {string} bag @param {number} seq @returns {Thing[]} */
export function afterBag(tubes, bag, seq) {
  return tubes.map((tube) => ({ ...tube, seq, told: { ...tube.told, bag } }));
}

/**
 * The sealed bags that are still here, with how many tubes.
 * @param {Thing[]} tubes @param {string} account
 * @returns {{bag: string, count: number, urgent: number}[]}
 */
export function sealedBags(tubes, account) {
  /** @type {Map<string, {bag: string, count: number, urgent: number}>} */
  const bags = new Map();
  for (const { account: holder, told } of tubes) {
    if (holder !== account || !told?.bag) continue;
    const one = bags.get(told.bag) ?? { bag: told.bag, count: 0, urgent: 0 };
    one.count += 1;
    one.urgent += told.urgent ? 1 : 0;
    bags.set(told.bag, one);
  }
  return [...bags.values()];
}
