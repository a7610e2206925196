// @ts-check
/** The gate: a vehicle is entered with its people (`#/gate`), and then stands there (`#/gate/<vehicle>`). */

import { openEntry } from "./gate/entry.js";

/** @param {import("./shell.js").App} app @param {HTMLElement} root @param {string[]} rest */
export async function open(app, root, rest) {
  const [vehicle, what] = rest;
  if (vehicle && what !== "more") {
    const [{ openStop }] = await Promise.all([import("./gate/stop.js"), app.counties()]);
    return openStop(app, root, vehicle);
  }
  const opened = await openEntry(app, root, vehicle ?? null);
  // The plate can be typed before the counties are read; their names come into the reasons then.
  app.counties().then(() => opened.named(), (error) => app.refuse(error));
  return opened;
}
