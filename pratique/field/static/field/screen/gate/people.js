// @ts-check
/** The people aboard, each with the decision that stands at once, and what differs from the others. */

import { blankStay } from "../../core/arrival.js";
import { copyOf, el, one } from "../dom.js";
import { standingMark, standingWords } from "../standing.js";
import { say } from "../words.js";
import { drawStays } from "./stays.js";

const TEXTS = ["name", "document", "phone"];

/** @param {import("./entry.js").Entry} entry @param {HTMLElement} root */
export function drawPeople(entry, root) {
  const open = new Set([...root.querySelectorAll("details[open]")].map((each) => /** @type {HTMLElement} */ (each).dataset.of));
  const focused = /** @type {HTMLElement|null} */ (document.activeElement)?.dataset?.field;
  root.replaceChildren(...entry.entered.people.map((person, at) => drawPerson(entry, person, at, open.has(person.id))));
  if (focused?.startsWith("person:")) entry.target(focused)?.focus();
}

/** The last one entered; the cards of the others stay as they are. @param {import("./entry.js").Entry} entry @param {HTMLElement} root */
export function drawLast(entry, root) {
  const { people } = entry.entered, at = people.length - 1;
  root.append(drawPerson(entry, people[at], at, false));
}

function drawPerson(entry, person, at, isOpen) {
  const card = copyOf("gate-person");
  const item = one(card, "li");
  one(card, "[data-number]").textContent = String(at + 1);
  for (const name of TEXTS) wireText(entry, person, name, card);
  const kind = one(card, "[data-document-kind]");
  kind.value = person.document_kind;
  kind.addEventListener("change", () => { person.document_kind = kind.value; entry.clear(`person:${person.id}:document`); entry.keep(); });
  one(card, "[data-announced]").hidden = person.expected === null;
  const rest = one(card, "details");
  rest.dataset.of = person.id;
  rest.open = isOpen || !person.document;
  wireTicks(entry, person, card);
  wireDestination(entry, person, card);
  wireOwnStays(entry, person, card);
  one(card, "[data-remove]").addEventListener("click", () => entry.remove(person.id));
  one(card, "[data-remove]").setAttribute("aria-label", say("gate_remove", { name: person.name || String(at + 1) }));
  drawDecision(entry, person, item);
  return card;
}

/** Only the decision, without touching what somebody is typing. */
function drawDecision(entry, person, item) {
  const decided = entry.decide(person);
  const place = one(item, "[data-decision]");
  place.replaceChildren(standingMark(entry.app, decided));
  place.dataset.of = person.document;
  one(item, "[data-reason]").replaceChildren(...standingWords(entry.app, decided).map((text) => el("span", { text })));
}

function wireText(entry, person, name, card) {
  const field = one(card, `[data-text="${name}"]`);
  const place = `person:${person.id}:${name}`;
  field.value = person[name];
  field.dataset.field = place;
  field.id = place;
  one(card, `[data-label="${name}"]`).setAttribute("for", place);
  one(card, `[data-error-slot="${name}"]`).dataset.error = place;
  field.addEventListener("input", () => { person[name] = field.value; entry.clear(place); entry.keep(); });
}

function wireTicks(entry, person, card) {
  for (const box of card.querySelectorAll("input[type=checkbox]")) {
    const { list, value, flag } = box.dataset;
    box.checked = list ? person[list].includes(value) : person[flag];
    box.addEventListener("change", () => {
      if (list) person[list] = box.checked ? [...person[list], value] : person[list].filter((each) => each !== value);
      else person[flag] = box.checked;
      entry.changed();
    });
  }
}

function wireDestination(entry, person, card) {
  const field = one(card, "[data-destination]");
  const place = `person:${person.id}:destination`;
  field.append(...[...entry.towns].map((code) => el("option", { value: code, text: entry.app.unitName(code) })));
  field.value = person.destination ?? "";
  field.dataset.field = place;
  one(card, '[data-error-slot="destination"]').dataset.error = place;
  field.addEventListener("change", () => { person.destination = field.value || null; entry.changed(); });
}

function wireOwnStays(entry, person, card) {
  const root = one(card, "[data-own-stays]"), button = one(card, "[data-other-stays]");
  const [first] = entry.entered.stays;
  button.textContent = say(person.stays ? "gate_same_stays" : "gate_other_stays");
  button.addEventListener("click", () => {
    person.stays = person.stays ? null : [blankStay(first?.since ?? "", first?.until ?? "")];
    entry.changed();
  });
  if (person.stays) drawStays(entry, root, person.stays, `person:${person.id}:stay`);
}
