// @ts-check
/**
 * A voucher: the county's word that a member of staff may work at this device for some days. Pure.
 */

import { authentic, Refused } from "./signed.js";

const DAY_MS = 24 * 3_600_000;
const SLACK_MS = 10 * 60_000; // clocks of tablets differ by minutes

/**
 * @typedef {{what: "staff_voucher", staff: string, name: string, roles: string[], device: string,
 *   unit: string, issued_at: string, valid_days: number}} Voucher
 * @typedef {{id: string, name: string, roles: string[]}} Member of a post's staff, as a bundle names them
 */

/**
 * What the county signed for this device. Rejects with `voucher_…`.
 * @param {import("./signed.js").Signed} signed
 * @param {{key: import("./signed.js").CountyKey, county: string, device: string}} trust
 * @param {SubtleCrypto} subtle
 * @returns {Promise<Voucher>}
 */
export async function readVoucher(signed, trust, subtle) {
  const payload = await authentic(signed, { ...trust, what: "voucher" }, subtle);
  const isWhole = payload.what === "staff_voucher" && typeof payload.staff === "string"
    && typeof payload.name === "string" && Number.isFinite(payload.valid_days)
    && !Number.isNaN(Date.parse(payload.issued_at));
  if (!isWhole) throw new Refused("voucher_malformed");
  return /** @type {Voucher} */ (payload);
}

/**
 * Why somebody has to sign in with a network before they may work here; null: PIN or passkey will do.
 * @param {string} staff
 * @param {Voucher|null} voucher as kept for them
 * @param {{unit: string, members: Member[]|null, told_at: number, now: number}} post members: null where
 *   no bundle says who works here; told_at: when it was made. Who signed in since then is newer than it.
 * @returns {"sign_in_first"|"voucher_over"|"voucher_elsewhere"|"not_on_staff"|null}
 */
export function signInReason(staff, voucher, { unit, members, told_at, now }) {
  const isNewer = voucher !== null && voucher.unit === unit && Date.parse(voucher.issued_at) > told_at;
  if (members && !isNewer && !members.some((member) => member.id === staff)) return "not_on_staff";
  if (!voucher) return "sign_in_first";
  if (voucher.unit !== unit) return "voucher_elsewhere";
  const age = now - Date.parse(voucher.issued_at);
  return age >= -SLACK_MS && age <= voucher.valid_days * DAY_MS ? null : "voucher_over";
}
