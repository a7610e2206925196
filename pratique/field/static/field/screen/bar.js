// @ts-check
/** The bar that is always in sight: post, shift, what waits, how old the data are. */

import { setMark } from "./dom.js";
import { momentAndAge, say, sayCount } from "./words.js";

const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {import("./shell.js").App} app */
export function drawBar(app) {
  const states = document.getElementById("bar-states");
  if (!states) return;  // the device was emptied
  states.hidden = app.device === null;
  if (app.unit) $("bar-unit").textContent = app.unitName(app.unit.code);
  const shift = $("bar-shift");
  shift.hidden = app.shift === null;
  shift.textContent = app.shift?.name ?? "";
  drawOutbox(app);
  drawBundle(app);
  drawClock(app);
}

/** In sight only where the device's own clock is wrong. @param {import("./shell.js").App} app */
function drawClock(app) {
  const banner = app.clock?.state().banner ?? null;
  $("chip-clock").hidden = banner === null;
  if (banner) setMark($("chip-clock"), "hold", sayCount(banner.code, banner.n));
}

/** @param {import("./shell.js").App} app */
function drawOutbox(app) {
  const lanes = app.shown?.lanes ?? [];
  const waiting = lanes.reduce((sum, lane) => sum + lane.waiting, 0);
  const unread = app.rolls?.news.unread.length ?? 0;
  const isTroubled = Boolean(lanes[0]?.trouble) || unread > 0;
  const words = [waiting ? sayCount("chip_waiting", waiting) : say("chip_sent"), unread && sayCount("chip_news", unread)];
  setMark($("chip-outbox"), isTroubled ? "hold" : waiting ? "none" : "go", words.filter(Boolean).join(" · "));
}

/** @param {import("./shell.js").App} app */
function drawBundle(app) {
  const { bundle, refused } = app.knowledge;
  const now = app.now(), isOld = app.knowledge.isOutOfDate(now);
  const age = bundle ? `${say(isOld ? "chip_out_of_date" : "chip_data")} ${momentAndAge(bundle.made_at, now)}` : say("chip_no_bundle");
  // The age stays in sight, whatever else there is to say.
  if (app.isRevoked) setMark($("chip-bundle"), "stop", `${say("chip_revoked")} · ${age}`);
  else setMark($("chip-bundle"), isOld || refused ? "hold" : "go",
    bundle && refused ? `${say("chip_bundle_refused")} · ${age}` : age);
}
