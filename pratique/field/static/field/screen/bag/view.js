// @ts-check
/** What the bagging screen shows: the step, the count, the tubes in no bag, the sealed bags. */

import { inNoBag, missing, sealedBags, taken } from "../../core/bags.js";
import { el, mark, one } from "../dom.js";
import { momentAndAge, say, sayCount } from "../words.js";

const ROWS_MAX = 200;

/** @param {import("../bag.js").Bagging} screen */
export function drawBag(screen) {
  const { root, state, tubes, account } = screen, { step, chosen, bag, seal, seen } = state;
  // The second person counts without being told how many there ought to be.
  one(root, "#headline").textContent = step === "count" && !seen ? say("bag_count_now") : sayCount("bag_tubes", chosen.length);
  one(root, "#bag-step").textContent = say(seen ? "bag_step_again" : `bag_step_${step}`);
  one(root, "#bag-known").textContent = [bag && say("bag_is", { bag }), seal && say("bag_seal_is", { seal })].filter(Boolean).join(" · ");
  one(root, "#bag-type").hidden = step === "count" && !seen;
  one(root, "#bag-close").hidden = step !== "tubes" || chosen.length === 0;
  one(root, "#bag-open").hidden = step === "tubes";
  one(root, "#bag-skip-seal").hidden = step !== "seal";
  one(root, "#bag-count").hidden = step !== "count";
  one(root, "#bag-rescan").hidden = !seen?.length;
  const byId = new Map(tubes.map((tube) => [tube.id, tube]));
  const inBag = chosen.map((id) => byId.get(id)).filter((tube) => tube !== undefined);
  const lacking = seen ? missing(inBag, seen) : [];
  one(root, "#bag-missing").hidden = !seen;
  one(root, "#bag-missing-title").textContent = sayCount("bag_missing", lacking.length);
  one(root, "#bag-missing-list").replaceChildren(...lacking.map((tube) => el("li", { class: "row" },
    el("b", { class: "ref", text: tube.label }), tube.told?.name ? el("span", { text: tube.told.name }) : null,
    mark("hold", say("bag_not_seen")))));
  one(root, "#bag-without").hidden = !seen?.length || !lacking.length;
  drawFree(screen, inNoBag(tubes, account));
  drawSealed(root, sealedBags(tubes, account));
}

/** @param {import("../bag.js").Bagging} screen @param {import("../../core/bags.js").Thing[]} free */
function drawFree(screen, free) {
  const { root, state, app } = screen, now = app.now();
  one(root, "#bag-free").hidden = state.step !== "tubes";
  one(root, "#bag-free-title").textContent = sayCount("bag_free", free.length);
  one(root, "#bag-nothing").hidden = free.length > 0;
  const list = one(root, "#bag-free-list"), focused = document.activeElement;
  const kept = focused instanceof HTMLElement && list.contains(focused) ? focused.dataset.tube : null;
  list.replaceChildren(...free.slice(0, ROWS_MAX).map((tube) => {
    const isIn = state.chosen.includes(tube.id);
    const row = el("button", { type: "button", class: "row", "aria-pressed": String(isIn), "data-tube": tube.id },
      el("b", { class: "ref", text: tube.label }), tube.told?.name ? el("span", { text: tube.told.name }) : null,
      tube.told?.urgent ? el("span", { class: "urgent", text: say("bag_urgent") }) : null,
      mark(isIn ? "go" : "none", say(isIn ? "bag_in" : "bag_waits", {
        at: momentAndAge(new Date(taken(tube)).toISOString(), now) })));
    app.wire(row, () => screen.inTurn(() => screen.toggle(tube)));
    return el("li", {}, row);
  }));
  if (kept) list.querySelector(`[data-tube="${kept}"]`)?.focus();
}

/** @param {HTMLElement} root @param {ReturnType<typeof sealedBags>} sealed */
function drawSealed(root, sealed) {
  one(root, "#bag-sealed").hidden = sealed.length === 0;
  one(root, "#bag-sealed-list").replaceChildren(...sealed.map(({ bag, count, urgent }) => el("li", { class: "row" },
    el("b", { class: "ref", text: bag }), el("span", { text: sayCount("bag_holds", count) }),
    urgent ? el("span", { class: "urgent", text: say("bag_urgent_of", { n: urgent }) }) : null)));
}
