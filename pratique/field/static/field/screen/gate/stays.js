// @ts-check
/** Where people were: a county typed by name or sound, days, and its listed communities to tick. */

import { blankStay, NONE_OF_THESE, NOT_SAID } from "../../core/arrival.js";
import { copyOf, el, one } from "../dom.js";
import { say, sayCount } from "../words.js";

const STAYS_MAX = 8;
const FILTER_FROM = 12;
const RANK = { high: 0, medium: 1, low: 2 };

/**
 * @param {import("./entry.js").Entry} entry @param {HTMLElement} root
 * @param {import("../../core/arrival.js").StayEntered[]} stays changed in place
 * @param {string} name of the fields: "stay", or a person's own
 */
export function drawStays(entry, root, stays, name) {
  const again = (/** @type {string} */ focus = "") => {
    drawStays(entry, root, stays, name);
    entry.changed();
    if (focus) entry.target(focus)?.focus();
  };
  root.replaceChildren(...stays.map((stay, at) => drawStay(entry, stay, `${name}${at}`, again, () => {
    stays.splice(at, 1);
    again();
  }, stays.length > 1)));
  const last = stays.at(-1);
  const more = el("button", { type: "button", class: "quiet", text: say("gate_another_stay") });
  more.addEventListener("click", () => {
    stays.push(blankStay(last?.since ?? "", last?.until ?? ""));
    again(`${name}${stays.length - 1}`);
  });
  if (stays.length < STAYS_MAX && last?.code) root.append(more);
}

function drawStay(entry, stay, field, again, remove, isRemovable) {
  const part = copyOf("gate-stay");
  const county = one(part, "[data-county]"), found = one(part, "[data-found]");
  county.dataset.field = field;
  county.value = stay.label;
  county.setAttribute("aria-controls", `${field}-found`);
  found.id = `${field}-found`;
  one(part, "[data-error-slot]").dataset.error = field;
  wireCounty(entry, stay, county, found, field, again);
  for (const name of ["since", "until"]) {
    const day = one(part, `[data-${name}]`);
    day.value = stay[name];
    day.addEventListener("change", () => { stay[name] = day.value; entry.clear(field); entry.changed(); });
  }
  const gone = one(part, "[data-remove]");
  gone.hidden = !isRemovable;
  gone.addEventListener("click", remove);
  if (stay.code) drawPlaces(entry, stay, field, one(part, "[data-places]"));
  return part;
}

function wireCounty(entry, stay, county, found, field, again) {
  const take = (/** @type {any} */ chosen) => {
    Object.assign(stay, { code: chosen.code, label: chosen.label, ticked: chosen.ticked ?? [] });
    again();
    focusPlaces(entry, field);
  };
  const show = () => {
    const list = county.value.trim() && county.value !== stay.label ? entry.search(county.value)
      : stay.code ? [] : entry.recent.filter(({ code }) => code);
    found.replaceChildren(...list.map((each) => {
      const button = el("button", { type: "button", text: each.label });
      button.addEventListener("click", () => take(each));
      return el("li", {}, button);
    }));
    return list;
  };
  county.addEventListener("focus", show);
  county.addEventListener("input", () => { entry.clear(field); show(); });
  county.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || county.value === stay.label && stay.code) return;
    const [first] = show();
    if (!first && entry.app.countiesKnown) return;
    event.preventDefault();
    if (first) take(first);
    else entry.app.counties().then(() => { const [found_] = show(); if (found_) take(found_); });
  });
}

/** The next thing to be asked: the listed places, else whatever is missing. */
function focusPlaces(entry, field) {
  const first = entry.root.querySelector(`[data-place-of="${field}"]`);
  if (first) first.focus();
  else entry.goOn();
}

function drawPlaces(entry, stay, field, root) {
  const listed = entry.listed(stay.code);
  if (!listed) {
    root.replaceChildren(el("p", { class: "hint", text: say("gate_none_listed", { county: stay.label }) }));
    return;
  }
  const places = [...listed.places].sort((one_, other) => RANK[one_.tier] - RANK[other.tier] || (one_.text < other.text ? -1 : 1));
  const tier = (/** @type {string} */ name) => ` ${entry.app.tierWord(name)}`;
  const ticks = [
    tick(entry, stay, field, NONE_OF_THESE, say("gate_none_of_these"), listed.rest ? tier(listed.rest.tier) : ""),
    ...places.map((place) => tick(entry, stay, field, place.key, place.text, tier(place.tier))),
    tick(entry, stay, field, NOT_SAID, say("gate_cannot_say"), ` ${say("gate_never_none")}`),
  ];
  root.replaceChildren(el("p", { class: "hint", text: sayCount("gate_listed", places.length) }));
  if (places.length >= FILTER_FROM) root.append(filterOf(ticks));
  root.append(el("div", { class: "ticks", role: "group", "aria-label": say("gate_listed_places") }, ...ticks));
}

function tick(entry, stay, field, key, text, more) {
  const box = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", "data-place-of": field }));
  box.checked = stay.ticked.includes(key);
  box.addEventListener("change", () => {
    stay.ticked = box.checked ? [...stay.ticked, key] : stay.ticked.filter((each) => each !== key);
    entry.clear(field);
    entry.changed();
  });
  // Space ticks as everywhere; Enter ticks the one that has the cursor and goes on.
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (!box.checked && !stay.ticked.length) box.click();
    entry.goOn();
  });
  return el("label", { class: "tick" }, box, el("span", { text }, el("span", { class: "soft", text: more })));
}

function filterOf(ticks) {
  const field = /** @type {HTMLInputElement} */ (el("input", { type: "search", placeholder: say("gate_filter"), "aria-label": say("gate_filter") }));
  field.addEventListener("input", () => {
    const wanted = field.value.trim();
    for (const each of ticks) each.hidden = Boolean(wanted) && !each.textContent?.includes(wanted) && !each.querySelector("input").checked;
  });
  return field;
}
