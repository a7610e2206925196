// @ts-check
/** What the receiving screen shows: offers that wait, or the lines of the one that is open. */

import { countsOf, isOver, offerTold, undecided } from "../../core/handing.js";
import { el, mark, one } from "../dom.js";
import { countWords } from "../handover/choose.js";
import { moment, say } from "../words.js";

const REASONS = ["receive_not_here", "receive_damaged", "receive_no_room", "receive_another"];
const OFFERS_SHOWN_MAX = 100;

/** @param {import("../receive.js").Receiving} screen */
export function drawReceive(screen) {
  const { root, app, state } = screen, { offer, accepted, refused } = state;
  one(root, "#receive-waiting").hidden = offer !== null;
  one(root, "#receive-open").hidden = offer === null;
  if (!offer) { drawWaiting(screen); return; }
  one(root, "#headline").textContent = say("receive_count", { n: accepted.length, of: offer.lines.length });
  one(root, "#receive-from").textContent = [say("receive_from", { unit: app.unitName(offer.giver) }),
    offer.bag && say("handover_bag", { bag: offer.bag }), say("receive_until", { time: moment(offer.expires_at) })]
    .filter(Boolean).join(" · ");
  one(root, "#receive-heads").hidden = !offer.trip || !countsOf(offer.lines).people;
  const open = undecided(offer, state).length, no = Object.keys(refused).length;
  one(root, "#receive-all").hidden = open === 0;
  const save = one(root, "#receive-save");
  save.disabled = open > 0;
  save.textContent = no ? say("receive_save_some", { n: accepted.length, no }) : say("receive_save", { n: accepted.length });
  drawLines(screen, offer);
}

/** @param {import("../receive.js").Receiving} screen */
function drawWaiting(screen) {
  const { root, app, account, done } = screen;
  const offers = (app.rolls?.roll?.offers ?? []).filter(({ id, taker, expires_at }) =>
    taker === account && !done.has(id) && !isOver(expires_at, app.now())).map(offerTold);
  one(root, "#headline").textContent = say("receive_title");
  one(root, "#receive-none").hidden = offers.length > 0;
  one(root, "#receive-list").replaceChildren(...offers.slice(0, OFFERS_SHOWN_MAX).map((offer) => {
    const row = el("button", { type: "button", class: "row" }, el("b", { text: countWords(offer.lines) }),
      el("span", { class: "soft small", text: say("receive_from", { unit: app.unitName(offer.giver) }) }),
      mark("hold", say("receive_until", { time: moment(offer.expires_at) })));
    app.wire(row, () => screen.inTurn(() => screen.begun(offer)));
    return el("li", {}, row);
  }));
}

/** @param {import("../receive.js").Receiving} screen @param {import("../../core/handing.js").Offer} offer */
function drawLines(screen, offer) {
  const { root, app, state } = screen, list = one(root, "#receive-lines"), focused = document.activeElement;
  const kept = focused instanceof HTMLElement && list.contains(focused) ? focused.dataset.key : null;
  list.replaceChildren(...offer.lines.map((line) => {
    const isIn = state.accepted.includes(line.subject), reason = state.refused[line.subject];
    const name = line.label || say("receive_no_name");
    const tick = el("button", { type: "button", class: "row", "aria-pressed": String(isIn), "data-key": line.subject },
      el("b", { text: name, class: line.type === "person" ? "" : "ref" }),
      line.told.urgent ? el("span", { class: "urgent", text: say("bag_urgent") }) : null,
      reason ? mark("stop", say("handover_refused", { reason }))
        : mark(isIn ? "go" : "none", say(isIn ? "receive_ticked" : "receive_not_yet")));
    app.wire(tick, () => screen.inTurn(() => screen.toggle(line)));
    const why = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": say("receive_refuse_named", { what: name }),
      "data-key": `${line.subject} no` }, el("option", { value: "", text: say("receive_refuse") }),
    ...REASONS.map((code) => el("option", { value: say(code), text: say(code) }))));
    why.value = reason ?? "";
    why.addEventListener("change", () => screen.inTurn(() => screen.refuseLine(line, why.value)));
    return el("li", { class: "receive-line" }, tick, why);
  }));
  if (kept) list.querySelector(`[data-key="${CSS.escape(kept)}"]`)?.focus();
}
