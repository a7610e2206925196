// @ts-check
/**
 * Handing over: choosing what goes to whom (`#/handover`, `#/handover/vehicle/<id>`, `…/bag/<bag>`,
 * `…/thing/<id>`), and showing an offer until it is answered (`#/handover/offer/<id>`).
 */

import { fill } from "./dom.js";
import { Choosing } from "./handover/choose.js";
import { Showing } from "./handover/show.js";

/** @param {import("./shell.js").App} app @param {HTMLElement} root @param {string[]} rest */
export async function open(app, root, rest) {
  const [way, name] = rest;
  const isShowing = way === "offer" && Boolean(name);
  fill(root, isShowing ? "handover-offer" : "handover");
  const screen = isShowing ? new Showing(app, root, name) : new Choosing(app, root);
  await screen.begin(rest);
  return screen;
}
