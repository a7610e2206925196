// @ts-check
/** Who signs at this device, and whom it believes. */

import { own } from "../../enrol.js";
import { StoreRefusal } from "../../store/db.js";

/** @param {import("../shell.js").App} app @returns {Promise<import("../../core/handover.js").Signer>} */
export async function signerOf({ world, told }) {
  if (!world || !told) throw new StoreRefusal("not_enrolled");
  const { private: privateKey } = await own(world);
  return { county: told.county.id, device: told.device, privateKey, subtle: world.subtle };
}

/**
 * @param {import("../shell.js").App} app @param {import("../../core/handover.js").Seen} seen
 * @returns {import("../../core/handover.js").Trust}
 */
export function trustOf({ told, knowledge: { bundle } }, seen) {
  return { county: told?.county.id ?? "", peers: bundle?.peers ?? [], revoked: bundle?.revoked ?? [], seen,
    subtle: crypto.subtle };
}
