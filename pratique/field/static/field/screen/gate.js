// @ts-check
/** The gate: a vehicle is entered with its people (`#/gate`), and then stands there (`#/gate/<vehicle>`). */

import { openEntry } from "./gate/entry.js";
import { openStop } from "./gate/stop.js";

/** @param {import("./shell.js").App} app @param {HTMLElement} root @param {string[]} rest */
export async function open(app, root, rest) {
  await app.counties();
  const [vehicle, what] = rest;
  return vehicle && what !== "more" ? openStop(app, root, vehicle) : openEntry(app, root, vehicle ?? null);
}
