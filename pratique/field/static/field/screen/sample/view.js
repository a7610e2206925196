// @ts-check
/** What the sampling screen shows: the person for the next tube, and the list. */

import { PURPOSES, sampledAt } from "../../core/sampling.js";
import { el, mark, one, setMark } from "../dom.js";
import { moment, say } from "../words.js";

const ROWS_MAX = 100;

/** @typedef {import("../../store/things.js").Thing} Thing */

/** @param {Thing|null|undefined} thing */
export function nameOf(thing) {
  return thing?.label || say("sample_nameless");
}

/** The last four signs of the document, to tell two of a name apart. @param {Thing|null|undefined} thing */
export function lastSigns(thing) {
  const { document } = thing?.told ?? {};
  const number = typeof document === "string" ? document
    : document?.last ?? thing?.codes.find((code) => code.startsWith("document:")) ?? "";
  return number.slice(-4);
}

/** @param {string} purpose */
export function purposeWord(purpose) {
  return purpose.startsWith("day-") ? say("purpose_day", { day: purpose.slice(4) }) : say(`purpose_${purpose}`);
}

/** Who the next tube is for. @param {any} screen the Sampling of ../sample.js */
export function drawPerson({ root, app, chosen, again }) {
  one(root, "#sample-step").textContent = say(chosen ? "sample_scan_tube" : "sample_scan_person");
  one(root, ".step").classList.toggle("has-person", Boolean(chosen));
  one(root, "#sample-person").hidden = !chosen;
  one(root, "#sample-again").hidden = !again;
  for (const row of root.querySelectorAll("#sample-list button")) {
    if (row.dataset.person === chosen?.id) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  if (!chosen) return;
  const { thing } = chosen, last = lastSigns(thing);
  one(root, "#sample-name").textContent = nameOf(thing);
  one(root, "#sample-last").textContent = last ? say("sample_last", { last }) : "";
  setMark(one(root, "#sample-purpose"), chosen.isOwed ? "none" : "unknown",
    chosen.isOwed ? purposeWord(chosen.purpose) : say("purpose_not_owed"));
  const warning = one(root, "#sample-warning"), isElsewhere = thing && thing.account !== app.unit?.code;
  warning.hidden = Boolean(thing) && !isElsewhere;
  setMark(warning, "hold", isElsewhere ? say("sample_elsewhere", { unit: app.unitName(thing.account) })
    : say("sample_not_here"));
  drawChoice(one(root, "#sample-choose"), chosen);
}

/** What the swab is for, where nothing is owed. @param {HTMLElement} group @param {import("../sample.js").Chosen} chosen */
function drawChoice(group, chosen) {
  group.hidden = chosen.isOwed;
  const legend = /** @type {Element} */ (group.querySelector("legend"));
  group.replaceChildren(legend, ...PURPOSES.map((purpose) => el("label", {},
    el("input", { type: "radio", name: "purpose", value: purpose, checked: purpose === chosen.purpose }),
    el("span", { text: purposeWord(purpose) }))));
}

/** @param {any} screen @param {ReturnType<typeof import("../../core/sampling.js").rowsOf>} rows */
export function drawList(screen, rows) {
  const { root, app, chosen } = screen;
  one(root, "#sample-nobody").hidden = rows.length > 0;
  const more = one(root, "#sample-more");
  more.hidden = rows.length <= ROWS_MAX;
  more.textContent = say("sample_more", { n: rows.length - ROWS_MAX });
  const list = one(root, "#sample-list"), focused = document.activeElement;
  const kept = focused instanceof HTMLElement && list.contains(focused) ? focused.dataset.person : null;
  list.replaceChildren(...rows.slice(0, ROWS_MAX).map((row) => el("li", {}, rowOf(screen, row, app.now(), chosen?.id))));
  if (kept) list.querySelector(`[data-person="${kept}"]`)?.focus();
}

/** One person, to choose by thumb. */
function rowOf(screen, { person, owed, isDone }, now, chosen) {
  const last = lastSigns(person);
  const button = el("button", { type: "button", class: "row", "data-person": person.id,
    "aria-current": person.id === chosen ? "true" : null },
  el("b", { text: nameOf(person) }), last ? el("span", { class: "ref small", text: say("sample_last", { last }) }) : null,
  owed ? owedMark(owed, now) : isDone ? mark("go", say("sample_done", { at: moment(sampledAt(person) ?? 0) })) : null);
  screen.app.wire(button, async () => {
    await screen.inTurn(() => screen.choose(person));
    scrollTo(0, 0);
  });
  return button;
}

function owedMark({ purpose, due_at }, now) {
  const word = purposeWord(purpose);
  if (due_at === null) return mark("none", word);
  const late = due_at <= now;
  return mark(late ? "hold" : "none", `${word} · ${say(late ? "sample_late" : "sample_due", { at: moment(due_at) })}`);
}
