// @ts-check
/** The shift: who works at this device now, and how it changes. */

import { fill, one } from "./dom.js";
import { Identify } from "./identify.js";
import { momentAndAge, say } from "./words.js";

/** @param {import("./shell.js").App} app @param {HTMLElement} root @param {string[]} rest "pin": set a new one */
export async function open(app, root, rest) {
  fill(root, "shift");
  const headline = one(root, "#headline"), asked = one(root, "#shift-identify");
  one(root, "#shift-on").hidden = !app.shift;
  one(root, "#shift-off").hidden = Boolean(app.shift);
  if (!app.staff || !app.unit) {
    headline.textContent = say("not_enrolled");
    one(root, "#shift-off").hidden = true;
    return {};
  }
  if (app.shift) return showOn(app, root, rest);
  headline.textContent = say("shift_who");
  const identify = await new Identify(app, asked, { onDone: (who) => begin(app, who) }).open();
  return { scan: () => identify.scan(), close: () => identify.close() };
}

/** @param {import("./shell.js").App} app @param {import("./identify.js").Who} who */
async function begin(app, who) {
  await app.beginShift(who);
  app.feedback(true);
  app.toast(say("shift_begun", { name: who.name }));
  // Back to where one was: that address is still the page's.
  if (/^#?\/?(shift.*)?$/.test(location.hash)) app.go("");
  else app.route();
}

/** @param {import("./shell.js").App} app @param {HTMLElement} root @param {string[]} rest */
async function showOn(app, root, [what]) {
  const shift = /** @type {import("../store/staff.js").Shift} */ (app.shift);
  one(root, "#headline").textContent = shift.name;
  one(root, "#shift-since").textContent = momentAndAge(shift.since, app.now());
  app.wire(one(root, "#shift-lock"), async () => app.lock?.lock());
  if (what !== "pin") return {};
  // Whoever knows the old one may set another.
  one(root, "#shift-on").hidden = true;
  one(root, "#shift-off").hidden = false;
  const identify = new Identify(app, one(root, "#shift-identify"), { only: shift, onDone: async () => {
    if (identify.step === "new") {
      app.toast(say("pin_changed"));
      app.go("shift");
    } else {
      identify.showNew();
    }
  } });
  await identify.open();
  return { scan: () => identify.scan(), close: () => identify.close() };
}
