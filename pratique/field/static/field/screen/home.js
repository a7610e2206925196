// @ts-check
/** The first page: what this device is for, and what waits. */

import { allOf } from "../store/things.js";
import { el, fill, one } from "./dom.js";
import { screensFor } from "./screens.js";
import { say, sayCount } from "./words.js";

/** @param {import("./shell.js").App} app @param {HTMLElement} root */
export async function open(app, root) {
  fill(root, "home");
  const [people, vehicles, tubes] = await Promise.all(
    [allOf(app.store, "person"), allOf(app.store, "vehicle"), allOf(app.store, "specimen")]);
  one(root, "#headline").textContent = sayCount("home_people", people.length);
  one(root, "#home-counts").textContent =
    `${sayCount("home_vehicles", vehicles.length)} · ${sayCount("home_tubes", tubes.length)}`;
  one(root, "#home-stranger").hidden = app.device !== null;
  one(root, "#home-screens").replaceChildren(...(app.device ? screensFor(app.roles) : []).map((screen) =>
    el("li", {}, el("a", { href: `#/${screen.name}`, class: "tile" },
      el("b", { text: say(`screen_${screen.name}`) }),
      el("span", { text: say(`screen_${screen.name}_hint`), class: "soft small" })))));
}
